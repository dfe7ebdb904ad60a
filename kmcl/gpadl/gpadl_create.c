/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A client shares memory with its host: VmbChannelCreateGpadlFromBuffer and
 * VmbChannelCreateGpadlFromMdl.
 *
 *   guest  -- GPADL_HEADER, GPADL_BODY ... -->  host   VmbChannelCreateGpadl
 *   guest  <-- GPADL_CREATED ----------------  host   returns the handle
 */
#include "kmcl/gpadl/gpadl.h"

#include <errno.h>

#include "vmbus/packet.h"

/* From EvtChannelOpened to EvtChannelClosed, both included. */
static bool usable(VMBCHANNEL ch)
{
    return ch->phase == KMCL_PAUSED || ch->phase == KMCL_RUNNING ||
           ch->phase == KMCL_SUSPENDING || ch->activity == KMCL_IN_OPENED;
}

/* A GPADL object with room for the frames of `bytes` bytes that start `offset`
 * bytes into a page. The caller fills in the frames. NULL: no memory. */
static struct kmcl_gpadl *make(VMBCHANNEL ch, uint32_t offset, uint32_t bytes)
{
    uint32_t frames = packet_gpa_frames(offset, bytes);
    size_t size = sizeof(struct kmcl_gpadl) + frames * sizeof(uint64_t);
    struct kmcl_gpadl *g = kmcl_alloc(ch->root, size);

    if (!g)
        return NULL;
    g->allocated = size;
    g->offset = offset;
    g->bytes = bytes;
    g->frames = frames;
    /* A client has no MDL to give out, so its frames take the place of the
     * frames of that MDL. */
    g->pfns = g->mdl.Pfns;
    return g;
}

/* Hands the range to the host and waits for its word. */
static NTSTATUS create(VMBCHANNEL ch, struct kmcl_gpadl *g, uint32_t flags,
                       PUINT32 handle)
{
    struct vmbus_pages pages = {
        .pfns = g->pfns,
        .count = g->frames,
        .offset = g->offset,
        .bytes = g->bytes,
    };
    struct kmcl_wait w;
    uint8_t irql;
    int rc;

    /* The channel may be closed meanwhile, but not to its end. */
    kmcl_wait_begin(ch, &w, KMCL_CALL_CREATE_GPADL);
    /* Send GPADL_HEADER and GPADL_BODY, and wait for GPADL_CREATED. The channel
     * number is in the first message, so the channel must be open. */
    rc = vmbus_gpadl_create(ch->link.channel, &pages, &g->handle);
    /* -ESTALE: the host answered neither the creation nor the teardown that
     * followed. It may have the pages, so the caller must not get them back
     * yet. */
    if (rc == -ESTALE) {
        kmcl_gpadl_await_end(ch);
        rc = -ENODEV;
    }
    kmcl_wait_end(ch, &w);
    /* A close may have waited for this call. */
    kmcl_advance_soon(ch);
    if (rc) {
        seam_log(ch->s, SEAM_LOG_WARNING,
                 "kmcl: %s: GPADL of %u pages not created: error %d",
                 ch->set.name, g->frames, -rc);
        kmcl_free(ch->root, g, g->allocated);
        return kmcl_status(rc);
    }
    /* The list is read at DISPATCH by incoming packets that refer to a GPADL.
     */
    g->flags = flags;
    irql = seam_lock(ch->s, &ch->lock);
    g->next = ch->gpadls;
    ch->gpadls = g;
    seam_unlock(ch->s, &ch->lock, irql);
    *handle = g->handle;
    return STATUS_SUCCESS;
}

/* What is asked of channel and flags, whatever is to be shared. */
static NTSTATUS check_caller(VMBCHANNEL ch, uint32_t flags)
{
    if (!kmcl_channel_ok(ch) || ch->is_server)
        return STATUS_INVALID_PARAMETER_1;
    KMCL_CHECK_PASSIVE(ch->s);
    return flags & ~VMBUS_CHANNEL_GPADL_FLAGS ? STATUS_INVALID_PARAMETER_2
                                              : STATUS_SUCCESS;
}

/* The buffer need not start at a page boundary: the first byte goes on the wire
 * as an offset into the first frame. */
NTSTATUS VmbChannelCreateGpadlFromBuffer(VMBCHANNEL Channel, UINT32 Flags,
                                         PVOID Buffer, UINT32 ByteCount,
                                         PUINT32 GpadlHandle)
{
    VMBCHANNEL ch = Channel;
    uint32_t offset = (uint32_t)((uintptr_t)Buffer % SEAM_PAGE_SIZE);
    NTSTATUS status = check_caller(ch, Flags);
    struct kmcl_gpadl *g;

    if (status)
        return status;
    if (!Buffer)
        return STATUS_INVALID_PARAMETER_3;
    if (!ByteCount ||
        packet_gpa_frames(offset, ByteCount) > VMBUS_GPADL_PAGES_MAX)
        return STATUS_INVALID_PARAMETER_4;
    if (!GpadlHandle)
        return STATUS_INVALID_PARAMETER_5;
    if (!usable(ch))
        return STATUS_INVALID_DEVICE_STATE;
    g = make(ch, offset, ByteCount);
    if (!g)
        return STATUS_INSUFFICIENT_RESOURCES;
    /* Pages of one buffer may lie anywhere in guest memory: ask for each. */
    for (uint32_t i = 0; i < g->frames; i++)
        g->pfns[i] = seam_pfn(ch->s, (uint8_t *)Buffer - offset +
                                         (size_t)i * SEAM_PAGE_SIZE);
    return create(ch, g, Flags, GpadlHandle);
}

/* The frames of a window into a chain as one range: between its MDLs there
 * must be no hole. False: there is one. */
static bool fill_from_chain(struct kmcl_gpadl *g, PMDL mdl, uint32_t skip)
{
    uint32_t left = g->bytes, filled = 0;

    for (; left; mdl = mdl->Next) {
        uint32_t start, take, frames;

        /* The window begins in a later MDL. */
        if (skip >= mdl->ByteCount) {
            skip -= mdl->ByteCount;
            continue;
        }
        start = mdl->ByteOffset + skip;
        take = mdl->ByteCount - skip < left ? mdl->ByteCount - skip : left;
        /* One range on the wire is a list of whole frames. Only its first frame
         * may begin late, and only its last may end early. */
        if (filled && start % SEAM_PAGE_SIZE)
            return false;
        /* Copy the frames that the piece touches. */
        frames = packet_gpa_frames(start % SEAM_PAGE_SIZE, take);
        memcpy(g->pfns + filled, mdl->Pfns + start / SEAM_PAGE_SIZE,
               frames * sizeof(uint64_t));
        filled += frames;
        left -= take;
        skip = 0;
        if (left && (start + take) % SEAM_PAGE_SIZE)
            return false;
    }
    return true; /* without holes they are as many as make() counted */
}

/* Where byte `skip` of the chain lies in its page. */
static uint32_t offset_in_page(PMDL mdl, uint32_t skip)
{
    while (skip >= mdl->ByteCount) {
        skip -= mdl->ByteCount;
        mdl = mdl->Next;
    }
    return (mdl->ByteOffset + skip) % SEAM_PAGE_SIZE;
}

NTSTATUS VmbChannelCreateGpadlFromMdl(VMBCHANNEL Channel, UINT32 Flags,
                                      PMDL Mdl, UINT32 StartOffsetWithinMdl,
                                      UINT32 DataLengthWithinMdl,
                                      PUINT32 GpadlHandle)
{
    VMBCHANNEL ch = Channel;
    uint32_t start = StartOffsetWithinMdl, offset;
    uint64_t total = 0, length = DataLengthWithinMdl;
    NTSTATUS status = check_caller(ch, Flags);
    struct kmcl_gpadl *g;

    if (status)
        return status;
    if (!Mdl)
        return STATUS_INVALID_PARAMETER_3;
    /* The chain belongs to the caller: its lengths are trusted, but a sum of
     * them may pass 32 bits. */
    for (PMDL m = Mdl; m; m = m->Next)
        total += m->ByteCount;
    if (start >= total)
        return STATUS_INVALID_PARAMETER_4;
    offset = offset_in_page(Mdl, start);
    /* A length of 0 means up to the end of the chain [D]. */
    if (!length)
        length = total - start;
    if (length > total - start || length > UINT32_MAX - SEAM_PAGE_SIZE ||
        packet_gpa_frames(offset, (uint32_t)length) > VMBUS_GPADL_PAGES_MAX)
        return STATUS_INVALID_PARAMETER_5;
    if (!GpadlHandle)
        return STATUS_INVALID_PARAMETER_6;
    if (!usable(ch))
        return STATUS_INVALID_DEVICE_STATE;
    g = make(ch, offset, (uint32_t)length);
    if (!g)
        return STATUS_INSUFFICIENT_RESOURCES;
    if (!fill_from_chain(g, Mdl, start)) {
        kmcl_free(ch->root, g, g->allocated);
        return STATUS_INVALID_PARAMETER_3;
    }
    return create(ch, g, Flags, GpadlHandle);
}
