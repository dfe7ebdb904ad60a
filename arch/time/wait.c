/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The one loop that blocks: see wait.h.
 *
 * Every wait that is under way stands on its own strand (strand.h) and is on
 * one list. Whichever strand runs the loop looks at all of them: it goes on
 * with the first that has what it waits for, runs PASSIVE work on a strand of
 * its own, or sleeps for all. So a wait ends when its condition comes true,
 * however long others that began later go on.
 */
#include "arch/time/wait.h"

#include <errno.h>
#include <stddef.h>

#include "arch/console/log.h"
#include "arch/cpu/cpu.h"
#include "arch/cpu/invariant.h"
#include "arch/cpu/irql.h"
#include "arch/interrupts/deferred.h"
#include "arch/time/clock.h"
#include "arch/time/strand.h"
#include "arch/time/timer.h"

#define REMIND (10 * CLOCK_UNITS_PER_S)

/* One wait under way; on the stack of whoever waits. */
struct wait {
    struct wait *next;
    struct strand *strand;
    bool (*done)(void *arg);
    void *arg;
    uint64_t deadline;
    uint64_t remind; /* when to say that it still waits; forever-waits only */
    uint64_t began;
    const char *what;
};

/* All waits, in the order in which they began. */
static struct wait *first;
static struct wait **last = &first;

static struct timer alarm;
static bool work_first; /* a strand has just had its turn */
static bool no_stack;   /* PASSIVE work waits for memory */
static void (*idle_hook)(void);

void wait_set_idle(void (*idle)(void))
{
    idle_hook = idle;
}

/* ---- who goes on --------------------------------------------------------- */

static void add(struct wait *w)
{
    *last = w;
    last = &w->next;
}

static void take_out(struct wait *w)
{
    struct wait **at = &first;

    while (*at != w)
        at = &(*at)->next;
    *at = w->next;
    if (last == &w->next)
        last = at;
}

/* The one that waits longest comes first, so that none is passed over. */
static struct wait *find_done(void)
{
    struct wait *w = first;

    while (w && !w->done(w->arg))
        w = w->next;
    return w;
}

static void remind(struct wait *w, uint64_t now)
{
    log_printf(LOG_WARNING, "wait: still waiting for %s after %lu s", w->what,
               (unsigned long)((now - w->began) / CLOCK_UNITS_PER_S));
    w->remind = now + REMIND;
}

static struct wait *find_expired(uint64_t now)
{
    struct wait *found = NULL;

    for (struct wait *w = first; w; w = w->next) {
        if (now >= w->remind)
            remind(w, now);
        if (!found && now >= w->deadline)
            found = w;
    }
    return found;
}

/* ---- PASSIVE work -------------------------------------------------------- */

static void noop(void *arg)
{
    (void)arg;
}

/* On a strand of its own. Whoever waited first goes on with the loop. */
static void work(void)
{
    (void)deferred_run_passive();
    strand_leave(first->strand);
}

/* Runs one item until it ends or waits: true. */
static bool run_work(void)
{
    struct strand *strand;

    if (!deferred_passive_waiting())
        return false;
    strand = strand_take(work);
    if (!strand) {
        if (!no_stack)
            log_printf(LOG_WARNING, "wait: no memory for another stack: a "
                                    "callback waits for its turn");
        no_stack = true;
        return false;
    }
    no_stack = false;
    strand_switch(strand);
    return true;
}

/* ---- sleeping ------------------------------------------------------------ */

/* STI takes effect after the next instruction: no interrupt can come between
 * the last look and the sleep. */
static void halt(void)
{
    this_cpu()->halts++;
    if (idle_hook)
        idle_hook();
    else
        __asm__ volatile("sti; hlt" : : : "memory");
}

/* One alarm serves all waits. */
static uint64_t earliest(void)
{
    uint64_t wake = WAIT_FOREVER;

    for (const struct wait *w = first; w; w = w->next) {
        wake = w->deadline < wake ? w->deadline : wake;
        wake = w->remind < wake ? w->remind : wake;
    }
    return wake;
}

/* With interrupts off. An alarm that has gone off meanwhile (it may have been
 * due when it was set) would never wake us. */
static bool may_halt(uint64_t wake)
{
    return (alarm.armed || wake == WAIT_FOREVER) && !find_done() &&
           !irql_deferred_waiting() &&
           (no_stack || !deferred_passive_waiting());
}

/* One sleep, unless there is something to do already. */
static void nap(void)
{
    uint64_t wake = earliest();

    alarm.run = noop;
    if (wake != WAIT_FOREVER && (!alarm.armed || alarm.due != wake))
        timer_set(&alarm, wake);
    /* Announced before the last look: see deferred_sleep(). */
    deferred_sleep(true);
    (void)interrupts_off();
    if (may_halt(wake))
        halt();
    __asm__ volatile("sti" : : : "memory");
    deferred_sleep(false);
}

/* ---- the loop ------------------------------------------------------------ */

/* The wait that goes on next, and *status of it; NULL: none, and work was done
 * or time has passed. A turn of a strand is followed by a turn of PASSIVE work,
 * so that two strands which wake each other do not keep it out. */
static struct wait *next_ready(int *status)
{
    struct wait *w;
    bool work_now = work_first;

    work_first = false;
    *status = 0;
    if (work_now && run_work())
        return NULL;
    w = find_done();
    if (w || (!work_now && run_work()))
        return w;
    *status = -ETIMEDOUT;
    w = find_expired(clock_now());
    if (!w) {
        deferred_end_share(); /* PASSIVE has nothing to do */
        if (!irql_deferred_waiting())
            nap();
    }
    return w;
}

static int loop(struct wait *self)
{
    for (;;) {
        struct wait *ready;
        int status;

        deferred_run(); /* what was left when PASSIVE got its share */
        if (self->done(self->arg))
            return 0;
        ready = next_ready(&status);
        if (ready == self)
            return status;
        if (ready)
            strand_switch(ready->strand);
    }
}

/* What is true already needs no turn of anybody else's. */
int wait_until(bool (*done)(void *arg), void *arg, uint64_t deadline,
               const char *what)
{
    struct wait w = {
        .strand = strand_current(),
        .done = done,
        .arg = arg,
        .deadline = deadline,
        .remind = WAIT_FOREVER,
        .what = what,
    };
    int status;

    ASSERT(irql_current() == IRQL_PASSIVE && this_cpu()->index == 0,
           "only PASSIVE code on processor 0 may wait");
    if (done(arg))
        return 0;
    if (deadline == WAIT_FOREVER) {
        w.began = clock_now();
        w.remind = w.began + REMIND;
    }
    add(&w);
    status = loop(&w);
    take_out(&w);
    work_first = true;
    return status;
}

void wait_left(struct strand *strand)
{
    struct wait *next;

    for (struct wait *w = first; w; w = next) {
        next = w->next;
        if (w->strand == strand)
            take_out(w);
    }
    strand_adopt(strand);
}

static bool never(void *arg)
{
    (void)arg;
    return false;
}

void wait_sleep(uint64_t deadline)
{
    wait_until(never, NULL, deadline, "time to pass");
}

/* ---- other processors ---------------------------------------------------- */

/* With interrupts off during the look: work that is queued after it comes with
 * an interrupt, which ends the HLT. */
_Noreturn void wait_park(void)
{
    for (;;) {
        (void)interrupts_off();
        if (irql_deferred_waiting()) {
            __asm__ volatile("sti" : : : "memory");
            deferred_end_share();
            deferred_run();
            continue;
        }
        halt();
    }
}
