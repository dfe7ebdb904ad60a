/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One stream between the guest and the outside: what each side may do, what is
 * on its way to the guest, and which frames are due. It knows neither channels
 * nor ports.
 *
 *   the guest asks       ASKS --outside accepts--> OFFERED --guest opens-->
 * OPEN the outside asks                               OFFERED --guest opens-->
 * OPEN
 *
 * From each state it may end: LEAVES until the last frame is written, then
 * FREE.
 */
#ifndef MINIHV_SOCK_STREAM_H
#define MINIHV_SOCK_STREAM_H

#include "frame.h"

enum { STREAM_WINDOW = 32768 }; /* bytes on their way in each direction */

enum stream_state {
    STREAM_FREE,
    STREAM_ASKS,    /* the outside has not answered the guest's request */
    STREAM_OFFERED, /* the guest has not opened the channel */
    STREAM_OPEN,
    STREAM_LEAVES, /* nothing but a last frame is to be done */
};

struct stream {
    enum stream_state state;
    uint32_t id;
    bool by_outside; /* it has asked for the stream */

    /* to the guest: a ring of STREAM_WINDOW bytes */
    uint8_t *in;
    uint32_t in_first, in_count;
    uint32_t in_flight; /* bytes in packets that are not in the guest's ring */
    bool in_ended;      /* the outside has: an empty packet is due behind it */
    bool in_told;       /* ... and was sent */
    uint32_t credit_due;

    /* to the outside */
    uint32_t credit; /* bytes that it permits */
    bool out_ended;  /* the guest has */
    bool out_told;

    /* frames that are due */
    bool connect_due, open_due, refused_due, reset_due;
    uint8_t service[16]; /* of the connect */
};

/* A stream that the guest asks for, or the outside. `in` has STREAM_WINDOW
 * bytes. */
void stream_ask(struct stream *s, uint32_t id, const uint8_t service[16],
                uint8_t *in);
void stream_answer(struct stream *s, uint32_t id, uint8_t *in);

/* What a frame of the outside leads to. */
enum stream_deed {
    STREAM_NOTHING,
    STREAM_OFFER,  /* the outside accepts: offer the channel */
    STREAM_REFUSE, /* ... or not: refuse the guest */
    STREAM_END,    /* it has gone; the guest is to see that */
};

/* Takes a frame of this stream. Returns NULL, or what is wrong with it. */
const char *stream_take(struct stream *s, const struct frame *f,
                        enum stream_deed *deed);

/* The guest has opened the channel. */
void stream_opened(struct stream *s);

/* The stream ends, whatever its state: the outside is told that it was refused
 * or has gone, unless it has said so itself or both directions have ended. */
void stream_leave(struct stream *s, bool tell);

/* ---- to the guest -------------------------------------------------------- */

/* Copies the next packet's bytes, at most `max`, to `to`, and returns how many.
 * They count as on their way until stream_arrived(). */
uint32_t stream_packet(struct stream *s, uint8_t *to, uint32_t max);

/* So many of them are in the guest's ring. */
void stream_arrived(struct stream *s, uint32_t bytes);

/* True, once: the packet of 0 bytes is due, which ends this direction. */
bool stream_end_packet(struct stream *s);

/* ---- to the outside ------------------------------------------------------ */

/* The guest has sent a packet of `size` bytes, 0: the end. Returns NULL, or the
 * rule that it broke. */
const char *stream_sent(struct stream *s, uint32_t size);

/* How many of `bytes` bytes may go out in one frame now; they count as gone. */
uint32_t stream_may_send(struct stream *s, uint32_t bytes);

/* Writes the next frame that is due. `drained`: all bytes of the guest have
 * gone out. Returns its bytes, 0: none. */
uint32_t stream_frame(struct stream *s, bool drained, uint8_t out[FRAME_SMALL]);

/* Both directions have ended, and both sides know it. */
bool stream_is_over(const struct stream *s);

#endif
