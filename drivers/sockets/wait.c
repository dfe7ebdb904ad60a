/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The calls of sockets that wait (sockets.h). Each asks the family, and as long
 * as that says -EAGAIN sleeps until net_wake() or the deadline.
 *
 * A wake that comes between the question and the sleep is not lost: the event
 * stays set. One that has nothing to do with the question only asks once more.
 *
 * So a family never has to know who waits, for what, or whether anybody does.
 * It notes what has happened, and wakes the number. A wait that ends late costs
 * nothing but time, and one that ends early costs one question.
 *
 * The deadline is fixed when the call begins: bytes that trickle in do not move
 * it. An interval is in seconds because a person thinks in them.
 */
#include <errno.h>
#include <string.h>

#include "drivers/sockets/private.h"
#include "vmbare.h"

/* Without a time limit: so long at a time, for a server may wait for months,
 * and the log is not to name that every 10 s. docs/timeouts.md */
#define LONG_SECONDS 3600.0

/* ---- deadlines ----------------------------------------------------------- */

/* Negative seconds: no deadline. 0: it has come already, so each call looks
 * once and does not sleep. */
static uint64_t deadline_after(double seconds)
{
    return seconds < 0 ? VMBARE_FOREVER : vmbare_after(seconds);
}

/* One sleep. False: the deadline has come. */
static bool sleep_until(struct vmbare_source *const what[], unsigned count,
                        uint64_t deadline)
{
    bool endless = deadline == VMBARE_FOREVER;
    uint64_t until = endless ? vmbare_after(LONG_SECONDS) : deadline;

    return vmbare_wait(what, count, until, NULL) == VMBARE_OK || endless;
}

/* Wait for a wake of one socket. 0, -ETIMEDOUT. */
static int await(struct net_socket *socket, uint64_t deadline)
{
    struct vmbare_source *what[] = {&socket->event.source};

    return sleep_until(what, 1, deadline) ? 0 : -ETIMEDOUT;
}

/* ---- connections --------------------------------------------------------- */

/* Ask again and again, with a sleep in between, what cannot be answered yet. */
static int repeat(struct net_socket *socket,
                  int (*once)(struct net_socket *socket, void *argument),
                  void *argument)
{
    uint64_t deadline = deadline_after(socket->seconds);
    int result;

    do {
        result = once(socket, argument);
        if (result != -EAGAIN)
            return result;
        result = await(socket, deadline);
    } while (!result);
    return result;
}

/* The first call begins, the others ask what has become of it. */
static int connect_once(struct net_socket *socket, void *to)
{
    return socket->operations->connect(socket->end, to);
}

int net_connect(int s, const struct net_address *to)
{
    struct net_socket *socket = net_find(s);
    struct net_address copy = *to;

    if (!socket)
        return net_result(-EBADF);
    if (!socket->operations->connect)
        return net_result(-EOPNOTSUPP);
    return net_result(repeat(socket, connect_once, &copy));
}

/* The new socket has its number before the family passes the connection on, so
 * that nothing of it is lost in between: from then on it wakes that number. If
 * there is no connection yet, the number is given back, which costs little. */
static int accept_once(struct net_socket *socket, void *from)
{
    const struct net_operations *operations = socket->operations;
    int s = net_reserve(operations), result;
    struct net_socket *accepted;

    if (s < 0)
        return s;
    accepted = net_find(s);
    result = operations->accept(socket->end, s, &accepted->end);
    if (result) {
        net_release(s);
        return result;
    }
    /* The other end may have gone already; then its address stays empty. */
    if (from) {
        memset(from, 0, sizeof(struct net_address));
        (void)operations->name(accepted->end, true, from);
    }
    return s;
}

int net_accept(int s, struct net_address *from)
{
    struct net_socket *socket = net_find(s);

    if (!socket)
        return net_result(-EBADF);
    if (!socket->operations->accept)
        return net_result(-EOPNOTSUPP);
    return net_result(repeat(socket, accept_once, from));
}

/* ---- data ---------------------------------------------------------------- */

/* What the family takes at once comes back as a count; the rest waits. An error
 * after some bytes is told by the next call. Fewer bytes than were asked for
 * mean that the time is over or the connection is. */
static ssize_t send_all(struct net_socket *socket, const uint8_t *bytes,
                        size_t size, const struct net_address *to)
{
    uint64_t deadline = deadline_after(socket->seconds);
    size_t sent = 0;
    ssize_t result;

    do {
        result = socket->operations->send(socket->end, bytes + sent,
                                          size - sent, to);
        if (result >= 0)
            sent += (size_t)result;
        else if (result != -EAGAIN)
            break;
        if (sent == size)
            break;
        result = await(socket, deadline);
    } while (!result);
    return sent || result >= 0 ? (ssize_t)sent : result;
}

ssize_t net_sendto(int s, const void *bytes, size_t size,
                   const struct net_address *to)
{
    struct net_socket *socket = net_find(s);
    ssize_t result = socket ? send_all(socket, bytes, size, to) : -EBADF;

    if (result >= 0)
        return result;
    return net_result((int)result);
}

ssize_t net_send(int s, const void *bytes, size_t size)
{
    return net_sendto(s, bytes, size, NULL);
}

/* One datagram, or what there is of a stream: more may come, and whoever wants
 * a certain number of bytes asks again. */
static ssize_t receive_some(struct net_socket *socket, void *bytes, size_t size,
                            struct net_address *from)
{
    uint64_t deadline = deadline_after(socket->seconds);
    ssize_t result;

    for (;;) {
        result = socket->operations->recv(socket->end, bytes, size, from);
        if (result != -EAGAIN)
            return result;
        if (await(socket, deadline))
            return -ETIMEDOUT;
    }
}

ssize_t net_recvfrom(int s, void *bytes, size_t size, struct net_address *from)
{
    struct net_socket *socket = net_find(s);
    ssize_t result = -EBADF;

    if (from)
        memset(from, 0, sizeof(*from));
    if (socket)
        result = receive_some(socket, bytes, size, from);
    if (result >= 0)
        return result;
    return net_result((int)result);
}

ssize_t net_recv(int s, void *bytes, size_t size)
{
    return net_recvfrom(s, bytes, size, NULL);
}

/* ---- several sockets ----------------------------------------------------- */

/* How many are ready now; -EBADF. Fills in what to sleep for. */
static int look(struct net_poll *polls, unsigned count,
                struct vmbare_source *what[])
{
    int ready = 0;

    for (unsigned i = 0; i < count; i++) {
        struct net_socket *socket = net_find(polls[i].socket);

        if (!socket)
            return -EBADF;
        what[i] = &socket->event.source;
        polls[i].ready = socket->operations->ready(socket->end) &
                         (polls[i].wanted | NET_FAILED);
        ready += polls[i].ready != 0;
    }
    return ready;
}

/* After the deadline it looks once more: something may have come with it. */
int net_poll(struct net_poll *polls, unsigned count, double seconds)
{
    struct vmbare_source *what[NET_POLL_MOST];
    uint64_t deadline = deadline_after(seconds);
    bool late = false;

    if (!count || count > NET_POLL_MOST)
        return net_result(-EINVAL);
    for (;;) {
        int ready = look(polls, count, what);

        if (ready || late)
            return net_result(ready);
        late = !sleep_until(what, count, deadline);
    }
}
