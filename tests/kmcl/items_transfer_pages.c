/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * External data that comes as transfer pages: parts of a GPADL (121).
 */
#include "harness.h"
#include "raw.h"

#include "vmbus/ring_wire.h"

/* Transfer pages: parts of a GPADL that the client made. */
static void look_at_transfer(struct endpoint *e, VMBPACKETCOMPLETION pc)
{
    PMDL mdl;
    uint8_t *data;

    CHECK_EQ(e->flags, 1);
    CHECK_EQ(e->size, 8);
    CHECK(!memcmp(e->buffer, "inline..", 8));
    if (KeGetCurrentIrql() != PASSIVE_LEVEL) {
        VmbChannelPacketDeferToPassive(pc);
        return;
    }
    if (e->context == e) { /* outside what was shared */
        CHECK_STATUS(VmbChannelPacketGetExternalData(pc, 0, &mdl),
                     STATUS_DATA_ERROR);
        CHECK(!mdl);
    } else {
        CHECK_STATUS(VmbChannelPacketGetExternalData(pc, 0, &mdl),
                     STATUS_SUCCESS);
        CHECK_EQ(MmGetMdlByteCount(mdl), 16);
        data = MmGetSystemAddressForMdlSafe(mdl, NormalPagePriority);
        CHECK(data && !memcmp(data, "across the pages", 16));
        CHECK_EQ(MmGetMdlByteCount(mdl->Next), 4);
    }
    VmbChannelPacketComplete(pc, NULL, 0);
}

static void give_two_ranges(struct raw_host *h, uint16_t set, uint32_t offset)
{
    struct {
        struct ring_transfer_header header;
        struct ring_transfer_range ranges[2];
        char payload[8];
    } body = {
        .header = {.set_id = set, .range_count = 2},
        .ranges = {{16, offset}, {4, 0}},
        .payload = "inline.",
    };

    body.payload[7] = '.';
    CHECK_EQ(raw_host_send_header(h, RING_PACKET_TRANSFER_PAGES, 0, 1, 24,
                                  &body, sizeof(body)),
             0);
}

static void item_121_transfer(struct world *w)
{
    struct raw_host *h = raw_host_offer(w, &test_instance);
    uint8_t *pages = world_pages(w, 2);
    UINT32 handle;

    client_make(w, &w->client);
    w->client.on_packet = look_at_transfer;
    endpoint_enable(&w->client);
    handle = gpadl_of(w, pages, 8192);
    memcpy(pages + 4090, "across the pages", 16);
    give_two_ranges(h, (uint16_t)handle, 4090);
    give_two_ranges(h, 0xcafe, 4090); /* the protocol's own name for the set */
    world_run(w);
    CHECK_EQ(w->client.batched, 2);
    w->client.context = &w->client;
    give_two_ranges(h, (uint16_t)handle, 8180);
    give_two_ranges(h, (uint16_t)handle, 0xfffffff8);
    world_run(w);
    CHECK_EQ(w->client.batched, 4);
    VmbChannelDeleteGpadl(w->client.ch, handle);
    raw_end(w, h);
}

/* No memory for the second range: told, and the first is given back. */
static void look_without_memory(struct endpoint *e, VMBPACKETCOMPLETION pc)
{
    PMDL mdl;

    world_fail_allocation(e->w, 2);
    CHECK_STATUS(VmbChannelPacketGetExternalData(pc, 0, &mdl),
                 STATUS_INSUFFICIENT_RESOURCES);
    world_fail_allocation(e->w, 0);
    CHECK(!mdl);
    CHECK_STATUS(VmbChannelPacketGetExternalData(pc, 0, &mdl), STATUS_SUCCESS);
    VmbChannelPacketComplete(pc, NULL, 0);
}

static void item_121_memory(struct world *w)
{
    struct raw_host *h = raw_host_offer(w, &test_instance);
    UINT32 handle;

    client_make(w, &w->client);
    w->client.on_packet = look_without_memory;
    endpoint_enable(&w->client);
    handle = gpadl_of(w, world_pages(w, 1), 4096);
    give_two_ranges(h, (uint16_t)handle, 100);
    world_run(w);
    CHECK_EQ(w->client.packets, 1);
    VmbChannelDeleteGpadl(w->client.ch, handle);
    raw_end(w, h);
}

struct seen {
    NTSTATUS status;
    uint64_t pfn;
};

static void look(struct endpoint *e, VMBPACKETCOMPLETION pc)
{
    struct seen *s = e->context;
    PMDL mdl;

    CHECK_EQ(e->flags, 1);
    if (KeGetCurrentIrql() != PASSIVE_LEVEL) {
        VmbChannelPacketDeferToPassive(pc);
        return;
    }
    s->status = VmbChannelPacketGetExternalData(pc, 0, &mdl);
    s->pfn = 0;
    if (NT_SUCCESS(s->status)) {
        void *data = MmGetSystemAddressForMdlSafe(mdl, NormalPagePriority);

        s->pfn = MmGetMdlPfnArray(mdl)[0];
        CHECK(data); /* mapped once */
        CHECK(MmGetSystemAddressForMdlSafe(mdl, NormalPagePriority) == data);
    }
    VmbChannelPacketComplete(pc, NULL, 0);
}

static NTSTATUS give_range(struct world *w, struct raw_host *h, uint32_t set,
                           uint32_t offset, uint32_t bytes)
{
    struct {
        struct ring_transfer_header header;
        struct ring_transfer_range range;
    } body = {
        .header = {.set_id = (uint16_t)set, .range_count = 1},
        .range = {bytes, offset},
    };
    struct seen *s = w->client.context;

    s->status = STATUS_PENDING;
    CHECK_EQ(raw_host_send_header(h, RING_PACKET_TRANSFER_PAGES, 0, 1,
                                  sizeof(body), &body, sizeof(body)),
             0);
    world_run(w);
    return s->status;
}

static void transfer_sets(struct world *w)
{
    struct raw_host *h = raw_pair(w, 0);
    uint8_t *pages = world_pages(w, 4);
    UINT32 small, large, larger;
    struct seen s = {0};

    w->client.context = &s;
    w->client.on_packet = look;
    CHECK_STATUS(give_range(w, h, 1, 0, 8), STATUS_DATA_ERROR); /* no GPADL */
    small = gpadl_of(w, pages, 4096);
    large = gpadl_of(w, pages + 4096, 8192);
    larger = gpadl_of(w, pages, 16384);
    /* By its handle, also when others are older. */
    CHECK_STATUS(give_range(w, h, large, 0, 8), STATUS_SUCCESS);
    CHECK_EQ(s.pfn, world_pfn(w, pages + 4096));
    /* One that is too small is not replaced by another. */
    CHECK_STATUS(give_range(w, h, small, 4096, 8), STATUS_DATA_ERROR);
    /* By nobody's: the first that is large enough. */
    CHECK_STATUS(give_range(w, h, 0xcafe, 4096, 8), STATUS_SUCCESS);
    CHECK_EQ(s.pfn, world_pfn(w, pages + 8192));
    CHECK_STATUS(give_range(w, h, 0xcafe, 16384, 8), STATUS_DATA_ERROR);
    CHECK_STATUS(give_range(w, h, large, 0, 0), STATUS_DATA_ERROR);
    VmbChannelDeleteGpadl(w->client.ch, small);
    VmbChannelDeleteGpadl(w->client.ch, large);
    VmbChannelDeleteGpadl(w->client.ch, larger);
    raw_end(w, h);
}

/* Of 16 pages and 4 MDLs, which the client has set, `count` ranges. */
static void give_ranges(struct raw_host *h, uint32_t count, uint32_t bytes)
{
    struct {
        struct ring_transfer_header header;
        struct ring_transfer_range ranges[8];
    } body = {.header = {.set_id = 1, .range_count = count}};
    uint32_t size = (uint32_t)sizeof(body.header) + 8 * count;

    for (uint32_t i = 0; i < count; i++)
        body.ranges[i].byte_count = bytes;
    CHECK_EQ(raw_host_send_header(h, RING_PACKET_TRANSFER_PAGES, 0, 1, size,
                                  &body, size),
             0);
}

/* Each range costs memory for its MDL: the host has no more of it than the
 * driver said. */
static void transfer_maxima(struct world *w)
{
    struct raw_host *h = raw_pair(w, 2);

    give_ranges(h, 5, 8);
    give_ranges(h, 2, 8 * 4096 + 8);
    world_run(w);
    CHECK_EQ(w->client.packets, 0);
    CHECK_EQ(kmcl_stats(w->kmcl)->bad_packets, 2);
    give_ranges(h, 4, 4 * 4096);
    world_run(w);
    CHECK_EQ(w->client.packets, 1);
    raw_end(w, h);
}

/* ---- parts without MDLs -------------------------------------------------- */

/* Seven ranges, more than the four MDLs of the channel's maximum. */
static void give_parts(struct raw_host *h, uint32_t count)
{
    struct {
        struct ring_transfer_header header;
        struct ring_transfer_range ranges[7];
    } body = {.header = {.set_id = 0xcafe, .range_count = count}};
    uint32_t size = 8 + 8 * count;

    for (uint32_t i = 0; i < count; i++)
        body.ranges[i] = (struct ring_transfer_range){1u << 30, i};
    CHECK_EQ(raw_host_send_header(h, RING_PACKET_TRANSFER_PAGES, 0, 1, size,
                                  &body, size),
             0);
}

static void look_at_parts(struct endpoint *e, VMBPACKETCOMPLETION pc)
{
    struct kmcl_parts parts = {0};

    CHECK_EQ(e->flags, 1);
    CHECK(kmcl_packet_parts(pc, &parts));
    CHECK_EQ(parts.set_id, 0xcafe);
    CHECK_EQ(parts.count, 6);
    for (uint32_t i = 0; i < parts.count; i++) {
        CHECK_EQ(parts.parts[i].bytes, 1u << 30);
        CHECK_EQ(parts.parts[i].offset, i);
    }
    VmbChannelPacketComplete(pc, NULL, 0);
}

static void look_at_none(struct endpoint *e, VMBPACKETCOMPLETION pc)
{
    struct kmcl_parts parts;

    CHECK_EQ(e->flags, 0);
    CHECK(!kmcl_packet_parts(pc, &parts));
    VmbChannelPacketComplete(pc, NULL, 0);
}

/* Their bytes do not count, their number does. */
static void parts_alone(struct world *w)
{
    struct raw_host *h = raw_host_offer(w, &test_instance);

    client_make(w, &w->client);
    CHECK_STATUS(kmcl_client_set_parts(w->client.ch, 32769),
                 STATUS_INVALID_PARAMETER_2);
    CHECK_STATUS(kmcl_client_set_parts(w->client.ch, 6), STATUS_SUCCESS);
    w->client.on_packet = look_at_parts;
    endpoint_enable(&w->client);
    CHECK_STATUS(kmcl_client_set_parts(w->client.ch, 7),
                 STATUS_INVALID_PARAMETER_1);
    give_parts(h, 6);
    world_run(w);
    CHECK_EQ(w->client.packets, 1);
    give_parts(h, 7); /* refused */
    world_run(w);
    CHECK_EQ(w->client.packets, 1);
    w->client.on_packet = look_at_none;
    CHECK_EQ(raw_host_send(h, RING_PACKET_IN_BAND, 0, 2, "in band.", 8), 0);
    world_run(w);
    CHECK_EQ(w->client.packets, 2);
    raw_end(w, h);
}

static void parts_of_server(struct world *w)
{
    server_make(w, &w->server, &test_instance);
    CHECK_STATUS(kmcl_client_set_parts(w->server.ch, 6),
                 STATUS_INVALID_PARAMETER_1);
    VmbChannelCleanup(w->server.ch);
    w->server.ch = NULL;
}

const struct test kmcl_tests_transfer_pages[] = {
    {121, "a set of transfer pages is found by GPADL handle, else by size",
     transfer_sets},
    {121, "transfer pages arrive as checked parts of a GPADL",
     item_121_transfer},
    {121, "external data without memory fails, and can be asked for again",
     item_121_memory},
    {15, "transfer pages above the external maxima are refused",
     transfer_maxima},
    {121, "a client takes the parts of a packet without an MDL for each",
     parts_alone},
    {121, "a server cannot ask for parts", parts_of_server},
    {0, NULL, NULL},
};
