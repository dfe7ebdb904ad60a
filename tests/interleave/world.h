/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The state that the exploration walks over. Everything in struct world is
 * put aside and brought back as a whole, the two stacks too.
 */
#ifndef TESTS_INTERLEAVE_WORLD_H
#define TESTS_INTERLEAVE_WORLD_H

#include <ucontext.h>

#include "model.h"

#define CELL_FEATURES 4u
#define CELL_DATA     5u
#define CELLS         (CELL_DATA + MODEL_DATA_SIZE / 8)

#define STORES      8u
#define CHUNK       48u
#define NOTES       8u
#define STACK_BYTES 65536u

enum operation {
    LOAD,
    LOAD_ACQUIRE,
    FENCE,
    COPY,
    SETTLE,
    SIGNAL,
    WAIT,
    FINISHED,
};

/* A store that waits in the buffer. Stores to the data area that follow each
 * other leave together: nobody looks at half a packet, only at one that is
 * announced and not there. */
struct store {
    bool release;
    uint32_t count;
    uint32_t cells[CHUNK];
    uint64_t values[CHUNK];
};

/* A copy out of the ring that is still to be made; count 0: none. */
struct copy {
    void *to;
    uint32_t cell;
    uint32_t count;
};

/* Cells of which all values since the last fence are noted; cell numbers. */
enum noted { NOTED_WRITE, NOTED_READ, NOTED_MASK, NOTED_PENDING, NOTED };

struct notes {
    uint32_t values[NOTES];
    uint32_t count;
};

struct processor {
    ucontext_t context;
    enum operation operation; /* the step it stands before */
    uint32_t cell;            /* of that step */
    uint64_t value;           /* that the last step gave */
    uint64_t history;         /* hash of all it has read: its own state */
    bool woken;
    uint32_t store_count;
    struct store stores[STORES];
    struct copy copy;
    bool noting; /* from a fence to model_noted() */
    struct notes notes[NOTED];
    uint64_t view[CELLS]; /* how early loads may have been made */
};

struct world {
    uint64_t memory[CELLS];
    struct processor processors[2];
    ucontext_t explorer;
    uint32_t running;
    bool exploring;
    const char *fault;
    uint8_t locals[MODEL_LOCALS_SIZE] __attribute__((aligned(16)));
};

extern struct world world;

/* Whether processor `i` ever loads the cell: an old view of others is no
 * difference. */
static inline bool looks_at(uint32_t i, uint32_t cell)
{
    if (i == 0)
        return cell == NOTED_READ || cell == NOTED_MASK;
    return cell != NOTED_READ && cell != NOTED_MASK;
}

void mix(uint64_t *hash, uint64_t value);

/* Whether a store may leave the buffer now; and out it goes. */
bool may_drain(const struct processor *p, uint32_t index);
void drain_store(struct processor *p, uint32_t index);

/* Makes the copy that is still to be made. */
void make_copy(struct processor *p, const uint64_t *from);

/* Whether the step can be taken; whether its load can have been early, with
 * another value; takes it, before the processor runs on. */
bool may_step(const struct processor *p);
bool may_be_early(const struct processor *p);
void take_step(struct processor *p, bool early);

#endif
