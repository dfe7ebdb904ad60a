/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A client with MDLs on a raw host: external_rig.h.
 */
#include "external_rig.h"

#include "vmbus/ring_wire.h"

void rig_make(struct world *w, struct rig *r)
{
    r->h = raw_pair(w, 0);
    sent_make(&w->client, &r->s);
    r->pages = world_pages(w, 4);
    r->first = mdl_of(r->pages + 100, 5000);
    r->second = mdl_of(r->pages + 8192, 6000);
    r->first->Next = r->second;
}

void rig_end(struct world *w, struct rig *r)
{
    VmbChannelDisable(w->client.ch);
    sent_free(&r->s);
    raw_end(w, r->h);
    IoFreeMdl(r->first);
    IoFreeMdl(r->second);
}

void rig_take(struct world *w, struct rig *r)
{
    CHECK(raw_host_read(r->h, &r->got));
    CHECK_EQ(r->got.type, RING_PACKET_GPA_DIRECT);
    CHECK_EQ(r->got.flags, RING_FLAG_COMPLETION_REQUESTED);
    raw_host_complete(r->h, r->got.transaction, NULL, 0);
    world_run(w);
}

NTSTATUS rig_window(struct rig *r, UINT32 offset, UINT32 length, UINT32 flags)
{
    return VmbPacketSendWithExternalMdl(r->s.packet, "inline", 6, r->first,
                                        offset, length, flags | WAIT);
}
