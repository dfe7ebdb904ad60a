/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Who frees ends, and lets listeners go on (private.h). It runs as work on
 * processor 0, which may wait: closing a channel does, until the host has
 * answered.
 *
 * An end goes when its socket has, the host has answered what it was asked, and
 * one of these holds: its channel has closed by itself, it has none, or nothing
 * more is awaited of it.
 */
#include <stdlib.h>

#include "drivers/hvsock/private.h"
#include "vmbare.h"

/* The host's answer still has the address of the end. */
static bool may_go(const struct net_end *end)
{
    return hvsock_is(end, HVSOCK_RELEASED) && !hvsock_is(end, HVSOCK_ASKED) &&
           (hvsock_is(end, HVSOCK_OVER) || !end->channel ||
            end->state == HVSOCK_GONE);
}

/* Out of the list first: closing the channel waits, and others look at the
 * list meanwhile. The timer's function may be waiting, too. */
static void forget(struct net_end *end)
{
    hvsock_take_out(end);
    (void)vmbare_timer_cancel(&end->timer, VMBARE_FOREVER);
    /* Packets go back to KMCL before their channel does. */
    hvsock_channel_stop(end);
    hvsock_discard(end);
    free(end);
}

/* From the beginning after each that has gone: the list may be another one. */
static uint64_t tend_all(void *context)
{
    struct net_end *end = hvsock_next(NULL);

    (void)context;
    while (end) {
        if (may_go(end)) {
            forget(end);
            end = hvsock_next(NULL);
            continue;
        }
        /* A stream that was accepted has made room for the next one. */
        if (end->state == HVSOCK_LISTENING)
            hvsock_listen_more(end);
        end = hvsock_next(end);
    }
    return 0;
}

/* The list knows this file by the function alone. */
void hvsock_tend_start(void)
{
    hvsock_ends_start(tend_all);
}

/* Those that their sockets still have are not waited for. */
static bool any_released(void)
{
    const struct net_end *end = NULL;

    while ((end = hvsock_next(end)) != NULL)
        if (hvsock_is(end, HVSOCK_RELEASED))
            return true;
    return false;
}

/* Those that are closing end by themselves, after LINGER_SECONDS at most. The
 * host's answer to a request has the bus's own deadline. */
void hvsock_tend_stop(void)
{
    hvsock_tend();
    while (any_released() || hvsock_is_tending())
        vmbare_sleep(STEP_SECONDS);
}
