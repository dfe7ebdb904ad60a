/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A server that is saved and restored: it sends notes, and a note that was not
 * complete when the state was saved is sent by the server that takes over.
 * docs/kmcl-guide.md quotes this file.
 */
#include <stdlib.h>
#include <string.h>

#include "samples.h"

static EVT_VMB_PACKET_COMPLETION_ROUTINE EvtSent;
static EVT_VMB_CHANNEL_SAVE_PACKET EvtSavePacket;
static EVT_VMB_CHANNEL_RESTORE_PACKET EvtRestorePacket;

/* The driver's own state of a packet that it sends. */
struct note {
    struct sample_keeper *keeper;
    UINT64 number;
};

/* The note has left, or the channel ended first. */
static VOID EvtSent(VMBPACKET Packet, NTSTATUS Status, PVOID Buffer,
                    UINT32 BufferLength)
{
    struct note *note = VmbPacketGetPointer(Packet);

    UNREFERENCED_PARAMETER(Buffer);
    UNREFERENCED_PARAMETER(BufferLength);
    if (NT_SUCCESS(Status))
        note->keeper->sum += note->number;
    VmbPacketFree(Packet);
    free(note);
}

/* A packet with a note behind it; NULL: no memory. */
static VMBPACKET MakePacket(struct sample_keeper *keeper, UINT64 number)
{
    struct note *note = malloc(sizeof(*note));
    VMBPACKET packet = note ? VmbPacketAllocate(keeper->channel) : NULL;

    if (!packet) {
        free(note);
        return NULL;
    }
    *note = (struct note){.keeper = keeper, .number = number};
    VmbPacketSetPointer(packet, note);
    VmbPacketSetCompletionRoutine(packet, EvtSent);
    return packet;
}

static VOID DropPacket(VMBPACKET packet)
{
    free(VmbPacketGetPointer(packet));
    VmbPacketFree(packet);
}

/* Called twice for each packet: first without room, to learn how much. */
static NTSTATUS EvtSavePacket(VMBCHANNEL Channel, VMBPACKET Packet,
                              PVOID SaveBuf, UINT32 SaveBufSize,
                              PUINT32 BytesNeeded)
{
    struct note *note = VmbPacketGetPointer(Packet);

    UNREFERENCED_PARAMETER(Channel);
    *BytesNeeded = sizeof(note->number);
    if (SaveBufSize < sizeof(note->number))
        return STATUS_BUFFER_TOO_SMALL;
    memcpy(SaveBuf, &note->number, sizeof(note->number));
    return STATUS_SUCCESS;
}

/* The packet object is new; VmbPacketRestore gives it the saved packet. */
static NTSTATUS EvtRestorePacket(VMBCHANNEL Channel, PVOID LibBuf,
                                 UINT32 LibBufSize, PVOID SaveBuf,
                                 UINT32 SaveBufSize)
{
    VMBPACKET packet;
    NTSTATUS status;
    UINT64 number;

    if (!SaveBuf || SaveBufSize < sizeof(number))
        return STATUS_DATA_ERROR;
    memcpy(&number, SaveBuf, sizeof(number));
    packet = MakePacket(VmbChannelGetPointer(Channel), number);
    if (!packet)
        return STATUS_INSUFFICIENT_RESOURCES;
    status = VmbPacketRestore(packet, LibBuf, LibBufSize);
    if (!NT_SUCCESS(status))
        DropPacket(packet);
    return status;
}

/* A Disabled server: restore into it, then start it; or start it at once. */
NTSTATUS SampleKeeperMake(struct sample_keeper *keeper)
{
    NTSTATUS status = VmbChannelAllocate(NULL, TRUE, &keeper->channel);

    if (!NT_SUCCESS(status))
        return status;
    VmbChannelSetPointer(keeper->channel, keeper);
    status = VmbServerChannelInitSetSaveRestorePacketCallbacks(
        keeper->channel, EvtSavePacket, EvtRestorePacket);
    if (NT_SUCCESS(status))
        status = VmbServerChannelInitSetTargetInterfaceId(
            keeper->channel, SampleType, SampleInstance);
    if (!NT_SUCCESS(status))
        VmbChannelCleanup(keeper->channel);
    return status;
}

NTSTATUS SampleKeeperStart(struct sample_keeper *keeper)
{
    NTSTATUS status = VmbChannelEnable(keeper->channel);

    if (NT_SUCCESS(status))
        VmbChannelStart(keeper->channel);
    return status;
}

NTSTATUS SampleKeeperSend(struct sample_keeper *keeper, UINT64 number)
{
    VMBPACKET packet = MakePacket(keeper, number);
    NTSTATUS status;

    if (!packet)
        return STATUS_INSUFFICIENT_RESOURCES;
    status = VmbPacketSend(packet, &number, sizeof(number), NULL, 0);
    if (!NT_SUCCESS(status))
        DropPacket(packet);
    return status;
}

/* Makes room for `more` bytes behind the state. */
static BOOLEAN Grow(struct sample_state *state, ULONG more)
{
    UINT8 *bytes = realloc(state->bytes, state->size + more);

    if (!bytes)
        return FALSE;
    state->bytes = bytes;
    state->room = state->size + more;
    return TRUE;
}

/* Step 1: no traffic. Step 2: the session. Step 3: chunks, until the status
 * speaks of the buffer no more. Step 4: the session ends, in any case. Then the
 * channel goes on by VmbChannelStart, or ends by VmbChannelDisable. */
NTSTATUS SampleKeeperSave(struct sample_keeper *keeper,
                          struct sample_state *state)
{
    ULONG filled, required;
    NTSTATUS status;

    VmbChannelPause(keeper->channel);
    status = VmbChannelSaveBegin(keeper->channel);
    if (!NT_SUCCESS(status))
        return status;
    for (;;) {
        status = VmbChannelSaveContinue(
            keeper->channel, state->room ? state->bytes + state->size : NULL,
            state->room - state->size, &filled, &required);
        state->size += filled;
        if (status != STATUS_BUFFER_OVERFLOW &&
            status != STATUS_BUFFER_TOO_SMALL)
            break;
        if (!Grow(state, required)) {
            status = STATUS_INSUFFICIENT_RESOURCES;
            break;
        }
    }
    VmbChannelSaveEnd(keeper->channel);
    return status;
}

/* All chunks at once; STATUS_MORE_PROCESSING_REQUIRED asks for those that a
 * caller still has, for example in its next file. */
NTSTATUS SampleKeeperRestore(struct sample_keeper *keeper,
                             const struct sample_state *state)
{
    return VmbChannelRestoreFromBuffer(keeper->channel, state->bytes,
                                       state->size);
}

VOID SampleKeeperStop(struct sample_keeper *keeper)
{
    VmbChannelDisable(keeper->channel);
    VmbChannelCleanup(keeper->channel);
}
