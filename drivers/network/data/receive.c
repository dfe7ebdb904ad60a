/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A frame that the host has received (data.h), in a message that lies in the
 * receive buffer.
 *
 * The host can write the buffer at any time, so each byte is copied once and
 * then looked at: first the header, then what the header says.
 */
#include "drivers/network/data/data.h"

#include <string.h>

/* The frame in q->coalesce is whole. */
static void deliver(struct network_queue *q)
{
    struct network_driver *d = q->driver;
    const struct coalesce *c = &q->coalesce;
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
    if (q->index)
        network_count(&d->statistics.received_beside, 1);
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

const char *network_take_data(struct network_queue *q, const uint8_t *range,
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
    step = coalesce_next(&q->coalesce, layout.data_size, &beside, &at);
    if (step == COALESCE_WRONG)
        return "a part of a frame that does not follow the one before";
    /*
     * The sizes are those of the copy above, whatever the host has written
     * there since.
     */
    memcpy(q->coalesce.bytes + at, range + layout.data, layout.data_size);
    if (step == COALESCE_DONE)
        deliver(q);
    return NULL;
}
