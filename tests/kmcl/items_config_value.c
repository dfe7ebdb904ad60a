/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Acceptance items B, second part (14..17, 21, 22, 24, 26): the values that may
 * be configured.
 */
#include "harness.h"

/* What a function of two numbers says to them. */
struct two_values {
    UINT32 first, second;
    NTSTATUS status;
};

static void item_14(struct world *w)
{
    VMBCHANNEL ch = channel_make(w, false);

    CHECK_STATUS(VmbChannelInitSetMaximumPacketSize(ch, 0),
                 STATUS_INVALID_PARAMETER_2);
    CHECK_STATUS(VmbChannelInitSetMaximumPacketSize(ch, 1), STATUS_SUCCESS);
    CHECK_STATUS(VmbChannelInitSetMaximumPacketSize(ch, 524256),
                 STATUS_SUCCESS);
    CHECK_STATUS(VmbChannelInitSetMaximumPacketSize(ch, 524257),
                 STATUS_INVALID_PARAMETER_2);
    VmbChannelCleanup(ch);
}

static void item_15(struct world *w)
{
    static const struct two_values values[] = {
        {0, 1, STATUS_INVALID_PARAMETER_2},
        {1, 0, STATUS_INVALID_PARAMETER_3},
        {1, 1, STATUS_SUCCESS},
        {UINT32_MAX, 1, STATUS_INVALID_PARAMETER_2},
        {1, UINT32_MAX, STATUS_INVALID_PARAMETER_3},
    };
    VMBCHANNEL ch = channel_make(w, false);

    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
        CHECK_STATUS(VmbChannelInitSetMaximumExternalData(ch, values[i].first,
                                                          values[i].second),
                     values[i].status);
    VmbChannelCleanup(ch);
}

static void item_16(struct world *w)
{
    VMBCHANNEL ch = channel_make(w, false);

    CHECK_STATUS(VmbChannelInitSetFlags(ch, 1), STATUS_SUCCESS);
    CHECK_STATUS(VmbChannelInitSetFlags(ch, 2), STATUS_INVALID_PARAMETER_2);
    CHECK_STATUS(VmbChannelInitSetFlags(ch, 0x80000001),
                 STATUS_INVALID_PARAMETER_2);
    VmbChannelCleanup(ch);
}

static void item_17(struct world *w)
{
    VMBCHANNEL ch = channel_make(w, true);

    CHECK_STATUS(VmbServerChannelInitSetFlags(ch, 0x1f), STATUS_SUCCESS);
    CHECK_STATUS(VmbServerChannelInitSetFlags(ch, 0x20),
                 STATUS_INVALID_PARAMETER_2);
    VmbChannelCleanup(ch);
}

static void item_21(struct world *w)
{
    VMBCHANNEL ch = channel_make(w, true);

    CHECK_STATUS(VmbServerChannelInitSetMmioMegabytes(ch, 0, 0),
                 STATUS_INVALID_PARAMETER);
    CHECK_STATUS(VmbServerChannelInitSetMmioMegabytes(ch, 0, 1),
                 STATUS_SUCCESS);
    CHECK_STATUS(VmbServerChannelInitSetMmioMegabytes(ch, 1, 0),
                 STATUS_SUCCESS);
    VmbChannelCleanup(ch);
}

static void item_22(struct world *w)
{
    VMBCHANNEL ch = channel_make(w, true);

    CHECK_STATUS(VmbServerChannelInitSetTargetVtl(ch, 3),
                 STATUS_INVALID_PARAMETER_2);
    CHECK_STATUS(VmbServerChannelInitSetTargetVtl(ch, 2), STATUS_SUCCESS);
    CHECK_STATUS(
        VmbServerChannelInitSetTargetInterfaceId(ch, test_type, test_instance),
        STATUS_SUCCESS);
    /* The loopback's guest is in level 0. */
    CHECK_STATUS(VmbChannelEnable(ch), STATUS_NOT_SUPPORTED);
    VmbChannelCleanup(ch);
}

static void item_24(struct world *w)
{
    static const struct two_values values[] = {
        {0, 1, STATUS_INVALID_PARAMETER_2},
        {1, 0, STATUS_INVALID_PARAMETER_3},
        {4094, 4094, STATUS_SUCCESS},
        {4095, 1, STATUS_INVALID_PARAMETER_2},
        {1, 4095, STATUS_INVALID_PARAMETER_3},
    };
    VMBCHANNEL ch = channel_make(w, false);

    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
        CHECK_STATUS(VmbClientChannelInitSetRingBufferPageCount(
                         ch, values[i].first, values[i].second),
                     values[i].status);
    VmbChannelCleanup(ch);
}

/* A packet at both maxima fits the ring that is made by default, and an
 * explicit page count that is too small is refused at once. */
static void item_26(struct world *w)
{
    static uint8_t bytes[20000];
    struct sent s;
    PMDL mdl;
    void *pages = world_pages(w, 200);

    pair_make(w);
    CHECK_STATUS(VmbChannelInitSetMaximumPacketSize(w->client.ch, 20000), 0);
    CHECK_STATUS(
        VmbChannelInitSetMaximumExternalData(w->client.ch, 200 * 4096, 4), 0);
    CHECK_STATUS(
        VmbChannelInitSetMaximumExternalData(w->server.ch, 200 * 4096, 4), 0);
    CHECK_STATUS(VmbClientChannelInitSetRingBufferPageCount(w->client.ch, 8, 5),
                 0);
    CHECK_STATUS(VmbChannelEnable(w->client.ch), STATUS_BUFFER_TOO_SMALL);
    CHECK_STATUS(VmbClientChannelInitSetRingBufferPageCount(w->client.ch, 5, 8),
                 0);
    CHECK_STATUS(VmbChannelEnable(w->client.ch), STATUS_BUFFER_TOO_SMALL);
    CHECK_STATUS(VmbClientChannelInitSetRingBufferPageCount(w->client.ch, 6, 6),
                 0);
    pair_run(w);

    mdl = mdl_of(pages, 200 * 4096);
    sent_make(&w->client, &s);
    CHECK_STATUS(VmbPacketSend(s.packet, bytes, sizeof(bytes), mdl, WAIT),
                 STATUS_SUCCESS);
    world_run(w);
    CHECK_EQ(s.ended, 1);
    CHECK_EQ(w->server.size, sizeof(bytes));
    sent_free(&s);
    IoFreeMdl(mdl);
    pair_end(w);
}

const struct test kmcl_tests_config_value[] = {
    {14, "a maximum packet size of 0 is refused, 1 is accepted", item_14},
    {15, "maximum external data of 0 bytes or 0 MDLs is refused", item_15},
    {16, "the channel flag IS_PIPE is accepted, other bits are refused",
     item_16},
    {17, "the server flags 0x1f are accepted, 0x20 is refused", item_17},
    {21, "MMIO space of 0 and 0 megabytes is refused", item_21},
    {22, "an invalid trust level is refused", item_22},
    {24, "rings of 0 pages are refused", item_24},
    {26, "VmbChannelEnable fails when a ring is too small for both maxima",
     item_26},
    {0, NULL, NULL},
};
