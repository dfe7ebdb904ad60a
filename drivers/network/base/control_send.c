/* SPDX-License-Identifier: BSD-2-Clause */
/* Sending a control message (control.h). */
#include "drivers/network/base/control.h"

/*
 * A control message travels alone and by reference: it needs no section, and a
 * host without a send buffer takes it as well. It goes on the primary, as hosts
 * demand.
 */
bool network_send_control(struct network_driver *d, PMDL mdl, uint32_t at,
                          uint32_t size, uint32_t *shared,
                          PFN_VMB_PACKET_COMPLETION_ROUTINE taken)
{
    uint32_t m[NVSP_MESSAGE_SIZE / 4] = {NVSP_RNDIS, NVSP_CONTROL,
                                         NVSP_NO_SECTION};
    VMBPACKET packet = VmbPacketAllocate(d->channel);

    if (!packet)
        return false;
    VmbPacketSetPointer(packet, d);
    VmbPacketSetCompletionRoutine(packet, taken);
    /* Raised before the send: the completion may come before it returns. */
    __atomic_fetch_add(shared, 1, __ATOMIC_ACQ_REL);
    if (NT_SUCCESS(VmbPacketSendWithExternalMdl(
            packet, m, sizeof(m), mdl, at, size,
            VMBUS_CHANNEL_FORMAT_FLAG_WAIT_FOR_COMPLETION)))
        return true;
    __atomic_fetch_sub(shared, 1, __ATOMIC_ACQ_REL);
    VmbPacketFree(packet);
    return false;
}
