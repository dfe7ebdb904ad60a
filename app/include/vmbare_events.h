/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Events, timers, messages, work on all processors, and locks, for
 * applications. docs/events.md has an example of each thing.
 *
 * Levels: main(), work and callbacks at PASSIVE may wait, but only on processor
 * 0. A callback at DISPATCH (of packets, completions, timers) interrupts them
 * and must return soon; it runs on whichever processor it belongs to, at the
 * same time as code on the others. Each function says where it may be called.
 *
 * Misuse (the wrong level or processor, an object that was not initialized, an
 * argument out of range) changes nothing: the call returns VMBARE_MISUSE, and a
 * line of the log says what was expected. One that is repeated is logged again
 * after twice as many.
 *
 * Objects are memory of the application. Their fields are not to be used, but
 * through the functions here. An object may be freed once nothing of it is set,
 * queued or running and nobody waits for it. Times are those of vmbare_now(),
 * in units of 100 ns; names are kept, not copied.
 */
#ifndef APP_VMBARE_EVENTS_H
#define APP_VMBARE_EVENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What became of a call. */
enum vmbare_status {
    VMBARE_OK,
    VMBARE_LATE,   /* the deadline came first */
    VMBARE_BUSY,   /* no room for another message; queued already; stopping */
    VMBARE_EMPTY,  /* there is no message */
    VMBARE_MISUSE, /* refused: a line of the log says why */
};

/* Where a timer's function runs. */
enum vmbare_level {
    VMBARE_PASSIVE,  /* on processor 0 while it waits; the function may wait */
    VMBARE_DISPATCH, /* at once, on one of the processors; it may not wait */
};

/* What became of something that was cancelled. */
enum vmbare_cancelled {
    VMBARE_CANCELLED,     /* it was to run, and will not */
    VMBARE_NOT_SET,       /* it has run, or was never set: nothing to cancel */
    VMBARE_STILL_RUNNING, /* its function runs now, and was not waited for:
                             the object must not be freed yet */
    VMBARE_NOT_CANCELLED, /* misuse: nothing was done */
};

#define VMBARE_NOW UINT64_C(0) /* a deadline: look, and do not wait */
#define VMBARE_FOREVER                                       \
    UINT64_MAX /* no deadline: the log names every 10 s what \
                  is still missing */

/* What can be waited for; the first member of each object. */
struct vmbare_source {
    uint32_t kind; /* 0: not initialized */
    const char *name;
};

/* Work of its own, for the objects below. */
struct vmbare_job {
    struct vmbare_job *next;
    uint64_t (*function)(void *context);
    void *context;
    uint64_t result;    /* of the last run */
    uintptr_t strand;   /* on which it runs */
    uint32_t processor; /* that it was queued on last */
    uint32_t runs;      /* that have ended */
    bool queued, running;
};

/* ---- waiting ----------------------------------------------------------- */

/* The most things that one wait may be for. */
#define VMBARE_WAIT_MOST 32u

/**
 * Wait until one of several things has happened. Packets, timers and work go on
 * meanwhile; without any of them the processor sleeps.
 *
 * An event, an expiry of a timer: the wait that it ends takes it away, but for
 * an event of kind VMBARE_ALL_WAITS. A message stays until it is taken. Work
 * that has ended stays so until it is queued again.
 *
 * @what      what to wait for; of several that have happened the first counts
 * @count     1 to VMBARE_WAIT_MOST
 * @deadline  of vmbare_now(); VMBARE_NOW, VMBARE_FOREVER
 * @which     receives the index of what has happened; may be NULL
 * @return    VMBARE_OK; VMBARE_LATE; VMBARE_MISUSE
 *
 * IRQL: PASSIVE on processor 0; with VMBARE_NOW also up to DISPATCH and on any.
 */
enum vmbare_status vmbare_wait(struct vmbare_source *const what[],
                               unsigned count, uint64_t deadline,
                               unsigned *which);

/**
 * Wait for one thing.
 *
 * @what      what to wait for
 * @deadline  of vmbare_now(); VMBARE_NOW, VMBARE_FOREVER
 * @return    VMBARE_OK; VMBARE_LATE; VMBARE_MISUSE
 *
 * IRQL: as vmbare_wait().
 */
enum vmbare_status vmbare_wait_for(struct vmbare_source *what,
                                   uint64_t deadline);

/**
 * The deadline that is so far from now. IRQL: any.
 *
 * @seconds  0 or more
 * @return   a time of vmbare_now()
 */
uint64_t vmbare_after(double seconds);

/* A byte that vmbare_key() would return. COM1 gives no interrupt here, so a
 * wait for it looks every 20 ms. */
extern struct vmbare_source vmbare_key_source;

/* A line that a read of standard input would return; likewise. */
extern struct vmbare_source vmbare_line_source;

/* ---- events ------------------------------------------------------------ */

/* Whom an event lets go on. */
enum vmbare_event_kind {
    VMBARE_ONE_WAIT,  /* one wait, which clears it */
    VMBARE_ALL_WAITS, /* every wait, until it is cleared */
};

/* Something that has happened. An event that is set before anybody waits is not
 * lost; one that is set twice is set once. */
struct vmbare_event {
    struct vmbare_source source;
    bool set, all;
};

/**
 * Make an event, which is not set. IRQL: any.
 *
 * @name  for the log
 * @kind  whom it lets go on
 */
void vmbare_event_init(struct vmbare_event *event, const char *name,
                       enum vmbare_event_kind kind);

/**
 * Set an event. What was stored before is visible to whom it lets go on.
 *
 * @return  VMBARE_OK; VMBARE_MISUSE
 *
 * IRQL: <= DISPATCH, any processor.
 */
enum vmbare_status vmbare_event_set(struct vmbare_event *event);

/**
 * Clear an event.
 *
 * @return  VMBARE_OK; VMBARE_MISUSE
 *
 * IRQL: <= DISPATCH, any processor.
 */
enum vmbare_status vmbare_event_clear(struct vmbare_event *event);

/* ---- messages ---------------------------------------------------------- */

/* The largest message, in bytes: it is copied under a lock. */
#define VMBARE_MESSAGE_MOST 256u

/* A bounded queue, in the order of posting. */
struct vmbare_messages {
    struct vmbare_source source;
    void *room;
    uint32_t size, capacity; /* bytes of one; how many */
    uint32_t first, count;
    uint32_t refused; /* posts that found no room */
};

/**
 * Make a queue of messages.
 *
 * @name      for the log
 * @room      capacity * size bytes; used as long as the queue is
 * @size      of one message, 1 to VMBARE_MESSAGE_MOST
 * @capacity  how many fit, 1 or more
 * @return    VMBARE_OK; VMBARE_MISUSE
 *
 * IRQL: any.
 */
enum vmbare_status vmbare_messages_init(struct vmbare_messages *messages,
                                        const char *name, void *room,
                                        size_t size, uint32_t capacity);

/**
 * Put a message behind the others.
 *
 * @messages  a queue
 * @message   copied
 * @return    VMBARE_OK; VMBARE_BUSY: all room is taken, and nothing was put;
 *            VMBARE_MISUSE
 *
 * IRQL: <= DISPATCH, any processor.
 */
enum vmbare_status vmbare_messages_post(struct vmbare_messages *messages,
                                        const void *message);

/**
 * Take the oldest message. Where several wait for the same messages, another
 * may have taken it.
 *
 * @message  receives it, with VMBARE_OK only
 * @return   VMBARE_OK; VMBARE_EMPTY; VMBARE_MISUSE
 *
 * IRQL: <= DISPATCH, any processor.
 */
enum vmbare_status vmbare_messages_take(struct vmbare_messages *messages,
                                        void *message);

/* ---- timers ------------------------------------------------------------ */

/* A timer, with or without a function. */
struct vmbare_timer {
    struct vmbare_source source;
    struct vmbare_timer *next, *previous;
    struct vmbare_job job;
    void (*function)(void *context);
    void *context;
    uint64_t due, period;
    uint32_t missed;   /* expiries of a periodic timer that had no run */
    uint32_t stopping; /* cancels under way */
    uint8_t level;
    bool set, expired;
};

/**
 * Make a timer, which is not set.
 *
 * @name      for the log
 * @level     where the function runs
 * @function  called at each expiry, never twice at a time; NULL: the timer is
 *            only waited for
 * @context   passed to the function
 * @return    VMBARE_OK; VMBARE_MISUSE: the level is none
 *
 * IRQL: any.
 */
enum vmbare_status vmbare_timer_init(struct vmbare_timer *timer,
                                     const char *name, enum vmbare_level level,
                                     void (*function)(void *context),
                                     void *context);

/**
 * Set a timer. One that is set is moved; its function may set it again.
 *
 * @due     the first expiry, of vmbare_now(); what is over means now
 * @period  between expiries; 0: it expires once. Expiries that come while the
 *          function still runs, or late by more than a period, are missed and
 *          counted, not made up for.
 * @return  VMBARE_OK; VMBARE_BUSY: it is being cancelled; VMBARE_MISUSE
 *
 * IRQL: <= DISPATCH, any processor.
 */
enum vmbare_status vmbare_timer_set(struct vmbare_timer *timer, uint64_t due,
                                    uint64_t period);

/**
 * Cancel a timer: no run of its function begins any more. One that is under way
 * is waited for until the deadline, but not at DISPATCH, on another processor
 * than 0 and in the function itself.
 *
 * @deadline  of vmbare_now()
 * @return    see enum vmbare_cancelled
 *
 * IRQL: <= DISPATCH, any processor.
 */
enum vmbare_cancelled vmbare_timer_cancel(struct vmbare_timer *timer,
                                          uint64_t deadline);

/** How often the timer's function has run. IRQL: any. */
uint32_t vmbare_timer_runs(const struct vmbare_timer *timer);

/**
 * How many expiries were missed: see vmbare_timer_set(). IRQL: any.
 *
 * @timer   one that was made
 * @return  the count since then
 */
uint32_t vmbare_timer_missed(const struct vmbare_timer *timer);

/* ---- work -------------------------------------------------------------- */

/* A function that is to be called at PASSIVE, on a processor of choice. */
struct vmbare_work {
    struct vmbare_source source;
    struct vmbare_job job;
};

/**
 * Make a piece of work, which is not queued.
 *
 * @name      for the log
 * @function  its result is kept
 * @context   passed to the function
 * @return    VMBARE_OK; VMBARE_MISUSE: there is no function
 *
 * IRQL: any.
 */
enum vmbare_status vmbare_work_init(struct vmbare_work *work, const char *name,
                                    uint64_t (*function)(void *context),
                                    void *context);

/**
 * Queue work on a processor, and do not wait for it. Work that runs may be
 * queued: then it runs once more, after that.
 *
 * On processor 0 the function has a stack of its own: it may wait, and begins
 * when main() or other work waits. On another processor it begins behind the
 * work that was queued there before, on a stack of 16 KiB. It may not wait
 * there. Packets, timers and interrupts of that processor go on.
 *
 * @processor  0 to vmbare_processors() - 1
 * @return     VMBARE_OK; VMBARE_BUSY: it is queued and has not begun;
 *             VMBARE_MISUSE
 *
 * IRQL: <= DISPATCH, any processor.
 */
enum vmbare_status vmbare_work_queue(struct vmbare_work *work,
                                     unsigned processor);

/**
 * Wait until work is neither queued nor running.
 *
 * @deadline  of vmbare_now()
 * @result    receives what the function returned last, with VMBARE_OK only; may
 *            be NULL
 * @return    VMBARE_OK; VMBARE_LATE: it goes on; VMBARE_MISUSE
 *
 * IRQL: as vmbare_wait().
 */
enum vmbare_status vmbare_work_result(struct vmbare_work *work,
                                      uint64_t deadline, uint64_t *result);

/**
 * Queue work on a processor and wait for its result: vmbare_work_queue(), then
 * vmbare_work_result(). What is not allowed to wait queues nothing.
 *
 * @processor  0 to vmbare_processors() - 1
 * @deadline   of vmbare_now()
 * @result     receives what the function returned, with VMBARE_OK only; may be
 *             NULL
 * @return     as of the two
 *
 * IRQL: as vmbare_wait().
 */
enum vmbare_status vmbare_run_on(struct vmbare_work *work, unsigned processor,
                                 uint64_t deadline, uint64_t *result);

/**
 * Take work off its queue. A run that is under way is waited for as
 * vmbare_timer_cancel() does.
 *
 * @deadline  of vmbare_now()
 * @return    see enum vmbare_cancelled
 *
 * IRQL: <= DISPATCH, any processor.
 */
enum vmbare_cancelled vmbare_work_cancel(struct vmbare_work *work,
                                         uint64_t deadline);

/** How many processors there are. IRQL: any. */
unsigned vmbare_processors(void);

/** The number of the running processor. IRQL: any. */
unsigned vmbare_processor(void);

/* ---- locks ------------------------------------------------------------- */

/* Keeps other processors and callbacks at DISPATCH out. Zero is free. */
struct vmbare_lock {
    uint32_t taken, owner;
    uint32_t holder; /* number of the processor + 1 */
    uint8_t level;   /* before it was taken */
};

/**
 * Take a lock: the level rises to DISPATCH, and other processors that want the
 * lock spin until it is given back. So hold it for some instructions only, and
 * do not wait meanwhile.
 *
 * @return  VMBARE_OK; VMBARE_MISUSE: this processor holds it already. It is not
 *          taken a second time, so it must not be given back for that.
 *
 * IRQL: <= DISPATCH, any processor.
 */
enum vmbare_status vmbare_lock_take(struct vmbare_lock *lock);

/**
 * Give a lock back, in the reverse order of taking several.
 *
 * @return  VMBARE_OK; VMBARE_MISUSE: this processor does not hold it
 */
enum vmbare_status vmbare_lock_give(struct vmbare_lock *lock);

#ifdef __cplusplus
}
#endif

#endif
