/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * On which channels the host receives (control.h):
 *
 *     guest                                  host
 *     RSS off                        --->    receives on the primary
 *     RSS with a table of channels   --->    receives on all of them
 *
 * A host that has one already takes no other, so it is switched off first.
 * Nobody waits for the answers: until the second one frames come on the
 * primary, which is right as well. Sub-channels come and go while requests are
 * under way; whoever finds that leaves a note, and the last completion begins
 * again. [linux rndis_filter.c]
 */
#include "drivers/network/base/control.h"

#include <string.h>

/* Where the second request stands in the page. */
#define SECOND 2048u

static void begin(struct network_driver *d);

/* Changes the state from one to another; false: it is another one. */
static bool step(struct network_driver *d, uint32_t from, uint32_t to)
{
    return __atomic_compare_exchange_n(&d->spread.state, &from, to, false,
                                       __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
}

/* ---- requests ------------------------------------------------------------ */

/* One of the two has come back, or was not sent. */
static void done(struct network_driver *d)
{
    if (__atomic_sub_fetch(&d->spread.shared, 1, __ATOMIC_SEQ_CST))
        return;
    if (step(d, SPREAD_BUSY, SPREAD_IDLE))
        return;
    /* SPREAD_AGAIN: the channels have changed meanwhile. */
    __atomic_store_n(&d->spread.state, SPREAD_BUSY, __ATOMIC_SEQ_CST);
    begin(d);
}

/* The host has read the request, or its channel has closed. */
static VOID EvtTaken(VMBPACKET Packet, NTSTATUS Status, PVOID Buffer,
                     UINT32 BufferLength)
{
    struct network_driver *d = VmbPacketGetPointer(Packet);

    (void)Status, (void)Buffer, (void)BufferLength;
    VmbPacketFree(Packet);
    done(d);
}

/* The channels that are open, the primary first. Returns their number. */
static uint32_t list(const struct network_driver *d, uint8_t *queues)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < d->queue_count; i++)
        if (network_queue_is_open(&d->queues[i]))
            queues[count++] = (uint8_t)i;
    return count;
}

/* Writes a request for these channels to `at`, and sends it. */
static void send(struct network_driver *d, uint32_t at, const uint8_t *queues,
                 uint32_t count)
{
    struct spread_state *s = &d->spread;
    struct rndis_rss_set set;
    uint32_t size = rss_write_set(queues, count, s->entries, &set);

    /* The host has nothing of the page: it gave both requests back. */
    size = rndis_write_request(s->page + at, RNDIS_SET, SPREAD_ID + at,
                               RNDIS_OID_RSS_PARAMETERS, &set, size);
    network_send_control(d, s->mdl, at, size, &s->shared, EvtTaken);
}

/* The state is SPREAD_BUSY, and the host has neither of the requests. */
static void begin(struct network_driver *d)
{
    uint8_t queues[QUEUES_MOST];
    uint32_t count;

    /* A note of our own, so that the first completion does not end it. */
    __atomic_store_n(&d->spread.shared, 1, __ATOMIC_SEQ_CST);
    __atomic_fetch_add(&d->queues[0].inside, 1, __ATOMIC_SEQ_CST);
    count = list(d, queues);
    /* Once the channel begins to close nothing is sent any more. */
    if (network_phase(d) != PHASE_AWAY) {
        /* RSS off, then on with the channels that there are now. */
        send(d, 0, queues, 1);
        if (count > 1)
            send(d, SECOND, queues, count);
        __atomic_store_n(&d->spread.is_on, count > 1, __ATOMIC_SEQ_CST);
    }
    __atomic_fetch_sub(&d->queues[0].inside, 1, __ATOMIC_SEQ_CST);
    done(d);
}

/* ---- when ---------------------------------------------------------------- */

/* A host may wait with its own table for all that it has promised; of those
 * that go again it is told at once. */
static bool is_due(const struct network_driver *d)
{
    uint32_t open = __atomic_load_n(&d->open_queues, __ATOMIC_SEQ_CST);

    return __atomic_load_n(&d->spread.is_on, __ATOMIC_SEQ_CST) ||
           open == __atomic_load_n(&d->promised, __ATOMIC_SEQ_CST);
}

void network_spread(struct network_driver *d)
{
    if (!is_due(d))
        return;
    for (;;) {
        if (step(d, SPREAD_IDLE, SPREAD_BUSY)) {
            begin(d);
            return;
        }
        /* Whoever has it under way sees the note when it is done. */
        if (step(d, SPREAD_BUSY, SPREAD_AGAIN) ||
            step(d, SPREAD_AGAIN, SPREAD_AGAIN))
            return;
    }
}

/* A host that refuses goes on with the primary, where all frames come then. */
void network_spread_answered(struct network_driver *d, uint32_t status)
{
    if (status != RNDIS_SUCCESS)
        network_nonsense(d, "a refusal to receive on several channels");
}
