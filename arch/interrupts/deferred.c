/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Queues of deferred work: see deferred.h.
 *
 * Each queue is a pair of lists. The processor that runs the work appends to
 * its own list (`first`, `last`), with interrupts off. Any other one pushes to
 * `incoming`, without a lock; the owner moves all of that behind its own list,
 * turned around, because what was pushed last stands first.
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

/* Turns of PASSIVE that its share has at least. */
#define SHARE_TURNS 16u

/* How long one turn may take before its share ends all the same, and how long
 * the shares are at least that it has after that; 100 ns. */
#define SHARE_MOST  100000u
#define SHARE_LEAST 1000u

/* The clock, and its device; NULL before the timer has one. */
static uint64_t (*clock)(void);
static void (*alarm)(uint64_t due);

static bool sleeping; /* processor 0 is about to sleep, or sleeps */

static uint64_t drains; /* how often deferred work ran, on any processor */

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

/* The oldest item, or NULL. New arrivals are taken each time: an own list that
 * never gets empty must not keep them out. */
static inline struct deferred_item *pop(struct deferred_item **incoming,
                                        struct deferred_item **first,
                                        struct deferred_item ***last)
{
    struct deferred_item *item;

    if (__atomic_load_n(incoming, __ATOMIC_RELAXED))
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

/* With interrupts off, on the processor itself. */
static inline void put_last(struct cpu *cpu, struct deferred_item *item)
{
    item->next = NULL;
    *cpu->last = item;
    cpu->last = &item->next;
}

/* It runs on the way out of the interrupt, or when the level falls. */
void deferred_queue_here(struct deferred_item *item)
{
    if (!__atomic_exchange_n(&item->queued, true, __ATOMIC_ACQ_REL))
        put_last(this_cpu(), item);
}

/*
 * On its own processor, where handlers of interrupts append too, so interrupts
 * are off meanwhile. That costs less than the locked instructions of push() and
 * take(), and nearly all work is queued where it runs.
 *
 * Queued from PASSIVE it runs here: no interrupt would come and run it.
 */
static void append(struct cpu *cpu, struct deferred_item *item)
{
    uint64_t flags = interrupts_off();

    put_last(cpu, item);
    interrupts_restore(flags);
    if (irql_current() < IRQL_DISPATCH)
        deferred_run();
}

/* Only the first push to an empty list sends an interrupt: the target takes
 * everything that has come by then. */
void deferred_queue(struct deferred_item *item, uint32_t cpu)
{
    struct cpu *here = this_cpu(), *target;
    bool passive = item->level < IRQL_DISPATCH;

    if (__atomic_exchange_n(&item->queued, true, __ATOMIC_ACQ_REL))
        return;
    if (!passive && cpu == here->index) {
        append(here, item);
        return;
    }
    target = cpu_of(passive ? 0 : cpu);
    ASSERT(target, "no such processor");
    if (push(passive ? &passive_incoming : &target->incoming, item) &&
        target != here)
        apic_send(target->apic_id, VECTOR_WAKE);
}

/* ---- PASSIVE's share ----------------------------------------------------- */

void deferred_set_alarm(uint64_t (*now)(void), void (*arm)(uint64_t due))
{
    clock = now;
    alarm = arm;
}

void deferred_yield(uint32_t turns)
{
    this_cpu()->yielded = turns;
}

void deferred_end_share(void)
{
    struct cpu *cpu = this_cpu();

    cpu->share_turns = 0;
    cpu->share_was = 0;
}

uint64_t deferred_share_end(void)
{
    const struct cpu *cpu = this_cpu();

    return cpu->share_turns ? cpu->share_end : 0;
}

/* A turn is over, so the next one is not the one that outlasted its share. */
void deferred_turn_ended(void)
{
    struct cpu *cpu = this_cpu();
    uint32_t left = __atomic_load_n(&cpu->share_turns, __ATOMIC_RELAXED);

    /* An interrupt in between may end the share, and not be undone by more than
     * these turns. */
    if (left)
        __atomic_store_n(&cpu->share_turns, left - 1, __ATOMIC_RELAXED);
    cpu->computes = false;
}

/* How long PASSIVE code may go on that makes no turn. That is long for a turn
 * which has just begun, whatever reading the clock costs. One that computes on
 * has the processor as long as the work had it since the last share. */
static uint64_t longest_turn(const struct cpu *cpu, uint64_t now)
{
    uint64_t took = cpu->share_was ? now - cpu->share_was : 0;

    if (!cpu->computes || took > SHARE_MOST)
        return SHARE_MOST;
    return took > SHARE_LEAST ? took : SHARE_LEAST;
}

static void set_alarm(struct cpu *cpu, uint64_t now)
{
    cpu->share_seen = cpu->share_turns;
    cpu->share_end = now + longest_turn(cpu, now);
    alarm(cpu->share_end);
}

/* As many turns as the work has had. */
static void give_share(struct cpu *cpu, uint32_t ran)
{
    if (ran < cpu->yielded)
        ran = cpu->yielded;
    cpu->share_turns = ran > SHARE_TURNS ? ran : SHARE_TURNS;
    set_alarm(cpu, clock());
}

void deferred_share_tick(void)
{
    struct cpu *cpu = this_cpu();
    uint64_t now;

    if (!cpu->share_turns)
        return;
    now = clock();
    if (now < cpu->share_end) {
        alarm(cpu->share_end); /* a timer was set meanwhile */
        return;
    }
    /* Short turns add up: only one that goes on and on ends the share. */
    if (cpu->share_turns != cpu->share_seen) {
        set_alarm(cpu, now);
        return;
    }
    cpu->computes = true;
    cpu->share_was = cpu->share_end;
    cpu->share_turns = 0;
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
    uint32_t ran = 0;
    struct deferred_item *item;

    ASSERT_STACK_ALIGNED();
    cpu->yielded = 0;
    while ((!alarm || (ran < BUDGET && !cpu->yielded)) &&
           (item = pop(&cpu->incoming, &cpu->first, &cpu->last)) != NULL) {
        interrupts_on();
        run(item);
        ASSERT(cpu->irql == IRQL_DISPATCH,
               "deferred work must leave the level as it found it");
        interrupts_disable();
        ran++;
    }
    __atomic_fetch_add(&drains, 1, __ATOMIC_RELEASE);
    if (irql_deferred_waiting())
        give_share(cpu, ran);
    else
        cpu->share_was = 0;
}

uint64_t deferred_drains(void)
{
    return __atomic_load_n(&drains, __ATOMIC_ACQUIRE);
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

    if (irql < IRQL_DISPATCH && !cpu->share_turns && irql_deferred_waiting()) {
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
