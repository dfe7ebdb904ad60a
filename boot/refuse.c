/* SPDX-License-Identifier: BSD-2-Clause */
/* Why a machine is refused: see refuse.h. The C library cannot be used here:
 * nothing of it works before there is a machine of our own. */
#include "boot/refuse.h"

#include <stdarg.h>

#include "arch/console/format.h"

/* One reason is enough: the first one ends the start. */
static char refusal[200];

void boot_refuse(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    format_print_v(refusal, sizeof(refusal), format, arguments);
    va_end(arguments);
}

const char *boot_refusal(void)
{
    return refusal;
}
