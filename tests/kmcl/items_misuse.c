/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Misuse: handles that are none, calls at DISPATCH, calls that would wait for
 * themselves. Each is told by a status or by an assertion.
 */
#include "harness.h"
#include "raw.h"
#include "request.h"
#include "runner.h"

/* `call` breaks the rule of the level. */
#define AT_DISPATCH(w, call)                       \
    do {                                           \
        KIRQL before;                              \
                                                   \
        KeRaiseIrql(DISPATCH_LEVEL, &before);      \
        CHECK_ASSERTS((w), "PASSIVE_LEVEL", call); \
    } while (0)

static void no_channel(struct world *w)
{
    UINT64 address, size;
    GUID guid;

    CHECK_ASSERTS(w, "not a live channel", VmbChannelSetPointer(NULL, w));
    CHECK_ASSERTS(w, "not a live channel",
                  VmbChannelGetInterfaceInstance(NULL, &guid));
    CHECK_ASSERTS(w, "not a live channel",
                  VmbChannelGetMmioSpace(NULL, &address, &size));
    CHECK_ASSERTS(w, "not a live channel",
                  VmbChannelSetIncomingProcessingAtPassive(NULL, TRUE));
    CHECK_ASSERTS(w, "not a live channel",
                  VmbChannelSetTransactionQuota(NULL, 1));
    CHECK_ASSERTS(w, "not a live channel", (void)VmbChannelSizeofPacket(NULL));
    CHECK_ASSERTS(w, "not a live channel", VmbChannelStart(NULL));
    CHECK_ASSERTS(w, "not a live channel", VmbChannelPause(NULL));
    CHECK_ASSERTS(w, "not a live channel", VmbChannelDisable(NULL));
    CHECK_ASSERTS(w, "not a live channel", VmbChannelCleanup(NULL));
}

/* The statuses of those that have one. */
static void no_channel_status(struct world *w)
{
    UINT32 handle;
    ULONG filled, needed;
    uint64_t bytes[1];
    PMDL mdl = IoAllocateMdl(bytes, 8, FALSE, FALSE, NULL);

    CHECK_STATUS(ask(NULL, WAIT, NULL), STATUS_INVALID_PARAMETER_1);
    CHECK_STATUS(VmbChannelCreateGpadlFromBuffer(NULL, 0, bytes, 8, &handle),
                 STATUS_INVALID_PARAMETER_1);
    CHECK_STATUS(VmbChannelCreateGpadlFromMdl(NULL, 0, mdl, 0, 0, &handle),
                 STATUS_INVALID_PARAMETER_1);
    IoFreeMdl(mdl);
    CHECK_STATUS(VmbChannelMapGpadl(NULL, 0, 1, &mdl),
                 STATUS_INVALID_PARAMETER_1);
    CHECK_STATUS(VmbChannelSaveBegin(NULL), STATUS_INVALID_PARAMETER_1);
    CHECK_STATUS(VmbChannelSaveContinue(NULL, bytes, 8, &filled, &needed),
                 STATUS_INVALID_PARAMETER_1);
    CHECK_STATUS(VmbChannelRestoreFromBuffer(NULL, bytes, 8),
                 STATUS_INVALID_PARAMETER_1);
    (void)w;
}

/* Client and server have GPADLs and states of their own. */
static void wrong_end(struct world *w)
{
    ULONG filled, needed;
    UINT32 handle;
    uint64_t bytes[1];
    PMDL mdl = IoAllocateMdl(bytes, 8, FALSE, FALSE, NULL);

    pair_make(w);
    CHECK_STATUS(
        VmbChannelCreateGpadlFromMdl(w->server.ch, 0, mdl, 0, 0, &handle),
        STATUS_INVALID_PARAMETER_1);
    CHECK_STATUS(
        VmbChannelSaveContinue(w->client.ch, bytes, 8, &filled, &needed),
        STATUS_INVALID_PARAMETER_1);
    CHECK_STATUS(VmbChannelRestoreFromBuffer(w->client.ch, bytes, 8),
                 STATUS_INVALID_PARAMETER_1);
    CHECK_ASSERTS(w, "not a live client",
                  VmbChannelDeleteGpadl(w->server.ch, 1));
    CHECK_ASSERTS(w, "not a live client", VmbChannelDeleteGpadl(NULL, 1));
    CHECK_ASSERTS(w, "not a live server",
                  VmbChannelUnmapGpadl(w->client.ch, 1));
    CHECK_ASSERTS(w, "not a live server", VmbChannelUnmapGpadl(NULL, 1));
    CHECK_ASSERTS(w, "not a live server", VmbChannelSaveEnd(w->client.ch));
    CHECK_ASSERTS(w, "not a live server", VmbChannelSaveEnd(NULL));
    IoFreeMdl(mdl);
    pair_end(w);
}

static void no_packet(struct world *w)
{
    struct sent s;

    CHECK_ASSERTS(w, "not a packet", (void)VmbPacketGetChannel(NULL));
    CHECK_ASSERTS(w, "not a packet", (void)VmbPacketGetPointer(NULL));
    CHECK_ASSERTS(w, "not a packet", VmbPacketSetPointer(NULL, w));
    CHECK_ASSERTS(w, "not a packet",
                  VmbPacketSetCompletionRoutine(NULL, sent_ignore));
    pair_make(w);
    sent_make(&w->client, &s);
    s.free_inside = true;
    CHECK_STATUS(sent_send(&s, "x", 1, true), STATUS_SUCCESS);
    CHECK_ASSERTS(w, "in flight",
                  VmbPacketSetCompletionRoutine(s.packet, sent_ignore));
    pair_end(w);
}

static void too_high(struct world *w)
{
    uint8_t *page = world_pages(w, 1);
    PMDL mdl = mdl_of(page, 8);
    UINT32 handle;
    VMBCHANNEL ch;
    ULONG size;

    AT_DISPATCH(w, (void)VmbChannelAllocate(w->device, FALSE, &ch));
    pair_make(w);
    AT_DISPATCH(w, (void)VmbChannelEnable(w->client.ch));
    pair_run(w);
    ch = w->client.ch;
    AT_DISPATCH(w, VmbChannelStart(ch));
    AT_DISPATCH(w, VmbChannelPause(ch));
    AT_DISPATCH(w, VmbChannelDisable(ch));
    AT_DISPATCH(w, VmbChannelCleanup(ch));
    AT_DISPATCH(w, (void)VmbChannelSetInterruptLatency(ch, 1, NULL));
    AT_DISPATCH(w,
                (void)VmbChannelCreateGpadlFromBuffer(ch, 0, page, 8, &handle));
    AT_DISPATCH(w,
                (void)VmbChannelCreateGpadlFromMdl(ch, 0, mdl, 0, 0, &handle));
    AT_DISPATCH(w, VmbChannelDeleteGpadl(ch, 1));
    AT_DISPATCH(w, (void)VmbChannelMapGpadl(w->server.ch, 0, 1, &mdl));
    AT_DISPATCH(w, VmbChannelUnmapGpadl(w->server.ch, 1));
    ch = w->server.ch;
    AT_DISPATCH(w, (void)VmbChannelSaveBegin(ch));
    AT_DISPATCH(w, (void)VmbChannelSaveContinue(ch, page, 8, &size, &size));
    AT_DISPATCH(w, VmbChannelSaveEnd(ch));
    AT_DISPATCH(w, (void)VmbChannelRestoreFromBuffer(ch, page, 8));
    IoFreeMdl(mdl);
    pair_end(w);
}

/* Completing the packet does not make its callback any shorter. */
static void complete_and_disable(struct endpoint *e, VMBPACKETCOMPLETION pc)
{
    VmbChannelPacketComplete(pc, NULL, 0);
    CHECK_ASSERTS(e->w, "wait for itself", VmbChannelDisable(e->ch));
}

static VOID pause_after_batch(VMBCHANNEL ch, UINT32 packets)
{
    struct endpoint *e = VmbChannelGetPointer(ch);

    CHECK_ASSERTS(e->w, "wait for itself", VmbChannelPause(ch));
    e->batched += packets;
}

static VOID complete_only(VMBCHANNEL ch, VMBPACKETCOMPLETION pc, PVOID buffer,
                          UINT32 size, UINT32 flags)
{
    struct endpoint *e = VmbChannelGetPointer(ch);

    (void)buffer;
    (void)size;
    (void)flags;
    if (e->on_packet)
        e->on_packet(e, pc);
    else
        VmbChannelPacketComplete(pc, NULL, 0);
}

static void inside_delivery(struct world *w)
{
    pair_make(w);
    CHECK_STATUS(VmbChannelInitSetProcessPacketCallbacks(
                     w->server.ch, complete_only, pause_after_batch),
                 STATUS_SUCCESS);
    VmbChannelSetIncomingProcessingAtPassive(w->server.ch, TRUE);
    pair_run(w);
    w->server.on_packet = complete_and_disable;
    client_send(w);
    CHECK_EQ(w->server.batched, 1);
    pair_end(w);
}

static void disable_under_request(void *arg)
{
    struct world *w = arg;

    VmbChannelDisable(w->client.ch);
    /* On a stack of its own the cleanup would wait until the request has
     * returned; here it stands above it. */
    if (world_is_one_stack(w))
        CHECK_ASSERTS(w, "still on the stack", VmbChannelCleanup(w->client.ch));
}

static void cleanup_under_request(struct world *w)
{
    struct raw_host *h = raw_pair(w, 0);

    world_call_later(w, 5, disable_under_request, w);
    CHECK_STATUS(ask(w->client.ch, WAIT, NULL), STATUS_DEVICE_REMOVED);
    raw_end(w, h);
}

static void bad_device(struct world *w)
{
    struct DEVICE_OBJECT device = {.magic = KMCL_DEVICE_MAGIC};
    VMBCHANNEL ch;

    CHECK_STATUS(VmbChannelAllocate(&device, FALSE, &ch),
                 STATUS_INVALID_DEVICE_STATE); /* it names no bus */
    device.kmcl = w->kmcl;
    device.magic++;
    CHECK_STATUS(VmbChannelAllocate(&device, FALSE, &ch),
                 STATUS_INVALID_PARAMETER_1);
    CHECK(!ch);
}

/* A bus with one half has channels of one kind. */
static void half_a_bus(struct world *w)
{
    struct kmcl_config config = {.seam = world_seam(w)};
    VMBCHANNEL ch, server;
    struct kmcl *half;
    HANDLE handle;

    config.bus = world_bus(w);
    CHECK_EQ(kmcl_attach(&config, &half), 0);
    CHECK_STATUS(VmbChannelAllocate(kmcl_bus_device(half), TRUE, &ch),
                 STATUS_NOT_SUPPORTED);
    /* Nor can a server move there. */
    CHECK_STATUS(VmbChannelAllocate(w->device, TRUE, &server), STATUS_SUCCESS);
    CHECK_STATUS(
        VmbConvertVmbusHandleToKernelHandle(kmcl_bus_device(half), &handle),
        STATUS_SUCCESS);
    CHECK_STATUS(VmbServerChannelInitSetVmbusHandle(server, handle),
                 STATUS_INVALID_PARAMETER_2);
    CHECK_STATUS(ZwClose(handle), STATUS_SUCCESS);
    VmbChannelCleanup(server);
    kmcl_detach(half);
    config.bus = NULL;
    config.host = world_host(w);
    config.server = &kmcl_server_half;
    CHECK_EQ(kmcl_attach(&config, &half), 0);
    CHECK_STATUS(VmbChannelAllocate(kmcl_bus_device(half), FALSE, &ch),
                 STATUS_NOT_SUPPORTED);
    kmcl_detach(half);
}

static void offer_device(struct world *w)
{
    struct raw_host *h = raw_host_offer(w, &test_instance);
    struct DEVICE_OBJECT device;
    VMBCHANNEL ch, server;
    GUID got;

    kmcl_offer_device(w->kmcl, &test_type, &test_instance, &device);
    CHECK_STATUS(VmbChannelAllocate(&device, FALSE, &ch), STATUS_SUCCESS);
    VmbChannelGetInterfaceInstance(ch, &got);
    CHECK(!memcmp(&got, &test_instance, sizeof(got)));
    CHECK_STATUS(VmbChannelEnable(ch), STATUS_SUCCESS);
    world_run(w);
    CHECK(raw_host_is_open(h));
    VmbChannelDisable(ch);
    VmbChannelCleanup(ch);
    CHECK_STATUS(VmbChannelAllocate(&device, TRUE, &server), STATUS_SUCCESS);
    CHECK_STATUS(VmbChannelEnable(server), STATUS_INVALID_DEVICE_STATE);
    VmbChannelCleanup(server);
    raw_host_withdraw(h);
}

static void bad_handles(struct world *w)
{
    struct DEVICE_OBJECT device;
    uint64_t memory[8] = {0};
    VMBCHANNEL server;
    HANDLE handle;

    CHECK_STATUS(VmbConvertVmbusHandleToKernelHandle(NULL, &handle),
                 STATUS_SUCCESS); /* the default bus */
    CHECK_STATUS(VmbConvertVmbusHandleToKernelHandle(NULL, NULL),
                 STATUS_INVALID_PARAMETER_2);
    CHECK_STATUS(VmbConvertVmbusHandleToKernelHandle(memory, &handle),
                 STATUS_INVALID_PARAMETER_1);
    kmcl_offer_device(w->kmcl, &test_type, &test_instance, &device);
    CHECK_STATUS(VmbConvertVmbusHandleToKernelHandle(&device, &handle),
                 STATUS_INVALID_PARAMETER_1); /* not a bus's own */
    device.names_offer = false;
    device.magic++;
    CHECK_STATUS(VmbConvertVmbusHandleToKernelHandle(&device, &handle),
                 STATUS_INVALID_PARAMETER_1);
    CHECK_STATUS(VmbChannelAllocate(w->device, TRUE, &server), STATUS_SUCCESS);
    memset(memory, 1, sizeof(memory)); /* open, but for the magic */
    CHECK_STATUS(VmbServerChannelInitSetVmbusHandle(server, memory),
                 STATUS_INVALID_PARAMETER_2);
    CHECK_STATUS(VmbServerChannelInitSetVmbusHandle(server, NULL),
                 STATUS_INVALID_PARAMETER_2);
    CHECK_STATUS(ZwClose(NULL), STATUS_INVALID_PARAMETER_1);
    CHECK_STATUS(ZwClose(memory), STATUS_INVALID_PARAMETER_1);
    VmbChannelCleanup(server);
    CHECK_STATUS(ZwClose(handle), STATUS_SUCCESS);
}

static void no_default_bus(struct world *w)
{
    KMCL_CLIENT_INTERFACE_V1 i;
    NTSTATUS query, allocate, convert;
    HANDLE handle;
    VMBCHANNEL ch;

    world_default_bus(w, false);
    query = KmclQueryInterface(&KMCL_CLIENT_INTERFACE_TYPE, (PINTERFACE)&i,
                               sizeof(i), 1);
    allocate = VmbChannelAllocate(NULL, FALSE, &ch);
    convert = VmbConvertVmbusHandleToKernelHandle(NULL, &handle);
    world_default_bus(w, true);
    CHECK_STATUS(query, STATUS_INVALID_DEVICE_STATE);
    CHECK_STATUS(allocate, STATUS_INVALID_DEVICE_STATE);
    CHECK_STATUS(convert, STATUS_INVALID_PARAMETER_1);
}

static void item_146(struct world *w)
{
    UINT64 value;

    client_make(w, &w->client);
    CHECK_ASSERTS(w, "NULL output",
                  VmbChannelGetInterfaceInstance(w->client.ch, NULL));
    CHECK_ASSERTS(w, "NULL output",
                  VmbChannelGetMmioSpace(w->client.ch, NULL, &value));
    CHECK_ASSERTS(w, "NULL output",
                  VmbChannelGetMmioSpace(w->client.ch, &value, NULL));
    CHECK_ASSERTS(w, "not a live channel", (void)VmbChannelGetPointer(NULL));
    pair_end(w);
}

const struct test kmcl_tests_misuse[] = {
    {3, "without a default bus a query gives no interface", no_default_bus},
    {9, "VmbChannelAllocate refuses a device without magic or bus", bad_device},
    {9, "a bus with one half has channels of one kind only", half_a_bus},
    {9, "a device of kmcl_offer_device names the client's target",
     offer_device},
    {11, "handles that are none are refused", bad_handles},
    {13, "functions without a status assert on a bad channel handle",
     no_channel},
    {13, "functions with a status refuse a bad channel handle",
     no_channel_status},
    {13, "functions of one endpoint refuse a channel of the other", wrong_end},
    {57, "VmbChannelCleanup under a synchronous request is asserted",
     cleanup_under_request},
    {58, "functions for PASSIVE are asserted at DISPATCH", too_high},
    {58, "calls of a channel's life inside a passive delivery are asserted",
     inside_delivery},
    {69, "packet functions assert on a bad packet and on one in flight",
     no_packet},
    {146, "getters assert on NULL output pointers", item_146},
    {0, NULL, NULL},
};
