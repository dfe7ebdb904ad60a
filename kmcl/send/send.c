/*
 * The three sending functions: checks, then kmcl_submit().
 */
#include "kmcl/send/send.h"

#include "kmcl/channel/channel.h"

/* What is common to all sends. */
static inline NTSTATUS check_send(VMBPACKET p, const void *buffer,
                                  uint32_t size)
{
    if (!kmcl_packet_ready(p))
        return STATUS_INVALID_PARAMETER_1;
    SEAM_ASSERT(p->channel->s, p->routine,
                "the packet has no completion routine: "
                "VmbPacketSetCompletionRoutine comes before the first send");
    if (!buffer && size)
        return STATUS_INVALID_PARAMETER_2;
    /* The maximum may have been lowered or raised since the packet was made. */
    if (size > p->channel->set.max_packet || size > p->max_inline)
        return STATUS_INVALID_PARAMETER_3;
    return STATUS_SUCCESS;
}

static void describe(struct kmcl_send *send, VMBPACKET p, const void *buffer,
                     uint32_t size, uint32_t flags)
{
    *send = (struct kmcl_send){
        .type = RING_PACKET_IN_BAND,
        .header_size =
            p->channel->pipe ? (uint32_t)sizeof(struct ring_pipe_header) : 0,
        .inline_data = buffer,
        .inline_size = size,
        .waits = flags & VMBUS_CHANNEL_FORMAT_FLAG_WAIT_FOR_COMPLETION,
    };
}

/* External data goes from a guest to its host, and not through a pipe. */
static NTSTATUS check_external(VMBCHANNEL ch)
{
    if (ch->is_server)
        return STATUS_NOT_SUPPORTED;
    return ch->pipe ? STATUS_INVALID_PARAMETER_4 : STATUS_SUCCESS;
}

static void describe_external(struct kmcl_send *send, uint32_t header)
{
    send->type = RING_PACKET_GPA_DIRECT;
    send->header_size = header;
    send->body_header = header;
}

/* A whole chain; 0 if it is empty, too long or too large. */
static uint32_t whole_chain(VMBPACKET p, PMDL mdl)
{
    struct kmcl_window w = {.mdl = mdl};

    return kmcl_window_set(&w, 0, 0) ? 0 : kmcl_external_window(p, &w);
}

NTSTATUS kmcl_prepare_send(VMBPACKET p, PVOID buffer, uint32_t size, PMDL mdl,
                           uint32_t flags, struct kmcl_send *send)
{
    const uint32_t wait = VMBUS_CHANNEL_FORMAT_FLAG_WAIT_FOR_COMPLETION;
    NTSTATUS status = check_send(p, buffer, size);
    uint32_t header;

    if (status)
        return status;
    /* A receiver refuses a larger message, without a word to its sender. */
    if (p->channel->pipe && size > RING_PIPE_LIMIT)
        return STATUS_INVALID_PARAMETER_3;
    if (flags & ~(wait | VMBUS_CHANNEL_FORMAT_FLAG_PAGED_BUFFER))
        return STATUS_INVALID_PARAMETER_5;
    if ((flags & wait) ? p->channel->pipe : mdl != NULL)
        return STATUS_INVALID_PARAMETER_5;
    describe(send, p, buffer, size, flags);
    if (!mdl)
        return STATUS_SUCCESS;
    status = check_external(p->channel);
    if (status)
        return status;
    header = whole_chain(p, mdl);
    if (!header)
        return STATUS_INVALID_PARAMETER_4;
    describe_external(send, header);
    return STATUS_SUCCESS;
}

/* Any send, with all checks of flags and external data. */
static KMCL_RARE NTSTATUS send_any(VMBPACKET p, PVOID buffer, uint32_t size,
                                   PMDL mdl, uint32_t flags)
{
    struct kmcl_send send;
    NTSTATUS status = kmcl_prepare_send(p, buffer, size, mdl, flags, &send);

    if (status)
        return status;
    return kmcl_status(kmcl_submit(p, &send));
}

NTSTATUS VmbPacketSend(VMBPACKET PacketObject, PVOID Buffer,
                       UINT32 BufferLength, PMDL ExternalDataMdl, UINT32 Flags)
{
    const uint32_t wait = VMBUS_CHANNEL_FORMAT_FLAG_WAIT_FOR_COMPLETION;
    NTSTATUS status;

    if (ExternalDataMdl || (Flags & ~wait))
        return send_any(PacketObject, Buffer, BufferLength, ExternalDataMdl,
                        Flags);
    status = check_send(PacketObject, Buffer, BufferLength);
    if (status)
        return status;
    if (PacketObject->channel->pipe)
        return send_any(PacketObject, Buffer, BufferLength, NULL, Flags);
    if (kmcl_submit_in_band(PacketObject, Buffer, BufferLength, Flags))
        return STATUS_DEVICE_REMOVED;
    return STATUS_SUCCESS;
}

NTSTATUS VmbPacketSendWithExternalMdl(VMBPACKET PacketObject, PVOID Buffer,
                                      UINT32 BufferLength, PMDL ExternalDataMdl,
                                      UINT32 MdlOffset, UINT32 MdlLength,
                                      UINT32 Flags)
{
    struct kmcl_window window = {.mdl = ExternalDataMdl};
    struct kmcl_send send;
    uint32_t header;
    NTSTATUS status = check_send(PacketObject, Buffer, BufferLength);

    if (status)
        return status;
    if ((Flags & ~VMBUS_CHANNEL_FORMAT_FLAGS) ||
        !(Flags & VMBUS_CHANNEL_FORMAT_FLAG_WAIT_FOR_COMPLETION))
        return STATUS_INVALID_PARAMETER_7;
    if (!ExternalDataMdl)
        return STATUS_INVALID_PARAMETER_4;
    status = check_external(PacketObject->channel);
    if (status)
        return status;
    window.forced = Flags & VMBUS_CHANNEL_FORMAT_FLAG_FORCE_MDL_LENGTH;
    status = kmcl_window_set(&window, MdlOffset, MdlLength);
    if (status)
        return status;
    header = kmcl_external_window(PacketObject, &window);
    if (!header)
        return STATUS_INVALID_PARAMETER_4;
    describe(&send, PacketObject, Buffer, BufferLength, Flags);
    describe_external(&send, header);
    return kmcl_status(kmcl_submit(PacketObject, &send));
}

NTSTATUS VmbPacketSendWithExternalPfns(VMBPACKET PacketObject, PVOID Buffer,
                                       UINT32 BufferLength,
                                       PPFN_NUMBER ExternalDataPfns,
                                       UINT32 PfnLength, UINT32 Flags)
{
    const uint32_t wait = VMBUS_CHANNEL_FORMAT_FLAG_WAIT_FOR_COMPLETION;
    struct kmcl_send send;
    uint32_t header;
    NTSTATUS status = check_send(PacketObject, Buffer, BufferLength);

    if (status)
        return status;
    if ((Flags & ~(wait | VMBUS_CHANNEL_FORMAT_FLAG_PAGED_BUFFER)) ||
        !(Flags & wait))
        return STATUS_INVALID_PARAMETER_6;
    if (!ExternalDataPfns)
        return STATUS_INVALID_PARAMETER_4;
    status = check_external(PacketObject->channel);
    if (status)
        return status;
    header = kmcl_external_pfns(PacketObject, ExternalDataPfns, PfnLength);
    if (!header)
        return STATUS_INVALID_PARAMETER_5;
    describe(&send, PacketObject, Buffer, BufferLength, Flags);
    describe_external(&send, header);
    return kmcl_status(kmcl_submit(PacketObject, &send));
}
