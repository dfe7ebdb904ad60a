/* SPDX-License-Identifier: BSD-2-Clause */
/* What the peer sends: messages in the order of their time, events, offers. */
#include "peer_private.h"

#include <stdlib.h>
#include <string.h>

static void queue(struct peer *p, const void *bytes, uint32_t size,
                  uint64_t delay)
{
    struct peer_out *o = calloc(1, sizeof(*o) + size), **at = &p->out;

    o->at = p->s->now + delay;
    o->size = size;
    memcpy(o->bytes, bytes, size);
    while (*at && (*at)->at <= o->at)
        at = &(*at)->next;
    o->next = *at;
    *at = o;
}

/* The message whose turn it is to go wrong. */
static void queue_faulty(struct peer *p, const void *bytes, uint32_t size,
                         uint64_t delay)
{
    static const uint8_t rescind[12] = {2, 0, 0, 0, 0, 0, 0, 0, 5};
    uint8_t copy[1024];

    memcpy(copy, bytes, size);
    switch (p->fault) {
    case PEER_FAULT_DROP:
        return;
    case PEER_FAULT_TWICE:
        queue(p, copy, size, delay);
        break;
    case PEER_FAULT_LATE:
        delay += 65 * SEAM_S;
        break;
    case PEER_FAULT_CUT:
        size--;
        break;
    case PEER_FAULT_RESCIND:
        queue(p, rescind, sizeof(rescind), delay);
        break;
    default:
        if (size > 8)
            memset(copy + 8, 0xFF, size - 8);
        break;
    }
    queue(p, copy, size, delay);
}

void peer_send(struct peer *p, const void *bytes, uint32_t size, uint64_t delay)
{
    if (++p->sent == p->fault_at)
        queue_faulty(p, bytes, size, delay);
    else
        queue(p, bytes, size, delay);
}

void peer_send_hex(struct peer *p, const char *hex)
{
    uint8_t bytes[1024];
    uint32_t size = 0;
    int b;

    while ((b = peer_next_byte(&hex)) >= 0)
        bytes[size++] = (uint8_t)b;
    peer_send(p, bytes, size, 0);
}

void peer_send_late(struct peer *p, uint64_t delay, uint32_t type,
                    uint32_t count, const uint32_t *dwords)
{
    uint8_t b[240] = {0};

    peer_put32(b, 0, type);
    for (uint32_t i = 0; i < count; i++)
        peer_put32(b, 8 + 4 * i, dwords[i]);
    peer_send(p, b, 8 + 4 * count, delay);
}

void peer_send_dwords(struct peer *p, uint32_t type, uint32_t count, ...)
{
    uint32_t dwords[16];
    va_list args;

    va_start(args, count);
    for (uint32_t i = 0; i < count; i++)
        dwords[i] = va_arg(args, uint32_t);
    va_end(args);
    peer_send_late(p, 0, type, count, dwords);
}

void peer_rescind(struct peer *p, uint32_t relid)
{
    peer_send_dwords(p, 2, 1, relid);
}

struct event {
    struct peer *p;
    uint32_t relid;
};

static void deliver_event(void *arg)
{
    struct event *e = arg;

    vmbus_event_arrived(e->p->bus, e->relid);
}

void peer_event(struct peer *p, uint32_t cpu, uint32_t relid)
{
    struct event e = {p, relid};

    hosted_interrupt(p->s, cpu, deliver_event, &e);
}

static void deliver(void *arg)
{
    struct peer *p = arg;
    struct peer_out *o = p->out;

    p->out = o->next;
    vmbus_message_arrived(p->bus, o->bytes, o->size);
    free(o);
}

bool peer_act(void *arg)
{
    struct peer *p = arg;

    if (!p->out || p->out->at > p->s->now)
        return false;
    hosted_interrupt(p->s, 0, deliver, p);
    return true;
}

uint64_t peer_next_act(void *arg)
{
    struct peer *p = arg;

    return p->out ? p->out->at : SEAM_FOREVER;
}

/* ---- offers ------------------------------------------------------------- */

void peer_send_offer(struct peer *p, const struct peer_offer *o)
{
    /* 0.13 ends before the dedicated flag and the connection id. */
    peer_send(p, o->bytes, p->version == 0x0000000D ? 190 : 196, 0);
}

struct peer_offer *peer_offer(struct peer *p, uint32_t relid, uint8_t instance,
                              uint16_t subchannel)
{
    struct peer_offer *o = calloc(1, sizeof(*o)), **at = &p->offers;

    peer_put32(o->bytes, 0, 1);
    memset(o->bytes + 8, 0x11, 16);
    memset(o->bytes + 24, instance, 16);
    peer_put16(o->bytes, 180, subchannel);
    peer_put32(o->bytes, 184, relid);
    o->bytes[190] = 1;
    peer_put32(o->bytes, 192, 0x2000 | relid);
    while (*at)
        at = &(*at)->next;
    *at = o;
    return o;
}
