/* SPDX-License-Identifier: BSD-2-Clause */
/* Sending and receiving on a TCP connection, and closing its halves (tcp.c). */
#include <errno.h>
#include <lwip/tcp.h>

#include "drivers/ip/tcp_end.h"

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
ssize_t tcp_end_send(struct net_end *end, const void *bytes, size_t size,
                     const struct net_address *to)
{
    struct tcp_end *t = tcp_end_of(end);
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
ssize_t tcp_end_recv(struct net_end *end, void *bytes, size_t size,
                     struct net_address *from)
{
    struct tcp_end *t = tcp_end_of(end);
    size_t count;

    if (t->state != TCP_CONNECTED)
        return t->end.error ? t->end.error : -ENOTCONN;
    count = ip_fifo_take(&t->in, bytes, size);
    tcp_end_taken(t, count);
    if (from && t->pcb)
        ip_address_out(&t->pcb->remote_ip, t->pcb->remote_port, from);
    if (count || !size || (t->halves & NO_RECV))
        return (ssize_t)count;
    return t->halves & ENDED ? 0 : -EAGAIN;
}

/* A FIN for the half that sends. The other half has no message in TCP: what
 * arrives from now on is confirmed and dropped. */
int tcp_end_shutdown(struct net_end *end, enum net_half half)
{
    struct tcp_end *t = tcp_end_of(end);
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
        tcp_end_detach(t);
    /* What was not read is dropped, so that the other end can go on sending. */
    if (t->halves & NO_RECV)
        tcp_end_taken(t, ip_fifo_take(&t->in, NULL, SIZE_MAX));
    return 0;
}
