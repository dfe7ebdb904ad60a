/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Two processors and one ring's memory, explored over all interleavings.
 *
 * The memory is x86-TSO's: each processor has a store buffer that it reads
 * its own stores from and that empties whenever it likes; RING_FENCE waits
 * for it to be empty. On top comes what a compiler may do to accesses that
 * are not marked: a plain store may leave the buffer before older ones to
 * other places (a release store not before any older one); a plain load may
 * have been made early, as far back as the last acquire load or fence; a copy
 * out of the ring may be made late, up to the next release store or fence.
 *
 * Each reachable state is visited once. A processor's own state is known by
 * what it has read so far.
 */
#ifndef TESTS_INTERLEAVE_MODEL_H
#define TESTS_INTERLEAVE_MODEL_H

#include <stdbool.h>
#include <stdint.h>

#include "vmbus/ring_wire.h"

/* ---- for the ring and the programs that use it -------------------------- */

uint64_t model_load(const void *at, bool acquire);
void model_store(void *at, uint64_t value, bool release);
void model_fence(void);
void model_copy_to(void *data, const void *from, uint32_t size);
void model_copy_from(void *to, const void *data, uint32_t size);

/* Waits until all copies out of the ring are made. */
void model_settle(void);

/* Wakes the other processor; waits to be woken. Signals are not counted. */
void model_signal(void);
void model_wait(void);

/* A program's own finding: the exploration stops and shows the way here. */
void model_expect(bool holds, const char *what);

/* Whether, at some time since the running processor's last fence, the mask
 * was clear, the read index was `index`, and so on. */
bool model_mask_was_clear(void);
bool model_read_index_was(uint32_t index);
bool model_room_was_made(uint32_t before, uint32_t now);

/* Ends the noting after a commit. `state` is all that the processor's future
 * depends on beside where it stands: what it has read before is forgotten. */
void model_noted(const void *state, uint32_t size);

/* ---- for the test ------------------------------------------------------- */

#define MODEL_DATA_SIZE 4096u

struct model_programs {
    const char *name;
    void (*prepare)(void); /* on plain memory, before the two run */
    void (*run[2])(void);
    bool (*done)(void); /* must hold whenever both can go no further */
};

struct model_result {
    uint64_t states;
    const char *fault; /* NULL: all ways are good */
    char way[4096];    /* to the fault: the actions taken */
};

/* The ring's memory; programs attach to it. */
struct ring_control *model_control(void);
uint8_t *model_data(void);

/* Memory that belongs to the programs' state: writer, reader, counters. */
void *model_locals(void);
#define MODEL_LOCALS_SIZE 1024u

void model_explore(const struct model_programs *programs,
                   struct model_result *result);

#endif
