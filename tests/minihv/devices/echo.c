/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The KMCL servers of the echo device: in-band, external data and pipe. echo.h
 * describes them. transfer.c has the transfer pages.
 */
#include "bus.h"
#include "device.h"
#include "echo.h"
#include "minihv.h"

/* Limit of answers that wait for room in the guest's ring. At the limit the
 * guest must read before the device takes more of its packets. */
enum { ON_THEIR_WAY = 64 };

enum { EXTERNAL_MAX = 32 << 20 };

struct echo {
    struct device device;
    /* The received packet, until its answer is sent. */
    VMBPACKETCOMPLETION held[ON_THEIR_WAY];
};

/* ---- packets that come back as packets ---------------------------------- */

static VOID came_back(VMBPACKET answer, NTSTATUS status, PVOID buffer,
                      UINT32 size)
{
    VMBPACKETCOMPLETION *slot = VmbPacketGetPointer(answer);
    VMBPACKETCOMPLETION packet = *slot;

    (void)status, (void)buffer, (void)size;
    *slot = NULL;
    VmbPacketFree(answer);
    if (packet)
        VmbChannelPacketComplete(packet, NULL, 0);
}

/* The quota guarantees a free one. */
static VMBPACKETCOMPLETION *free_slot(struct echo *e)
{
    VMBPACKETCOMPLETION *slot = e->held;

    while (*slot)
        slot++;
    return slot;
}

static void send_back(struct echo *e, VMBPACKETCOMPLETION packet, PVOID bytes,
                      UINT32 size)
{
    VMBPACKETCOMPLETION *slot = free_slot(e);
    VMBPACKET answer = VmbPacketAllocate(e->device.channel);

    if (!answer)
        minihv_failed("channel %s: no memory for an answer", e->device.name);
    *slot = packet;
    VmbPacketSetPointer(answer, slot);
    VmbPacketSetCompletionRoutine(answer, came_back);
    if (!NT_SUCCESS(VmbPacketSend(answer, bytes, size, NULL, 0)))
        minihv_failed("channel %s: an answer of %u bytes is refused",
                      e->device.name, size);
}

/* A guest that closes reads no more, so waiting answers are given up. */
static VOID suspend(VMBCHANNEL channel)
{
    struct echo *e = VmbChannelGetPointer(channel);

    for (uint32_t i = 0; i < ON_THEIR_WAY; i++) {
        VMBPACKETCOMPLETION packet = e->held[i];

        e->held[i] = NULL;
        if (packet)
            VmbChannelPacketComplete(packet, NULL, 0);
    }
}

/* ---- the ways of sending ------------------------------------------------ */

static VOID in_band(VMBCHANNEL channel, VMBPACKETCOMPLETION packet,
                    PVOID buffer, UINT32 size, UINT32 flags)
{
    struct echo *e = VmbChannelGetPointer(channel);

    if (flags & VMBUS_CHANNEL_PROCESS_PACKET_FLAG_EXTERNAL_DATA)
        device_broken(&e->device, packet, "not an in-band packet");
    else if (size > ECHO_PACKET_MAX)
        device_broken(&e->device, packet, "more than echo.h's largest packet");
    else if (device_asked(packet))
        VmbChannelPacketComplete(packet, buffer, size);
    else
        send_back(e, packet, buffer, size);
}

/* Handles the bytes of each range. Returns false if one is not guest memory. */
static bool work_on(PMDL mdl, struct echo_external *work)
{
    for (; mdl; mdl = mdl->Next) {
        uint8_t *data = MmGetSystemAddressForMdlSafe(mdl, NormalPagePriority);
        uint32_t size = MmGetMdlByteCount(mdl);

        if (!data)
            return false;
        for (uint32_t i = 0; i < size; i++) {
            work->sum += data[i];
            if (work->operation == ECHO_INVERT)
                data[i] = (uint8_t)~data[i];
        }
        work->bytes += size;
    }
    return true;
}

static VOID external(VMBCHANNEL channel, VMBPACKETCOMPLETION packet,
                     PVOID buffer, UINT32 size, UINT32 flags)
{
    struct echo *e = VmbChannelGetPointer(channel);
    struct echo_external work;
    PMDL mdl;

    if (!(flags & VMBUS_CHANNEL_PROCESS_PACKET_FLAG_EXTERNAL_DATA) ||
        size < sizeof work) {
        device_broken(&e->device, packet,
                      "not a GPA-direct packet with echo_external");
        return;
    }
    if (!device_asked(packet)) {
        device_broken(&e->device, packet,
                      "a request without the completion flag");
        return;
    }
    if (VmbChannelPacketGetExternalData(packet, 0, &mdl))
        minihv_failed("channel %s: no memory for an MDL", e->device.name);
    memcpy(&work, buffer, sizeof work);
    work.sum = 0;
    work.bytes = 0;
    if (!work_on(mdl, &work)) {
        device_broken(&e->device, packet,
                      "external data outside of the guest's memory");
        return;
    }
    VmbChannelPacketComplete(packet, &work, sizeof work);
}

static VOID pipe(VMBCHANNEL channel, VMBPACKETCOMPLETION packet, PVOID buffer,
                 UINT32 size, UINT32 flags)
{
    struct echo *e = VmbChannelGetPointer(channel);

    (void)flags;
    if (size > ECHO_PACKET_MAX)
        device_broken(&e->device, packet, "more than echo.h's largest packet");
    else
        send_back(e, packet, buffer, size);
}

static struct echo echoes[] = {
    {.device = {.name = "echo in-band",
                .instance = {{[15] = ECHO_IN_BAND}},
                .packet_max = ECHO_PACKET_MAX,
                .packet = in_band,
                .suspend = suspend}},
    {.device = {.name = "echo external",
                .instance = {{[15] = ECHO_EXTERNAL}},
                .packet_max = sizeof(struct echo_external),
                .external_max = EXTERNAL_MAX,
                .at_passive = true,
                .packet = external}},
    {.device = {.name = "echo pipe",
                .instance = {{[15] = ECHO_PIPE}},
                .flags = VMBUS_SERVER_CHANNEL_INIT_FLAG_OFFER_AS_PIPE,
                .packet_max = ECHO_PACKET_MAX,
                .packet = pipe,
                .suspend = suspend}},
};

static void prepare(struct echo *e)
{
    struct device *d = &e->device;
    uint8_t mode = d->instance.bytes[15];

    d->type = d->instance = (struct vmbus_guid)ECHO_TYPE;
    d->instance.bytes[15] = mode;
    device_create(d);
    VmbChannelSetTransactionQuota(d->channel, ON_THEIR_WAY);
    device_offer(d);
}

void echo_prepare(void)
{
    prepare(&echoes[0]);
    prepare(&echoes[1]);
    transfer_prepare();
    prepare(&echoes[2]);
}
