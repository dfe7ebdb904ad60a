/* The composition root: everything is put together here, in order. */
#include "app/system/system.h"

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

struct system the_system;

static uint64_t nanoseconds(void)
{
    return clock_now() * 100;
}

static enum log_level threshold(void)
{
    const char *level = cmdline_value(&the_system.options, "log");

    if (cmdline_has(&the_system.options, "quiet"))
        return LOG_ERROR;
    return level && strcmp(level, "debug") == 0 ? LOG_DEBUG : LOG_INFO;
}

/* What the firmware says of its framebuffer is believed only where writing
 * there cannot do harm. No screen is no fault: many test machines have none. */
static bool find_screen(struct screen_geometry *geometry)
{
    const struct boot_framebuffer *fb = &the_system.boot->framebuffer;
    int status = screen_geometry_compute(geometry, fb);

    if (!status &&
        !boot_info_has_device(the_system.boot, fb->base, geometry->bytes))
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

static void start_screen(void)
{
    const struct boot_framebuffer *fb = &the_system.boot->framebuffer;
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

static void configure_crash(void)
{
    const char *action = cmdline_value(&the_system.options, "crash");
    bool test = cmdline_has(&the_system.options, "exit");
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

static void start_wall_clock(void)
{
    int64_t wall;

    if (!the_system.boot->date_valid ||
        clock_from_date(&the_system.boot->date, &wall)) {
        log_printf(LOG_WARNING, "system: the firmware tells no date; the wall "
                                "clock starts at 1970");
        return;
    }
    clock_set_wall(wall);
}

static void say_hello(void)
{
    const struct boot_info *boot = the_system.boot;

    log_printf(LOG_INFO, "vmbare %s: image at 0x%lx, firmware %s revision 0x%x",
               system_version, (unsigned long)boot->image_base,
               boot->firmware_vendor, boot->firmware_revision);
    if (boot->regions_dropped)
        log_printf(LOG_WARNING,
                   "boot: %u ranges of the memory map were left out: more "
                   "than %u, or past the processor's %lu GiB",
                   boot->regions_dropped, BOOT_REGIONS_MAX,
                   (unsigned long)(boot->physical_end >> 30));
    if (boot->regions_contradicted)
        log_printf(LOG_WARNING,
                   "boot: the memory map tells %u ranges as two kinds; each "
                   "is used as what allows less",
                   boot->regions_contradicted);
}

static void application_exit(int status)
{
    system_finish((enum vmbare_verdict)status);
}

#ifdef VMBARE_TEST_LIES
/* A test that still passes with this tests nothing. */
static void lie_about_the_verdict(void)
{
    const char *lie = cmdline_value(&the_system.options, "lie");

    if (lie && strcmp(lie, "verdict") == 0)
        debug_exit(EXIT_STATUS_PASSED);
}
#else
static void lie_about_the_verdict(void)
{
}
#endif

_Noreturn void system_main(const struct boot_info *boot)
{
    the_system.mark[MARK_MACHINE] = tsc_read();
    the_system.boot = boot;
    log_set_clock(nanoseconds);
    system_options_take();
    lie_about_the_verdict();
    configure_crash();
    log_keep(threshold() == LOG_DEBUG ? LOG_DEBUG : LOG_INFO);
    serial_sink()->threshold = threshold();
    if (claims_lie("verdict"))
        debug_exit(EXIT_STATUS_PASSED);
    say_hello();
    start_screen();
    system_hypervisor_setup();
    the_system.mark[MARK_HYPERVISOR] = tsc_read();
    start_wall_clock();
    system_bus_connect();
    system_kmcl_setup();
    libc_set_exit(application_exit);
    the_system.mark[MARK_MAIN] = tsc_read();
    system_finish((enum vmbare_verdict)main());
}
