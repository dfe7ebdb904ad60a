/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The operations of IPv4 and IPv6 that drivers/sockets calls. Each takes the
 * stack's lock, looks whether the end has failed, and passes the call to its
 * type.
 *
 * An end fails once and for good: its connection was reset, nobody answered, or
 * the network was stopped. From then on every call says so, but for two: what
 * has arrived before can still be read, and closing always works. The type has
 * let go of lwIP's memory by then, so it need not look for that itself.
 *
 * Calls come at PASSIVE and leave at PASSIVE; the level is DISPATCH only in
 * between, for no longer than lwIP takes.
 */
#include "drivers/ip/ends.h"

#include <errno.h>
#include <stddef.h>

#include "drivers/ip.h"
#include "drivers/ip/private.h"

/* ---- operations ---------------------------------------------------------- */

/* The stack may have been stopped since the family was added. */
static int end_open(int family, int type, int s, struct net_end **end)
{
    const struct net_operations *operations =
        type == NET_STREAM     ? &ip_tcp_operations
        : type == NET_DATAGRAM ? &ip_udp_operations
                               : NULL;
    int result;

    if (!operations)
        return -EOPNOTSUPP;
    ip_enter();
    result = ip_interface.running ? operations->open(family, type, s, end)
                                  : -ENETDOWN;
    ip_leave();
    return result;
}

/* After this lwIP does not know the end any more, and no wake comes. */
static void end_close(struct net_end *end)
{
    ip_enter();
    end->type->close(end);
    ip_leave();
}

/* A family's own rules are in address.c; whether the end may have an address
 * now is its type's to say. */
static int end_bind(struct net_end *end, const struct net_address *address)
{
    int result;

    ip_enter();
    result = end->error;
    if (!result)
        result = end->type->bind(end, address);
    ip_leave();
    return result;
}

/* Datagrams have no connections to take. */
static int end_listen(struct net_end *end, unsigned backlog)
{
    int result;

    ip_enter();
    result = end->type->listen ? end->error : -EOPNOTSUPP;
    if (!result)
        result = end->type->listen(end, backlog);
    ip_leave();
    return result;
}

/* The new connection is an end of its own, which wakes its own number. */
static int end_accept(struct net_end *end, int s, struct net_end **accepted)
{
    int result;

    ip_enter();
    result = end->type->accept ? end->error : -EOPNOTSUPP;
    if (!result)
        result = end->type->accept(end, s, accepted);
    ip_leave();
    return result;
}

/* -EAGAIN goes to drivers/sockets, which sleeps without the lock. */
static int end_connect(struct net_end *end, const struct net_address *to)
{
    int result;

    ip_enter();
    result = end->error;
    if (!result)
        result = end->type->connect(end, to);
    ip_leave();
    return result;
}

/* A failed end may still know its addresses, so the failure is not looked at.
 */
static int end_name(struct net_end *end, bool other,
                    struct net_address *address)
{
    int result;

    ip_enter();
    result = end->type->name(end, other, address);
    ip_leave();
    return result;
}

/* A failure ends sending at once, whatever is still to be read. */
static ssize_t end_send(struct net_end *end, const void *bytes, size_t size,
                        const struct net_address *to)
{
    ssize_t result;

    ip_enter();
    result = end->error;
    if (!result)
        result = end->type->send(end, bytes, size, to);
    ip_leave();
    return result;
}

/* What has arrived before a failure can still be read. */
static ssize_t end_recv(struct net_end *end, void *bytes, size_t size,
                        struct net_address *from)
{
    ssize_t result;

    ip_enter();
    result = end->type->recv(end, bytes, size, from);
    if (result == -EAGAIN && end->error)
        result = end->error;
    ip_leave();
    return result;
}

/* Datagrams have no halves. */
static int end_shutdown(struct net_end *end, enum net_half half)
{
    int result;

    ip_enter();
    result = end->type->shutdown ? end->error : -EOPNOTSUPP;
    if (!result)
        result = end->type->shutdown(end, half);
    ip_leave();
    return result;
}

/* A failure makes readable, so that whoever waits for data is told. */
static uint32_t end_ready(struct net_end *end)
{
    uint32_t ready;

    ip_enter();
    ready = end->type->ready(end);
    if (end->error)
        ready |= NET_FAILED | NET_READABLE;
    ip_leave();
    return ready;
}

static const struct net_operations operations = {
    .open = end_open,
    .close = end_close,
    .bind = end_bind,
    .listen = end_listen,
    .accept = end_accept,
    .connect = end_connect,
    .name = end_name,
    .send = end_send,
    .recv = end_recv,
    .shutdown = end_shutdown,
    .ready = end_ready,
};

/* A second start replaces nothing: the functions are the same. */
void ip_ends_start(void)
{
    net_family_add(NET_IPV4, &operations);
    net_family_add(NET_IPV6, &operations);
}
