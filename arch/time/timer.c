/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Timers, one list per processor, sorted by due time: see timer.h.
 *
 * The device knows one due time, that of the first timer in the list of its
 * processor. It is armed again when the first timer changes and after each
 * interrupt.
 */
#include "arch/time/timer.h"

#include <stddef.h>

#include "arch/time/clock.h"
#include "arch/cpu/cpu.h"
#include "arch/interrupts/deferred.h"
#include "arch/cpu/invariant.h"
#include "arch/cpu/irql.h"

/* Timers that one turn runs at most. */
#define TURN 64u

/* One lock for all lists, because a timer may be cancelled from any processor.
 */
static struct spinlock lock;
static struct timer *lists[CPUS_MAX];
static struct deferred_item expiry[CPUS_MAX];
static void (*device)(uint64_t due);
static const char *device_name = "none";

void timer_set_device(void (*arm)(uint64_t due), const char *name)
{
    device = arm;
    device_name = name;
    deferred_set_alarm(clock_now, arm);
}

const char *timer_device_name(void)
{
    return device_name;
}

/* False: the timer is not in this list. */
static bool unlink_from(struct timer **list, struct timer *t)
{
    for (; *list; list = &(*list)->next) {
        if (*list == t) {
            *list = t->next;
            return true;
        }
    }
    return false;
}

/* Wherever the timer is. Under the lock. */
static void unlink_timer(struct timer *t)
{
    for (uint32_t i = 0; i < cpu_count(); i++) {
        if (unlink_from(&lists[i], t))
            break;
    }
    t->armed = false;
}

/* The device of the running processor is set for the head of its list, or for
 * the end of PASSIVE's share if that is before. */
static void arm_first(uint32_t cpu)
{
    uint64_t due = lists[cpu] ? lists[cpu]->due : 0;
    uint64_t share = deferred_share_end();

    if (share && (!due || share < due))
        due = share;
    if (device)
        device(due);
}

void timer_set(struct timer *t, uint64_t due)
{
    uint8_t irql = spin_lock(&lock);
    uint32_t cpu = this_cpu()->index;
    struct timer **at = &lists[cpu];

    /* To the device 0 means that no interrupt is wanted. */
    if (!due)
        due = 1;
    /* A timer that is set again is moved. */
    if (t->armed)
        unlink_timer(t);
    /* After timers of the same time: they run in the order in which they were
     * set. */
    while (*at && (*at)->due <= due)
        at = &(*at)->next;
    t->due = due;
    t->next = *at;
    *at = t;
    t->armed = true;
    /* The device knows the first due time only. */
    if (lists[cpu] == t)
        arm_first(cpu);
    spin_unlock(&lock, irql);
}

/* The device stays armed: an interrupt too many costs less than arming it
 * again. */
bool timer_cancel(struct timer *t)
{
    uint8_t irql = spin_lock(&lock);
    bool armed = t->armed;

    if (armed)
        unlink_timer(t);
    spin_unlock(&lock, irql);
    return armed;
}

/* Takes the first timer that is due by `now`, or NULL. */
static struct timer *take_due(uint32_t cpu, uint64_t now)
{
    uint8_t irql = spin_lock(&lock);
    struct timer *t = lists[cpu];

    if (t && t->due <= now) {
        lists[cpu] = t->next;
        t->armed = false;
    } else {
        t = NULL;
    }
    spin_unlock(&lock, irql);
    return t;
}

/* Arms the device for the next timer, under the lock, so that a timer set
 * meanwhile is not overlooked. True: the next one is due already. */
static bool arm_next(uint32_t cpu)
{
    uint8_t irql = spin_lock(&lock);
    bool due = lists[cpu] && lists[cpu]->due <= clock_now();

    if (!due)
        arm_first(cpu);
    spin_unlock(&lock, irql);
    return due;
}

/*
 * One turn: the timers that are due when it begins, at most TURN of them. When
 * others are due at its end, a periodic timer costs more than its period: the
 * next turn comes after PASSIVE's share, a turn for each that ran. Function and
 * argument are copied first: the timer's storage may be gone, or set anew, once
 * it runs.
 */
static void expire(void *arg)
{
    uint32_t cpu = this_cpu()->index;
    uint64_t now = clock_now();
    uint32_t ran = 0;
    struct timer *t;

    (void)arg;
    for (; ran < TURN && (t = take_due(cpu, now)) != NULL; ran++) {
        void (*run)(void *) = t->run;
        void *run_arg = t->arg;

        run(run_arg);
    }
    if (arm_next(cpu)) {
        deferred_queue(&expiry[cpu], cpu);
        deferred_yield(ran ? ran : 1);
    }
}

/* The handler only queues; the lists are looked at as deferred work. */
void timer_interrupt(void)
{
    uint32_t cpu = this_cpu()->index;

    deferred_share_tick();
    expiry[cpu].run = expire;
    expiry[cpu].level = IRQL_DISPATCH;
    deferred_queue(&expiry[cpu], cpu);
}
