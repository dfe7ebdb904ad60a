/* SPDX-License-Identifier: BSD-2-Clause */
/* Strands: see strand.h. */
#include "arch/time/strand.h"

#include <stddef.h>

#include "arch/cpu/cpu.h"
#include "arch/cpu/invariant.h"
#include "arch/memory/pages.h"

/* 32 KiB: a callback's own frames, printf and an interrupt's frame fit, and a
 * guard page lies below. */
#define STRAND_PAGES 8u

/* Stacks that are kept for reuse, as a callback that waits is often followed
 * by another. */
#define STRANDS_KEPT 8u

/* At the top of its stack; but for main's. */
struct strand {
    uint64_t stack; /* its stack pointer while another strand runs */
    void (*run)(void);
    struct strand *next; /* among those that are kept */
};

/* What strand_exchange takes off the stack, from the stack pointer up. */
struct left {
    uint32_t mxcsr;
    uint32_t fpu_control;
    uint64_t rbp, rbx, r12, r13, r14, r15;
    void (*go_on)(void);
    uint64_t end; /* the return address of a function that has none */
};
_Static_assert(sizeof(struct left) == 72, "as strand_exchange leaves it");

void strand_exchange(uint64_t *save, uint64_t load);

static struct strand main_strand;
static struct strand *current = &main_strand;
static struct strand *kept;
static uint32_t kept_count;
static struct strand *ended; /* its stack is given back by whoever goes on */

struct strand *strand_current(void)
{
    return current;
}

static uint8_t *top_of(struct strand *s)
{
    return (uint8_t *)(s + 1);
}

/* The stack of a strand that has ended can be used again once another one
 * runs. */
static void settle_ended(void)
{
    struct strand *s = ended;

    ended = NULL;
    if (!s)
        return;
    if (kept_count < STRANDS_KEPT) {
        s->next = kept;
        kept = s;
        kept_count++;
        return;
    }
    pages_free(top_of(s) - (size_t)STRAND_PAGES * PAGE_SIZE, STRAND_PAGES);
}

/* The first function on a new strand. */
static void begin(void)
{
    ASSERT_STACK_ALIGNED();
    settle_ended();
    current->run();
    __builtin_unreachable();
}

/* The last one that ended comes first: its stack is in the cache. */
static struct strand *reuse(void)
{
    struct strand *s = kept;

    if (s) {
        kept = s->next;
        kept_count--;
    }
    return s;
}

struct strand *strand_take(void (*run)(void))
{
    struct strand *s = reuse();
    struct left *left;

    if (!s) {
        uint64_t top = pages_stack(STRAND_PAGES);

        if (!top)
            return NULL;
        s = (struct strand *)(uintptr_t)top - 1;
    }
    /* The stack pointer is 8 beyond a multiple of 16 where a function begins,
     * as after a call: that is where `end` is its return address. */
    left = (struct left *)(((uintptr_t)s & ~(uintptr_t)15) - sizeof(*left));
    *left = (struct left){
        .mxcsr = 0x1f80,       /* all exceptions masked */
        .fpu_control = 0x037f, /* likewise */
        .go_on = begin,
    };
    s->stack = (uint64_t)(uintptr_t)left;
    s->run = run;
    return s;
}

/* Level and interrupts are the same on both sides: PASSIVE and on. Deferred
 * work may interrupt in the middle; it has a stack of its own and switches
 * none. */
void strand_switch(struct strand *next)
{
    struct strand *self = current;

    current = next;
    strand_exchange(&self->stack, next->stack);
    settle_ended();
}

void strand_adopt(struct strand *strand)
{
    current = strand;
}

void strand_leave(struct strand *next)
{
    ended = current;
    strand_switch(next);
    __builtin_unreachable();
}
