/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A server channel's transport: the host half of the bus. It tells only that
 * a guest signalled; the rings' ends, their masks and the timer for lost
 * signals are ours.
 */
#include <errno.h>

#include "kmcl/send/send.h"
#include "kmcl/receive/receive.h"
#include "kmcl/link/link.h"
#include "kmcl/link/subchannels.h"
#include "vmbus/host.h"

/* ---- the channel's pump -------------------------------------------------- */

static enum vmbus_event_result server_event(void *arg)
{
    return kmcl_event(arg);
}

static void server_signal(void *arg)
{
    VMBCHANNEL ch = arg;

    (void)vmbus_host_signal(ch->link.offered);
}

/* A close that had to wait for a run, a timer or a signal goes on, but at
 * PASSIVE. */
static void server_at_rest(void *arg)
{
    VMBCHANNEL ch = arg;

    seam_work_queue(ch->s, &ch->link.rest_work, 0);
}

static void prepare_pump(VMBCHANNEL ch)
{
    const struct pump_calls calls = {
        .run = server_event,
        .signal = server_signal,
        .rest = server_at_rest,
        .arg = ch,
    };

    vmbus_pump_init(&ch->link.pump, ch->s, &calls, SEAM_DISPATCH);
}

/* ---- what the host half tells -------------------------------------------- */

static void guest_opened(void *context, struct vmbus_host_channel *channel,
                         const struct vmbus_host_open *open)
{
    VMBCHANNEL ch = context;
    struct kmcl_link *link = &ch->link;
    int rc;

    /* A claimed restored channel is told of from inside vmbus_host_offer. */
    link->offered = channel;
    if (open->restored && (ch->set.server_flags &
                           VMBUS_SERVER_CHANNEL_INIT_FLAG_FORCE_NEW_CHANNEL)) {
        link->abandoned = true;
        vmbus_host_open_answer(channel, (uint32_t)STATUS_DEVICE_REMOVED);
        return;
    }
    /* The guest wrote both control pages: attach checks what they say. */
    rc = ring_reader_attach(&link->reader, &open->in);
    if (!rc)
        rc = ring_writer_attach(&link->writer, &open->out);
    if (rc) {
        kmcl_log_peer(ch, KMCL_LINE_RINGS, SEAM_LOG_WARNING,
                      "kmcl: %s: the guest's rings are unusable: refused",
                      ch->set.name);
        link->abandoned = open->restored;
        vmbus_host_open_answer(channel, (uint32_t)STATUS_DATA_ERROR);
        return;
    }
    kmcl_link_attach(ch, &link->reader, &link->writer, &link->pump);
    /* The close of an earlier guest is none of this one. */
    link->close_due = false;
    link->state = KMCL_LINK_UP;
    kmcl_advance_soon(ch); /* we may be inside VmbChannelEnable */
}

/* Sends no answer yet: the application completes its packets first. */
static void guest_closed(void *context, struct vmbus_host_channel *channel)
{
    VMBCHANNEL ch = context;

    (void)channel;
    ch->link.close_due = true;
    kmcl_peer_gone(ch);
}

static void guest_signalled(void *context, struct vmbus_host_channel *channel)
{
    VMBCHANNEL ch = context;

    (void)channel;
    vmbus_pump_kick(&ch->link.pump);
}

/* ---- closing ------------------------------------------------------------- */

/* The pump is at rest, the queue and sends are off, so nothing of ours uses the
 * rings any more when they are unmapped. A guest's close is answered now. A
 * channel that is withdrawn instead, because the server disables or the guest
 * broke a ring and so has not closed, is withdrawn after EvtChannelClosed:
 * there the server unmaps its GPADLs. */
static void server_closed(void *arg)
{
    VMBCHANNEL ch = arg;
    struct kmcl_link *link = &ch->link;

    link->state = KMCL_LINK_DOWN;
    kmcl_link_detach(ch);
    if (link->offer == KMCL_OFFER_KEPT &&
        (ch->wish != KMCL_WISH_ENABLED || !link->close_due))
        link->offer = KMCL_OFFER_LEAVES;
    if (link->offer == KMCL_OFFER_KEPT)
        vmbus_host_close_answer(link->offered);
    link->close_due = false;
    kmcl_link_closed(ch);
}

static void server_close(VMBCHANNEL ch)
{
    /* Nothing may use the rings any more before they are unmapped. */
    if (vmbus_pump_stop(&ch->link.pump))
        server_closed(ch);
}

/* ---- operations ---------------------------------------------------------- */

static const struct {
    uint32_t flag;
    uint16_t offer;
} offer_flags[] = {
    {VMBUS_SERVER_CHANNEL_INIT_FLAG_LOOPBACK_OFFER, VMBUS_OFFER_LOOPBACK},
    {VMBUS_SERVER_CHANNEL_INIT_FLAG_ENUMERATE_DEVICE_INTERFACE,
     VMBUS_OFFER_ENUMERATE},
    {VMBUS_SERVER_CHANNEL_INIT_FLAG_OFFER_AS_PIPE, VMBUS_OFFER_PIPE},
    {VMBUS_SERVER_CHANNEL_INIT_FLAG_TLNPI_PROVIDER_OFFER, VMBUS_OFFER_TLNPI},
};

/* The mode of a pipe stands in the first bytes of the offer's data; KMCL
 * delivers message by message. [linux hyperv.h] */
enum { PIPE_OF_MESSAGES = 4 };

/* The application did not ask for it, so it is told at its next call. */
static void lost(VMBCHANNEL ch)
{
    seam_log(ch->s, SEAM_LOG_ERROR,
             "kmcl: %s: withdrawn and cannot be offered again: disabled",
             ch->set.name);
    ch->wish = KMCL_WISH_LOST;
    kmcl_advance_soon(ch);
}

static int publish(VMBCHANNEL ch)
{
    static const struct vmbus_host_server server = {
        .opened = guest_opened,
        .closed = guest_closed,
        .signalled = guest_signalled,
    };
    const struct kmcl_settings *set = &ch->set;
    struct vmbus_host_offer offer = {
        .subchannel = set->subchannel,
        .mmio_megabytes = set->mmio_megabytes,
        .mmio_megabytes_optional = set->mmio_megabytes_optional,
    };

    /* Send OFFERCHANNEL with what the application configured. */
    offer.type = *kmcl_guid(&set->type);
    offer.instance = *kmcl_guid(&set->instance);
    for (size_t i = 0; i < sizeof(offer_flags) / sizeof(offer_flags[0]); i++) {
        if (set->server_flags & offer_flags[i].flag)
            offer.flags |= offer_flags[i].offer;
    }
    /* A guest reads the mode of a pipe in the user data of the offer. */
    if (offer.flags & VMBUS_OFFER_PIPE)
        offer.user_data[0] = PIPE_OF_MESSAGES;
    return vmbus_host_offer(ch->root->host, &offer, &server, ch,
                            &ch->link.offered);
}

static void withdraw(VMBCHANNEL ch)
{
    struct vmbus_host_channel *offered = ch->link.offered;

    ch->link.offered = NULL;
    if (offered)
        vmbus_host_withdraw(offered);
    /* A close that the guest sent meanwhile is answered by the withdrawal. */
    ch->peer = KMCL_PEER_THERE;
}

/* A sub-channel waits while its primary is about to be withdrawn; those that
 * wait follow as soon as their primary is published. */
static int publish_in_order(VMBCHANNEL ch)
{
    VMBCHANNEL next;
    int rc;

    if (kmcl_primary_waits(ch)) {
        ch->link.offer = KMCL_OFFER_FOLLOWS;
        return 0;
    }
    ch->link.offer = KMCL_OFFER_KEPT;
    rc = publish(ch);
    while (!rc && (next = kmcl_subchannel_to_follow(ch)) != NULL) {
        next->link.offer = KMCL_OFFER_KEPT;
        if (publish(next))
            lost(next);
    }
    return rc;
}

/* Withdraws the offer and publishes it again. A primary with sub-channels waits
 * until these are withdrawn; the last of them goes on with it. */
static int offer_anew(VMBCHANNEL ch)
{
    if (kmcl_subchannels_leave(ch, withdraw)) {
        ch->link.offer = KMCL_OFFER_WAITS;
        return 0;
    }
    withdraw(ch);
    return publish_in_order(ch);
}

/* `ch` is withdrawn: its primary may have waited for that alone. */
static void let_primary_go(VMBCHANNEL ch)
{
    VMBCHANNEL primary = kmcl_primary_waits(ch);

    if (primary && !kmcl_subchannel_is_offered(primary) && offer_anew(primary))
        lost(primary);
}

static void server_disable(VMBCHANNEL ch)
{
    ch->link.offer = KMCL_OFFER_KEPT;
    withdraw(ch);
    let_primary_go(ch);
}

/* A restored connection is given up by FORCE_NEW_CHANNEL, or because its rings
 * are unusable: what it had in flight ends, and the guest sees a new offer. */
static int server_enable(VMBCHANNEL ch)
{
    struct kmcl_link *link = &ch->link;
    int rc;

    prepare_pump(ch);
    link->rest_work.run = server_closed;
    link->rest_work.arg = ch;
    link->rest_work.level = SEAM_PASSIVE;
    link->abandoned = false;
    if (ch->set.server_flags & VMBUS_SERVER_CHANNEL_INIT_FLAG_FORCE_NEW_CHANNEL)
        kmcl_remove_sent(ch);
    rc = publish_in_order(ch);
    if (link->abandoned) {
        kmcl_remove_sent(ch);
        rc = offer_anew(ch);
    }
    return rc;
}

static void server_opened(VMBCHANNEL ch, NTSTATUS status)
{
    struct vmbus_host_channel_info info;

    if (ch->link.close_due)
        return; /* the guest has left: its close is what is answered */
    if (!NT_SUCCESS(status)) {
        ch->link.state = KMCL_LINK_DOWN; /* the answer unmaps the rings */
        kmcl_link_detach(ch);
    } else {
        /* The guest signals as soon as it has the answer. */
        vmbus_pump_start(&ch->link.pump, ch->rx, 0);
        vmbus_pump_kick(&ch->link.pump);
    }
    /* Send OPENCHANNEL_RESULT; the guest signals as soon as it has it. */
    vmbus_host_open_answer(ch->link.offered,
                           NT_SUCCESS(status) ? 0 : (uint32_t)status);
    /* The refusal of a restored open has rescinded the channel. */
    vmbus_host_channel_info(ch->link.offered, &info);
    if (info.rescinded && ch->link.offer == KMCL_OFFER_KEPT)
        ch->link.offer = KMCL_OFFER_LEAVES;
}

static void server_release(VMBCHANNEL ch)
{
    enum kmcl_offer offer = ch->link.offer;

    /* A channel that its guest closed keeps its offer [D]. */
    if (offer == KMCL_OFFER_KEPT)
        return;
    if (ch->wish != KMCL_WISH_ENABLED) {
        server_disable(ch);
    } else if (offer == KMCL_OFFER_FOLLOWS) {
        withdraw(ch);
        let_primary_go(ch);
    } else if (offer_anew(ch)) {
        lost(ch);
    }
}

const struct kmcl_link_ops kmcl_server_link = {
    .enable = server_enable,
    .disable = server_disable,
    .close = server_close,
    .opened = server_opened,
    .release = server_release,
};
