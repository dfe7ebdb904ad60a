/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Events from the host: to the right channel's pump (vmbus/pump.h), which
 * calls the owner's event function on the channel's processor, one at a time,
 * and never while the channel closes. [TLFS]
 */
#include "vmbus/guest/channel/channel.h"

/* ---- running the event function ----------------------------------------- */

/* Whether a ring of the channel is broken. */
static inline bool is_broken(const struct vmbus_channel *c)
{
    return c->rings.rx.fault.kind != RING_FAULT_NONE ||
           c->rings.tx.fault.kind != RING_FAULT_NONE;
}

static __attribute__((noinline)) void report_fault(struct vmbus_channel *c)
{
    const struct ring_fault *f = &c->rings.rx.fault;

    if (f->kind == RING_FAULT_NONE)
        f = &c->rings.tx.fault;
    if (c->fault_told)
        return;
    c->fault_told = true;
    count(&c->bus->stats.rings_bad, 1);
    complain(c->bus, COMPLAINT_RING,
             "channel %u stopped: %s (found 0x%x, limit 0x%x); close it",
             c->offer.relid, ring_fault_text(f->kind), f->found, f->limit);
}

/* One run of the channel's pump. */
static enum vmbus_event_result run_event(void *arg)
{
    struct vmbus_channel *c = arg;
    enum vmbus_event_result result;

    /* Send the signal that the hypervisor could not take before. */
    if (__atomic_exchange_n(&c->signal_again, false, __ATOMIC_ACQ_REL))
        vmbus_channel_signal(c);
    result = c->params.event(c->params.arg);
    if (!is_broken(c))
        return result;
    report_fault(c);
    /* A broken ring stays as it is; calling again would find the same. */
    return result == VMBUS_EVENT_MORE ? VMBUS_EVENT_LEFT : result;
}

/* Nothing of ours uses the channel any more: the close goes on. */
static void at_rest(void *arg)
{
    struct vmbus_channel *c = arg;
    struct vmbus_bus *bus = c->bus;
    uint8_t irql = seam_lock(bus->seam, &bus->lock);

    if (c->state == CHANNEL_DRAINING)
        vmbus_locked_close_go(c);
    seam_unlock(bus->seam, &bus->lock, irql);
}

static void signal_host(void *arg)
{
    vmbus_channel_signal(arg);
}

void vmbus_channel_pump_init(struct vmbus_channel *c)
{
    const struct pump_calls calls = {
        .run = run_event,
        .signal = signal_host,
        .rest = at_rest,
        .arg = c,
    };

    vmbus_pump_init(&c->pump, c->bus->seam, &calls, SEAM_DISPATCH);
}

void vmbus_channel_kick(struct vmbus_channel *c)
{
    vmbus_pump_kick(&c->pump);
}

void vmbus_channel_await_room(struct vmbus_channel *c)
{
    vmbus_pump_kick_later(&c->pump, PUMP_LOOK_AGAIN);
}

struct pump *vmbus_channel_pump(struct vmbus_channel *c)
{
    return &c->pump;
}

/* ---- arrival ------------------------------------------------------------ */

static __attribute__((noinline)) void refuse_event(struct vmbus_bus *bus,
                                                   uint32_t relid)
{
    count(&bus->stats.events_refused, 1);
    complain(bus, COMPLAINT_EVENT, "event of relid %u refused: it is not open",
             relid);
}

/* The pump that is to be queued for an event of `relid`, or NULL. */
static inline struct pump *locked_event(struct vmbus_bus *bus, uint32_t relid)
{
    struct vmbus_channel *c = vmbus_locked_channel_find(bus, relid);

    if (!c || c->state == CHANNEL_CLOSED) {
        refuse_event(bus, relid);
        return NULL;
    }
    /* A channel that is not open yet looks by itself when it opens, and one
     * that closes has stopped its pump: both ignore the ring. */
    return vmbus_pump_ring(&c->pump) ? &c->pump : NULL;
}

/* Below 2.4 one flag stands for all channels, and the page says which. */
static bool shares_one_flag(const struct vmbus_bus *bus)
{
    return bus->version && bus->version < VMBUS_VERSION_2_4;
}

/* Takes the page's bits of relids 32 * index .. 32 * index + 31. Under the
 * lock, because the page goes when the connection does. */
static uint32_t locked_take_word(struct vmbus_bus *bus, uint32_t index)
{
    if (!shares_one_flag(bus))
        return 0;
    return __atomic_exchange_n(&bus->interrupt_page->host_to_guest[index], 0,
                               __ATOMIC_ACQUIRE);
}

/* The channels that the page names in one word. The runs are queued after the
 * lock is given back, because queueing may interrupt another processor, and
 * the runs want the lock themselves. */
static void scan_word(struct vmbus_bus *bus, uint32_t index)
{
    struct pump *rung[32];
    uint32_t rings = 0;
    uint8_t irql = seam_lock(bus->seam, &bus->lock);
    uint32_t bits = locked_take_word(bus, index);

    for (; bits; bits &= bits - 1) {
        uint32_t relid = index * 32 + (uint32_t)__builtin_ctz(bits);
        struct pump *p = locked_event(bus, relid);

        if (p)
            rung[rings++] = p;
    }
    seam_unlock(bus->seam, &bus->lock, irql);
    for (uint32_t i = 0; i < rings; i++)
        vmbus_pump_queue(rung[i]);
}

/* The pump to be run for an event that has a flag of its own, or NULL. */
static inline struct pump *event_of(struct vmbus_bus *bus, uint32_t relid)
{
    uint8_t irql = seam_lock(bus->seam, &bus->lock);
    struct pump *p = locked_event(bus, relid);

    seam_unlock(bus->seam, &bus->lock, irql);
    return p;
}

/* A function of its own, so that the other events make no room for its list. */
static __attribute__((noinline)) void scan_page(struct vmbus_bus *bus)
{
    for (uint32_t i = 0; i < (VMBUS_RELID_MAX + 1) / 32; i++)
        scan_word(bus, i);
}

/* Whether the event has a flag of its own; otherwise its channels are found. */
static inline bool is_own(struct vmbus_bus *bus, uint32_t relid)
{
    if (bus->state == BUS_CRASHED)
        return false;
    count(&bus->stats.events_in, 1);
    if (relid || !shares_one_flag(bus))
        return true;
    scan_page(bus);
    return false;
}

void vmbus_event_arrived(struct vmbus_bus *bus, uint32_t relid)
{
    struct pump *p = is_own(bus, relid) ? event_of(bus, relid) : NULL;

    if (p)
        vmbus_pump_queue(p);
}

void vmbus_event_now(struct vmbus_bus *bus, uint32_t relid, uint32_t cpu)
{
    struct pump *p = is_own(bus, relid) ? event_of(bus, relid) : NULL;

    if (p)
        vmbus_pump_run(p, cpu);
}
