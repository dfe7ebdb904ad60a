/* SPDX-License-Identifier: BSD-2-Clause */
/* Faults on purpose: to see the crash report arrive where it should. */
#ifndef APPLIANCE_FAULT_H
#define APPLIANCE_FAULT_H

/*
 * Commits the fault of that name (docs/options.md lists them). Returns only
 * where there is none of that name, or where nothing stopped it, and says so.
 */
void fault_commit(const char *name);

#endif
