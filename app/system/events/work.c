/* SPDX-License-Identifier: BSD-2-Clause */
/* Work on a processor of choice: vmbare_events.h has its contract. */
#include "app/system/events/events.h"

/* Work that is queued or runs must not be made anew: its place in the queue
 * would be lost. */
enum vmbare_status vmbare_work_init(struct vmbare_work *work, const char *name,
                                    uint64_t (*function)(void *context),
                                    void *context)
{
    if (!work || !function)
        return events_misuse(__func__, "a struct vmbare_work and a function",
                             0);
    /* The rest is zero: neither queued nor running, so a wait for it ends at
     * once. */
    *work = (struct vmbare_work){
        .source = {.kind = EVENTS_WORK, .name = name},
        .job = {.function = function, .context = context},
    };
    return VMBARE_OK;
}

/* Logs what is no work. */
static bool check(const struct vmbare_work *work, const char *function)
{
    return events_check(work ? &work->source : NULL, EVENTS_WORK, function);
}

/* Nothing a wait may be for has changed: work that is queued has not ended. */
enum vmbare_status vmbare_work_queue(struct vmbare_work *work,
                                     unsigned processor)
{
    uint8_t irql;
    bool queued;

    if (!check(work, __func__))
        return VMBARE_MISUSE;
    if (processor >= vmbare_processors())
        return events_misuse(__func__, "a processor below vmbare_processors()",
                             processor);
    irql = events_lock();
    queued = events_job_queue(&work->job, processor);
    events_unlock(irql);
    return queued ? VMBARE_OK : VMBARE_BUSY;
}

/* The level is checked here as well, so that the line of the log names this
 * function. The result is read under the lock, as it was stored. */
enum vmbare_status vmbare_work_result(struct vmbare_work *work,
                                      uint64_t deadline, uint64_t *result)
{
    enum vmbare_status status;
    uint8_t irql;

    if (!check(work, __func__) ||
        (deadline != VMBARE_NOW && !events_check_wait(__func__)))
        return VMBARE_MISUSE;
    status = vmbare_wait_for(&work->source, deadline);
    if (status != VMBARE_OK || !result)
        return status;
    irql = events_lock();
    *result = work->job.result;
    events_unlock(irql);
    return VMBARE_OK;
}

/* Queued only where the wait that follows is allowed: else nobody would know
 * whether the work has a use. */
enum vmbare_status vmbare_run_on(struct vmbare_work *work, unsigned processor,
                                 uint64_t deadline, uint64_t *result)
{
    enum vmbare_status status;

    if (!events_check_wait(__func__))
        return VMBARE_MISUSE;
    status = vmbare_work_queue(work, processor);
    if (status != VMBARE_OK)
        return status;
    return vmbare_work_result(work, deadline, result);
}

/* Work that is off its queue has ended, which another wait may be for. */
enum vmbare_cancelled vmbare_work_cancel(struct vmbare_work *work,
                                         uint64_t deadline)
{
    uint8_t irql;
    bool was_queued;

    if (!check(work, __func__))
        return VMBARE_NOT_CANCELLED;
    irql = events_lock();
    was_queued = events_job_take_off(&work->job);
    events_unlock_changed(irql);
    if (!events_job_settle(&work->job, deadline, work->source.name))
        return VMBARE_STILL_RUNNING;
    return was_queued ? VMBARE_CANCELLED : VMBARE_NOT_SET;
}

/* Processors that did not start have no number. */
unsigned vmbare_processors(void)
{
    return seam_cpu_count(events_seam());
}

/* At PASSIVE the answer stays true, because code never moves to another
 * processor. */
unsigned vmbare_processor(void)
{
    return events_processor();
}
