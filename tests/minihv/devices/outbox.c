/* SPDX-License-Identifier: BSD-2-Clause */
/* Packets of a device to the guest: see outbox.h. */
#include "outbox.h"

#include "minihv.h"

/* The packet is in the ring, or the channel has closed. */
static VOID left(VMBPACKET packet, NTSTATUS status, PVOID buffer, UINT32 size)
{
    struct outbox *o = VmbPacketGetPointer(packet);

    (void)status, (void)buffer, (void)size;
    o->waiting--;
    VmbPacketFree(packet);
    if (o->sent)
        o->sent();
}

void outbox_send(struct outbox *o, const void *data, uint32_t size)
{
    VMBPACKET packet = VmbPacketAllocate(o->device->channel);

    if (!packet)
        minihv_failed("channel %s: no memory for a packet", o->device->name);
    o->waiting++;
    VmbPacketSetPointer(packet, o);
    VmbPacketSetCompletionRoutine(packet, left);
    if (!NT_SUCCESS(VmbPacketSend(packet, (void *)data, size, NULL, 0)))
        minihv_failed("channel %s: a message of %u bytes cannot be sent",
                      o->device->name, size);
}
