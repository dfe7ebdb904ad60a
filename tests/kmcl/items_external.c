/*
 * Acceptance items E, external data (83..89, 91): what a send describes, as
 * a raw host sees it.
 */
#include "harness.h"

#include "ring_wire.h"

#define WAIT  VMBUS_CHANNEL_FORMAT_FLAG_WAIT_FOR_COMPLETION
#define FORCE VMBUS_CHANNEL_FORMAT_FLAG_FORCE_MDL_LENGTH

/* A client on a raw host, with 4 pages in MDLs of its own making. */
struct rig {
    struct raw_host *h;
    struct sent s;
    uint8_t *pages;
    PMDL first, second;
    struct raw_packet got;
};

/* The MDLs: 100 bytes into page 0, 5000 bytes; page 2 from 0, 6000 bytes. */
static void rig_make(struct world *w, struct rig *r)
{
    r->h = raw_host_offer(w, &test_instance);
    client_make(w, &w->client);
    CHECK_STATUS(VmbChannelEnable(w->client.ch), STATUS_SUCCESS);
    world_run(w);
    sent_make(&w->client, &r->s);
    r->pages = world_pages(w, 4);
    r->first = IoAllocateMdl(r->pages + 100, 5000, FALSE, FALSE, NULL);
    r->second = IoAllocateMdl(r->pages + 8192, 6000, FALSE, FALSE, NULL);
    CHECK(r->first && r->second);
    MmBuildMdlForNonPagedPool(r->first);
    MmBuildMdlForNonPagedPool(r->second);
    r->first->Next = r->second;
}

static void rig_end(struct world *w, struct rig *r)
{
    VmbChannelDisable(w->client.ch);
    sent_free(&r->s);
    endpoint_end(&w->client);
    raw_host_withdraw(r->h);
    IoFreeMdl(r->first);
    IoFreeMdl(r->second);
}

/* Takes the packet from the ring and ends it. */
static void take(struct world *w, struct rig *r)
{
    CHECK(raw_host_read(r->h, &r->got));
    CHECK_EQ(r->got.type, RING_PACKET_GPA_DIRECT);
    CHECK_EQ(r->got.flags, RING_FLAG_COMPLETION_REQUESTED);
    raw_host_complete(r->h, r->got.transaction, NULL, 0);
    world_run(w);
}

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

static NTSTATUS window(struct rig *r, UINT32 offset, UINT32 length,
                       UINT32 flags)
{
    return VmbPacketSendWithExternalMdl(r->s.packet, "inline", 6, r->first,
                                        offset, length, flags | WAIT);
}

static void item_83(struct world *w)
{
    struct rig r;
    PFN_NUMBER pfn;

    rig_make(w, &r);
    pfn = world_pfn(w, r.pages);
    CHECK_STATUS(
        VmbPacketSendWithExternalMdl(r.s.packet, "x", 1, r.first, 0, 0, 0),
        STATUS_INVALID_PARAMETER_7);
    CHECK_STATUS(VmbPacketSendWithExternalPfns(r.s.packet, "x", 1, &pfn, 1, 0),
                 STATUS_INVALID_PARAMETER_6);
    CHECK_STATUS(VmbPacketSend(r.s.packet, "x", 1, r.first, 0),
                 STATUS_INVALID_PARAMETER_5);
    CHECK(!raw_host_read(r.h, &r.got));
    rig_end(w, &r);
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
    take(w, &r);
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
    CHECK_STATUS(window(&r, 0, 0, 0), STATUS_SUCCESS);
    take(w, &r);
    CHECK_EQ(u32(&r, 4), 2);
    at = 8;
    range(w, &r, &at, 5000, 100, 0, 2);
    range(w, &r, &at, 6000, 0, 2, 2);

    CHECK_STATUS(window(&r, 50, 200, 0), STATUS_SUCCESS);
    take(w, &r);
    CHECK_EQ(u32(&r, 4), 1);
    at = 8;
    range(w, &r, &at, 200, 150, 0, 1);

    CHECK_STATUS(window(&r, 4000, 2000, 0), STATUS_SUCCESS);
    take(w, &r);
    CHECK_EQ(u32(&r, 4), 2);
    at = 8;
    range(w, &r, &at, 1000, 4, 1, 1); /* 4100 bytes on: page 1, byte 4 */
    range(w, &r, &at, 1000, 0, 2, 1);

    CHECK_STATUS(window(&r, 5000 + 4096, 0, 0), STATUS_SUCCESS);
    take(w, &r);
    CHECK_EQ(u32(&r, 4), 1);
    at = 8;
    range(w, &r, &at, 6000 - 4096, 0, 3, 1);

    CHECK_STATUS(window(&r, 10999, 1, 0), STATUS_SUCCESS);
    take(w, &r);
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
    CHECK_STATUS(window(&r, 0, 8092, FORCE), STATUS_SUCCESS);
    take(w, &r);
    CHECK_EQ(u32(&r, 4), 1); /* the first MDL only */
    range(w, &r, &at, 8092, 100, 0, 2);
    CHECK_STATUS(window(&r, 0, 8093, FORCE), STATUS_INVALID_PARAMETER_6);
    CHECK_STATUS(window(&r, 8000, 93, FORCE), STATUS_INVALID_PARAMETER_6);
    CHECK_STATUS(window(&r, 8000, 92, FORCE), STATUS_SUCCESS);
    take(w, &r);
    at = 8;
    range(w, &r, &at, 92, 4004, 1, 1);
    CHECK_STATUS(window(&r, 0, 0, FORCE), STATUS_SUCCESS);
    take(w, &r);
    at = 8;
    CHECK_EQ(u32(&r, 4), 1);
    range(w, &r, &at, 5000, 100, 0, 2);
    rig_end(w, &r);
}

static void item_87(struct world *w)
{
    struct rig r;

    rig_make(w, &r);
    CHECK_STATUS(window(&r, 11000, 0, 0), STATUS_INVALID_PARAMETER_5);
    CHECK_STATUS(window(&r, UINT32_MAX, 1, 0), STATUS_INVALID_PARAMETER_5);
    CHECK_STATUS(window(&r, 10999, 2, 0), STATUS_INVALID_PARAMETER_6);
    CHECK_STATUS(window(&r, 1, UINT32_MAX, 0), STATUS_INVALID_PARAMETER_6);
    CHECK_STATUS(
        VmbPacketSendWithExternalMdl(r.s.packet, "x", 1, NULL, 0, 0, WAIT),
        STATUS_INVALID_PARAMETER_4);
    CHECK(!raw_host_read(r.h, &r.got));
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
    take(w, &r);
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

static void item_89(struct world *w)
{
    struct rig r;
    PFN_NUMBER pfns[17] = {0};
    PMDL mdls[5];
    void *pages;

    rig_make(w, &r);
    pages = world_pages(w, 17);
    mdls[0] = IoAllocateMdl(pages, 16 * 4096 + 1, FALSE, FALSE, NULL);
    MmBuildMdlForNonPagedPool(mdls[0]);
    CHECK_STATUS(VmbPacketSend(r.s.packet, "x", 1, mdls[0], WAIT),
                 STATUS_INVALID_PARAMETER_4);
    CHECK_STATUS(VmbPacketSendWithExternalMdl(r.s.packet, "x", 1, mdls[0], 0,
                                              16 * 4096 + 1, WAIT),
                 STATUS_INVALID_PARAMETER_4);
    CHECK_STATUS(
        VmbPacketSendWithExternalMdl(r.s.packet, "x", 1, mdls[0], 1, 0, WAIT),
        STATUS_SUCCESS);
    take(w, &r);
    CHECK_STATUS(
        VmbPacketSendWithExternalPfns(r.s.packet, "x", 1, pfns, 17, WAIT),
        STATUS_INVALID_PARAMETER_5);
    IoFreeMdl(mdls[0]);
    for (int i = 0; i < 5; i++) { /* a chain of 5, where 4 are allowed */
        mdls[i] = IoAllocateMdl(pages, 16, FALSE, FALSE, NULL);
        MmBuildMdlForNonPagedPool(mdls[i]);
        if (i)
            mdls[i - 1]->Next = mdls[i];
    }
    CHECK_STATUS(VmbPacketSend(r.s.packet, "x", 1, mdls[0], WAIT),
                 STATUS_INVALID_PARAMETER_4);
    CHECK_STATUS(
        VmbPacketSendWithExternalMdl(r.s.packet, "x", 1, mdls[0], 0, 0, WAIT),
        STATUS_INVALID_PARAMETER_4);
    CHECK_STATUS(VmbPacketSend(r.s.packet, "x", 1, mdls[1], WAIT),
                 STATUS_SUCCESS);
    take(w, &r);
    for (int i = 0; i < 5; i++)
        IoFreeMdl(mdls[i]);
    rig_end(w, &r);
}

/* A window into more than 4 GiB is one, the whole of it is none. Made by hand:
 * nobody has so much memory; only the first MDL is looked into. */
static void item_87_huge(struct world *w)
{
    MDL huge = {.ByteCount = UINT32_MAX}, rest = {.ByteCount = 1};
    struct rig r;

    rig_make(w, &r);
    r.first->Next = &huge;
    huge.Next = &rest; /* 2^32 + 5000 bytes together */
    CHECK_STATUS(window(&r, 0, 0, 0), STATUS_INVALID_PARAMETER_6);
    CHECK_STATUS(VmbPacketSend(r.s.packet, "x", 1, r.first, WAIT),
                 STATUS_INVALID_PARAMETER_4);
    CHECK_STATUS(window(&r, 0, 100, 0), STATUS_SUCCESS);
    take(w, &r);
    rig_end(w, &r);
}

/* A packet has room for the maxima of when it was made. */
static void item_89_raised(struct world *w)
{
    struct raw_host *h = raw_host_offer(w, &test_instance);
    void *pages = world_pages(w, 40);
    PMDL mdl = IoAllocateMdl(pages, 40 * 4096, FALSE, FALSE, NULL);
    PMDL page = IoAllocateMdl(pages, 4096, FALSE, FALSE, NULL);
    static uint8_t bytes[1500];
    struct sent before, small;

    MmBuildMdlForNonPagedPool(mdl);
    MmBuildMdlForNonPagedPool(page);
    client_make(w, &w->client);
    sent_make(&w->client, &before);
    CHECK_STATUS(VmbChannelInitSetMaximumPacketSize(w->client.ch, 8), 0);
    sent_make(&w->client, &small);
    CHECK_STATUS(sent_send(&before, bytes, 600, false),
                 STATUS_INVALID_PARAMETER_3); /* lowered since then */
    CHECK_STATUS(VmbChannelInitSetMaximumPacketSize(w->client.ch, 2000), 0);
    CHECK_STATUS(
        VmbChannelInitSetMaximumExternalData(w->client.ch, 64 * 4096, 4), 0);
    CHECK_STATUS(VmbChannelEnable(w->client.ch), STATUS_SUCCESS);
    world_run(w);
    CHECK_STATUS(sent_send(&before, bytes, 1500, false),
                 STATUS_INVALID_PARAMETER_3);
    CHECK_STATUS(VmbPacketSend(small.packet, "x", 1, page, WAIT),
                 STATUS_INVALID_PARAMETER_4);
    CHECK_STATUS(VmbChannelInitSetMaximumPacketSize(w->client.ch, 2000),
                 STATUS_INVALID_PARAMETER_1);
    VmbChannelDisable(w->client.ch);
    CHECK_STATUS(VmbChannelInitSetMaximumPacketSize(w->client.ch, 1024), 0);
    CHECK_STATUS(VmbChannelEnable(w->client.ch), STATUS_SUCCESS);
    world_run(w);
    CHECK_STATUS(VmbPacketSend(before.packet, "x", 1, mdl, WAIT),
                 STATUS_INVALID_PARAMETER_4);
    sent_free(&before);
    sent_free(&small);
    endpoint_end(&w->client);
    raw_host_withdraw(h);
    IoFreeMdl(mdl);
    IoFreeMdl(page);
}

/* A chain without a byte describes nothing. */
static void item_89_empty(struct world *w)
{
    MDL empty = {.ByteCount = 0};
    struct rig r;

    rig_make(w, &r);
    CHECK_STATUS(VmbPacketSend(r.s.packet, "x", 1, &empty, WAIT),
                 STATUS_INVALID_PARAMETER_4);
    rig_end(w, &r);
}

/* From a guest to its host, and not through a pipe. */
static void item_83_where(struct world *w)
{
    void *page = world_pages(w, 1);
    PFN_NUMBER pfn = world_pfn(w, page);
    PMDL mdl = IoAllocateMdl(page, 4096, FALSE, FALSE, NULL);
    struct sent s;

    MmBuildMdlForNonPagedPool(mdl);
    pair_make(w);
    CHECK_STATUS(
        VmbChannelInitSetFlags(w->client.ch, VMBUS_CHANNEL_INIT_FLAG_IS_PIPE),
        STATUS_SUCCESS);
    pair_run(w);
    sent_make(&w->server, &s);
    CHECK_STATUS(VmbPacketSend(s.packet, "x", 1, mdl, WAIT),
                 STATUS_NOT_SUPPORTED);
    CHECK_STATUS(
        VmbPacketSendWithExternalMdl(s.packet, "x", 1, mdl, 0, 0, WAIT),
        STATUS_NOT_SUPPORTED);
    CHECK_STATUS(VmbPacketSendWithExternalPfns(s.packet, "x", 1, &pfn, 1, WAIT),
                 STATUS_NOT_SUPPORTED);
    sent_free(&s);
    sent_make(&w->client, &s);
    CHECK_STATUS(
        VmbPacketSendWithExternalMdl(s.packet, "x", 1, mdl, 0, 0, WAIT),
        STATUS_INVALID_PARAMETER_4);
    CHECK_STATUS(VmbPacketSendWithExternalPfns(s.packet, "x", 1, &pfn, 1, WAIT),
                 STATUS_INVALID_PARAMETER_4);
    sent_free(&s);
    pair_end(w);
    IoFreeMdl(mdl);
}

/* What every send checks, these check too. */
static void item_83_common(struct world *w)
{
    static uint8_t bytes[1025];
    struct rig r;
    PFN_NUMBER pfn;

    rig_make(w, &r);
    pfn = world_pfn(w, r.pages);
    CHECK_STATUS(VmbPacketSendWithExternalMdl(r.s.packet, bytes, 1025, r.first,
                                              0, 0, WAIT),
                 STATUS_INVALID_PARAMETER_3);
    CHECK_STATUS(
        VmbPacketSendWithExternalPfns(r.s.packet, bytes, 1025, &pfn, 1, WAIT),
        STATUS_INVALID_PARAMETER_3);
    CHECK_STATUS(VmbPacketSend(r.s.packet, bytes, 1025, r.first, WAIT),
                 STATUS_INVALID_PARAMETER_3);
    CHECK(!raw_host_read(r.h, &r.got));
    rig_end(w, &r);
}

/* The server writes into what it was lent, and the client sees it. */
static void write_external(struct endpoint *e, VMBPACKETCOMPLETION pc,
                           PVOID buffer, UINT32 size, UINT32 flags)
{
    PMDL mdl;
    uint8_t *data;

    (void)buffer;
    (void)size;
    if (KeGetCurrentIrql() != PASSIVE_LEVEL) { /* mapping is for PASSIVE */
        VmbChannelPacketDeferToPassive(pc);
        return;
    }
    CHECK_EQ(flags, VMBUS_CHANNEL_PROCESS_PACKET_FLAG_EXTERNAL_DATA);
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
    PMDL mdl = IoAllocateMdl(pages + 4090, 16, FALSE, FALSE, NULL);
    struct sent s;

    MmBuildMdlForNonPagedPool(mdl);
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
    {83, "external data requires WAIT", item_83},
    {83, "and what all sends require", item_83_common},
    {83, "only a client may lend, and not through a pipe", item_83_where},
    {84, "in-band without an MDL, its ranges with one", item_84},
    {85, "offset and length select a window", item_85},
    {86, "FORCE_MDL_LENGTH reaches to the last page's end", item_86},
    {87, "a window beyond the MDL is refused", item_87},
    {87, "so is all of more than 4 GiB", item_87_huge},
    {88, "frame numbers describe whole pages in array order", item_88},
    {89, "external data beyond the maxima is refused", item_89},
    {89, "also where the packet is older than the maxima", item_89_raised},
    {89, "and a chain without bytes", item_89_empty},
    {91, "external pages are not copied", item_91},
    {0, NULL, NULL},
};
