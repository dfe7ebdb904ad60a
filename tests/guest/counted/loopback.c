/* SPDX-License-Identifier: BSD-2-Clause */
/* A client and a server in one image: client.h. */
#include <stddef.h>

#include "client.h"
#include "marks.h"
#include "vmbare.h"

static const GUID type = {0x636f756e, 1, 1, {1}};
static const GUID instance = {0x636f756e, 2, 2, {2}};

static volatile uint32_t answered;

static VOID answer(VMBPACKET packet, NTSTATUS status, PVOID buffer, UINT32 size)
{
    (void)packet, (void)status, (void)buffer, (void)size;
    answered++;
}

static VOID serve(VMBCHANNEL channel, VMBPACKETCOMPLETION packet, PVOID buffer,
                  UINT32 size, UINT32 flags)
{
    (void)channel, (void)flags;
    VmbChannelPacketComplete(packet, buffer, size);
}

static VMBCHANNEL make_server(PDEVICE_OBJECT bus)
{
    VMBCHANNEL server;

    if (VmbChannelAllocate(bus, TRUE, &server))
        return NULL;
    if (!VmbChannelInitSetProcessPacketCallbacks(server, serve, NULL) &&
        !VmbChannelInitSetMaximumPacketSize(server, 64) &&
        !VmbServerChannelInitSetTargetInterfaceId(server, type, instance) &&
        !VmbChannelEnable(server)) {
        VmbChannelStart(server);
        return server;
    }
    VmbChannelCleanup(server);
    return NULL;
}

static bool rounds(VMBPACKET packet)
{
    static uint8_t body[64];
    bool good = true;

    for (uint32_t i = 0; good && i <= ROUNDS; i++) {
        if (i == 1)
            MARK(PHASE_ROUNDS);
        good = !VmbPacketSend(packet, body, sizeof(body), NULL,
                              VMBUS_CHANNEL_FORMAT_FLAG_WAIT_FOR_COMPLETION) &&
               counted_wait(&answered, i + 1);
    }
    MARK(PHASE_NONE);
    return good;
}

bool counted_loopback(void)
{
    PDEVICE_OBJECT bus = vmbare_loopback();
    VMBCHANNEL server = bus ? make_server(bus) : NULL;
    VMBCHANNEL client =
        server ? counted_open(bus, &type, &instance, serve) : NULL;
    VMBPACKET packet = client ? VmbPacketAllocate(client) : NULL;
    bool good = false;

    if (packet) {
        VmbPacketSetCompletionRoutine(packet, answer);
        good = rounds(packet);
        VmbPacketFree(packet);
    }
    if (client)
        counted_close(client);
    if (server)
        counted_close(server);
    return good;
}
