/* SPDX-License-Identifier: BSD-2-Clause */
/* Ends a test's host with a verdict. */
#ifndef ARCH_DEBUG_EXIT_H
#define ARCH_DEBUG_EXIT_H

#include "arch/crash/exit_status.h"

/**
 * Write the verdict to port 0xf4, QEMU's isa-debug-exit. Returns where there is
 * no such device: nothing else listens on that port of a generation-2 VM. IRQL:
 * any.
 */
void debug_exit(enum exit_status status);

#endif
