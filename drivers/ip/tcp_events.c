/* SPDX-License-Identifier: BSD-2-Clause */
/* What lwIP tells of a TCP connection: data, its end, room, a failure (tcp.c).
 */
#include <errno.h>
#include <lwip/tcp.h>

#include "drivers/ip/tcp_end.h"

/* The window opens by what was read. lwIP takes 16 bits of it at a time. */
void tcp_end_taken(struct tcp_end *t, size_t size)
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
void tcp_end_detach(struct tcp_end *t)
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
            tcp_end_detach(t);
    } else if (t->halves & NO_RECV) {
        tcp_end_taken(t, p->tot_len);
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
err_t tcp_end_connected(void *context, struct tcp_pcb *pcb, err_t error)
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
void tcp_end_attach(struct tcp_end *t, struct tcp_pcb *pcb)
{
    t->pcb = pcb;
    tcp_arg(pcb, t);
    tcp_recv(pcb, on_data);
    tcp_sent(pcb, on_room);
    tcp_err(pcb, on_failure);
    tcp_nagle_disable(pcb);
}
