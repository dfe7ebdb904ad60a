/* SPDX-License-Identifier: BSD-2-Clause */
/* The table of one stack (side.h), and small applications on lwIP's raw
 * interface. */
#include "side.h"

#include <stdlib.h>
#include <string.h>

#include "drivers/ip/private.h"
#include <lwip/stats.h>
#include <lwip/tcp.h>
#include <lwip/udp.h>
#include "vmbare.h"

static struct side_results results;
static uint32_t left; /* bytes that pour() has still to send */

/* ---- a server of TCP that adds up ---------------------------------------- */

static err_t sink_received(void *context, struct tcp_pcb *pcb, struct pbuf *p,
                           err_t error)
{
    (void)context;
    (void)error;
    if (!p) {
        results.ended = true;
        return tcp_close(pcb);
    }
    for (struct pbuf *q = p; q; q = q->next) {
        results.crc = vmbare_crc32(results.crc, q->payload, q->len);
        results.received += q->len;
    }
    tcp_recved(pcb, p->tot_len);
    pbuf_free(p);
    return ERR_OK;
}

static void sink_failed(void *context, err_t error)
{
    (void)context;
    (void)error;
    results.failed = true;
}

static err_t sink_accepted(void *context, struct tcp_pcb *pcb, err_t error)
{
    (void)context;
    if (error != ERR_OK)
        return error;
    tcp_recv(pcb, sink_received);
    tcp_err(pcb, sink_failed);
    return ERR_OK;
}

static struct tcp_pcb *listener;

static void sink(uint16_t port)
{
    struct tcp_pcb *pcb;

    memset(&results, 0, sizeof(results));
    ip_enter();
    if (listener)
        (void)tcp_close(listener);
    pcb = tcp_new_ip_type(IPADDR_TYPE_ANY);
    if (tcp_bind(pcb, IP_ANY_TYPE, port) != ERR_OK)
        abort();
    listener = tcp_listen(pcb);
    tcp_accept(listener, sink_accepted);
    ip_leave();
}

/* A link-local address alone does not say on which link. */
static ip_addr_t address_of(const char *text)
{
    ip_addr_t address;

    if (!ipaddr_aton(text, &address))
        abort();
    if (IP_IS_V6(&address) &&
        ip6_addr_lacks_zone(ip_2_ip6(&address), IP6_UNICAST))
        ip6_addr_assign_zone(ip_2_ip6(&address), IP6_UNICAST,
                             &ip_interface.netif);
    return address;
}

/* ---- a client of TCP that pours ------------------------------------------ */

static err_t pour_more(void *context, struct tcp_pcb *pcb, uint16_t length)
{
    static uint8_t block[4096];

    (void)context;
    (void)length;
    while (left && tcp_sndbuf(pcb)) {
        uint32_t size = left < sizeof(block) ? left : sizeof(block);

        if (size > tcp_sndbuf(pcb))
            size = tcp_sndbuf(pcb);
        for (uint32_t i = 0; i < size; i++)
            block[i] = (uint8_t)((results.sent + i) * 2654435761u >> 24);
        if (tcp_write(pcb, block, (uint16_t)size, TCP_WRITE_FLAG_COPY) !=
            ERR_OK)
            break;
        results.sent_crc = vmbare_crc32(results.sent_crc, block, size);
        results.sent += size;
        left -= size;
    }
    if (!left && !results.closed) {
        results.closed = true;
        tcp_sent(pcb, NULL);
        (void)tcp_close(pcb);
        return ERR_OK;
    }
    return tcp_output(pcb);
}

static err_t pour_connected(void *context, struct tcp_pcb *pcb, err_t error)
{
    (void)error;
    return pour_more(context, pcb, 0);
}

static void pour(const char *address, uint16_t port, uint32_t size)
{
    struct tcp_pcb *pcb;
    ip_addr_t to = address_of(address);

    memset(&results, 0, sizeof(results));
    left = size;
    ip_enter();
    pcb = tcp_new_ip_type(IP_GET_TYPE(&to));
    tcp_err(pcb, sink_failed);
    tcp_sent(pcb, pour_more);
    if (tcp_connect(pcb, &to, port, pour_connected) != ERR_OK)
        abort();
    ip_leave();
}

/* ---- UDP ----------------------------------------------------------------- */

static void udp_received(void *context, struct udp_pcb *pcb, struct pbuf *p,
                         const ip_addr_t *from, uint16_t port)
{
    (void)context;
    (void)pcb;
    (void)from;
    (void)port;
    results.datagrams++;
    results.datagram_size = p->tot_len;
    results.datagram_right = true;
    for (uint16_t i = 0; i < p->tot_len; i++)
        if (pbuf_get_at(p, i) != (uint8_t)(i * 7))
            results.datagram_right = false;
    pbuf_free(p);
}

static struct udp_pcb *udp_server;

static void listen_udp(uint16_t port)
{
    memset(&results, 0, sizeof(results));
    ip_enter();
    if (udp_server)
        udp_remove(udp_server);
    udp_server = udp_new_ip_type(IPADDR_TYPE_ANY);
    if (udp_bind(udp_server, IP_ANY_TYPE, port) != ERR_OK)
        abort();
    udp_recv(udp_server, udp_received, NULL);
    ip_leave();
}

static void datagram(const char *address, uint16_t port, uint16_t size)
{
    struct udp_pcb *pcb;
    struct pbuf *p;
    ip_addr_t to = address_of(address);

    ip_enter();
    pcb = udp_new_ip_type(IP_GET_TYPE(&to));
    p = pbuf_alloc(PBUF_TRANSPORT, size, PBUF_RAM);
    for (uint16_t i = 0; i < size; i++)
        pbuf_put_at(p, i, (uint8_t)(i * 7));
    (void)udp_sendto(pcb, p, &to, port);
    pbuf_free(p);
    udp_remove(pcb);
    ip_leave();
}

/* ---- the table ----------------------------------------------------------- */

static void memory(struct side_memory *out)
{
    ip_enter();
    out->heap = lwip_stats.mem.used;
    out->elements = 0;
    for (unsigned i = 0; i < MEMP_MAX; i++)
        out->elements += lwip_stats.memp[i]->used;
    ip_leave();
}

static void stop(void)
{
    ip_enter();
    if (listener)
        (void)tcp_close(listener);
    if (udp_server)
        udp_remove(udp_server);
    listener = NULL;
    udp_server = NULL;
    ip_leave();
    ip_stop();
}

extern const struct side side;
const struct side side = {
    .net = {net_socket, net_close, net_timeout, net_bind, net_listen,
            net_accept, net_connect, net_name, net_send, net_sendto, net_recv,
            net_recvfrom, net_shutdown, net_poll, net_lookup, net_text},
    .start = ip_start,
    .stop = stop,
    .change = ip_change,
    .now = ip_settings_now,
    .wait = ip_wait,
    .facts = ip_facts,
    .frame = ip_link_frame,
    .link = ip_link_state,
    .room = ip_link_room,
    .wall = ip_wall,
    .settings = ip_settings_read,
    .siphash = ip_siphash,
    .random = ip_random,
    .memory = memory,
    .sink = sink,
    .pour = pour,
    .listen_udp = listen_udp,
    .datagram = datagram,
    .results = &results,
};
