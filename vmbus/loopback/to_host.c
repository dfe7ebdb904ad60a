/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What goes through the loopback to the host half. A real host takes messages
 * by hypercall; here they go through a queue and deferred work, and signals are
 * calls:
 *
 *     guest half --loopback_post--> to_host queue --PASSIVE--> host half
 */
#include "vmbus/loopback/private.h"

/* A post that the host half could not take is tried again after this. */
#define RETRY SEAM_MS

/* How often the monitor page is looked at: the order of magnitude of a host. */
#define MONITOR_PERIOD (SEAM_MS / 10)

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
    taken = vmbus_loopback_push(&loopback->to_host, connection, payload, size);
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
            vmbus_loopback_enter(lb);
        seam_timer_set(lb->seam, t, seam_now(lb->seam) + delay);
    }
    seam_unlock(lb->seam, &lb->lock, irql);
}

static void cancel_timer(struct loopback *lb, struct seam_timer *t)
{
    if (seam_timer_cancel(lb->seam, t))
        vmbus_loopback_leave(lb);
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

    vmbus_loopback_enter(lb);
    /* While the timer is set the host half takes nothing. */
    if (!seam_timer_is_armed(&lb->retry) &&
        vmbus_loopback_pop(lb, &lb->to_host, &m)) {
        seam_work_queue(lb->seam, &lb->host_work, 0);
        if (vmbus_host_message(lb->host, m.connection, m.payload, m.size) ==
            -EAGAIN) {
            vmbus_loopback_push_back(lb, &lb->to_host, &m);
            set_timer(lb, &lb->retry, RETRY);
        }
    }
    watch_monitors(lb);
    vmbus_loopback_leave(lb);
}

/* The host half had no room; another look at the queue. */
static void run_retry(void *arg)
{
    struct loopback *lb = arg;

    seam_work_queue(lb->seam, &lb->host_work, 0);
    vmbus_loopback_leave(lb);
}

/* At DISPATCH, as the timer of a real host. */
static void run_monitor(void *arg)
{
    struct loopback *lb = arg;

    vmbus_host_monitor_poll(lb->host);
    watch_monitors(lb);
    vmbus_loopback_leave(lb);
}

/* A call straight into the host half, as the hypercall is. */
int vmbus_loopback_signal(struct loopback *loopback, uint32_t connection,
                          uint16_t flag)
{
    int status = vmbus_host_event(loopback->host, connection, flag);

    return status == -EINVAL ? -EIO : status;
}

/* Work and timers need their functions before anything can be queued. */
void vmbus_loopback_prepare_host(struct loopback *lb)
{
    lb->host_work.run = run_host;
    lb->host_work.arg = lb;
    lb->host_work.level = SEAM_PASSIVE;
    lb->retry.run = run_retry;
    lb->retry.arg = lb;
    lb->monitor.run = run_monitor;
    lb->monitor.arg = lb;
}
