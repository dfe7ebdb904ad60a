/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Signals to the host, which then looks at a ring: by the monitor page, or by
 * HvSignalEvent. [linux connection.c]
 */
#include "vmbus/guest/channel/channel.h"

#include <errno.h>

/* When a signal is sent again that the hypervisor could not take. */
#define SIGNAL_DELAY SEAM_MS

/* Which way this channel signals is settled when it opens. */
void vmbus_locked_signal_setup(struct vmbus_channel *c)
{
    c->by_monitor =
        c->offer.monitored && c->bus->monitor_pages && !c->params.low_latency;
    c->by_page = c->bus->version < VMBUS_VERSION_5_0;
    c->fault_told = false;
    c->signal_again = false;
}

/* The page that the guest writes is the second. */
static struct wire_monitor_page *child_to_parent(const struct vmbus_channel *c)
{
    return &c->bus->monitor_pages[1];
}

static void set_bit(uint32_t *word, uint32_t bit)
{
    /* The host clears bits of the same word: LOCK is needed. */
    __atomic_fetch_or(word, UINT32_C(1) << bit, __ATOMIC_SEQ_CST);
}

/* A shared interrupt says by this page which channel is meant. It is given to
 * the host below 5.0 only. */
static void set_interrupt_bit(struct vmbus_channel *c)
{
    uint32_t relid = c->offer.relid;

    /* The connection may be ending on another processor. */
    if (!c->by_page || !vmbus_pages_enter(c->bus))
        return;
    set_bit(&c->bus->interrupt_page->guest_to_host[relid / 32], relid % 32);
    vmbus_pages_leave(c->bus);
}

static void signal_by_monitor(struct vmbus_channel *c)
{
    uint32_t m = c->offer.monitor;

    set_interrupt_bit(c);
    /* The connection may be ending on another processor. */
    if (!vmbus_pages_enter(c->bus))
        return;
    set_bit(&child_to_parent(c)->trigger[m / 32].pending, m % 32);
    vmbus_pages_leave(c->bus);
    count(&c->bus->stats.monitor_signals_out, 1);
}

/* Sends the signal again from a later run of the channel's pump, because the
 * hypervisor could not take it now. Nothing once the channel closes. */
static void signal_later(struct vmbus_channel *c)
{
    __atomic_store_n(&c->signal_again, true, __ATOMIC_RELEASE);
    vmbus_pump_kick_later(&c->pump, SIGNAL_DELAY);
}

static void signal_by_hypercall(struct vmbus_channel *c)
{
    struct vmbus_bus *bus = c->bus;
    int status;

    if (!c->offer.dedicated)
        set_interrupt_bit(c);
    status = seam_signal_event(bus->seam, c->offer.connection, 0);
    if (status == 0) {
        count(&bus->stats.signals_out, 1);
        return;
    }
    count(&bus->stats.signals_failed, 1);
    if (status == -EAGAIN || status == -ENOENT)
        signal_later(c);
    else
        complain(bus, COMPLAINT_POST,
                 "signal of channel %u on connection 0x%x failed, status %d",
                 c->offer.relid, c->offer.connection, status);
}

void vmbus_channel_signal(struct vmbus_channel *c)
{
    if (!channel_is_open(c) || channel_is_gone(c))
        return;
    if (c->by_monitor)
        signal_by_monitor(c);
    else
        signal_by_hypercall(c);
}

int vmbus_channel_set_latency(struct vmbus_channel *c, uint16_t latency,
                              uint16_t *old)
{
    uint16_t *field;

    if (!channel_is_open(c) || channel_is_gone(c))
        return -EBUSY;
    if (!c->by_monitor)
        return -ENOTSUP;
    if (!vmbus_pages_enter(c->bus))
        return -EBUSY;
    field = &child_to_parent(c)
                 ->latency[c->offer.monitor / 32][c->offer.monitor % 32];
    if (old)
        *old = __atomic_load_n(field, __ATOMIC_RELAXED);
    __atomic_store_n(field, latency, __ATOMIC_RELAXED);
    vmbus_pages_leave(c->bus);
    return 0;
}

struct ring_writer *vmbus_channel_tx(struct vmbus_channel *c)
{
    return &c->rings.tx;
}

struct ring_reader *vmbus_channel_rx(struct vmbus_channel *c)
{
    return &c->rings.rx;
}
