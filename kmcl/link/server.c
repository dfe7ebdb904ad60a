/*
 * A server channel's transport: the host half of the bus. It tells only that
 * a guest signalled; the rings' ends, their masks and the timer for lost
 * signals are ours.
 */
#include <errno.h>

#include "kmcl/channel/channel.h"
#include "vmbus/host.h"

/* Hosts look again after this long when a signal for room may be lost. */
#define ROOM_TIMEOUT (10 * SEAM_MS)

static void server_kick(VMBCHANNEL ch)
{
    seam_work_queue(ch->s, &ch->link.event_work, 0);
}

/* Deferred work at DISPATCH. */
static void server_event(void *arg)
{
    VMBCHANNEL ch = arg;
    enum kmcl_event event;

    if (!ch->link.up)
        return;
    ring_reader_mask(&ch->link.reader);
    event = kmcl_event(ch);
    if (event == KMCL_EVENT_MORE ||
        (event == KMCL_EVENT_DRAINED && ring_reader_unmask(&ch->link.reader)))
        server_kick(ch);
}

/* Release: who sees the run gone sees what it queued. */
static void server_room_timeout(void *arg)
{
    VMBCHANNEL ch = arg;

    server_kick(ch);
    __atomic_sub_fetch(&ch->link.room_runs, 1, __ATOMIC_RELEASE);
}

static void cancel_room_timer(VMBCHANNEL ch)
{
    if (seam_timer_cancel(ch->s, &ch->link.room_timer))
        __atomic_sub_fetch(&ch->link.room_runs, 1, __ATOMIC_RELAXED);
}

/* A run that another processor has begun cannot be taken back: counted, for the
 * channel's end to wait for it. Under the channel's lock. */
static void server_await_room(VMBCHANNEL ch)
{
    cancel_room_timer(ch);
    __atomic_add_fetch(&ch->link.room_runs, 1, __ATOMIC_RELAXED);
    seam_timer_set(ch->s, &ch->link.room_timer, seam_now(ch->s) + ROOM_TIMEOUT);
}

static void server_signal(VMBCHANNEL ch)
{
    (void)vmbus_host_signal(ch->link.offered);
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
    rc = ring_reader_attach(&link->reader, &open->in);
    if (!rc)
        rc = ring_writer_attach(&link->writer, &open->out);
    if (rc) {
        seam_log(ch->s, SEAM_LOG_WARNING,
                 "kmcl: %s: the guest's rings are unusable: refused",
                 ch->set.name);
        link->abandoned = open->restored;
        vmbus_host_open_answer(channel, (uint32_t)STATUS_DATA_ERROR);
        return;
    }
    ch->rx = &link->reader;
    ch->tx = &link->writer;
    link->close_due = false;
    link->up = true;
    kmcl_advance_soon(ch); /* we may be inside VmbChannelEnable */
}

static void guest_closed(void *context, struct vmbus_host_channel *channel)
{
    VMBCHANNEL ch = context;

    (void)channel;
    ch->link.close_due = true;
    kmcl_peer_gone(ch);
}

static void guest_signalled(void *context, struct vmbus_host_channel *channel)
{
    (void)channel;
    server_kick(context);
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

    offer.type = *kmcl_guid(&set->type);
    offer.instance = *kmcl_guid(&set->instance);
    for (size_t i = 0; i < sizeof(offer_flags) / sizeof(offer_flags[0]); i++) {
        if (set->server_flags & offer_flags[i].flag)
            offer.flags |= offer_flags[i].offer;
    }
    if (offer.flags & VMBUS_OFFER_PIPE)
        offer.user_data[0] = PIPE_OF_MESSAGES;
    return vmbus_host_offer(ch->root->host, &offer, &server, ch,
                            &ch->link.offered);
}

static void server_disable(VMBCHANNEL ch)
{
    if (ch->link.offered)
        vmbus_host_withdraw(ch->link.offered);
    ch->link.offered = NULL;
}

/* A restored connection is given up by FORCE_NEW_CHANNEL, or because its rings
 * are unusable: what it had in flight ends, and the guest sees a new offer. */
static int server_enable(VMBCHANNEL ch)
{
    struct kmcl_link *link = &ch->link;
    int rc;

    link->event_work.run = server_event;
    link->event_work.arg = ch;
    link->event_work.level = SEAM_DISPATCH;
    link->room_timer.run = server_room_timeout;
    link->room_timer.arg = ch;
    link->abandoned = false;
    if (ch->set.server_flags & VMBUS_SERVER_CHANNEL_INIT_FLAG_FORCE_NEW_CHANNEL)
        kmcl_remove_sent(ch);
    rc = publish(ch);
    if (link->abandoned) {
        kmcl_remove_sent(ch);
        server_disable(ch);
        rc = publish(ch);
    }
    return rc;
}

static void server_opened(VMBCHANNEL ch, NTSTATUS status)
{
    struct vmbus_host_channel_info info;

    if (ch->link.close_due)
        return; /* the guest has left: its close is what is answered */
    if (!NT_SUCCESS(status)) {
        ch->link.up = false; /* the answer unmaps the rings */
        ch->tx = NULL;
        ch->rx = NULL;
    }
    vmbus_host_open_answer(ch->link.offered,
                           NT_SUCCESS(status) ? 0 : (uint32_t)status);
    /* The refusal of a restored open has rescinded the channel. */
    vmbus_host_channel_info(ch->link.offered, &info);
    ch->link.withdraw_due = info.rescinded;
}

/* Nothing of ours uses the rings any more when they are unmapped: the queue is
 * off and nobody delivers, sends are off, and an event that is still to come
 * finds the link down, as it comes on this processor. A guest's close is
 * answered now. What is withdrawn instead, because the server disables or the
 * guest broke a ring and so has not closed, is so after EvtChannelClosed: there
 * the server unmaps its GPADLs. */
static void server_close(VMBCHANNEL ch)
{
    struct kmcl_link *link = &ch->link;

    cancel_room_timer(ch);
    link->up = false;
    ch->tx = NULL;
    ch->rx = NULL;
    link->withdraw_due = ch->wish != KMCL_WISH_ENABLED || !link->close_due;
    if (!link->withdraw_due)
        vmbus_host_close_answer(link->offered);
    link->close_due = false;
    kmcl_link_closed(ch);
}

static void server_release(VMBCHANNEL ch)
{
    if (!ch->link.withdraw_due)
        return;
    ch->link.withdraw_due = false;
    server_disable(ch);
    ch->peer_gone = false; /* the guest closed meanwhile: answered by that */
    if (ch->wish == KMCL_WISH_ENABLED && publish(ch)) {
        seam_log(ch->s, SEAM_LOG_ERROR,
                 "kmcl: %s: withdrawn and cannot be offered again: disabled",
                 ch->set.name);
        ch->wish = KMCL_WISH_LOST;
    }
}

const struct kmcl_link_ops kmcl_server_link = {
    .enable = server_enable,
    .disable = server_disable,
    .close = server_close,
    .opened = server_opened,
    .release = server_release,
    .signal = server_signal,
    .await_room = server_await_room,
    .kick = server_kick,
};
