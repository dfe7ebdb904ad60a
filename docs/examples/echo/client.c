/* SPDX-License-Identifier: BSD-2-Clause */
/* The echo device as KMCL shows it (client.h). */
#include "client.h"

#include <stdio.h>
#include <string.h>

#include "vmbare.h"

/* A device has a type, and each instance of it a name of its own. This one
 * completes a packet with the packet's own bytes. */
static const GUID EchoType = {
    0x6d9a1f34, 0x52c1, 0x4a0e, {0x9d, 0x3b, 0x0e, 0x1f, 0x5e, 0xc4, 0x0e, 0}};
static const GUID EchoInstance = {
    0x6d9a1f34, 0x52c1, 0x4a0e, {0x9d, 0x3b, 0x0e, 0x1f, 0x5e, 0xc4, 0x0e, 1}};
static const char instance_text[] = "6d9a1f34-52c1-4a0e-9d3b-0e1f5ec40e01";

enum { OPEN_SECONDS = 10 };

static EVT_VMB_CHANNEL_STARTED EvtStarted;
static EVT_VMB_CHANNEL_PROCESS_PACKET EvtPacket;

/* The channel is open: main, which sleeps, may go on. */
static VOID EvtStarted(VMBCHANNEL Channel)
{
    struct client *client = VmbChannelGetPointer(Channel);

    vmbare_event_set(&client->is_open);
}

/* The device sends nothing by itself, but a channel must have this callback,
 * and each packet must be completed. */
static VOID EvtPacket(VMBCHANNEL Channel, VMBPACKETCOMPLETION Packet,
                      PVOID Buffer, UINT32 BufferLength, UINT32 Flags)
{
    UNREFERENCED_PARAMETER(Channel);
    UNREFERENCED_PARAMETER(Buffer);
    UNREFERENCED_PARAMETER(BufferLength);
    UNREFERENCED_PARAMETER(Flags);
    VmbChannelPacketComplete(Packet, NULL, 0);
}

bool client_is_offered(void)
{
    struct vmbare_offer offer;

    for (unsigned i = 0; vmbare_offer(i, &offer); i++) {
        if (strcmp(offer.instance, instance_text) == 0)
            return true;
    }
    return false;
}

/* Everything that is set while the channel is still Disabled. */
static NTSTATUS configure(struct client *client)
{
    VMB_CHANNEL_STATE_CHANGE_CALLBACKS callbacks;
    NTSTATUS status;

    VmbChannelSetPointer(client->channel, client);
    VMB_CHANNEL_STATE_CHANGE_CALLBACKS_INIT(&callbacks);
    callbacks.EvtChannelStarted = EvtStarted;
    status = VmbChannelInitSetStateChangeCallbacks(client->channel, &callbacks);
    if (NT_SUCCESS(status))
        status = VmbChannelInitSetProcessPacketCallbacks(client->channel,
                                                         EvtPacket, NULL);
    if (NT_SUCCESS(status))
        status = VmbClientChannelInitSetTargetPnp(client->channel, &EchoType,
                                                  &EchoInstance, NULL);
    return status;
}

/* Enabling returns at once; EvtStarted tells when packets may flow. */
static bool open_channel(struct client *client)
{
    NTSTATUS status = VmbChannelEnable(client->channel);

    if (!NT_SUCCESS(status)) {
        printf("echo: the channel cannot be enabled, status 0x%08x\n",
               (unsigned)status);
        return false;
    }
    if (vmbare_wait_for(&client->is_open.source, vmbare_after(OPEN_SECONDS)) ==
        VMBARE_OK)
        return true;
    printf("echo: the host did not open the channel in %u s\n",
           (unsigned)OPEN_SECONDS);
    VmbChannelDisable(client->channel);
    return false;
}

bool client_start(struct client *client)
{
    NTSTATUS status = VmbChannelAllocate(NULL, FALSE, &client->channel);

    vmbare_event_init(&client->is_open, "the channel to open", VMBARE_ONE_WAIT);
    if (!NT_SUCCESS(status)) {
        printf("echo: no memory for a channel\n");
        return false;
    }
    status = configure(client);
    if (NT_SUCCESS(status) && open_channel(client))
        return true;
    if (!NT_SUCCESS(status))
        printf("echo: the channel cannot be set up, status 0x%08x\n",
               (unsigned)status);
    VmbChannelCleanup(client->channel);
    return false;
}

NTSTATUS client_ask(struct client *client, UINT64 number, UINT64 *answer)
{
    LARGE_INTEGER timeout = {.QuadPart = -10000000}; /* 1 s from now */
    UINT32 size = sizeof(*answer);
    NTSTATUS status = VmbChannelSendSynchronousRequest(
        client->channel, &number, sizeof(number), NULL,
        VMBUS_CHANNEL_FORMAT_FLAG_WAIT_FOR_COMPLETION, answer, &size, &timeout);

    if (NT_SUCCESS(status) && size != sizeof(*answer))
        return STATUS_DATA_ERROR;
    return status;
}

void client_stop(struct client *client)
{
    VmbChannelDisable(client->channel);
    VmbChannelCleanup(client->channel);
}
