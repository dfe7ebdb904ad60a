/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The framing by which many streams share one port to the outside: a header of
 * 8 bytes, u8 type, u8 zero, u16 length, u32 stream, and `length` bytes. The
 * same in both directions. It knows neither streams nor ports.
 */
#ifndef MINIHV_SOCK_FRAME_H
#define MINIHV_SOCK_FRAME_H

#include <stdbool.h>
#include <stdint.h>

enum frame_type {
    FRAME_HELLO = 1, /* stream FRAME_MARK, 8 bytes: everything begins anew. The
                        outside begins, and the answer repeats its bytes */
    FRAME_CONNECT,   /* 16 bytes: the service. A stream's number has bit 31 if
                        the outside has chosen it */
    FRAME_OPEN,      /* the other side has accepted */
    FRAME_REFUSED,   /* ... or not: the stream has gone */
    FRAME_DATA,      /* at least 1 byte, at most what the receiver permits */
    FRAME_END,       /* of this direction */
    FRAME_RESET,     /* the stream has gone */
    FRAME_CREDIT,    /* u32: the receiver permits so many bytes more */
};

enum {
    FRAME_HEADER = 8,
    FRAME_MAX = 16384, /* bytes behind a header */
    FRAME_MARK = 0x6B636F73,
    FRAME_OUTSIDE = (int)0x80000000, /* chosen by the outside */
    FRAME_SMALL = FRAME_HEADER + 16, /* the largest without data */
};

struct frame {
    enum frame_type type;
    uint32_t stream, size;
    const uint8_t *data; /* `size` bytes; the next frame overwrites them */
};

/* All zero: it looks for a HELLO, and skips everything before. */
struct frame_reader {
    bool in_step; /* a HELLO was found, and every frame behind it is good */
    uint32_t have;
    uint8_t bytes[FRAME_HEADER + FRAME_MAX];
};

enum frame_result { FRAME_MORE, FRAME_WHOLE, FRAME_BAD };

/* Takes bytes from `*from`, of `*left` bytes, and moves both. FRAME_WHOLE: *f
 * is a frame, whose length fits its type, and there may be more. FRAME_MORE:
 * all bytes are taken. FRAME_BAD: not a frame; the reader looks for a HELLO
 * again. */
enum frame_result frame_take(struct frame_reader *r, const uint8_t **from,
                             uint32_t *left, struct frame *f);

/* Writes a header. Returns FRAME_HEADER. */
uint32_t frame_header(uint8_t out[FRAME_HEADER], enum frame_type type,
                      uint32_t stream, uint32_t size);

#endif
