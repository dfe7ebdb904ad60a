/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * RNDIS control messages: requests written, answers and indications read
 * (protocol.h). The host's messages are private copies here.
 */
#include <string.h>

#include "drivers/network/wire/protocol.h"

/* What Linux says that it takes in one message; hosts do not care. */
#define MAX_TRANSFER 0x4000u
/* Beyond this, padding is no alignment: aggregation is left out. */
#define ALIGNMENT_MOST 6u
#define INPUT_MOST     640u

_Static_assert(sizeof(struct rndis_request) + INPUT_MOST <= RNDIS_CONTROL_MOST,
               "a request fits");

/* ---- requests ------------------------------------------------------------ */

uint32_t rndis_write_initialize(void *out, uint32_t id)
{
    struct rndis_initialize m = {
        .header = {RNDIS_INITIALIZE, sizeof(m)},
        .id = id,
        .major = 1,
        .max_transfer = MAX_TRANSFER,
    };

    memcpy(out, &m, sizeof(m));
    return sizeof(m);
}

/* The input follows the fixed part; its offset counts from the body. Linux
 * names it without any input as well. */
uint32_t rndis_write_request(void *out, uint32_t type, uint32_t id,
                             uint32_t oid, const void *input, uint32_t size)
{
    struct rndis_request m = {
        .header = {type, (uint32_t)sizeof(m) + size},
        .id = id,
        .oid = oid,
        .size = size,
        .offset = sizeof(m) - sizeof(m.header),
    };

    memcpy(out, &m, sizeof(m));
    if (size)
        memcpy((uint8_t *)out + sizeof(m), input, size);
    return m.header.length;
}

uint32_t rndis_write_keepalive(void *out, uint32_t id)
{
    const uint32_t m[4] = {RNDIS_KEEPALIVE | RNDIS_COMPLETE, sizeof(m), id,
                           RNDIS_SUCCESS};

    memcpy(out, m, sizeof(m));
    return sizeof(m);
}

/* ---- what the host says -------------------------------------------------- */

/*
 * The data of an answer to QUERY. A message of an old host does not count the
 * data in its length, so they must lie in the copy and not in the length.
 */
static const char *read_data(const uint8_t *message, uint32_t size,
                             struct rndis_control *c)
{
    const uint32_t body = sizeof(struct rndis_header);
    struct rndis_answer a;

    if (size < sizeof(a))
        return "an answer that ends before its data";
    memcpy(&a, message, sizeof(a));
    /* An answer without data is whole. */
    if (!a.size)
        return NULL;
    /* Data lie behind the fixed part and inside of the copy; nothing wraps. */
    if (a.offset < sizeof(a) - body || a.offset > size - body ||
        a.size > size - body - a.offset)
        return "an answer whose data lie outside of it";
    c->data = message + body + a.offset;
    c->size = a.size;
    return NULL;
}

/* The id says which request it answers, so it is looked at first. */
static const char *read_answer(const uint8_t *message, uint32_t size,
                               struct rndis_control *c)
{
    uint32_t words[2];

    if (size < sizeof(struct rndis_header) + sizeof(words))
        return "an answer that ends before its status";
    memcpy(words, message + sizeof(struct rndis_header), sizeof(words));
    c->kind = RNDIS_IS_ANSWER;
    c->id = words[0];
    c->status = words[1];
    if (c->type == (RNDIS_QUERY | RNDIS_COMPLETE) && c->status == RNDIS_SUCCESS)
        return read_data(message, size, c);
    return NULL;
}

/* An indication's first word is what it says, a KEEPALIVE's its id. */
static const char *read_word(const uint8_t *message, uint32_t size,
                             struct rndis_control *c)
{
    uint32_t word;

    if (size < sizeof(struct rndis_header) + sizeof(word))
        return "a message that ends before its first field";
    memcpy(&word, message + sizeof(struct rndis_header), sizeof(word));
    if (c->type == RNDIS_INDICATE) {
        c->kind = RNDIS_IS_INDICATION;
        c->status = word;
    } else {
        c->kind = RNDIS_IS_KEEPALIVE;
        c->id = word;
    }
    return NULL;
}

const char *rndis_read_control(const void *message, uint32_t size,
                               struct rndis_control *control)
{
    struct rndis_header header;

    if (size < sizeof(header))
        return "a message without type and length";
    memcpy(&header, message, sizeof(header));
    /* The length is the host's: it may not pass what was copied. */
    if (header.length < sizeof(header) || header.length > size)
        return "a message that is longer than its memory";
    *control =
        (struct rndis_control){.kind = RNDIS_IS_OTHER, .type = header.type};
    switch (header.type) {
    case RNDIS_INITIALIZE | RNDIS_COMPLETE:
    case RNDIS_QUERY | RNDIS_COMPLETE:
    case RNDIS_SET | RNDIS_COMPLETE:
        return read_answer(message, size, control);
    case RNDIS_INDICATE:
    case RNDIS_KEEPALIVE:
        return read_word(message, size, control);
    default:
        return NULL;
    }
}

/*
 * A host that names no number of packets takes one at a time, as one whose
 * alignment cannot be used does.
 */
const char *rndis_read_limits(const void *message, uint32_t size,
                              struct rndis_limits *limits)
{
    struct rndis_initialize_complete a;

    if (size < sizeof(a))
        return "an answer that ends before its limits";
    memcpy(&a, message, sizeof(a));
    if (a.header.type != (RNDIS_INITIALIZE | RNDIS_COMPLETE))
        return "an answer to something else";
    if (a.status != RNDIS_SUCCESS)
        return "a refusal";
    /* Below this no ordinary frame could go. */
    if (a.max_transfer < RNDIS_SEND_HEADER + NETWORK_HEADER_SIZE + NETWORK_MTU)
        return "a limit that no frame fits";
    limits->max_packets = a.max_packets ? a.max_packets : 1;
    limits->max_transfer = a.max_transfer;
    /* The field is the exponent. */
    limits->alignment = 1;
    if (a.alignment <= ALIGNMENT_MOST)
        limits->alignment = 1u << a.alignment;
    else
        limits->max_packets = 1;
    return NULL;
}
