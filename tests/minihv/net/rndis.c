/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The guest's RNDIS control messages.
 *
 *   all      | type | length | request id | ...
 *   QUERY, SET    ... | OID | bytes | their offset from the request id | 0 |
 *
 * Each is answered by a message of its own, with the same request id.
 */
#include "rndis.h"

#include <stddef.h>

#include "bytes.h"
#include "vmbus/wire/memory.h"

void rndis_reset(struct rndis *r)
{
    struct rndis fresh = {.link = r->link, .frame_max = 1514, .queues = 1};

    memcpy(fresh.mac, r->mac, sizeof fresh.mac);
    *r = fresh;
}

/* Begins an answer: its type, length and request id, then the status. */
static uint8_t *begin(struct rndis_answer *a, const uint8_t *m, uint32_t size)
{
    a->size = size;
    memset(a->bytes, 0, size);
    put32(a->bytes, get32(m) | RNDIS_COMPLETE);
    put32(a->bytes + 4, size);
    put32(a->bytes + 8, get32(m + 8));
    return a->bytes;
}

static const char *take_init(struct rndis *r, const uint8_t *m, uint32_t size,
                             struct rndis_answer *answer)
{
    enum { CONNECTION_LESS = 1, TRANSFER = 0xEFFFFFF };
    uint8_t *a;

    (void)size;
    if (r->ready)
        return "RNDIS INIT twice";
    r->ready = true;
    a = begin(answer, m, 52);
    put32(a + 16, 1); /* version 1.0 */
    put32(a + 24, CONNECTION_LESS);
    put32(a + 32, RNDIS_PACKETS);
    put32(a + 36, TRANSFER);
    put32(a + 40, RNDIS_ALIGN);
    return NULL;
}

static const char *take_halt(struct rndis *r, const uint8_t *m, uint32_t size,
                             struct rndis_answer *answer)
{
    (void)m, (void)size, (void)answer;
    r->ready = false;
    r->filter = 0;
    return NULL;
}

static const char *take_keepalive(struct rndis *r, const uint8_t *m,
                                  uint32_t size, struct rndis_answer *answer)
{
    (void)r, (void)size;
    begin(answer, m, 16);
    return NULL;
}

/* The bytes that come with a query or a set: NULL where they are not all in the
 * message. */
static const uint8_t *operand(const uint8_t *m, uint32_t size, uint32_t *bytes)
{
    uint32_t offset = get32(m + 20);

    *bytes = get32(m + 16);
    if (!*bytes)
        return m;
    if (offset < 20 || offset > size - RNDIS_HEADER ||
        *bytes > size - RNDIS_HEADER - offset)
        return NULL;
    return m + RNDIS_HEADER + offset;
}

static const char *take_query(struct rndis *r, const uint8_t *m, uint32_t size,
                              struct rndis_answer *answer)
{
    enum { FIXED = 24, OFFSET = 16 };
    uint32_t bytes, status;
    const uint8_t *in = operand(m, size, &bytes);
    uint8_t *a;

    if (!in)
        return "a query whose input is not in the message";
    a = begin(answer, m, FIXED);
    status = oid_query(r, get32(m + 12), in, bytes, a + FIXED, &bytes);
    put32(a + 12, status);
    if (status)
        return NULL;
    answer->size += bytes;
    put32(a + 4, answer->size);
    put32(a + 16, bytes);
    put32(a + 20, OFFSET);
    return NULL;
}

static const char *take_set(struct rndis *r, const uint8_t *m, uint32_t size,
                            struct rndis_answer *answer)
{
    uint32_t bytes;
    const uint8_t *in = operand(m, size, &bytes);

    if (!in)
        return "a set whose input is not in the message";
    put32(begin(answer, m, 16) + 12, oid_set(r, get32(m + 12), in, bytes));
    return NULL;
}

static const struct step {
    uint32_t type;
    uint32_t size; /* the least */
    bool before;   /* it may come before INIT */
    const char *(*take)(struct rndis *r, const uint8_t *m, uint32_t size,
                        struct rndis_answer *answer);
} steps[] = {
    {RNDIS_INIT, 24, true, take_init},
    {RNDIS_HALT, 12, true, take_halt},
    {RNDIS_QUERY, 28, false, take_query},
    {RNDIS_SET, 28, false, take_set},
    {RNDIS_KEEPALIVE, 12, false, take_keepalive},
    {RNDIS_KEEPALIVE | RNDIS_COMPLETE, 16, false, NULL},
};

const char *rndis_take(struct rndis *r, const uint8_t *bytes, uint32_t size,
                       struct rndis_answer *answer)
{
    uint32_t length;

    answer->size = 0;
    if (size < RNDIS_HEADER)
        return "an RNDIS message without type and length";
    length = get32(bytes + 4);
    if (length > size || length > RNDIS_CONTROL_MAX)
        return "an RNDIS message that is longer than its packet";
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        if (steps[i].type != get32(bytes))
            continue;
        if (length < steps[i].size)
            return "an RNDIS message that ends before its fields";
        if (!r->ready && !steps[i].before)
            return "an RNDIS message before INIT";
        return steps[i].take ? steps[i].take(r, bytes, length, answer) : NULL;
    }
    return "an RNDIS message of an unknown type";
}

uint32_t rndis_indicate(uint32_t status, uint8_t *out)
{
    enum { SIZE = 20 };

    memset(out, 0, SIZE);
    put32(out, RNDIS_STATUS);
    put32(out + 4, SIZE);
    put32(out + 8, status);
    return SIZE;
}
