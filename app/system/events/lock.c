/* SPDX-License-Identifier: BSD-2-Clause */
/* Locks of applications, on those of the platform. */
#include "app/system/events/events.h"

_Static_assert(offsetof(struct vmbare_lock, taken) ==
                       offsetof(struct seam_lock, taken) &&
                   offsetof(struct vmbare_lock, owner) ==
                       offsetof(struct seam_lock, owner) &&
                   offsetof(struct vmbare_lock, holder) ==
                       sizeof(struct seam_lock),
               "a lock begins with the platform's");

/* The assertion above holds that the fields are the same. */
static struct seam_lock *inner(struct vmbare_lock *lock)
{
    return (struct seam_lock *)(void *)lock;
}

/* Only the holder stores its own number, so nobody finds it by mistake. A
 * callback at DISPATCH cannot come between, for the holder is at DISPATCH. */
static bool is_mine(const struct vmbare_lock *lock)
{
    return __atomic_load_n(&lock->holder, __ATOMIC_RELAXED) ==
           events_processor() + 1;
}

/* Spinning for a lock of one's own would never end. */
enum vmbare_status vmbare_lock_take(struct vmbare_lock *lock)
{
    uint8_t irql;

    if (is_mine(lock))
        return events_misuse(__func__,
                             "a lock that this processor does not hold",
                             events_processor());
    irql = seam_lock(events_seam(), inner(lock));
    lock->level = irql;
    __atomic_store_n(&lock->holder, events_processor() + 1, __ATOMIC_RELAXED);
    return VMBARE_OK;
}

/* The level is read before the next holder writes its own there. */
enum vmbare_status vmbare_lock_give(struct vmbare_lock *lock)
{
    uint8_t irql;

    if (!is_mine(lock))
        return events_misuse(__func__, "a lock that this processor holds",
                             events_processor());
    irql = lock->level;
    __atomic_store_n(&lock->holder, 0, __ATOMIC_RELAXED);
    seam_unlock(events_seam(), inner(lock), irql);
    return VMBARE_OK;
}
