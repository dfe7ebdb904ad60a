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

#include "drivers/ip/tcp_end.h"

/* The connection may live on without us: lwIP sends what it has, and the FIN.
 */
static void tcp_end_close(struct net_end *end)
{
    tcp_end_drop_accepted(tcp_end_of(end));
    tcp_end_let_go(tcp_end_of(end));
    tcp_end_free(tcp_end_of(end));
}

static int tcp_end_open(int family, int type, int s, struct net_end **end)
{
    struct tcp_end *t = tcp_end_new(&ip_tcp_operations, family, s);
    struct tcp_pcb *pcb;

    (void)type;
    if (!t)
        return -ENOMEM;
    pcb =
        tcp_new_ip_type(family == NET_IPV4 ? IPADDR_TYPE_V4 : IPADDR_TYPE_ANY);
    if (!pcb) {
        tcp_end_free(t);
        return -ENOBUFS;
    }
    tcp_end_attach(t, pcb);
    *end = &t->end;
    return 0;
}

/* Sends the SYN. Port 0 and any address are nobody's. */
static int begin(struct tcp_end *t, const struct net_address *to)
{
    ip_addr_t ip;
    int result = ip_address_in(t->end.family, to, &ip);

    if (!result && (!to->port || ip_addr_isany(&ip)))
        result = -EINVAL;
    if (!result)
        result = ip_errno(
            tcp_connect(t->pcb, &ip, (uint16_t)to->port, tcp_end_connected));
    if (result)
        return result;
    t->state = TCP_CONNECTING;
    return -EAGAIN;
}

/* The first call sends, later ones tell what has come of it. The one that tells
 * of success ends the connecting; a further one is a mistake of the caller. */
static int tcp_end_connect(struct net_end *end, const struct net_address *to)
{
    struct tcp_end *t = tcp_end_of(end);

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
    struct tcp_end *t = tcp_end_of(end);

    if (!t->pcb || (other && t->state != TCP_CONNECTED))
        return -ENOTCONN;
    if (other)
        ip_address_out(&t->pcb->remote_ip, t->pcb->remote_port, address);
    else
        ip_address_out(&t->pcb->local_ip, t->pcb->local_port, address);
    return 0;
}

/* What a call would find now. It may be otherwise when the call comes, for
 * better only: what is readable stays so until somebody reads. */
static uint32_t tcp_end_ready(struct net_end *end)
{
    struct tcp_end *t = tcp_end_of(end);
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
