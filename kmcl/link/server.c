/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A server channel's transport: the host half of the bus. It tells only that
 * a guest signalled; the rings' ends, their masks and the timer for lost
 * signals are ours. offer.c publishes and withdraws the channel.
 */
#include "kmcl/send/send.h"
#include "kmcl/receive/receive.h"
#include "kmcl/link/link.h"
#include "kmcl/link/offer.h"
#include "kmcl/kmcl.h"
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
        link->guest = KMCL_GUEST_REFUSED;
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
        link->guest = open->restored ? KMCL_GUEST_REFUSED : KMCL_GUEST_NONE;
        vmbus_host_open_answer(channel, (uint32_t)STATUS_DATA_ERROR);
        return;
    }
    kmcl_link_attach(ch, &link->reader, &link->writer, &link->pump);
    /* The close of an earlier guest is none of this one. */
    link->guest = KMCL_GUEST_OPEN;
    link->state = KMCL_LINK_UP;
    kmcl_advance_soon(ch); /* we may be inside VmbChannelEnable */
}

/* Sends no answer yet: the application completes its packets first. */
static void guest_closed(void *context, struct vmbus_host_channel *channel)
{
    VMBCHANNEL ch = context;

    (void)channel;
    ch->link.guest = KMCL_GUEST_LEAVES;
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
        (ch->wish != KMCL_WISH_ENABLED || link->guest != KMCL_GUEST_LEAVES))
        link->offer = KMCL_OFFER_LEAVES;
    if (link->offer == KMCL_OFFER_KEPT)
        vmbus_host_close_answer(link->offered);
    link->guest = KMCL_GUEST_NONE;
    kmcl_link_closed(ch);
}

static void server_close(VMBCHANNEL ch)
{
    /* Nothing may use the rings any more before they are unmapped. */
    if (vmbus_pump_stop(&ch->link.pump))
        server_closed(ch);
}

/* ---- operations ---------------------------------------------------------- */

/* A restored connection is given up by FORCE_NEW_CHANNEL, or because its rings
 * are unusable: what it had in flight ends, and the guest sees a new offer. */
static int server_enable(VMBCHANNEL ch)
{
    static const struct vmbus_host_server heard = {
        .opened = guest_opened,
        .closed = guest_closed,
        .signalled = guest_signalled,
    };
    struct kmcl_link *link = &ch->link;
    int rc;

    prepare_pump(ch);
    link->rest_work.run = server_closed;
    link->rest_work.arg = ch;
    link->rest_work.level = SEAM_PASSIVE;
    link->server = &heard;
    link->guest = KMCL_GUEST_NONE;
    if (ch->set.server_flags & VMBUS_SERVER_CHANNEL_INIT_FLAG_FORCE_NEW_CHANNEL)
        kmcl_remove_sent(ch);
    rc = kmcl_offer_publish(ch);
    if (link->guest == KMCL_GUEST_REFUSED) {
        kmcl_remove_sent(ch);
        rc = kmcl_offer_anew(ch);
    }
    return rc;
}

static void server_opened(VMBCHANNEL ch, NTSTATUS status)
{
    struct vmbus_host_channel_info info;

    if (ch->link.guest == KMCL_GUEST_LEAVES)
        return; /* the guest has left: its close is what is answered */
    if (!NT_SUCCESS(status)) {
        ch->link.state = KMCL_LINK_DOWN; /* the answer unmaps the rings */
        ch->link.guest = KMCL_GUEST_NONE;
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

NTSTATUS kmcl_server_rescind(VMBCHANNEL ch)
{
    struct vmbus_host_channel_info info;

    if (!kmcl_channel_ok(ch) || !ch->is_server)
        return STATUS_INVALID_PARAMETER_1;
    KMCL_CHECK_PASSIVE(ch->s);
    if (ch->link.state != KMCL_LINK_UP || ch->link.guest != KMCL_GUEST_OPEN)
        return STATUS_INVALID_DEVICE_STATE;
    vmbus_host_channel_info(ch->link.offered, &info);
    if (!info.open || info.rescinded)
        return STATUS_INVALID_DEVICE_STATE;
    /* Send RESCIND; the guest's close goes on. */
    vmbus_host_rescind(ch->link.offered);
    return STATUS_SUCCESS;
}

const struct kmcl_link_ops kmcl_server_link = {
    .enable = server_enable,
    .disable = kmcl_offer_withdraw,
    .close = server_close,
    .opened = server_opened,
    .release = kmcl_offer_release,
};
