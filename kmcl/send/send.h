/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Outgoing packets: checking, sending, queueing, ending.
 */
#ifndef KMCL_SEND_H
#define KMCL_SEND_H

#include "kmcl/base/channel.h"

/* What a send consists of; filled in by send.c, read by outgoing.c. */
struct kmcl_send {
    uint16_t type;        /* RING_PACKET_* */
    uint32_t header_size; /* in packet->body already, or the pipe's */
    uint32_t body_header; /* bytes of it that count as type's own header */
    const void *inline_data;
    uint32_t inline_size;
    bool waits;    /* WAIT_FOR_COMPLETION */
    bool no_queue; /* fail rather than queue */
};

/* A window into an MDL chain, checked. */
struct kmcl_window {
    PMDL mdl;
    uint32_t offset; /* into the first MDL's bytes */
    uint32_t length; /* > 0 */
    bool forced;     /* length may pass the first MDL's ByteCount */
};

/* ---- queue.c: under the channel's lock --------------------------------- */

/* Adds an item to the end of the queue; it is in no queue yet. */
void kmcl_queue_add(struct kmcl_queue *q, struct kmcl_out *out);

/* Takes an item out of the queue that it is in (not checked). */
void kmcl_queue_remove(struct kmcl_queue *q, struct kmcl_out *out);

/* ---- send.c ------------------------------------------------------------ */

/**
 * Checks what is common to all sends.
 *
 * @p, @buffer, @size  the first arguments of VmbPacketSend, unchecked
 * @return             STATUS_SUCCESS; STATUS_INVALID_PARAMETER_1 to _3, by the
 *                     argument that is refused
 *
 * <= DISPATCH.
 */
static inline NTSTATUS kmcl_check_send(VMBPACKET p, const void *buffer,
                                       uint32_t size)
{
    /* A packet in flight belongs to the channel until its routine runs. */
    if (!kmcl_packet_ready(p))
        return STATUS_INVALID_PARAMETER_1;
    SEAM_ASSERT(p->channel->s, p->routine,
                "the packet has no completion routine: "
                "VmbPacketSetCompletionRoutine comes before the first send");
    if (!buffer && size)
        return STATUS_INVALID_PARAMETER_2;
    /* The maximum may have been lowered or raised since the packet was made. */
    if (size > p->channel->set.max_packet || size > p->max_inline)
        return STATUS_INVALID_PARAMETER_3;
    return STATUS_SUCCESS;
}

/* External data goes from a guest to its host, and not through a pipe:
 * STATUS_SUCCESS, STATUS_NOT_SUPPORTED or STATUS_INVALID_PARAMETER_4. */
static inline NTSTATUS kmcl_check_external(VMBCHANNEL ch)
{
    if (ch->is_server)
        return STATUS_NOT_SUPPORTED;
    /* A pipe has no type of packet that could carry ranges. */
    return ch->pipe ? STATUS_INVALID_PARAMETER_4 : STATUS_SUCCESS;
}

/**
 * Makes all checks of VmbPacketSend and describes the send. External data is
 * written into the packet as a GPA-direct header; nothing is sent yet.
 *
 * @p, @buffer, @size, @mdl, @flags  arguments of VmbPacketSend, unchecked
 * @send    filled in on success, for kmcl_submit()
 * @return  STATUS_SUCCESS, or a status of VmbPacketSend
 *
 * <= DISPATCH.
 */
NTSTATUS kmcl_prepare_send(VMBPACKET p, PVOID buffer, uint32_t size, PMDL mdl,
                           uint32_t flags, struct kmcl_send *send);

/* ---- outgoing.c -------------------------------------------------------- */

/**
 * Puts the packet into the ring or into the queue, in the order of sending.
 *
 * @packet  idle and checked; it is the channel's from now on. With
 *          WAIT_FOR_COMPLETION its routine may run before this returns; without
 *          it the routine has run when the packet went into the ring
 * @send    from kmcl_prepare_send(); read during the call only
 * @return  0: accepted; -ENODEV: the channel is in VmbChannelCleanup and the
 *          packet would have to be queued. With no_queue also -EAGAIN: there is
 *          no room now; -EMSGSIZE: the packet never fits; -ENODEV: the ring is
 *          broken. After a failure the packet is idle and the caller's
 *
 * <= DISPATCH; takes the channel's lock.
 */
int kmcl_submit(VMBPACKET packet, const struct kmcl_send *send);

/* The same for the commonest send: in-band, not on a pipe, may be queued.
 * STATUS_SUCCESS, or STATUS_DEVICE_REMOVED where that says -ENODEV. */
NTSTATUS kmcl_submit_in_band(VMBPACKET packet, const void *data, uint32_t size,
                             bool waits);

/* The same with external data and WAIT_FOR_COMPLETION: `header` bytes of the
 * packet's body describe them, and `size` bytes at `data` follow. */
NTSTATUS kmcl_submit_external(VMBPACKET packet, uint32_t header,
                              const void *data, uint32_t size);

/**
 * Takes a packet back that was sent and has not ended.
 *
 * @return  true: it is idle, and its routine will not run; false: it is ending
 *          already, and its routine runs or has run
 *
 * <= DISPATCH; takes the channel's lock.
 */
bool kmcl_withdraw(VMBPACKET packet);

/* ---- external.c -------------------------------------------------------- */

/**
 * Completes and checks a window into an MDL chain.
 *
 * @w       mdl and forced are set; offset and length are filled in
 * @offset  into the chain, in bytes
 * @length  in bytes; 0: up to the end
 * @return  STATUS_SUCCESS; STATUS_INVALID_PARAMETER_5: the offset is not inside
 *          the chain; STATUS_INVALID_PARAMETER_6: the length passes its end
 */
NTSTATUS kmcl_window_set(struct kmcl_window *w, uint32_t offset,
                         uint32_t length);

/**
 * Writes the GPA-direct header for a window into the packet's body.
 *
 * @packet  idle
 * @w       from kmcl_window_set()
 * @return  bytes of the header; 0: the window exceeds the channel's external
 *          maxima or the packet's room
 */
uint32_t kmcl_external_window(VMBPACKET packet, const struct kmcl_window *w);

/* The same for `count` whole frames, in the order of the array. */
uint32_t kmcl_external_pfns(VMBPACKET packet, const PFN_NUMBER *pfns,
                            uint32_t count);

/* ---- flush.c ----------------------------------------------------------- */

/* Puts what is queued into the ring, in order, as far as there is room. Ends
 * packets that ask for no completion. <= DISPATCH, without the lock. */
void kmcl_flush(VMBCHANNEL ch);

/**
 * Completes all that was sent with STATUS_DEVICE_REMOVED, in the order of
 * sending. While the host may still write to them (link.host_keeps), packets
 * with external data are left.
 *
 * @return  true: none is left
 *
 * PASSIVE, without the lock.
 */
bool kmcl_remove_all(VMBCHANNEL ch);

/* The same for what is in the ring and not answered; the queue stays. */
void kmcl_remove_sent(VMBCHANNEL ch);

/* Synchronous requests end with STATUS_DEVICE_REMOVED from now on. PASSIVE. */
void kmcl_remove_requests(VMBCHANNEL ch);

/* ---- transactions.c ---------------------------------------------------- */

/**
 * Makes the table of transactions larger, for so many packets. Without memory
 * it stays as it is, and long chains only cost time.
 *
 * @packets  that the channel has, for which kmcl_transactions_small() is true
 *
 * <= DISPATCH, without the lock.
 */
void kmcl_transactions_grow(VMBCHANNEL ch, uint32_t packets);

/* Gives the table's memory back, at the end of the channel's life. PASSIVE. */
void kmcl_transactions_end(VMBCHANNEL ch);

/* ---- packet.c ---------------------------------------------------------- */

/* Frees the channel's free list, at the end of its life. PASSIVE. */
void kmcl_packets_free_all(VMBCHANNEL ch);

#endif
