/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Measures what a packet costs in instructions. Each function count_NAME is one
 * scenario. count.py adds up the instructions that callgrind counted in its
 * calls.
 *
 * The ring code is the -O2 objects of suite 'ring', not inlined, and calls
 * nothing of libc. The ring has 64 KiB of data, mapped once. The reader
 * promises to signal room, so its commit includes a fence.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vmbus/ring.h"
#include "vmbus/seam.h"

#define DATA_SIZE  65536u
#define ROUNDS     256u
#define BURST      32u
#define NOT_INLINE __attribute__((noinline))

static struct ring_control control;
static uint8_t data[DATA_SIZE] __attribute__((aligned(4096)));
static uint8_t payload[16384];
static uint8_t body[16384];

struct bench {
    struct ring_writer writer;
    struct ring_reader reader;
};

static inline void put(struct ring_writer *w, uint32_t *at, uint32_t size)
{
    struct ring_packet packet = {
        .type = RING_PACKET_IN_BAND,
        .flags = RING_FLAG_COMPLETION_REQUESTED,
        .size = size,
        .transaction = (uintptr_t)w,
    };

    if (ring_write(w, at, &packet, payload) != 0)
        abort();
}

static inline bool send_one(struct ring_writer *w, uint32_t size)
{
    uint32_t at = ring_writer_start(w);

    put(w, &at, size);
    return ring_writer_commit(w, at);
}

static inline bool receive_one(struct ring_reader *r)
{
    struct ring_packet packet;
    uint32_t at = ring_reader_start(r);

    if (ring_read(r, &at, &packet, body, sizeof(body)) != 0)
        abort();
    return ring_reader_commit(r, at);
}

/*
 * send: writes one packet into an empty ring. alone: reads that single packet.
 * recv: reads packets that wait already, and commits each alone. (fill writes
 * them and is not counted.)
 */
#define SCENARIO(size, burst)                                 \
    NOT_INLINE bool count_send_##size(struct ring_writer *w)  \
    {                                                         \
        return send_one(w, size);                             \
    }                                                         \
    NOT_INLINE bool count_alone_##size(struct ring_reader *r) \
    {                                                         \
        return receive_one(r);                                \
    }                                                         \
    NOT_INLINE bool count_recv_##size(struct ring_reader *r)  \
    {                                                         \
        return receive_one(r);                                \
    }                                                         \
    static void run_##size(struct bench *b)                   \
    {                                                         \
        for (uint32_t i = 0; i < ROUNDS; i++) {               \
            count_send_##size(&b->writer);                    \
            count_alone_##size(&b->reader);                   \
            fill(&b->writer, burst, size);                    \
            receive_one(&b->reader);                          \
            for (uint32_t j = 1; j < (burst); j++)            \
                count_recv_##size(&b->reader);                \
        }                                                     \
    }

static void fill(struct ring_writer *w, uint32_t count, uint32_t size)
{
    uint32_t at = ring_writer_start(w);

    while (count-- > 0)
        put(w, &at, size);
    ring_writer_commit(w, at);
}

SCENARIO(60, 32)
SCENARIO(64, 32)
SCENARIO(100, 32)
SCENARIO(500, 32)
SCENARIO(1472, 32)
SCENARIO(1500, 32)
SCENARIO(9000, 6)
SCENARIO(16384, 3)

NOT_INLINE bool count_send_batch32(struct ring_writer *w)
{
    uint32_t at = ring_writer_start(w);

    for (uint32_t i = 0; i < BURST; i++)
        put(w, &at, 64);
    return ring_writer_commit(w, at);
}

NOT_INLINE bool count_recv_batch32(struct ring_reader *r)
{
    struct ring_packet packet;
    uint32_t at = ring_reader_start(r);

    while (ring_read(r, &at, &packet, body, sizeof(body)) == 0)
        continue;
    return ring_reader_commit(r, at);
}

static void run_batch32(struct bench *b)
{
    for (uint32_t i = 0; i < ROUNDS; i++) {
        count_send_batch32(&b->writer);
        count_recv_batch32(&b->reader);
    }
}

_Noreturn void seam_assert_failed(struct seam *s, const char *function,
                                  const char *expression, const char *hint)
{
    (void)s;
    fprintf(stderr, "%s: %s: %s\n", function, expression, hint);
    abort();
}

int main(void)
{
    struct ring_area area = {&control, data, DATA_SIZE, false};
    struct bench bench;

    memset(payload, 0x5a, sizeof(payload));
    if (ring_writer_attach(&bench.writer, &area) != 0 ||
        ring_reader_attach(&bench.reader, &area) != 0)
        abort();
    run_60(&bench);
    run_64(&bench);
    run_100(&bench);
    run_500(&bench);
    run_1472(&bench);
    run_1500(&bench);
    run_9000(&bench);
    run_16384(&bench);
    run_batch32(&bench);
    return 0;
}
