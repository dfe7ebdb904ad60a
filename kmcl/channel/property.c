/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Channel properties at run time. Those that the data path reads are changed
 * under the channel's lock, because another processor may be delivering.
 */
#include <errno.h>

#include "kmcl/base/channel.h"

#define RULE_HANDLE "not a live channel: pass what VmbChannelAllocate gave"
#define RULE_OUTPUT "a NULL output pointer: pass the address of a variable"

VOID VmbChannelSetPointer(VMBCHANNEL Channel, PVOID Pointer)
{
    SEAM_ASSERT(kmcl_seam(), kmcl_channel_ok(Channel), RULE_HANDLE);
    /* The pointer is never looked at, only handed back. */
    Channel->pointer = Pointer;
}

PVOID VmbChannelGetPointer(VMBCHANNEL Channel)
{
    SEAM_ASSERT(kmcl_seam(), kmcl_channel_ok(Channel), RULE_HANDLE);
    return Channel->pointer;
}

VOID VmbChannelGetInterfaceInstance(VMBCHANNEL Channel,
                                    LPGUID InterfaceInstance)
{
    VMBCHANNEL ch = Channel;
    uint8_t irql;

    SEAM_ASSERT(kmcl_seam(), kmcl_channel_ok(ch), RULE_HANDLE);
    SEAM_ASSERT(ch->s, InterfaceInstance, RULE_OUTPUT);
    /* Without an offer it is the instance that was asked for. */
    *InterfaceInstance = ch->set.instance;
    /* The offer may be given back just now, on processor 0. */
    irql = seam_lock(ch->s, &ch->lock);
    if (ch->link.channel)
        /* With an offer it is the instance that was bound or published. */
        memcpy(InterfaceInstance,
               &vmbus_channel_offer(ch->link.channel)->instance, sizeof(GUID));
    seam_unlock(ch->s, &ch->lock, irql);
}

VOID VmbChannelGetMmioSpace(VMBCHANNEL Channel, UINT64 *MmioAddress,
                            UINT64 *MmioSize)
{
    SEAM_ASSERT(kmcl_seam(), kmcl_channel_ok(Channel), RULE_HANDLE);
    SEAM_ASSERT(Channel->s, MmioAddress && MmioSize, RULE_OUTPUT);
    /* Both are 0 while the channel has none. */
    *MmioAddress = Channel->mmio_address;
    *MmioSize = Channel->mmio_size;
}

VOID VmbChannelSetIncomingProcessingAtPassive(VMBCHANNEL Channel,
                                              BOOLEAN RequirePassive)
{
    VMBCHANNEL ch = Channel;
    uint8_t irql;

    SEAM_ASSERT(kmcl_seam(), kmcl_channel_ok(ch), RULE_HANDLE);
    irql = seam_lock(ch->s, &ch->lock);
    /* It holds for the next packet; the callback that runs now goes on at its
     * level. */
    ch->require_passive = RequirePassive != 0;
    seam_unlock(ch->s, &ch->lock, irql);
}

NTSTATUS VmbChannelSetInterruptLatency(VMBCHANNEL Channel, UINT16 Latency,
                                       PUINT16 OriginalLatency)
{
    VMBCHANNEL ch = Channel;
    bool closed;

    if (!kmcl_channel_ok(ch))
        return STATUS_INVALID_PARAMETER_1;
    KMCL_CHECK_PASSIVE(ch->s);
    /* The monitor page, which delays signals, belongs to the guest. */
    if (ch->is_server)
        return STATUS_NOT_SUPPORTED;
    /* Inside EvtChannelClosed the page is no longer ours to write: the value
     * is kept for the next opening. */
    closed = ch->activity == KMCL_IN_CLOSED;
    if (!closed &&
        (ch->link.state == KMCL_LINK_DOWN || ch->phase < KMCL_CONNECTED))
        return STATUS_INVALID_DEVICE_STATE;
    /* Without a monitor each signal is a hypercall and never waits. */
    if (!ch->link.monitored)
        return STATUS_NOT_SUPPORTED;
    /* The value that the host had set, or the last one of ours. */
    if (OriginalLatency)
        *OriginalLatency = ch->link.latency;
    /* Kept for the next opening, which begins with the value of the host. */
    ch->link.latency = Latency;
    ch->link.latency_set = true;
    if (closed)
        return STATUS_SUCCESS;
    return kmcl_status(
        vmbus_channel_set_latency(ch->link.channel, Latency, NULL));
}

VOID VmbChannelSetTransactionQuota(VMBCHANNEL Channel, UINT32 Quota)
{
    VMBCHANNEL ch = Channel;
    uint8_t irql;

    SEAM_ASSERT(kmcl_seam(), kmcl_channel_ok(ch), RULE_HANDLE);
    SEAM_ASSERT(ch->s, Quota > 0, "a quota is at least 1");
    irql = seam_lock(ch->s, &ch->lock);
    /* A raised quota does not restart a queue that is blocked by it: that is
     * left to the next completion [D]. */
    ch->quota = Quota;
    seam_unlock(ch->s, &ch->lock, irql);
}
