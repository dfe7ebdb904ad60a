/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Connecting to a service of the host (private.h): the channel waits for its
 * offer, and then the host is asked for it. So no offer can come too early.
 *
 *   guest  TL_CONNECT_REQUEST   the end of this guest, the service
 *   host   OFFERCHANNEL         type: the service; instance: that end
 *     or   TL_CONNECT_RESULT    refused, from VMBus 4.1 on
 *   guest  OPENCHANNEL          the stream is open when the host has answered
 */
#include <errno.h>

#include "drivers/hvsock/private.h"
#include "kmcl/sockets.h"
#include "vmbare.h"

/* Ends of this guest are named like services, by numbers that go up and begin
 * anywhere, so that a host does not take one for that of an earlier start. */
static GUID fresh_endpoint(void)
{
    static uint32_t last;

    if (!last)
        last = (uint32_t)(vmbare_now() / 10000);
    last = (last + 1) & HVSOCK_PORT_MOST;
    if (!last)
        last = 1;
    return hvsock_guid(last);
}

/* What a socket says for what KMCL says. A host that cannot be asked is one
 * that cannot be reached; one that is silent is late. */
static int error_of(NTSTATUS status)
{
    switch (status) {
    case STATUS_CONNECTION_REFUSED:
        return -ECONNREFUSED;
    case STATUS_INSUFFICIENT_RESOURCES:
        return -ENOMEM;
    case STATUS_NOT_SUPPORTED:
    case STATUS_INVALID_DEVICE_STATE:
        return -EHOSTUNREACH;
    default:
        return -ETIMEDOUT;
    }
}

/* Success says that the offer has come: the channel opens by itself. */
static VOID answered(PVOID context, NTSTATUS status)
{
    struct net_end *end = context;

    end->flags &= ~(uint32_t)HVSOCK_ASKED;
    if (!NT_SUCCESS(status) && end->state == HVSOCK_CONNECTING && !end->error)
        end->error = error_of(status);
    net_wake(end->s);
    hvsock_tend();
}

/* The first call: everything that can be refused is refused before the channel
 * is made, and then the socket can still be used. */
static int begin(struct net_end *end, const struct net_address *to)
{
    int result = hvsock_address_in(to, &end->service);
    NTSTATUS status;

    if (!result && hvsock_is_template(&end->service) &&
        !hvsock_port(&end->service))
        result = -EINVAL; /* port 0 */
    if (result)
        return result;
    end->state = HVSOCK_CONNECTING;
    end->endpoint = fresh_endpoint();
    result = hvsock_channel_start(end);
    if (result)
        return end->error = result;
    end->flags |= HVSOCK_ASKED;
    /* TL_CONNECT_REQUEST: the answer is an offer, or a refusal. */
    status = kmcl_client_ask(end->channel, answered, end);
    if (!NT_SUCCESS(status)) {
        end->flags &= ~(uint32_t)HVSOCK_ASKED;
        return end->error = error_of(status);
    }
    (void)vmbare_timer_set(&end->timer, vmbare_after(CONNECT_SECONDS), 0);
    return -EAGAIN;
}

/* Called again and again, until the stream is open or has failed. */
int hvsock_connect(struct net_end *end, const struct net_address *to)
{
    if (end->error)
        return end->error;
    switch (end->state) {
    case HVSOCK_FRESH:
        return begin(end, to);
    case HVSOCK_CONNECTING:
        return -EAGAIN;
    case HVSOCK_LISTENING:
        return -EINVAL;
    default:
        /* The first call asks for this, too, when it looks again. */
        if (hvsock_is(end, HVSOCK_CONNECTED))
            return -EISCONN;
        end->flags |= HVSOCK_CONNECTED;
        return 0;
    }
}
