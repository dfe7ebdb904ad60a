/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The composition root: calls every init function in order, then the
 * application, and ends the machine. What its files share.
 */
#ifndef APP_SYSTEM_ROOT_H
#define APP_SYSTEM_ROOT_H

#include <stdint.h>

#include "app/system/root/cmdline.h"
#include "arch/boot_info.h"
#include "vmbare.h"

/*
 * options.c: parses the command line of `boot` and logs an error for each
 * option that is not known or has a value it does not take. Called once, at
 * the start; the options point into their own copy of the text.
 */
void system_options_take(const struct boot_info *boot);

/* The options that were given, after system_options_take. */
const struct cmdline *system_options(void);

/*
 * debugger.c: with the option `gdb`, says on every console where the image is
 * and waits until a debugger lets it go on. Without the option it does nothing.
 * Called once, when the log has its voices. `boot` gives the image's place.
 */
void debugger_await(const struct boot_info *boot);

/* How many options were not understood: a run with some does not pass. */
uint32_t system_options_misunderstood(void);

/*
 * finish.c: ends the machine: bus, SynIC and hypercall page off in that order,
 * then the verdict for a test's host, then power off. VMBARE_PASSED becomes
 * VMBARE_FAILED when an option was not understood. PASSIVE.
 */
_Noreturn void system_finish(enum vmbare_verdict verdict);

#endif
