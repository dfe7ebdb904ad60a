/* SPDX-License-Identifier: BSD-2-Clause */
/* Ends a test's host: see debug_exit.h. */
#include "arch/crash/debug_exit.h"

#include "arch/cpu/io.h"

#define PORT 0xF4u

void debug_exit(enum exit_status status)
{
    outl(PORT, (uint32_t)status);
}
