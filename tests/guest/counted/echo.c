/* SPDX-License-Identifier: BSD-2-Clause */
/* Packets to minihv's echo device and back: client.h. */
#include <stddef.h>

#include "client.h"
#include "marks.h"

#define AT_ONCE_MAX 32u

static const GUID echo_type = {
    0x6D9A1F34, 0x52C1, 0x4A0E, {0x9D, 0x3B, 0x0E, 0x1F, 0x5E, 0xC4, 0x0E, 0}};
static const GUID echo_in_band = {
    0x6D9A1F34, 0x52C1, 0x4A0E, {0x9D, 0x3B, 0x0E, 0x1F, 0x5E, 0xC4, 0x0E, 1}};

static uint8_t body[1500];
static volatile uint32_t answered;
static volatile uint32_t arrived;

static VOID answer(VMBPACKET packet, NTSTATUS status, PVOID buffer, UINT32 size)
{
    (void)packet, (void)status, (void)buffer, (void)size;
    answered++;
}

static VOID packet_arrived(VMBCHANNEL channel, VMBPACKETCOMPLETION packet,
                           PVOID buffer, UINT32 size, UINT32 flags)
{
    MARK(PHASE_CALLBACK);
    (void)channel, (void)buffer, (void)size, (void)flags;
    arrived++;
    VmbChannelPacketComplete(packet, NULL, 0);
    MARK(PHASE_TO_RETURN);
}

static bool send_all(VMBPACKET *packets, uint32_t count, uint32_t size,
                     UINT32 flags)
{
    for (uint32_t i = 0; i < count; i++)
        if (VmbPacketSend(packets[i], body, size, NULL, flags))
            return false;
    return true;
}

static bool make_packets(VMBCHANNEL channel, VMBPACKET *packets)
{
    for (uint32_t i = 0; i < AT_ONCE_MAX; i++) {
        packets[i] = VmbPacketAllocate(channel);
        if (!packets[i])
            return false;
        VmbPacketSetCompletionRoutine(packets[i], answer);
    }
    return true;
}

/* The first rounds do some things for the first time and are not counted. */
static bool echo_rounds(VMBPACKET *packets, uint32_t size, uint32_t at_once)
{
    const UINT32 wait = VMBUS_CHANNEL_FORMAT_FLAG_WAIT_FOR_COMPLETION;
    bool good = true;

    for (uint32_t sent = 0; good && sent < ROUNDS + AT_ONCE_MAX;) {
        if (sent == AT_ONCE_MAX)
            MARK(PHASE_ROUNDS);
        sent += at_once;
        good = send_all(packets, at_once, size, wait) &&
               counted_wait(&answered, sent);
    }
    MARK(PHASE_NONE);
    return good;
}

/* Each packet comes back as one of the device's own. */
static bool interrupt_rounds(VMBPACKET *packets)
{
    bool good = true;

    for (uint32_t i = 1; good && i <= ROUNDS; i++) {
        MARK(PHASE_AWAITS);
        good = send_all(packets, 1, 64, 0) && counted_wait(&arrived, i);
    }
    MARK(PHASE_NONE);
    return good;
}

static bool with_packets(bool (*run)(VMBPACKET *packets, uint32_t size,
                                     uint32_t at_once),
                         uint32_t size, uint32_t at_once)
{
    VMBCHANNEL channel =
        counted_open(NULL, &echo_type, &echo_in_band, packet_arrived);
    VMBPACKET packets[AT_ONCE_MAX];
    bool good;

    if (!channel)
        return false;
    good = make_packets(channel, packets) && run(packets, size, at_once);
    for (uint32_t i = 0; good && i < AT_ONCE_MAX; i++)
        VmbPacketFree(packets[i]);
    counted_close(channel);
    return good;
}

static bool interrupts(VMBPACKET *packets, uint32_t size, uint32_t at_once)
{
    (void)size, (void)at_once;
    return interrupt_rounds(packets);
}

bool counted_echo(uint32_t size, uint32_t at_once)
{
    return with_packets(echo_rounds, size, at_once);
}

bool counted_interrupts(void)
{
    return with_packets(interrupts, 64, 1);
}
