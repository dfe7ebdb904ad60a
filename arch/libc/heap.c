/* SPDX-License-Identifier: BSD-2-Clause */
/* What newlib's malloc grows on: see heap.h. The heap is one range of addresses
 * that grows upwards in steps; what malloc gives back stays with the heap. */
#include "arch/libc/heap.h"

#include <errno.h>
#include <stdint.h>

/* As <unistd.h> declares it; only this one function of that header is meant. */
void *sbrk(ptrdiff_t bytes);

/* Memory is asked for in steps of this, to ask seldom and to waste little. */
#define STEP 8192u

static void *(*grow)(size_t bytes);
static uintptr_t start; /* 0: nothing was asked for yet */
static uintptr_t limit; /* the memory's end */
static uintptr_t top;   /* what malloc has taken */

void heap_set_grow(void *(*grow_by)(size_t bytes))
{
    grow = grow_by;
}

/* Moves the limit up by at least `bytes`. -ENOMEM: there is no more. */
static int extend(size_t bytes)
{
    uintptr_t memory;

    if (!grow || bytes > PTRDIFF_MAX - STEP)
        return -ENOMEM;
    bytes = (bytes + STEP - 1) / STEP * STEP;
    memory = (uintptr_t)grow(bytes);
    if (memory == 0)
        return -ENOMEM;
    /* The first piece sets where the heap begins. */
    if (start == 0)
        start = limit = top = memory;
    /* malloc takes what follows to be one piece with what it has. */
    if (memory != limit)
        return -ENOMEM;
    limit += bytes;
    return 0;
}

/* Called by malloc, which holds its lock. Returns the end before, or (void *)-1
 * with errno as POSIX's sbrk does. */
void *sbrk(ptrdiff_t bytes)
{
    uintptr_t old;

    if (bytes > 0 && (size_t)bytes > limit - top &&
        extend((size_t)bytes - (limit - top)) < 0) {
        errno = ENOMEM;
        return (void *)-1;
    }
    /* As unsigned, because the least ptrdiff_t has no positive counterpart. */
    if (bytes < 0 && 0 - (size_t)bytes > top - start) {
        errno = EINVAL;
        return (void *)-1;
    }
    old = top;
    top += (uintptr_t)bytes;
    return (void *)old;
}
