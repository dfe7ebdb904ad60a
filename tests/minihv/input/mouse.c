/* SPDX-License-Identifier: BSD-2-Clause */
/* The KMCL server of the synthetic mouse. synthhid.h has its protocol. */
#include "input.h"
#include "minihv.h"
#include "outbox.h"
#include "synthhid.h"

static struct device device;
static struct synthhid protocol;
static struct outbox outbox = {.device = &device};
static bool served; /* open, and the guest has kept to the protocol */
static uint64_t sent;

void mouse_send(const struct pointer *p)
{
    uint8_t m[SYNTHHID_MAX];

    if (!served || protocol.state != SYNTHHID_READY)
        return;
    sent++;
    outbox_send(&outbox, m, synthhid_report(p, m));
}

uint32_t mouse_waiting(void)
{
    return outbox.waiting;
}

uint64_t mouse_sent(void)
{
    return sent;
}

static void answer(enum synthhid_reply reply)
{
    uint8_t m[SYNTHHID_MAX];

    if (reply == SYNTHHID_NOTHING)
        return;
    outbox_send(&outbox, m, synthhid_response(reply == SYNTHHID_WELCOME, m));
    if (reply == SYNTHHID_REFUSAL)
        return;
    say("minihv: mouse protocol 2.0\n");
    outbox_send(&outbox, m, synthhid_device_info(m));
}

static VOID packet(VMBCHANNEL channel, VMBPACKETCOMPLETION packet, PVOID buffer,
                   UINT32 size, UINT32 flags)
{
    enum synthhid_reply reply = SYNTHHID_NOTHING;
    const char *wrong = synthhid_take(&protocol, buffer, size, &reply);

    (void)channel, (void)flags;
    if (wrong) {
        served = false;
        device_broken(&device, packet, wrong);
        return;
    }
    VmbChannelPacketComplete(packet, NULL, 0);
    answer(reply);
}

static VOID started(VMBCHANNEL channel)
{
    (void)channel;
    protocol = (struct synthhid){0};
    served = true;
    input_poll(DEVICE_MOUSE, true);
}

static VOID suspended(VMBCHANNEL channel)
{
    (void)channel;
    served = false;
    input_poll(DEVICE_MOUSE, false);
}

static struct device device = {
    .name = "mouse",
    .type = VMBUS_GUID_INIT(0xCFA8B69E, 0x5B4A, 0x4CC0, 0xB9, 0x8B, 0x8B, 0xA1,
                            0xA1, 0xF3, 0xF9, 0x5A),
    .instance = VMBUS_GUID_INIT(0x58F75A6D, 0xD949, 0x4320, 0x99, 0xE1, 0xA2,
                                0xA2, 0x57, 0x6D, 0x58, 0x1C),
    .flags = VMBUS_SERVER_CHANNEL_INIT_FLAG_ENUMERATE_DEVICE_INTERFACE |
             VMBUS_SERVER_CHANNEL_INIT_FLAG_OFFER_AS_PIPE,
    .packet_max = 4096,
    .packet = packet,
    .post_started = started,
    .suspend = suspended,
};

void mouse_prepare(void)
{
    device_create(&device);
    device_offer(&device);
}
