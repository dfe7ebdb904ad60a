/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Prints figures that only the guest can measure: the instructions of the boot
 * (RDTSC counts them under QEMU's -icount shift=0) and the memory in use with a
 * channel open.
 */
#include <stdio.h>

#include "vmbus/guid.h"
#include "arch/memory/pages.h"
#include "app/system/platform/platform.h"
#include "tests/guest/tap.h"
#include "vmbus/vmbus.h"

static enum vmbus_event_result drained(void *arg)
{
    (void)arg;
    return VMBUS_EVENT_DRAINED;
}

static void say(const char *name, uint64_t value, const char *unit)
{
    printf("figure: %s\t%llu\t%s\n", name, (unsigned long long)value, unit);
}

/* Opens the first channel offered, the balloon's, with 2 x 4 pages of ring. */
static bool open_one(struct vmbus_bus *bus)
{
    const struct vmbus_open open = {
        .tx_pages = 4, .rx_pages = 4, .event = drained};
    struct vmbus_channel *c = bus ? vmbus_bus_find(bus, NULL, NULL, 0) : NULL;

    return c && vmbus_channel_claim(c) == 0 &&
           vmbus_channel_open(c, &open) == 0;
}

/* Prints ticks since the image's entry, without those spent in the firmware.
 * Under -icount shift=n an instruction is 2^n ticks; the caller divides. */
static void say_steps(void)
{
    static const char *const names[PLATFORM_MARKS] = {
        [MARK_MACHINE] = "boot.machine.ticks",
        [MARK_HYPERVISOR] = "boot.hypervisor.ticks",
        [MARK_VERSION] = "boot.version_response.ticks",
        [MARK_OFFERS] = "boot.last_offer.ticks",
        [MARK_MAIN] = "boot.entry_to_app.ticks",
    };
    const struct boot_info *boot = the_platform.config.boot;

    for (unsigned i = 0; i < PLATFORM_MARKS; i++) {
        if (the_platform.mark[i])
            say(names[i],
                the_platform.mark[i] - boot->tsc_entry - boot->tsc_firmware,
                "ticks");
    }
    say("boot.exited.ticks",
        boot->tsc_exited - boot->tsc_entry - boot->tsc_firmware, "ticks");
}

int main(void)
{
    struct pages_count pages;
    struct vmbare_facts facts;

    vmbare_facts(&facts);
    say_steps();
    if (!open_one(the_platform.seam.bus)) {
        tap_note("no channel is offered here, so there is no figure of memory");
        return VMBARE_PASSED;
    }
    pages_counted(&pages);
    /* What the image has given to the allocator is counted there. */
    say("image.ram.bytes",
        facts.image_size + (pages.used - pages.of_image) * PAGE_SIZE, "bytes");
    return VMBARE_PASSED;
}
