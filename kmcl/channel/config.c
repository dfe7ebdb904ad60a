/*
 * Configuration of either endpoint: while Disabled, and only then.
 */
#include "kmcl/channel/config.h"

#include "kmcl/channel/channel.h"
#include "vmbus/ring.h"

/* One MDL can start and end inside a page, so each adds up to two frames. */
uint64_t kmcl_external_header(uint32_t data_size, uint32_t chain)
{
    uint64_t frames = data_size / SEAM_PAGE_SIZE + 2 * (uint64_t)chain;

    return sizeof(struct ring_gpa_header) +
           chain * (uint64_t)sizeof(struct ring_gpa_range) + frames * 8;
}

uint32_t kmcl_largest_body(const struct kmcl_settings *set)
{
    uint64_t external = kmcl_external_header(set->max_external, set->max_chain);
    uint64_t inline_bytes = ((uint64_t)set->max_packet + 7) & ~UINT64_C(7);

    if (set->flags & VMBUS_CHANNEL_INIT_FLAG_IS_PIPE)
        external = 0;
    /* A pipe's frame header is smaller than any external header. */
    if (external < sizeof(struct ring_pipe_header))
        external = sizeof(struct ring_pipe_header);
    return (uint32_t)(external + inline_bytes);
}

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
    if (!Name || Name->Length % sizeof(WCHAR) ||
        (Name->Length && !Name->Buffer))
        return STATUS_INVALID_PARAMETER_2;
    count = Name->Length / sizeof(WCHAR);
    if (count > sizeof(Channel->set.name) - 1)
        count = sizeof(Channel->set.name) - 1;
    for (i = 0; i < count; i++) {
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
    if (ContextSize > 65536)
        return STATUS_INVALID_PARAMETER_2;
    Channel->set.context_size = ContextSize;
    return STATUS_SUCCESS;
}

NTSTATUS VmbChannelInitSetMaximumPacketSize(VMBCHANNEL Channel,
                                            UINT32 PacketSize)
{
    if (!kmcl_configurable(Channel))
        return STATUS_INVALID_PARAMETER_1;
    if (!PacketSize ||
        PacketSize > RING_BODY_LIMIT - sizeof(struct ring_pipe_header))
        return STATUS_INVALID_PARAMETER_2;
    Channel->set.max_packet = PacketSize;
    return STATUS_SUCCESS;
}

NTSTATUS VmbChannelInitSetMaximumExternalData(VMBCHANNEL Channel,
                                              UINT32 DataSize,
                                              UINT32 ChainLength)
{
    if (!kmcl_configurable(Channel))
        return STATUS_INVALID_PARAMETER_1;
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
    if (!StateChangeCallbacks || StateChangeCallbacks->Version != 1 ||
        StateChangeCallbacks->Size != sizeof(*StateChangeCallbacks))
        return STATUS_INVALID_PARAMETER_2;
    Channel->set.state = *StateChangeCallbacks;
    return STATUS_SUCCESS;
}
