/* SPDX-License-Identifier: BSD-2-Clause */
/* Asking for a channel: the calls of vmbus.h over open.c. */
#include "vmbus/guest/bus.h"

#include <errno.h>

#include "vmbus/wire/memory.h"

/* Each ring with its control page. */
#define HV_SOCK_PAGES 6u

static int check_params(struct vmbus_bus *bus, const struct vmbus_open *o)
{
    if (o->tx_pages == 0 || o->rx_pages == 0 || !o->event ||
        (o->cpu != VMBUS_CPU_ANY && o->cpu >= seam_cpu_count(bus->seam)))
        return -EINVAL;
    if ((uint64_t)o->tx_pages + o->rx_pages + 2 > VMBUS_GPADL_PAGES_MAX)
        return -E2BIG;
    return 0;
}

static uint32_t locked_choose_cpu(struct vmbus_bus *bus, uint32_t wanted)
{
    /* Old hosts signal the processor of the contact. [linux channel_mgmt.c] */
    if (bus->version < VMBUS_VERSION_2_4)
        return bus->config.cpu;
    if (wanted != VMBUS_CPU_ANY)
        return wanted;
    return bus->next_cpu++ % seam_cpu_count(bus->seam);
}

static void keep_params(struct vmbus_channel *c, const struct vmbus_open *o)
{
    c->params = *o;
    c->params.user_data = NULL;
    if (o->timeout == 0)
        c->params.timeout = c->bus->config.request_timeout;
    memset(c->user_data, 0, sizeof(c->user_data));
    if (o->user_data)
        memcpy(c->user_data, o->user_data, sizeof(c->user_data));
}

/* Some hosts below 5.0 take hv_sock rings of six pages only.
 * [linux hyperv_transport] */
static bool locked_ring_size_suits(const struct vmbus_channel *c,
                                   const struct vmbus_open *o)
{
    bool fixed = (c->offer.flags & VMBUS_OFFER_TLNPI) &&
                 c->bus->version < VMBUS_VERSION_5_0;

    return !fixed || (o->tx_pages == HV_SOCK_PAGES - 1 &&
                      o->rx_pages == HV_SOCK_PAGES - 1);
}

/* From CLOSED to SHARING, so that nobody else opens meanwhile. */
static int reserve(struct vmbus_channel *c, const struct vmbus_open *o)
{
    struct vmbus_bus *bus = c->bus;
    uint8_t irql = seam_lock(bus->seam, &bus->lock);
    int status = locked_usable(bus);

    SEAM_ASSERT(bus->seam, c->claimed, "only the owner opens a channel");
    if (c->rescinded)
        status = c->host_gone ? -ENOTCONN : -ENODEV;
    else if (c->state != CHANNEL_CLOSED)
        status = -EBUSY;
    else if (status == 0 && !locked_ring_size_suits(c, o))
        status = -EINVAL;
    if (status == 0)
        c->state = CHANNEL_SHARING;
    seam_unlock(bus->seam, &bus->lock, irql);
    return status;
}

static void unreserve(struct vmbus_channel *c)
{
    struct vmbus_bus *bus = c->bus;
    uint8_t irql = seam_lock(bus->seam, &bus->lock);

    c->state = CHANNEL_CLOSED;
    if (c->rescinded)
        locked_notify(bus);
    seam_unlock(bus->seam, &bus->lock, irql);
}

/* Rings and a GPADL not yet known to the host. */
static int prepare(struct vmbus_channel *c, const struct vmbus_open *o)
{
    struct vmbus_pages pages = {0};
    int status = rings_alloc(c, o);

    if (status)
        return status;
    pages.pfns = c->rings.pfns;
    pages.count = c->rings.count;
    pages.bytes = c->rings.count * SEAM_PAGE_SIZE;
    c->ring_gpadl = gpadl_new(c, &pages);
    if (c->ring_gpadl) {
        c->ring_gpadl->ring = true;
        c->ring_gpadl->changed = locked_ring_changed;
        return 0;
    }
    rings_free(c, false);
    return -ENOMEM;
}

int vmbus_channel_open_start(struct vmbus_channel *c,
                             const struct vmbus_open *o, vmbus_done_fn *done,
                             void *arg)
{
    struct vmbus_bus *bus = c->bus;
    int status = check_params(bus, o);
    uint8_t irql;

    if (status == 0)
        status = reserve(c, o);
    if (status)
        return status;
    status = prepare(c, o);
    if (status) {
        unreserve(c);
        return status;
    }
    irql = seam_lock(bus->seam, &bus->lock);
    keep_params(c, o);
    c->cpu = locked_choose_cpu(bus, o->cpu);
    c->undo = true;
    c->host_open = false;
    locked_op_start(bus, &c->open_op, done, arg);
    locked_gpadl_create(c->ring_gpadl, c->params.timeout);
    seam_unlock(bus->seam, &bus->lock, irql);
    return 0;
}

int vmbus_channel_open(struct vmbus_channel *c, const struct vmbus_open *o)
{
    struct waiter w = {0};

    return bus_wait(c->bus, vmbus_channel_open_start(c, o, waiter_done, &w), &w,
                    "OPENCHANNEL_RESULT");
}

bool vmbus_channel_is_open(const struct vmbus_channel *c)
{
    return c->state == CHANNEL_OPEN;
}

uint32_t vmbus_channel_host_status(const struct vmbus_channel *c)
{
    return c->host_status;
}
