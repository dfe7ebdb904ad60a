/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Acceptance items 127 and 130: a GPADL at the other end, which maps it and
 * lets go of it.
 */
#include "harness.h"
#include "raw.h"

static UINT32 mapped;

static void unmap(void *arg)
{
    raw_host_unmap(arg, mapped);
}

static void unmap_and_go(void *arg)
{
    unmap(arg);
    raw_host_withdraw(arg);
}

/* The host has it mapped until `let_go`: so long delete does not return. */
static void delete_waits(struct world *w, struct raw_host *h,
                         uint32_t milliseconds, void (*let_go)(void *arg))
{
    uint64_t before;

    mapped = gpadl_of(w, world_pages(w, 1), 4096);
    CHECK(raw_host_map(h, mapped));
    world_call_later(w, milliseconds, let_go, h);
    before = world_now(w);
    VmbChannelDeleteGpadl(w->client.ch, mapped);
    CHECK(world_now(w) - before >= milliseconds * UINT64_C(10000));
}

static void item_127(struct world *w)
{
    struct raw_host *h = raw_pair(w, 0);

    delete_waits(w, h, 500, unmap);
    CHECK_ASSERTS(w, "not a GPADL of this channel",
                  VmbChannelDeleteGpadl(w->client.ch, mapped));
    raw_end(w, h);
}

/* The host lets go when nobody asks it any more. */
static void gpadl_kept(struct world *w)
{
    uint32_t minutes = world_is_virtual(w) ? 10 * 60 * 1000 : 300;
    struct raw_host *h = raw_pair(w, 0);

    delete_waits(w, h, minutes, unmap_and_go);
    endpoint_end(&w->client);
}

static void item_130(struct world *w)
{
    uint8_t *pages = world_pages(w, 2), *data;
    UINT32 plain, read_only;
    VMBCHANNEL client, server;
    PMDL mdl;

    pair_run(w);
    client = w->client.ch;
    server = w->server.ch;
    plain = gpadl_of(w, pages, 4096);
    CHECK_STATUS(
        VmbChannelCreateGpadlFromBuffer(client, VMBUS_CHANNEL_GPADL_READ_ONLY,
                                        pages + 4096, 4096, &read_only),
        STATUS_SUCCESS);
    CHECK_STATUS(VmbChannelMapGpadl(server, 0, plain, &mdl), STATUS_SUCCESS);
    CHECK_EQ(MmGetMdlByteCount(mdl), 4096);
    CHECK_EQ(MmGetMdlPfnArray(mdl)[0], world_pfn(w, pages));
    CHECK_EQ((uintptr_t)MmGetMdlVirtualAddress(mdl), MmGetMdlByteOffset(mdl));
    data = MmGetSystemAddressForMdlSafe(mdl, NormalPagePriority);
    data[17] = 17;
    CHECK_EQ(pages[17], 17);
    CHECK_STATUS(VmbChannelMapGpadl(server, 0, plain, &mdl),
                 STATUS_INVALID_DEVICE_STATE);
    VmbChannelUnmapGpadl(server, plain);
    CHECK_ASSERTS(w, "unmap each", VmbChannelUnmapGpadl(server, plain));
    CHECK_STATUS(VmbChannelMapGpadl(server, 0, plain, &mdl), STATUS_SUCCESS);
    VmbChannelUnmapGpadl(server, plain);
    CHECK_STATUS(VmbChannelMapGpadl(server, 0, read_only, &mdl),
                 STATUS_ACCESS_DENIED);
    CHECK_STATUS(VmbChannelMapGpadl(server, VMBUS_CHANNEL_GPADL_FLAG_READ_ONLY,
                                    read_only, &mdl),
                 STATUS_SUCCESS);
    VmbChannelUnmapGpadl(server, read_only);
    CHECK_STATUS(VmbChannelMapGpadl(server, 0, 0x12345678, &mdl),
                 STATUS_INVALID_PARAMETER_3);
    CHECK_STATUS(VmbChannelMapGpadl(server, 2, plain, &mdl),
                 STATUS_INVALID_PARAMETER_2);
    CHECK_STATUS(VmbChannelMapGpadl(server, 0, plain, NULL),
                 STATUS_INVALID_PARAMETER_4);
    CHECK_STATUS(VmbChannelMapGpadl(client, 0, plain, &mdl),
                 STATUS_INVALID_PARAMETER_1);
    CHECK_STATUS(
        VmbChannelCreateGpadlFromBuffer(server, 0, pages, 4096, &plain),
        STATUS_INVALID_PARAMETER_1);
    VmbChannelDeleteGpadl(client, plain);
    VmbChannelDeleteGpadl(client, read_only);
    pair_end(w);
}

static void map_twice(struct world *w)
{
    uint8_t *page = world_pages(w, 1);
    UINT32 handle;
    PMDL mdl;

    pair_make(w);
    CHECK_STATUS(VmbChannelMapGpadl(w->server.ch, 0, 1, &mdl),
                 STATUS_INVALID_DEVICE_STATE); /* no guest */
    pair_run(w);
    handle = gpadl_of(w, page, 4096);
    CHECK_STATUS(VmbChannelMapGpadl(w->server.ch,
                                    VMBUS_CHANNEL_GPADL_FLAG_READ_ONLY, handle,
                                    &mdl),
                 STATUS_SUCCESS);
    /* That this mapping only reads says nothing of what the client made. */
    CHECK_STATUS(VmbChannelMapGpadl(w->server.ch, 0, handle, &mdl),
                 STATUS_INVALID_DEVICE_STATE);
    VmbChannelUnmapGpadl(w->server.ch, handle);
    VmbChannelDeleteGpadl(w->client.ch, handle);
    pair_end(w);
}

const struct test kmcl_tests_gpadl_map[] = {
    {127, "VmbChannelDeleteGpadl waits while the host never answers",
     gpadl_kept},
    {127, "VmbChannelDeleteGpadl waits until the host has unmapped", item_127},
    {130, "a second mapping is refused also when the first one only reads",
     map_twice},
    {130, "a GPADL is mapped once at a time, and read-only is respected",
     item_130},
    {0, NULL, NULL},
};
