/*
 * Events from the host: to the right channel, on its processor, one event
 * function at a time, and none while the channel closes. [TLFS]
 */
#include "vmbus/guest/channel/channel.h"

/* When hosts that lose the signal for room are asked again. [qemu vmbus.c] */
#define ROOM_DELAY   (10 * SEAM_MS)
#define SIGNAL_DELAY SEAM_MS

/* ---- running the event function ----------------------------------------- */

static void report_fault(struct vmbus_channel *c)
{
    const struct ring_fault *f = &c->rings.rx.fault;

    if (f->kind == RING_FAULT_NONE)
        f = &c->rings.tx.fault;
    if (f->kind == RING_FAULT_NONE || c->fault_told)
        return;
    c->fault_told = true;
    count(&c->bus->stats.rings_bad, 1);
    complain(c->bus, COMPLAINT_RING,
             "channel %u stopped: %s (found 0x%x, limit 0x%x); close it",
             c->offer.relid, ring_fault_text(f->kind), f->found, f->limit);
}

/* True: call it again. */
static bool run_event(struct vmbus_channel *c)
{
    enum vmbus_event_result left;

    ring_reader_mask(&c->rings.rx);
    left = c->params.event(c->params.arg);
    report_fault(c);
    if (left == VMBUS_EVENT_MORE)
        return !c->fault_told;
    return left == VMBUS_EVENT_DRAINED && ring_reader_unmask(&c->rings.rx);
}

/* Nothing of ours runs or will run for this channel. */
static bool locked_is_quiet(const struct vmbus_channel *c)
{
    return !c->pump_busy && !c->room_runs;
}

/* After the last use of the channel by us: a close may go on. */
static void locked_at_rest(struct vmbus_channel *c)
{
    if (c->state == CHANNEL_DRAINING && locked_is_quiet(c))
        vmbus_locked_close_go(c);
}

/* DISPATCH, on the channel's processor; pump_busy keeps it single. */
static void pump(void *arg)
{
    struct vmbus_channel *c = arg;
    struct vmbus_bus *bus = c->bus;
    uint8_t irql = seam_lock(bus->seam, &bus->lock);
    bool open = c->state == CHANNEL_OPEN, more = false;

    c->pump_again = false;
    seam_unlock(bus->seam, &bus->lock, irql);
    if (open)
        more = run_event(c);
    irql = seam_lock(bus->seam, &bus->lock);
    if (c->state == CHANNEL_OPEN && (more || c->pump_again)) {
        seam_work_queue(bus->seam, &c->pump, c->cpu);
    } else {
        c->pump_busy = false;
        locked_at_rest(c);
    }
    seam_unlock(bus->seam, &bus->lock, irql);
}

void vmbus_locked_pump(struct vmbus_channel *c)
{
    if (c->state != CHANNEL_OPEN)
        return;
    if (c->pump_busy) {
        c->pump_again = true;
        return;
    }
    c->pump_busy = true;
    seam_work_queue(c->bus->seam, &c->pump, c->cpu);
}

void vmbus_channel_kick(struct vmbus_channel *c)
{
    uint8_t irql = seam_lock(c->bus->seam, &c->bus->lock);

    vmbus_locked_pump(c);
    seam_unlock(c->bus->seam, &c->bus->lock, irql);
}

bool vmbus_locked_pump_stop(struct vmbus_channel *c)
{
    if (seam_timer_cancel(c->bus->seam, &c->room))
        c->room_runs--;
    return locked_is_quiet(c);
}

/* ---- the timer for lost signals ----------------------------------------- */

static void room_due(void *arg)
{
    struct vmbus_channel *c = arg;
    struct vmbus_bus *bus = c->bus;
    uint8_t irql = seam_lock(bus->seam, &bus->lock);
    bool again = c->signal_again && c->state == CHANNEL_OPEN;

    c->signal_again = false;
    vmbus_locked_pump(c);
    seam_unlock(bus->seam, &bus->lock, irql);
    if (again)
        vmbus_channel_signal(c);
    irql = seam_lock(bus->seam, &bus->lock);
    c->room_runs--; /* a close waits until we are through with c */
    locked_at_rest(c);
    seam_unlock(bus->seam, &bus->lock, irql);
}

static void locked_arm(struct vmbus_channel *c, uint64_t delay)
{
    if (c->state != CHANNEL_OPEN)
        return;
    if (!seam_timer_cancel(c->bus->seam, &c->room))
        c->room_runs++;
    seam_timer_set(c->bus->seam, &c->room, seam_now(c->bus->seam) + delay);
}

void vmbus_channel_await_room(struct vmbus_channel *c)
{
    uint8_t irql = seam_lock(c->bus->seam, &c->bus->lock);

    locked_arm(c, ROOM_DELAY);
    seam_unlock(c->bus->seam, &c->bus->lock, irql);
}

void vmbus_signal_later(struct vmbus_channel *c)
{
    uint8_t irql = seam_lock(c->bus->seam, &c->bus->lock);

    c->signal_again = true;
    locked_arm(c, SIGNAL_DELAY);
    seam_unlock(c->bus->seam, &c->bus->lock, irql);
}

void vmbus_channel_pump_init(struct vmbus_channel *c)
{
    c->pump.run = pump;
    c->pump.arg = c;
    c->pump.level = SEAM_DISPATCH;
    c->room.run = room_due;
    c->room.arg = c;
}

/* ---- arrival ------------------------------------------------------------ */

static void locked_event(struct vmbus_bus *bus, uint32_t relid)
{
    struct vmbus_channel *c = vmbus_locked_channel_find(bus, relid);

    if (c && c->state != CHANNEL_CLOSED) {
        /* Not open any more, or not yet: opening looks by itself. */
        vmbus_locked_pump(c);
        return;
    }
    count(&bus->stats.events_refused, 1);
    complain(bus, COMPLAINT_EVENT, "event of relid %u refused: it is not open",
             relid);
}

/* Below 2.4 one flag stands for all, and the page tells which. */
static void locked_scan(struct vmbus_bus *bus)
{
    uint32_t *words = bus->interrupt_page->host_to_guest;

    for (uint32_t i = 0; i < (VMBUS_RELID_MAX + 1) / 32; i++) {
        uint32_t bits = __atomic_exchange_n(&words[i], 0, __ATOMIC_ACQUIRE);

        while (bits) {
            locked_event(bus, i * 32 + (uint32_t)__builtin_ctz(bits));
            bits &= bits - 1;
        }
    }
}

void vmbus_event_arrived(struct vmbus_bus *bus, uint32_t relid)
{
    uint8_t irql;

    if (bus->state == BUS_CRASHED)
        return;
    irql = seam_lock(bus->seam, &bus->lock);
    count(&bus->stats.events_in, 1);
    if (relid == 0 && bus->version && bus->version < VMBUS_VERSION_2_4)
        locked_scan(bus);
    else
        locked_event(bus, relid);
    seam_unlock(bus->seam, &bus->lock, irql);
}
