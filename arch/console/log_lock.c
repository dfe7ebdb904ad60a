/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The lock of the log's ring, as the machine needs it: see log_lock.h. It is
 * apart from log.c so that hosted tests can put one of their own in its place.
 */
#include "arch/console/log_lock.h"

/* How often a crash tries to get the lock: far longer than a copy takes, and
 * still short for somebody who waits for the report. */
#define CRASH_SPINS 1000000u

static uint64_t interrupts_off(void)
{
    uint64_t flags;

    /* "memory": nothing of what the lock protects moves before it. */
    __asm__ volatile("pushfq\n\tpopq %0\n\tcli" : "=r"(flags) : : "memory");
    return flags;
}

static void interrupts_restore(uint64_t flags)
{
    __asm__ volatile("pushq %0\n\tpopfq" : : "r"(flags) : "memory", "cc");
}

struct log_lock_state log_lock_take(struct log_lock *lock)
{
    struct log_lock_state state = {.flags = interrupts_off()};
    uint32_t spins = 0;

    for (;;) {
        /* Acquire: the reads of the ring come after the lock is ours. */
        if (__atomic_exchange_n(&lock->taken, 1, __ATOMIC_ACQUIRE) == 0) {
            state.taken = true;
            return state;
        }
        /* Who held it may be the code that crashed: it never gives back. */
        if (__atomic_load_n(&lock->crashed, __ATOMIC_RELAXED) &&
            ++spins > CRASH_SPINS)
            return state;
        __builtin_ia32_pause();
    }
}

void log_lock_give(struct log_lock *lock, struct log_lock_state state)
{
    /* Release: the ring's new bytes are there before the lock is free. */
    if (state.taken)
        __atomic_store_n(&lock->taken, 0, __ATOMIC_RELEASE);
    interrupts_restore(state.flags);
}
