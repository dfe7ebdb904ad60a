/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The GPADLs of a client: deleting them, and finding the memory that a packet
 * refers to. gpadl_create.c makes them.
 *
 * A GPADL (guest physical address descriptor list) is guest memory that the
 * host may use until the guest tears it down and the host has confirmed that.
 * The messages are sent by the guest half of the bus (vmbus/guest/gpadl/).
 *
 *   guest  -- GPADL_TEARDOWN --------------->  host   VmbChannelDeleteGpadl
 *   guest  <-- GPADL_TORNDOWN ---------------  host   returns
 */
#include "kmcl/gpadl/gpadl.h"

#include <errno.h>

static bool gone(void *arg)
{
    return vmbus_channel_let_go(arg);
}

/* The caller may reuse the memory when we return. So wait until the host has
 * let go of it, and for ever when it never says so [D: deleting blocks]. */
void kmcl_gpadl_await_end(VMBCHANNEL ch)
{
    (void)seam_wait(ch->s, gone, ch->link.channel, SEAM_FOREVER,
                    "a GPADL's end: the host to let go of its memory");
}

struct kmcl_gpadl **kmcl_gpadl_at(VMBCHANNEL ch, uint32_t handle)
{
    struct kmcl_gpadl **at = &ch->gpadls;

    while (*at && (*at)->handle != handle)
        at = &(*at)->next;
    return at;
}

VOID VmbChannelDeleteGpadl(VMBCHANNEL Channel, UINT32 GpadlHandle)
{
    VMBCHANNEL ch = Channel;
    struct kmcl_gpadl **at, *g;
    struct kmcl_wait w;
    uint8_t irql;

    SEAM_ASSERT(kmcl_seam(), kmcl_channel_ok(ch) && !ch->is_server,
                "not a live client channel");
    KMCL_CHECK_PASSIVE(ch->s);
    at = kmcl_gpadl_at(ch, GpadlHandle);
    SEAM_ASSERT(ch->s, *at,
                "not a GPADL of this channel: pass what Create gave, once");
    g = *at;
    /* Take it off the list first: from now on no packet that comes may refer to
     * its memory. */
    irql = seam_lock(ch->s, &ch->lock);
    *at = g->next;
    seam_unlock(ch->s, &ch->lock, irql);
    kmcl_wait_begin(ch, &w, KMCL_CALL_DELETE_GPADL);
    /* Send GPADL_TEARDOWN and wait for GPADL_TORNDOWN. Until then the host may
     * write to the pages. */
    if (vmbus_gpadl_teardown(ch->link.channel, g->handle) == -ESTALE)
        kmcl_gpadl_await_end(ch);
    kmcl_wait_end(ch, &w);
    kmcl_advance_soon(ch);
    kmcl_free(ch->root, g, g->allocated);
}

void kmcl_gpadls_check(VMBCHANNEL ch)
{
    SEAM_ASSERT(ch->s, !ch->gpadls,
                "GPADLs are left after EvtChannelClosed: delete (client) or "
                "unmap (server) each of them there");
}

/* Whether `bytes` bytes at `offset` lie inside the GPADL. The numbers come from
 * a packet of the host, so no sum of them may overflow. */
static bool covers(const struct kmcl_gpadl *g, uint32_t offset, uint32_t bytes)
{
    return bytes && offset < g->bytes && bytes <= g->bytes - offset;
}

bool kmcl_gpadl_find(VMBCHANNEL ch, uint16_t set_id, uint32_t offset,
                     uint32_t bytes, struct kmcl_gpadl_part *part)
{
    struct kmcl_gpadl *found = NULL;

    for (struct kmcl_gpadl *g = ch->gpadls; g; g = g->next) {
        /* The list is newest first, so the last hit is the first made. */
        if (covers(g, offset, bytes) &&
            (!found || (uint16_t)found->handle != set_id))
            found = g;
        /* The set that was named exists, but is too small for what the host
         * says. */
        if ((uint16_t)g->handle == set_id && !covers(g, offset, bytes))
            return false;
    }
    if (!found)
        return false;
    /* Return the frame of the first byte, and where that byte lies in it. */
    part->pfns = found->pfns + (found->offset + offset) / SEAM_PAGE_SIZE;
    part->offset = (found->offset + offset) % SEAM_PAGE_SIZE;
    return true;
}
