/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Listening for connections of the host (private.h). One stream at a time waits
 * for the next offer of the service; when it is open, it is ready to be
 * accepted, and another one waits, as long as the backlog has room. Without
 * room the offers stay where they are, and the host waits as long as it likes:
 * Windows for 30 s, OpenVMM for 2 s.
 *
 *   host   OFFERCHANNEL         type: the service; instance: the host's end
 *   guest  OPENCHANNEL          that is how a connection is accepted
 *
 * A guest cannot refuse an offer. It leaves it alone.
 */
#include <errno.h>
#include <string.h>

#include "drivers/hvsock/private.h"
#include "vmbare.h"

/* Ports that bind() chooses from: above what is assigned. */
#define FREE_PORTS 0x10000u

/* ---- addresses ----------------------------------------------------------- */

/* A host finds a service by its GUID alone, so two listeners would share the
 * connections in no order that anybody knows. */
static bool is_taken(const GUID *service)
{
    const struct net_end *end = NULL;

    while ((end = hvsock_next(end)) != NULL)
        if (hvsock_is(end, HVSOCK_BOUND) && !hvsock_is(end, HVSOCK_RELEASED) &&
            !memcmp(&end->service, service, sizeof(*service)))
            return true;
    return false;
}

/* One more port than there are sockets: one of them is free. */
static int choose_port(GUID *service)
{
    for (uint32_t port = FREE_PORTS; port < FREE_PORTS + NET_SOCKETS_MOST;
         port++) {
        *service = hvsock_guid(port);
        if (!is_taken(service))
            return 0;
    }
    return -EADDRINUSE; /* there are no more sockets than ports */
}

/* A port of 0 asks for one that is free, as with TCP. */
int hvsock_bind(struct net_end *end, const struct net_address *address)
{
    GUID service;
    int result = hvsock_address_in(address, &service);

    if (result)
        return result;
    if (end->state != HVSOCK_FRESH || hvsock_is(end, HVSOCK_BOUND))
        return -EINVAL;
    if (hvsock_is_template(&service) && !hvsock_port(&service))
        result = choose_port(&service);
    else if (is_taken(&service))
        result = -EADDRINUSE;
    if (result)
        return result;
    end->service = service;
    end->flags |= HVSOCK_BOUND;
    return 0;
}

/* ---- streams that wait --------------------------------------------------- */

/* A second stream that waits would only take memory: offers come one by one. */
static bool one_waits(const struct net_end *listener)
{
    const struct net_end *end = NULL;

    while ((end = hvsock_next(end)) != NULL)
        if (end->listener == listener && end->state == HVSOCK_WAITING)
            return true;
    return false;
}

/* The channel is open, and the host may send already: what it sends is held
 * until the stream has a socket. */
static void came(struct net_end *stream)
{
    static uint64_t order;
    struct net_end *listener = stream->listener;

    stream->order = ++order;
    listener->ready++;
    listener->failures = 0;
    net_wake(listener->s);
    hvsock_tend();
}

/* A host whose offers do not open could be asked for ever. */
static void failed(struct net_end *stream)
{
    struct net_end *listener = stream->listener;
    unsigned doublings = listener->failures;

    if (doublings < DOUBLINGS_MOST)
        listener->failures++;
    listener->flags |= HVSOCK_PAUSES;
    (void)vmbare_timer_set(
        &listener->timer,
        vmbare_after(AGAIN_SECONDS * (double)(1u << doublings)), 0);
    hvsock_release(stream, true);
}

void hvsock_listen_more(struct net_end *listener)
{
    struct net_end *stream;

    if (hvsock_is(listener, HVSOCK_RELEASED) || listener->error ||
        hvsock_is(listener, HVSOCK_PAUSES) ||
        listener->ready >= listener->backlog || one_waits(listener))
        return;
    /* It wakes nobody until it is accepted. */
    stream = hvsock_new(-1);
    if (!stream)
        return; /* the next end that goes makes room */
    stream->service = listener->service;
    stream->listener = listener;
    stream->state = HVSOCK_WAITING;
    stream->opened = came;
    stream->failed = failed;
    if (hvsock_channel_start(stream))
        failed(stream);
}

/* ---- calls --------------------------------------------------------------- */

/* From here on the host can connect. */
int hvsock_listen(struct net_end *end, unsigned backlog)
{
    if (end->error)
        return end->error;
    if (end->state != HVSOCK_FRESH || !hvsock_is(end, HVSOCK_BOUND))
        return -EINVAL;
    end->state = HVSOCK_LISTENING;
    end->backlog = backlog;
    hvsock_listen_more(end);
    return 0;
}

/* The one that came first. */
static struct net_end *first_ready(const struct net_end *listener)
{
    struct net_end *end = NULL, *first = NULL;

    while ((end = hvsock_next(end)) != NULL)
        if (end->listener == listener && end->order &&
            (!first || end->order < first->order))
            first = end;
    return first;
}

/* The number of the new socket is known before the stream is handed out, so no
 * wake is lost in between. */
int hvsock_accept(struct net_end *end, int s, struct net_end **accepted)
{
    struct net_end *stream;

    if (end->error)
        return end->error;
    if (end->state != HVSOCK_LISTENING)
        return -EINVAL;
    stream = first_ready(end);
    if (!stream)
        return -EAGAIN;
    stream->listener = NULL;
    stream->flags |= HVSOCK_CONNECTED | HVSOCK_ACCEPTED;
    stream->s = s;
    end->ready--;
    *accepted = stream;
    hvsock_tend();
    return 0;
}
