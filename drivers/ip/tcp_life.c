/* SPDX-License-Identifier: BSD-2-Clause */
/* How an end of TCP begins and ends (tcp.c). */
#include <lwip/tcp.h>
#include <stdlib.h>

#include "drivers/ip/tcp_end.h"

/* Nobody goes on with the connection: lwIP ends it, with a reset where data was
 * not read. */
void tcp_end_let_go(struct tcp_end *t)
{
    struct tcp_pcb *pcb = t->pcb;

    if (!pcb)
        return;
    if (t->state != TCP_LISTENS)
        tcp_end_detach(t);
    t->pcb = NULL;
    if (tcp_close(pcb) != ERR_OK)
        tcp_abort(pcb);
}

void tcp_end_free(struct tcp_end *t)
{
    ip_end_remove(&t->end);
    ip_fifo_free(&t->in);
    free(t);
}

/* Nobody will accept these: each is told of a reset, or of the end. */
void tcp_end_drop_accepted(struct tcp_end *t)
{
    struct tcp_end *next;

    while ((next = t->accepted) != NULL) {
        t->accepted = next->later;
        if (next->pcb)
            tcp_backlog_accepted(next->pcb);
        tcp_end_let_go(next);
        tcp_end_free(next);
    }
}

/* The network stops. No packet can leave any more, so nothing is closed in an
 * orderly way. */
static void down(struct net_end *end)
{
    struct tcp_end *t = tcp_end_of(end);
    struct tcp_pcb *pcb = t->pcb;

    tcp_end_drop_accepted(t);
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
struct tcp_end *tcp_end_new(const struct net_operations *type, int family,
                            int s)
{
    struct tcp_end *t = calloc(1, sizeof(*t));

    if (!t)
        return NULL;
    t->end.type = type;
    t->end.family = family;
    t->end.s = s;
    t->end.down = down;
    ip_end_add(&t->end);
    return t;
}
