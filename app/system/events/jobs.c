/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Functions that wait for their turn, in a queue for each processor.
 *
 * The platform holds no pointer to a job: one work item of the platform runs
 * the queue of processor 0, and the others look at their queues when they have
 * nothing else to do. So a job that is off its queue and not running may be
 * freed.
 */
#include "app/system/events/events.h"

/* ---- queues, under the lock ---------------------------------------------- */

/* The first pointer is read without the lock by parked_waits(). */
static void set_first(struct events_queue *q, struct vmbare_job *job)
{
    __atomic_store_n(&q->first, job, __ATOMIC_RELAXED);
}

/* The queue that a job was linked to last. */
static struct events_queue *queue_of(const struct vmbare_job *job)
{
    return &events_state()->queues[job->processor];
}

static void run_passive(void *arg);
static bool parked_waits(void);
static void run_parked(void);

/* Processor 0 runs its queue as the platform's PASSIVE work. Another one is
 * interrupted, so that it looks. */
static void call_processor(uint32_t processor)
{
    struct events_state *state = events_state();

    if (processor == 0) {
        /* Stored once: the platform reads it while it takes the item. */
        if (!state->passive.run)
            state->passive =
                (struct seam_work){.run = run_passive, .level = SEAM_PASSIVE};
        seam_work_queue(events_seam(), &state->passive, 0);
        return;
    }
    if (!state->parked)
        events_park(parked_waits, run_parked);
    state->parked = true;
    events_wake(processor);
}

/* Behind the others, and the processor is told. The order of queuing is kept
 * for each processor. */
static void link_job(struct vmbare_job *job)
{
    struct events_queue *q = queue_of(job);

    job->next = NULL;
    if (q->first)
        q->last->next = job;
    else
        set_first(q, job);
    q->last = job;
    call_processor(job->processor);
}

/* From wherever it stands; queues are short, so looking for the one before
 * costs little. */
static void unlink_job(struct vmbare_job *job)
{
    struct events_queue *q = queue_of(job);
    struct vmbare_job *before = NULL;

    for (struct vmbare_job *j = q->first; j != job; j = j->next)
        before = j;
    if (before)
        before->next = job->next;
    else
        set_first(q, job->next);
    if (q->last == job)
        q->last = before;
}

/* NULL: the queue is empty, because a cancel was faster than the processor. */
static struct vmbare_job *take_first(uint32_t processor)
{
    struct vmbare_job *job = events_state()->queues[processor].first;

    if (job)
        (void)events_job_take_off(job);
    return job;
}

/* ---- a job --------------------------------------------------------------- */

/* Once in the queue, however often it is asked for before it begins. */
bool events_job_queue(struct vmbare_job *job, uint32_t processor)
{
    if (job->queued)
        return false;
    job->queued = true;
    job->processor = processor;
    /* One that runs is linked when it has ended: never twice at a time. */
    if (!job->running)
        link_job(job);
    return true;
}

/* A job that runs and was queued again is in no list yet: the mark is all
 * there is. */
bool events_job_take_off(struct vmbare_job *job)
{
    if (!job->queued)
        return false;
    job->queued = false;
    if (!job->running)
        unlink_job(job);
    return true;
}

/* The job is not touched after the lock is given back at the end: it may be
 * gone. */
uint8_t events_job_run(struct vmbare_job *job, uintptr_t strand, uint8_t irql)
{
    uint64_t result;

    /* From here on a cancel waits, and queuing leaves a mark only. */
    job->running = true;
    job->strand = strand;
    events_unlock(irql);
    result = job->function(job->context);
    /* Result and end are seen together. */
    irql = events_lock();
    job->running = false;
    job->result = result;
    job->runs++;
    if (job->queued)
        link_job(job);
    return irql;
}

/* The next job may run while this one waits, so the work item is queued again
 * before this one begins. */
static void run_passive(void *arg)
{
    struct events_state *state = events_state();
    uintptr_t strand = seam_strand(events_seam());
    uint8_t irql = events_lock();
    struct vmbare_job *job = take_first(0);

    (void)arg;
    if (state->queues[0].first)
        call_processor(0);
    if (job)
        irql = events_job_run(job, strand, irql);
    events_unlock_changed(irql);
}

/* ---- other processors ---------------------------------------------------- */

/* Without the lock. A job that is queued after this look comes with an
 * interrupt, which ends the sleep that follows. */
static bool parked_waits(void)
{
    const struct events_queue *q = &events_state()->queues[events_processor()];

    return __atomic_load_n(&q->first, __ATOMIC_RELAXED) != NULL;
}

/* One piece of work for each call: deferred work and the end of the machine
 * come between two of them. */
static void run_parked(void)
{
    uint8_t irql = events_lock();
    struct vmbare_job *job = take_first(events_processor());

    if (job)
        irql = events_job_run(job, 0, irql);
    events_unlock_changed(irql);
}

/* ---- the end of a run ---------------------------------------------------- */

/* Asked by the platform again and again while a cancel waits. */
static bool is_settled(void *arg)
{
    const struct vmbare_job *job = arg;
    uint8_t irql = events_lock();
    bool settled = !job->running;

    events_unlock(irql);
    return settled;
}

/* Whose own frame it is cannot wait for itself. */
static bool is_own(const struct vmbare_job *job)
{
    uintptr_t strand = seam_strand(events_seam());
    uint8_t irql = events_lock();
    bool own = job->running && job->strand == strand;

    events_unlock(irql);
    return own;
}

/* The look comes before the question who may wait, because nothing to wait
 * for is well at any level. */
bool events_job_settle(struct vmbare_job *job, uint64_t deadline,
                       const char *name)
{
    if (is_settled(job))
        return true;
    if (!events_may_wait() || is_own(job))
        return false;
    return seam_wait(events_seam(), is_settled, job, deadline, name) == 0;
}
