/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * minihv's implementation of vmbus/include/vmbus/seam.h: memory, time, locks
 * and log lines. Work and timers are in seam_work.c. There is one bus, so the
 * pointer to the seam is never used; bus_seam() returns one for callers that
 * need it.
 */
#include <errno.h>

#include "bus.h"
#include "heap.h"
#include "minihv.h"
#include "window.h"

/* Only a guest half calls these two. The host half reaches the guest through
 * its operations in bus.c. */
int seam_post_message(struct seam *s, uint32_t connection, uint32_t type,
                      const void *payload, uint32_t size)
{
    (void)s, (void)connection, (void)type, (void)payload, (void)size;
    return -ENOENT;
}

int seam_signal_event(struct seam *s, uint32_t connection, uint16_t flag)
{
    (void)s, (void)connection, (void)flag;
    return -ENOENT;
}

void *seam_alloc(struct seam *s, size_t size)
{
    (void)s;
    return heap_alloc(size);
}

void seam_free(struct seam *s, void *p, size_t size)
{
    (void)s, (void)size;
    heap_free(p);
}

uint64_t seam_pfn(struct seam *s, const void *address)
{
    (void)s;
    return (uint64_t)address / PAGE_SIZE; /* it is never in the window */
}

void *seam_pages_alloc(struct seam *s, uint32_t count, uint64_t *pfns)
{
    uint8_t *p = heap_pages(count);

    for (uint32_t i = 0; p && pfns && i < count; i++)
        pfns[i] = seam_pfn(s, p + (size_t)i * PAGE_SIZE);
    return p;
}

void seam_pages_free(struct seam *s, void *pages, uint32_t count)
{
    (void)s;
    heap_pages_free(pages, count);
}

void *seam_map(struct seam *s, const uint64_t *pfns, uint32_t count,
               uint32_t twice_from)
{
    (void)s;
    for (uint32_t i = 0; i < count; i++)
        if (pfns[i] >> 40 || !guest_owns(pfns[i] * PAGE_SIZE, PAGE_SIZE) ||
            overlay_covers(pfns[i] * PAGE_SIZE))
            return NULL;
    return window_map(pfns, count, twice_from);
}

void seam_unmap(struct seam *s, void *mapping, uint32_t count,
                uint32_t twice_from)
{
    (void)s;
    window_unmap(mapping, count, twice_from);
}

uint64_t seam_now(struct seam *s)
{
    (void)s;
    return clock_now();
}

/* ---- levels and locks -------------------------------------------------- */

/* The levels by APIC id. Host mode gets no interrupts, so only assertions use
 * the level. */
static uint8_t levels[VP_MAX + 1];

static uint32_t this_processor(void)
{
    enum { APIC_ID = 0x20 };

    return apic_read(APIC_ID) >> 24;
}

uint8_t seam_irql(struct seam *s)
{
    (void)s;
    return levels[this_processor()];
}

uint8_t seam_irql_raise(struct seam *s, uint8_t level)
{
    uint8_t old = seam_irql(s);

    levels[this_processor()] = level;
    return old;
}

void seam_irql_lower(struct seam *s, uint8_t level)
{
    (void)s;
    levels[this_processor()] = level;
}

static bool held(const struct seam_lock *l)
{
    return __atomic_load_n(&l->taken, __ATOMIC_RELAXED) &&
           l->owner == this_processor();
}

uint8_t seam_lock(struct seam *s, struct seam_lock *l)
{
    uint8_t old = seam_irql_raise(s, SEAM_DISPATCH);

    SEAM_ASSERT(s, !held(l), "the lock is taken twice");
    while (__atomic_exchange_n(&l->taken, 1, __ATOMIC_ACQUIRE))
        cpu_relax();
    l->owner = this_processor();
    return old;
}

void seam_unlock(struct seam *s, struct seam_lock *l, uint8_t irql)
{
    SEAM_ASSERT(s, held(l), "the lock is somebody else's");
    l->owner = UINT32_MAX;
    __atomic_store_n(&l->taken, 0, __ATOMIC_RELEASE);
    seam_irql_lower(s, irql);
}

uint32_t seam_cpu_count(struct seam *s)
{
    (void)s;
    return 1;
}

uint32_t seam_vp_index(struct seam *s, uint32_t cpu)
{
    (void)s, (void)cpu;
    return 0;
}

/* ---- saying and failing ------------------------------------------------ */

void seam_log(struct seam *s, enum seam_level level, const char *format, ...)
{
    va_list arguments;

    (void)s;
    if (level == SEAM_LOG_DEBUG && !hv.config.trace)
        return;
    say("minihv: ");
    va_start(arguments, format);
    say_v(format, arguments);
    va_end(arguments);
    say("\n");
}

void seam_assert_failed(struct seam *s, const char *function,
                        const char *expression, const char *hint)
{
    (void)s;
    minihv_failed("%s: (%s) is not true: %s", function, expression, hint);
}
