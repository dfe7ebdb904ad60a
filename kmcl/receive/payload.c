/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a packet just read consists of. Everything is looked at in the private
 * copy; what a peer wrote beyond our limits refuses the packet, not the ring.
 */
#include <errno.h>

#include "kmcl/receive/objects.h"
#include "vmbus/packet.h"

/* A pipe's message: its header says how long it is, to the byte. */
static int find_pipe(VMBPACKETCOMPLETION pc, const char **reason)
{
    struct packet_pipe pipe;

    /* The frame says how long the message is; it must lie inside the packet. */
    if (packet_parse_pipe(&pc->wire, pc->body, &pipe)) {
        *reason = pipe.reason;
        return -EPROTO;
    }
    /* Into our own copy, so it may be written. */
    pc->payload = (void *)(uintptr_t)pipe.data;
    pc->payload_size = pipe.size;
    return 0;
}

/* A peer's ranges and their bytes cost memory here. */
static int check_external(VMBPACKETCOMPLETION pc, uint32_t ranges,
                          uint64_t bytes, const char **reason)
{
    const struct kmcl_settings *set = &pc->channel->set;

    /* Within what VmbChannelInitSetMaximumExternalData allows. */
    if (ranges <= set->max_chain && bytes <= set->max_external) {
        pc->external = true;
        kmcl_payload_take(pc);
        return 0;
    }
    *reason = "more external data than "
              "VmbChannelInitSetMaximumExternalData allows";
    return -EPROTO;
}

/* A guest lends memory: check every range before anybody uses one. */
static int find_gpa_direct(VMBPACKETCOMPLETION pc, const char **reason)
{
    struct packet_gpa gpa;

    if (packet_parse_gpa_direct(&pc->wire, pc->body, &gpa)) {
        *reason = gpa.reason;
        return -EPROTO;
    }
    return check_external(pc, gpa.range_count, gpa.byte_count, reason);
}

/* Where the ranges must lie depends on a GPADL; that is checked when the
 * application asks for the data. */
static int find_transfer(VMBPACKETCOMPLETION pc, const char **reason)
{
    struct packet_transfer transfer;
    uint32_t parts = pc->channel->set.max_parts;
    uint64_t bytes = 0;

    if (packet_parse_transfer_pages(&pc->wire, pc->body, UINT64_MAX,
                                    &transfer)) {
        *reason = transfer.reason;
        return -EPROTO;
    }
    /* A client that asked for parts compares them with its memory itself. */
    if (parts && transfer.range_count <= parts) {
        pc->external = true;
        kmcl_payload_take(pc);
        return 0;
    }
    /* In 64 bits: 32-bit lengths of a peer must not wrap. */
    for (uint32_t i = 0; i < transfer.range_count; i++)
        bytes += transfer.ranges[i].byte_count;
    return check_external(pc, transfer.range_count, bytes, reason);
}

int kmcl_payload_find(VMBPACKETCOMPLETION pc, const char **reason)
{
    /* The object may have been used before. */
    pc->external = false;
    switch (pc->wire.type) {
    /* No external data; on a pipe every message is of this type. */
    case RING_PACKET_IN_BAND:
        if (pc->channel->pipe)
            return find_pipe(pc, reason);
        kmcl_payload_take(pc);
        return 0;
    case RING_PACKET_GPA_DIRECT:
        /* Guests lend memory; a host has none to lend. */
        if (pc->channel->is_server && !pc->channel->pipe)
            return find_gpa_direct(pc, reason);
        break;
    case RING_PACKET_TRANSFER_PAGES:
        if (!pc->channel->is_server && !pc->channel->pipe)
            return find_transfer(pc, reason);
        break;
    default:
        break;
    }
    return -ENOTSUP;
}
