/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The life of a loopback: a host half with a guest half of the same image as
 * its guest (vmbus/loopback.h).
 */
#include "vmbus/loopback/private.h"

/* What still runs when a loopback ends is work that was queued before. */
#define WORK_TIMEOUT (10 * SEAM_S)

/* Also frees one that was only half made. */
static void release(struct loopback *lb)
{
    if (lb->events)
        seam_free(lb->seam, lb->events, lb->cpu_count * sizeof(lb->events[0]));
    seam_free(lb->seam, lb, sizeof(*lb));
}

static const struct vmbus_host_ops ops = {
    .post = vmbus_loopback_host_post,
    .signal = vmbus_loopback_host_signal,
};

/* One set of event flags per processor, since each delivers its own. */
int vmbus_loopback_create(struct seam *s,
                          const struct vmbus_host_config *config,
                          struct loopback **loopback)
{
    struct loopback *lb = seam_alloc(s, sizeof(*lb));
    int status = -ENOMEM;

    if (!lb)
        return -ENOMEM;
    lb->seam = s;
    lb->cpu_count = seam_cpu_count(s);
    lb->events = seam_alloc(s, lb->cpu_count * sizeof(lb->events[0]));
    if (!lb->events)
        goto failed;
    vmbus_loopback_prepare_host(lb);
    vmbus_loopback_prepare_guest(lb);
    status = vmbus_host_create(s, &ops, lb, config, &lb->host);
    if (status != 0)
        goto failed;
    *loopback = lb;
    return 0;

failed:
    release(lb);
    return status;
}

/* Detaching is what switching the guest off would be. */
void vmbus_loopback_attach(struct loopback *loopback,
                           const struct loopback_guest *guest, void *context)
{
    loopback->attached = guest != NULL;
    if (guest) {
        loopback->guest = *guest;
        loopback->guest_context = context;
    } else {
        vmbus_host_reset(loopback->host);
    }
}

/* The new host half is made first, so a failure leaves the old one in place. */
int vmbus_loopback_restart(struct loopback *loopback,
                           const struct vmbus_host_config *config)
{
    struct vmbus_host *next;
    int status =
        vmbus_host_create(loopback->seam, &ops, loopback, config, &next);

    if (status != 0)
        return status;
    vmbus_host_destroy(loopback->host);
    loopback->host = next;
    return 0;
}

/* Nothing is queued and nothing runs. */
static bool at_rest(void *arg)
{
    struct loopback *lb = arg;
    bool queued = seam_work_is_queued(&lb->host_work) ||
                  seam_work_is_queued(&lb->guest_work) ||
                  seam_work_is_queued(&lb->pump_work);

    for (uint32_t cpu = 0; cpu < lb->cpu_count; cpu++)
        queued |= seam_work_is_queued(&lb->events[cpu].work);
    return !queued && __atomic_load_n(&lb->running, __ATOMIC_ACQUIRE) == 0;
}

/*
 * Timers first, then the queues, then the work that may still run. Memory that
 * such work may use is kept rather than freed under it.
 */
void vmbus_loopback_destroy(struct loopback *loopback)
{
    struct seam *s = loopback->seam;

    SEAM_ASSERT(s, !loopback->attached, "detach the guest half first");
    vmbus_loopback_stop_timers(loopback);
    loopback->to_host.count = 0;
    if (seam_wait(s, at_rest, loopback, seam_now(s) + WORK_TIMEOUT,
                  "the loopback's deferred work") != 0) {
        seam_log(s, SEAM_LOG_ERROR,
                 "loopback: deferred work does not end; its memory is kept");
        return;
    }
    vmbus_host_destroy(loopback->host);
    release(loopback);
}

struct vmbus_host *vmbus_loopback_host(struct loopback *loopback)
{
    return loopback->host;
}
