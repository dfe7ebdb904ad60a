/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Timers of applications: one list in the order of their due times, and one
 * timer of the platform for the first of them.
 *
 * The platform holds no pointer into an application's memory, so whether a
 * timer was cancelled or has expired is decided under the one lock.
 */
#include "app/system/events/events.h"

/* Expiries that one run of the alarm handles at most; others have a turn
 * before the rest. */
#define TURN 64u

/* When a function at DISPATCH that still runs is looked at again: 100 us. */
#define AGAIN UINT64_C(1000)

/* ---- under the lock ------------------------------------------------------ */

static void expire(void *arg);

/* One that is set for a timer which was taken out goes off for nothing,
 * once. */
static void set_alarm(void)
{
    struct events_state *state = events_state();

    /* Stored once: while the alarm goes off on another processor, the platform
     * reads it. */
    if (!state->alarm.run)
        state->alarm.run = expire;
    if (state->timers)
        seam_timer_set(events_seam(), &state->alarm, state->timers->due);
}

/* Behind those of the same time, so that they expire in the order of setting.
 */
static void insert(struct vmbare_timer *timer, uint64_t due)
{
    struct events_state *state = events_state();
    struct vmbare_timer *before = NULL, *after = state->timers;

    while (after && after->due <= due) {
        before = after;
        after = after->next;
    }
    timer->due = due;
    timer->previous = before;
    timer->next = after;
    timer->set = true;
    if (after)
        after->previous = timer;
    if (before)
        before->next = timer;
    else
        state->timers = timer;
}

/* False: it was not set. */
static bool take_out(struct vmbare_timer *timer)
{
    if (!timer->set)
        return false;
    if (timer->next)
        timer->next->previous = timer->previous;
    if (timer->previous)
        timer->previous->next = timer->next;
    else
        events_state()->timers = timer->next;
    timer->set = false;
    return true;
}

/* Expiries that are over already are not made up for. */
static void insert_next(struct vmbare_timer *timer, uint64_t now)
{
    uint64_t due = timer->due + timer->period;

    if (due <= now) {
        timer->missed += (uint32_t)((now - due) / timer->period + 1);
        due = now + timer->period;
    }
    insert(timer, due);
}

/* A function at DISPATCH that still runs on another processor must not run
 * twice at a time: a periodic timer misses this one, another waits. */
static bool has_to_wait(struct vmbare_timer *timer, uint64_t now)
{
    if (timer->level != VMBARE_DISPATCH || !timer->job.running || timer->period)
        return false;
    insert(timer, now + AGAIN);
    return true;
}

/* Its time has come: returns the level that the lock gave last. */
static uint8_t expire_one(struct vmbare_timer *timer, uint64_t now,
                          uint8_t irql)
{
    bool runs = timer->job.running;

    /* Out of the list first: each way from here may insert it again. */
    (void)take_out(timer);
    if (has_to_wait(timer, now))
        return irql;
    /* For those who wait for the timer itself. */
    timer->expired = true;
    /* The next expiry is set before the function runs, which may change it. */
    if (timer->period)
        insert_next(timer, now);
    if (!timer->job.function)
        return irql;
    /* At DISPATCH it is called here; at PASSIVE processor 0 will call it. */
    if (timer->level == VMBARE_DISPATCH && !runs)
        return events_job_run(&timer->job, 0, irql);
    if (timer->level == VMBARE_DISPATCH || !events_job_queue(&timer->job, 0))
        timer->missed++;
    return irql;
}

/* The platform's timer, at DISPATCH. Timers that are set meanwhile for a time
 * that is over must not keep it here for ever. */
static void expire(void *arg)
{
    struct events_state *state = events_state();
    uint64_t now = seam_now(events_seam());
    uint8_t irql = events_lock();

    (void)arg;
    for (uint32_t turn = 0;
         turn < TURN && state->timers && state->timers->due <= now; turn++)
        irql = expire_one(state->timers, now, irql);
    set_alarm();
    events_unlock_changed(irql);
}

/* ---- for applications ---------------------------------------------------- */

/* Logs what is no timer. */
static bool check(const struct vmbare_timer *timer, const char *function)
{
    return events_check(timer ? &timer->source : NULL, EVENTS_TIMER, function);
}

/* A job has a result, a timer's function has none. */
static uint64_t call_function(void *context)
{
    struct vmbare_timer *timer = context;

    timer->function(timer->context);
    return 0;
}

/* What was refused stays an object of no kind, which every call refuses. */
enum vmbare_status vmbare_timer_init(struct vmbare_timer *timer,
                                     const char *name, enum vmbare_level level,
                                     void (*function)(void *context),
                                     void *context)
{
    if (!timer)
        return events_misuse(__func__, "a struct vmbare_timer", 0);
    *timer = (struct vmbare_timer){.source.name = name};
    if (level != VMBARE_PASSIVE && level != VMBARE_DISPATCH)
        return events_misuse(__func__, "VMBARE_PASSIVE or VMBARE_DISPATCH",
                             level);
    timer->source.kind = EVENTS_TIMER;
    timer->level = (uint8_t)level;
    timer->function = function;
    timer->context = context;
    timer->job.function = function ? call_function : NULL;
    timer->job.context = timer;
    return VMBARE_OK;
}

/* A time so far away that the next period would begin before it. */
static bool is_too_far(uint64_t due, uint64_t period)
{
    return due + period < due;
}

/* An expiry that nobody has waited for yet belongs to the setting before,
 * and is forgotten. */
enum vmbare_status vmbare_timer_set(struct vmbare_timer *timer, uint64_t due,
                                    uint64_t period)
{
    enum vmbare_status status = VMBARE_BUSY;
    uint8_t irql;

    if (!check(timer, __func__))
        return VMBARE_MISUSE;
    if (is_too_far(due, period))
        return events_misuse(__func__,
                             "a due time and a period before the "
                             "end of the clock",
                             period);
    irql = events_lock();
    if (!timer->stopping) {
        (void)take_out(timer);
        timer->expired = false;
        timer->period = period;
        insert(timer, due);
        set_alarm();
        status = VMBARE_OK;
    }
    events_unlock(irql);
    return status;
}

/* While a run is waited for, the function cannot set the timer again: it would
 * be set after all when the cancel is over. */
enum vmbare_cancelled vmbare_timer_cancel(struct vmbare_timer *timer,
                                          uint64_t deadline)
{
    bool was_set, settled;
    uint8_t irql;

    if (!check(timer, __func__))
        return VMBARE_NOT_CANCELLED;
    /* Whatever is still to come is taken away: the expiry, the run that waits
     * for its turn, and the mark for those who wait for the timer. */
    irql = events_lock();
    was_set = take_out(timer);
    if (timer->level == VMBARE_PASSIVE && events_job_take_off(&timer->job))
        was_set = true;
    timer->expired = false;
    timer->stopping++;
    events_unlock(irql);
    /* Only a run that has begun is left. */
    settled = events_job_settle(&timer->job, deadline, timer->source.name);
    irql = events_lock();
    timer->stopping--;
    events_unlock(irql);
    if (!settled)
        return VMBARE_STILL_RUNNING;
    return was_set ? VMBARE_CANCELLED : VMBARE_NOT_SET;
}

/* Under the lock, so that the count is that of one moment. */
uint32_t vmbare_timer_runs(const struct vmbare_timer *timer)
{
    uint8_t irql = events_lock();
    uint32_t runs = timer->job.runs;

    events_unlock(irql);
    return runs;
}

/* Likewise. */
uint32_t vmbare_timer_missed(const struct vmbare_timer *timer)
{
    uint8_t irql = events_lock();
    uint32_t missed = timer->missed;

    events_unlock(irql);
    return missed;
}
