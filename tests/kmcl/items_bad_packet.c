/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Packets that are not what they say (121, 147, 148), in rings that are sound.
 */
#include "harness.h"
#include "raw.h"

#include "vmbus/ring_wire.h"

/* A guest with rings smaller than our packets gets none of these, but the
 * others. */
static void item_147_small(struct world *w)
{
    static uint8_t bytes[20000];
    struct raw_packet got;
    struct raw_guest *g;
    struct sent s;

    server_make(w, &w->server, &test_instance);
    CHECK_STATUS(VmbChannelInitSetMaximumPacketSize(w->server.ch, 32768), 0);
    w->server.hold = true;
    server_start(&w->server);
    g = raw_guest_open(w); /* 4 pages each way */
    CHECK_EQ(raw_guest_send(g, RING_PACKET_IN_BAND,
                            RING_FLAG_COMPLETION_REQUESTED, 1, "x", 1),
             0);
    world_run(w);
    sent_make(&w->server, &s);
    CHECK_STATUS(sent_send(&s, bytes, sizeof(bytes), false), STATUS_SUCCESS);
    CHECK_EQ(s.ended, 1);
    CHECK_STATUS(s.status, STATUS_BUFFER_OVERFLOW);
    VmbChannelPacketComplete(w->server.held[0], bytes, sizeof(bytes));
    world_run(w);
    CHECK_EQ(kmcl_stats(w->kmcl)->bad_packets, 2);
    CHECK_STATUS(sent_send(&s, "fits", 4, false), STATUS_SUCCESS);
    CHECK(raw_guest_read(g, &got));
    CHECK(!memcmp(got.body, "fits", 4));
    CHECK_TEXT(w->server.trace, "OSP");
    sent_free(&s);
    raw_guest_end(w, g);
}

/* External ranges that say more than the packet holds. */
static void item_147_ranges(struct world *w)
{
    struct ring_gpa_header header = {.range_count = 1000};
    struct raw_guest *g;
    uint8_t body[64] = {0};

    g = raw_guest_pair(w);
    memcpy(body, &header, sizeof(header));
    CHECK_EQ(raw_guest_send(g, RING_PACKET_GPA_DIRECT, 1, 5, body, 64), 0);
    world_run(w);
    CHECK_EQ(w->server.packets, 0);
    CHECK_EQ(kmcl_stats(w->kmcl)->bad_packets, 1);
    CHECK_TEXT(w->server.trace, "OSP"); /* the ring itself is sound */
    raw_guest_end(w, g);
}

/* The host changes a packet after it was read: what the application has does
 * not change, and its length was taken from what was checked. */
static const uint8_t *given;
static UINT32 given_size;

static void spoil_while_given(struct endpoint *e, VMBPACKETCOMPLETION pc)
{
    given = e->buffer;
    given_size = e->size;
    memset(raw_host_out_data(e->context), 0xff, 8192);
    CHECK_EQ(given[0], 0x11);
    CHECK_EQ(given[e->size - 1], 0x11);
    VmbChannelPacketComplete(pc, e->buffer, e->size);
}

static void item_148(struct world *w)
{
    struct raw_host *h = raw_pair(w, 2);
    struct raw_packet got;
    uint8_t bytes[64];

    memset(bytes, 0x11, sizeof(bytes));
    w->client.context = h;
    w->client.on_packet = spoil_while_given;
    CHECK_EQ(raw_host_send(h, RING_PACKET_IN_BAND, 1, 99, bytes, 64), 0);
    world_run(w);
    CHECK_EQ(given_size, 64);
    CHECK(raw_host_read(h, &got));
    CHECK_EQ(got.transaction, 99); /* not the spoiled one */
    CHECK_EQ(got.body[63], 0x11);
    raw_end(w, h);
}

struct gpa {
    struct ring_gpa_header header;
    uint64_t rest[30];
};

/* `count` ranges of `bytes` each, which begin with a page. */
static uint32_t gpa_fill(struct gpa *g, uint32_t count, uint32_t bytes)
{
    uint32_t n = 0;

    *g = (struct gpa){.header = {.range_count = count}};
    for (uint32_t i = 0; i < count; i++) {
        struct ring_gpa_range range = {.byte_count = bytes};

        memcpy(&g->rest[n++], &range, sizeof(range));
        for (uint32_t page = 0; page * 4096 < bytes; page++)
            g->rest[n++] = 0x1000 + page;
    }
    return (uint32_t)sizeof(g->header) + n * 8;
}

static struct raw_guest *server_run(struct world *w, UINT32 flags)
{
    server_make(w, &w->server, &test_instance);
    CHECK_STATUS(VmbChannelInitSetFlags(w->server.ch, flags), STATUS_SUCCESS);
    server_start(&w->server);
    return raw_guest_open(w);
}

static void guest_gives(struct world *w, struct raw_guest *g, uint16_t type,
                        const void *body, uint32_t size)
{
    CHECK_EQ(raw_guest_send_header(g, type, 0, 1, size, body, size), 0);
    world_run(w);
}

static void host_gives(struct world *w, struct raw_host *h, uint16_t type,
                       const void *body, uint32_t size)
{
    CHECK_EQ(raw_host_send_header(h, type, 0, 1, size, body, size), 0);
    world_run(w);
}

/* The server takes 16 pages in 4 ranges. */
static void too_much_external(struct world *w)
{
    struct raw_guest *g = server_run(w, 0);
    struct gpa gpa;
    uint32_t size;

    size = gpa_fill(&gpa, 4, 8);
    guest_gives(w, g, RING_PACKET_GPA_DIRECT, &gpa, size);
    CHECK_EQ(w->server.packets, 1);
    size = gpa_fill(&gpa, 1, 16 * 4096);
    guest_gives(w, g, RING_PACKET_GPA_DIRECT, &gpa, size);
    CHECK_EQ(w->server.packets, 2);
    size = gpa_fill(&gpa, 5, 8);
    guest_gives(w, g, RING_PACKET_GPA_DIRECT, &gpa, size);
    CHECK_EQ(kmcl_stats(w->kmcl)->bad_packets, 1);
    size = gpa_fill(&gpa, 1, 16 * 4096 + 8);
    guest_gives(w, g, RING_PACKET_GPA_DIRECT, &gpa, size);
    CHECK_EQ(kmcl_stats(w->kmcl)->bad_packets, 2);
    CHECK_EQ(w->server.packets, 2);
    raw_guest_end(w, g);
}

/* Who lends nothing cannot send it: a host no GPA ranges, a guest no transfer
 * pages, and nobody either of them over a pipe. */
static void wrong_kind(struct world *w)
{
    struct ring_transfer_header pages[2] = {{.range_count = 1}};
    struct raw_guest *g = server_run(w, 0);
    struct raw_host *h;
    struct gpa gpa;
    uint32_t size = gpa_fill(&gpa, 1, 8);

    guest_gives(w, g, RING_PACKET_TRANSFER_PAGES, pages, sizeof(pages));
    CHECK_EQ(kmcl_stats(w->kmcl)->unknown_packets, 1);
    raw_guest_end(w, g);
    g = server_run(w, VMBUS_CHANNEL_INIT_FLAG_IS_PIPE);
    guest_gives(w, g, RING_PACKET_GPA_DIRECT, &gpa, size);
    CHECK_EQ(kmcl_stats(w->kmcl)->unknown_packets, 2);
    raw_guest_end(w, g);
    h = raw_pair(w, 0);
    host_gives(w, h, RING_PACKET_GPA_DIRECT, &gpa, size);
    CHECK_EQ(kmcl_stats(w->kmcl)->unknown_packets, 3);
    VmbChannelDisable(w->client.ch);
    CHECK_STATUS(
        VmbChannelInitSetFlags(w->client.ch, VMBUS_CHANNEL_INIT_FLAG_IS_PIPE),
        STATUS_SUCCESS);
    endpoint_enable(&w->client);
    host_gives(w, h, RING_PACKET_TRANSFER_PAGES, pages, sizeof(pages));
    CHECK_EQ(kmcl_stats(w->kmcl)->unknown_packets, 4);
    CHECK_EQ(w->client.packets + w->server.packets, 0);
    CHECK_EQ(kmcl_stats(w->kmcl)->bad_packets, 0);
    raw_end(w, h);
}

static void bad_transfer(struct world *w)
{
    struct ring_transfer_header pages[2] = {{.range_count = 2}};
    struct raw_host *h = raw_pair(w, 0);

    host_gives(w, h, RING_PACKET_TRANSFER_PAGES, pages, sizeof(pages));
    CHECK_EQ(kmcl_stats(w->kmcl)->bad_packets, 1);
    CHECK_EQ(w->client.packets, 0);
    raw_end(w, h);
}

const struct test kmcl_tests_bad_packet[] = {
    {121, "a packet with more external data than configured is refused",
     too_much_external},
    {121, "external data from an end that cannot lend it is skipped",
     wrong_kind},
    {121, "transfer pages whose ranges pass their header are refused",
     bad_transfer},
    {147, "a packet that the guest's rings can never hold ends with an error",
     item_147_small},
    {147, "a GPA-direct packet whose ranges pass its end is refused",
     item_147_ranges},
    {148,
     "a delivered packet does not change when the peer overwrites the ring",
     item_148},
    {0, NULL, NULL},
};
