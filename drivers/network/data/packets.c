/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the host sends (data.h): transfer-page packets, which point to messages
 * in the receive buffer, and messages of NVSP.
 *
 * A packet is completed at the end of its batch; then its part of the buffer is
 * the host's again.
 */
#include "drivers/network/base/control.h"
#include "drivers/network/data/data.h"

#include <string.h>

#include "kmcl/kmcl.h"

/* ---- completions --------------------------------------------------------- */

/* Gives the host its suballocations back, on the channel they came on. */
static void give_back(struct network_queue *q)
{
    for (uint32_t i = 0; i < q->kept_count; i++) {
        /*
         * The answer is in the form that hosts demand: type and status.
         * KMCL sends it under the packet's own transaction.
         */
        struct nvsp_rndis_complete answer = {NVSP_RNDIS_COMPLETE, NVSP_SUCCESS};

        VmbChannelPacketComplete(q->kept[i], &answer, sizeof(answer));
    }
    q->kept_count = 0;
}

/* The packet is completed later, with others. */
static void keep(struct network_queue *q, VMBPACKETCOMPLETION packet)
{
    /*
     * A host that sends without a pause gets its memory back as well,
     * before the batch ends.
     */
    q->kept[q->kept_count++] = packet;
    if (q->kept_count == KEPT_MOST)
        give_back(q);
}

/* ---- packets ------------------------------------------------------------- */

/* Copies a control message and looks at it. Hosts send them on the primary
 * alone, where one copy at a time is made. */
static void take_control(struct network_queue *q, const uint8_t *range,
                         uint32_t size)
{
    struct control_state *c = &q->driver->control;

    if (q->index) {
        network_nonsense(q->driver, "a control message on a sub-channel");
        return;
    }
    /*
     * A control message is short, so what does not fit is no part of
     * one.
     */
    size = size < sizeof(c->incoming) ? size : sizeof(c->incoming);
    memcpy(c->incoming, range, size);
    network_take_control(q->driver, c->incoming, size);
}

/* A message of either kind: its first word tells. */
static void take_message(struct network_queue *q, const uint8_t *range,
                         uint32_t size)
{
    const char *wrong;
    uint32_t type;

    if (size < sizeof(type)) {
        network_nonsense(q->driver, "a range without a message");
        return;
    }
    /*
     * The kind is decided by one read; each kind then looks at its own
     * copy, and refuses what is another.
     */
    memcpy(&type, range, sizeof(type));
    if (type != RNDIS_PACKET) {
        take_control(q, range, size);
        return;
    }
    wrong = network_take_data(q, range, size);
    if (wrong) {
        q->coalesce.going = false;
        network_nonsense(q->driver, wrong);
    }
}

/* Each range is one message; all of it must lie in our buffer, which is the
 * primary's on each channel. */
static void take_parts(struct network_queue *q, const struct kmcl_parts *parts)
{
    struct network_driver *d = q->driver;
    uint32_t room = d->receive_pages * PAGE_SIZE_4K;

    if (parts->set_id != RECEIVE_BUFFER_ID) {
        network_nonsense(d, "ranges of a buffer that is none");
        return;
    }
    q->coalesce.going = false;
    for (uint32_t i = 0; i < parts->count; i++) {
        struct kmcl_part part = parts->parts[i];

        /* Compare without a sum that could wrap. */
        if (part.offset > room || part.bytes > room - part.offset)
            network_nonsense(d, "a range outside of the receive buffer");
        else
            take_message(q, d->receive + part.offset, part.bytes);
    }
    /* No frame goes on in another packet. */
    if (q->coalesce.going)
        network_nonsense(d, "a coalesced frame without its end");
}

/* Which channel each flow is sent on. A table that makes no sense changes
 * nothing. */
static void take_table(struct network_queue *q, const void *message,
                       uint32_t size)
{
    struct network_driver *d = q->driver;
    uint8_t table[NVSP_SEND_ENTRIES];
    const char *wrong = nvsp_read_table(
        message, size, d->version < NVSP_VERSION_6_1,
        1 + __atomic_load_n(&d->promised, __ATOMIC_ACQUIRE), table);

    if (wrong || q->index) {
        network_nonsense(d, wrong ? wrong : "a table on a sub-channel");
        return;
    }
    /* Senders may read it meanwhile: each entry is right, old or new. */
    for (uint32_t i = 0; i < NVSP_SEND_ENTRIES; i++)
        __atomic_store_n(&d->send_table[i], table[i], __ATOMIC_RELAXED);
}

/* Packets without ranges are NVSP messages of the host's: the table for
 * sub-channels, or a virtual function, which is not used. */
static void take_nvsp(struct network_queue *q, const void *message,
                      uint32_t size)
{
    uint32_t type = 0;

    if (size >= sizeof(type))
        memcpy(&type, message, sizeof(type));
    if (type == NVSP_SEND_TABLE)
        take_table(q, message, size);
}

VOID network_packet(VMBCHANNEL Channel, VMBPACKETCOMPLETION Packet,
                    PVOID Buffer, UINT32 BufferLength, UINT32 Flags)
{
    struct network_queue *q = VmbChannelGetPointer(Channel);
    struct kmcl_parts parts;

    (void)Flags;
    /* Only a transfer-page packet has ranges; others get an empty answer. */
    if (!kmcl_packet_parts(Packet, &parts)) {
        take_nvsp(q, Buffer, BufferLength);
        VmbChannelPacketComplete(Packet, NULL, 0);
        return;
    }
    network_count(&q->driver->statistics.packets_received, 1);
    take_parts(q, &parts);
    keep(q, Packet);
}

VOID network_batch_end(VMBCHANNEL Channel, UINT32 PacketsProcessed)
{
    struct network_queue *q = VmbChannelGetPointer(Channel);
    struct network_driver *d = q->driver;

    (void)PacketsProcessed;
    give_back(q);
    if (d->events.batch && !d->leaving)
        d->events.batch(d->events.context);
}
