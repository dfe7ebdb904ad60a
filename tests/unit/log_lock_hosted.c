/* SPDX-License-Identifier: BSD-2-Clause */
/* The log's lock for hosted programs, which cannot turn interrupts off. */
#include <sched.h>

#include "arch/console/log_lock.h"

struct log_lock_state log_lock_take(struct log_lock *lock)
{
    struct log_lock_state state = {.taken = true};

    while (__atomic_exchange_n(&lock->taken, 1, __ATOMIC_ACQUIRE) != 0)
        sched_yield();
    return state;
}

void log_lock_give(struct log_lock *lock, struct log_lock_state state)
{
    (void)state;
    __atomic_store_n(&lock->taken, 0, __ATOMIC_RELEASE);
}
