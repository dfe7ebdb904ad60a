/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Sockets of UDP on lwIP's raw interface (ends.h). Datagrams wait in a queue
 * with two bounds; one that comes when it is full is dropped, as on a wire.
 *
 * Each is copied out of lwIP's buffer when it comes, so that a reader who never
 * reads holds no more than the queue's bound. Sending does not wait either: it
 * works or fails at once, and nobody is told what becomes of the datagram.
 */
#include <errno.h>
#include <lwip/udp.h>
#include <stdlib.h>
#include <string.h>

#include "drivers/ip/ends.h"

#define WAITING_MOST  64u
#define BYTES_MOST    262144u
#define DATAGRAM_MOST 65507u /* 65,535 less the headers of IPv4 and UDP */

struct datagram {
    struct datagram *next;
    struct net_address from;
    size_t size;
    uint8_t bytes[];
};

struct udp_end {
    struct net_end end;
    struct udp_pcb *pcb;
    struct datagram *first, **last;
    unsigned count;
    size_t size; /* bytes of all that wait */
};

/* The end that sockets know is the first member of ours. */
static struct udp_end *of(struct net_end *end)
{
    return (struct udp_end *)end;
}

/* ---- what arrives -------------------------------------------------------- */

/* lwIP gives the buffer away, and it is freed here in each case. */
static void on_datagram(void *context, struct udp_pcb *pcb, struct pbuf *p,
                        const ip_addr_t *from, uint16_t port)
{
    struct udp_end *u = context;
    struct datagram *new = NULL;

    (void)pcb;
    if (u->count < WAITING_MOST && u->size + p->tot_len <= BYTES_MOST)
        new = malloc(sizeof(*new) + p->tot_len);
    if (new) {
        new->next = NULL;
        new->size = pbuf_copy_partial(p, new->bytes, p->tot_len, 0);
        ip_address_out(from, port, &new->from);
        *u->last = new;
        u->last = &new->next;
        u->count++;
        u->size += new->size;
        net_wake(u->end.s);
    }
    pbuf_free(p);
}

/* The oldest one, which the caller frees; NULL: there is none. */
static struct datagram *take(struct udp_end *u)
{
    struct datagram *first = u->first;

    if (!first)
        return NULL;
    u->first = first->next;
    if (!u->first)
        u->last = &u->first;
    u->count--;
    u->size -= first->size;
    return first;
}

/* ---- opening and closing ------------------------------------------------- */

/* What has arrived stays, and can still be read. */
static void down(struct net_end *end)
{
    struct udp_end *u = of(end);

    if (u->pcb)
        udp_remove(u->pcb);
    u->pcb = NULL;
}

/* Datagrams that nobody has read are dropped. */
static void udp_end_close(struct net_end *end)
{
    struct udp_end *u = of(end);
    struct datagram *one;

    down(end);
    while ((one = take(u)) != NULL)
        free(one);
    ip_end_remove(end);
    free(u);
}

/* A socket of IPv6 takes datagrams of IPv4, too. Without a bind lwIP chooses
 * the port when the first datagram is sent. */
static int udp_end_open(int family, int type, int s, struct net_end **end)
{
    struct udp_end *u = calloc(1, sizeof(*u));

    (void)type;
    if (!u)
        return -ENOMEM;
    u->pcb =
        udp_new_ip_type(family == NET_IPV4 ? IPADDR_TYPE_V4 : IPADDR_TYPE_ANY);
    if (!u->pcb) {
        free(u);
        return -ENOBUFS;
    }
    u->last = &u->first;
    u->end.type = &ip_udp_operations;
    u->end.family = family;
    u->end.s = s;
    u->end.down = down;
    udp_recv(u->pcb, on_datagram, u);
    ip_end_add(&u->end);
    *end = &u->end;
    return 0;
}

/* ---- ends ---------------------------------------------------------------- */

/* An end that has sent already has a port: it cannot get another. */
static int udp_end_bind(struct net_end *end, const struct net_address *address)
{
    struct udp_end *u = of(end);
    ip_addr_t ip;
    int result = ip_address_in(end->family, address, &ip);

    if (result)
        return result;
    if (u->pcb->local_port)
        return -EINVAL;
    return ip_errno(udp_bind(u->pcb, &ip, (uint16_t)address->port));
}

/* lwIP then drops what comes from anybody else, as BSD does. */
static int udp_end_connect(struct net_end *end, const struct net_address *to)
{
    ip_addr_t ip;
    int result = ip_address_in(end->family, to, &ip);

    if (!result && (!to->port || ip_addr_isany(&ip)))
        result = -EINVAL;
    if (result)
        return result;
    return ip_errno(udp_connect(of(end)->pcb, &ip, (uint16_t)to->port));
}

/* Only a connected end knows the other one. */
static int udp_end_name(struct net_end *end, bool other,
                        struct net_address *address)
{
    struct udp_pcb *pcb = of(end)->pcb;

    if (!pcb || (other && !(pcb->flags & UDP_FLAGS_CONNECTED)))
        return -ENOTCONN;
    if (other)
        ip_address_out(&pcb->remote_ip, pcb->remote_port, address);
    else
        ip_address_out(&pcb->local_ip, pcb->local_port, address);
    return 0;
}

/* ---- data ---------------------------------------------------------------- */

/* lwIP sends a datagram as a whole, in fragments if it must. */
static err_t send_to(struct udp_pcb *pcb, struct pbuf *p, const ip_addr_t *ip,
                     uint16_t port)
{
    return ip ? udp_sendto(pcb, p, ip, port) : udp_send(pcb, p);
}

/* lwIP cuts what is longer than the network takes into fragments. */
static ssize_t udp_end_send(struct net_end *end, const void *bytes, size_t size,
                            const struct net_address *to)
{
    struct udp_end *u = of(end);
    ip_addr_t ip;
    struct pbuf *p;
    int result = to ? ip_address_in(end->family, to, &ip) : 0;

    if (result)
        return result;
    if (!to && !(u->pcb->flags & UDP_FLAGS_CONNECTED))
        return -ENOTCONN;
    if (size > DATAGRAM_MOST)
        return -EMSGSIZE;
    p = pbuf_alloc(PBUF_TRANSPORT, (uint16_t)size, PBUF_RAM);
    if (!p)
        return -ENOBUFS;
    (void)pbuf_take(p, bytes, (uint16_t)size);
    result = ip_errno(
        send_to(u->pcb, p, to ? &ip : NULL, to ? (uint16_t)to->port : 0));
    pbuf_free(p);
    return result ? result : (ssize_t)size;
}

/* One datagram for each call; of a longer one the end is lost, as with BSD. */
static ssize_t udp_end_recv(struct net_end *end, void *bytes, size_t size,
                            struct net_address *from)
{
    struct datagram *one = take(of(end));

    if (!one)
        return -EAGAIN;
    if (size > one->size)
        size = one->size;
    memcpy(bytes, one->bytes, size);
    if (from)
        *from = one->from;
    free(one);
    return (ssize_t)size;
}

/* A datagram can always be sent: what has no room is lost. */
static uint32_t udp_end_ready(struct net_end *end)
{
    return (of(end)->first ? NET_READABLE : 0u) |
           (of(end)->pcb ? NET_WRITABLE : 0u);
}

const struct net_operations ip_udp_operations = {
    .open = udp_end_open,
    .close = udp_end_close,
    .bind = udp_end_bind,
    .connect = udp_end_connect,
    .name = udp_end_name,
    .send = udp_end_send,
    .recv = udp_end_recv,
    .ready = udp_end_ready,
};
