/* SPDX-License-Identifier: BSD-2-Clause */
/* TCP ends that listen, and the connections that wait to be accepted (tcp.c).
 */
#include <errno.h>
#include <lwip/tcp.h>

#include "drivers/ip/tcp_end.h"

/* A server that was closed may begin again at once, although connections of the
 * one before still wait for late packets. */
int tcp_end_bind(struct net_end *end, const struct net_address *address)
{
    struct tcp_end *t = tcp_end_of(end);
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
    new = tcp_end_new(t->end.type, t->end.family, -1);
    if (!new)
        return ERR_MEM; /* lwIP resets it */
    tcp_end_attach(new, pcb);
    new->state = TCP_CONNECTED;
    tcp_backlog_delayed(pcb);
    while (*last)
        last = &(*last)->later;
    *last = new;
    net_wake(t->end.s);
    return ERR_OK;
}

/* A listening end has no data; its callbacks for it are never called. */
int tcp_end_listen(struct net_end *end, unsigned backlog)
{
    struct tcp_end *t = tcp_end_of(end);
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
int tcp_end_accept(struct net_end *end, int s, struct net_end **accepted)
{
    struct tcp_end *t = tcp_end_of(end), *first = t->accepted;

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
