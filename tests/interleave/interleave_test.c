/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * No wake-up is lost, and no signal is sent without need: programs around the
 * ring's own source, explored over all interleavings (model.h).
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model.h"
#include "vmbus/ring.h"
#include "vmbus/seam.h"

_Noreturn void seam_assert_failed(struct seam *s, const char *function,
                                  const char *expression, const char *hint)
{
    (void)s;
    fprintf(stderr, "%s: %s: %s\n", function, expression, hint);
    abort();
}

/* What both programs know of themselves; part of the explored state only
 * through what they have read, which decides all of it. */
struct locals {
    struct ring_writer writer;
    struct ring_reader reader;
    uint32_t sent, received;
    bool finished;
};

_Static_assert(sizeof(struct locals) <= MODEL_LOCALS_SIZE, "locals");

static struct locals *locals(void)
{
    return model_locals();
}

/* What differs between the programs. A packet takes 24 bytes more than its
 * body; the ring has 4096. */
static const struct shape {
    const char *name;
    bool reader_sleeps;   /* waits for signals, else takes what is there */
    bool never_masks;     /* the reader */
    uint32_t batch;       /* packets it takes per commit; 0: all */
    uint32_t burst[4];    /* packets per commit of the writer */
    uint32_t body;        /* their bytes */
    uint32_t filled;      /* packets that are there at the start */
    uint32_t filled_body; /* their bytes */
    uint32_t start;       /* both indices before those */
    uint32_t gives_up;    /* bytes the writer first waits for, and does not */
} shapes[] = {
    {.name = "no wake-up is lost over three commits of one packet each",
     .reader_sleeps = true,
     .burst = {1, 1, 1},
     .body = 8},
    {.name = "no wake-up is lost over a batch and one more packet",
     .reader_sleeps = true,
     .burst = {2, 1},
     .body = 8},
    {.name = "no wake-up is lost when the reader gives packets back one by one",
     .reader_sleeps = true,
     .batch = 1,
     .burst = {2, 1},
     .body = 8},
    {.name = "no wake-up is lost by a reader that never masks",
     .reader_sleeps = true,
     .never_masks = true,
     .burst = {1, 1, 1},
     .body = 8},
    {.name = "no wake-up is lost when packets wrap around the end of the ring",
     .reader_sleeps = true,
     .burst = {1, 1},
     .body = 8,
     .start = 4096 - 24},
    {.name = "no wake-up is lost with packets of whole blocks",
     .reader_sleeps = true,
     .burst = {1, 1},
     .body = 64},
    {.name = "no signal for room is lost when one packet makes enough",
     .batch = 1,
     .burst = {1},
     .body = 64,
     .filled = 3,
     .filled_body = 1320},
    {.name = "no signal for room is lost when two packets make enough",
     .batch = 1,
     .burst = {1},
     .body = 1976,
     .filled = 3,
     .filled_body = 1320},
    {.name = "no signal for room is lost when one commit gives everything back",
     .burst = {1},
     .body = 1976,
     .filled = 3,
     .filled_body = 1320},
    {.name = "no signal for room is lost when room is needed twice",
     .batch = 1,
     .burst = {1, 1},
     .body = 1976,
     .filled = 3,
     .filled_body = 1320},
    {.name = "no signal for room is lost when the first packet gives just too "
             "little",
     .batch = 1,
     .burst = {1},
     .body = 1384,
     .filled = 3,
     .filled_body = 1320},
    {.name = "no signal for room is lost when a batch does not fit",
     .batch = 1,
     .burst = {3},
     .body = 1320,
     .filled = 2,
     .filled_body = 1976},
    {.name = "no signal for room is lost after a wait for more was given up",
     .batch = 1,
     .burst = {1},
     .body = 1976,
     .filled = 3,
     .filled_body = 1320,
     .gives_up = 3000},
    {.name = "no signal for room is lost after a wait for less was given up",
     .batch = 1,
     .burst = {1},
     .body = 1976,
     .filled = 3,
     .filled_body = 1320,
     .gives_up = 1000},
    {.name = "neither signal is lost when the writer is faster than its reader",
     .reader_sleeps = true,
     .burst = {1, 1, 1},
     .body = 1976},
    {.name = "neither signal is lost when packets are given back one by one",
     .reader_sleeps = true,
     .batch = 1,
     .burst = {2, 2},
     .body = 1976},
    {.name = "neither signal is lost with a reader that never masks",
     .reader_sleeps = true,
     .never_masks = true,
     .burst = {1, 1, 1},
     .body = 1976},
};

#define SHAPES (sizeof(shapes) / sizeof(shapes[0]))

static const struct shape *shape;

/* ---- writing ------------------------------------------------------------ */

static void commit_written(uint32_t at, uint32_t place)
{
    struct locals *l = locals();
    uint32_t before = ring_writer_start(&l->writer);
    bool signal = ring_writer_commit(&l->writer, at);
    uint32_t state[] = {at,      l->writer.reader, (uint32_t)l->writer.straight,
                        l->sent, signal,           place};

    if (signal) {
        model_expect(model_mask_was_clear(), "signalled though masked");
        model_expect(model_read_index_was(before),
                     "signalled though the ring was not empty");
    }
    model_noted(state, sizeof(state));
    if (signal)
        model_signal();
}

/* A packet whose body begins with its number. What is too long to be worth
 * a store per unit is left out. */
static int write_next(uint32_t *at, uint32_t size)
{
    struct locals *l = locals();
    struct ring_packet packet = {
        .type = 6, .size = size, .transaction = l->sent};
    uint64_t body[16] = {l->sent + 1};
    int status;

    if (size <= sizeof(body)) {
        status = ring_write(&l->writer, at, &packet, body);
    } else {
        status = ring_reserve(&l->writer, *at, size, NULL);
        if (status == 0) {
            ring_fill(&l->writer, *at, 0, body, 8);
            ring_seal(&l->writer, at, &packet);
        }
    }
    l->sent += status == 0;
    return status;
}

/* Waits for room as the bus does, without the time-out. */
static void wait_for_room(void)
{
    struct locals *l = locals();
    int status;

    if (shape->gives_up != 0) {
        ring_writer_block(&l->writer, shape->gives_up);
        ring_writer_unblock(&l->writer);
    }
    status = ring_writer_block(&l->writer, ring_footprint(shape->body));

    model_expect(status >= 0, "the ring broke");
    if (status == 1) {
        model_expect(model_load(&model_control()->pending_send_size, false) ==
                         0,
                     "room was found and is still asked for");
        return;
    }
    model_wait();
    ring_writer_unblock(&l->writer);
}

static void write_bursts(void)
{
    for (uint32_t i = 0; i < 4 && shape->burst[i] != 0; i++) {
        uint32_t at = ring_writer_start(&locals()->writer);

        for (uint32_t left = shape->burst[i]; left > 0;) {
            int status = write_next(&at, shape->body);

            model_expect(status == 0 || status == -EAGAIN, "the ring broke");
            left -= status == 0;
            if (status == -EAGAIN) {
                commit_written(at, left);
                wait_for_room();
                at = ring_writer_start(&locals()->writer);
            }
        }
        commit_written(at, 0);
    }
    locals()->finished = true;
}

/* ---- reading ------------------------------------------------------------ */

static bool commit_read(uint32_t at)
{
    struct locals *l = locals();
    uint32_t before = ring_reader_start(&l->reader);
    bool signal = ring_reader_commit(&l->reader, at);

    if (signal)
        model_expect(model_room_was_made(before, at),
                     "signalled though no room was made for who waits");
    return signal;
}

static void forget(uint32_t count, bool signal)
{
    struct locals *l = locals();
    uint32_t state[] = {l->reader.released,
                        l->reader.limit,
                        (uint32_t)l->reader.from,
                        (uint32_t)l->reader.straight,
                        l->received,
                        count,
                        signal};

    model_noted(state, sizeof(state));
}

/* Takes what is there, up to `most` packets, and commits; how many. */
static uint32_t read_batch(uint32_t most)
{
    struct locals *l = locals();
    uint32_t at = ring_reader_start(&l->reader), count = 0;
    uint64_t bodies[8][16];
    struct ring_packet packets[8];
    int status = 0;
    bool signal;

    while (count < 8 && (most == 0 || count < most)) {
        status = ring_read(&l->reader, &at, &packets[count], bodies[count],
                           sizeof(bodies[count]));
        if (status != 0 && status != -EMSGSIZE)
            break;
        count++;
    }
    model_expect(status != -EPROTO, "the ring broke");
    signal = commit_read(at);
    model_settle();
    for (uint32_t i = 0; i < count; i++) {
        uint32_t number = l->received++;

        model_expect(packets[i].transaction == number,
                     "a packet is not the next one");
        model_expect(bodies[i][0] == number + 1, "a body is not its own");
    }
    forget(count, signal);
    if (signal)
        model_signal();
    return count;
}

static void read_woken(void)
{
    for (;;) {
        model_wait();
        if (!shape->never_masks)
            ring_reader_mask(&locals()->reader);
        do
            while (read_batch(shape->batch) != 0)
                continue;
        while (ring_reader_unmask(&locals()->reader));
    }
}

static uint32_t total(void)
{
    uint32_t sum = shape->filled;

    for (uint32_t i = 0; i < 4; i++)
        sum += shape->burst[i];
    return sum;
}

/* A reader that is busy anyway: the first `filled` packets only. */
static void read_filled(void)
{
    while (locals()->received < shape->filled)
        read_batch(shape->batch);
}

static void read_program(void)
{
    if (shape->reader_sleeps)
        read_woken();
    else
        read_filled();
}

/* ---- the whole ---------------------------------------------------------- */

static void prepare(void)
{
    struct ring_area area = {model_control(), model_data(), MODEL_DATA_SIZE,
                             false};
    struct locals *l = locals();
    uint32_t at;

    model_store(&area.control->write_index, shape->start, false);
    model_store(&area.control->read_index, shape->start, false);
    if (ring_writer_attach(&l->writer, &area) != 0 ||
        ring_reader_attach(&l->reader, &area) != 0)
        abort();
    at = ring_writer_start(&l->writer);
    for (uint32_t i = 0; i < shape->filled; i++)
        if (write_next(&at, shape->filled_body) != 0)
            abort();
    ring_writer_commit(&l->writer, at);
}

static bool all_done(void)
{
    struct locals *l = locals();

    return l->finished &&
           l->received == (shape->reader_sleeps ? total() : shape->filled);
}

static bool explore(void)
{
    static const struct model_programs programs = {
        .prepare = prepare,
        .run = {write_bursts, read_program},
        .done = all_done,
    };
    static struct model_result result;

    model_explore(&programs, &result);
    printf("# %llu states\n", (unsigned long long)result.states);
    printf("%sok %d - %s\n", result.fault == NULL ? "" : "not ",
           (int)(shape - shapes) + 1, shape->name);
    if (result.fault != NULL)
        printf("# %s, by:%s\n", result.fault, result.way);
    fflush(stdout);
    return result.fault == NULL;
}

int main(void)
{
    int failed = 0;

    printf("1..%zu\n", SHAPES);
    for (shape = shapes; shape < shapes + SHAPES; shape++)
        failed += !explore();
    return failed;
}
