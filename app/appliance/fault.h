/* SPDX-License-Identifier: BSD-2-Clause */
/* Faults on purpose: to see the crash report arrive where it should. */
#ifndef APPLIANCE_FAULT_H
#define APPLIANCE_FAULT_H

#include <stdbool.h>

/* Does the option `fault` name one? */
bool fault_is_wanted(void);

/*
 * Commits the fault that the option names. Returns only where nothing stopped
 * it, and says so.
 */
void fault_commit(void);

#endif
