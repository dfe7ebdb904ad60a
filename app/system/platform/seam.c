/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The guest's side of vmbus/seam.h, over arch/ and hv/. The contract of each
 * function stands there. Most are one call: what differs between the real bus
 * and a loopback is only how messages and signals leave.
 */
#include "app/system/platform/platform.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "arch/time/clock.h"
#include "arch/interrupts/deferred.h"
#include "arch/cpu/invariant.h"
#include "arch/cpu/irql.h"
#include "arch/cpu/spin.h"
#include "arch/console/log.h"
#include "arch/memory/pages.h"
#include "arch/time/strand.h"
#include "arch/time/timer.h"
#include "arch/time/wait.h"

/*
 * Timers, work items and locks of the seam have the same fields at the same
 * offsets as those of arch/, so a pointer to one serves as a pointer to the
 * other, and neither side needs to know the other's header. The assertions hold
 * this.
 */
#define SAME(a, x, b, y) _Static_assert(offsetof(a, x) == offsetof(b, y), #x)
SAME(struct seam_timer, next, struct timer, next);
SAME(struct seam_timer, due, struct timer, due);
SAME(struct seam_timer, run, struct timer, run);
SAME(struct seam_timer, arg, struct timer, arg);
SAME(struct seam_timer, armed, struct timer, armed);
SAME(struct seam_work, next, struct deferred_item, next);
SAME(struct seam_work, run, struct deferred_item, run);
SAME(struct seam_work, arg, struct deferred_item, arg);
SAME(struct seam_work, level, struct deferred_item, level);
SAME(struct seam_work, queued, struct deferred_item, queued);
SAME(struct seam_lock, taken, struct spinlock, taken);
_Static_assert(sizeof(struct seam_timer) == sizeof(struct timer), "timer");
_Static_assert(sizeof(struct seam_work) == sizeof(struct deferred_item),
               "work");
_Static_assert(sizeof(struct seam_lock) >= sizeof(struct spinlock), "lock");
_Static_assert(SEAM_PASSIVE == IRQL_PASSIVE && SEAM_DISPATCH == IRQL_DISPATCH,
               "levels");
_Static_assert(SEAM_FOREVER == WAIT_FOREVER, "no deadline");
_Static_assert(SEAM_LOG_ERROR == (int)LOG_ERROR &&
                   SEAM_LOG_DEBUG == (int)LOG_DEBUG,
               "log levels");

/*
 * A message to the real host is shown to claims.c before it is posted, because
 * its answer can arrive on another processor before the hypercall returns here.
 */
int seam_post_message(struct seam *s, uint32_t connection, uint32_t type,
                      const void *payload, uint32_t size)
{
    int status;

    if (s->loopback)
        return s->by_loopback->post(s->loopback, connection, type, payload,
                                    size);
    claims_sending(payload, size);
    status = hv_post_message(connection, type, payload, size);
    if (!status)
        claims_sent(payload, size);
    return status;
}

/* A signal is the hypercall itself; nobody claims signals. */
int seam_signal_event(struct seam *s, uint32_t connection, uint16_t flag)
{
    if (s->loopback)
        return s->by_loopback->signal(s->loopback, connection, flag);
    return hv_signal_event(connection, flag);
}

/* newlib's malloc raises to DISPATCH, so it is legal there. */
void *seam_alloc(struct seam *s, size_t size)
{
    (void)s;
    return calloc(1, size);
}

void seam_free(struct seam *s, void *p, size_t size)
{
    (void)s;
    (void)size;
    free(p);
}

void *seam_pages_alloc(struct seam *s, uint32_t count, uint64_t *pfns)
{
    (void)s;
    return pages_alloc(count, pfns);
}

void seam_pages_free(struct seam *s, void *pages, uint32_t count)
{
    (void)s;
    pages_free(pages, count);
}

/*
 * Every address that this image can hand out is mapped, so a failure here is a
 * mistake of ours and not bad input.
 */
uint64_t seam_pfn(struct seam *s, const void *address)
{
    uint64_t frame = pages_frame(address);

    SEAM_ASSERT(s, frame != UINT64_MAX, "this address is not mapped");
    return frame;
}

void *seam_map(struct seam *s, const uint64_t *pfns, uint32_t count,
               uint32_t twice_from)
{
    (void)s;
    return pages_map(pfns, count, twice_from);
}

void seam_unmap(struct seam *s, void *mapping, uint32_t count,
                uint32_t twice_from)
{
    (void)s;
    pages_unmap(mapping, count, twice_from);
}

uint64_t seam_now(struct seam *s)
{
    (void)s;
    return clock_now();
}

/* See SAME above for the cast. */
void seam_timer_set(struct seam *s, struct seam_timer *t, uint64_t due)
{
    (void)s;
    timer_set((struct timer *)(void *)t, due);
}

bool seam_timer_cancel(struct seam *s, struct seam_timer *t)
{
    (void)s;
    return timer_cancel((struct timer *)(void *)t);
}

uint8_t seam_irql(struct seam *s)
{
    (void)s;
    return irql_current();
}

uint8_t seam_irql_raise(struct seam *s, uint8_t level)
{
    (void)s;
    return irql_raise(level);
}

void seam_irql_lower(struct seam *s, uint8_t level)
{
    (void)s;
    irql_lower(level);
}

void seam_work_queue(struct seam *s, struct seam_work *w, uint32_t cpu)
{
    (void)s;
    deferred_queue((struct deferred_item *)(void *)w, cpu);
}

uint32_t seam_cpu_count(struct seam *s)
{
    (void)s;
    return cpu_count();
}

/* A loopback's host half numbers the processors as this image does. */
uint32_t seam_vp_index(struct seam *s, uint32_t cpu)
{
    SEAM_ASSERT(s, cpu < cpu_count(), "there is no such processor");
    /* A loopback's host half numbers processors as we do. */
    return s->loopback ? cpu : cpu_of(cpu)->vp_index;
}

uint8_t seam_lock(struct seam *s, struct seam_lock *l)
{
    (void)s;
    return spin_lock_inline((struct spinlock *)(void *)l);
}

void seam_unlock(struct seam *s, struct seam_lock *l, uint8_t irql)
{
    (void)s;
    spin_unlock_inline((struct spinlock *)(void *)l, irql);
}

int seam_wait(struct seam *s, bool (*done)(void *arg), void *arg,
              uint64_t deadline, const char *what)
{
    (void)s;
    return wait_until(done, arg, deadline, what);
}

uintptr_t seam_strand(struct seam *s)
{
    (void)s;
    return (uintptr_t)strand_current();
}

void seam_log(struct seam *s, enum seam_level level, const char *format, ...)
{
    va_list arguments;

    (void)s;
    va_start(arguments, format);
    log_vprintf((enum log_level)level, format, arguments);
    va_end(arguments);
}

/* Set by tests only. */
void (*platform_assertion_hook)(const char *hint);

/* A broken invariant of ours ends in the crash report, with its hint. */
_Noreturn void seam_assert_failed(struct seam *s, const char *function,
                                  const char *expression, const char *hint)
{
    (void)s;
    if (platform_assertion_hook)
        platform_assertion_hook(hint);
    invariant_failed(function, expression, hint);
}
