/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Acceptance items E, external data (84..86, 88, 91): what a send describes, as
 * a raw host sees it.
 */
#include "harness.h"
#include "external_rig.h"

#include "vmbus/ring_wire.h"

#define FORCE VMBUS_CHANNEL_FORMAT_FLAG_FORCE_MDL_LENGTH

static uint32_t u32(const struct rig *r, uint32_t at)
{
    uint32_t value;

    memcpy(&value, r->got.body + at, sizeof(value));
    return value;
}

static uint64_t u64(const struct rig *r, uint32_t at)
{
    uint64_t value;

    memcpy(&value, r->got.body + at, sizeof(value));
    return value;
}

/* The range at *at: bytes, offset, and frames of consecutive pages from
 * `page` on. */
static void range(struct world *w, struct rig *r, uint32_t *at, uint32_t bytes,
                  uint32_t offset, uint32_t page, uint32_t frames)
{
    CHECK_EQ(u32(r, *at), bytes);
    CHECK_EQ(u32(r, *at + 4), offset);
    *at += 8;
    for (uint32_t i = 0; i < frames; i++, *at += 8)
        CHECK_EQ(u64(r, *at), world_pfn(w, r->pages + (page + i) * 4096));
}

static void item_84(struct world *w)
{
    uint32_t at = 8;
    struct rig r;

    rig_make(w, &r);
    CHECK_STATUS(VmbPacketSend(r.s.packet, "inline", 6, NULL, WAIT),
                 STATUS_SUCCESS);
    CHECK(raw_host_read(r.h, &r.got));
    CHECK_EQ(r.got.type, RING_PACKET_IN_BAND);
    CHECK_EQ(r.got.header_size, 0);
    raw_host_complete(r.h, r.got.transaction, NULL, 0);
    world_run(w);
    CHECK_STATUS(VmbPacketSend(r.s.packet, "inline", 6, r.first, WAIT),
                 STATUS_SUCCESS);
    rig_take(w, &r);
    CHECK_EQ(u32(&r, 0), 0);
    CHECK_EQ(u32(&r, 4), 2);
    range(w, &r, &at, 5000, 100, 0, 2);
    range(w, &r, &at, 6000, 0, 2, 2);
    CHECK_EQ(r.got.header_size, at);
    CHECK(!memcmp(r.got.body + at, "inline\0\0", 8));
    CHECK_EQ(r.got.size, at + 8);
    rig_end(w, &r);
}

/* Windows: the whole, from inside a page, across the boundary, to the end. */
static void item_85(struct world *w)
{
    struct rig r;
    uint32_t at;

    rig_make(w, &r);
    CHECK_STATUS(rig_window(&r, 0, 0, 0), STATUS_SUCCESS);
    rig_take(w, &r);
    CHECK_EQ(u32(&r, 4), 2);
    at = 8;
    range(w, &r, &at, 5000, 100, 0, 2);
    range(w, &r, &at, 6000, 0, 2, 2);

    CHECK_STATUS(rig_window(&r, 50, 200, 0), STATUS_SUCCESS);
    rig_take(w, &r);
    CHECK_EQ(u32(&r, 4), 1);
    at = 8;
    range(w, &r, &at, 200, 150, 0, 1);

    CHECK_STATUS(rig_window(&r, 4000, 2000, 0), STATUS_SUCCESS);
    rig_take(w, &r);
    CHECK_EQ(u32(&r, 4), 2);
    at = 8;
    range(w, &r, &at, 1000, 4, 1, 1); /* 4100 bytes on: page 1, byte 4 */
    range(w, &r, &at, 1000, 0, 2, 1);

    CHECK_STATUS(rig_window(&r, 5000 + 4096, 0, 0), STATUS_SUCCESS);
    rig_take(w, &r);
    CHECK_EQ(u32(&r, 4), 1);
    at = 8;
    range(w, &r, &at, 6000 - 4096, 0, 3, 1);

    CHECK_STATUS(rig_window(&r, 10999, 1, 0), STATUS_SUCCESS);
    rig_take(w, &r);
    at = 8;
    range(w, &r, &at, 1, 5999 - 4096, 3, 1);
    rig_end(w, &r);
}

static void item_86(struct world *w)
{
    struct rig r;
    uint32_t at = 8;

    rig_make(w, &r);
    /* 100 + 8092 = 8192: the end of the second page. */
    CHECK_STATUS(rig_window(&r, 0, 8092, FORCE), STATUS_SUCCESS);
    rig_take(w, &r);
    CHECK_EQ(u32(&r, 4), 1); /* the first MDL only */
    range(w, &r, &at, 8092, 100, 0, 2);
    CHECK_STATUS(rig_window(&r, 0, 8093, FORCE), STATUS_INVALID_PARAMETER_6);
    CHECK_STATUS(rig_window(&r, 8000, 93, FORCE), STATUS_INVALID_PARAMETER_6);
    CHECK_STATUS(rig_window(&r, 8000, 92, FORCE), STATUS_SUCCESS);
    rig_take(w, &r);
    at = 8;
    range(w, &r, &at, 92, 4004, 1, 1);
    CHECK_STATUS(rig_window(&r, 0, 0, FORCE), STATUS_SUCCESS);
    rig_take(w, &r);
    at = 8;
    CHECK_EQ(u32(&r, 4), 1);
    range(w, &r, &at, 5000, 100, 0, 2);
    rig_end(w, &r);
}

static void item_88(struct world *w)
{
    struct rig r;
    PFN_NUMBER pfns[3];

    rig_make(w, &r);
    for (int i = 0; i < 3; i++) /* in the order of the array */
        pfns[i] = world_pfn(w, r.pages + (2 - i) * 4096);
    CHECK_STATUS(
        VmbPacketSendWithExternalPfns(r.s.packet, "inline", 6, pfns, 3, WAIT),
        STATUS_SUCCESS);
    memset(pfns, 0xff, sizeof(pfns));
    rig_take(w, &r);
    CHECK_EQ(u32(&r, 4), 1);
    CHECK_EQ(u32(&r, 8), 3 * 4096);
    CHECK_EQ(u32(&r, 12), 0);
    for (uint32_t i = 0; i < 3; i++)
        CHECK_EQ(u64(&r, 16 + 8 * i), world_pfn(w, r.pages + (2 - i) * 4096));
    CHECK_STATUS(
        VmbPacketSendWithExternalPfns(r.s.packet, "x", 1, pfns, 0, WAIT),
        STATUS_INVALID_PARAMETER_5);
    CHECK_STATUS(
        VmbPacketSendWithExternalPfns(r.s.packet, "x", 1, NULL, 1, WAIT),
        STATUS_INVALID_PARAMETER_4);
    rig_end(w, &r);
}

/* The server writes into what it was lent, and the client sees it. */
static void write_external(struct endpoint *e, VMBPACKETCOMPLETION pc)
{
    PMDL mdl;
    uint8_t *data;

    if (KeGetCurrentIrql() != PASSIVE_LEVEL) { /* mapping is for PASSIVE */
        VmbChannelPacketDeferToPassive(pc);
        return;
    }
    CHECK_EQ(e->flags, VMBUS_CHANNEL_PROCESS_PACKET_FLAG_EXTERNAL_DATA);
    CHECK_STATUS(VmbChannelPacketGetExternalData(pc, 0, &mdl), STATUS_SUCCESS);
    data = MmGetSystemAddressForMdlSafe(mdl, NormalPagePriority);
    CHECK(data);
    memcpy(data, "from the server", 16);
    e->context = e;
    VmbChannelPacketComplete(pc, NULL, 0);
}

static void item_91(struct world *w)
{
    uint8_t *pages = world_pages(w, 2);
    PMDL mdl = mdl_of(pages + 4090, 16);
    struct sent s;

    pair_make(w);
    w->server.on_packet = write_external;
    pair_run(w);
    sent_make(&w->client, &s);
    CHECK_STATUS(VmbPacketSend(s.packet, "read", 4, mdl, WAIT), STATUS_SUCCESS);
    world_run(w);
    CHECK(w->server.context);
    CHECK_EQ(s.ended, 1);
    CHECK(!memcmp(pages + 4090, "from the server", 16));
    sent_free(&s);
    IoFreeMdl(mdl);
    pair_end(w);
}

const struct test kmcl_tests_external[] = {
    {84, "a send without an MDL is in-band, one with an MDL has its ranges",
     item_84},
    {85, "offset and length select a window of an MDL chain", item_85},
    {86, "FORCE_MDL_LENGTH reaches to the end of the last page", item_86},
    {88, "frame numbers describe whole pages in the order of the array",
     item_88},
    {91, "external pages are not copied", item_91},
    {0, NULL, NULL},
};
