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
#include "arch/time/due.h"
#include "arch/time/strand.h"
#include "arch/time/timer.h"

#define REMIND (10 * CLOCK_UNITS_PER_S)

/* Waits that one turn of the loop looks at. */
#define LOOKS 16u

/* Turns after which the clock is looked at, though there is work to do. */
#define TURNS_UNTIMED 64u

/* One wait under way; on the stack of whoever waits. */
struct wait {
    struct wait *next, *previous;
    struct due due; /* at its deadline, or when a reminder is due */
    struct strand *strand;
    bool (*done)(void *arg);
    void *arg;
    uint64_t began;
    bool for_ever; /* it has no deadline, but reminders */
    bool expired;  /* its deadline has come */
    const char *what;
};

/* All waits, in the order in which they began. */
static struct wait *first, *last;
static uint32_t count;

/* The same waits by time; one alarm serves all of them. */
static struct due *by_time;
static struct timer alarm;

/*
 * A round looks at every wait once, LOOKS of them in a turn, so that a turn
 * costs the same however many there are. When nothing has happened since a
 * round began, there is none that could go on.
 */
static struct {
    struct wait *next;   /* the one to look at; NULL: the first */
    uint32_t left;       /* waits that the round has not looked at */
    uint64_t drains;     /* deferred work that had run when it began, */
    uint64_t interrupts; /* and interrupts that had come */
} the_round;

static uint32_t turns;  /* since the clock was looked at */
static bool work_first; /* a strand has just had its turn */
static bool no_stack;   /* PASSIVE work waits for memory */
static void (*idle_hook)(void);

void wait_set_idle(void (*idle)(void))
{
    idle_hook = idle;
}

void (*wait_idle(void))(void)
{
    return idle_hook;
}

/* ---- who goes on --------------------------------------------------------- */

static void add(struct wait *w)
{
    w->previous = last;
    if (last)
        last->next = w;
    else
        first = w;
    last = w;
    count++;
    due_add(&by_time, &w->due);
}

static void take_out(struct wait *w)
{
    if (the_round.next == w)
        the_round.next = w->next;
    if (w->previous)
        w->previous->next = w->next;
    else
        first = w->next;
    if (w->next)
        w->next->previous = w->previous;
    else
        last = w->previous;
    count--;
    due_remove(&by_time, &w->due);
}

/* Something has happened: each wait may have what it waits for. The round goes
 * on where the last one stopped, so that none is passed over. */
static void begin_round(void)
{
    the_round.left = count;
    the_round.drains = deferred_drains();
    the_round.interrupts = this_cpu()->interrupts;
}

static bool has_happened(void)
{
    return the_round.drains != deferred_drains() ||
           the_round.interrupts != this_cpu()->interrupts;
}

static struct wait *find_done(void)
{
    for (uint32_t looks = LOOKS; looks && the_round.left; looks--) {
        struct wait *w = the_round.next ? the_round.next : first;

        the_round.next = w->next;
        the_round.left--;
        if (w->done(w->arg))
            return w;
    }
    return NULL;
}

static void remind(struct wait *w, uint64_t now)
{
    log_printf(LOG_WARNING, "wait: still waiting for %s after %lu s", w->what,
               (unsigned long)((now - w->began) / CLOCK_UNITS_PER_S));
    due_remove(&by_time, &w->due);
    w->due.at = now + REMIND;
    due_add(&by_time, &w->due);
}

static struct wait *first_by_time(void)
{
    return (struct wait *)((char *)by_time - offsetof(struct wait, due));
}

/* A wait whose deadline has come, the earliest one first. There is always one
 * wait, that of whoever runs the loop. */
static struct wait *find_expired(uint64_t now)
{
    struct wait *w;

    turns = 0;
    while ((w = first_by_time())->for_ever && w->due.at <= now)
        remind(w, now);
    if (w->due.at > now)
        return NULL;
    w->expired = true;
    return w;
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
    deferred_turn_ended();
    strand_leave(first->strand);
}

/* True: there is PASSIVE work, and it can be run. */
static bool work_waits(void)
{
    return !no_stack && deferred_passive_waiting();
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
    begin_round();
    return true;
}

/* ---- sleeping ------------------------------------------------------------ */

static void halt(void)
{
    this_cpu()->halts++;
    if (idle_hook)
        idle_hook();
    else
        interrupts_await();
}

/* With interrupts off. An alarm that has gone off meanwhile (it may have been
 * due when it was set) would never wake us. */
static bool may_halt(uint64_t wake)
{
    return (alarm.armed || wake == WAIT_FOREVER) && !has_happened() &&
           !irql_deferred_waiting() && !work_waits();
}

/* One sleep, unless there is something to do already. */
static void nap(void)
{
    uint64_t wake = by_time->at;

    alarm.run = noop;
    if (wake != WAIT_FOREVER && (!alarm.armed || alarm.due != wake))
        timer_set(&alarm, wake);
    /* Announced before the last look: see deferred_sleep(). */
    deferred_sleep(true);
    (void)interrupts_off();
    if (may_halt(wake))
        halt();
    interrupts_on();
    deferred_sleep(false);
}

/* ---- the loop ------------------------------------------------------------ */

/* Nobody has had what it waits for, and there is no PASSIVE work. */
static void rest(void)
{
    deferred_end_share(); /* PASSIVE has nothing to do */
    if (!irql_deferred_waiting() && !has_happened())
        nap();
    begin_round();
}

/* The wait that goes on next; NULL: none, and work was done or time has passed.
 * A turn of a strand is followed by a turn of PASSIVE work, so that two strands
 * which wake each other do not keep it out. Neither keeps a deadline from being
 * seen. */
static struct wait *next_ready(void)
{
    struct wait *w = NULL;
    bool work_now = work_first;

    work_first = false;
    if (++turns < TURNS_UNTIMED) {
        if (work_now && run_work())
            return NULL;
        w = find_done();
        if (w || (!work_now && run_work()) || the_round.left)
            return w;
    }
    w = find_expired(clock_now());
    if (!w && !the_round.left && !work_waits())
        rest();
    return w;
}

static int loop(struct wait *self)
{
    for (;;) {
        struct wait *ready;

        deferred_run(); /* what was left when PASSIVE got its share */
        if (self->done(self->arg))
            return 0;
        if (self->expired)
            return -ETIMEDOUT;
        ready = next_ready();
        if (ready && ready != self) {
            strand_switch(ready->strand);
            begin_round();
        }
    }
}

/* Waits for what is not yet true. A function of its own, so that what is true
 * makes no record of a wait. */
static __attribute__((noinline)) int wait_long(bool (*done)(void *arg),
                                               void *arg, uint64_t deadline,
                                               const char *what)
{
    struct wait w = {
        .strand = strand_current(),
        .done = done,
        .arg = arg,
        .due.at = deadline,
        .for_ever = deadline == WAIT_FOREVER,
        .what = what,
    };
    int status;

    deferred_turn_ended();
    if (w.for_ever) {
        w.began = clock_now();
        w.due.at = w.began + REMIND;
    }
    add(&w);
    begin_round();
    status = loop(&w);
    take_out(&w);
    work_first = true;
    return status;
}

/* What is true already needs no turn of anybody else's. */
int wait_until(bool (*done)(void *arg), void *arg, uint64_t deadline,
               const char *what)
{
    ASSERT(irql_current() == IRQL_PASSIVE && this_cpu()->index == 0,
           "only PASSIVE code on processor 0 may wait");
    return done(arg) ? 0 : wait_long(done, arg, deadline, what);
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
            interrupts_on();
            deferred_end_share();
            deferred_run();
            continue;
        }
        halt();
    }
}
