/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Configuration of either endpoint: while Disabled, and only then.
 *
 * Each function checks its own arguments; what they amount to together is
 * checked by VmbChannelEnable. A function that fails has changed nothing.
 */
#include "kmcl/channel/config.h"

#include "kmcl/base/channel.h"
#include "vmbus/ring.h"

/* Both flag words can make the channel a pipe: a client's by its flags, a
 * server's by those of its offer as well. */
bool kmcl_set_flags(VMBCHANNEL ch, uint32_t flags, uint32_t server_flags)
{
    bool pipe = (flags & VMBUS_CHANNEL_INIT_FLAG_IS_PIPE) ||
                (server_flags & VMBUS_SERVER_CHANNEL_INIT_FLAG_OFFER_AS_PIPE);

    /* Queued packets are finished wire images, framed or not. */
    if (pipe != ch->pipe && ch->queue.first)
        return false;
    ch->pipe = pipe;
    ch->set.flags = flags;
    ch->set.server_flags = server_flags;
    return true;
}

NTSTATUS VmbChannelInitSetFlags(VMBCHANNEL Channel, UINT32 Flags)
{
    if (!kmcl_configurable(Channel))
        return STATUS_INVALID_PARAMETER_1;
    /* An unknown flag may mean something that is not done here. */
    if (Flags & ~VMBUS_CHANNEL_INIT_FLAGS)
        return STATUS_INVALID_PARAMETER_2;
    if (!kmcl_set_flags(Channel, Flags, Channel->set.server_flags))
        return STATUS_INVALID_PARAMETER_1;
    return STATUS_SUCCESS;
}

NTSTATUS VmbChannelInitSetFriendlyName(VMBCHANNEL Channel,
                                       PCUNICODE_STRING Name)
{
    size_t count, i;

    if (!kmcl_configurable(Channel))
        return STATUS_INVALID_PARAMETER_1;
    /* The name is counted in bytes and need not end with a zero. */
    if (!Name || Name->Length % sizeof(WCHAR) ||
        (Name->Length && !Name->Buffer))
        return STATUS_INVALID_PARAMETER_2;
    count = Name->Length / sizeof(WCHAR);
    /* The name only serves log lines: a long one is cut, and what is no
     * printable ASCII becomes a question mark. */
    if (count > sizeof(Channel->set.name) - 1)
        count = sizeof(Channel->set.name) - 1;
    for (i = 0; i < count; i++) {
        /* Log lines are ASCII. */
        WCHAR c = Name->Buffer[i];

        Channel->set.name[i] = c >= 0x20 && c < 0x7f ? (char)c : '?';
    }
    Channel->set.name[i] = 0;
    return STATUS_SUCCESS;
}

NTSTATUS VmbChannelInitSetClientContextSize(VMBCHANNEL Channel,
                                            UINT32 ContextSize)
{
    if (!kmcl_configurable(Channel))
        return STATUS_INVALID_PARAMETER_1;
    /* So much is added to each incoming packet [P]. */
    if (ContextSize > 65536)
        return STATUS_INVALID_PARAMETER_2;
    /* It is reserved behind each packet; no documented function reaches it. */
    Channel->set.context_size = ContextSize;
    return STATUS_SUCCESS;
}

NTSTATUS VmbChannelInitSetMaximumPacketSize(VMBCHANNEL Channel,
                                            UINT32 PacketSize)
{
    if (!kmcl_configurable(Channel))
        return STATUS_INVALID_PARAMETER_1;
    /* The wire counts the length of a body in 16 bits of 8 bytes, and a pipe's
     * header takes part of that. */
    if (!PacketSize ||
        PacketSize > RING_BODY_LIMIT - sizeof(struct ring_pipe_header))
        return STATUS_INVALID_PARAMETER_2;
    /* Packets that were made before keep the maximum of their time. */
    Channel->set.max_packet = PacketSize;
    return STATUS_SUCCESS;
}

NTSTATUS VmbChannelInitSetMaximumExternalData(VMBCHANNEL Channel,
                                              UINT32 DataSize,
                                              UINT32 ChainLength)
{
    if (!kmcl_configurable(Channel))
        return STATUS_INVALID_PARAMETER_1;
    /* The frame numbers of the external data stand in the packet, so both
     * maxima together are limited by the wire, too. */
    if (!DataSize || kmcl_external_header(DataSize, 1) > RING_BODY_LIMIT)
        return STATUS_INVALID_PARAMETER_2;
    if (!ChainLength ||
        kmcl_external_header(DataSize, ChainLength) > RING_BODY_LIMIT)
        return STATUS_INVALID_PARAMETER_3;
    Channel->set.max_external = DataSize;
    Channel->set.max_chain = ChainLength;
    return STATUS_SUCCESS;
}

NTSTATUS VmbChannelInitSetProcessPacketCallbacks(
    VMBCHANNEL Channel, PFN_VMB_CHANNEL_PROCESS_PACKET ProcessPacketCallback,
    PFN_VMB_CHANNEL_PROCESSING_COMPLETE ProcessingCompleteCallback)
{
    if (!kmcl_configurable(Channel))
        return STATUS_INVALID_PARAMETER_1;
    if (!ProcessPacketCallback)
        return STATUS_INVALID_PARAMETER_2;
    /* Nothing is received while the channel is Disabled, so these may change.
     */
    Channel->set.process_packet = ProcessPacketCallback;
    Channel->set.processing_complete = ProcessingCompleteCallback;
    return STATUS_SUCCESS;
}

NTSTATUS VmbChannelInitSetStateChangeCallbacks(
    VMBCHANNEL Channel,
    PVMB_CHANNEL_STATE_CHANGE_CALLBACKS StateChangeCallbacks)
{
    if (!kmcl_configurable(Channel))
        return STATUS_INVALID_PARAMETER_1;
    /* Version and size tell which edition of the structure the driver was
     * compiled with [D]. */
    if (!StateChangeCallbacks || StateChangeCallbacks->Version != 1 ||
        StateChangeCallbacks->Size != sizeof(*StateChangeCallbacks))
        return STATUS_INVALID_PARAMETER_2;
    /* The structure is copied: the caller's may be on its stack. */
    Channel->set.state = *StateChangeCallbacks;
    return STATUS_SUCCESS;
}
