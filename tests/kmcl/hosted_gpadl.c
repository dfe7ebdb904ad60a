/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A GPADL that is deleted under a packet that refers to it (item 121).
 */
#include "raw.h"

#include "tests/peer/hosted.h"
#include "hosted_peek.h"
#include "hosted_two.h"
#include "vmbus/ring_wire.h"
#include "runner.h"

/* ---- deleted while another processor looks at it ------------------------- */

static VMBCHANNEL shared;

/* Where the second has found the GPADL and makes an MDL of it. */
static void stop_second(struct seam *s)
{
    if (peek_locked(shared))
        return;
    s->on_alloc = NULL;
    two_stop();
}

static NTSTATUS looked;

static void look(struct endpoint *e, VMBPACKETCOMPLETION pc)
{
    struct seam *s = world_seam(e->w);
    PMDL mdl;

    s->on_alloc = stop_second;
    looked = VmbChannelPacketGetExternalData(pc, 0, &mdl);
    s->on_alloc = NULL;
    VmbChannelPacketComplete(pc, NULL, 0);
}

static void deleted_elsewhere(struct world *w)
{
    struct {
        struct ring_transfer_header header;
        struct ring_transfer_range range;
    } body = {.header = {.range_count = 1}, .range = {.byte_count = 4096}};
    struct raw_host *h = raw_pair(w, 2);
    void *page = world_pages(w, 1);
    UINT32 handle;

    CHECK_STATUS(
        VmbChannelCreateGpadlFromBuffer(w->client.ch, 0, page, 4096, &handle),
        STATUS_SUCCESS);
    shared = w->client.ch;
    w->client.on_packet = look;
    two_begin(w);
    CHECK_EQ(raw_host_send_header(h, RING_PACKET_TRANSFER_PAGES, 0, 1,
                                  sizeof(body), &body, sizeof(body)),
             0);
    two_run_second();
    VmbChannelDeleteGpadl(w->client.ch, handle);
    if (!two_ended())
        two_run_second();
    two_end();
    CHECK_STATUS(looked, STATUS_SUCCESS);
    raw_end(w, h);
}

const struct test kmcl_tests_gpadl_two[] = {
    {121, "a GPADL can be deleted while another processor looks up its pages",
     deleted_elsewhere},
    {0, NULL, NULL},
};
