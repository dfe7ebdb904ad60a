/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The KMCL server of synthetic video. The guest writes into the memory of
 * QEMU's VGA card itself: nested paging shows that at the address which the
 * guest has chosen. So nothing is copied, and a rectangle only counts.
 */
#include "video.h"

#include "minihv.h"
#include "outbox.h"
#include "synthvid.h"
#include "vga.h"

enum { NOWHERE = 0 };

static struct device device;
static struct synthvid protocol;
static struct outbox outbox = {.device = &device};
static bool served; /* open, and the guest has kept to the protocol */
static bool asked;  /* the guest tells what it draws */
static uint64_t memory,
    mapped_at; /* the card's; NOWHERE: the guest sees none */
static uint64_t screens, drawn;

/* ---- the screen's memory ------------------------------------------------- */

/* Shows `page` and what follows at `gpa`. */
static void map(uint64_t gpa, uint64_t page)
{
    for (uint64_t at = 0; at < VGA_MEMORY; at += PAGE_SIZE)
        npt_map(gpa + at, page + at, NPT_WRITE);
}

static void unmap(void)
{
    if (mapped_at != NOWHERE)
        map(mapped_at, mapped_at);
    mapped_at = NOWHERE;
}

static void move_to(uint64_t gpa)
{
    unmap();
    map(gpa, memory);
    mapped_at = gpa;
}

/* ---- messages ------------------------------------------------------------ */

static void show(const struct synthvid_screen *s)
{
    vga_show(s);
    screens++;
    say("minihv: screen %ux%u, %u bits\n", s->width, s->height, s->depth);
}

static void act(const struct synthvid_outcome *o)
{
    if (o->deed == SYNTHVID_HAS_VERSION)
        say("minihv: video protocol %u.%u\n", protocol.version & 0xFFFF,
            protocol.version >> 16);
    else if (o->deed == SYNTHVID_MAP)
        move_to(o->gpa);
    else if (o->deed == SYNTHVID_SHOW)
        show(&o->screen);
    else if (o->deed == SYNTHVID_HAS_DRAWN)
        drawn++;
}

/* Linux draws on its screen only after it was asked to tell what it draws. */
static void ask_for_dirt(void)
{
    uint8_t m[SYNTHVID_MAX];

    if (asked)
        return;
    asked = true;
    outbox_send(&outbox, m, synthvid_features(m));
}

static VOID packet(VMBCHANNEL channel, VMBPACKETCOMPLETION packet, PVOID buffer,
                   UINT32 size, UINT32 flags)
{
    struct synthvid_outcome o;
    const char *wrong = synthvid_take(&protocol, buffer, size, &o);

    (void)channel, (void)flags;
    if (!served)
        wrong = "a message after one that was refused";
    if (!wrong && outbox.waiting > OUTBOX_MAX)
        wrong = "it reads no answers";
    if (wrong) {
        served = false;
        device_broken(&device, packet, wrong);
        return;
    }
    act(&o);
    VmbChannelPacketComplete(packet, NULL, 0);
    if (o.size)
        outbox_send(&outbox, o.answer, o.size);
    if (o.deed == SYNTHVID_SHOW)
        ask_for_dirt();
}

static VOID started(VMBCHANNEL channel)
{
    (void)channel;
    synthvid_reset(&protocol);
    served = true;
    asked = false;
}

static VOID suspended(VMBCHANNEL channel)
{
    (void)channel;
    served = false;
    unmap();
}

/* ---- beginning and end --------------------------------------------------- */

static struct device device = {
    .name = "video",
    .type = VMBUS_GUID_INIT(0xDA0A7802, 0xE377, 0x4AAC, 0x8E, 0x77, 0x05, 0x58,
                            0xEB, 0x10, 0x73, 0xF8),
    .instance = VMBUS_GUID_INIT(0x5620E0C7, 0x8062, 0x4DCE, 0xAE, 0xB7, 0x52,
                                0x0C, 0x7E, 0xF7, 0x61, 0x71),
    .flags = VMBUS_SERVER_CHANNEL_INIT_FLAG_ENUMERATE_DEVICE_INTERFACE |
             VMBUS_SERVER_CHANNEL_INIT_FLAG_OFFER_AS_PIPE,
    .packet_max = 16384,
    .mmio_megabytes = VGA_MEMORY >> 20,
    .packet = packet,
    .post_started = started,
    .suspend = suspended,
};

void video_prepare(void)
{
    memory = vga_find();
    if (!memory)
        minihv_failed("devices=video needs a screen: QEMU's -device VGA "
                      "(make run: SCREEN=vnc)");
    protocol.place = (struct synthvid_place){
        .base = VIDEO_RANGE_BASE,
        .end = (uint64_t)VIDEO_RANGE_BASE + VIDEO_RANGE_SIZE,
        .size = VGA_MEMORY,
    };
    device_create(&device);
    device_offer(&device);
}

void video_say_counts(void)
{
    if (!(hv.config.devices & DEVICE_VIDEO))
        return;
    say("minihv: count video-screens %lu\n", screens);
    say("minihv: count video-drawn %lu\n", drawn);
}
