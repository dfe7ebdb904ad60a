/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One stream of hv_sock between any outside and any guest: no more bytes are
 * under way than the window holds, and what comes out is what went in.
 */
#include "sockets.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "frame.h"
#include "stream.h"

enum { STREAM = 7 };

static struct frame_reader reader;
static struct stream stream;
static uint8_t window[STREAM_WINDOW];
static uint64_t into, out_of; /* bytes to the guest */
static uint32_t sums[2];

static void must(bool so)
{
    if (!so)
        abort();
}

static void check(void)
{
    must(stream.in_count + stream.in_flight + stream.credit_due <=
         STREAM_WINDOW);
    must(stream.credit <= STREAM_WINDOW);
    must(stream.in_first < STREAM_WINDOW);
    must(out_of <= into);
    must(out_of != into || sums[0] == sums[1]);
    must(!stream.in_told || stream.in_ended);
    must(!stream.out_told || stream.out_ended);
}

static void begin(bool by_outside)
{
    static const uint8_t service[16];

    if (by_outside)
        stream_answer(&stream, STREAM, window);
    else
        stream_ask(&stream, STREAM, service, window);
    into = out_of = sums[0] = sums[1] = 0;
}

static uint32_t sum_of(uint32_t sum, const uint8_t *bytes, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        sum = sum * 31 + bytes[i];
    return sum;
}

void sockets_begin(void)
{
    static const uint8_t hello[] = "\x01\x00\x08\x00sock12345678";
    const uint8_t *from = hello;
    uint32_t left = sizeof hello - 1;
    struct frame f;

    reader = (struct frame_reader){0};
    must(frame_take(&reader, &from, &left, &f) == FRAME_WHOLE);
    begin(false);
}

static void take_frame(const struct frame *f)
{
    enum stream_deed deed;

    must(f->size <= FRAME_MAX);
    if (f->stream != STREAM || stream_take(&stream, f, &deed))
        return;
    if (f->type == FRAME_DATA && stream.state != STREAM_LEAVES) {
        into += f->size;
        sums[0] = sum_of(sums[0], f->data, f->size);
    }
    if (deed == STREAM_REFUSE || deed == STREAM_END)
        stream_leave(&stream, false);
}

void sockets_take_port(const uint8_t *m, uint32_t size)
{
    enum frame_result result;
    struct frame f;

    while ((result = frame_take(&reader, &m, &size, &f)) != FRAME_MORE) {
        if (result == FRAME_WHOLE)
            take_frame(&f);
        check();
    }
    must(!size);
}

static void move_in(uint32_t max)
{
    static uint8_t bytes[FRAME_MAX];
    uint32_t n = stream_packet(&stream, bytes, max % (FRAME_MAX + 1));

    out_of += n;
    sums[1] = sum_of(sums[1], bytes, n);
    (void)stream_end_packet(&stream);
}

static void move_out(bool drained)
{
    uint8_t frame[FRAME_SMALL];

    must(stream_frame(&stream, drained, frame) <= FRAME_SMALL);
}

static void step(uint16_t word)
{
    uint32_t much = word >> 3;

    switch (word & 7) {
    case 0:
        stream_opened(&stream);
        break;
    case 1:
        move_in(much * 4);
        break;
    case 2:
        stream_arrived(&stream,
                       much < stream.in_flight ? much : stream.in_flight);
        break;
    case 3:
        (void)stream_sent(&stream, much * 4);
        break;
    case 4:
        must(stream_may_send(&stream, much * 8) <= much * 8);
        break;
    case 5:
        move_out(much & 1);
        break;
    case 6:
        stream_leave(&stream, much & 1);
        break;
    default:
        begin(much & 1);
        break;
    }
}

void sockets_take_guest(const uint8_t *m, uint32_t size)
{
    for (; size >= 2; m += 2, size -= 2) {
        step((uint16_t)(m[0] | m[1] << 8));
        check();
    }
}
