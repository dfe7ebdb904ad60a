/*
 * malloc's lock. Held at DISPATCH, so that deferred work, which may allocate,
 * never comes in between; malloc takes it again inside itself (realloc).
 */
#include "arch/cpu/irql.h"

struct _reent;
void __malloc_lock(struct _reent *state);
void __malloc_unlock(struct _reent *state);

static struct spinlock lock;
static uint8_t irql;   /* to give back; valid while the lock is held */
static uint32_t depth; /* times taken beyond the first, by the holder */

void __malloc_lock(struct _reent *state)
{
    uint8_t before;

    (void)state;
    /* True only inside malloc: at DISPATCH nothing else runs here. */
    if (spin_held(&lock)) {
        depth++;
        return;
    }
    before = spin_lock(&lock);
    irql = before;
}

void __malloc_unlock(struct _reent *state)
{
    (void)state;
    if (depth > 0)
        depth--;
    else
        spin_unlock(&lock, irql);
}
