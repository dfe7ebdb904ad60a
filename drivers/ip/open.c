/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The stack on a network adapter of the host's (ip.h): options, adapter, stack,
 * in this order.
 *
 * The driver reports frames and room in deferred work, which is where the stack
 * takes them. It reports the link while a frame may be under way on another
 * processor, so that is only noted, and done in a timer at DISPATCH.
 *
 * A host may take an adapter away and give it back, for a live migration or by
 * a person's hand. The driver then opens it again by itself, and the stack sees
 * a link that went and came: it asks DHCP again, and connections go on. A move
 * to another network looks the same.
 *
 * Of the offloads, sums and coalescing are asked for. Large sends are not: lwIP
 * makes segments as large as the network takes them.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "drivers/ip.h"
#include "drivers/ip/private.h"
#include "drivers/network.h"
#include "vmbare.h"
#include "vmbare_events.h"

/* How long an adapter may take until it is up or down: the offer is there at
 * once, its channel and the buffers take most of it. docs/timeouts.md */
#define ADAPTER_SECONDS 60

static struct network adapter;
static struct vmbare_timer link_timer;
static bool changed; /* to another network, and not told the stack yet */

/* ---- what the adapter reports -------------------------------------------- */

/* Are all sums right? IPv6 has none of its own. */
static bool verified(const struct network_frame *frame)
{
    bool ipv6 = frame->size > 13 && frame->bytes[12] == 0x86 &&
                frame->bytes[13] == 0xdd;

    return (frame->good & (NETWORK_TCP_GOOD | NETWORK_UDP_GOOD)) &&
           (ipv6 || (frame->good & NETWORK_IP_GOOD));
}

/* In deferred work, at DISPATCH: the stack takes its lock and may send. */
static void on_frame(void *context, const struct network_frame *frame)
{
    (void)context;
    ip_link_frame(frame->bytes, frame->size, verified(frame));
}

/* What TCP could not send goes out now. */
static void on_room(void *context)
{
    (void)context;
    ip_link_room();
}

/* Any processor, maybe beside a frame: only notes it. */
static void on_link(void *context, enum network_link link)
{
    (void)context;
    if (link == NETWORK_CHANGED)
        __atomic_store_n(&changed, true, __ATOMIC_RELEASE);
    (void)vmbare_timer_set(&link_timer, vmbare_now(), 0);
}

/* An adapter that went and came back may have other offloads than before. */
static uint32_t fills(void)
{
    return network_offloads(&adapter) & NETWORK_TX_CHECKSUM ? IP_FILL_TCP : 0;
}

/* Tells the stack what is so now, which may be later than what was noted. */
static void tell_link(void *context)
{
    (void)context;
    if (__atomic_exchange_n(&changed, false, __ATOMIC_ACQ_REL))
        ip_link_state(false);
    ip_link_fills(fills());
    ip_link_state(network_link(&adapter) == NETWORK_UP);
}

/* ---- what the stack sends ------------------------------------------------ */

/* The stack's lock is held, which the driver does not know; it copies the bytes
 * and returns. What it refuses is lost, and TCP sends it again. */
static int send_parts(void *context, const struct ip_part *parts,
                      unsigned count, uint32_t fill)
{
    struct network_send_options options = {
        .fill = fill & IP_FILL_TCP ? NETWORK_FILL_TCP : 0};
    struct network_segment segments[IP_PARTS_MAX];
    NTSTATUS status;

    (void)context;
    for (unsigned i = 0; i < count; i++)
        segments[i] = (struct network_segment){parts[i].bytes, parts[i].size};
    status = network_send(&adapter, segments, count, &options);
    if (NT_SUCCESS(status))
        return 0;
    return status == STATUS_DEVICE_BUSY ? -EAGAIN : -EIO;
}

/* ---- start and end ------------------------------------------------------- */

/* No event sets the timer after the adapter is closed, and the timer looks at
 * nothing after its memory has gone. */
static void close_adapter(void)
{
    network_close(&adapter);
    (void)vmbare_timer_cancel(&link_timer, VMBARE_FOREVER);
    network_free(&adapter);
}

/* The adapter that the settings ask for, up or down. 0, -ENODEV. */
static int open_adapter(const struct ip_settings *settings, char *problem)
{
    static const uint8_t none[sizeof(settings->mac)];
    const struct network_events events = {
        .received = on_frame, .link = on_link, .room = on_room};
    struct network_settings wanted = {
        .vlan = settings->vlan,
        .mtu = settings->mtu,
        .offloads = NETWORK_TX_CHECKSUM | NETWORK_RX_CHECKSUM | NETWORK_RSC,
    };
    enum network_link link;

    if (memcmp(settings->mac, none, sizeof(none)) != 0)
        wanted.which = NETWORK_BY_MAC;
    memcpy(wanted.mac, settings->mac, sizeof(wanted.mac));
    memset(&adapter, 0, sizeof(adapter));
    if (NT_SUCCESS(network_open(&adapter, &wanted, &events))) {
        link = network_wait(&adapter, ADAPTER_SECONDS);
        if (link == NETWORK_UP || link == NETWORK_DOWN)
            return 0;
    }
    snprintf(problem, IP_PROBLEM_MAX, "%s", network_problem(&adapter));
    if (!*problem)
        snprintf(problem, IP_PROBLEM_MAX,
                 "network: expected an adapter, found that the host offers "
                 "none: add one to the virtual machine");
    close_adapter();
    return -ENODEV;
}

/* The adapter has told its address and its MTU by now. */
static int start(const struct ip_settings *settings, char *problem)
{
    struct ip_link link = {
        .send = send_parts,
        .mtu = (uint16_t)network_mtu(&adapter),
        .up = network_link(&adapter) == NETWORK_UP,
        .fills = fills(),
    };
    int result;

    network_mac(&adapter, link.mac);
    result = ip_start(&link, settings);
    /* The link may have come or gone between the question and the start. */
    if (!result)
        (void)vmbare_timer_set(&link_timer, vmbare_now(), 0);
    else
        snprintf(problem, IP_PROBLEM_MAX,
                 "network: expected settings that fit the adapter, found "
                 "net.mtu=%u and an MTU of %u: correct it, or leave it out",
                 settings->mtu, link.mtu);
    return result;
}

/* What was acquired is given back in the reverse order when a step fails. */
int ip_open(char *problem)
{
    struct ip_settings settings;
    int result = ip_settings_read(&settings, problem);

    if (result)
        return result;
    (void)vmbare_timer_init(&link_timer, "the network's link", VMBARE_DISPATCH,
                            tell_link, NULL);
    result = open_adapter(&settings, problem);
    if (result)
        return result;
    result = start(&settings, problem);
    if (result)
        close_adapter();
    return result;
}

/* First the stack, whose last messages need the adapter. */
void ip_close(void)
{
    ip_stop();
    close_adapter();
}
