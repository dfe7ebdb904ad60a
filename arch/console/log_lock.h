/* SPDX-License-Identifier: BSD-2-Clause */
/* The lock of the log's ring. It is held for a copy of some hundred bytes. */
#ifndef ARCH_LOG_LOCK_H
#define ARCH_LOG_LOCK_H

#include <stdbool.h>
#include <stdint.h>

/* Zero is free. */
struct log_lock {
    uint32_t taken;
    bool crashed; /* from now on, waiting is bounded */
};

/* What log_lock_give needs back. */
struct log_lock_state {
    uint64_t flags;
    bool taken; /* false: passed over, in a crash only */
};

/**
 * Take the lock, with interrupts off until log_lock_give(): their handlers log
 * too.
 *
 * @return  what log_lock_give() needs. In a crash (`crashed` set) the lock may
 *          be passed over after a bounded wait; then `taken` is false.
 *
 * IRQL: any.
 */
struct log_lock_state log_lock_take(struct log_lock *lock);

/** Free the lock if it was taken, and turn interrupts on again if they were on.
 */
void log_lock_give(struct log_lock *lock, struct log_lock_state state);

#endif
