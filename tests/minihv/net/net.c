/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Puts devices, switch and the card together, and polls the card while a device
 * is open:
 *
 *   guest <--> device 0 --+
 *                       switch <--> e1000 <--> QEMU's network
 *   guest <--> device 1 --+
 */
#include "net.h"

#include "bus.h"
#include "minihv.h"
#include "e1000.h"
#include "large.h"
#include "nic.h"

enum { PERIOD = 2000, PERIOD_SHARED = 10000 }; /* 0.2 and 1 ms in 100 ns */

static struct nic nics[NET_DEVICES];
static bool has_card;
static uint32_t polled; /* open devices */
static struct seam_timer timer;

/* ---- the outside --------------------------------------------------------- */

static void from_outside(uint8_t *frame, uint32_t size);

enum { FRAME_MOST = 9300, TAG_AT = 12, TAG = 4, TYPE_VLAN = 0x8100 };

static void to_card(void *context, struct net_frame *f)
{
    static uint8_t tagged[FRAME_MOST];

    (void)context;
    if (!f->has_vlan) {
        e1000_send(f->data, f->size);
        return;
    }
    if (f->size > sizeof tagged - TAG)
        return;
    memcpy(tagged, f->data, TAG_AT);
    tagged[TAG_AT] = TYPE_VLAN >> 8;
    tagged[TAG_AT + 1] = TYPE_VLAN & 0xFF;
    /* Priority, DEI and id stand in another order beside the frame. */
    tagged[TAG_AT + 2] = (uint8_t)((f->vlan & 7) << 5 | (f->vlan & 8) << 1 |
                                   (f->vlan >> 12 & 0xF));
    tagged[TAG_AT + 3] = (uint8_t)(f->vlan >> 4);
    memcpy(tagged + TAG_AT + TAG, f->data + TAG_AT, f->size - TAG_AT);
    e1000_send(tagged, f->size + TAG);
}

static void deliver_outside(struct net_port *port,
                            const struct net_frame *frame)
{
    static uint8_t segment[FRAME_MOST];
    struct net_frame f = *frame;

    (void)port;
    if (f.has_large)
        large_cut(&f, segment, sizeof segment, to_card, NULL);
    else
        to_card(NULL, &f);
}

static struct net_port outside = {.deliver = deliver_outside};

/* A tag travels beside the frame, as on Hyper-V. [linux netvsc_drv.c] */
static void take_tag(struct net_frame *f)
{
    uint8_t *tag = f->data + TAG_AT;
    uint32_t value;

    if (f->size < TAG_AT + TAG + 2 || tag[0] != TYPE_VLAN >> 8 ||
        tag[1] != (TYPE_VLAN & 0xFF))
        return;
    value = (uint32_t)tag[2] << 8 | tag[3];
    f->has_vlan = true;
    f->vlan = value >> 13 | (value >> 9 & 8) | (value & 0xFFF) << 4;
    memmove(f->data + TAG, f->data, TAG_AT);
    f->data += TAG;
    f->size -= TAG;
}

static void from_outside(uint8_t *frame, uint32_t size)
{
    struct net_frame f = {.data = frame, .size = size};

    take_tag(&f);
    switch_send(&outside, &f);
}

/* ---- polling ------------------------------------------------------------- */

static void poll(void *arg)
{
    (void)arg;
    if (!polled)
        return;
    if (has_card)
        e1000_poll(from_outside);
    switch_run(clock_now());
    seam_timer_set(NULL, &timer,
                   clock_now() + (hv.has_host_cpu ? PERIOD : PERIOD_SHARED));
}

void net_poll(bool on)
{
    polled += on ? 1u : -1u;
    if (!on || polled > 1)
        return;
    if (has_card)
        e1000_start();
    timer.run = poll;
    seam_timer_set(NULL, &timer, clock_now());
}

/* ---- beginning and end --------------------------------------------------- */

void net_prepare(void)
{
    has_card = e1000_find();
    switch_prepare(&hv.config.net.faults);
    if (has_card)
        switch_join(&outside);
    for (uint32_t i = 0; i < hv.config.net.devices; i++)
        nic_prepare(&nics[i], i);
}

static const char *const none = "this machine has no network device";

const char *net_unplug(void (*done)(void))
{
    return hv.config.devices & DEVICE_NETWORK ? events_unplug(&nics[0], done)
                                              : none;
}

const char *net_plug(void)
{
    return hv.config.devices & DEVICE_NETWORK ? events_plug() : none;
}

void net_say_counts(void)
{
    const struct switch_counts *c = switch_counted();

    if (!(hv.config.devices & DEVICE_NETWORK))
        return;
    for (uint32_t i = 0; i < hv.config.net.devices; i++) {
        say("minihv: count net%u-sent %lu\n", i, nics[i].sent);
        say("minihv: count net%u-received %lu\n", i, nics[i].received);
        say("minihv: count net%u-coalesced %lu\n", i, nics[i].coalesced);
        say("minihv: count net%u-dropped %lu\n", i, nics[i].dropped);
        for (uint32_t k = 1; k < hv.config.net.queues; k++)
            say("minihv: count net%u-queue%u %lu\n", i, k,
                nics[i].received_by[k]);
    }
    say("minihv: count switch-passed %lu\n", c->passed);
    say("minihv: count switch-lost %lu\n", c->lost);
    say("minihv: count switch-doubled %lu\n", c->doubled);
    say("minihv: count switch-late %lu\n", c->late);
    say("minihv: count switch-dropped %lu\n", c->dropped);
}
