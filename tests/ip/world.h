/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The world that stacks are tested in: a clock that moves only from one thing
 * that happens to the next, wires that lose, double and delay frames as a seed
 * says, and the functions of vmbare.h and vmbare_events.h on top of them. There
 * is one thread; who waits lets the world go on.
 */
#ifndef TESTS_IP_WORLD_H
#define TESTS_IP_WORLD_H

#include "side.h"

#define SECOND UINT64_C(10000000) /* of vmbare_now */

/* What happens to frames, in percent; and the longest delay. */
struct fate {
    unsigned lost, doubled, late;
    uint64_t latest; /* units of 100 ns */
};

/* One end of a wire. What a stack sends goes to the other end's `take`. */
struct end {
    const struct side *side; /* NULL: the test's own end */
    /* A frame that arrives at the test's own end. */
    void (*take)(struct end *end, const uint8_t *frame, uint32_t size);
    struct end *other;
    bool full;        /* send() says that there is no room */
    uint32_t arrived; /* frames */
    void *context;    /* the test's */
};

/** Begin again: time 0, nothing under way. */
void world_begin(uint32_t seed, const struct fate *fate);

/** Connect two ends. */
void world_wire(struct end *one, struct end *two);

/** An adapter for a stack at this end; its address ends in `number`. */
struct ip_link world_link(struct end *end, uint8_t number);

/** Send a frame from the test's own end. */
void world_send(struct end *end, const void *frame, uint32_t size);

/**
 * Let things happen until `done` says so, at most so many seconds of the
 * world's own time.
 *
 * @return  did `done` say so?
 */
bool world_run(bool (*done)(void *context), void *context, double seconds);

/** Let so many seconds pass. */
void world_pass(double seconds);

/** Let a function be called after each thing that happens; NULL: none. */
void world_each(void (*function)(void));

/** Set an option for ip_settings_read(); NULL: as declared. */
void world_option(const char *name, const char *text, uint64_t number);

/** Take back every world_option(). */
void world_no_options(void);

/** Lines of the log, and locks that are held: 0 between tests. */
unsigned world_locks(void);

#endif
