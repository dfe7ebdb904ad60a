/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A client of a real device: Hyper-V's heartbeat, by which a host sees that its
 * guest is alive. It is a pipe, so each message is a packet without a
 * completion, answered by a message. docs/kmcl-guide.md quotes this file.
 */
#include <stdio.h>
#include <string.h>

#include "vmbare.h"
#include "vmbuskernelmodeclientlibapi.h"

/* {57164f39-9115-4e78-ab55-382f3bd5422d} [linux hyperv.h] */
#define HEARTBEAT_TEXT "57164f39-9115-4e78-ab55-382f3bd5422d"
static const GUID HeartbeatType = {
    0x57164f39,
    0x9115,
    0x4e78,
    {0xab, 0x55, 0x38, 0x2f, 0x3b, 0xd5, 0x42, 0x2d}};

enum { MESSAGE_MAX = 1024, NEGOTIATE = 0, HEARTBEAT = 1, FLAGS_RESPONSE = 5 };

/* What every message of an integration component begins with. */
struct header {
    UINT16 framework[2], type, message[2], size;
    UINT32 status;
    UINT8 transaction, flags, reserved[2];
};

_Static_assert(sizeof(struct header) == 20, "[linux hyperv.h]");

static struct {
    VMBCHANNEL channel;
    NTSTATUS failure; /* the device is there and cannot be opened */
    volatile BOOLEAN open;
    volatile UINT32 beats;
} heart;

/* Chooses 3.0 of both versions, which every host since 2012 offers. */
static VOID Negotiate(struct header *header, UINT8 *body)
{
    static const UINT16 chosen[8] = {1, 1, 0, 0, 3, 0, 3, 0};

    header->size = sizeof(chosen);
    memcpy(body, chosen, sizeof(chosen));
}

/* The answer is the sequence number plus one. */
static VOID Beat(UINT8 *body)
{
    UINT64 sequence;

    memcpy(&sequence, body, sizeof(sequence));
    sequence++;
    memcpy(body, &sequence, sizeof(sequence));
    heart.beats++;
}

/* Turns a request into its answer, which has the same size. False: there is
 * none to give. */
static bool Answer(UINT8 *message, UINT32 size)
{
    UINT8 *body = message + sizeof(struct header);
    struct header header;

    if (size < sizeof(header) + 16)
        return false;
    memcpy(&header, message, sizeof(header));
    if (header.type == NEGOTIATE)
        Negotiate(&header, body);
    else if (header.type == HEARTBEAT)
        Beat(body);
    else
        return false;
    header.status = 0;
    header.flags = FLAGS_RESPONSE;
    memcpy(message, &header, sizeof(header));
    return true;
}

/* The answer is made in a copy, because completing the packet ends its buffer.
 * What makes no sense gets no answer. */
static VOID EvtPacket(VMBCHANNEL Channel, VMBPACKETCOMPLETION Packet,
                      PVOID Buffer, UINT32 BufferLength, UINT32 Flags)
{
    UINT8 message[MESSAGE_MAX];
    UINT32 size = BufferLength < sizeof(message) ? BufferLength : 0;
    VMBPACKET answer;

    UNREFERENCED_PARAMETER(Flags);
    memcpy(message, Buffer, size);
    VmbChannelPacketComplete(Packet, NULL, 0);
    answer = Answer(message, size) ? VmbPacketAllocate(Channel) : NULL;
    if (answer && !NT_SUCCESS(VmbPacketSend(answer, message, size, NULL, 0)))
        VmbPacketFree(answer);
}

static NTSTATUS EvtOpened(VMBCHANNEL Channel)
{
    UNREFERENCED_PARAMETER(Channel);
    heart.open = TRUE;
    return STATUS_SUCCESS;
}

/* The host took the device away, or closed it. Enable again, not in here, to
 * get it when it comes back. */
static VOID EvtClosed(VMBCHANNEL Channel)
{
    UNREFERENCED_PARAMETER(Channel);
    heart.open = FALSE;
}

/* Only a device that was offered can fail so; the channel is Disabled. */
static VOID EvtPnpFailure(VMBCHANNEL Channel, NTSTATUS FailureStatus)
{
    UNREFERENCED_PARAMETER(Channel);
    heart.failure = FailureStatus;
}

static NTSTATUS Configure(VMBCHANNEL channel)
{
    VMB_CHANNEL_STATE_CHANGE_CALLBACKS callbacks;
    NTSTATUS status;

    VMB_CHANNEL_STATE_CHANGE_CALLBACKS_INIT(&callbacks);
    callbacks.EvtChannelOpened = EvtOpened;
    callbacks.EvtChannelClosed = EvtClosed;
    status = VmbChannelInitSetStateChangeCallbacks(channel, &callbacks);
    if (NT_SUCCESS(status))
        status =
            VmbChannelInitSetFlags(channel, VMBUS_CHANNEL_INIT_FLAG_IS_PIPE);
    if (NT_SUCCESS(status))
        status = VmbChannelInitSetMaximumPacketSize(channel, MESSAGE_MAX);
    if (NT_SUCCESS(status))
        status =
            VmbChannelInitSetProcessPacketCallbacks(channel, EvtPacket, NULL);
    if (NT_SUCCESS(status))
        status = VmbClientChannelInitSetTargetPnp(channel, &HeartbeatType, NULL,
                                                  EvtPnpFailure);
    return status;
}

/* Is the device in the host's list? */
static bool IsOffered(void)
{
    struct vmbare_offer offer;

    for (unsigned i = 0; vmbare_offer(i, &offer); i++)
        if (!strcmp(offer.type, HEARTBEAT_TEXT))
            return true;
    return false;
}

/* Says why there is no heartbeat, and what to do about it. */
static int Explain(void)
{
    if (heart.failure)
        printf("heartbeat: the device cannot be opened, status 0x%x\n",
               (unsigned)heart.failure);
    else if (!IsOffered())
        printf("heartbeat: this host offers no heartbeat: turn the integration "
               "service on in the settings of the virtual machine\n");
    else
        printf("heartbeat: the host asked %u times in 10 s, expected 2\n",
               (unsigned)heart.beats);
    return VMBARE_FAILED;
}

int main(void)
{
    NTSTATUS status = VmbChannelAllocate(NULL, FALSE, &heart.channel);
    int verdict = VMBARE_PASSED;

    if (!NT_SUCCESS(status)) {
        printf("heartbeat: no channel here, status 0x%x\n", (unsigned)status);
        return VMBARE_FAILED;
    }
    status = Configure(heart.channel);
    if (NT_SUCCESS(status))
        status = VmbChannelEnable(heart.channel);
    /* Enabled, it waits for an offer as long as it may take. This program waits
     * 10 s, unless something is known to be missing. */
    for (int i = 0; NT_SUCCESS(status) && i < 100 && heart.beats < 2; i++) {
        if (heart.failure || (i >= 10 && !heart.open && !IsOffered()))
            break;
        vmbare_sleep(0.1);
    }
    if (heart.beats < 2)
        verdict = Explain();
    else
        printf("heartbeat: the host sees this machine, answers: %u\n",
               (unsigned)heart.beats);
    VmbChannelDisable(heart.channel);
    VmbChannelCleanup(heart.channel);
    return verdict;
}
