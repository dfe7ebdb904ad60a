/* The lock of the log's ring: held for a copy of some hundred bytes. */
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

/* Interrupts are off between the two, as their handlers log too. Any IRQL. */
struct log_lock_state log_lock_take(struct log_lock *lock);
void log_lock_give(struct log_lock *lock, struct log_lock_state state);

#endif
