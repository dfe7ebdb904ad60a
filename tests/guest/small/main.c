/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The smallest useful image: boot, bus, a KMCL client that opens the first
 * device and sends it a packet, and one line per offer. Plain functions only:
 * what is not called is not linked. app/offers is the same with KMCL's whole
 * interface table. `make bench` measures the files (image.efi.bytes,
 * image.query.efi.bytes).
 */
#include <string.h>
#include <unistd.h>

#include "vmbare.h"
#include "vmbuskernelmodeclientlibapi.h"

static bool ended;

static void say(const char *text)
{
    (void)write(1, text, strlen(text));
}

static VOID arrived(VMBCHANNEL channel, VMBPACKETCOMPLETION packet,
                    PVOID buffer, UINT32 size, UINT32 flags)
{
    (void)channel, (void)buffer, (void)size, (void)flags;
    VmbChannelPacketComplete(packet, NULL, 0);
}

static VOID answered(VMBPACKET packet, NTSTATUS status, PVOID buffer,
                     UINT32 size)
{
    (void)packet, (void)status, (void)buffer, (void)size;
    ended = true;
}

/* One packet to the device and its answer. */
static bool ask(VMBCHANNEL channel)
{
    static UINT64 body[8];
    VMBPACKET packet = VmbPacketAllocate(channel);

    if (!packet)
        return false;
    VmbPacketSetCompletionRoutine(packet, answered);
    if (VmbPacketSend(packet, body, sizeof(body), NULL,
                      VMBUS_CHANNEL_FORMAT_FLAG_WAIT_FOR_COMPLETION))
        return false;
    for (int i = 0; i < 100 && !ended; i++)
        vmbare_sleep(0.01);
    VmbPacketFree(packet);
    return ended;
}

/* Opens minihv's echo device. */
static bool use_device(void)
{
    static const GUID type = {0x6D9A1F34,
                              0x52C1,
                              0x4A0E,
                              {0x9D, 0x3B, 0x0E, 0x1F, 0x5E, 0xC4, 0x0E, 0}};
    static const GUID instance = {
        0x6D9A1F34,
        0x52C1,
        0x4A0E,
        {0x9D, 0x3B, 0x0E, 0x1F, 0x5E, 0xC4, 0x0E, 1}};
    VMBCHANNEL channel;
    bool good;

    if (VmbChannelAllocate(NULL, FALSE, &channel))
        return false;
    VmbChannelInitSetProcessPacketCallbacks(channel, arrived, NULL);
    VmbChannelInitSetMaximumPacketSize(channel, 64);
    VmbClientChannelInitSetTargetPnp(channel, &type, &instance, NULL);
    good = !VmbChannelEnable(channel) && ask(channel);
    VmbChannelDisable(channel);
    VmbChannelCleanup(channel);
    return good;
}

int main(void)
{
    struct vmbare_facts facts;
    struct vmbare_offer offer;

    vmbare_facts(&facts);
    if (facts.refusal) {
        say(facts.refusal);
        return (int)facts.verdict;
    }
    for (unsigned i = 0; vmbare_offer(i, &offer); i++) {
        say(offer.class_name);
        say(" ");
        say(offer.instance);
        say("\n");
    }
    return use_device() ? VMBARE_PASSED : VMBARE_FAILED;
}
