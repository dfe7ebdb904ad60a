/* SPDX-License-Identifier: BSD-2-Clause */
/* Sending one message of dynamic memory to the host (private.h). */
#include "drivers/memory/private.h"

/*
 * KMCL's default completion routine frees a packet that was sent. One that was
 * not sent is freed here.
 */
bool dynmem_send(struct dynmem *d, void *message, uint16_t type,
                 uint32_t transaction, uint32_t size)
{
    struct dynmem_header *header = message;
    VMBPACKET packet = VmbPacketAllocate(d->channel);

    header->type = type;
    header->size = (uint16_t)size;
    header->transaction = transaction;
    if (packet && NT_SUCCESS(VmbPacketSend(packet, message, size, NULL, 0)))
        return true;
    if (packet)
        VmbPacketFree(packet);
    d->send_failed++;
    return false;
}
