/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Acceptance items E, external data (83, 87, 89): what cannot be lent.
 */
#include "harness.h"
#include "external_rig.h"

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

/* The inline bytes of each send may be pageable. The flag changes nothing that
 * the host sees, and stands beside the others. */
static void item_83_paged(struct world *w)
{
    const UINT32 paged = VMBUS_CHANNEL_FORMAT_FLAG_PAGED_BUFFER;
    struct rig r;
    PFN_NUMBER pfn;

    rig_make(w, &r);
    pfn = world_pfn(w, r.pages);
    CHECK_STATUS(rig_window(&r, 50, 100, paged), STATUS_SUCCESS);
    rig_take(w, &r);
    CHECK(!memcmp(r.got.body + r.got.header_size, "inline", 6));
    CHECK_STATUS(rig_window(&r, 0, 8092,
                            paged | VMBUS_CHANNEL_FORMAT_FLAG_FORCE_MDL_LENGTH),
                 STATUS_SUCCESS);
    rig_take(w, &r);
    CHECK_STATUS(VmbPacketSendWithExternalPfns(r.s.packet, "inline", 6, &pfn, 1,
                                               WAIT | paged),
                 STATUS_SUCCESS);
    rig_take(w, &r);
    CHECK_STATUS(VmbPacketSend(r.s.packet, "inline", 6, r.first, WAIT | paged),
                 STATUS_SUCCESS);
    rig_take(w, &r);
    CHECK_STATUS(
        VmbPacketSendWithExternalMdl(r.s.packet, "x", 1, r.first, 0, 0, paged),
        STATUS_INVALID_PARAMETER_7); /* without WAIT */
    rig_end(w, &r);
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

/* Neither an MDL nor frames. */
static void lends_neither(struct sent *s, PMDL mdl, PPFN_NUMBER pfn,
                          NTSTATUS expected)
{
    CHECK_STATUS(
        VmbPacketSendWithExternalMdl(s->packet, "x", 1, mdl, 0, 0, WAIT),
        expected);
    CHECK_STATUS(VmbPacketSendWithExternalPfns(s->packet, "x", 1, pfn, 1, WAIT),
                 expected);
}

/* From a guest to its host, and not through a pipe. */
static void item_83_where(struct world *w)
{
    void *page = world_pages(w, 1);
    PFN_NUMBER pfn = world_pfn(w, page);
    PMDL mdl = mdl_of(page, 4096);
    struct sent s;

    pair_make(w);
    CHECK_STATUS(
        VmbChannelInitSetFlags(w->client.ch, VMBUS_CHANNEL_INIT_FLAG_IS_PIPE),
        STATUS_SUCCESS);
    pair_run(w);
    sent_make(&w->server, &s);
    CHECK_STATUS(VmbPacketSend(s.packet, "x", 1, mdl, WAIT),
                 STATUS_NOT_SUPPORTED);
    lends_neither(&s, mdl, &pfn, STATUS_NOT_SUPPORTED);
    sent_free(&s);
    sent_make(&w->client, &s);
    lends_neither(&s, mdl, &pfn, STATUS_INVALID_PARAMETER_4);
    sent_free(&s);
    pair_end(w);
    IoFreeMdl(mdl);
}

static void item_87(struct world *w)
{
    struct rig r;

    rig_make(w, &r);
    CHECK_STATUS(rig_window(&r, 11000, 0, 0), STATUS_INVALID_PARAMETER_5);
    CHECK_STATUS(rig_window(&r, UINT32_MAX, 1, 0), STATUS_INVALID_PARAMETER_5);
    CHECK_STATUS(rig_window(&r, 10999, 2, 0), STATUS_INVALID_PARAMETER_6);
    CHECK_STATUS(rig_window(&r, 1, UINT32_MAX, 0), STATUS_INVALID_PARAMETER_6);
    CHECK_STATUS(
        VmbPacketSendWithExternalMdl(r.s.packet, "x", 1, NULL, 0, 0, WAIT),
        STATUS_INVALID_PARAMETER_4);
    CHECK(!raw_host_read(r.h, &r.got));
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
    CHECK_STATUS(rig_window(&r, 0, 0, 0), STATUS_INVALID_PARAMETER_6);
    CHECK_STATUS(VmbPacketSend(r.s.packet, "x", 1, r.first, WAIT),
                 STATUS_INVALID_PARAMETER_4);
    CHECK_STATUS(rig_window(&r, 0, 100, 0), STATUS_SUCCESS);
    rig_take(w, &r);
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
    mdls[0] = mdl_of(pages, 16 * 4096 + 1);
    CHECK_STATUS(VmbPacketSend(r.s.packet, "x", 1, mdls[0], WAIT),
                 STATUS_INVALID_PARAMETER_4);
    CHECK_STATUS(VmbPacketSendWithExternalMdl(r.s.packet, "x", 1, mdls[0], 0,
                                              16 * 4096 + 1, WAIT),
                 STATUS_INVALID_PARAMETER_4);
    CHECK_STATUS(
        VmbPacketSendWithExternalMdl(r.s.packet, "x", 1, mdls[0], 1, 0, WAIT),
        STATUS_SUCCESS);
    rig_take(w, &r);
    CHECK_STATUS(
        VmbPacketSendWithExternalPfns(r.s.packet, "x", 1, pfns, 17, WAIT),
        STATUS_INVALID_PARAMETER_5);
    IoFreeMdl(mdls[0]);
    for (int i = 0; i < 5; i++) { /* a chain of 5, where 4 are allowed */
        mdls[i] = mdl_of(pages, 16);
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
    rig_take(w, &r);
    for (int i = 0; i < 5; i++)
        IoFreeMdl(mdls[i]);
    rig_end(w, &r);
}

/* A packet has room for the maxima of when it was made. */
static void item_89_raised(struct world *w)
{
    struct raw_host *h = raw_host_offer(w, &test_instance);
    void *pages = world_pages(w, 40);
    PMDL mdl = mdl_of(pages, 40 * 4096);
    PMDL page = mdl_of(pages, 4096);
    static uint8_t bytes[1500];
    struct sent before, small;

    client_make(w, &w->client);
    sent_make(&w->client, &before);
    CHECK_STATUS(VmbChannelInitSetMaximumPacketSize(w->client.ch, 8), 0);
    sent_make(&w->client, &small);
    CHECK_STATUS(sent_send(&before, bytes, 600, false),
                 STATUS_INVALID_PARAMETER_3); /* lowered since then */
    CHECK_STATUS(VmbChannelInitSetMaximumPacketSize(w->client.ch, 2000), 0);
    CHECK_STATUS(
        VmbChannelInitSetMaximumExternalData(w->client.ch, 64 * 4096, 4), 0);
    endpoint_enable(&w->client);
    CHECK_STATUS(sent_send(&before, bytes, 1500, false),
                 STATUS_INVALID_PARAMETER_3);
    CHECK_STATUS(VmbPacketSend(small.packet, "x", 1, page, WAIT),
                 STATUS_INVALID_PARAMETER_4);
    CHECK_STATUS(VmbChannelInitSetMaximumPacketSize(w->client.ch, 2000),
                 STATUS_INVALID_PARAMETER_1);
    VmbChannelDisable(w->client.ch);
    CHECK_STATUS(VmbChannelInitSetMaximumPacketSize(w->client.ch, 1024), 0);
    endpoint_enable(&w->client);
    CHECK_STATUS(VmbPacketSend(before.packet, "x", 1, mdl, WAIT),
                 STATUS_INVALID_PARAMETER_4);
    sent_free(&before);
    sent_free(&small);
    raw_end(w, h);
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

const struct test kmcl_tests_external_refused[] = {
    {83, "a send with external data requires WAIT_FOR_COMPLETION", item_83},
    {83, "PAGED_BUFFER changes nothing in a send with external data",
     item_83_paged},
    {83, "sends of external data check what all sends check", item_83_common},
    {83, "only a client that is no pipe may send external data", item_83_where},
    {87, "a window that passes the end of the MDL is refused", item_87},
    {87, "a whole chain of more than 4 GiB is refused", item_87_huge},
    {89, "external data beyond the configured maxima is refused", item_89},
    {89, "a packet older than raised maxima refuses what it has no room for",
     item_89_raised},
    {89, "an MDL chain without bytes is refused", item_89_empty},
    {0, NULL, NULL},
};
