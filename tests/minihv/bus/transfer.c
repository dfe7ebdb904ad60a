/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The echo device's third mode: it writes into a GPADL and then sends a
 * transfer-page packet. The documented KMCL lets a client receive such packets,
 * but has no function for a server to send one. So this channel uses the host
 * half directly (channel.c).
 */
#include <errno.h>

#include "bus.h"
#include "echo.h"
#include "minihv.h"

enum { SET_ID = 1, TRANSFER_ID = 0x7A };

static struct channel channel = {.name = "echo transfer"};

/* Fills the guest's buffer as asked. Returns 0, or 1 if it is not inside the
 * GPADL. */
static uint32_t fill(struct channel *c, const struct echo_transfer *t)
{
    struct vmbus_host_gpadl gpadl;
    uint8_t *p;

    if (vmbus_host_gpadl_map(c->channel, t->gpadl, &gpadl))
        return 1;
    p = vmbus_host_gpadl_at(c->channel, t->gpadl, t->offset, t->size);
    for (uint32_t i = 0; p && i < t->size; i++)
        p[i] = (uint8_t)(t->seed + i);
    vmbus_host_gpadl_unmap(c->channel, t->gpadl);
    return p ? 0 : 1;
}

static int transfer(struct channel *c, const struct ring_packet *packet,
                    const void *body)
{
    struct ring_transfer_range range;
    struct echo_transfer t;
    int status;

    if (packet->type == RING_PACKET_COMPLETION) {
        if (packet->transaction != TRANSFER_ID)
            channel_broken(c, "completion of a packet that was not sent");
        return 0;
    }
    /* Two answers need two descriptors and the ranges. */
    if (!channel_has_room(c, 2 * sizeof t + 128))
        return -EAGAIN;
    if (packet->type != RING_PACKET_IN_BAND || packet->size < sizeof t) {
        channel_broken(c, "not an in-band packet with echo_transfer");
        return 0;
    }
    memcpy(&t, body, sizeof t);
    t.status = fill(c, &t);
    status = packet_write_completion(&c->out, &c->at, packet->transaction, &t,
                                     sizeof t);
    if (status || t.status)
        return status;
    range = (struct ring_transfer_range){.byte_count = t.size,
                                         .byte_offset = t.offset};
    return packet_write_transfer_pages(&c->out, &c->at, TRANSFER_ID, true,
                                       SET_ID, &range, 1, &t, sizeof t);
}

void transfer_prepare(void)
{
    static const struct channel_ops ops = {.packet = transfer};
    struct vmbus_host_offer offer = {.type = ECHO_TYPE, .instance = ECHO_TYPE};

    offer.instance.bytes[15] = ECHO_TRANSFER;
    channel_offer(&channel, &offer, &ops);
}
