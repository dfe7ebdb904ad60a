/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * main() computes and calls nothing that waits, while an echo is served by
 * callbacks of lwIP's raw interface (net.h). Whatever is answered meanwhile was
 * answered by deferred work. The client ends it, so nothing here is about time.
 */
#include <lwip/tcp.h>
#include <string.h>

#include "drivers/ip.h"
#include "net.h"

#define PORT 77

static volatile bool stopped;

/* Small pieces: what has no room in the send buffer ends the connection. */
static err_t received(void *context, struct tcp_pcb *pcb, struct pbuf *p,
                      err_t error)
{
    (void)context;
    (void)error;
    if (!p)
        return tcp_close(pcb);
    if (p->tot_len >= 4 && pbuf_memcmp(p, 0, "stop", 4) == 0)
        stopped = true;
    for (struct pbuf *q = p; q; q = q->next)
        if (tcp_write(pcb, q->payload, q->len, TCP_WRITE_FLAG_COPY) != ERR_OK) {
            pbuf_free(p);
            tcp_abort(pcb);
            return ERR_ABRT;
        }
    tcp_recved(pcb, p->tot_len);
    pbuf_free(p);
    return tcp_output(pcb);
}

static err_t accepted(void *context, struct tcp_pcb *pcb, err_t error)
{
    (void)context;
    if (error == ERR_OK)
        tcp_recv(pcb, received);
    return error;
}

static struct tcp_pcb *listener_start(void)
{
    struct tcp_pcb *pcb, *listener = NULL;

    ip_enter();
    pcb = tcp_new_ip_type(IPADDR_TYPE_ANY);
    if (pcb && tcp_bind(pcb, IP_ANY_TYPE, PORT) == ERR_OK)
        listener = tcp_listen(pcb);
    if (listener)
        tcp_accept(listener, accepted);
    else if (pcb)
        (void)tcp_close(pcb);
    ip_leave();
    return listener;
}

uint64_t busy_until_stop(int told)
{
    struct tcp_pcb *listener = listener_start();
    uint64_t value = 88172645463325252u;

    stopped = false;
    if (!listener || !serve_send(told, "computing\n", 10))
        return 0;
    while (!stopped) {
        value ^= value << 13;
        value ^= value >> 7;
        value ^= value << 17;
    }
    ip_enter();
    (void)tcp_close(listener);
    ip_leave();
    return value | UINT64_C(1) << 32;
}
