/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The platform seam: everything that vmbus/ and kmcl/ need from below.
 *
 * vmbus/ and kmcl/ know nothing of the machine but this header, so they
 * compile unchanged for the guest (app/system/platform/seam.c), for minihv
 * (tests/minihv/) and for the build host (tests/peer/). Each function takes
 * a bus context, because a real bus and a loopback live in one image.
 *
 * What arrives from the other side is not here: the platform hands messages
 * and events to the functions vmbus_*_arrived() of vmbus.h.
 *
 * Statuses are 0 or a negative errno. Time is in units of 100 ns since an
 * arbitrary start and never goes back. "<= DISPATCH" means: legal at PASSIVE
 * and at DISPATCH.
 */
#ifndef VMBUS_SEAM_H
#define VMBUS_SEAM_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The bus context; each platform defines what is in it. */
struct seam;

#define SEAM_PASSIVE  0
#define SEAM_DISPATCH 2

#define SEAM_PAGE_SIZE 4096u

/* A deadline that never comes (only where KMCL documents no limit). */
#define SEAM_FOREVER UINT64_MAX

#define SEAM_MS UINT64_C(10000)
#define SEAM_S  UINT64_C(10000000)

/* ---- the other side --------------------------------------------------- */

/**
 * Posts one message of `size` bytes (0..240) to `connection`; does not block.
 * 0: accepted (not: processed). -EAGAIN: queue full or throttled, try again
 * later. -ENOENT: the other side knows no such connection id (may be
 * transient). -EACCES: denied. -EIO: anything else, logged. <= DISPATCH.
 *
 * @type     1 for VMBus
 * @payload  copied
 */
int seam_post_message(struct seam *s, uint32_t connection, uint32_t type,
                      const void *payload, uint32_t size);

/**
 * Signals event `flag` of `connection`. As above, -EAGAIN: cannot be taken
 * just now. <= DISPATCH.
 *
 * @return  as seam_post_message()
 */
int seam_signal_event(struct seam *s, uint32_t connection, uint16_t flag);

/* ---- memory ----------------------------------------------------------- */

/**
 * `size` zeroed bytes, aligned to 16, or NULL. <= DISPATCH.
 *
 * @return  the address, or NULL: no memory
 */
void *seam_alloc(struct seam *s, size_t size);

/**
 * Give memory back. <= DISPATCH.
 *
 * @s     the platform's context
 * @p     from seam_alloc(), or NULL
 * @size  as it was given there
 */
void seam_free(struct seam *s, void *p, size_t size);

/**
 * `count` zeroed pages that the other side may see, contiguous as addresses,
 * not as frames; pfns (may be NULL) receives `count` frame numbers. NULL when
 * there are none. PASSIVE.
 *
 * @return  their address, or NULL
 */
void *seam_pages_alloc(struct seam *s, uint32_t count, uint64_t *pfns);

/**
 * Give pages back, which the other side no longer uses. PASSIVE.
 *
 * @s      the platform's context
 * @pages  from seam_pages_alloc()
 * @count  as it was given there
 */
void seam_pages_free(struct seam *s, void *pages, uint32_t count);

/**
 * The frame number of the page that `address` lies in: any address that
 * this program may hand to the other side. <= DISPATCH.
 *
 * @return  physical address / 4096
 */
uint64_t seam_pfn(struct seam *s, const void *address);

/**
 * Maps `count` frames at contiguous addresses. With `twice_from` < count the
 * pages from that index on appear a second time directly behind the last, so
 * that what wraps around a ring is contiguous; with twice_from == count they
 * do not. NULL: frames are not the other side's to share, or no room. PASSIVE.
 *
 * @pfns  the frame numbers, copied
 */
void *seam_map(struct seam *s, const uint64_t *pfns, uint32_t count,
               uint32_t twice_from);

/**
 * Undo seam_map(). PASSIVE.
 *
 * @s           the platform's context
 * @mapping     from seam_map()
 * @count       as it was given there
 * @twice_from  as it was given there
 */
void seam_unmap(struct seam *s, void *mapping, uint32_t count,
                uint32_t twice_from);

/* ---- time ------------------------------------------------------------- */

/**
 * The time. Any level.
 *
 * @s       the platform's context
 * @return  units of 100 ns
 */
uint64_t seam_now(struct seam *s);

/* A one-shot timer; the storage is the caller's and must be zero before the
 * first use. `run` is called at DISPATCH on the processor that set it. */
struct seam_timer {
    struct seam_timer *next;
    uint64_t due;
    void (*run)(void *arg);
    void *arg;
    bool armed;
};

/**
 * Whether a timer is set and has not gone off. The platform writes `armed`
 * atomically. Any level.
 *
 * @t       the timer
 * @return  what was so at some moment of the call
 */
static inline bool seam_timer_is_armed(const struct seam_timer *t)
{
    return __atomic_load_n(&t->armed, __ATOMIC_ACQUIRE);
}

/**
 * Setting an armed timer moves it. <= DISPATCH.
 *
 * @t    the timer
 * @due  when it runs, a time of seam_now()
 */
void seam_timer_set(struct seam *s, struct seam_timer *t, uint64_t due);

/**
 * True: the timer was armed and will not run. False: it was not armed; on
 * another processor it may be running now. <= DISPATCH.
 *
 * @t  the timer
 */
bool seam_timer_cancel(struct seam *s, struct seam_timer *t);

/* ---- IRQL, deferred work, processors ---------------------------------- */

/**
 * The level of the running processor. Any level.
 *
 * @return  SEAM_PASSIVE, SEAM_DISPATCH or above
 */
uint8_t seam_irql(struct seam *s);

/**
 * Raise the level of the running processor. Any level.
 *
 * @level   not below the present one
 * @return  the level before, for seam_irql_lower()
 */
uint8_t seam_irql_raise(struct seam *s, uint8_t level);

/**
 * Lower the level to what it was. At the level that was raised to.
 *
 * @level  what seam_irql_raise() returned
 */
void seam_irql_lower(struct seam *s, uint8_t level);

/* An item of deferred work; the storage is the caller's and must be zero
 * before the first use. An item that is queued already stays queued once;
 * it may be queued again from its own `run`. */
struct seam_work {
    struct seam_work *next;
    void (*run)(void *arg);
    void *arg;
    uint8_t level; /* SEAM_PASSIVE or SEAM_DISPATCH: where run is called */
    bool queued;
};

/**
 * Whether an item is queued and has not begun to run. The platform writes
 * `queued` atomically. Any level.
 *
 * @w       the item
 * @return  what was so at some moment of the call
 */
static inline bool seam_work_is_queued(const struct seam_work *w)
{
    return __atomic_load_n(&w->queued, __ATOMIC_ACQUIRE);
}

/**
 * Queues on processor `cpu` (0..seam_cpu_count-1; PASSIVE work runs on
 * processor 0 whatever is asked). Callable at any level, also from an
 * interrupt handler.
 *
 * @w  the item
 */
void seam_work_queue(struct seam *s, struct seam_work *w, uint32_t cpu);

/**
 * How many processors take part. Any level.
 *
 * @return  1 or more
 */
uint32_t seam_cpu_count(struct seam *s);

/**
 * The hypervisor's index of processor `cpu`, for targets in messages.
 *
 * @return  the VP index
 */
uint32_t seam_vp_index(struct seam *s, uint32_t cpu);

/* ---- locks ------------------------------------------------------------ */

/* Zero is unlocked. Taking one raises to DISPATCH; not recursive. */
struct seam_lock {
    uint32_t taken;
    uint32_t owner;
};

/**
 * Returns the IRQL to give back to seam_unlock.
 *
 * @l       the lock, not held by this processor
 * @return  the IRQL before
 */
uint8_t seam_lock(struct seam *s, struct seam_lock *l);

/**
 * Release a lock and give the IRQL back. DISPATCH.
 *
 * @l     the lock, held by this processor
 * @irql  what seam_lock() returned
 */
void seam_unlock(struct seam *s, struct seam_lock *l, uint8_t irql);

/* ---- waiting ---------------------------------------------------------- */

/**
 * Processes whatever is due (messages, events, work, timers) until
 * done(arg) is true: 0, or until `deadline`: -ETIMEDOUT. `what` names what is
 * awaited; with SEAM_FOREVER it is logged every 10 s. PASSIVE only.
 *
 * @return  0: done(arg) is true; -ETIMEDOUT
 */
int seam_wait(struct seam *s, bool (*done)(void *arg), void *arg,
              uint64_t deadline, const char *what);

/**
 * Names the stack that runs at PASSIVE now. PASSIVE only.
 *
 * @return  a value that is never 0. Where PASSIVE work that waits has a stack
 *          of its own, what runs meanwhile gets another value; where it runs on
 *          top of what waits, it gets the same one, because it can never
 *          outlast it.
 */
uintptr_t seam_strand(struct seam *s);

/* ---- composition ------------------------------------------------------ */

/**
 * The one pointer that the platform keeps for the layer above vmbus/, which
 * has no writable data of its own to keep it in; NULL until the platform has
 * set it. KMCL finds by it the instance that serves callers without a bus.
 * Any level.
 *
 * @return  the pointer, or NULL
 */
void *seam_root(void);

/* ---- saying and failing ----------------------------------------------- */

/* How much a line of the log matters. */
enum seam_level {
    SEAM_LOG_ERROR,
    SEAM_LOG_WARNING,
    SEAM_LOG_INFO,
    SEAM_LOG_DEBUG,
};

/**
 * One line without newline: 'vmbus: connected, protocol 5.3'. <= DISPATCH.
 * Formats: %s %c %d %u %x %p with l, ll, z, width and zero padding.
 *
 * @level   how much it matters
 * @format  what to print, and its arguments
 */
void seam_log(struct seam *s, enum seam_level level, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/**
 * Our own invariant is broken. `s` may be NULL. Does not return in the
 * guest (crash report); a test's hook may leave by longjmp.
 *
 * @function    where the assertion stands
 * @expression  its text
 * @hint        what the caller should have done
 */
void seam_assert_failed(struct seam *s, const char *function,
                        const char *expression, const char *hint)
    __attribute__((noreturn));

#define SEAM_ASSERT(s, expression, hint)                            \
    do {                                                            \
        if (!(expression))                                          \
            seam_assert_failed((s), __func__, #expression, (hint)); \
    } while (0)

#ifdef __cplusplus
}
#endif

#endif
