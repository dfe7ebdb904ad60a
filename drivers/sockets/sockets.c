/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Sockets by number, and the calls that end at once (sockets.h). What a socket
 * does is its family's; here are the numbers, the table of families, and the
 * way from a family's negative errno to the -1 of the caller.
 *
 * Nothing here needs a lock: all calls are for PASSIVE on processor 0, where
 * code changes only while it waits. net_wake() alone comes from elsewhere, and
 * it touches the event only, which has a lock of its own. A number is reserved
 * before a call waits, so another call that runs meanwhile cannot take it.
 *
 * The table has no pointer into a family but its operations and its end, and
 * both go when the number does.
 */
#include "drivers/sockets.h"

#include <errno.h>
#include <string.h>

#include "drivers/sockets/private.h"

struct family {
    int number;
    const struct net_operations *operations;
};

/* IPv4, IPv6, streams to the host, and room for one of an application's. */
static struct family families[4];
static struct net_socket sockets[NET_SOCKETS_MOST];

/* ---- families ------------------------------------------------------------ */

/* A family that is there already is replaced: its network started again. */
void net_family_add(int family, const struct net_operations *operations)
{
    for (unsigned i = 0; i < sizeof(families) / sizeof(families[0]); i++)
        if (!families[i].operations || families[i].number == family) {
            families[i] = (struct family){family, operations};
            return;
        }
}

/* NULL: nothing in this image carries the family, or it was not started. */
static const struct net_operations *operations_of(int family)
{
    for (unsigned i = 0; i < sizeof(families) / sizeof(families[0]); i++)
        if (families[i].operations && families[i].number == family)
            return families[i].operations;
    return NULL;
}

/* ---- numbers ------------------------------------------------------------- */

int net_result(int result)
{
    if (result >= 0)
        return result;
    errno = -result;
    return -1;
}

struct net_socket *net_find(int s)
{
    if (s < 0 || s >= (int)NET_SOCKETS_MOST || !sockets[s].operations)
        return NULL;
    return &sockets[s];
}

/* The lowest number that is free. The event is made before the family knows of
 * the number, because a packet may wake it at once. */
int net_reserve(const struct net_operations *operations)
{
    for (unsigned i = 0; i < NET_SOCKETS_MOST; i++) {
        struct net_socket *socket = &sockets[i];

        if (socket->operations)
            continue;
        socket->end = NULL;
        socket->seconds = -1;
        vmbare_event_init(&socket->event, "a socket", VMBARE_ONE_WAIT);
        socket->operations = operations;
        return (int)i;
    }
    return -EMFILE;
}

/* The event stays as it is: a wake that is late is harmless, and whoever gets
 * the number next makes it new. */
void net_release(int s)
{
    sockets[s].end = NULL;
    sockets[s].operations = NULL;
}

void net_wake(int s)
{
    if (s >= 0 && s < (int)NET_SOCKETS_MOST)
        (void)vmbare_event_set(&sockets[s].event);
}

/* ---- calls that end at once ---------------------------------------------- */

int net_socket(int family, int type)
{
    const struct net_operations *operations = operations_of(family);
    int s, result;

    if (!operations)
        return net_result(-EAFNOSUPPORT);
    s = net_reserve(operations);
    if (s < 0)
        return net_result(s);
    result = operations->open(family, type, s, &sockets[s].end);
    if (!result)
        return s;
    net_release(s);
    return net_result(result);
}

/* In the reverse order of net_socket(): the family first, then the number. */
int net_close(int s)
{
    struct net_socket *socket = net_find(s);

    if (!socket)
        return net_result(-EBADF);
    /* After this the family wakes the number no more, so it may be given to
     * another socket. */
    socket->operations->close(socket->end);
    net_release(s);
    return 0;
}

/* For calls that begin later: one that waits keeps its deadline. */
int net_timeout(int s, double seconds)
{
    struct net_socket *socket = net_find(s);

    if (!socket)
        return net_result(-EBADF);
    socket->seconds = seconds;
    return 0;
}

/* What an address may be is the family's to say. */
int net_bind(int s, const struct net_address *address)
{
    struct net_socket *socket = net_find(s);

    if (!socket)
        return net_result(-EBADF);
    if (!socket->operations->bind)
        return net_result(-EOPNOTSUPP);
    return net_result(socket->operations->bind(socket->end, address));
}

/* The bound of the backlog is one that every family can keep. */
int net_listen(int s, int backlog)
{
    struct net_socket *socket = net_find(s);

    if (!socket)
        return net_result(-EBADF);
    if (!socket->operations->listen)
        return net_result(-EOPNOTSUPP);
    if (backlog < 1 || backlog > UINT8_MAX)
        return net_result(-EINVAL);
    return net_result(
        socket->operations->listen(socket->end, (unsigned)backlog));
}

int net_name(int s, bool other, struct net_address *address)
{
    struct net_socket *socket = net_find(s);

    if (!socket)
        return net_result(-EBADF);
    memset(address, 0, sizeof(*address));
    return net_result(socket->operations->name(socket->end, other, address));
}

int net_shutdown(int s, int half)
{
    struct net_socket *socket = net_find(s);

    if (!socket)
        return net_result(-EBADF);
    if (!socket->operations->shutdown)
        return net_result(-EOPNOTSUPP);
    if (half < NET_NO_RECV || half > NET_NEITHER)
        return net_result(-EINVAL);
    return net_result(
        socket->operations->shutdown(socket->end, (enum net_half)half));
}
