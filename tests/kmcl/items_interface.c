/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Acceptance items A (1..8): the queried interface and the inline helper.
 */
#include "harness.h"

#include "vmbus/seam.h"

/* Every slot in documented order: the whole contract of items 1 and 2. */
static void *const client_functions[] = {
    VmbChannelAllocate,
    VmbChannelCleanup,
    VmbChannelCreateGpadlFromBuffer,
    VmbChannelCreateGpadlFromMdl,
    VmbChannelDeleteGpadl,
    VmbChannelDisable,
    VmbChannelEnable,
    VmbChannelGetInterfaceInstance,
    VmbChannelGetMmioSpace,
    VmbChannelGetPointer,
    VmbChannelInitSetClientContextSize,
    VmbChannelInitSetFlags,
    VmbChannelInitSetFriendlyName,
    VmbChannelInitSetMaximumExternalData,
    VmbChannelInitSetMaximumPacketSize,
    VmbChannelInitSetProcessPacketCallbacks,
    VmbChannelInitSetStateChangeCallbacks,
    VmbChannelPacketComplete,
    VmbChannelPacketDeferToPassive,
    VmbChannelPacketFail,
    VmbChannelPacketGetExternalData,
    VmbChannelPause,
    VmbChannelSendSynchronousRequest,
    VmbChannelSetIncomingProcessingAtPassive,
    VmbChannelSetInterruptLatency,
    VmbChannelSetPointer,
    VmbChannelSetTransactionQuota,
    VmbChannelSizeofPacket,
    VmbChannelStart,
    VmbClientChannelInitSetRingBufferPageCount,
    VmbClientChannelInitSetTargetPnp,
    VmbPacketAllocate,
    VmbPacketFree,
    VmbPacketGetChannel,
    VmbPacketGetPointer,
    VmbPacketInitialize,
    VmbPacketSend,
    VmbPacketSendWithExternalMdl,
    VmbPacketSendWithExternalPfns,
    VmbPacketSetCompletionRoutine,
    VmbPacketSetPointer,
};

static void *const server_functions[] = {
    VmbChannelMapGpadl,
    VmbChannelRestoreFromBuffer,
    VmbChannelSaveBegin,
    VmbChannelSaveContinue,
    VmbChannelSaveEnd,
    VmbChannelUnmapGpadl,
    VmbConvertVmbusHandleToKernelHandle,
    VmbPacketRestore,
    VmbServerChannelInitSetFlags,
    VmbServerChannelInitSetMmioMegabytes,
    VmbServerChannelInitSetSaveRestorePacketCallbacks,
    VmbServerChannelInitSetTargetInterfaceId,
    VmbServerChannelInitSetTargetVtl,
    VmbServerChannelInitSetVmbusHandle,
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void release(INTERFACE *i)
{
    i->InterfaceDereference(i->Context);
}

static NTSTATUS query_client(KMCL_CLIENT_INTERFACE_V1 *i)
{
    return KmclQueryInterface(&KMCL_CLIENT_INTERFACE_TYPE, (PINTERFACE)i,
                              sizeof(*i), KMCL_CLIENT_INTERFACE_VERSION_V1);
}

static void item_1(struct world *w)
{
    KMCL_CLIENT_INTERFACE_V1 i;
    void *slot;

    (void)w;
    CHECK_STATUS(query_client(&i), STATUS_SUCCESS);
    CHECK_EQ(COUNT(client_functions), 41);
    for (size_t n = 0; n < COUNT(client_functions); n++) {
        memcpy(&slot, (uint8_t *)&i + 32 + 8 * n, sizeof(slot));
        CHECK(slot == client_functions[n]);
    }
    CHECK_EQ(i.Size, sizeof(i));
    CHECK_EQ(i.Version, 1);
    release((INTERFACE *)&i);
}

static void item_2(struct world *w)
{
    KMCL_SERVER_INTERFACE_V1 i;
    void *slot;

    (void)w;
    CHECK_STATUS(KmclQueryInterface(&KMCL_SERVER_INTERFACE_TYPE, (PINTERFACE)&i,
                                    sizeof(i), 1),
                 STATUS_SUCCESS);
    CHECK_EQ(COUNT(server_functions), 14);
    for (size_t n = 0; n < 41 + 14; n++) {
        memcpy(&slot, (uint8_t *)&i + 32 + 8 * n, sizeof(slot));
        CHECK(slot ==
              (n < 41 ? client_functions[n] : server_functions[n - 41]));
    }
    release((INTERFACE *)&i);
}

static void item_3(struct world *w)
{
    KMCL_SERVER_INTERFACE_V1 i, before;
    GUID unknown = {1, 2, 3, {4}};

    (void)w;
    memset(&i, 0x5a, sizeof(i));
    before = i;
    CHECK_STATUS(KmclQueryInterface(&unknown, (PINTERFACE)&i, 472, 1),
                 STATUS_NOT_SUPPORTED);
    CHECK_STATUS(KmclQueryInterface(&unknown, (PINTERFACE)&i, 360, 1),
                 STATUS_NOT_SUPPORTED);
    CHECK_STATUS(
        KmclQueryInterface(&KMCL_CLIENT_INTERFACE_TYPE, (PINTERFACE)&i, 359, 1),
        STATUS_BUFFER_TOO_SMALL);
    CHECK_STATUS(
        KmclQueryInterface(&KMCL_SERVER_INTERFACE_TYPE, (PINTERFACE)&i, 360, 1),
        STATUS_BUFFER_TOO_SMALL);
    CHECK_STATUS(
        KmclQueryInterface(&KMCL_CLIENT_INTERFACE_TYPE, (PINTERFACE)&i, 360, 2),
        STATUS_NOT_SUPPORTED);
    CHECK(!memcmp(&i, &before, sizeof(i)));
}

/* The server's half of the library is with the bus's host half. */
static void query_both(void)
{
    KMCL_CLIENT_INTERFACE_V1 client;
    KMCL_SERVER_INTERFACE_V1 server;

    CHECK_STATUS(KmclQueryInterface(&KMCL_SERVER_INTERFACE_TYPE,
                                    (PINTERFACE)&server, sizeof(server), 1),
                 STATUS_NOT_SUPPORTED);
    CHECK_STATUS(KmclQueryInterface(&KMCL_CLIENT_INTERFACE_TYPE,
                                    (PINTERFACE)&client, sizeof(client), 1),
                 STATUS_SUCCESS);
    release((INTERFACE *)&client);
}

static void item_3_client_only(struct world *w)
{
    world_client_only(w, query_both);
}

static struct world *beside;

/* A server as one for the queried interface starts: it names no device. */
static void serve_without_device(const KMCL_SERVER_INTERFACE_V1 *i)
{
    VMBCHANNEL ch = NULL;
    HANDLE handle = NULL;

    CHECK_STATUS(i->VmbChannelAllocate(NULL, TRUE, &ch), STATUS_SUCCESS);
    CHECK_STATUS(i->VmbConvertVmbusHandleToKernelHandle(NULL, &handle),
                 STATUS_SUCCESS);
    CHECK_STATUS(i->VmbServerChannelInitSetVmbusHandle(ch, handle),
                 STATUS_SUCCESS);
    CHECK_STATUS(ZwClose(handle), STATUS_SUCCESS);
    i->VmbChannelCleanup(ch);
}

/* The default bus has no host half, as a real one; the loopback serves. */
static void query_beside(void)
{
    struct kmcl *bus = seam_root(), *loopback = beside->kmcl;
    KMCL_SERVER_INTERFACE_V1 i;
    VMBCHANNEL ch;

    kmcl_set_servers(bus, loopback);
    CHECK_STATUS(KmclQueryInterface(&KMCL_SERVER_INTERFACE_TYPE, (PINTERFACE)&i,
                                    sizeof(i), 1),
                 STATUS_SUCCESS);
    CHECK(i.Context == loopback);
    serve_without_device(&i);
    release((INTERFACE *)&i);
    CHECK_ASSERTS(beside, "serves for another", kmcl_detach(loopback));
    CHECK_ASSERTS(beside, "serves for one", kmcl_set_servers(loopback, bus));
    CHECK_ASSERTS(beside, "serves for one", kmcl_set_servers(bus, bus));
    kmcl_set_servers(bus, NULL);
    query_both();
    CHECK(world_logged(beside, "no interface for servers"));
    CHECK_STATUS(VmbChannelAllocate(NULL, TRUE, &ch), STATUS_NOT_SUPPORTED);
    kmcl_set_servers(bus, loopback); /* detaching `bus` ends it */
}

static void item_3_beside(struct world *w)
{
    beside = w;
    world_client_only(w, query_beside);
}

static void item_4(struct world *w)
{
    KMCL_CLIENT_INTERFACE_V1 i;

    (void)w;
    CHECK_STATUS(KmclQueryInterface(NULL, (PINTERFACE)&i, sizeof(i), 1),
                 STATUS_INVALID_PARAMETER);
    CHECK_STATUS(
        KmclQueryInterface(&KMCL_CLIENT_INTERFACE_TYPE, NULL, sizeof(i), 1),
        STATUS_INVALID_PARAMETER);
}

static void item_5(struct world *w)
{
    KMCL_CLIENT_INTERFACE_V1 i;

    CHECK_STATUS(query_client(&i), STATUS_SUCCESS);
    i.InterfaceReference(i.Context);
    release((INTERFACE *)&i);
    CHECK_ASSERTS(w, "InterfaceDereference", kmcl_detach(w->kmcl));
    release((INTERFACE *)&i);
    CHECK_ASSERTS(w, "given back once", release((INTERFACE *)&i));
}

/* Nor is a bus left with a channel or a handle. */
static void item_5_left(struct world *w)
{
    HANDLE handle;

    CHECK_STATUS(VmbConvertVmbusHandleToKernelHandle(w->device, &handle),
                 STATUS_SUCCESS);
    CHECK_ASSERTS(w, "ZwClose it first", kmcl_detach(w->kmcl));
    CHECK_STATUS(ZwClose(handle), STATUS_SUCCESS);
    client_make(w, &w->client);
    CHECK_ASSERTS(w, "VmbChannelCleanup each first", kmcl_detach(w->kmcl));
    pair_end(w);
}

static void item_6(struct world *w)
{
    (void)w;
    CHECK_EQ(sizeof(KMCL_CLIENT_INTERFACE_V1), 360);
    CHECK_EQ(sizeof(KMCL_SERVER_ONLY_METHODS), 112);
    CHECK_EQ(sizeof(KMCL_SERVER_INTERFACE_V1), 472);
    CHECK_EQ(sizeof(VMB_CHANNEL_STATE_CHANGE_CALLBACKS), 48);
}

static void item_7(struct world *w)
{
    VMB_CHANNEL_STATE_CHANGE_CALLBACKS c;

    (void)w;
    memset(&c, 0xff, sizeof(c));
    VMB_CHANNEL_STATE_CHANGE_CALLBACKS_INIT(&c);
    CHECK_EQ(c.Version, 1);
    CHECK_EQ(c.Size, sizeof(c));
    CHECK(!c.EvtChannelOpened && !c.EvtChannelClosed && !c.EvtChannelSuspend &&
          !c.EvtChannelStarted && !c.EvtChannelPostStarted);
}

static void item_8(struct world *w)
{
    KMCL_CLIENT_INTERFACE_V1 i;
    VMBCHANNEL ch = NULL;

    CHECK_STATUS(query_client(&i), STATUS_SUCCESS);
    CHECK_STATUS(i.VmbChannelAllocate(w->device, FALSE, &ch), STATUS_SUCCESS);
    i.VmbChannelSetPointer(ch, &i);
    CHECK(VmbChannelGetPointer(ch) == &i);
    CHECK_STATUS(i.VmbChannelInitSetMaximumPacketSize(ch, 0),
                 VmbChannelInitSetMaximumPacketSize(ch, 0));
    CHECK_EQ(i.VmbChannelSizeofPacket(ch), VmbChannelSizeofPacket(ch));
    i.VmbChannelCleanup(ch);
    release((INTERFACE *)&i);
}

const struct test kmcl_tests_interface[] = {
    {1, "a query for the client's interface fills 41 pointers in order",
     item_1},
    {2, "a query for the server's interface fills 41 and 14 pointers in order",
     item_2},
    {3, "a query with an unknown type, size or version changes nothing",
     item_3},
    {3, "the server interface exists only where a host half is linked",
     item_3_client_only},
    {3, "beside a bus without a host half the servers' own bus is queried",
     item_3_beside},
    {4, "a query with a NULL type or interface is STATUS_INVALID_PARAMETER",
     item_4},
    {5, "a query takes one reference, and dereferencing gives it back", item_5},
    {5, "kmcl_detach asserts that no channel or handle is left", item_5_left},
    {6, "the interface structures have the documented sizes", item_6},
    {7, "VMB_CHANNEL_STATE_CHANGE_CALLBACKS_INIT sets Version and Size only",
     item_7},
    {8, "an interface pointer and the plain function have the same effect",
     item_8},
    {0, NULL, NULL},
};
