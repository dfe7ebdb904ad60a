/* SPDX-License-Identifier: BSD-2-Clause */
/* Text that the other files of boot/ share: see boot.h. They cannot use the C
 * library: nothing of it works before there is a machine of our own. */
#include "boot/boot.h"

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

/* The text comes from the firmware: it may be missing, or not be terminated. */
void boot_copy_ascii(char *to, uint32_t size, const CHAR16 *from,
                     uint32_t length)
{
    uint32_t n = 0;

    while (from && n + 1 < size && n < length && from[n] != 0) {
        to[n] = from[n] >= 0x20 && from[n] < 0x7f ? (char)from[n] : '?';
        n++;
    }
    to[n] = 0;
}
