/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What goes through the loopback. A real host puts messages into SynIC slots
 * and events into SIEF pages; here they go through queues and deferred work:
 *
 *     guest half --loopback_post--> to_host queue --PASSIVE--> host half
 *     guest half <--DISPATCH-- to_guest queue <--loopback_host_post-- host half
 *     signals to the host are calls; signals to the guest are event flags,
 *     collected per processor and delivered there at DISPATCH
 */
#include "vmbus/loopback/private.h"

#include "vmbus/wire/memory.h"

/* A post that the host half could not take is tried again after this. */
#define RETRY SEAM_MS

/* How often the monitor page is looked at: the order of magnitude of a host. */
#define MONITOR_PERIOD (SEAM_MS / 10)

/* ---- queues ------------------------------------------------------------ */

/*
 * Appends a message, unless QUEUE_LIMIT of them are waiting. The lock is held.
 */
static bool push(struct loopback_queue *q, uint32_t connection,
                 const void *payload, uint32_t size)
{
    struct loopback_message *m =
        &q->slot[(q->first + q->count) % (QUEUE_LIMIT + 1)];

    if (q->count >= QUEUE_LIMIT)
        return false;
    m->connection = connection;
    m->size = size;
    if (size)
        memcpy(m->payload, payload, size);
    q->count++;
    return true;
}

/* Takes the oldest message out; false: there is none. */
static bool pop(struct loopback *lb, struct loopback_queue *q,
                struct loopback_message *m)
{
    uint8_t irql = seam_lock(lb->seam, &lb->lock);
    bool some = q->count != 0;

    if (some) {
        *m = q->slot[q->first];
        q->first = (q->first + 1) % (QUEUE_LIMIT + 1);
        q->count--;
    }
    seam_unlock(lb->seam, &lb->lock, irql);
    return some;
}

/*
 * Puts a message back in front. There is always room: the queue has one place
 * more than it accepts.
 */
static void push_back(struct loopback *lb, struct loopback_queue *q,
                      const struct loopback_message *m)
{
    uint8_t irql = seam_lock(lb->seam, &lb->lock);

    q->first = (q->first + QUEUE_LIMIT) % (QUEUE_LIMIT + 1);
    q->slot[q->first] = *m;
    q->count++;
    seam_unlock(lb->seam, &lb->lock, irql);
}

/*
 * Counts work that is running, so that vmbus_loopback_destroy can wait for its
 * end.
 */
static void enter(struct loopback *lb)
{
    __atomic_add_fetch(&lb->running, 1, __ATOMIC_ACQ_REL);
}

static void leave(struct loopback *lb)
{
    __atomic_sub_fetch(&lb->running, 1, __ATOMIC_ACQ_REL);
}

/* ---- towards the host half --------------------------------------------- */

/* As the hypercall would: wrong type, unknown connection, full queue. */
int vmbus_loopback_post(struct loopback *loopback, uint32_t connection,
                        uint32_t type, const void *payload, uint32_t size)
{
    uint8_t irql;
    bool taken;

    if (type != WIRE_POST_TYPE || size > WIRE_MESSAGE_MAX)
        return -EIO;
    if (!vmbus_host_serves(loopback->host, connection))
        return -ENOENT;
    irql = seam_lock(loopback->seam, &loopback->lock);
    taken = push(&loopback->to_host, connection, payload, size);
    seam_unlock(loopback->seam, &loopback->lock, irql);
    if (!taken)
        return -EAGAIN;
    seam_work_queue(loopback->seam, &loopback->host_work, 0);
    return 0;
}

/* Every run of a timer's function that is to come counts as running work, from
 * the setting on: it may be taken out by another processor and not begun when
 * the loopback is destroyed. None is set any more once that has begun. */
static void set_timer(struct loopback *lb, struct seam_timer *t, uint64_t delay)
{
    uint8_t irql = seam_lock(lb->seam, &lb->lock);

    if (!lb->ending) {
        if (!seam_timer_cancel(lb->seam, t))
            enter(lb);
        seam_timer_set(lb->seam, t, seam_now(lb->seam) + delay);
    }
    seam_unlock(lb->seam, &lb->lock, irql);
}

static void cancel_timer(struct loopback *lb, struct seam_timer *t)
{
    if (seam_timer_cancel(lb->seam, t))
        leave(lb);
}

void vmbus_loopback_stop_timers(struct loopback *lb)
{
    uint8_t irql = seam_lock(lb->seam, &lb->lock);

    lb->ending = true;
    cancel_timer(lb, &lb->retry);
    cancel_timer(lb, &lb->monitor);
    seam_unlock(lb->seam, &lb->lock, irql);
}

/* The timer runs only while a monitored channel is open. */
static void watch_monitors(struct loopback *lb)
{
    if (!seam_timer_is_armed(&lb->monitor) && vmbus_host_monitors(lb->host))
        set_timer(lb, &lb->monitor, MONITOR_PERIOD);
}

/* One message for each run. A server's callback may wait for as long as it
 * likes: the work item is queued again before, so the messages after this one
 * are handled meanwhile. Each is out of the queue by then, so the order holds.
 */
static void run_host(void *arg)
{
    struct loopback *lb = arg;
    struct loopback_message m;

    enter(lb);
    /* While the timer is set the host half takes nothing. */
    if (!seam_timer_is_armed(&lb->retry) && pop(lb, &lb->to_host, &m)) {
        seam_work_queue(lb->seam, &lb->host_work, 0);
        if (vmbus_host_message(lb->host, m.connection, m.payload, m.size) ==
            -EAGAIN) {
            push_back(lb, &lb->to_host, &m);
            set_timer(lb, &lb->retry, RETRY);
        }
    }
    watch_monitors(lb);
    leave(lb);
}

/* The host half had no room; another look at the queue. */
static void run_retry(void *arg)
{
    struct loopback *lb = arg;

    seam_work_queue(lb->seam, &lb->host_work, 0);
    leave(lb);
}

/* At DISPATCH, as the timer of a real host. */
static void run_monitor(void *arg)
{
    struct loopback *lb = arg;

    vmbus_host_monitor_poll(lb->host);
    watch_monitors(lb);
    leave(lb);
}

/* A call straight into the host half, as the hypercall is. */
int vmbus_loopback_signal(struct loopback *loopback, uint32_t connection,
                          uint16_t flag)
{
    int status = vmbus_host_event(loopback->host, connection, flag);

    return status == -EINVAL ? -EIO : status;
}

/* ---- towards the guest half -------------------------------------------- */

/*
 * The host half's way to post. A refusal is noted, so that run_guest can tell
 * the host half when there is room.
 */
int vmbus_loopback_host_post(void *context, uint32_t vp, uint8_t sint,
                             const void *payload, uint32_t size)
{
    struct loopback *lb = context;
    uint8_t irql = seam_lock(lb->seam, &lb->lock);
    bool taken = push(&lb->to_guest, 0, payload, size);

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

    enter(lb);
    /* The queue's length bounds it: nothing refills it at DISPATCH. */
    while (pop(lb, &lb->to_guest, &m)) {
        if (lb->attached)
            lb->guest.message(lb->guest_context, m.payload, m.size);
    }
    if (was_refused(lb))
        seam_work_queue(lb->seam, &lb->pump_work, 0);
    leave(lb);
}

/* At PASSIVE, since the host half's control functions run there. */
static void run_pump(void *arg)
{
    struct loopback *lb = arg;

    enter(lb);
    vmbus_host_pump(lb->host);
    leave(lb);
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

/* The flag is set first, then the work is queued that will look for it. */
int vmbus_loopback_host_signal(void *context, uint32_t vp, uint8_t sint,
                               uint16_t flag)
{
    struct loopback *lb = context;
    struct loopback_events *e = &lb->events[cpu_of(lb, vp)];

    (void)sint;
    __atomic_fetch_or(&e->bits[flag / 32 % EVENT_WORDS], 1u << flag % 32,
                      __ATOMIC_ACQ_REL);
    seam_work_queue(lb->seam, &e->work, e->cpu);
    return 0;
}

/*
 * Each word is taken whole, so a flag that is set meanwhile is found next time.
 */
static void run_events(void *arg)
{
    struct loopback_events *e = arg;
    struct loopback *lb = e->loopback;

    enter(lb);
    for (uint32_t i = 0; i < EVENT_WORDS; i++) {
        uint32_t bits = __atomic_exchange_n(&e->bits[i], 0, __ATOMIC_ACQ_REL);

        for (; bits && lb->attached; bits &= bits - 1)
            lb->guest.event(lb->guest_context, e->cpu,
                            (uint16_t)(i * 32 + (uint32_t)__builtin_ctz(bits)));
    }
    leave(lb);
}

/* Work and timers need their functions before anything can be queued. */
void vmbus_loopback_prepare(struct loopback *lb)
{
    lb->host_work.run = run_host;
    lb->host_work.arg = lb;
    lb->host_work.level = SEAM_PASSIVE;
    lb->pump_work.run = run_pump;
    lb->pump_work.arg = lb;
    lb->pump_work.level = SEAM_PASSIVE;
    lb->guest_work.run = run_guest;
    lb->guest_work.arg = lb;
    lb->guest_work.level = SEAM_DISPATCH;
    lb->retry.run = run_retry;
    lb->retry.arg = lb;
    lb->monitor.run = run_monitor;
    lb->monitor.arg = lb;
    for (uint32_t cpu = 0; cpu < lb->cpu_count; cpu++) {
        struct loopback_events *e = &lb->events[cpu];

        e->loopback = lb;
        e->cpu = cpu;
        e->work.run = run_events;
        e->work.arg = e;
        e->work.level = SEAM_DISPATCH;
    }
}
