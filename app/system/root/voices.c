/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The machine's voices, set up before anything else: the log's time and levels,
 * the screen, the text for QR codes where the image has them, the crash report
 * and the hypervisor's crash MSRs. Whatever is refused or crashes after them is
 * seen by a person at the screen, on COM1, by the test's host and by the
 * hypervisor.
 *
 * They need our own page tables and pages, and nothing else: no heap, no
 * interrupts, no clock, no ACPI.
 */
#include "app/system/platform/parts.h"
#include "app/system/platform/platform.h"
#include "app/system/root/log_level.h"
#include "app/system/options/options.h"
#include "app/system/root/root.h"

#include <errno.h>
#include <string.h>

#include "arch/arch.h"
#include "arch/console/log.h"
#include "arch/console/screen.h"
#include "arch/console/serial.h"
#include "arch/crash/crash.h"
#include "arch/memory/image.h"
#include "arch/memory/pages.h"
#include "arch/time/clock.h"

/* The log wants its time stamps in nanoseconds; the clock has units of 100. */
static uint64_t nanoseconds(void)
{
    return clock_now() * 100;
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
    screen_sink()->threshold = log_level_system();
    log_add_sink(screen_sink());
}

/*
 * With `exit` a crash gives the test's host a verdict; without it the machine
 * halts, so that a person can read the report.
 */
static void configure_crash(void)
{
    const char *action = vmbare_option_text(&option_crash);
    bool test = vmbare_option_flag(&option_exit);
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

/* Options first, because they say how loud the voices are. */
void system_voices(const struct boot_info *boot)
{
    the_platform.config.boot = boot;
    log_set_clock(nanoseconds);
    options_read(boot);
    configure_crash();
    log_keep(log_level_system() == LOG_DEBUG ? LOG_DEBUG : LOG_INFO);
    serial_sink()->threshold = log_level_system();
    for (system_part *const *p = vmb_parts_start; p < vmb_parts_end; p++)
        (*p)(log_level_system());
    say_hello();
    options_log();
    debugger_await(boot);
    start_screen();
    /* CPUID alone says whether there are crash MSRs. */
    hv_discover(&the_platform.hv);
    hv_crash_setup(&the_platform.hv);
}
