/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * External data of an incoming packet, as an MDL chain: one MDL per range.
 *
 * A server sees a guest's GPA-direct ranges; a client sees transfer pages,
 * which are parts of a GPADL it made. Nothing is mapped until somebody asks
 * for an address.
 *
 *   packet delivered --> VmbChannelPacketGetExternalData: the chain is made
 *                    --> MmGetSystemAddressForMdlSafe: one MDL is mapped
 *   packet completed --> the chain goes on a list of the channel
 *   passive work     --> each MDL is unmapped and freed
 */
#include <errno.h>

#include "kmcl/receive/receive.h"
#include "kmcl/gpadl/gpadl.h"
#include "vmbus/packet.h"
#include "kmcl/base/server_half.h"

/* Our own state in front of the MDL that the application sees. */
struct external_mdl {
    VMBCHANNEL channel;
    size_t allocated;
    bool mapped;
    bool by_host; /* through the host half; else through the seam */
    uint32_t frames;
    struct vmbus_host_memory memory;
    void *mapping;
    MDL mdl;
};

/* Our state around the MDL that the application has. */
static struct external_mdl *owner_of(PMDL mdl)
{
    return mdl->Owner;
}

/* A guest's frames: the host half checks that the guest has them. */
static PVOID map_guest(struct external_mdl *e)
{
    const struct kmcl_server_half *server = e->channel->root->config.server;

    if (server->memory_map(e->channel->link.offered, e->mdl.ByteOffset,
                           e->mdl.ByteCount, e->mdl.Pfns, e->frames,
                           &e->memory))
        return NULL;
    /* The host half has mapped the bytes, not whole pages. */
    e->mapped = true;
    return e->memory.data;
}

/* Frames of a GPADL of ours: the platform maps them side by side. */
static PVOID map_own(struct external_mdl *e)
{
    struct seam *s = e->channel->s;

    /* The platform maps whole pages. */
    e->mapping = seam_map(s, e->mdl.Pfns, e->frames, e->frames);
    if (!e->mapping)
        return NULL;
    e->mapped = true;
    return (uint8_t *)e->mapping + e->mdl.ByteOffset;
}

/* Windows maps at DISPATCH, too, so a driver of Windows may try it here. It has
 * to expect NULL, which means there that no address is free. */
static PVOID map_external(PMDL mdl)
{
    struct external_mdl *e = owner_of(mdl);
    VMBCHANNEL ch = e->channel;

    /* Mapping may allocate, and changes page tables. */
    if (seam_irql(ch->s) != SEAM_PASSIVE) {
        kmcl_log_peer(ch, KMCL_LINE_MAP, SEAM_LOG_WARNING,
                      "kmcl: %s: external data is mapped at PASSIVE_LEVEL "
                      "only, so MmGetSystemAddressForMdlSafe returned NULL: "
                      "call VmbChannelPacketDeferToPassive first",
                      ch->set.name);
        return NULL;
    }
    return e->by_host ? map_guest(e) : map_own(e);
}

/* An MDL of one range, which is not mapped. NULL: no memory. */
static PMDL make(VMBCHANNEL ch, const PFN_NUMBER *pfns, uint32_t offset,
                 uint32_t bytes, bool read_only)
{
    /* The range was checked when the packet was read; its frames are copied,
     * because the packet's memory is reused. */
    uint32_t frames = packet_gpa_frames(offset, bytes);
    size_t size = sizeof(struct external_mdl) + frames * sizeof(*pfns);
    struct external_mdl *e = kmcl_alloc(ch->root, size);

    if (!e)
        return NULL;
    e->channel = ch;
    e->allocated = size;
    e->by_host = ch->is_server;
    e->frames = frames;
    e->mdl.ByteOffset = offset;
    e->mdl.ByteCount = bytes;
    e->mdl.Capacity = frames;
    e->mdl.Flags = read_only ? KMCL_MDL_READ_ONLY : 0;
    /* Called by MmGetSystemAddressForMdlSafe, at the first time. */
    e->mdl.Map = map_external;
    e->mdl.Owner = e;
    memcpy(e->mdl.Pfns, pfns, frames * sizeof(*pfns));
    return &e->mdl;
}

/* Undoes the mapping, if there is one, in the way it was made. */
static void free_one(PMDL mdl)
{
    struct external_mdl *e = owner_of(mdl);
    VMBCHANNEL ch = e->channel;

    /* In reverse of map_guest() and map_own(). */
    if (e->mapped && e->by_host)
        ch->root->config.server->memory_unmap(ch->link.offered, &e->memory);
    else if (e->mapped)
        seam_unmap(ch->s, e->mapping, e->frames, e->frames);
    kmcl_free(ch->root, e, e->allocated);
}

/* Puts a chain on the channel's list of MDLs that are to be freed at PASSIVE.
 */
static void bury(VMBCHANNEL ch, PMDL mdl)
{
    while (mdl) {
        PMDL next = mdl->Next;

        mdl->Next = ch->dead_mdls;
        ch->dead_mdls = mdl;
        mdl = next;
    }
}

void kmcl_external_release(VMBPACKETCOMPLETION pc)
{
    bury(pc->channel, pc->mdl);
    pc->mdl = NULL;
}

void kmcl_external_bury(VMBCHANNEL ch)
{
    uint8_t irql = seam_lock(ch->s, &ch->lock);
    PMDL mdl;

    /* Take the whole list, then work without the lock: unmapping is slow. */
    mdl = ch->dead_mdls;
    ch->dead_mdls = NULL;
    seam_unlock(ch->s, &ch->lock, irql);
    while (mdl) {
        PMDL next = mdl->Next;

        free_one(mdl);
        mdl = next;
    }
}

/* A guest's GPA-direct packet: one MDL per range, in their order. */
static NTSTATUS build_gpa(VMBPACKETCOMPLETION pc, bool read_only, PMDL *at)
{
    struct packet_gpa_range range;
    struct packet_gpa gpa;

    /* The packet was accepted, so this only fails for a fault of ours. */
    if (packet_parse_gpa_direct(&pc->wire, pc->body, &gpa))
        return STATUS_DATA_ERROR;
    /* What was made before a failure is on the chain, for the caller to free.
     */
    while (packet_gpa_next(&gpa, &range)) {
        *at = make(pc->channel, range.pfns, range.byte_offset, range.byte_count,
                   read_only);
        if (!*at)
            return STATUS_INSUFFICIENT_RESOURCES;
        at = &(*at)->Next;
    }
    return STATUS_SUCCESS;
}

/* A host's transfer pages: each range is a part of a GPADL of ours. */
static NTSTATUS build_transfer(VMBPACKETCOMPLETION pc, bool read_only, PMDL *at)
{
    struct packet_transfer transfer;

    if (packet_parse_transfer_pages(&pc->wire, pc->body, UINT64_MAX, &transfer))
        return STATUS_DATA_ERROR;
    for (uint32_t i = 0; i < transfer.range_count; i++) {
        struct kmcl_gpadl_part part;

        /* The host may name a GPADL that is none, or bytes outside it. */
        if (!kmcl_gpadl_find(pc->channel, transfer.set_id,
                             transfer.ranges[i].byte_offset,
                             transfer.ranges[i].byte_count, &part))
            return STATUS_DATA_ERROR;
        *at = make(pc->channel, part.pfns, part.offset,
                   transfer.ranges[i].byte_count, read_only);
        if (!*at)
            return STATUS_INSUFFICIENT_RESOURCES;
        at = &(*at)->Next;
    }
    return STATUS_SUCCESS;
}

/* The test hook: once per packet, as memory that is paged in does not go out
 * again while the packet is there. */
static bool pend(VMBPACKETCOMPLETION pc)
{
    struct kmcl *root = pc->channel->root;

    /* Only inside the callback can the packet come again. */
    if (!root->pend_external || pc->pended || pc->channel->current != pc)
        return false;
    root->pend_external--;
    pc->pended = true;
    pc->channel->verdict = KMCL_PEND;
    return true;
}

NTSTATUS
VmbChannelPacketGetExternalData(VMBPACKETCOMPLETION PacketCompletionContext,
                                UINT32 Flags, PMDL *Mdl)
{
    VMBPACKETCOMPLETION pc = PacketCompletionContext;
    bool read_only = Flags & VMBUS_CHANNEL_PACKET_EXTERNAL_DATA_FLAG_READ_ONLY;
    PMDL chain = NULL;
    VMBCHANNEL ch;
    NTSTATUS status;
    uint8_t irql;

    SEAM_ASSERT(kmcl_seam(), kmcl_delivered(pc),
                "not a packet that is delivered and not completed");
    ch = pc->channel;
    if (!Mdl)
        return STATUS_INVALID_PARAMETER_3;
    /* A failure leaves no pointer that could be used. */
    *Mdl = NULL;
    if (Flags & ~VMBUS_CHANNEL_PACKET_EXTERNAL_DATA_FLAGS)
        return STATUS_INVALID_PARAMETER_2;
    /* The flag of the callback has said so [D]. */
    if (!pc->external)
        return STATUS_INVALID_PARAMETER_1;
    /* Asked again for the same packet: the same chain. */
    if (pc->mdl) {
        *Mdl = pc->mdl;
        return STATUS_SUCCESS;
    }
    if (pend(pc))
        return STATUS_PENDING;
    /* The GPADL that a host refers to may be deleted meanwhile. */
    irql = seam_lock(ch->s, &ch->lock);
    status = ch->is_server ? build_gpa(pc, read_only, &chain)
                           : build_transfer(pc, read_only, &chain);
    if (NT_SUCCESS(status)) {
        pc->mdl = chain;
        *Mdl = chain;
    } else {
        /* What was made before the failure goes, and not at DISPATCH. */
        bury(ch, chain);
        kmcl_advance_soon(ch);
    }
    seam_unlock(ch->s, &ch->lock, irql);
    return status;
}
