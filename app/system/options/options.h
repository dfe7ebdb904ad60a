/* SPDX-License-Identifier: BSD-2-Clause */
/* The options of this image. Those of the system itself are declared in
 * system_options.c; vmbare_options.h is what applications see. */
#ifndef APP_SYSTEM_OPTIONS_H
#define APP_SYSTEM_OPTIONS_H

#include "arch/boot_info.h"
#include "vmbare_options.h"

/**
 * Give every option its value, and log an error for whatever is wrong. Once, at
 * the start, before anything else; needs nothing but the log.
 *
 * @boot  its command line and texts; copied
 */
void options_read(const struct boot_info *boot);

/** How many things were wrong, after options_read(). */
uint32_t options_complaints(void);

/** Log one line for each value that came from outside, and where from. */
void options_log(void);

/** Print all options (what the option `help` is for), on every console, even
 * with `quiet`. */
void options_help(void);

/* The system's options. */
extern struct vmbare_option option_exit, option_claims, option_quiet,
    option_log, option_crash, option_cpus, option_no_bus, option_bus_version,
    option_help;

/* app_log.c's: in the list of options only where something calls vmbare_log. */
extern struct vmbare_option option_app_log;

#endif
