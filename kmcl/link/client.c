/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A client channel's transport: the guest half of the bus.
 *
 *   offer found        bind it, so that no other client does
 *   KMCL_OPENING       MMIO space, rings, their GPADL, OPENCHANNEL
 *   client_opened()    the host's answer: the channel goes on, or fails
 *   KMCL_CLOSING       CLOSECHANNEL, GPADL_TEARDOWN of the rings
 *   client_closed()    GPADL_TORNDOWN has come, or the host is silent
 *   released           the offer is free for another client
 */
#include <errno.h>

#include "kmcl/base/instances.h"
#include "kmcl/receive/receive.h"
#include "kmcl/link/link.h"
#include "kmcl/channel/advance.h"

/* When a close that was refused is tried again. */
#define CLOSE_AGAIN (10 * SEAM_MS)

/* ---- finding the offer -------------------------------------------------- */

/* Whether an offer is what the channel waits for. A sub-channel has the GUIDs
 * of its primary, so who waits for one never gets the other. */
static bool matches(VMBCHANNEL ch, const struct vmbus_offer *offer)
{
    return offer->subchannel == ch->set.subchannel &&
           vmbus_guid_equal(&offer->type, kmcl_guid(&ch->set.type)) &&
           (ch->set.target == KMCL_TARGET_TYPE ||
            vmbus_guid_equal(&offer->instance, kmcl_guid(&ch->set.instance)));
}

/* A connection that the host asks for says so. [linux hyperv_transport] */
static bool is_connect(const struct vmbus_offer *offer)
{
    return (offer->flags & VMBUS_OFFER_TLNPI) &&
           offer->user_data[KMCL_HOST_CONNECTS] == 1;
}

/* A client that accepts takes nothing else of its type. */
static bool accepts(VMBCHANNEL ch, const struct vmbus_offer *offer)
{
    return !ch->set.host_connects || is_connect(offer);
}

/* Claiming is what keeps two channels from binding one offer. */
static bool bind(VMBCHANNEL ch, struct vmbus_channel *c)
{
    if (ch->is_server || ch->phase != KMCL_ENABLED ||
        ch->wish != KMCL_WISH_ENABLED || ch->link.channel)
        return false;
    /* A claim fails when somebody else has the offer, or it is gone. */
    if (!matches(ch, vmbus_channel_offer(c)) ||
        !accepts(ch, vmbus_channel_offer(c)) || vmbus_channel_claim(c))
        return false;
    ch->link.channel = c;
    return true;
}

static bool has(VMBCHANNEL ch, struct vmbus_channel *c)
{
    return ch->link.channel == c; /* a server has none */
}

/* The first channel that `takes` the offer, among those for its instance first,
 * then among those that want any instance; NULL: none does. */
static VMBCHANNEL find_client(struct kmcl *root, struct vmbus_channel *c,
                              bool (*takes)(VMBCHANNEL ch,
                                            struct vmbus_channel *c))
{
    static const struct vmbus_guid any;
    const struct vmbus_guid *instances[] = {&vmbus_channel_offer(c)->instance,
                                            &any};

    for (size_t i = 0; i < sizeof(instances) / sizeof(instances[0]); i++) {
        VMBCHANNEL ch = NULL;

        while ((ch = kmcl_instance_next(root, instances[i], ch)) != NULL)
            if (takes(ch, c))
                return ch;
    }
    return NULL;
}

/* An offer that can be claimed goes to one client that waits for it. */
void kmcl_client_offered(void *root, struct vmbus_channel *c)
{
    VMBCHANNEL ch = find_client(root, c, bind);

    /* Not from inside the observer: opening calls the bus. */
    if (ch)
        kmcl_advance_soon(ch);
}

/* At most one channel has the offer. */
void kmcl_client_rescinded(void *root, struct vmbus_channel *c)
{
    VMBCHANNEL ch = find_client(root, c, has);

    if (!ch)
        return;
    ch->link.host_keeps = !vmbus_channel_let_go(c);
    kmcl_peer_gone(ch);
}

/* Of the type there may be offers that it does not take, so each is tried. */
static void bind_connect(VMBCHANNEL ch)
{
    struct vmbus_channel *c = NULL;

    while ((c = vmbus_bus_next(ch->root->bus, c)) != NULL && !bind(ch, c))
        continue;
}

static int client_enable(VMBCHANNEL ch)
{
    const struct kmcl_settings *set = &ch->set;
    const struct vmbus_guid *instance =
        set->target == KMCL_TARGET_TYPE ? NULL : kmcl_guid(&set->instance);
    struct vmbus_channel *c;

    if (set->host_connects) {
        bind_connect(ch);
        return 0;
    }
    c = vmbus_bus_find(ch->root->bus, kmcl_guid(&set->type), instance,
                       set->subchannel);
    /* A client that finds none waits: the observer is told when one comes [D].
     */
    if (c)
        (void)bind(ch, c);
    return 0;
}

static void client_release(VMBCHANNEL ch)
{
    /* Whoever kicks does it under the lock, maybe on another processor. */
    uint8_t irql = seam_lock(ch->s, &ch->lock);
    struct vmbus_channel *c = ch->link.channel;

    ch->link.channel = NULL;
    seam_unlock(ch->s, &ch->lock, irql);
    if (!c)
        return;
    /* The bus may free the channel now, if the host has rescinded it; else it
     * tells the clients that wait for one. */
    vmbus_channel_unclaim(c);
}

/* ---- opening and closing ------------------------------------------------ */

static enum vmbus_event_result client_event(void *arg)
{
    return kmcl_event(arg);
}

/* Learns whether there is a monitor, and its latency, by setting it. */
static void set_latency(VMBCHANNEL ch)
{
    struct kmcl_link *link = &ch->link;
    uint16_t wanted = link->latency, found = wanted;

    /* Only offers with a monitor id have a latency. */
    link->monitored = !vmbus_channel_set_latency(link->channel, wanted, &found);
    /* The application's value holds for every opening. */
    if (link->latency_set)
        return;
    /* Setting it told what the host had; put that back. */
    link->latency = found;
    (void)vmbus_channel_set_latency(link->channel, found, NULL);
}

static void client_opened(void *arg, int status, uint32_t host_status)
{
    VMBCHANNEL ch = arg;

    if (status)
        kmcl_log_peer(ch, KMCL_LINE_OPEN, SEAM_LOG_WARNING,
                      "kmcl: %s: open failed: error %d, host status 0x%x",
                      ch->set.name, -status, host_status);
    else {
        kmcl_link_attach(ch, vmbus_channel_rx(ch->link.channel),
                         vmbus_channel_tx(ch->link.channel),
                         vmbus_channel_pump(ch->link.channel));
        set_latency(ch);
    }
    kmcl_link_opened(ch, status);
}

/* Pages that hold a packet at both maxima with room to spare for more. */
static uint32_t pages_for(uint32_t configured, uint32_t body)
{
    /* Twice the largest packet, so that one can be written while another is
     * read. */
    uint32_t pages = (uint32_t)(2 * ring_footprint(body) / SEAM_PAGE_SIZE) + 1;

    if (configured)
        return configured;
    return pages > KMCL_DEFAULT_RING_PAGES ? pages : KMCL_DEFAULT_RING_PAGES;
}

static void client_open(VMBCHANNEL ch)
{
    const struct vmbus_offer *offer = vmbus_channel_offer(ch->link.channel);
    uint32_t body = kmcl_largest_body(&ch->set);
    struct vmbus_open open = {
        .tx_pages = pages_for(ch->set.outgoing_pages, body),
        .rx_pages = pages_for(ch->set.incoming_pages, body),
        .cpu = VMBUS_CPU_ANY,
        .event = client_event,
        .arg = ch,
    };
    int rc;

    /* The device may use its MMIO space as soon as it is open. */
    rc = kmcl_mmio_reserve(ch, offer->mmio_megabytes,
                           offer->mmio_megabytes_optional);
    if (!rc)
        /* Allocate the rings, make their GPADL, send OPENCHANNEL. */
        rc = vmbus_channel_open_start(ch->link.channel, &open, client_opened,
                                      ch);
    if (rc)
        client_opened(ch, rc, 0);
}

/* The rings are gone. -ESTALE: the host did not answer GPADL_TEARDOWN, so it
 * may still write to what it was lent. */
static void client_closed(void *arg, int status, uint32_t host_status)
{
    VMBCHANNEL ch = arg;

    (void)host_status;
    ch->link.host_keeps =
        status == -ESTALE && !vmbus_channel_let_go(ch->link.channel);
    if (status == -ESTALE)
        kmcl_log_peer(
            ch, KMCL_LINE_CLOSE, SEAM_LOG_ERROR,
            "kmcl: %s: the host did not confirm the close: its ring "
            "pages stay with it, and packets with external data end when "
            "it rescinds the channel or answers UNLOAD",
            ch->set.name);
    kmcl_link_detach(ch);
    kmcl_link_closed(ch);
}

/* Sends CLOSECHANNEL, then GPADL_TEARDOWN for the rings; their pages are freed
 * after GPADL_TORNDOWN. The bus refuses while a sub-channel is open, which has
 * an owner of its own. For the application that is a rule; a host ends the
 * channel when it likes, and then the close waits for that owner. */
static void close_channel(void *arg)
{
    VMBCHANNEL ch = arg;

    if (!vmbus_channel_close_start(ch->link.channel, client_closed, ch))
        return;
    SEAM_ASSERT(ch->s, ch->peer != KMCL_PEER_THERE,
                "a sub-channel of this channel is open: close it first");
    seam_timer_set(ch->s, &ch->link.again, seam_now(ch->s) + CLOSE_AGAIN);
}

static void look_again(void *arg)
{
    VMBCHANNEL ch = arg;

    seam_work_queue(ch->s, &ch->link.rest_work, 0);
}

static void client_close(VMBCHANNEL ch)
{
    ch->link.rest_work.run = close_channel;
    ch->link.rest_work.arg = ch;
    ch->link.rest_work.level = SEAM_PASSIVE;
    ch->link.again.run = look_again;
    ch->link.again.arg = ch;
    close_channel(ch);
}

static void client_answered(VMBCHANNEL ch, NTSTATUS status)
{
    (void)ch;
    (void)status; /* the host is not asked; a refusal closes the channel */
}

const struct kmcl_link_ops kmcl_client_link = {
    .enable = client_enable,
    .disable = client_release,
    .open = client_open,
    .close = client_close,
    .opened = client_answered,
    .release = client_release,
};
