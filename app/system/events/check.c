/* SPDX-License-Identifier: BSD-2-Clause */
/* The lock, and what an application may not do: see events.h. */
#include "app/system/events/events.h"

/* Raises to DISPATCH, so a callback of this processor never finds the lock
 * taken by what it interrupts. */
uint8_t events_lock(void)
{
    return seam_lock(events_seam(), &events_state()->lock);
}

/* Deferred work that came meanwhile runs before this returns, if the level
 * falls to PASSIVE. */
void events_unlock(uint8_t irql)
{
    seam_unlock(events_seam(), &events_state()->lock, irql);
}

/* Waits stand on processor 0. What changes there is seen when the code that
 * runs now waits, ends, or returns from its interrupt; a change on another
 * processor must interrupt it. The level says nothing: code at PASSIVE may have
 * raised it by a lock. */
void events_unlock_changed(uint8_t irql)
{
    events_unlock(irql);
    if (events_processor() != 0)
        events_wake(0);
}

/* A callback that does the same wrong thing for each packet must not fill the
 * log: after the first line one comes when the count has doubled. */
static bool is_worth_a_line(const char *function, const char *expected)
{
    struct events_state *state = events_state();
    uint8_t irql = events_lock();
    bool worth;

    if (state->function != function || state->expected != expected)
        state->times = 0;
    state->function = function;
    state->expected = expected;
    state->times++;
    worth = (state->times & (state->times - 1)) == 0;
    events_unlock(irql);
    return worth;
}

/* The line names the function that the application has called, what that
 * expects, and the number that was wrong. */
enum vmbare_status events_misuse(const char *function, const char *expected,
                                 uint64_t found)
{
    if (is_worth_a_line(function, expected))
        seam_log(events_seam(), SEAM_LOG_ERROR,
                 "events: %s: expected %s; found %lu, and did nothing",
                 function, expected, (unsigned long)found);
    return VMBARE_MISUSE;
}

/* The kind is looked at without the lock: it never changes after the init
 * function, which nobody calls while others use the object. */
bool events_check(const struct vmbare_source *source, enum events_kind kind,
                  const char *function)
{
    if (source && source->kind == (uint32_t)kind)
        return true;
    (void)events_misuse(function, "an object that its init function has made",
                        source ? source->kind : 0);
    return false;
}

/* Elsewhere the wait would keep deferred work out, or has no stack that
 * others could take turns with. */
bool events_may_wait(void)
{
    return seam_irql(events_seam()) == SEAM_PASSIVE && events_processor() == 0;
}

/* Two lines, because the cure is not the same. */
bool events_check_wait(const char *function)
{
    uint8_t irql = seam_irql(events_seam());

    if (events_may_wait())
        return true;
    if (irql != SEAM_PASSIVE)
        (void)events_misuse(function,
                            "level 0 (PASSIVE): a callback at DISPATCH, or "
                            "code that holds a lock, may not wait",
                            irql);
    else
        (void)events_misuse(function,
                            "processor 0: work on another one may not wait",
                            events_processor());
    return false;
}
