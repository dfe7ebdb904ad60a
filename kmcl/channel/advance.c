/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The channel's state machine: the only place that changes `phase`, and the
 * only caller of state-change callbacks.
 *
 *   DISABLED -> ENABLED -> OPENING -> CONNECTED -> PAUSED <-> RUNNING
 *      ^           ^                      |          ^  \        |
 *      |           |                   (refused)     |   \       v
 *      +-----------+------- CLOSING <-----+----------+  SUSPENDING
 *
 * What is wanted (wish, flow) and what happened (peer, link) stand in the
 * channel; each step does the next thing that follows from
 * them. A step never waits: where something must happen first it stops, and
 * whoever makes it happen calls kmcl_advance() or kmcl_advance_soon(). A
 * callback may wait, and then others run; a nested call finds an activity and
 * leaves the work to the one below it on the stack.
 */
#include <errno.h>

#include "kmcl/send/send.h"
#include "kmcl/receive/receive.h"
#include "kmcl/gpadl/gpadl.h"
#include "kmcl/channel/advance.h"

/* The application does not want the channel, or the other side has left. */
static bool must_close(VMBCHANNEL ch)
{
    return ch->wish != KMCL_WISH_ENABLED || ch->peer != KMCL_PEER_THERE;
}

/* Turns the data path on or off; false: somebody is still delivering. */
static bool set_queue(VMBCHANNEL ch, bool on)
{
    uint8_t irql = seam_lock(ch->s, &ch->lock);
    bool busy;

    /* A ring that another processor has found broken stays off. */
    if (ch->traffic != KMCL_TRAFFIC_OFF)
        ch->traffic = on ? KMCL_TRAFFIC_BOTH : KMCL_TRAFFIC_OUT;
    ch->reader.begun = true;
    if (!on && ch->delivery == KMCL_DELIVERY_PASSIVE_DUE)
        ch->delivery = KMCL_DELIVERY_FREE; /* it finds nothing to do */
    busy = ch->delivery == KMCL_DELIVERY_DISPATCH ||
           ch->delivery == KMCL_DELIVERY_PASSIVE;
    /* On: packets may be read. Off: completions need not wait for packets. */
    kmcl_kick(ch);
    seam_unlock(ch->s, &ch->lock, irql);
    return !busy;
}

/* Lets queued packets go into the ring, or stops that. */
static void set_transmit(VMBCHANNEL ch, bool on)
{
    uint8_t irql = seam_lock(ch->s, &ch->lock);

    ch->traffic = on ? KMCL_TRAFFIC_OUT : KMCL_TRAFFIC_OFF;
    seam_unlock(ch->s, &ch->lock, irql);
}

/* ---- one function per transition; true: there may be more to do -------- */

/* The application will hear of no channel any more until it enables it. */
static void lose(VMBCHANNEL ch)
{
    ch->wish = KMCL_WISH_LOST;
    ch->flow = KMCL_FLOW_DEFAULT;
}

/* A client's offer was found, or a server's guest opened. */
static bool from_enabled(VMBCHANNEL ch)
{
    if (ch->link.state == KMCL_LINK_UP) {
        ch->phase = KMCL_CONNECTED;
        return true;
    }
    if (ch->wish != KMCL_WISH_ENABLED) {
        ch->link.ops->disable(ch);
        if (ch->wish == KMCL_WISH_LOST)
            lose(ch); /* an offer that could not be published again */
        ch->phase = KMCL_DISABLED;
        return false;
    }
    if (!ch->link.channel) /* a server never has one */
        return false;      /* the link tells when there is something */
    ch->phase = KMCL_OPENING;
    ch->link.ops->open(ch);
    return true;
}

/* No EvtChannelPnpFailure when the driver is already in VmbChannelDisable: it
 * learns the outcome there. */
static void pnp_failure(VMBCHANNEL ch)
{
    NTSTATUS status = kmcl_status(ch->link.failed);

    ch->link.failed = 0;
    ch->link.ops->release(ch);
    kmcl_mmio_release(ch);
    ch->phase = KMCL_DISABLED;
    if (ch->wish != KMCL_WISH_ENABLED)
        return;
    lose(ch);
    kmcl_log_peer(
        ch, KMCL_LINE_OPEN, SEAM_LOG_WARNING,
        "kmcl: %s: the offered device could not be opened: status 0x%x",
        ch->set.name, (unsigned)status);
    if (ch->set.pnp_failure)
        ch->set.pnp_failure(ch, status);
}

/* The link reports how opening ended. */
static bool from_opening(VMBCHANNEL ch)
{
    if (ch->link.failed) {
        pnp_failure(ch);
        return true;
    }
    if (ch->link.state == KMCL_LINK_DOWN)
        return false;
    ch->phase = KMCL_CONNECTED;
    return true;
}

/* EvtChannelOpened decides whether the channel opens. */
static bool from_connected(VMBCHANNEL ch)
{
    NTSTATUS status = STATUS_SUCCESS;

    if (must_close(ch)) {
        if (!ch->is_server)
            ch->link.failed = -ENODEV; /* told when it is closed */
        ch->phase = KMCL_UNDOING;
        return true;
    }
    ch->service = KMCL_SERVING;
    if (ch->set.state.EvtChannelOpened) {
        kmcl_set_activity(ch, KMCL_IN_OPENED);
        status = ch->set.state.EvtChannelOpened(ch);
        kmcl_set_activity(ch, KMCL_ADVANCING);
    }
    /* A server answers OPENCHANNEL now; a client has nothing to say. */
    ch->link.ops->opened(ch, status);
    if (!NT_SUCCESS(status)) {
        kmcl_log_peer(ch, KMCL_LINE_REFUSED, SEAM_LOG_WARNING,
                      "kmcl: %s: EvtChannelOpened refused with status 0x%x: "
                      "closing",
                      ch->set.name, (unsigned)status);
        ch->phase = KMCL_UNDOING;
        return true;
    }
    ch->phase = KMCL_PAUSED;
    set_transmit(ch, true);
    kmcl_flush(ch);
    return true;
}

/* Open: starts when the application wants that, or closes. */
static bool from_paused(VMBCHANNEL ch)
{
    if (must_close(ch)) {
        ch->phase = KMCL_CLOSING;
        return true;
    }
    if (ch->flow != KMCL_FLOW_ACTIVE)
        return false;

    if (ch->set.state.EvtChannelStarted) {
        /* Incoming packets are still held back: this callback may send, but a
         * wait for an answer would not end [D]. */
        kmcl_set_activity(ch, KMCL_IN_STARTED);
        ch->set.state.EvtChannelStarted(ch);
        kmcl_set_activity(ch, KMCL_ADVANCING);
    }
    /* The queue goes on before the next callback, which may wait for packets.
     */
    ch->phase = KMCL_RUNNING;
    set_queue(ch, true);
    if (ch->set.state.EvtChannelPostStarted) {
        /* From here on packets are received, so this callback may wait [D]. */
        kmcl_set_activity(ch, KMCL_IN_POST_STARTED);
        ch->set.state.EvtChannelPostStarted(ch);
        kmcl_set_activity(ch, KMCL_ADVANCING);
    }
    return true;
}

/* A pause that was taken back before it began. */
static void resume(VMBCHANNEL ch)
{
    if (ch->traffic == KMCL_TRAFFIC_BOTH)
        return;
    set_queue(ch, true);
}

static bool from_running(VMBCHANNEL ch)
{
    if (!must_close(ch) && ch->flow == KMCL_FLOW_ACTIVE) {
        resume(ch);
        return false;
    }
    /* On entry to EvtChannelSuspend no packet callback runs: whoever is
     * delivering now calls kmcl_advance_soon() when done. */
    if (!set_queue(ch, false))
        return false;
    ch->phase = KMCL_SUSPENDING;
    if (ch->set.state.EvtChannelSuspend) {
        /* Delivered packets may still be completed, from here too [D]. */
        kmcl_set_activity(ch, KMCL_IN_SUSPEND);
        ch->set.state.EvtChannelSuspend(ch);
        kmcl_set_activity(ch, KMCL_ADVANCING);
    }
    return true;
}

static bool from_suspending(VMBCHANNEL ch)
{
    uint8_t irql = seam_lock(ch->s, &ch->lock);
    bool waits = ch->outstanding != 0;

    seam_unlock(ch->s, &ch->lock, irql);
    if (waits)
        return false; /* the last VmbChannelPacketComplete goes on */
    ch->phase = KMCL_PAUSED;
    return true;
}

/* Sends are completed once the other side can no longer write to their
 * external pages, and before EvtChannelClosed. */
static bool from_closing(VMBCHANNEL ch)
{
    if (kmcl_waits_for_gpadl(ch))
        return false; /* its end goes on */
    if (ch->link.state != KMCL_LINK_DOWN) {
        set_transmit(ch, false);
        kmcl_remove_requests(ch);
        if (ch->link.state == KMCL_LINK_UP) {
            kmcl_incoming_drop(ch); /* with what was mapped for it */
            kmcl_external_bury(ch);
            ch->link.state = KMCL_LINK_CLOSING;
            ch->link.ops->close(ch);
        }
        if (ch->link.state != KMCL_LINK_DOWN)
            return false; /* kmcl_link_closed() goes on */
    }
    if (!kmcl_remove_all(ch))
        return false; /* kmcl_client_rescinded() goes on */
    ch->peer = KMCL_PEER_THERE;
    ch->service = KMCL_SERVICE_ENDING;
    if (ch->phase == KMCL_CLOSING && ch->set.state.EvtChannelClosed) {
        /* The place to delete or unmap GPADLs [D]. */
        kmcl_set_activity(ch, KMCL_IN_CLOSED);
        ch->set.state.EvtChannelClosed(ch);
        kmcl_set_activity(ch, KMCL_ADVANCING);
    }
    kmcl_gpadls_check(ch);
    if (ch->link.failed) {
        pnp_failure(ch);
        return true;
    }
    if (!ch->is_server && ch->wish == KMCL_WISH_ENABLED)
        lose(ch); /* a client comes back only by Enable */
    /* EvtChannelClosed has run: GPADLs are gone, so offer and MMIO space may
     * go, too. */
    ch->link.ops->release(ch);
    kmcl_mmio_release(ch);
    if (ch->wish == KMCL_WISH_LOST)
        lose(ch); /* a server's offer, too */
    ch->phase = ch->wish == KMCL_WISH_ENABLED ? KMCL_ENABLED : KMCL_DISABLED;
    return true;
}

/* Takes the next transition, if there is one now. */
static bool step(VMBCHANNEL ch)
{
    static bool (*const steps[])(VMBCHANNEL ch) = {
        [KMCL_DISABLED] = NULL,
        [KMCL_ENABLED] = from_enabled,
        [KMCL_OPENING] = from_opening,
        [KMCL_CONNECTED] = from_connected,
        [KMCL_PAUSED] = from_paused,
        [KMCL_RUNNING] = from_running,
        [KMCL_SUSPENDING] = from_suspending,
        [KMCL_UNDOING] = from_closing,
        [KMCL_CLOSING] = from_closing,
    };

    return steps[ch->phase] && steps[ch->phase](ch);
}

void kmcl_advance(VMBCHANNEL ch)
{
    if (ch->activity != KMCL_IDLE)
        return;
    kmcl_set_activity(ch, KMCL_ADVANCING);
    ch->activity_strand = seam_strand(ch->s);
    while (!ch->save && step(ch))
        continue; /* VmbChannelSaveEnd goes on */
    kmcl_set_activity(ch, KMCL_IDLE);
}
