/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Acceptance items H, second part (124..126, 128, 129): GPADLs that a client
 * makes.
 */
#include "harness.h"
#include "raw.h"

static void item_124(struct world *w)
{
    struct raw_host *h = raw_pair(w, 0);
    uint8_t *pages = world_pages(w, 2), *seen;
    UINT32 handle = 0;

    handle = gpadl_of(w, pages, 8192);
    CHECK(handle);
    pages[8191] = 0x77;
    seen = raw_host_map(h, handle); /* at once: the host knows it */
    CHECK(seen && seen[8191] == 0x77);
    raw_host_unmap(h, handle);
    VmbChannelDeleteGpadl(w->client.ch, handle);
    CHECK(!raw_host_map(h, handle));
    CHECK_STATUS(
        VmbChannelCreateGpadlFromBuffer(w->client.ch, 2, pages, 8192, &handle),
        STATUS_INVALID_PARAMETER_2);
    CHECK_STATUS(
        VmbChannelCreateGpadlFromBuffer(w->client.ch, 0, NULL, 8192, &handle),
        STATUS_INVALID_PARAMETER_3);
    CHECK_STATUS(
        VmbChannelCreateGpadlFromBuffer(w->client.ch, 0, pages, 0, &handle),
        STATUS_INVALID_PARAMETER_4);
    CHECK_STATUS(VmbChannelCreateGpadlFromBuffer(w->client.ch, 0, pages,
                                                 8191u * 4096, &handle),
                 STATUS_INVALID_PARAMETER_4);
    CHECK_STATUS(
        VmbChannelCreateGpadlFromBuffer(w->client.ch, 0, pages, 8192, NULL),
        STATUS_INVALID_PARAMETER_5);
    VmbChannelDisable(w->client.ch);
    CHECK_STATUS(
        VmbChannelCreateGpadlFromBuffer(w->client.ch, 0, pages, 8192, &handle),
        STATUS_INVALID_DEVICE_STATE);
    raw_end(w, h);
}

static void item_125(struct world *w)
{
    struct raw_host *h;
    uint8_t *pages;
    UINT32 handle = 0;
    uint64_t blocks;

    world_limit_gpadls(w, 2); /* the rings' own, and one more */
    h = raw_pair(w, 0);
    pages = world_pages(w, 2);
    handle = gpadl_of(w, pages, 4096);
    blocks = world_blocks(w);
    CHECK(!NT_SUCCESS(VmbChannelCreateGpadlFromBuffer(
        w->client.ch, 0, pages + 4096, 4096, &handle)));
    CHECK_EQ(world_blocks(w), blocks);
    VmbChannelDeleteGpadl(w->client.ch, handle);
    /* Without memory too. */
    world_fail_allocation(w, 1);
    CHECK_STATUS(
        VmbChannelCreateGpadlFromBuffer(w->client.ch, 0, pages, 4096, &handle),
        STATUS_INSUFFICIENT_RESOURCES);
    world_fail_allocation(w, 0);
    raw_end(w, h);
}

static void item_126(struct world *w)
{
    struct raw_host *h = raw_pair(w, 0);
    uint8_t *a = world_pages(w, 2), *b = world_pages(w, 2), *seen;
    PMDL first = mdl_of(a + 100, 8192 - 100);
    PMDL second = mdl_of(b, 5000);
    UINT32 handle;

    first->Next = second;
    memset(a, 0xa, 8192);
    memset(b, 0xb, 8192);
    /* From page 1 of the first to the end of the chain. */
    CHECK_STATUS(
        VmbChannelCreateGpadlFromMdl(w->client.ch, 0, first, 3996, 0, &handle),
        STATUS_SUCCESS);
    seen = raw_host_map(h, handle);
    CHECK(seen && seen[0] == 0xa && seen[4095] == 0xa && seen[4096] == 0xb);
    CHECK_EQ(seen[4096 + 4999], 0xb);
    raw_host_unmap(h, handle);
    VmbChannelDeleteGpadl(w->client.ch, handle);
    /* A window inside the second. */
    b[4096] = 0xcc;
    CHECK_STATUS(VmbChannelCreateGpadlFromMdl(w->client.ch, 0, first,
                                              8192 - 100 + 4096, 100, &handle),
                 STATUS_SUCCESS);
    seen = raw_host_map(h, handle);
    CHECK(seen && seen[0] == 0xcc);
    raw_host_unmap(h, handle);
    VmbChannelDeleteGpadl(w->client.ch, handle);
    CHECK_STATUS(
        VmbChannelCreateGpadlFromMdl(w->client.ch, 0, NULL, 0, 0, &handle),
        STATUS_INVALID_PARAMETER_3);
    CHECK_STATUS(
        VmbChannelCreateGpadlFromMdl(w->client.ch, 0, first, 13092, 0, &handle),
        STATUS_INVALID_PARAMETER_4);
    CHECK_STATUS(VmbChannelCreateGpadlFromMdl(w->client.ch, 0, first, 13000, 93,
                                              &handle),
                 STATUS_INVALID_PARAMETER_5);
    CHECK_STATUS(
        VmbChannelCreateGpadlFromMdl(w->client.ch, 0, first, 0, 8, NULL),
        STATUS_INVALID_PARAMETER_6);
    second->Next = NULL;
    first->Next = NULL;
    second->Next = first; /* 5000 bytes and then another page: a hole */
    CHECK_STATUS(
        VmbChannelCreateGpadlFromMdl(w->client.ch, 0, second, 0, 0, &handle),
        STATUS_INVALID_PARAMETER_3);
    IoFreeMdl(first);
    first = mdl_of(a, 8192);
    second->Next = first; /* ends inside a page, goes on at a page */
    CHECK_STATUS(
        VmbChannelCreateGpadlFromMdl(w->client.ch, 0, second, 0, 0, &handle),
        STATUS_INVALID_PARAMETER_3);
    IoFreeMdl(first);
    IoFreeMdl(second);
    raw_end(w, h);
}

static NTSTATUS from_mdl(struct world *w, PMDL mdl, UINT32 *handle)
{
    return VmbChannelCreateGpadlFromMdl(w->client.ch, 0, mdl, 0, 0, handle);
}

static void gpadl_start(struct world *w)
{
    struct raw_host *h = raw_pair(w, 0);
    uint8_t *pages = world_pages(w, 2), *seen;
    PMDL mdl = mdl_of(pages + 100, 4096);
    UINT32 handle;

    pages[100] = 0x64;
    CHECK_STATUS(from_mdl(w, mdl, &handle), STATUS_SUCCESS);
    seen = raw_host_map(h, handle);
    CHECK(seen && seen[100] == 0x64);
    raw_host_unmap(h, handle);
    VmbChannelDeleteGpadl(w->client.ch, handle);
    IoFreeMdl(mdl);
    raw_end(w, h);
}

static void gpadl_hole(struct world *w)
{
    struct raw_host *h = raw_pair(w, 0);
    uint8_t *a = world_pages(w, 1), *b = world_pages(w, 1);
    PMDL first = mdl_of(a, 4096), second = mdl_of(b + 8, 100);
    UINT32 handle;

    first->Next = second; /* ends with its page, goes on inside one */
    CHECK_STATUS(from_mdl(w, first, &handle), STATUS_INVALID_PARAMETER_3);
    IoFreeMdl(first);
    IoFreeMdl(second);
    raw_end(w, h);
}

/* Lengths that no memory of the test has: refused before they are looked at. */
static void gpadl_length(struct world *w)
{
    struct raw_host *h = raw_pair(w, 0);
    uint8_t *a = world_pages(w, 1), *b = world_pages(w, 2);
    PMDL first = mdl_of(a, 4096), second = mdl_of(b, 8192);
    UINT32 handle;

    first->Next = second;
    first->ByteCount = 0xfffff000; /* 4 GiB and a page with the second */
    CHECK_STATUS(from_mdl(w, first, &handle), STATUS_INVALID_PARAMETER_5);
    first->Next = NULL;
    first->ByteCount = 8191 * 4096;
    CHECK_STATUS(from_mdl(w, first, &handle), STATUS_INVALID_PARAMETER_5);
    first->ByteCount = 4096;
    CHECK_STATUS(
        VmbChannelCreateGpadlFromMdl(w->client.ch, 2, first, 0, 0, &handle),
        STATUS_INVALID_PARAMETER_2);
    world_fail_allocation(w, 1);
    CHECK_STATUS(from_mdl(w, first, &handle), STATUS_INSUFFICIENT_RESOURCES);
    world_fail_allocation(w, 0);
    VmbChannelDisable(w->client.ch);
    CHECK_STATUS(from_mdl(w, first, &handle), STATUS_INVALID_DEVICE_STATE);
    IoFreeMdl(first);
    IoFreeMdl(second);
    raw_end(w, h);
}

static void item_128(struct world *w)
{
    struct raw_host *h = raw_pair(w, 0);
    uint8_t *pages = world_pages(w, 300), *seen;
    UINT32 handle;

    for (uint32_t i = 0; i < 300; i++)
        pages[i * 4096] = (uint8_t)i;
    handle = gpadl_of(w, pages, 300 * 4096);
    seen = raw_host_map(h, handle);
    CHECK(seen);
    for (uint32_t i = 0; i < 300; i++)
        CHECK_EQ(seen[i * 4096], (uint8_t)i);
    raw_host_unmap(h, handle);
    VmbChannelDeleteGpadl(w->client.ch, handle);
    raw_end(w, h);
}

static void share(struct endpoint *e)
{
    UINT32 handle = gpadl_of(e->w, world_pages(e->w, 1), 4096);

    VmbChannelDeleteGpadl(e->ch, handle);
    e->context = e;
}

static void item_129(struct world *w)
{
    pair_make(w);
    w->client.on_opened = share;
    pair_run(w);
    CHECK(w->client.context);
    pair_end(w);
}

/* The host vanishes while create waits: closed comes after create has
 * returned, and finds nothing left. */
static void item_125_vanished(struct world *w)
{
    struct raw_host *h = raw_pair(w, 0);
    void *page = world_pages(w, 1);
    UINT32 handle;
    NTSTATUS status;

    raw_host_vanish_at_gpadl(h);
    status =
        VmbChannelCreateGpadlFromBuffer(w->client.ch, 0, page, 4096, &handle);
    CHECK(!strchr(w->client.trace, 'C'));
    if (NT_SUCCESS(status))
        VmbChannelDeleteGpadl(w->client.ch, handle);
    world_run(w);
    CHECK_TEXT(w->client.trace, "OSPXC");
    raw_end(w, h);
}

static void gpadl_paused(struct world *w)
{
    pair_make(w);
    w->client.on_suspend = share;
    pair_run(w);
    VmbChannelPause(w->client.ch);
    CHECK(w->client.context);
    w->client.context = NULL;
    share(&w->client);
    pair_end(w);
}

const struct test kmcl_tests_gpadl[] = {
    {124, "VmbChannelCreateGpadl returns when the host knows the GPADL",
     item_124},
    {124, "a GPADL can be made while its channel is suspending or paused",
     gpadl_paused},
    {125, "a GPADL that the host refuses leaves nothing behind", item_125},
    {125, "a GPADL whose channel is rescinded meanwhile leaves nothing behind",
     item_125_vanished},
    {126, "a GPADL from an MDL can start inside a page", gpadl_start},
    {126, "a GPADL from a chain with a hole inside a page is refused",
     gpadl_hole},
    {126, "a GPADL that is too long, or without memory, is refused",
     gpadl_length},
    {126, "a GPADL from an MDL chain honours offset and length", item_126},
    {128, "a large GPADL is sent in several messages", item_128},
    {129, "GPADLs can be made inside EvtChannelOpened", item_129},
    {0, NULL, NULL},
};
