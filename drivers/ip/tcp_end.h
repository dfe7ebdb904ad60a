/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the files of TCP's ends share (tcp.c): one end, and what lwIP tells of
 * it. All of it runs under the stack's lock.
 */
#ifndef DRIVERS_IP_TCP_END_H
#define DRIVERS_IP_TCP_END_H

#include <lwip/tcp.h>

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

static inline struct tcp_end *tcp_end_of(struct net_end *end)
{
    return (struct tcp_end *)end;
}

/* ---- tcp_events.c */

/* Connects the end with lwIP's pcb, whose callbacks are its from now on. */
void tcp_end_attach(struct tcp_end *t, struct tcp_pcb *pcb);

/* Forgets the pcb, which lwIP frees when both halves are over. */
void tcp_end_detach(struct tcp_end *t);

/* Tells the other end that `size` bytes were read. */
void tcp_end_taken(struct tcp_end *t, size_t size);

/* For tcp_connect() alone. */
err_t tcp_end_connected(void *context, struct tcp_pcb *pcb, err_t error);

/* ---- tcp_life.c */

/* Returns an end with these operations, of `family`, with the number s, -1:
 * none yet; NULL: no memory. */
struct tcp_end *tcp_end_new(const struct net_operations *type, int family,
                            int s);

/* Gives the end's memory back; its pcb has gone. */
void tcp_end_free(struct tcp_end *t);

/* Ends the connection, which nobody goes on with. */
void tcp_end_let_go(struct tcp_end *t);

/* Ends the connections that wait to be accepted. */
void tcp_end_drop_accepted(struct tcp_end *t);

/* ---- tcp_server.c and tcp_data.c: operations of an end (sockets.h) */

/* Takes an own address. -EINVAL: it has one, or is no new end; others: lwIP's.
 */
int tcp_end_bind(struct net_end *end, const struct net_address *address);

/* Listens from now on. -EINVAL: no address, or no new end; others: lwIP's. */
int tcp_end_listen(struct net_end *end, unsigned backlog);

/* Gives the oldest connection the number s. -EAGAIN: none waits; -EINVAL: the
 * end does not listen. */
int tcp_end_accept(struct net_end *end, int s, struct net_end **accepted);

/* Returns how many bytes lwIP has copied. -EAGAIN: no room; -EISCONN: `to` is
 * given; -ENOTCONN; -EPIPE: its half is closed; others: lwIP's. */
ssize_t tcp_end_send(struct net_end *end, const void *bytes, size_t size,
                     const struct net_address *to);

/* Returns how many bytes it has read, 0: the other end has closed its half.
 * -EAGAIN: none yet; -ENOTCONN; others: how the connection failed. */
ssize_t tcp_end_recv(struct net_end *end, void *bytes, size_t size,
                     struct net_address *from);

/* Closes one half or both. -ENOTCONN: no connection; others: lwIP's. */
int tcp_end_shutdown(struct net_end *end, enum net_half half);

#endif
