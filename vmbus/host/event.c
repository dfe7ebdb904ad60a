/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Signals both ways. From the guest: by hypercall with a connection id, before
 * 2.4 by a bit in the interrupt page, or by a bit in a monitor page that is
 * polled. To the guest: an event flag of a SINT, or a bit in the interrupt
 * page. [TLFS] [linux vmbus_drv.c]
 */
#include "vmbus/host/private.h"

/*
 * Each half of the interrupt page has a bit per relid; relids 0 to 2047 use the
 * first 64 words.
 */
#define INTERRUPT_WORDS (HOST_RELIDS / 32u)

/*
 * Tells the channel's server that the guest signalled. The caller holds the
 * lock, so the channel stays. False: there is no open channel.
 */
static bool tell(struct vmbus_host_channel *ch)
{
    if (!ch || ch->state != HOST_OPEN)
        return false;
    if (ch->server.signalled)
        ch->server.signalled(ch->context, ch);
    return true;
}

/*
 * A signal for a channel that is not open breaks a rule, unless the channel was
 * rescinded: then the guest may have sent it before the RESCIND arrived.
 */
static void report_closed(struct vmbus_host *h,
                          const struct vmbus_host_channel *ch, uint32_t relid)
{
    if (!ch || !ch->rescinded)
        vmbus_host_rule_broken(h, VMBUS_HOST_RULE_EVENT_CLOSED, 0, relid);
}

/*
 * By default the connection id is made from the relid, so the table finds it at
 * once.
 */
static struct vmbus_host_channel *by_connection(struct vmbus_host *h,
                                                uint32_t connection)
{
    uint32_t relid = connection % HOST_RELIDS;
    struct vmbus_host_channel *ch = h->relids[relid];

    if (ch && ch->connection == connection)
        return ch;
    /* Only guests that choose the ids themselves come further. */
    if (!(h->features & VMBUS_FEATURE_SIGNAL_PARAMETERS))
        return NULL;
    for (ch = h->channels; ch; ch = ch->next) {
        if (ch->connection == connection)
            return ch;
    }
    return NULL;
}

/*
 * Protocol 0.13: all channels share one event; bits in the page say whose it
 * was. Each word is taken whole, so a bit that the guest sets meanwhile is
 * found next time.
 */
static void take_interrupt_page(struct vmbus_host *h)
{
    for (uint32_t i = 0; i < INTERRUPT_WORDS; i++) {
        uint32_t bits = __atomic_exchange_n(
            &h->interrupt_page->guest_to_host[i], 0, __ATOMIC_ACQ_REL);

        while (bits) {
            uint32_t relid = i * 32 + (uint32_t)__builtin_ctz(bits);

            bits &= bits - 1;
            if (!tell(h->relids[relid]))
                report_closed(h, h->relids[relid], relid);
        }
    }
}

static int take_event(struct vmbus_host *h, uint32_t connection)
{
    struct vmbus_host_channel *ch;

    if (connection == WIRE_CONNECTION_EVENT && h->interrupt_page &&
        h->version == VMBUS_VERSION_0_13) {
        take_interrupt_page(h);
        return 0;
    }
    ch = by_connection(h, connection);
    if (tell(ch))
        return 0;
    if (ch)
        report_closed(h, ch, ch->relid);
    return -ENOENT;
}

int vmbus_host_event(struct vmbus_host *host, uint32_t connection,
                     uint16_t flag)
{
    uint8_t irql;
    int status;

    if (flag != 0)
        return -EINVAL;
    irql = seam_lock(host->seam, &host->lock);
    status = take_event(host, connection);
    seam_unlock(host->seam, &host->lock, irql);
    return status;
}

static uint32_t take_monitor_group(struct vmbus_host *h, uint32_t group)
{
    uint32_t bits = __atomic_exchange_n(
        &h->monitor_page->trigger[group].pending, 0, __ATOMIC_ACQ_REL);
    uint32_t told = 0;

    for (; bits; bits &= bits - 1) {
        uint32_t id = group * 32 + (uint32_t)__builtin_ctz(bits);
        struct vmbus_host_channel *ch = h->monitors[id];

        if (tell(ch))
            told++;
        else
            report_closed(h, ch, ch ? ch->relid : 0);
    }
    return told;
}

uint32_t vmbus_host_monitor_poll(struct vmbus_host *host)
{
    uint8_t irql = seam_lock(host->seam, &host->lock);
    uint32_t told = 0;

    for (uint32_t group = 0; host->monitor_page && group < 4; group++)
        told += take_monitor_group(host, group);
    seam_unlock(host->seam, &host->lock, irql);
    return told;
}

bool vmbus_host_monitors(const struct vmbus_host *host)
{
    if (!host->monitor_page)
        return false;
    for (uint32_t id = 0; id < HOST_MONITORS; id++) {
        if (host->monitors[id] && host->monitors[id]->state == HOST_OPEN)
            return true;
    }
    return false;
}

uint32_t vmbus_host_monitor_latency(struct vmbus_host *host)
{
    uint8_t irql = seam_lock(host->seam, &host->lock);
    uint32_t shortest = 0;

    for (uint32_t id = 0; host->monitor_page && id < HOST_MONITORS; id++) {
        const struct vmbus_host_channel *ch = host->monitors[id];
        uint32_t wanted;

        if (!ch || ch->state != HOST_OPEN)
            continue;
        wanted = __atomic_load_n(&host->monitor_page->latency[id / 32][id % 32],
                                 __ATOMIC_RELAXED);
        if (wanted && (!shortest || wanted < shortest))
            shortest = wanted;
    }
    seam_unlock(host->seam, &host->lock, irql);
    return shortest;
}

/* Below 2.4 one flag serves all channels; the page tells which. */
static int signal_by_page(struct vmbus_host *h,
                          const struct vmbus_host_channel *ch)
{
    uint32_t *word = &h->interrupt_page->host_to_guest[ch->relid / 32];

    __atomic_fetch_or(word, 1u << ch->relid % 32, __ATOMIC_ACQ_REL);
    return h->ops.signal(h->context, 0, WIRE_SINT, 0);
}

int vmbus_host_signal(struct vmbus_host_channel *channel)
{
    struct vmbus_host *h = channel->host;
    uint8_t irql = seam_lock(h->seam, &h->lock);
    int status = -ENOTCONN;

    if (channel->state == HOST_OPEN) {
        if (channel->target_vp == VMBUS_HOST_NO_INTERRUPT)
            status = 0;
        else if (h->interrupt_page)
            status = signal_by_page(h, channel);
        else if (h->version)
            status = h->ops.signal(h->context, channel->target_vp,
                                   channel->sint, channel->event_flag);
    }
    seam_unlock(h->seam, &h->lock, irql);
    return status;
}
