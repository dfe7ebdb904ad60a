/* SPDX-License-Identifier: BSD-2-Clause */
/* Frames of the port to the outside: see frame.h. */
#include "frame.h"

#include <string.h>

enum { HELLO_BYTES = 8, SERVICE_BYTES = 16, CREDIT_BYTES = 4 };

static uint32_t get32(const uint8_t *at)
{
    uint32_t value;

    memcpy(&value, at, sizeof value);
    return value;
}

static uint32_t size_of(const uint8_t *header)
{
    return header[2] | (uint32_t)header[3] << 8;
}

uint32_t frame_header(uint8_t out[FRAME_HEADER], enum frame_type type,
                      uint32_t stream, uint32_t size)
{
    out[0] = (uint8_t)type;
    out[1] = 0;
    out[2] = (uint8_t)size;
    out[3] = (uint8_t)(size >> 8);
    memcpy(out + 4, &stream, sizeof stream);
    return FRAME_HEADER;
}

/* Does the length fit the type? */
static bool is_good(const uint8_t *header)
{
    static const struct {
        uint16_t least, most;
    } sizes[] = {
        [FRAME_HELLO] = {HELLO_BYTES, HELLO_BYTES},
        [FRAME_CONNECT] = {SERVICE_BYTES, SERVICE_BYTES},
        [FRAME_OPEN] = {0, 0},
        [FRAME_REFUSED] = {0, 0},
        [FRAME_DATA] = {1, FRAME_MAX},
        [FRAME_END] = {0, 0},
        [FRAME_RESET] = {0, 0},
        [FRAME_CREDIT] = {CREDIT_BYTES, CREDIT_BYTES},
    };
    uint8_t type = header[0];
    uint32_t size = size_of(header);

    return type >= FRAME_HELLO && type <= FRAME_CREDIT && !header[1] &&
           size >= sizes[type].least && size <= sizes[type].most &&
           (type == FRAME_HELLO) == (get32(header + 4) == FRAME_MARK);
}

/* The header of a HELLO begins at the first byte, as far as it is there. */
static bool may_be_hello(const struct frame_reader *r)
{
    uint8_t hello[FRAME_HEADER];
    uint32_t n = r->have < FRAME_HEADER ? r->have : FRAME_HEADER;

    frame_header(hello, FRAME_HELLO, FRAME_MARK, HELLO_BYTES);
    return !memcmp(r->bytes, hello, n);
}

static void look_for_hello(struct frame_reader *r)
{
    while (!may_be_hello(r))
        memmove(r->bytes, r->bytes + 1, --r->have);
}

/* How many bytes are needed before the next look at them. */
static uint32_t wanted(const struct frame_reader *r)
{
    if (r->have < FRAME_HEADER)
        return r->in_step ? FRAME_HEADER - r->have : 1;
    return FRAME_HEADER + size_of(r->bytes) - r->have;
}

static void take(struct frame_reader *r, const uint8_t **from, uint32_t *left,
                 uint32_t n)
{
    if (n > *left)
        n = *left;
    memcpy(r->bytes + r->have, *from, n);
    r->have += n;
    *from += n;
    *left -= n;
}

static enum frame_result whole(struct frame_reader *r, struct frame *f)
{
    r->in_step = true;
    r->have = 0;
    *f = (struct frame){.type = r->bytes[0],
                        .stream = get32(r->bytes + 4),
                        .size = size_of(r->bytes),
                        .data = r->bytes + FRAME_HEADER};
    return FRAME_WHOLE;
}

enum frame_result frame_take(struct frame_reader *r, const uint8_t **from,
                             uint32_t *left, struct frame *f)
{
    while (*left) {
        take(r, from, left, wanted(r));
        if (!r->in_step)
            look_for_hello(r);
        if (r->have < FRAME_HEADER)
            continue;
        if (!is_good(r->bytes)) {
            *r = (struct frame_reader){0};
            return FRAME_BAD;
        }
        if (!wanted(r))
            return whole(r, f);
    }
    return FRAME_MORE;
}
