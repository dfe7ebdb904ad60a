/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Opening a channel: what the caller asks for, checked and prepared, before
 * open.c asks the host.
 */
#include "vmbus/guest/channel/channel.h"
#include "vmbus/guest/gpadl/gpadl.h"
#include "vmbus/wire/memory.h"

/* Data pages of each hv_sock ring on older hosts. [linux hyperv_transport] */
#define HV_SOCK_PAGES 5u

/* What can be said without knowing the host: 0, -EINVAL or -E2BIG. */
static int check_params(struct vmbus_bus *bus, const struct vmbus_open *o)
{
    if (o->tx_pages == 0 || o->rx_pages == 0 || !o->event ||
        (o->cpu != VMBUS_CPU_ANY && o->cpu >= seam_cpu_count(bus->seam)))
        return -EINVAL;
    /* Both rings with their control pages are one GPADL. */
    if ((uint64_t)o->tx_pages + o->rx_pages + 2 > VMBUS_GPADL_PAGES_MAX)
        return -E2BIG;
    return 0;
}

/* The processor whose event function will run. */
static uint32_t locked_choose_cpu(struct vmbus_bus *bus, uint32_t wanted)
{
    /* Below 2.4 the host signals the processor of the contact, whatever an open
     * asks for. [linux channel_mgmt.c] */
    if (bus->version < VMBUS_VERSION_2_4)
        return bus->config.cpu;
    if (wanted != VMBUS_CPU_ANY)
        return wanted;
    return bus->next_cpu++ % seam_cpu_count(bus->seam);
}

/* The caller's struct need not outlive the call. */
static void keep_params(struct vmbus_channel *c, const struct vmbus_open *o)
{
    c->params = *o;
    c->params.user_data = NULL; /* the caller's; copied below */
    if (o->timeout == 0)
        c->params.timeout = c->bus->config.request_timeout;
    memset(c->user_data, 0, sizeof(c->user_data));
    if (o->user_data)
        memcpy(c->user_data, o->user_data, sizeof(c->user_data));
}

/* Some hosts below 5.0 take hv_sock rings of one size only.
 * [linux hyperv_transport] */
static bool locked_ring_size_suits(const struct vmbus_channel *c,
                                   const struct vmbus_open *o)
{
    bool fixed = (c->offer.flags & VMBUS_OFFER_TLNPI) &&
                 c->bus->version < VMBUS_VERSION_5_0;

    return !fixed ||
           (o->tx_pages == HV_SOCK_PAGES && o->rx_pages == HV_SOCK_PAGES);
}

/* From CLOSED to SHARING, so that nobody else opens the channel while the lock
 * is not held. */
static int reserve(struct vmbus_channel *c, const struct vmbus_open *o)
{
    struct vmbus_bus *bus = c->bus;
    uint8_t irql = seam_lock(bus->seam, &bus->lock);
    int status = locked_usable(bus);

    SEAM_ASSERT(bus->seam, c->claimed, "only the owner opens a channel");
    if (channel_is_gone(c))
        status = locked_channel_usable(c);
    else if (c->state != CHANNEL_CLOSED)
        status = -EBUSY;
    else if (status == 0 && !locked_ring_size_suits(c, o))
        status = -EINVAL;
    /* From here on the channel is this call's. */
    if (status == 0)
        channel_set_state(c, CHANNEL_SHARING);
    seam_unlock(bus->seam, &bus->lock, irql);
    return status;
}

/* Back to CLOSED: nothing of this open is left. If the host rescinded the
 * channel meanwhile, its release was waiting for that. */
static void unreserve(struct vmbus_channel *c)
{
    struct vmbus_bus *bus = c->bus;
    uint8_t irql = seam_lock(bus->seam, &bus->lock);

    channel_set_state(c, CHANNEL_CLOSED);
    if (channel_is_gone(c))
        vmbus_locked_channel_due(c);
    seam_unlock(bus->seam, &bus->lock, irql);
}

/* Allocates rings, and a GPADL that the host does not know yet. */
static int prepare(struct vmbus_channel *c, const struct vmbus_open *o)
{
    struct vmbus_pages pages = {0};
    int status = vmbus_rings_alloc(c, o);

    if (status)
        return status;
    /* One GPADL holds both rings. */
    pages.pfns = c->rings.pfns;
    pages.count = c->rings.count;
    pages.bytes = c->rings.count * SEAM_PAGE_SIZE;
    c->ring_gpadl = vmbus_gpadl_new(c, &pages);
    /* The channel's own GPADL: its end is the channel's business, and no handle
     * of it is given out. */
    if (c->ring_gpadl) {
        c->ring_gpadl->ring = true;
        c->ring_gpadl->changed = vmbus_locked_ring_changed;
        return 0;
    }
    vmbus_rings_free(c, false);
    return -ENOMEM;
}

/* ---- the calls ----------------------------------------------------------- */

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
    /* Allocate without the lock, at PASSIVE. */
    status = prepare(c, o);
    if (status) {
        unreserve(c);
        return status;
    }
    irql = seam_lock(bus->seam, &bus->lock);
    keep_params(c, o);
    c->cpu = locked_choose_cpu(bus, o->cpu);
    vmbus_locked_open_begin(c, done, arg);
    seam_unlock(bus->seam, &bus->lock, irql);
    return 0;
}

int vmbus_channel_open(struct vmbus_channel *c, const struct vmbus_open *o)
{
    struct waiter w = {0};

    return vmbus_bus_wait(c->bus,
                          vmbus_channel_open_start(c, o, vmbus_waiter_done, &w),
                          &w, "OPENCHANNEL_RESULT");
}

/* ---- asking -------------------------------------------------------------- */

bool vmbus_channel_is_open(const struct vmbus_channel *c)
{
    return channel_is_open(c);
}

uint32_t vmbus_channel_host_status(const struct vmbus_channel *c)
{
    return c->host_status;
}
