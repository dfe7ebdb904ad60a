/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Acceptance items B, first part (9..13, 18..20, 23, 25, 27): allocation,
 * configuration, and when it is taken.
 */
#include "harness.h"

static VOID process(VMBCHANNEL ch, VMBPACKETCOMPLETION pc, PVOID buffer,
                    UINT32 size, UINT32 flags)
{
    (void)ch;
    (void)buffer;
    (void)size;
    (void)flags;
    VmbChannelPacketComplete(pc, NULL, 0);
}

static NTSTATUS state_callbacks(VMBCHANNEL ch, ULONG version, ULONG size)
{
    VMB_CHANNEL_STATE_CHANGE_CALLBACKS c;

    VMB_CHANNEL_STATE_CHANGE_CALLBACKS_INIT(&c);
    c.Version = version;
    c.Size = size;
    return VmbChannelInitSetStateChangeCallbacks(ch, &c);
}

static NTSTATUS friendly_name(VMBCHANNEL ch)
{
    WCHAR text[] = u"disk";
    UNICODE_STRING name;

    RtlInitUnicodeString(&name, text);
    return VmbChannelInitSetFriendlyName(ch, &name);
}

/* Each function that both kinds have, with arguments that are good. */
static void common(VMBCHANNEL ch, NTSTATUS expected)
{
    CHECK_STATUS(VmbChannelInitSetFlags(ch, 0), expected);
    CHECK_STATUS(friendly_name(ch), expected);
    CHECK_STATUS(VmbChannelInitSetClientContextSize(ch, 16), expected);
    CHECK_STATUS(VmbChannelInitSetMaximumPacketSize(ch, 512), expected);
    CHECK_STATUS(VmbChannelInitSetMaximumExternalData(ch, 4096, 1), expected);
    CHECK_STATUS(VmbChannelInitSetProcessPacketCallbacks(ch, process, NULL),
                 expected);
    CHECK_STATUS(state_callbacks(ch, 1, 48), expected);
}

static void client_only(VMBCHANNEL ch, NTSTATUS expected)
{
    CHECK_STATUS(VmbClientChannelInitSetRingBufferPageCount(ch, 4, 4),
                 expected);
    CHECK_STATUS(VmbClientChannelInitSetTargetPnp(ch, &test_type, NULL, NULL),
                 expected);
}

static void server_only(VMBCHANNEL ch, HANDLE handle, NTSTATUS expected)
{
    CHECK_STATUS(VmbServerChannelInitSetFlags(ch, 0), expected);
    CHECK_STATUS(VmbServerChannelInitSetMmioMegabytes(ch, 0, 1), expected);
    CHECK_STATUS(
        VmbServerChannelInitSetSaveRestorePacketCallbacks(ch, NULL, NULL),
        expected);
    CHECK_STATUS(
        VmbServerChannelInitSetTargetInterfaceId(ch, test_type, test_instance),
        expected);
    CHECK_STATUS(VmbServerChannelInitSetTargetVtl(ch, 0), expected);
    CHECK_STATUS(VmbServerChannelInitSetVmbusHandle(ch, handle), expected);
}

static HANDLE bus_handle(struct world *w)
{
    HANDLE handle = NULL;

    CHECK_STATUS(VmbConvertVmbusHandleToKernelHandle(w->device, &handle), 0);
    return handle;
}

static void item_9(struct world *w)
{
    VMBCHANNEL client = channel_make(w, false), server = channel_make(w, true);

    client_only(client, STATUS_SUCCESS);
    CHECK_STATUS(VmbServerChannelInitSetFlags(server, 0), STATUS_SUCCESS);
    CHECK_STATUS(VmbChannelAllocate(w->device, FALSE, NULL),
                 STATUS_INVALID_PARAMETER_3);
    VmbChannelCleanup(client);
    VmbChannelCleanup(server);
    CHECK_STATUS(VmbChannelAllocate(NULL, FALSE, &client), STATUS_SUCCESS);
    VmbChannelCleanup(client);
}

static void item_10(struct world *w)
{
    VMBCHANNEL ch = (VMBCHANNEL)(uintptr_t)1;

    world_fail_allocation(w, 1);
    CHECK_STATUS(VmbChannelAllocate(w->device, FALSE, &ch),
                 STATUS_INSUFFICIENT_RESOURCES);
    CHECK(!ch);
    world_fail_allocation(w, 0);
}

static void item_11(struct world *w)
{
    VMBCHANNEL client = channel_make(w, false), server = channel_make(w, true);
    HANDLE handle = bus_handle(w);

    common(client, STATUS_SUCCESS);
    client_only(client, STATUS_SUCCESS);
    common(server, STATUS_SUCCESS);
    server_only(server, handle, STATUS_SUCCESS);
    VmbChannelCleanup(client);
    VmbChannelCleanup(server);
    CHECK_STATUS(ZwClose(handle), STATUS_SUCCESS);
    CHECK_STATUS(ZwClose(handle), STATUS_INVALID_PARAMETER_1);
}

static void item_12(struct world *w)
{
    HANDLE handle = bus_handle(w);
    UINT32 before;

    pair_run(w);
    before = VmbChannelSizeofPacket(w->client.ch);
    common(w->client.ch, STATUS_INVALID_PARAMETER_1);
    client_only(w->client.ch, STATUS_INVALID_PARAMETER_1);
    common(w->server.ch, STATUS_INVALID_PARAMETER_1);
    server_only(w->server.ch, handle, STATUS_INVALID_PARAMETER_1);
    CHECK_EQ(VmbChannelSizeofPacket(w->client.ch), before);
    /* The callbacks are still those of before. */
    client_send(w);
    CHECK_EQ(w->server.packets, 1);
    pair_end(w);
    CHECK_STATUS(ZwClose(handle), STATUS_SUCCESS);
}

static void item_13(struct world *w)
{
    uint64_t memory[64] = {0};
    VMBCHANNEL bad[] = {NULL, (VMBCHANNEL)(void *)memory};
    HANDLE handle = bus_handle(w);

    for (size_t i = 0; i < 2; i++) {
        common(bad[i], STATUS_INVALID_PARAMETER_1);
        client_only(bad[i], STATUS_INVALID_PARAMETER_1);
        server_only(bad[i], handle, STATUS_INVALID_PARAMETER_1);
        CHECK_STATUS(VmbChannelEnable(bad[i]), STATUS_INVALID_PARAMETER_1);
    }
    CHECK_STATUS(ZwClose(handle), STATUS_SUCCESS);
}

static void item_18(struct world *w)
{
    VMBCHANNEL ch = channel_make(w, false);

    CHECK_STATUS(state_callbacks(ch, 0, 48), STATUS_INVALID_PARAMETER_2);
    CHECK_STATUS(state_callbacks(ch, 2, 48), STATUS_INVALID_PARAMETER_2);
    CHECK_STATUS(state_callbacks(ch, 1, 47), STATUS_INVALID_PARAMETER_2);
    CHECK_STATUS(state_callbacks(ch, 1, 49), STATUS_INVALID_PARAMETER_2);
    CHECK_STATUS(VmbChannelInitSetStateChangeCallbacks(ch, NULL),
                 STATUS_INVALID_PARAMETER_2);
    VmbChannelCleanup(ch);
}

static void item_19(struct world *w)
{
    pair_make(w);
    CHECK_STATUS(state_callbacks(w->client.ch, 1, 48), STATUS_SUCCESS);
    CHECK_STATUS(state_callbacks(w->server.ch, 1, 48), STATUS_SUCCESS);
    server_start(&w->server);
    endpoint_enable(&w->client);
    client_send(w);
    CHECK_EQ(w->server.packets, 1);
    pair_end(w);
}

static void item_20(struct world *w)
{
    VMBCHANNEL ch = channel_make(w, false);

    CHECK_STATUS(VmbChannelInitSetProcessPacketCallbacks(ch, process, NULL),
                 STATUS_SUCCESS);
    CHECK_STATUS(VmbChannelInitSetProcessPacketCallbacks(ch, NULL, NULL),
                 STATUS_INVALID_PARAMETER_2);
    VmbChannelCleanup(ch);
}

static void item_23(struct world *w)
{
    VMBCHANNEL client = channel_make(w, false), server = channel_make(w, true);
    HANDLE handle = bus_handle(w);

    client_only(server, STATUS_INVALID_PARAMETER_1);
    server_only(client, handle, STATUS_INVALID_PARAMETER_1);
    VmbChannelCleanup(client);
    VmbChannelCleanup(server);
    CHECK_STATUS(ZwClose(handle), STATUS_SUCCESS);
}

static void item_25(struct world *w)
{
    GUID type = test_type, instance = test_instance, got;
    WCHAR text[] = u"copied-name";
    UNICODE_STRING name;

    pair_make(w);
    RtlInitUnicodeString(&name, text);
    CHECK_STATUS(VmbChannelInitSetFriendlyName(w->client.ch, &name), 0);
    CHECK_STATUS(
        VmbClientChannelInitSetTargetPnp(w->client.ch, &type, &instance, NULL),
        STATUS_SUCCESS);
    memset(text, 0xff, sizeof(text));
    memset(&type, 0xff, sizeof(type));
    memset(&instance, 0xff, sizeof(instance));
    /* configure() had its callback structure on the stack. */
    pair_run(w);
    VmbChannelGetInterfaceInstance(w->client.ch, &got);
    CHECK(!memcmp(&got, &test_instance, sizeof(got)));
    w->server.on_packet = NULL;
    w->client.open_status = 0;
    endpoint_end(&w->client);
    client_make(w, &w->client);
    CHECK_STATUS(VmbChannelInitSetFriendlyName(w->client.ch, &name), 0);
    pair_end(w);
}

static void item_27(struct world *w)
{
    VMBCHANNEL ch = channel_make(w, false);

    CHECK(!VmbChannelGetPointer(ch));
    VmbChannelSetPointer(ch, w);
    CHECK(VmbChannelGetPointer(ch) == w);
    VmbChannelSetPointer(ch, NULL);
    CHECK(!VmbChannelGetPointer(ch));
    VmbChannelCleanup(ch);
    pair_run(w);
    CHECK(VmbChannelGetPointer(w->client.ch) == &w->client);
    VmbChannelDisable(w->client.ch);
    CHECK(VmbChannelGetPointer(w->client.ch) == &w->client);
    pair_end(w);
}

const struct test kmcl_tests_config[] = {
    {9, "VmbChannelAllocate makes a client or a server", item_9},
    {10, "VmbChannelAllocate without memory fails and gives no handle",
     item_10},
    {11, "a fresh channel accepts every Init function of its kind", item_11},
    {12, "an enabled channel refuses every Init function and changes nothing",
     item_12},
    {13, "every Init function refuses a bad handle with INVALID_PARAMETER_1",
     item_13},
    {18, "a callback structure of a wrong version or size is refused", item_18},
    {19, "all state callbacks may be NULL", item_19},
    {20,
     "EvtChannelProcessingComplete may be NULL, EvtChannelProcessPacket not",
     item_20},
    {23, "an Init function of the other endpoint is refused", item_23},
    {25, "names, GUIDs and callback structures are copied", item_25},
    {27, "VmbChannelGetPointer returns what VmbChannelSetPointer was given",
     item_27},
    {0, NULL, NULL},
};
