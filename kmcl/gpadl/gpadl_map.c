/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The GPADLs that a server has mapped: memory that its guest shares.
 *
 * The host half of the bus keeps the guest's GPADLs and checks their frames.
 * What is mapped stays valid when the guest wants it back: GPADL_TORNDOWN is
 * sent when VmbChannelUnmapGpadl is called. [linux channel.c]
 */
#include <errno.h>

#include "kmcl/gpadl/gpadl.h"
#include "vmbus/host.h"

/* Read-only is not on the wire: a server learns it only of a client in the
 * same image, where handles are unique to the bus. */
static bool made_read_only(struct kmcl *root, uint32_t handle)
{
    for (VMBCHANNEL ch = root->channels; ch; ch = ch->next) {
        struct kmcl_gpadl *g = *kmcl_gpadl_at(ch, handle);

        if (!ch->is_server && g && (g->flags & VMBUS_CHANNEL_GPADL_READ_ONLY))
            return true;
    }
    return false;
}

/* The host half has mapped it already; the MDL gives the address on demand
 * because portable code asks for it. */
static PVOID mapped_address(PMDL mdl)
{
    struct kmcl_gpadl *g = mdl->Owner;

    /* The first byte may lie inside its page. */
    return (uint8_t *)g->mapping + g->offset;
}

/* Describes range 0, which is all that KMCL's clients make. */
static struct kmcl_gpadl *make(VMBCHANNEL ch,
                               const struct vmbus_host_gpadl *mapped,
                               const struct vmbus_host_range *range,
                               uint32_t flags)
{
    size_t size =
        sizeof(struct kmcl_gpadl) + range->page_count * sizeof(PFN_NUMBER);
    struct kmcl_gpadl *g = kmcl_alloc(ch->root, size);

    if (!g)
        return NULL;
    /* Describe the mapping as an MDL: that is what a driver gets. */
    g->allocated = size;
    g->handle = mapped->handle;
    g->flags = flags;
    g->offset = range->offset;
    g->bytes = range->size;
    g->frames = range->page_count;
    g->mapping = mapped->base;
    g->mdl.ByteOffset = range->offset;
    g->mdl.ByteCount = range->size;
    g->mdl.Capacity = range->page_count;
    g->mdl.Flags = flags ? KMCL_MDL_READ_ONLY : 0;
    g->mdl.Map = mapped_address;
    g->mdl.Owner = g;
    memcpy(g->mdl.Pfns, mapped->pfns, range->page_count * sizeof(PFN_NUMBER));
    return g;
}

/* Maps the GPADL and puts it on the list of the channel. */
static NTSTATUS map(VMBCHANNEL ch, uint32_t flags, uint32_t handle, PMDL *mdl)
{
    struct vmbus_host_channel *offered = ch->link.offered;
    struct vmbus_host_gpadl mapped;
    struct vmbus_host_range range;
    struct kmcl_gpadl *g = NULL;
    int rc = vmbus_host_gpadl_map(offered, handle, &mapped);

    /* No such GPADL on this channel: the handle came from the guest by the
     * protocol of the driver, so it may be anything. */
    if (rc == -ENOENT)
        return STATUS_INVALID_PARAMETER_3;
    if (rc)
        return kmcl_status(rc);
    /* One GPADL can have several ranges; an MDL describes range 0. */
    rc = vmbus_host_gpadl_range(offered, handle, 0, &range);
    if (!rc)
        g = make(ch, &mapped, &range, flags);
    /* Give the mapping back when it cannot be described. */
    if (!g) {
        vmbus_host_gpadl_unmap(offered, handle);
        return rc ? kmcl_status(rc) : STATUS_INSUFFICIENT_RESOURCES;
    }
    /* At PASSIVE only, so a server needs no lock for its list. */
    g->next = ch->gpadls;
    ch->gpadls = g;
    *mdl = &g->mdl;
    return STATUS_SUCCESS;
}

NTSTATUS VmbChannelMapGpadl(VMBCHANNEL Channel, UINT32 Flags,
                            UINT32 GpadlHandle, PMDL *Mdl)
{
    VMBCHANNEL ch = Channel;

    if (!kmcl_channel_ok(ch) || !ch->is_server)
        return STATUS_INVALID_PARAMETER_1;
    KMCL_CHECK_PASSIVE(ch->s);
    if (Flags & ~VMBUS_CHANNEL_GPADL_FLAGS)
        return STATUS_INVALID_PARAMETER_2;
    if (!Mdl)
        return STATUS_INVALID_PARAMETER_4;
    /* A guest that has not opened the channel has shared nothing on it. */
    *Mdl = NULL;
    if (ch->link.state == KMCL_LINK_DOWN)
        return STATUS_INVALID_DEVICE_STATE;
    /* The client shared it for reading only. */
    if (!(Flags & VMBUS_CHANNEL_GPADL_FLAG_READ_ONLY) &&
        made_read_only(ch->root, GpadlHandle))
        return STATUS_ACCESS_DENIED;
    return map(ch, Flags, GpadlHandle, Mdl);
}

VOID VmbChannelUnmapGpadl(VMBCHANNEL Channel, UINT32 GpadlHandle)
{
    VMBCHANNEL ch = Channel;
    struct kmcl_gpadl **at, *g;

    SEAM_ASSERT(kmcl_seam(), kmcl_channel_ok(ch) && ch->is_server,
                "not a live server channel");
    KMCL_CHECK_PASSIVE(ch->s);
    at = kmcl_gpadl_at(ch, GpadlHandle);
    SEAM_ASSERT(ch->s, *at,
                "not mapped on this channel: unmap each mapping once");
    /* Unmap before the memory of the MDL is freed. The host half answers a
     * GPADL_TEARDOWN that waited for this. */
    g = *at;
    *at = g->next;
    vmbus_host_gpadl_unmap(ch->link.offered, g->handle);
    kmcl_free(ch->root, g, g->allocated);
}
