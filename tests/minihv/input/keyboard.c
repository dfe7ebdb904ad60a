/* SPDX-License-Identifier: BSD-2-Clause */
/* The KMCL server of the synthetic keyboard. synthkbd.h has its protocol. */
#include "input.h"
#include "minihv.h"
#include "outbox.h"
#include "synthkbd.h"

static struct device device;
static struct synthkbd protocol;
static struct outbox outbox = {.device = &device};
static bool served; /* open, and the guest has kept to the protocol */
static uint64_t sent;

void keyboard_send(const struct stroke *s)
{
    struct synthkbd_event m = synthkbd_event(s);

    if (!served || !protocol.accepted)
        return;
    sent++;
    outbox_send(&outbox, &m, sizeof m);
}

uint32_t keyboard_waiting(void)
{
    return outbox.waiting;
}

uint64_t keyboard_sent(void)
{
    return sent;
}

static VOID packet(VMBCHANNEL channel, VMBPACKETCOMPLETION packet, PVOID buffer,
                   UINT32 size, UINT32 flags)
{
    struct synthkbd_response answer = {0};
    const char *wrong = flags & VMBUS_CHANNEL_PROCESS_PACKET_FLAG_EXTERNAL_DATA
                            ? "not an in-band packet"
                            : synthkbd_take(&protocol, buffer, size, &answer);

    (void)channel;
    if (wrong) {
        served = false;
        device_broken(&device, packet, wrong);
        return;
    }
    VmbChannelPacketComplete(packet, NULL, 0);
    if (answer.type)
        outbox_send(&outbox, &answer, sizeof answer);
    if (answer.status)
        say("minihv: keyboard protocol 1.0\n");
}

static VOID started(VMBCHANNEL channel)
{
    (void)channel;
    protocol = (struct synthkbd){0};
    served = true;
    input_poll(DEVICE_KEYBOARD, true);
}

static VOID suspended(VMBCHANNEL channel)
{
    (void)channel;
    served = false;
    input_poll(DEVICE_KEYBOARD, false);
}

static struct device device = {
    .name = "keyboard",
    .type = VMBUS_GUID_INIT(0xF912AD6D, 0x2B17, 0x48EA, 0xBD, 0x65, 0xF9, 0x27,
                            0xA6, 0x1C, 0x76, 0x84),
    .instance = VMBUS_GUID_INIT(0xD34B2567, 0xB9B6, 0x42B9, 0x87, 0x78, 0x0A,
                                0x4E, 0xC0, 0xB9, 0x55, 0xBF),
    .flags = VMBUS_SERVER_CHANNEL_INIT_FLAG_ENUMERATE_DEVICE_INTERFACE,
    .packet_max = SYNTHKBD_MAX,
    .packet = packet,
    .post_started = started,
    .suspend = suspended,
};

void keyboard_prepare(void)
{
    device_create(&device);
    device_offer(&device);
}
