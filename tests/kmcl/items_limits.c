/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The edges of what may be configured, and of what then fits.
 */
#include "harness.h"
#include "raw.h"
#include "request.h"

#include <stdlib.h>

#include "vmbus/ring_wire.h"

static void names(struct world *w)
{
    WCHAR text[100];
    UNICODE_STRING name = {.Length = 200, .Buffer = text};
    VMBCHANNEL ch = channel_make(w, false);

    for (int i = 0; i < 100; i++)
        text[i] = 'n';
    CHECK_STATUS(VmbChannelInitSetFriendlyName(ch, NULL),
                 STATUS_INVALID_PARAMETER_2);
    name.Length = 7;
    CHECK_STATUS(VmbChannelInitSetFriendlyName(ch, &name),
                 STATUS_INVALID_PARAMETER_2);
    name.Length = 8;
    name.Buffer = NULL;
    CHECK_STATUS(VmbChannelInitSetFriendlyName(ch, &name),
                 STATUS_INVALID_PARAMETER_2);
    name.Length = 200; /* is cut; Enable names the channel */
    name.Buffer = text;
    CHECK_STATUS(VmbChannelInitSetFriendlyName(ch, &name), STATUS_SUCCESS);
    CHECK_STATUS(VmbChannelEnable(ch), STATUS_INVALID_DEVICE_STATE);
    CHECK(world_logged(
        w, ": nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn: no target"));
    VmbChannelCleanup(ch);
}

static void no_target(struct world *w)
{
    VMBCHANNEL client = channel_make(w, false), server = channel_make(w, true);

    CHECK_STATUS(VmbClientChannelInitSetTargetPnp(client, NULL, NULL, NULL),
                 STATUS_INVALID_PARAMETER_2);
    CHECK_STATUS(VmbChannelEnable(client), STATUS_INVALID_DEVICE_STATE);
    CHECK(world_logged(w, "VmbClientChannelInitSetTargetPnp"));
    CHECK_STATUS(VmbChannelEnable(server), STATUS_INVALID_DEVICE_STATE);
    CHECK(world_logged(w, "VmbServerChannelInitSetTargetInterfaceId"));
    VmbChannelCleanup(client);
    VmbChannelCleanup(server);
}

static void context_size(struct world *w)
{
    VMBCHANNEL ch = channel_make(w, false);

    CHECK_STATUS(VmbChannelInitSetClientContextSize(ch, 65536), STATUS_SUCCESS);
    CHECK_STATUS(VmbChannelInitSetClientContextSize(ch, 65537),
                 STATUS_INVALID_PARAMETER_2);
    VmbChannelCleanup(ch);
}

/* Each maximum is good by itself, both together are more than a packet. */
static void both_maxima(struct world *w)
{
    client_make(w, &w->client);
    CHECK_STATUS(VmbChannelInitSetMaximumPacketSize(w->client.ch, 524256),
                 STATUS_SUCCESS);
    CHECK_STATUS(VmbChannelInitSetMaximumExternalData(w->client.ch, 1 << 20, 4),
                 STATUS_SUCCESS);
    CHECK_STATUS(VmbChannelEnable(w->client.ch), STATUS_BUFFER_TOO_SMALL);
    endpoint_end(&w->client);
}

/* Gives the packets one at a time; how many allocations that takes. */
static uint64_t allocations_for(struct world *w, struct raw_host *h,
                                uint32_t count)
{
    uint64_t before = world_allocations(w);

    for (uint32_t i = 0; i < count; i++) {
        raw_host_give(h, 0, i);
        world_run(w);
    }
    return world_allocations(w) - before;
}

/* The free list is full of objects that became too small. */
static void free_list_after_raise(struct world *w)
{
    struct raw_host *h = raw_pair(w, 0);

    w->client.hold = true;
    raw_host_give_many(h, 64);
    world_run(w);
    w->client.hold = false;
    endpoint_complete_all(&w->client);
    CHECK(allocations_for(w, h, 200) < 20);
    VmbChannelDisable(w->client.ch);
    CHECK_STATUS(VmbChannelInitSetMaximumPacketSize(w->client.ch, 2048),
                 STATUS_SUCCESS);
    endpoint_enable(&w->client);
    CHECK(allocations_for(w, h, 200) < 20);
    raw_end(w, h);
}

/* Both ends take larger packets, but the other side of a pipe does not. */
static void pipe_message_limit(struct world *w)
{
    static uint8_t bytes[16385];

    pair_make(w);
    CHECK_STATUS(VmbChannelInitSetMaximumPacketSize(w->client.ch, 20000),
                 STATUS_SUCCESS);
    CHECK_STATUS(
        VmbChannelInitSetFlags(w->client.ch, VMBUS_CHANNEL_INIT_FLAG_IS_PIPE),
        STATUS_SUCCESS);
    CHECK_STATUS(
        VmbServerChannelInitSetFlags(
            w->server.ch, VMBUS_SERVER_CHANNEL_INIT_FLAG_OFFER_AS_PIPE),
        STATUS_SUCCESS);
    /* Also before the channel opens, where packets are only queued. */
    CHECK_STATUS(send_plain(&w->client, bytes, 16385),
                 STATUS_INVALID_PARAMETER_3);
    CHECK_STATUS(send_plain(&w->client, "queued", 6), STATUS_SUCCESS);
    CHECK_STATUS(VmbChannelInitSetFlags(w->client.ch, 0),
                 STATUS_INVALID_PARAMETER_1);
    pair_run(w);
    CHECK_EQ(w->server.packets, 1);
    CHECK_EQ(w->server.size, 6);
    CHECK_STATUS(send_plain(&w->client, bytes, 16385),
                 STATUS_INVALID_PARAMETER_3);
    CHECK_STATUS(send_plain(&w->client, bytes, 8192), STATUS_SUCCESS);
    world_run(w);
    CHECK_EQ(w->server.packets, 2);
    CHECK_EQ(w->server.size, 8192);
    pair_end(w);
}

/* A pipe's packets have no external data, but a frame header: also one that
 * is queued. */
static void pipe_packets(struct world *w)
{
    static uint8_t bytes[1024];
    struct raw_host *h = raw_host_offer(w, &test_instance);
    struct raw_packet got;
    uint32_t sent = 0;
    VMBPACKET exact;
    UINT32 size;

    client_make(w, &w->client);
    size = VmbChannelSizeofPacket(w->client.ch);
    CHECK_STATUS(
        VmbChannelInitSetFlags(w->client.ch, VMBUS_CHANNEL_INIT_FLAG_IS_PIPE),
        STATUS_SUCCESS);
    CHECK(VmbChannelSizeofPacket(w->client.ch) < size);
    CHECK_STATUS(VmbClientChannelInitSetRingBufferPageCount(w->client.ch, 2, 2),
                 STATUS_SUCCESS);
    endpoint_enable(&w->client);
    for (; !kmcl_stats(w->kmcl)->packets_queued; sent++)
        CHECK_STATUS(send_plain(&w->client, bytes, sizeof(bytes)),
                     STATUS_SUCCESS);
    exact = packet_own(w->client.ch);
    VmbPacketSetCompletionRoutine(exact, sent_ignore);
    memset(bytes, 7, sizeof(bytes));
    CHECK_STATUS(VmbPacketSend(exact, bytes, sizeof(bytes), NULL, 0),
                 STATUS_SUCCESS);
    for (; raw_host_read(h, &got); sent--) {
        CHECK_EQ(got.size, 1024 + 8);
        world_run(w);
    }
    CHECK_EQ(sent, UINT32_MAX); /* one more than by the loop above */
    CHECK_EQ(got.body[8], 7);
    CHECK_EQ(got.body[8 + 1023], 7);
    free(exact);
    raw_end(w, h);
}

static void same_offer_twice(struct world *w)
{
    struct endpoint second = {0};

    server_make(w, &w->server, &test_instance);
    server_make(w, &second, &test_instance);
    CHECK_STATUS(VmbChannelEnable(w->server.ch), STATUS_SUCCESS);
    CHECK_STATUS(VmbChannelEnable(second.ch), STATUS_OBJECT_NAME_COLLISION);
    /* It is Disabled, and can be another one. */
    CHECK_STATUS(VmbServerChannelInitSetTargetInterfaceId(second.ch, test_type,
                                                          other_instance),
                 STATUS_SUCCESS);
    CHECK_STATUS(VmbChannelEnable(second.ch), STATUS_SUCCESS);
    endpoint_end(&second);
    endpoint_end(&w->server);
}

/* Disable of what is Disabled changes nothing. */
static void disabled_request(struct world *w)
{
    client_make(w, &w->client);
    CHECK_STATUS(ask(w->client.ch, WAIT, NULL), STATUS_INVALID_DEVICE_STATE);
    VmbChannelDisable(w->client.ch);
    CHECK_STATUS(ask(w->client.ch, WAIT, NULL), STATUS_INVALID_DEVICE_STATE);
    endpoint_end(&w->client);
}

static void raised_maximum(struct world *w)
{
    uint64_t before;
    VMBPACKET p;

    client_make(w, &w->client);
    VmbPacketFree(VmbPacketAllocate(w->client.ch));
    before = world_allocations(w);
    p = VmbPacketAllocate(w->client.ch);
    CHECK_EQ(world_allocations(w), before);
    VmbPacketFree(p);
    CHECK_STATUS(VmbChannelInitSetMaximumPacketSize(w->client.ch, 4096),
                 STATUS_SUCCESS);
    p = VmbPacketAllocate(w->client.ch);
    CHECK_EQ(world_allocations(w), before + 1);
    VmbPacketFree(p);
    endpoint_end(&w->client);
}

static void many_packets(struct world *w)
{
    static VMBPACKET packets[300];
    uint64_t before;

    client_make(w, &w->client);
    before = world_blocks(w);
    for (int i = 0; i < 300; i++) {
        packets[i] = VmbPacketAllocate(w->client.ch);
        CHECK(packets[i]);
    }
    for (int i = 0; i < 300; i++)
        VmbPacketFree(packets[i]);
    /* So many are kept, and the table for the requests of all. */
    CHECK_EQ(world_blocks(w), before + 256 + 1);
    endpoint_end(&w->client);
}

static void misaligned(struct world *w)
{
    static uint64_t memory[8192];

    client_make(w, &w->client);
    CHECK_STATUS(VmbPacketInitialize(w->client.ch,
                                     (VMBPACKET)(void *)((uint8_t *)memory + 4),
                                     sizeof(memory) - 4),
                 STATUS_INVALID_PARAMETER_2);
    endpoint_end(&w->client);
}

static uint8_t large_answer[4000];

static void answer_largely(struct endpoint *e, VMBPACKETCOMPLETION pc)
{
    (void)e;
    VmbChannelPacketComplete(pc, large_answer, sizeof(large_answer));
}

/* What the next packet is read into was made for smaller answers. */
static void larger_answers(struct world *w)
{
    struct raw_host *h = raw_pair(w, 2);
    struct raw_packet got;

    raw_host_give(h, 0, 1);
    world_run(w);
    VmbChannelDisable(w->client.ch);
    CHECK_STATUS(
        VmbChannelInitSetMaximumPacketSize(w->client.ch, sizeof(large_answer)),
        STATUS_SUCCESS);
    endpoint_enable(&w->client);
    w->client.on_packet = answer_largely;
    for (int i = 0; i < 2; i++) /* the ring is full: the answer waits */
        CHECK_STATUS(send_plain(&w->client, large_answer, sizeof(large_answer)),
                     STATUS_SUCCESS);
    raw_host_give(h, RING_FLAG_COMPLETION_REQUESTED, 2);
    world_run(w);
    CHECK_EQ(w->client.packets, 2);
    while (raw_host_read(h, &got))
        world_run(w);
    raw_end(w, h);
}

const struct test kmcl_tests_limits[] = {
    {13, "VmbChannelEnable without a target is refused", no_target},
    {14, "incoming packets are reused after their maximum size was raised",
     free_list_after_raise},
    {80, "a pipe's sender is refused a message that its receiver would drop",
     pipe_message_limit},
    {16, "a pipe's packets have room for a header and no external data",
     pipe_packets},
    {25, "a bad friendly name is refused, a long one is cut", names},
    {26, "a client context of more than 64 KiB is refused", context_size},
    {26, "VmbChannelEnable refuses maxima that no packet can have together",
     both_maxima},
    {45, "a second server of one instance is refused and stays Disabled",
     same_offer_twice},
    {55, "VmbChannelDisable of a Disabled channel does nothing",
     disabled_request},
    {63, "a channel keeps 256 free packets and gives others back",
     many_packets},
    {65, "a free packet is used again unless the maximum was raised",
     raised_maximum},
    {66, "VmbPacketInitialize refuses memory that is not aligned", misaligned},
    {109, "an answer of a raised maximum size can wait for room",
     larger_answers},
    {0, NULL, NULL},
};
