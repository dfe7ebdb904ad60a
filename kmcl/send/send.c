/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * VmbPacketSend: checks, then kmcl_submit(). external.c has the two functions
 * that are for external data alone.
 *
 * Each argument that is refused has a status with its number, and nothing has
 * changed then. The commonest send (in-band, not on a pipe) makes few checks
 * and describes nothing, because each of them costs every packet.
 */
#include "kmcl/send/send.h"

#include "kmcl/base/channel.h"

/* A send of inline bytes. The header of a pipe is counted here and written with
 * the bytes. */
static void describe(struct kmcl_send *send, VMBPACKET p, const void *buffer,
                     uint32_t size, uint32_t flags)
{
    /* The type is in-band until external data makes it another. */
    *send = (struct kmcl_send){
        .type = RING_PACKET_IN_BAND,
        .header_size =
            p->channel->pipe ? (uint32_t)sizeof(struct ring_pipe_header) : 0,
        .inline_data = buffer,
        .inline_size = size,
        .waits = flags & VMBUS_CHANNEL_FORMAT_FLAG_WAIT_FOR_COMPLETION,
    };
}

/* The same with external data, whose header stands in the packet already. */
static void describe_external(struct kmcl_send *send, uint32_t header)
{
    /* The whole header counts as the type's own, so the inline bytes follow it.
     */
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
    NTSTATUS status = kmcl_check_send(p, buffer, size);
    uint32_t header;

    if (status)
        return status;
    /* A receiver refuses a larger message, without a word to its sender. */
    if (p->channel->pipe && size > RING_PIPE_LIMIT)
        return STATUS_INVALID_PARAMETER_3;
    /* Refuse what this function does not offer. */
    if (flags & ~(wait | VMBUS_CHANNEL_FORMAT_FLAG_PAGED_BUFFER))
        return STATUS_INVALID_PARAMETER_5;
    /* A pipe has no transactions. External pages are lent until a completion
     * comes back, so one must be asked for. */
    if ((flags & wait) ? p->channel->pipe : mdl != NULL)
        return STATUS_INVALID_PARAMETER_5;
    /* From here on the arguments are known to be good. */
    describe(send, p, buffer, size, flags);
    if (!mdl)
        return STATUS_SUCCESS;
    status = kmcl_check_external(p->channel);
    if (status)
        return status;
    /* The ranges go into the packet now, before anything is sent. */
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

    /* Everything but the commonest send takes the longer way. */
    if (ExternalDataMdl || (Flags & ~wait))
        return send_any(PacketObject, Buffer, BufferLength, ExternalDataMdl,
                        Flags);
    status = kmcl_check_send(PacketObject, Buffer, BufferLength);
    if (status)
        return status;
    /* A pipe frames its messages, so it takes the longer way as well. */
    if (PacketObject->channel->pipe)
        return send_any(PacketObject, Buffer, BufferLength, NULL, Flags);
    return kmcl_submit_in_band(PacketObject, Buffer, BufferLength, Flags);
}
