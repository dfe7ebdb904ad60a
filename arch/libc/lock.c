/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * malloc's lock. It is held at DISPATCH, so that deferred work, which may
 * allocate too, never comes in between. malloc takes the lock again inside
 * itself (realloc).
 */
#include "arch/cpu/irql.h"

struct _reent;
void __malloc_lock(struct _reent *state);
void __malloc_unlock(struct _reent *state);

static struct spinlock lock;
/* The level to give back; valid while the lock is held. */
static uint8_t irql;   /* to give back; valid while the lock is held */
static uint32_t depth; /* times taken beyond the first, by the holder */

void __malloc_lock(struct _reent *state)
{
    uint8_t before;

    (void)state;
    /* True only inside malloc: at DISPATCH nothing else runs on this processor.
     */
    if (spin_held(&lock)) {
        depth++;
        return;
    }
    /* Not stored before the lock is ours: the holder's level stands there. */
    before = spin_lock(&lock);
    irql = before;
}

/* The outermost call frees the lock. */
void __malloc_unlock(struct _reent *state)
{
    (void)state;
    if (depth > 0)
        depth--;
    else
        spin_unlock(&lock, irql);
}
