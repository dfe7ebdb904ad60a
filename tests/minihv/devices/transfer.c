/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The echo device's third mode: it writes into a GPADL of the guest and then
 * sends a transfer-page packet. The documented KMCL lets a client receive such
 * packets; a server sends them by kmcl_server_send_parts().
 */
#include "bus.h"
#include "device.h"
#include "echo.h"
#include "kmcl/kmcl.h"
#include "minihv.h"

enum { SET_ID = 1, PARTS_MAX = 1 << 20 };

static struct device device;

/* Fills the guest's buffer as asked. Returns 0, or 1 if it is not inside the
 * GPADL. */
static uint32_t fill(VMBCHANNEL channel, const struct echo_transfer *t)
{
    uint64_t end = (uint64_t)t->offset + t->size;
    uint8_t *p;
    PMDL mdl;

    if (t->size > PARTS_MAX ||
        !NT_SUCCESS(VmbChannelMapGpadl(channel, 0, t->gpadl, &mdl)))
        return 1;
    p = end <= MmGetMdlByteCount(mdl)
            ? MmGetSystemAddressForMdlSafe(mdl, NormalPagePriority)
            : NULL;
    for (uint32_t i = 0; p && i < t->size; i++)
        p[t->offset + i] = (uint8_t)(t->seed + i);
    VmbChannelUnmapGpadl(channel, t->gpadl);
    return p ? 0 : 1;
}

static void tell(VMBCHANNEL channel, struct echo_transfer *t)
{
    struct kmcl_part part = {.bytes = t->size, .offset = t->offset};
    VMBPACKET packet = VmbPacketAllocate(channel);

    if (!packet)
        minihv_failed("channel %s: no memory for a packet", device.name);
    if (!NT_SUCCESS(kmcl_server_send_parts(
            packet, SET_ID, &part, 1, t, sizeof *t,
            VMBUS_CHANNEL_FORMAT_FLAG_WAIT_FOR_COMPLETION)))
        minihv_failed("channel %s: a part of %u bytes is refused", device.name,
                      t->size);
}

static VOID take(VMBCHANNEL channel, VMBPACKETCOMPLETION packet, PVOID buffer,
                 UINT32 size, UINT32 flags)
{
    struct echo_transfer t;

    if (flags & VMBUS_CHANNEL_PROCESS_PACKET_FLAG_EXTERNAL_DATA ||
        size < sizeof t) {
        device_broken(&device, packet,
                      "not an in-band packet with echo_transfer");
        return;
    }
    memcpy(&t, buffer, sizeof t);
    t.status = fill(channel, &t);
    VmbChannelPacketComplete(packet, &t, sizeof t);
    if (!t.status)
        tell(channel, &t);
}

static struct device device = {
    .name = "echo transfer",
    .packet_max = sizeof(struct echo_transfer),
    .external_max = PARTS_MAX,
    .at_passive = true,
    .packet = take,
};

void transfer_prepare(void)
{
    device.type = device.instance = (struct vmbus_guid)ECHO_TYPE;
    device.instance.bytes[15] = ECHO_TRANSFER;
    device_create(&device);
    device_offer(&device);
}
