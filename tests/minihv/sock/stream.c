/* SPDX-License-Identifier: BSD-2-Clause */
/* One stream: see stream.h. */
#include "stream.h"

#include <stddef.h>
#include <string.h>

/* ---- beginning and end --------------------------------------------------- */

void stream_ask(struct stream *s, uint32_t id, const uint8_t service[16],
                uint8_t *in)
{
    *s = (struct stream){.state = STREAM_ASKS,
                         .id = id,
                         .in = in,
                         .credit = STREAM_WINDOW,
                         .connect_due = true};
    memcpy(s->service, service, sizeof s->service);
}

void stream_answer(struct stream *s, uint32_t id, uint8_t *in)
{
    *s = (struct stream){.state = STREAM_OFFERED,
                         .id = id,
                         .by_outside = true,
                         .in = in,
                         .credit = STREAM_WINDOW};
}

void stream_opened(struct stream *s)
{
    if (s->state != STREAM_OFFERED)
        return;
    s->state = STREAM_OPEN;
    s->open_due = s->by_outside;
}

bool stream_is_over(const struct stream *s)
{
    return s->in_told && !s->in_flight && s->out_told;
}

void stream_leave(struct stream *s, bool tell)
{
    bool refused = s->by_outside && s->state == STREAM_OFFERED;

    if (s->state == STREAM_LEAVES)
        return;
    tell = tell && !stream_is_over(s) && !s->connect_due;
    s->state = STREAM_LEAVES;
    s->connect_due = s->open_due = false;
    s->credit_due = 0;
    s->refused_due = tell && refused;
    s->reset_due = tell && !refused;
}

/* ---- frames of the outside ----------------------------------------------- */

static const char *take_data(struct stream *s, const struct frame *f)
{
    uint32_t at, first;

    if (s->in_ended)
        return "data behind the end";
    if (f->size > STREAM_WINDOW - s->in_count - s->in_flight - s->credit_due)
        return "more data than is permitted";
    at = (s->in_first + s->in_count) % STREAM_WINDOW;
    first = STREAM_WINDOW - at < f->size ? STREAM_WINDOW - at : f->size;
    memcpy(s->in + at, f->data, first);
    memcpy(s->in, f->data + first, f->size - first);
    s->in_count += f->size;
    return NULL;
}

static const char *take_credit(struct stream *s, const struct frame *f)
{
    uint32_t more;

    memcpy(&more, f->data, sizeof more);
    if (more > STREAM_WINDOW - s->credit)
        return "more credit than was used";
    s->credit += more;
    return NULL;
}

static const char *take_end(struct stream *s)
{
    if (s->in_ended)
        return "a second end";
    s->in_ended = true;
    return NULL;
}

/* The outside may send as soon as it has accepted, or has been accepted. */
static const char *take_flow(struct stream *s, const struct frame *f)
{
    bool accepted = s->state == STREAM_OPEN ||
                    (s->state == STREAM_OFFERED && !s->by_outside);

    if (!accepted)
        return "a frame of a stream that is not open";
    if (f->type == FRAME_DATA)
        return take_data(s, f);
    if (f->type == FRAME_CREDIT)
        return take_credit(s, f);
    return take_end(s);
}

static const char *take_answer(struct stream *s, const struct frame *f,
                               enum stream_deed *deed)
{
    if (s->state != STREAM_ASKS || s->connect_due)
        return "an answer that nobody asked for";
    *deed = f->type == FRAME_OPEN ? STREAM_OFFER : STREAM_REFUSE;
    if (f->type == FRAME_OPEN)
        s->state = STREAM_OFFERED;
    return NULL;
}

const char *stream_take(struct stream *s, const struct frame *f,
                        enum stream_deed *deed)
{
    *deed = STREAM_NOTHING;
    if (s->state == STREAM_LEAVES)
        return NULL; /* sent before the outside knew */
    switch (f->type) {
    case FRAME_OPEN:
    case FRAME_REFUSED:
        return take_answer(s, f, deed);
    case FRAME_DATA:
    case FRAME_END:
    case FRAME_CREDIT:
        return take_flow(s, f);
    case FRAME_RESET:
        *deed = STREAM_END;
        return NULL;
    default:
        return "a frame that no stream has";
    }
}

/* ---- to the guest -------------------------------------------------------- */

uint32_t stream_packet(struct stream *s, uint8_t *to, uint32_t max)
{
    uint32_t n = s->in_count < max ? s->in_count : max;
    uint32_t first = STREAM_WINDOW - s->in_first;

    if (s->state != STREAM_OPEN)
        return 0;
    if (first > n)
        first = n;
    memcpy(to, s->in + s->in_first, first);
    memcpy(to + first, s->in, n - first);
    s->in_first = (s->in_first + n) % STREAM_WINDOW;
    s->in_count -= n;
    s->in_flight += n;
    return n;
}

void stream_arrived(struct stream *s, uint32_t bytes)
{
    s->in_flight -= bytes;
    if (s->state == STREAM_OPEN && !s->in_ended)
        s->credit_due += bytes;
}

bool stream_end_packet(struct stream *s)
{
    if (s->state != STREAM_OPEN || !s->in_ended || s->in_count || s->in_told)
        return false;
    s->in_told = true;
    return true;
}

/* ---- to the outside ------------------------------------------------------ */

const char *stream_sent(struct stream *s, uint32_t size)
{
    if (size > FRAME_MAX)
        return "more than 16384 bytes in a packet";
    if (s->out_ended)
        return "a packet behind the end of its stream";
    s->out_ended = !size;
    return NULL;
}

uint32_t stream_may_send(struct stream *s, uint32_t bytes)
{
    uint32_t n = bytes < s->credit ? bytes : s->credit;

    if (s->state != STREAM_OPEN || s->open_due)
        return 0;
    s->credit -= n;
    return n;
}

/* Returns true and takes the mark back if it is set. */
static bool due(bool *mark)
{
    bool was = *mark;

    *mark = false;
    return was;
}

static uint32_t credit_frame(struct stream *s, uint8_t *out)
{
    uint32_t n = frame_header(out, FRAME_CREDIT, s->id, sizeof s->credit_due);

    memcpy(out + n, &s->credit_due, sizeof s->credit_due);
    s->credit_due = 0;
    return n + (uint32_t)sizeof s->credit_due;
}

uint32_t stream_frame(struct stream *s, bool drained, uint8_t out[FRAME_SMALL])
{
    if (due(&s->connect_due)) {
        frame_header(out, FRAME_CONNECT, s->id, sizeof s->service);
        memcpy(out + FRAME_HEADER, s->service, sizeof s->service);
        return FRAME_HEADER + (uint32_t)sizeof s->service;
    }
    if (due(&s->open_due))
        return frame_header(out, FRAME_OPEN, s->id, 0);
    if (due(&s->refused_due))
        return frame_header(out, FRAME_REFUSED, s->id, 0);
    if (due(&s->reset_due))
        return frame_header(out, FRAME_RESET, s->id, 0);
    if (s->state == STREAM_OPEN && s->credit_due)
        return credit_frame(s, out);
    if (s->state == STREAM_OPEN && s->out_ended && drained && !s->out_told) {
        s->out_told = true;
        return frame_header(out, FRAME_END, s->id, 0);
    }
    return 0;
}
