/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The composition root: calls every init function in order, then the
 * application.
 *
 *     log clock, options, crash report    nothing before can fail
 *     log levels, COM1, screen            from here on people can read
 *     hypervisor, clock, processors       time and interrupts
 *     wall clock, VMBus, KMCL             devices
 *     main
 */
#include "app/system/platform/platform.h"
#include "app/system/root/root.h"

#include <errno.h>
#include <string.h>

#include "arch/arch.h"
#include "arch/time/clock.h"
#include "arch/crash/crash.h"
#include "arch/crash/debug_exit.h"
#include "arch/memory/image.h"
#include "arch/libc/libc.h"
#include "arch/console/log.h"
#include "arch/memory/pages.h"
#include "arch/console/screen.h"
#include "arch/console/serial.h"

/* The log wants its time stamps in nanoseconds; the clock has units of 100. */
static uint64_t nanoseconds(void)
{
    return clock_now() * 100;
}

/* What goes to the consoles. The log's ring keeps more (log_keep). */
static enum log_level threshold(void)
{
    const char *level = cmdline_value(system_options(), "log");

    if (cmdline_has(system_options(), "quiet"))
        return LOG_ERROR;
    return level && strcmp(level, "debug") == 0 ? LOG_DEBUG : LOG_INFO;
}

/*
 * What the firmware says about its framebuffer is believed only where writing
 * there cannot do harm. A machine without a screen is no fault: many test
 * machines have none.
 */
static bool find_screen(struct screen_geometry *geometry)
{
    const struct boot_framebuffer *fb = &the_platform.config.boot->framebuffer;
    int status = screen_geometry_compute(geometry, fb);

    if (!status && !boot_info_has_device(the_platform.config.boot, fb->base,
                                         geometry->bytes))
        status = -EFAULT;
    if (status && status != -ENODEV)
        log_printf(LOG_WARNING,
                   "system: the firmware's screen of %u x %u (pitch %u), %lu "
                   "bytes at 0x%lx, %s; going on without it",
                   fb->width, fb->height, fb->pitch_pixels,
                   (unsigned long)fb->size, (unsigned long)fb->base,
                   status == -EFAULT ? "lies in RAM or nowhere"
                                     : "cannot be as described");
    return status == 0;
}

/*
 * The framebuffer is mapped write-combining. A copy in RAM is what scrolling
 * reads, because reading a framebuffer is slow.
 */
static void start_screen(void)
{
    const struct boot_framebuffer *fb = &the_platform.config.boot->framebuffer;
    struct screen_geometry geometry;
    void *pixels, *memory;
    uint32_t pages;

    if (!find_screen(&geometry))
        return;
    pages =
        (uint32_t)((screen_memory_size(&geometry) + PAGE_SIZE - 1) / PAGE_SIZE);
    pixels = pages_map_framebuffer(fb->base, geometry.bytes);
    memory = pages_alloc(pages, NULL);
    if (!pixels || !memory || screen_init(fb, pixels, memory)) {
        log_printf(LOG_WARNING,
                   "system: no room for the screen's %lu bytes; "
                   "going on without it",
                   (unsigned long)geometry.bytes);
        return;
    }
    screen_sink()->threshold = threshold();
    log_add_sink(screen_sink());
}

/*
 * With `exit` a crash gives the test's host a verdict; without it the machine
 * halts, so that a person can read the report.
 */
static void configure_crash(void)
{
    const char *action = cmdline_value(system_options(), "crash");
    bool test = cmdline_has(system_options(), "exit");
    struct crash_config config = {
        .action = test ? CRASH_DEBUG_EXIT : CRASH_HALT,
        .image_base = image_start(),
        .image_size = image_end() - image_start(),
    };

    if (action && strcmp(action, "reset") == 0)
        config.action = CRASH_RESET;
    else if (action && strcmp(action, "halt") == 0)
        config.action = CRASH_HALT;
    crash_configure(&config);
}

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

/* The first line of every log, and what was odd about the memory map. */
static void say_hello(void)
{
    const struct boot_info *boot = the_platform.config.boot;

    log_printf(LOG_INFO, "vmbare %s: image at 0x%lx, firmware %s revision 0x%x",
               system_version, (unsigned long)boot->image_base,
               boot->firmware_vendor, boot->firmware_revision);
    if (boot->regions_dropped)
        log_printf(LOG_WARNING,
                   "boot: %u ranges of the memory map were left out: they "
                   "go past the processor's %lu GiB, or cannot be",
                   boot->regions_dropped,
                   (unsigned long)(boot->physical_end >> 30));
    if (boot->regions_contradicted)
        log_printf(LOG_WARNING,
                   "boot: the memory map lists %u ranges as two kinds; each "
                   "is used as the kind that allows less",
                   boot->regions_contradicted);
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
    log_set_clock(nanoseconds);
    system_options_take(boot);
    configure_platform(boot);
    configure_crash();
    log_keep(threshold() == LOG_DEBUG ? LOG_DEBUG : LOG_INFO);
    serial_sink()->threshold = threshold();
    say_hello();
    start_screen();
    platform_hypervisor_setup();
    the_platform.mark[MARK_HYPERVISOR] = tsc_read();
    start_wall_clock();
    platform_bus_connect();
    platform_kmcl_setup();
    libc_set_exit(application_exit);
    the_platform.mark[MARK_MAIN] = tsc_read();
    system_finish((enum vmbare_verdict)main());
}
