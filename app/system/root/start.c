/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The composition root: calls every init function in order, then the
 * application.
 *
 *     options, log, screen, crash MSRs    voices.c, before this file
 *     hypervisor, clock, processors       time and interrupts
 *     wall clock, VMBus, KMCL             devices
 *     main
 */
#include "app/system/platform/platform.h"
#include "app/system/root/root.h"

#include "arch/arch.h"
#include "arch/time/clock.h"
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

/* newlib's exit() ends the machine as returning from main does. */
static void application_exit(int status)
{
    system_finish((enum vmbare_verdict)status);
}

/* What the platform is to do, as the command line says. */
static void configure_platform(const struct boot_info *boot)
{
    uint64_t processors = CPUS_MAX;

    if (!cmdline_number(system_options(), "cpus", &processors) && !processors)
        processors = 1;
    the_platform.config = (struct platform_config){
        .boot = boot,
        .processors = processors < CPUS_MAX ? (uint32_t)processors : CPUS_MAX,
        .without_bus = cmdline_has(system_options(), "no-bus"),
        .claims = cmdline_has(system_options(), "claims"),
        .bus_version = cmdline_value(system_options(), "vmbus.version"),
    };
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
    platform_bus_connect();
    platform_kmcl_setup();
    libc_set_exit(application_exit);
    the_platform.mark[MARK_MAIN] = tsc_read();
    system_finish((enum vmbare_verdict)main());
}
