/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the host sends (private.h). A packet stays KMCL's until its bytes are
 * read, so it is copied once after KMCL has read it; at HELD_MOST packets KMCL
 * delivers no more, its list and the ring become full, and the host waits. When
 * the channel goes, what is left moves to memory of the stream's own.
 *
 * KMCL has checked each packet's frame: type, and a length inside of the
 * packet. A packet of no bytes is the end of the stream.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "drivers/hvsock/private.h"
#include "kmcl/sockets.h"

/* ---- packets ------------------------------------------------------------- */

/* Decides about one packet, under the lock: a packet of bytes is held, one
 * without them ends the host's direction, and bytes behind that break the
 * stream. False: the packet is not kept. */
static bool keep(struct hvsock_input *in, VMBPACKETCOMPLETION packet,
                 const uint8_t *bytes, uint32_t size)
{
    if (in->flow == HVSOCK_ENDED && size)
        in->flow = HVSOCK_BROKEN; /* bytes behind the end */
    if (in->flow == HVSOCK_FLOWS && !size)
        in->flow = HVSOCK_ENDED;
    /* The quota is HELD_MOST, so there is room as long as KMCL keeps to it. */
    if (in->flow != HVSOCK_FLOWS || in->discard || in->count == HELD_MOST)
        return false;
    in->held[(in->first + in->count++) % HELD_MOST] =
        (struct hvsock_held){packet, bytes, size, 0};
    return true;
}

/* The buffer is KMCL's private copy, which the host cannot change any more. */
VOID hvsock_packet(VMBCHANNEL Channel, VMBPACKETCOMPLETION Packet, PVOID Buffer,
                   UINT32 BufferLength, UINT32 Flags)
{
    struct net_end *end = VmbChannelGetPointer(Channel);
    bool kept;

    (void)Flags;
    (void)vmbare_lock_take(&end->input.lock);
    kept = keep(&end->input, Packet, Buffer, BufferLength);
    (void)vmbare_lock_give(&end->input.lock);
    if (!kept)
        VmbChannelPacketComplete(Packet, NULL, 0);
    net_wake(end->s);
}

/* The first packet goes, as it is read or nobody will read it. */
static void drop_first(struct hvsock_input *in)
{
    VMBPACKETCOMPLETION packet;

    (void)vmbare_lock_take(&in->lock);
    packet = in->held[in->first].packet;
    in->first = (in->first + 1) % HELD_MOST;
    in->count--;
    (void)vmbare_lock_give(&in->lock);
    VmbChannelPacketComplete(packet, NULL, 0);
}

/* The first packet; NULL: there is none. It stays where it is, for only the
 * reader takes packets away. */
static struct hvsock_held *first_held(struct hvsock_input *in)
{
    bool any;

    (void)vmbare_lock_take(&in->lock);
    any = in->count != 0;
    (void)vmbare_lock_give(&in->lock);
    return any ? &in->held[in->first] : NULL;
}

/* ---- the rest ------------------------------------------------------------ */

/* A stream of which bytes are missing has no end. */
static void put_rest(struct hvsock_input *in, const uint8_t *bytes,
                     uint32_t size)
{
    struct hvsock_rest *r = NULL;

    if (in->discard || in->flow == HVSOCK_BROKEN)
        return;
    if (in->rest_bytes + size <= REST_MOST)
        r = malloc(sizeof(*r) + size);
    if (!r) {
        in->flow = HVSOCK_BROKEN;
        return;
    }
    *r = (struct hvsock_rest){.size = size};
    memcpy(r->bytes, bytes, size);
    in->rest_bytes += size;
    if (in->last)
        in->last->next = r;
    else
        in->rest = r;
    in->last = r;
}

/* The host may go on writing into the ring, so there is a bound. */
void hvsock_keep_rest(struct net_end *end)
{
    struct hvsock_input *in = &end->input;
    struct hvsock_held *held;
    struct kmcl_rest rest;

    while ((held = first_held(in)) != NULL) {
        put_rest(in, held->bytes + held->at, held->size - held->at);
        drop_first(in);
    }
    while (in->flow == HVSOCK_FLOWS && kmcl_client_rest(end->channel, &rest)) {
        if (rest.size)
            put_rest(in, rest.buffer, rest.size);
        else
            in->flow = HVSOCK_ENDED;
        VmbChannelPacketComplete(rest.packet, NULL, 0);
    }
}

/* The first piece is read, or nobody will read it. */
static void drop_rest(struct hvsock_input *in)
{
    struct hvsock_rest *r = in->rest;

    in->rest = r->next;
    if (!in->rest)
        in->last = NULL;
    in->rest_bytes -= r->size;
    free(r);
}

/* First the mark, so that what comes from now on is not held; then what is
 * there. */
void hvsock_discard(struct net_end *end)
{
    struct hvsock_input *in = &end->input;

    (void)vmbare_lock_take(&in->lock);
    in->discard = true;
    (void)vmbare_lock_give(&in->lock);
    while (first_held(in))
        drop_first(in);
    while (in->rest)
        drop_rest(in);
}

/* ---- reading ------------------------------------------------------------- */

/* Pieces of a channel that has gone count like packets. */
bool hvsock_has_bytes(struct net_end *end)
{
    return first_held(&end->input) || end->input.rest;
}

/* The flow, which packets change on any processor. */
static enum hvsock_flow flow_of(struct hvsock_input *in)
{
    enum hvsock_flow flow;

    (void)vmbare_lock_take(&in->lock);
    flow = in->flow;
    (void)vmbare_lock_give(&in->lock);
    return flow;
}

bool hvsock_all_came(struct net_end *end)
{
    return flow_of(&end->input) == HVSOCK_ENDED;
}

/* Bytes come first, then the reason for which there are no more. */
int hvsock_read_next(struct net_end *end)
{
    enum hvsock_flow flow = flow_of(&end->input);

    if (hvsock_has_bytes(end))
        return 1;
    if (end->error)
        return end->error;
    if (flow == HVSOCK_BROKEN)
        return -ECONNRESET;
    return flow == HVSOCK_ENDED || end->input.discard ? 0 : -EAGAIN;
}

/* As many bytes of one packet or piece as fit; `at` goes on. */
static size_t copy(uint8_t *to, size_t room, const uint8_t *from, uint32_t size,
                   uint32_t *at)
{
    size_t n = size - *at < room ? size - *at : room;

    memcpy(to, from + *at, n);
    *at += (uint32_t)n;
    return n;
}

/* As many bytes as there are. */
static size_t read_bytes(struct hvsock_input *in, uint8_t *to, size_t room)
{
    struct hvsock_held *held;
    struct hvsock_rest *r;
    size_t got = 0;

    /* What is held came first; the rest is there only when the channel is not.
     */
    while (got < room && (held = first_held(in)) != NULL) {
        got += copy(to + got, room - got, held->bytes, held->size, &held->at);
        if (held->at == held->size)
            drop_first(in);
    }
    while (got < room && (r = in->rest) != NULL) {
        got += copy(to + got, room - got, r->bytes, r->size, &r->at);
        if (r->at == r->size)
            drop_rest(in);
    }
    return got;
}

/* A stream that was never open has nothing to read, and says why. */
ssize_t hvsock_recv(struct net_end *end, void *bytes, size_t size,
                    struct net_address *from)
{
    int next;

    (void)from;
    if (end->state != HVSOCK_OPEN && end->state != HVSOCK_GONE)
        return end->error ? end->error : -ENOTCONN;
    if (!size)
        return 0;
    next = hvsock_read_next(end);
    return next > 0 ? (ssize_t)read_bytes(&end->input, bytes, size) : next;
}
