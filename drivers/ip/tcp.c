/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Sockets of TCP on lwIP's raw interface (ends.h). lwIP calls back when data, a
 * connection, room or a failure has come; that is noted, and the socket woken.
 *
 * lwIP frees a pcb by itself when its connection fails; then `pcb` is NULL, and
 * what had arrived can still be read.
 *
 * The window is what the other end may send without asking. It shrinks by what
 * arrives and grows by what net_recv() takes, so a reader that is slow stops
 * the sender, and what waits here is never more than TCP_WND.
 *
 * A connection is there when lwIP has answered its SYN, which may be long
 * before net_accept(). So it is an end of its own from then on, without a
 * number, and keeps what arrives; listening ends hold those in `accepted`.
 */
#include <errno.h>
#include <lwip/tcp.h>
#include <stdlib.h>
#include <string.h>

#include "drivers/ip/ends.h"
#include "drivers/ip/fifo.h"

enum tcp_state_of_end {
    TCP_NEW,
    TCP_LISTENS,
    TCP_CONNECTING,
    TCP_ANSWERED, /* connected, and net_connect() does not know yet */
    TCP_CONNECTED,
};

/* What is over of a connection. */
enum half {
    ENDED = 1,   /* the other end sends no more */
    NO_RECV = 2, /* net_shutdown() */
    NO_SEND = 4,
};

struct tcp_end {
    struct net_end end;
    struct tcp_pcb *pcb;
    enum tcp_state_of_end state;
    struct ip_fifo in;
    uint32_t halves;          /* enum half: those that are closed */
    struct tcp_end *accepted; /* wait for net_accept(), the oldest first */
    struct tcp_end *later;    /* the next of these */
};

static struct tcp_end *of(struct net_end *end)
{
    return (struct tcp_end *)end;
}

/* ---- what lwIP tells
 * ---------------------------------------------------------- */

/* The window opens by what was read. lwIP takes 16 bits of it at a time. */
static void taken(struct tcp_end *t, size_t size)
{
    while (t->pcb && size) {
        uint16_t part = size < UINT16_MAX ? (uint16_t)size : UINT16_MAX;

        tcp_recved(t->pcb, part);
        size -= part;
    }
}

/* Both halves are closed. lwIP sends what is left and frees the pcb without a
 * word (a connection that waits for late packets has no callbacks), so it must
 * not be known here any more. */
static void detach(struct tcp_end *t)
{
    tcp_arg(t->pcb, NULL);
    tcp_recv(t->pcb, NULL);
    tcp_sent(t->pcb, NULL);
    tcp_err(t->pcb, NULL);
    t->pcb = NULL;
}

/* Data, or NULL for its end. Without memory lwIP keeps it and asks again. */
static err_t on_data(void *context, struct tcp_pcb *pcb, struct pbuf *p,
                     err_t error)
{
    struct tcp_end *t = context;

    (void)pcb;
    (void)error;
    if (!p) {
        t->halves |= ENDED;
        if (t->halves & NO_SEND)
            detach(t);
    } else if (t->halves & NO_RECV) {
        taken(t, p->tot_len);
        pbuf_free(p);
    } else {
        if (!ip_fifo_grow(&t->in, p->tot_len))
            return ERR_MEM;
        for (struct pbuf *q = p; q; q = q->next)
            ip_fifo_put(&t->in, q->payload, q->len);
        pbuf_free(p);
    }
    net_wake(t->end.s);
    return ERR_OK;
}

/* The other end has confirmed something: there is room in the send buffer. */
static err_t on_room(void *context, struct tcp_pcb *pcb, uint16_t size)
{
    struct tcp_end *t = context;

    (void)pcb;
    (void)size;
    net_wake(t->end.s);
    return ERR_OK;
}

/* Only success comes here; failures go to on_failure(). */
static err_t on_connected(void *context, struct tcp_pcb *pcb, err_t error)
{
    struct tcp_end *t = context;

    (void)pcb;
    (void)error;
    t->state = TCP_ANSWERED;
    net_wake(t->end.s);
    return ERR_OK;
}

/* The pcb is gone already. A reset while connecting is a refusal: RFC 9293. */
static void on_failure(void *context, err_t error)
{
    struct tcp_end *t = context;

    t->pcb = NULL;
    t->end.error = ip_errno(error);
    if (t->state == TCP_CONNECTING && error == ERR_RST)
        t->end.error = -ECONNREFUSED;
    net_wake(t->end.s);
}

/* Small packets are not kept back (RFC 896): who sends in pieces gathers them.
 */
static void attach(struct tcp_end *t, struct tcp_pcb *pcb)
{
    t->pcb = pcb;
    tcp_arg(pcb, t);
    tcp_recv(pcb, on_data);
    tcp_sent(pcb, on_room);
    tcp_err(pcb, on_failure);
    tcp_nagle_disable(pcb);
}

/* ---- opening and closing
 * -------------------------------------------------------*/

/* Nobody goes on with the connection: lwIP ends it, with a reset where data was
 * not read. */
static void let_go(struct tcp_end *t)
{
    struct tcp_pcb *pcb = t->pcb;

    if (!pcb)
        return;
    if (t->state != TCP_LISTENS)
        detach(t);
    t->pcb = NULL;
    if (tcp_close(pcb) != ERR_OK)
        tcp_abort(pcb);
}

static void end_free(struct tcp_end *t)
{
    ip_end_remove(&t->end);
    ip_fifo_free(&t->in);
    free(t);
}

/* Nobody will accept these: each is told of a reset, or of the end. */
static void drop_accepted(struct tcp_end *t)
{
    struct tcp_end *next;

    while ((next = t->accepted) != NULL) {
        t->accepted = next->later;
        if (next->pcb)
            tcp_backlog_accepted(next->pcb);
        let_go(next);
        end_free(next);
    }
}

/* The connection may live on without us: lwIP sends what it has, and the FIN.
 */
static void tcp_end_close(struct net_end *end)
{
    drop_accepted(of(end));
    let_go(of(end));
    end_free(of(end));
}

/* The network stops. No packet can leave any more, so nothing is closed in an
 * orderly way. */
static void down(struct net_end *end)
{
    struct tcp_end *t = of(end);
    struct tcp_pcb *pcb = t->pcb;

    drop_accepted(t);
    t->pcb = NULL;
    if (!pcb)
        return;
    tcp_arg(pcb, NULL);
    if (t->state == TCP_LISTENS) {
        (void)tcp_close(pcb);
        return;
    }
    tcp_err(pcb, NULL);
    tcp_abort(pcb);
}

/* Everything that can fail later has its end first, so that a failure finds
 * whom to tell. */
static struct tcp_end *end_new(int family, int s)
{
    struct tcp_end *t = calloc(1, sizeof(*t));

    if (!t)
        return NULL;
    t->end.type = &ip_tcp_operations;
    t->end.family = family;
    t->end.s = s;
    t->end.down = down;
    ip_end_add(&t->end);
    return t;
}

static int tcp_end_open(int family, int type, int s, struct net_end **end)
{
    struct tcp_end *t = end_new(family, s);
    struct tcp_pcb *pcb;

    (void)type;
    if (!t)
        return -ENOMEM;
    pcb =
        tcp_new_ip_type(family == NET_IPV4 ? IPADDR_TYPE_V4 : IPADDR_TYPE_ANY);
    if (!pcb) {
        end_free(t);
        return -ENOBUFS;
    }
    attach(t, pcb);
    *end = &t->end;
    return 0;
}

/* ---- servers
 * --------------------------------------------------------------------*/

/* A server that was closed may begin again at once, although connections of the
 * one before still wait for late packets. */
static int tcp_end_bind(struct net_end *end, const struct net_address *address)
{
    struct tcp_end *t = of(end);
    ip_addr_t ip;
    int result = ip_address_in(end->family, address, &ip);

    if (result)
        return result;
    if (t->state != TCP_NEW || t->pcb->local_port)
        return -EINVAL;
    ip_set_option(t->pcb, SOF_REUSEADDR);
    return ip_errno(tcp_bind(t->pcb, &ip, (uint16_t)address->port));
}

/* A connection is complete. It counts as one of the backlog until it is
 * accepted. */
static err_t on_accept(void *context, struct tcp_pcb *pcb, err_t error)
{
    struct tcp_end *t = context, *new, **last = &t->accepted;

    if (error != ERR_OK || !pcb)
        return ERR_VAL;
    new = end_new(t->end.family, -1);
    if (!new)
        return ERR_MEM; /* lwIP resets it */
    attach(new, pcb);
    new->state = TCP_CONNECTED;
    tcp_backlog_delayed(pcb);
    while (*last)
        last = &(*last)->later;
    *last = new;
    net_wake(t->end.s);
    return ERR_OK;
}

/* A listening end has no data; its callbacks for it are never called. */
static int tcp_end_listen(struct net_end *end, unsigned backlog)
{
    struct tcp_end *t = of(end);
    struct tcp_pcb *pcb;
    err_t error;

    if (t->state != TCP_NEW || !t->pcb->local_port)
        return -EINVAL;
    /* lwIP puts a smaller pcb into its place. */
    pcb = tcp_listen_with_backlog_and_err(t->pcb, (uint8_t)backlog, &error);
    if (!pcb)
        return ip_errno(error);
    t->pcb = pcb;
    t->state = TCP_LISTENS;
    tcp_accept(pcb, on_accept);
    return 0;
}

/* From now on the connection wakes its own number. What has arrived before is
 * there to be read; no wake is needed for it, because a call looks first. */
static int tcp_end_accept(struct net_end *end, int s, struct net_end **accepted)
{
    struct tcp_end *t = of(end), *first = t->accepted;

    if (t->state != TCP_LISTENS)
        return -EINVAL;
    if (!first)
        return -EAGAIN;
    t->accepted = first->later;
    first->later = NULL;
    first->end.s = s;
    if (first->pcb)
        tcp_backlog_accepted(first->pcb);
    *accepted = &first->end;
    return 0;
}

/* ---- clients
 * --------------------------------------------------------------------*/

/* Sends the SYN. Port 0 and any address are nobody's. */
static int begin(struct tcp_end *t, const struct net_address *to)
{
    ip_addr_t ip;
    int result = ip_address_in(t->end.family, to, &ip);

    if (!result && (!to->port || ip_addr_isany(&ip)))
        result = -EINVAL;
    if (!result)
        result = ip_errno(
            tcp_connect(t->pcb, &ip, (uint16_t)to->port, on_connected));
    if (result)
        return result;
    t->state = TCP_CONNECTING;
    return -EAGAIN;
}

/* The first call sends, later ones tell what has come of it. The one that tells
 * of success ends the connecting; a further one is a mistake of the caller. */
static int tcp_end_connect(struct net_end *end, const struct net_address *to)
{
    struct tcp_end *t = of(end);

    switch (t->state) {
    case TCP_NEW:
        return begin(t, to);
    case TCP_CONNECTING:
        return -EAGAIN;
    case TCP_ANSWERED:
        t->state = TCP_CONNECTED;
        return 0;
    case TCP_CONNECTED:
        return -EISCONN;
    default:
        return -EINVAL;
    }
}

/* A connection that has failed or ended has no ends any more. */
static int tcp_end_name(struct net_end *end, bool other,
                        struct net_address *address)
{
    struct tcp_end *t = of(end);

    if (!t->pcb || (other && t->state != TCP_CONNECTED))
        return -ENOTCONN;
    if (other)
        ip_address_out(&t->pcb->remote_ip, t->pcb->remote_port, address);
    else
        ip_address_out(&t->pcb->local_ip, t->pcb->local_port, address);
    return 0;
}

/* ---- data
 * ------------------------------------------------------------------------*/

/* How many bytes lwIP takes at once: the room that the other end and its own
 * buffer leave, and 16 bits. */
static ssize_t write_some(struct tcp_end *t, const void *bytes, size_t size)
{
    size_t room = tcp_sndbuf(t->pcb);
    err_t error;

    if (size > room)
        size = room;
    if (size > UINT16_MAX)
        size = UINT16_MAX;
    if (!size)
        return -EAGAIN;
    error = tcp_write(t->pcb, bytes, (uint16_t)size, TCP_WRITE_FLAG_COPY);
    /* With segments under way their confirmation brings memory back. */
    if (error == ERR_MEM && tcp_sndqueuelen(t->pcb))
        return -EAGAIN;
    return error == ERR_OK ? (ssize_t)size : ip_errno(error);
}

/* As much as goes at once; drivers/sockets comes again with the rest. */
static ssize_t tcp_end_send(struct net_end *end, const void *bytes, size_t size,
                            const struct net_address *to)
{
    struct tcp_end *t = of(end);
    ssize_t sent = 0, result = 0;

    if (to)
        return -EISCONN;
    if (t->state != TCP_CONNECTED)
        return -ENOTCONN;
    if (t->halves & NO_SEND)
        return -EPIPE;
    while ((size_t)sent < size) {
        result =
            write_some(t, (const uint8_t *)bytes + sent, size - (size_t)sent);
        if (result < 0)
            break;
        sent += result;
    }
    if (sent)
        (void)tcp_output(t->pcb); /* what fails is sent again by its timer */
    return sent ? sent : result;
}

/* Reads what has arrived, also after the end or a failure. */
static ssize_t tcp_end_recv(struct net_end *end, void *bytes, size_t size,
                            struct net_address *from)
{
    struct tcp_end *t = of(end);
    size_t count;

    if (t->state != TCP_CONNECTED)
        return t->end.error ? t->end.error : -ENOTCONN;
    count = ip_fifo_take(&t->in, bytes, size);
    taken(t, count);
    if (from && t->pcb)
        ip_address_out(&t->pcb->remote_ip, t->pcb->remote_port, from);
    if (count || !size || (t->halves & NO_RECV))
        return (ssize_t)count;
    return t->halves & ENDED ? 0 : -EAGAIN;
}

/* A FIN for the half that sends. The other half has no message in TCP: what
 * arrives from now on is confirmed and dropped. */
static int tcp_end_shutdown(struct net_end *end, enum net_half half)
{
    struct tcp_end *t = of(end);
    int result = 0;

    if (t->state != TCP_CONNECTED)
        return -ENOTCONN;
    if (half != NET_NO_RECV && !(t->halves & NO_SEND) && t->pcb)
        result = ip_errno(tcp_shutdown(t->pcb, 0, 1));
    if (result)
        return result;
    if (half != NET_NO_RECV)
        t->halves |= NO_SEND;
    if (half != NET_NO_SEND)
        t->halves |= NO_RECV;
    if ((t->halves & NO_SEND) && (t->halves & ENDED) && t->pcb)
        detach(t);
    /* What was not read is dropped, so that the other end can go on sending. */
    if (t->halves & NO_RECV)
        taken(t, ip_fifo_take(&t->in, NULL, SIZE_MAX));
    return 0;
}

/* What a call would find now. It may be otherwise when the call comes, for
 * better only: what is readable stays so until somebody reads. */
static uint32_t tcp_end_ready(struct net_end *end)
{
    struct tcp_end *t = of(end);
    uint32_t ready = 0;

    if (t->accepted || t->in.count || (t->halves & (ENDED | NO_RECV)))
        ready |= NET_READABLE;
    if (t->pcb && t->state == TCP_CONNECTED && !(t->halves & NO_SEND) &&
        tcp_sndbuf(t->pcb))
        ready |= NET_WRITABLE;
    return ready;
}

const struct net_operations ip_tcp_operations = {
    .open = tcp_end_open,
    .close = tcp_end_close,
    .bind = tcp_end_bind,
    .listen = tcp_end_listen,
    .accept = tcp_end_accept,
    .connect = tcp_end_connect,
    .name = tcp_end_name,
    .send = tcp_end_send,
    .recv = tcp_end_recv,
    .shutdown = tcp_end_shutdown,
    .ready = tcp_end_ready,
};
