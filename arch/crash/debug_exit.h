/* Ending the test's host with a verdict. */
#ifndef ARCH_DEBUG_EXIT_H
#define ARCH_DEBUG_EXIT_H

#include "arch/crash/exit_status.h"

/*
 * Writes the verdict to the isa-debug-exit port 0xf4. Returns where there is
 * no such device: nothing else listens on that port of a generation-2 VM.
 * Any IRQL.
 */
void debug_exit(enum exit_status status);

#endif
