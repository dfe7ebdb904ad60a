/* SPDX-License-Identifier: BSD-2-Clause */
/* Wraps the seam's memory functions: see allocations.h. */
#include "allocations.h"

#include <stdbool.h>
#include <stddef.h>

#include "vmbus/seam.h"

void *__real_seam_alloc(struct seam *s, size_t size);
void *__wrap_seam_alloc(struct seam *s, size_t size);
void __real_seam_free(struct seam *s, void *p, size_t size);
void __wrap_seam_free(struct seam *s, void *p, size_t size);
void *__real_seam_pages_alloc(struct seam *s, uint32_t count, uint64_t *pfns);
void *__wrap_seam_pages_alloc(struct seam *s, uint32_t count, uint64_t *pfns);

/* Any processor may allocate, at DISPATCH too, so accesses are atomic. */
static const struct seam *watched;
static uint64_t blocks;
static int64_t until_failure;

void allocations_watch(const struct seam *s)
{
    __atomic_store_n(&watched, s, __ATOMIC_RELAXED);
    __atomic_store_n(&blocks, 0, __ATOMIC_RELAXED);
    allocations_fail(0);
}

void allocations_fail(uint32_t nth)
{
    __atomic_store_n(&until_failure, nth, __ATOMIC_RELAXED);
}

uint64_t allocations_blocks(void)
{
    return __atomic_load_n(&blocks, __ATOMIC_RELAXED);
}

static bool is_watched(const struct seam *s)
{
    return s == __atomic_load_n(&watched, __ATOMIC_RELAXED);
}

/* The counter passes one only once and stays below it, so one call fails. */
static bool fails(const struct seam *s)
{
    return is_watched(s) &&
           __atomic_fetch_sub(&until_failure, 1, __ATOMIC_RELAXED) == 1;
}

void *__wrap_seam_alloc(struct seam *s, size_t size)
{
    void *p = fails(s) ? NULL : __real_seam_alloc(s, size);

    if (p && is_watched(s))
        __atomic_fetch_add(&blocks, 1, __ATOMIC_RELAXED);
    return p;
}

void __wrap_seam_free(struct seam *s, void *p, size_t size)
{
    if (is_watched(s))
        __atomic_fetch_sub(&blocks, 1, __ATOMIC_RELAXED);
    __real_seam_free(s, p, size);
}

void *__wrap_seam_pages_alloc(struct seam *s, uint32_t count, uint64_t *pfns)
{
    return fails(s) ? NULL : __real_seam_pages_alloc(s, count, pfns);
}
