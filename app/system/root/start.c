/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The composition root: calls every init function in order, then the
 * application.
 *
 *     options, log, screen, crash MSRs    voices.c, before this file
 *     hypervisor, clock, processors       time and interrupts
 *     wrong options, help                 end here
 *     wall clock, files, VMBus, KMCL      devices
 *     constructors, main
 */
#include "app/system/platform/platform.h"
#include "app/system/options/options.h"
#include "app/system/root/root.h"

#include <stdlib.h>

#include "arch/arch.h"
#include "arch/time/clock.h"
#include "arch/libc/files.h"
#include "arch/libc/libc.h"
#include "arch/console/log.h"

/* The firmware's clock, read once before ExitBootServices. */
static void start_wall_clock(void)
{
    int64_t wall;

    if (!the_platform.config.boot->date_valid ||
        clock_from_date(&the_platform.config.boot->date, &wall)) {
        log_printf(LOG_WARNING, "system: the firmware gives no date; the wall "
                                "clock starts at 1970");
        return;
    }
    clock_set_wall(wall);
}

/* The end of newlib's exit(), which returning from main comes to, too. */
static void application_exit(int status)
{
    system_application_done((enum vmbare_verdict)status);
}

/* What the platform is to do, as the command line says. */
static void configure_platform(const struct boot_info *boot)
{
    the_platform.config = (struct platform_config){
        .boot = boot,
        .processors = vmbare_option_given(&option_cpus)
                          ? (uint32_t)vmbare_option_number(&option_cpus)
                          : CPUS_MAX,
        .without_bus = vmbare_option_flag(&option_no_bus),
        .claims = vmbare_option_flag(&option_claims),
        .bus_version = vmbare_option_text(&option_bus_version),
    };
}

/*
 * Without understanding what was asked nothing is done: an application that
 * starts with other options than meant may do harm. Help is no reason to touch
 * the host either.
 */
static void stop_before_main(void)
{
    if (vmbare_option_flag(&option_help))
        options_help();
    if (options_complaints()) {
        log_printf(LOG_ERROR,
                   "options: found %u that are wrong, expected none: the "
                   "application is not run; the option help prints what there "
                   "is",
                   options_complaints());
        system_application_done(VMBARE_USAGE);
    }
    if (vmbare_option_flag(&option_help))
        system_application_done(VMBARE_PASSED);
}

/*
 * The order is the one at the head of this file; each step uses those before.
 */
_Noreturn void system_main(const struct boot_info *boot)
{
    the_platform.mark[MARK_MACHINE] = tsc_read();
    configure_platform(boot);
    platform_hypervisor_setup();
    the_platform.mark[MARK_HYPERVISOR] = tsc_read();
    start_wall_clock();
    stop_before_main();
    files_begin(boot);
    platform_bus_connect();
    platform_kmcl_setup();
    libc_set_exit(application_exit);
    the_platform.mark[MARK_MAIN] = tsc_read();
    libc_construct();
    /* As a C program's start does: handlers of atexit() run, and the streams
     * are flushed. */
    exit(main());
}
