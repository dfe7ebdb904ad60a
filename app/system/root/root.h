/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The composition root: calls every init function in order, then the
 * application, and ends the machine. What its files share.
 */
#ifndef APP_SYSTEM_ROOT_H
#define APP_SYSTEM_ROOT_H

#include "arch/boot_info.h"
#include "vmbare.h"

/*
 * debugger.c: with the option `gdb`, says on every console where the image is
 * and waits until a debugger lets it go on. Without the option it does nothing.
 * Called once, when the log has its voices. `boot` gives the image's place.
 */
void debugger_await(const struct boot_info *boot);

/*
 * finish.c: ends the machine: bus, SynIC and hypercall page off in that order,
 * then the verdict for a test's host, then power off. A verdict that is none of
 * enum vmbare_verdict counts as VMBARE_FAILED. PASSIVE.
 */
_Noreturn void system_finish(enum vmbare_verdict verdict);

/* What a verdict is in words; "failed" for one that is none. */
const char *system_verdict_words(enum vmbare_verdict verdict);

/*
 * stay.c: what follows when the application is done, for every application:
 * with the option `exit` the machine ends with the verdict; without it the
 * machine stays, shows the result and takes keys. PASSIVE.
 */
_Noreturn void system_application_done(enum vmbare_verdict verdict);

#endif
