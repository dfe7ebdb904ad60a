/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What goes to the host (private.h): packets of PACKET_MOST bytes at most,
 * which KMCL copies and puts into the ring, or keeps while that is full. At
 * UNDER_WAY_MOST of them send() takes no more.
 *
 *   ring packet   type 6, in-band, no completion asked for
 *   pipe header   u32 1, u32 number of bytes
 *   bytes         up to 4,088 here; a host may send up to 16,384
 *
 * A packet of no bytes is the end of the stream. Room for it need not be kept
 * in the ring, as Linux does: it waits in KMCL's queue like any other packet.
 */
#include <errno.h>

#include "drivers/hvsock/private.h"

/* The packet is in the ring, or the channel has gone. Any processor. */
VOID hvsock_sent(VMBPACKET Packet, NTSTATUS Status, PVOID Buffer,
                 UINT32 BufferLength)
{
    struct net_end *end = VmbChannelGetPointer(VmbPacketGetChannel(Packet));

    (void)Status, (void)Buffer, (void)BufferLength;
    /* The packet object is KMCL's again, ready for the next send. */
    VmbPacketFree(Packet);
    __atomic_fetch_sub(&end->under_way, 1, __ATOMIC_SEQ_CST);
    if (__atomic_exchange_n(&end->wants_room, 0, __ATOMIC_SEQ_CST))
        net_wake(end->s);
}

/* Packets leave in order, so their number is all that must be known. */
bool hvsock_has_room(struct net_end *end)
{
    return __atomic_load_n(&end->under_way, __ATOMIC_SEQ_CST) < UNDER_WAY_MOST;
}

/* True: the packet is KMCL's until its routine runs. */
static bool send_one(struct net_end *end, const void *bytes, uint32_t size,
                     VMBPACKET packet)
{
    if (!packet)
        return false;
    /* The routine may run before VmbPacketSend() returns: count it first. */
    VmbPacketSetCompletionRoutine(packet, hvsock_sent);
    __atomic_fetch_add(&end->under_way, 1, __ATOMIC_SEQ_CST);
    if (NT_SUCCESS(
            VmbPacketSend(packet, (PVOID)(uintptr_t)bytes, size, NULL, 0)))
        return true;
    __atomic_fetch_sub(&end->under_way, 1, __ATOMIC_SEQ_CST);
    VmbPacketFree(packet);
    return false;
}

/* 0: may send. A failure comes before everything else, for it is what the
 * caller can do nothing about. */
static int refusal(const struct net_end *end, const struct net_address *to)
{
    if (to)
        return -EISCONN;
    if (end->error)
        return end->error;
    if (end->state == HVSOCK_GONE || hvsock_is(end, HVSOCK_SAID_END))
        return -EPIPE;
    return end->state == HVSOCK_OPEN ? 0 : -ENOTCONN;
}

/* A wake for room is asked for before the last look, so none is lost. */
ssize_t hvsock_send(struct net_end *end, const void *bytes, size_t size,
                    const struct net_address *to)
{
    const uint8_t *from = bytes;
    size_t sent = 0;
    int result = refusal(end, to);

    if (result)
        return result;
    while (sent < size) {
        size_t left = size - sent;
        uint32_t part = left < PACKET_MOST ? (uint32_t)left : PACKET_MOST;

        if (!hvsock_has_room(end)) {
            __atomic_store_n(&end->wants_room, 1, __ATOMIC_SEQ_CST);
            if (!hvsock_has_room(end))
                break;
        }
        if (!send_one(end, from + sent, part, VmbPacketAllocate(end->channel)))
            return sent ? (ssize_t)sent : -ENOMEM;
        sent += part;
    }
    return sent || !size ? (ssize_t)sent : -EAGAIN;
}

/* A packet of no bytes, behind all others. Its object was made with the
 * channel, so it needs no memory now. [linux hyperv_transport] */
void hvsock_send_end(struct net_end *end)
{
    VMBPACKET last = end->last;

    if (hvsock_is(end, HVSOCK_SAID_END))
        return;
    end->flags |= HVSOCK_SAID_END;
    end->last = NULL;
    (void)send_one(end, NULL, 0, last);
}
