/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * vmbare.h: what applications and drivers may know of the machine and do to it.
 * Everything here passes on what a lower layer knows; nothing is cached, so the
 * facts are those of the moment.
 */
#include "app/system/platform/platform.h"

#include <string.h>

#include "arch/interrupts/apic.h"
#include "arch/time/clock.h"
#include "arch/memory/image.h"
#include "arch/console/log.h"
#include "arch/memory/pages.h"
#include "arch/console/screen.h"
#include "arch/console/serial.h"
#include "arch/libc/input.h"
#include "arch/time/timer.h"
#include "arch/time/wait.h"
#include "vmbus/wire/crc32.h"

/* Image, firmware, memory, clock and consoles. */
static void machine_facts(struct vmbare_facts *f)
{
    const struct boot_info *boot = the_platform.config.boot;
    struct pages_count pages;

    pages_counted(&pages);
    f->version = system_version;
    f->image_base = image_start();
    f->image_size = image_end() - image_start();
    f->firmware_vendor = boot->firmware_vendor;
    f->firmware_revision = boot->firmware_revision;
    f->uefi_revision = boot->uefi_revision;
    f->processors = cpu_count();
    f->x2apic = apic_is_x2();
    f->memory_pages = pages.total;
    f->memory_free_pages = pages.free;
    f->clock = the_platform.clock;
    f->timer = timer_device_name();
    screen_size(&f->screen_columns, &f->screen_rows);
    f->screen_width = boot->framebuffer.width;
    f->screen_height = boot->framebuffer.height;
    f->serial = serial_present();
    f->boot_ticks = the_platform.mark[MARK_MAIN] - boot->tsc_entry;
    f->boot_firmware_ticks = boot->tsc_firmware;
}

/* The protocol that the host accepted; "" while there is no connection. */
static void bus_facts(struct vmbare_facts *f)
{
    static char version[12];
    const struct vmbus_bus *bus = the_platform.seam.bus;

    f->bus_version = "";
    f->bus_tried = the_platform.tried;
    if (bus && vmbus_bus_connected(bus))
        f->bus_version = vmbus_version_format(vmbus_bus_version(bus), version);
}

/* Frequencies are known only on a hypervisor that reports them. */
void vmbare_facts(struct vmbare_facts *facts)
{
    const struct hv_info *hv = &the_platform.hv;
    static char host[64];

    hv_host_name(hv, host, sizeof(host));
    memset(facts, 0, sizeof(*facts));
    machine_facts(facts);
    bus_facts(facts);
    facts->hypervisor = hv->hypervisor;
    facts->hypervisor_vendor = hv->vendor;
    facts->host = host;
    facts->hypervisor_max_leaf = hv->max_leaf;
    facts->refusal = the_platform.refusal[0] ? the_platform.refusal : NULL;
    facts->verdict = the_platform.verdict;
    if (the_platform.hyperv) {
        facts->tsc_hz = hv_tsc_frequency(hv);
        facts->apic_hz = hv_apic_frequency(hv);
    }
}

/* The leaves as hv_discover read them at the start. */
bool vmbare_leaf(unsigned index, struct vmbare_leaf *leaf)
{
    const struct hv_info *hv = &the_platform.hv;

    if (index >= hv->leaves)
        return false;
    leaf->number = hv->leaf[index].number;
    leaf->eax = hv->leaf[index].value.eax;
    leaf->ebx = hv->leaf[index].value.ebx;
    leaf->ecx = hv->leaf[index].value.ecx;
    leaf->edx = hv->leaf[index].value.edx;
    return true;
}

const char *vmbare_flag_group(unsigned group)
{
    return hv_flag_group(group);
}

const char *vmbare_flag(unsigned group, unsigned index)
{
    return hv_flag(&the_platform.hv, group, index);
}

const char *vmbare_lacks(unsigned index)
{
    return the_platform.hv.conforming ? hv_lacks(&the_platform.hv, index)
                                      : NULL;
}

const char *vmbare_warning(unsigned index)
{
    return the_platform.hyperv ? hv_warning(&the_platform.hv, index) : NULL;
}

bool vmbare_msr(unsigned index, uint32_t *number, const char **name,
                uint64_t *value)
{
    return the_platform.hyperv &&
           hv_readable_msr(&the_platform.hv, index, number, name, value);
}

/* An offer in an application's terms, with its GUIDs as text. */
static void fill_offer(struct vmbare_offer *out, const struct vmbus_offer *o)
{
    out->relid = o->relid;
    out->subchannel = o->subchannel;
    out->class_name = vmbus_guid_class(&o->type);
    vmbus_guid_format(&o->type, out->type);
    vmbus_guid_format(&o->instance, out->instance);
    out->flags = o->flags;
    out->mmio_megabytes = o->mmio_megabytes;
    out->mmio_megabytes_optional = o->mmio_megabytes_optional;
    out->monitored = o->monitored;
    out->dedicated = o->dedicated;
    out->monitor = o->monitor;
    out->connection = o->connection;
}

/* Walks the list of channels, which is short, to the one that is asked for. */
bool vmbare_offer(unsigned index, struct vmbare_offer *offer)
{
    struct vmbus_bus *bus = the_platform.seam.bus;
    struct vmbus_channel *c = NULL;

    if (!bus || !vmbus_bus_connected(bus))
        return false;
    do {
        c = vmbus_bus_next(bus, c);
    } while (c && index-- > 0);
    if (!c)
        return false;
    fill_offer(offer, vmbus_channel_offer(c));
    return true;
}

/* COM1 alone: there is no keyboard driver yet. */
int vmbare_key(void)
{
    return serial_read();
}

bool vmbare_input_ready(void)
{
    return input_ready();
}

uint64_t vmbare_now(void)
{
    return clock_now();
}

int64_t vmbare_wall(void)
{
    return clock_wall();
}

void vmbare_wall_set(int64_t wall)
{
    clock_set_wall(wall);
}

/* Deferred work, timers and PASSIVE callbacks run meanwhile. */
void vmbare_sleep(double seconds)
{
    if (seconds > 0)
        wait_sleep(clock_now() + (uint64_t)(seconds * CLOCK_UNITS_PER_S));
}

uint32_t vmbare_crc32(uint32_t before, const void *bytes, size_t size)
{
    return vmbus_crc32(before, bytes, size);
}

void *vmbare_pages_alloc(uint32_t count)
{
    return pages_alloc(count, NULL);
}

void vmbare_pages_free(void *pages, uint32_t count)
{
    pages_free(pages, count);
}

/* Frames for the host are outside of the mapped pages of this image. */
bool vmbare_frames_take(uint64_t count, uint64_t align, uint64_t *first)
{
    *first = pages_frames_take(count, align);
    return *first != UINT64_MAX;
}

bool vmbare_frames_give(uint64_t first, uint64_t count)
{
    return pages_frames_give(first, count);
}

uint64_t vmbare_frames_add(uint64_t first, uint64_t count)
{
    return pages_frames_add(first, count);
}
