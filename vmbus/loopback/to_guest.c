/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What goes through the loopback to the guest half. A real host puts messages
 * into SynIC slots and events into SIEF pages; here messages go through a queue
 * and deferred work, and events are flags, collected per processor and
 * delivered there at DISPATCH:
 *
 *     guest half <--DISPATCH-- to_guest queue <--loopback_host_post-- host half
 */
#include "vmbus/loopback/private.h"

/*
 * The host half's way to post. A refusal is noted, so that run_guest can tell
 * the host half when there is room.
 */
int vmbus_loopback_host_post(void *context, uint32_t vp, uint8_t sint,
                             const void *payload, uint32_t size)
{
    struct loopback *lb = context;
    uint8_t irql = seam_lock(lb->seam, &lb->lock);
    bool taken = vmbus_loopback_push(&lb->to_guest, 0, payload, size);

    (void)vp;
    (void)sint;
    lb->refused |= !taken;
    seam_unlock(lb->seam, &lb->lock, irql);
    if (!taken)
        return -EAGAIN;
    seam_work_queue(lb->seam, &lb->guest_work, 0);
    return 0;
}

/* Reads and clears the note. */
static bool was_refused(struct loopback *lb)
{
    uint8_t irql = seam_lock(lb->seam, &lb->lock);
    bool refused = lb->refused;

    lb->refused = false;
    seam_unlock(lb->seam, &lb->lock, irql);
    return refused;
}

/* At DISPATCH, where a real message interrupt would deliver. */
static void run_guest(void *arg)
{
    struct loopback *lb = arg;
    struct loopback_message m;

    vmbus_loopback_enter(lb);
    /* The queue's length bounds it: nothing refills it at DISPATCH. */
    while (vmbus_loopback_pop(lb, &lb->to_guest, &m)) {
        if (lb->attached)
            lb->guest.message(lb->guest_context, m.payload, m.size);
    }
    if (was_refused(lb))
        seam_work_queue(lb->seam, &lb->pump_work, 0);
    vmbus_loopback_leave(lb);
}

/* At PASSIVE, since the host half's control functions run there. */
static void run_pump(void *arg)
{
    struct loopback *lb = arg;

    vmbus_loopback_enter(lb);
    vmbus_host_pump(lb->host);
    vmbus_loopback_leave(lb);
}

/* The host half names virtual processors; deferred work wants processors. */
static uint32_t cpu_of(const struct loopback *lb, uint32_t vp)
{
    for (uint32_t cpu = 0; cpu < lb->cpu_count; cpu++) {
        if (seam_vp_index(lb->seam, cpu) == vp)
            return cpu;
    }
    return 0;
}

/* The flag is set first, then its word's bit, then the work is queued that will
 * look for them. */
int vmbus_loopback_host_signal(void *context, uint32_t vp, uint8_t sint,
                               uint16_t flag)
{
    struct loopback *lb = context;
    struct loopback_events *e = &lb->events[cpu_of(lb, vp)];

    (void)sint;
    __atomic_fetch_or(&e->bits[flag / 32 % EVENT_WORDS], 1u << flag % 32,
                      __ATOMIC_ACQ_REL);
    __atomic_fetch_or(&e->words, UINT64_C(1) << flag / 32 % EVENT_WORDS,
                      __ATOMIC_ACQ_REL);
    seam_work_queue(lb->seam, &e->work, e->cpu);
    return 0;
}

/* Each word is taken whole. *first: no event was delivered in this turn. */
static void run_word(struct loopback_events *e, uint32_t word, bool *first)
{
    uint32_t bits = __atomic_exchange_n(&e->bits[word], 0, __ATOMIC_ACQ_REL);
    struct loopback *lb = e->loopback;

    for (; bits && lb->attached; bits &= bits - 1) {
        lb->guest.event(lb->guest_context, e->cpu,
                        (uint16_t)(word * 32 + (uint32_t)__builtin_ctz(bits)),
                        *first);
        *first = false;
    }
}

/* The words' bits are taken before the words: whoever sets a flag meanwhile
 * sets its word's bit afterwards, and queues the work again. */
static void run_events(void *arg)
{
    struct loopback_events *e = arg;
    struct loopback *lb = e->loopback;
    bool first = true;
    uint64_t words;

    vmbus_loopback_enter(lb);
    words = __atomic_exchange_n(&e->words, 0, __ATOMIC_ACQ_REL);
    for (; words; words &= words - 1)
        run_word(e, (uint32_t)__builtin_ctzll(words), &first);
    vmbus_loopback_leave(lb);
}

/* The same for the work in this direction. */
void vmbus_loopback_prepare_guest(struct loopback *lb)
{
    lb->pump_work.run = run_pump;
    lb->pump_work.arg = lb;
    lb->pump_work.level = SEAM_PASSIVE;
    lb->guest_work.run = run_guest;
    lb->guest_work.arg = lb;
    lb->guest_work.level = SEAM_DISPATCH;
    for (uint32_t cpu = 0; cpu < lb->cpu_count; cpu++) {
        struct loopback_events *e = &lb->events[cpu];

        e->loopback = lb;
        e->cpu = cpu;
        e->work.run = run_events;
        e->work.arg = e;
        e->work.level = SEAM_DISPATCH;
    }
}
