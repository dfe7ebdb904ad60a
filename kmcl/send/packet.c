/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Packet objects: making, initialising, giving back, their pointers.
 *
 *   VmbPacketAllocate          VmbPacketInitialize
 *   (object of the channel)    (memory of the driver)
 *             \                  /
 *              v                v
 *   FREE <---  IDLE  <----------------------------+
 *    VmbPacketFree |                              |
 *                  | send                         | its routine runs
 *                  v                              |
 *               QUEUED --> AWAITING --> ENDING ---+
 *                  |  (in the ring)       ^
 *                  +----------------------+
 *                    no WAIT_FOR_COMPLETION
 */
#include "kmcl/send/send.h"

#define RULE_PACKET "not a packet: pass what VmbPacketAllocate gave"
#define RULE_BUSY   "the packet is in flight: wait for its completion routine"

/* Free packets kept by a channel; more go back to the platform. */
#define FREE_PACKETS 256u

/* Room for the object and for the largest wire image that the settings allow,
 * so that a send never needs memory. */
UINT32 VmbChannelSizeofPacket(VMBCHANNEL Channel)
{
    SEAM_ASSERT(kmcl_seam(), kmcl_channel_ok(Channel),
                "not a live channel: pass what VmbChannelAllocate gave");
    return (UINT32)sizeof(struct VMBPACKET__) +
           kmcl_largest_body(&Channel->set);
}

/* The default routine: VmbPacketFree, as a driver would call it. */
static VOID free_at_completion(VMBPACKET packet, NTSTATUS status, PVOID buffer,
                               UINT32 size)
{
    (void)status;
    (void)buffer;
    (void)size;
    VmbPacketFree(packet);
}

/* Makes the object an idle packet of the channel, whatever was there before. */
static void prepare(VMBCHANNEL ch, VMBPACKET p, uint32_t bytes)
{
    *p = (struct VMBPACKET__){
        .magic = KMCL_PACKET_MAGIC,
        .state = KMCL_PACKET_IDLE,
        .channel = ch,
        .capacity = bytes - (uint32_t)sizeof(*p),
        .max_inline = ch->set.max_packet,
    };
}

/* A free packet of at least `bytes`; smaller ones date from before the
 * maxima were raised and are of no more use. */
static VMBPACKET take_free(VMBCHANNEL ch, uint32_t bytes)
{
    uint8_t irql = seam_lock(ch->s, &ch->lock);
    VMBPACKET p = ch->free_packets;
    uint32_t packets = ch->packets_out + 1;
    bool small = kmcl_transactions_small(&ch->sent, packets);

    if (p) {
        ch->free_packets = p->free_next;
        ch->free_packets_count--;
    }
    ch->packets_out = packets;
    seam_unlock(ch->s, &ch->lock, irql);
    if (small)
        kmcl_transactions_grow(ch, packets);
    /* Each such packet leaves the list here, so the list gets well by itself.
     */
    if (p && p->capacity + sizeof(*p) < bytes) {
        kmcl_free(ch->root, p, p->capacity + sizeof(*p));
        p = NULL;
    }
    return p;
}

VMBPACKET VmbPacketAllocate(VMBCHANNEL Channel)
{
    VMBCHANNEL ch = Channel;
    uint32_t bytes;
    VMBPACKET p;

    if (!kmcl_channel_ok(ch))
        return NULL;
    /* Packets of the free list may be larger than that, and stay so. */
    bytes = VmbChannelSizeofPacket(ch);
    p = take_free(ch, bytes);
    if (p)
        bytes = p->capacity + (uint32_t)sizeof(*p);
    else
        p = kmcl_alloc(ch->root, bytes);
    if (!p) {
        uint8_t irql = seam_lock(ch->s, &ch->lock);

        ch->packets_out--;
        seam_unlock(ch->s, &ch->lock, irql);
        return NULL;
    }
    prepare(ch, p, bytes);
    /* Unlike one in memory of the caller it may be given to VmbPacketFree,
     * which its first routine does. */
    p->allocated = true;
    p->routine = free_at_completion;
    return p;
}

VOID VmbPacketFree(VMBPACKET VmbPacket)
{
    VMBPACKET p = VmbPacket;
    VMBCHANNEL ch;
    uint8_t irql;
    bool keep;

    /* A packet of the free list, or memory that is none. */
    SEAM_ASSERT(kmcl_seam(), kmcl_packet_ok(p), RULE_PACKET);
    ch = p->channel;
    SEAM_ASSERT(ch->s, p->allocated,
                "from VmbPacketInitialize: free the caller's own memory");
    SEAM_ASSERT(ch->s, p->state == KMCL_PACKET_IDLE, RULE_BUSY);
    /* The free list is shared by all processors that send. */
    irql = seam_lock(ch->s, &ch->lock);
    keep = ch->free_packets_count < FREE_PACKETS;
    /* The state finds a second VmbPacketFree of the same packet. */
    p->state = KMCL_PACKET_FREE;
    if (keep) {
        p->free_next = ch->free_packets;
        ch->free_packets = p;
        ch->free_packets_count++;
    }
    ch->packets_out--;
    seam_unlock(ch->s, &ch->lock, irql);
    /* Beyond that the memory goes back to the platform, without the lock. */
    if (!keep)
        kmcl_free(ch->root, p, p->capacity + sizeof(*p));
}

void kmcl_packets_free_all(VMBCHANNEL ch)
{
    /* No lock: nobody else knows the channel any more. */
    while (ch->free_packets) {
        VMBPACKET p = ch->free_packets;

        ch->free_packets = p->free_next;
        kmcl_free(ch->root, p, p->capacity + sizeof(*p));
    }
}

/* The driver's own packets are not counted, so the table grows with those that
 * are in flight. */
static void make_room(VMBCHANNEL ch)
{
    uint8_t irql = seam_lock(ch->s, &ch->lock);
    uint32_t packets = ch->sent.count;
    bool small = kmcl_transactions_small(&ch->sent, packets);

    seam_unlock(ch->s, &ch->lock, irql);
    if (small)
        kmcl_transactions_grow(ch, packets);
}

NTSTATUS VmbPacketInitialize(VMBCHANNEL Channel, VMBPACKET VmbPacket,
                             UINT32 ByteCount)
{
    if (!kmcl_channel_ok(Channel))
        return STATUS_INVALID_PARAMETER_1;
    /* The wire image behind the object is read in units of 8 bytes. */
    if (!VmbPacket || (uintptr_t)VmbPacket % 8)
        return STATUS_INVALID_PARAMETER_2;
    if (ByteCount < VmbChannelSizeofPacket(Channel))
        return STATUS_INVALID_PARAMETER_3;
    /* It has no routine yet: a send before VmbPacketSetCompletionRoutine
     * asserts. */
    prepare(Channel, VmbPacket, ByteCount);
    make_room(Channel);
    return STATUS_SUCCESS;
}

/* Also for a packet in flight. */
VMBCHANNEL VmbPacketGetChannel(VMBPACKET PacketObject)
{
    SEAM_ASSERT(kmcl_seam(), kmcl_packet_ok(PacketObject), RULE_PACKET);
    return PacketObject->channel;
}

VOID VmbPacketSetPointer(VMBPACKET PacketObject, PVOID Pointer)
{
    SEAM_ASSERT(kmcl_seam(), kmcl_packet_ok(PacketObject), RULE_PACKET);
    /* KMCL never looks at it; a send keeps it. */
    PacketObject->pointer = Pointer;
}

PVOID VmbPacketGetPointer(VMBPACKET PacketObject)
{
    SEAM_ASSERT(kmcl_seam(), kmcl_packet_ok(PacketObject), RULE_PACKET);
    return PacketObject->pointer;
}

VOID VmbPacketSetCompletionRoutine(
    VMBPACKET PacketObject, PFN_VMB_PACKET_COMPLETION_ROUTINE CompletionRoutine)
{
    SEAM_ASSERT(kmcl_seam(), kmcl_packet_ok(PacketObject), RULE_PACKET);
    SEAM_ASSERT(PacketObject->channel->s, CompletionRoutine,
                "a completion routine is required: pass a function");
    SEAM_ASSERT(PacketObject->channel->s,
                PacketObject->state == KMCL_PACKET_IDLE, RULE_BUSY);
    /* It replaces the one that frees the packet, so the driver does that now.
     */
    PacketObject->routine = CompletionRoutine;
}
