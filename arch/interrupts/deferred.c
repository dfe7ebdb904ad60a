/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Queues of deferred work: see deferred.h.
 *
 * Each queue is a pair of lists. Any processor pushes to `incoming`, without a
 * lock. The processor that runs the work moves all of `incoming` to its own
 * list (`first`, `last`), turned around, because what was pushed last stands
 * first.
 */
#include "arch/interrupts/deferred.h"

#include <stddef.h>

#include "arch/interrupts/apic.h"
#include "arch/cpu/invariant.h"
#include "arch/cpu/cpu.h"
#include "arch/interrupts/interrupts.h"
#include "arch/cpu/irql.h"
#include "arch/cpu/vectors.h"

/* PASSIVE work of all processors; processor 0 runs it. */
static struct deferred_item *passive_incoming;
static struct deferred_item *passive_first;
static struct deferred_item **passive_last = &passive_first;

/* Items that run in a row before PASSIVE gets its share. */
#define BUDGET 256u

/* PASSIVE's share where nothing is known of how long the work took, and the
 * longest; 100 ns. */
#define SHARE_LEAST 1000u
#define SHARE_MOST  100000u

/* The clock, and its device; NULL before the timer has one. */
static uint64_t (*clock)(void);
static void (*alarm)(uint64_t due);

static bool sleeping; /* processor 0 is about to sleep, or sleeps */

/*
 * Without a lock, because interrupt handlers of any processor push. The store
 * has release order, so the processor that takes the item sees everything
 * written before it was pushed. Returns true if the list was empty.
 */
static bool push(struct deferred_item **list, struct deferred_item *item)
{
    struct deferred_item *head = __atomic_load_n(list, __ATOMIC_RELAXED);

    do {
        item->next = head;
    } while (!__atomic_compare_exchange_n(list, &head, item, true,
                                          __ATOMIC_RELEASE, __ATOMIC_RELAXED));
    return !head;
}

/* Moves what was pushed (the newest first) behind what is queued already, in
 * the order of pushing. */
static void take(struct deferred_item **incoming, struct deferred_item ***last)
{
    struct deferred_item *item =
        __atomic_exchange_n(incoming, NULL, __ATOMIC_ACQUIRE);
    struct deferred_item *in_order = NULL;

    while (item) {
        struct deferred_item *next = item->next;

        item->next = in_order;
        in_order = item;
        item = next;
    }
    **last = in_order;
    while (**last)
        *last = &(**last)->next;
}

/* The oldest item, or NULL. New arrivals are looked at only when the own list
 * is empty, so that the order is kept. */
static struct deferred_item *pop(struct deferred_item **incoming,
                                 struct deferred_item **first,
                                 struct deferred_item ***last)
{
    struct deferred_item *item;

    if (!*first)
        take(incoming, last);
    item = *first;
    if (!item)
        return NULL;
    *first = item->next;
    if (!*first)
        *last = first;
    return item;
}

/*
 * The mark goes before the work runs: who queues the item from now on gets
 * another run. The item itself is not touched afterwards; its storage may be
 * gone.
 */
static void run(struct deferred_item *item)
{
    void (*function)(void *) = item->run;
    void *arg = item->arg;

    __atomic_store_n(&item->queued, false, __ATOMIC_RELEASE);
    function(arg);
}

/* Only the first push to an empty list sends an interrupt: the target takes
 * everything that has come by then. */
void deferred_queue(struct deferred_item *item, uint32_t cpu)
{
    bool passive = item->level < IRQL_DISPATCH;
    struct cpu *target = cpu_of(passive ? 0 : cpu);
    bool first;

    ASSERT(target, "no such processor");
    if (__atomic_exchange_n(&item->queued, true, __ATOMIC_ACQ_REL))
        return;
    first = push(passive ? &passive_incoming : &target->incoming, item);
    if (target != this_cpu()) {
        if (first)
            apic_send(target->apic_id, VECTOR_WAKE);
        return;
    }
    /* Queued from PASSIVE on this processor: no interrupt would come and run
     * it. */
    if (!passive && irql_current() < IRQL_DISPATCH)
        deferred_run();
}

/* ---- PASSIVE's share ----------------------------------------------------- */

void deferred_set_alarm(uint64_t (*now)(void), void (*arm)(uint64_t due))
{
    clock = now;
    alarm = arm;
}

void deferred_yield(void)
{
    this_cpu()->yielding = true;
}

void deferred_end_share(void)
{
    struct cpu *cpu = this_cpu();

    cpu->share_end = 0;
    cpu->share_was = 0; /* the work does not begin at a known time */
}

uint64_t deferred_share_end(void)
{
    return this_cpu()->share_end;
}

/* As long as the work took since the last share ended. The clock is read only
 * here, because that can cost an exit. */
static void give_share(struct cpu *cpu)
{
    uint64_t now = clock();
    uint64_t share = SHARE_LEAST;

    if (cpu->share_was && now - cpu->share_was > share)
        share = now - cpu->share_was;
    cpu->share_end = now + (share < SHARE_MOST ? share : SHARE_MOST);
    alarm(cpu->share_end);
}

void deferred_share_tick(void)
{
    struct cpu *cpu = this_cpu();

    if (!cpu->share_end)
        return;
    if (clock() < cpu->share_end) {
        alarm(cpu->share_end); /* a timer was set meanwhile */
        return;
    }
    cpu->share_was = cpu->share_end;
    cpu->share_end = 0;
}

/* ---- running ------------------------------------------------------------- */

/*
 * Runs on the deferred stack, at DISPATCH. It is left with interrupts off and
 * nothing queued, so that no work is overlooked between the last look and the
 * fall of the level; or with a share for PASSIVE, at whose end the rest runs.
 */
static void drain(void *arg)
{
    struct cpu *cpu = arg;
    uint32_t budget = BUDGET;
    struct deferred_item *item;

    ASSERT_STACK_ALIGNED();
    cpu->yielding = false;
    while ((!alarm || (budget && !cpu->yielding)) &&
           (item = pop(&cpu->incoming, &cpu->first, &cpu->last)) != NULL) {
        __asm__ volatile("sti" : : : "memory");
        run(item);
        ASSERT(cpu->irql == IRQL_DISPATCH,
               "deferred work must leave the level as it found it");
        __asm__ volatile("cli" : : : "memory");
        budget -= alarm != NULL;
    }
    if (irql_deferred_waiting())
        give_share(cpu);
    else
        cpu->share_was = 0;
}

/* The fence pairs with the store in deferred_sleep(). Either the last look of
 * processor 0 sees what was done here, or its flag is seen here. */
static void wake_sleeper(void)
{
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    if (__atomic_load_n(&sleeping, __ATOMIC_RELAXED) && this_cpu()->index != 0)
        apic_send(cpu_of(0)->apic_id, VECTOR_WAKE);
}

/* Sequentially consistent: see wake_sleeper(). */
void deferred_sleep(bool begins)
{
    __atomic_store_n(&sleeping, begins, __ATOMIC_SEQ_CST);
}

/* With interrupts off while level, newlib state and stack change together. */
void deferred_run(void)
{
    uint64_t flags = interrupts_off();
    struct cpu *cpu = this_cpu();
    uint8_t irql = cpu->irql;

    if (irql < IRQL_DISPATCH && !cpu->share_end && irql_deferred_waiting()) {
        struct _reent *reent = cpu->reent;

        cpu->irql = IRQL_DISPATCH;
        cpu->reent = cpu->reent_deferred;
        vectors_call_on_stack(drain, cpu, cpu->deferred_stack);
        cpu->reent = reent;
        cpu->irql = irql;
        wake_sleeper();
    }
    interrupts_restore(flags);
}

bool deferred_passive_waiting(void)
{
    return passive_first ||
           __atomic_load_n(&passive_incoming, __ATOMIC_RELAXED);
}

/* One item only: the caller looks at what it waits for in between. */
bool deferred_run_passive(void)
{
    struct deferred_item *item;

    ASSERT(irql_current() == IRQL_PASSIVE && this_cpu()->index == 0,
           "PASSIVE work runs on processor 0 at PASSIVE");
    item = pop(&passive_incoming, &passive_first, &passive_last);
    if (!item)
        return false;
    run(item);
    return true;
}
