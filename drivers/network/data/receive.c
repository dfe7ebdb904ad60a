/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the host sends (data.h): messages in the receive buffer, which a
 * transfer-page packet points to.
 *
 * The host can write the buffer at any time, so each byte is copied once and
 * then looked at: first the header, then what the header says. A packet is
 * completed at the end of its batch; then its part of the buffer is the host's
 * again.
 */
#include "drivers/network/base/control.h"
#include "drivers/network/data/data.h"

#include <string.h>

#include "kmcl/kmcl.h"

/* ---- completions --------------------------------------------------------- */

/* Gives the host its suballocations back, on the channel they came on. */
static void give_back(struct network_driver *d)
{
    for (uint32_t i = 0; i < d->kept_count; i++) {
        /*
         * The answer is in the form that hosts demand: type and status.
         * KMCL sends it under the packet's own transaction.
         */
        struct nvsp_rndis_complete answer = {NVSP_RNDIS_COMPLETE, NVSP_SUCCESS};

        VmbChannelPacketComplete(d->kept[i], &answer, sizeof(answer));
    }
    d->kept_count = 0;
}

/* The packet is completed later, with others. */
static void keep(struct network_driver *d, VMBPACKETCOMPLETION packet)
{
    /*
     * A host that sends without a pause gets its memory back as well,
     * before the batch ends.
     */
    d->kept[d->kept_count++] = packet;
    if (d->kept_count == KEPT_MOST)
        give_back(d);
}

/* ---- frames -------------------------------------------------------------- */

/* The frame in d->coalesce is whole. */
static void deliver(struct network_driver *d)
{
    const struct coalesce *c = &d->coalesce;
    struct network_frame frame = {
        .bytes = c->bytes,
        .size = c->size,
        .good = c->beside.good,
        .vlan = c->beside.vlan,
        .priority = c->beside.priority,
        .segments = (uint16_t)c->count,
    };

    if (c->size < NETWORK_HEADER_SIZE) {
        network_nonsense(d, "a frame without an Ethernet header");
        return;
    }
    /*
     * The switch should not send frames of other VLANs; one that does is
     * not believed.
     */
    if (d->settings.vlan && frame.vlan != d->settings.vlan) {
        network_count(&d->statistics.other_vlan, 1);
        return;
    }
    /* A host that checks without being asked is not believed either. */
    if (!(d->offload.offloads & NETWORK_RX_CHECKSUM))
        frame.good = 0;
    if (c->count > 1) {
        frame.segment_size = c->first_size - NETWORK_HEADER_SIZE;
        network_count(&d->statistics.coalesced, 1);
        network_count(&d->statistics.segments, c->count);
    }
    network_count(&d->statistics.frames_received, 1);
    network_count(&d->statistics.bytes_received, c->size);
    if (d->events.received && !d->leaving)
        d->events.received(d->events.context, &frame);
}

/* Copies the per-packet info and reads it. */
static const char *read_beside(const uint8_t *range,
                               const struct rndis_layout *layout,
                               struct rndis_beside *beside)
{
    uint8_t info[RNDIS_INFO_MOST];

    memcpy(info, range + layout->info, layout->info_size);
    return rndis_read_info(info, layout->info_size, beside);
}

/* A data message in `size` bytes that the host can change. */
static const char *take_data(struct network_driver *d, const uint8_t *range,
                             uint32_t size)
{
    struct rndis_beside beside = {0};
    struct rndis_layout layout;
    struct rndis_packet header = {0};
    enum coalesce_step step;
    const char *wrong;
    uint32_t at;

    /*
     * Copy the header, once. What a short range lacks is zero, and refused
     * below.
     */
    memcpy(&header, range, size < sizeof(header) ? size : sizeof(header));
    wrong = rndis_read_layout(&header, size, &layout);
    if (!wrong)
        wrong = read_beside(range, &layout, &beside);
    if (wrong)
        return wrong;
    /*
     * Find the place of the data before they are copied: a place that does
     * not exist is refused.
     */
    step = coalesce_next(&d->coalesce, layout.data_size, &beside, &at);
    if (step == COALESCE_WRONG)
        return "a part of a frame that does not follow the one before";
    /*
     * The sizes are those of the copy above, whatever the host has written
     * there since.
     */
    memcpy(d->coalesce.bytes + at, range + layout.data, layout.data_size);
    if (step == COALESCE_DONE)
        deliver(d);
    return NULL;
}

/* ---- packets ------------------------------------------------------------- */

/* A message of either kind: its first word tells. */
static void take_message(struct network_driver *d, const uint8_t *range,
                         uint32_t size)
{
    struct control_state *c = &d->control;
    const char *wrong;
    uint32_t type;

    if (size < sizeof(type)) {
        network_nonsense(d, "a range without a message");
        return;
    }
    /*
     * The kind is decided by one read; each kind then looks at its own
     * copy, and refuses what is another.
     */
    memcpy(&type, range, sizeof(type));
    if (type != RNDIS_PACKET) {
        /*
         * A control message is short, so what does not fit is no part of
         * one.
         */
        size = size < sizeof(c->incoming) ? size : sizeof(c->incoming);
        memcpy(c->incoming, range, size);
        network_take_control(d, c->incoming, size);
        return;
    }
    wrong = take_data(d, range, size);
    if (wrong) {
        d->coalesce.going = false;
        network_nonsense(d, wrong);
    }
}

/* Each range is one message; all of it must lie in our buffer. */
static void take_parts(struct network_driver *d, const struct kmcl_parts *parts)
{
    uint32_t room = d->receive_pages * PAGE_SIZE_4K;

    if (parts->set_id != RECEIVE_BUFFER_ID) {
        network_nonsense(d, "ranges of a buffer that is none");
        return;
    }
    d->coalesce.going = false;
    for (uint32_t i = 0; i < parts->count; i++) {
        struct kmcl_part part = parts->parts[i];

        /* Compare without a sum that could wrap. */
        if (part.offset > room || part.bytes > room - part.offset)
            network_nonsense(d, "a range outside of the receive buffer");
        else
            take_message(d, d->receive + part.offset, part.bytes);
    }
    /* No frame goes on in another packet. */
    if (d->coalesce.going)
        network_nonsense(d, "a coalesced frame without its end");
}

/*
 * Packets without ranges are NVSP messages of the host's: a virtual function, a
 * table for sub-channels. Both are answered by an empty completion and nothing
 * else: traffic stays where it is.
 */
VOID network_packet(VMBCHANNEL Channel, VMBPACKETCOMPLETION Packet,
                    PVOID Buffer, UINT32 BufferLength, UINT32 Flags)
{
    struct network_driver *d = VmbChannelGetPointer(Channel);
    struct kmcl_parts parts;

    (void)Buffer;
    (void)BufferLength;
    (void)Flags;
    /* Only a transfer-page packet has ranges. */
    if (!kmcl_packet_parts(Packet, &parts)) {
        VmbChannelPacketComplete(Packet, NULL, 0);
        return;
    }
    network_count(&d->statistics.packets_received, 1);
    take_parts(d, &parts);
    keep(d, Packet);
}

VOID network_batch_end(VMBCHANNEL Channel, UINT32 PacketsProcessed)
{
    struct network_driver *d = VmbChannelGetPointer(Channel);

    (void)PacketsProcessed;
    give_back(d);
    if (d->events.batch && !d->leaving)
        d->events.batch(d->events.context);
}
