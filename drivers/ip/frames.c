/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Frames between the adapter (struct ip_link) and lwIP.
 *
 * A frame that arrives is copied into memory of the heap, so that a slow reader
 * holds no buffer of the adapter, and so that nobody can change it while lwIP
 * looks at it. How much a peer can make the stack hold is bounded by the
 * windows of TCP, the queues of UDP and the numbers of both.
 *
 * One that leaves goes out in the pieces that lwIP has: a header, and data that
 * stays where the connection keeps it until it is confirmed. The adapter copies
 * them, so nothing has to be kept for it.
 *
 * Only the sum of TCP is left to the adapter. That of IPv4 is over 20 bytes.
 * That of UDP must be computed before a datagram is cut into fragments, which
 * no adapter sees as a whole.
 */
#include <errno.h>
#include <string.h>

#include "drivers/ip/private.h"
#include <lwip/etharp.h>
#include <lwip/ethip6.h>
#include <lwip/pbuf.h>
#include <lwip/prot/ethernet.h>
#include <lwip/prot/ip.h>
#include <lwip/prot/ip6.h>
#include <lwip/priv/tcp_priv.h>

#define ETHERNET_HEADER 14u
#define FRAME_LEAST     60u    /* IEEE 802.3, 3.2.8: shorter ones are filled */
#define FRAME_MOST      65535u /* lwIP's lengths have 16 bits */
#define IPV6_NEXT       20u    /* offsets in a frame: RFC 8200, 3 */
#define IPV4_PROTOCOL   23u    /* RFC 791, 3.1 */

/* ---- out ----------------------------------------------------------------- */

/* Is this a TCP segment whose sum lwIP has left to the adapter? All headers are
 * in the first piece. */
static bool wants_sum(const struct pbuf *p)
{
    const uint8_t *frame = p->payload;
    unsigned type;

    if (!(ip_interface.link.fills & IP_FILL_TCP) || p->len <= IPV4_PROTOCOL)
        return false;
    type = (unsigned)frame[12] << 8 | frame[13];
    return (type == ETHTYPE_IP && frame[IPV4_PROTOCOL] == IP_PROTO_TCP) ||
           (type == ETHTYPE_IPV6 && frame[IPV6_NEXT] == IP6_NEXTH_TCP);
}

/* What is not sent is lost, as on a wire; it is counted. */
static err_t send_parts(const struct pbuf *p)
{
    uint32_t fill = wants_sum(p) ? IP_FILL_TCP : 0;
    struct ip_part parts[IP_PARTS_MAX];
    unsigned count = 0;

    for (; p; p = p->next)
        if (p->len)
            parts[count++] = (struct ip_part){p->payload, p->len};
    if (ip_interface.link.send(ip_interface.link.context, parts, count, fill)) {
        ip_interface.frames_lost++;
        return ERR_MEM; /* TCP sends it again */
    }
    ip_interface.frames_out++;
    return ERR_OK;
}

/* lwIP sends a frame, which may be in more pieces than an adapter takes. */
static err_t send_frame(struct netif *netif, struct pbuf *p)
{
    struct pbuf *whole;
    err_t error;

    (void)netif;
    if (pbuf_clen(p) <= IP_PARTS_MAX)
        return send_parts(p);
    whole = pbuf_clone(PBUF_RAW, PBUF_RAM, p);
    if (!whole)
        return ERR_MEM;
    error = send_parts(whole);
    pbuf_free(whole);
    return error;
}

/* What the adapter fills in lwIP leaves out. */
static void set_fills(struct netif *netif)
{
    if (ip_interface.link.fills & IP_FILL_TCP)
        netif->chksum_flags &= (uint16_t)~NETIF_CHECKSUM_GEN_TCP;
    else
        netif->chksum_flags |= NETIF_CHECKSUM_GEN_TCP;
}

void ip_link_fills(uint32_t fills)
{
    ip_enter();
    ip_interface.link.fills = fills;
    if (ip_interface.running)
        set_fills(&ip_interface.netif);
    ip_leave();
}

err_t ip_frames_init(struct netif *netif)
{
    const struct ip_link *link = &ip_interface.link;

    netif->name[0] = 'e';
    netif->name[1] = 'n';
    netif->hwaddr_len = sizeof(link->mac);
    memcpy(netif->hwaddr, link->mac, sizeof(link->mac));
    netif->mtu =
        ip_interface.settings.mtu ? ip_interface.settings.mtu : link->mtu;
    netif->output = etharp_output;
    netif->output_ip6 = ethip6_output;
    netif->linkoutput = send_frame;
    netif->flags = NETIF_FLAG_BROADCAST | NETIF_FLAG_ETHARP |
                   NETIF_FLAG_ETHERNET | NETIF_FLAG_IGMP | NETIF_FLAG_MLD6;
    set_fills(netif);
    return ERR_OK;
}

/* ---- in ------------------------------------------------------------------ */

/* Sums that the adapter has found right are not computed again. */
static void set_checks(struct netif *netif, bool verified)
{
    uint16_t sums = NETIF_CHECKSUM_CHECK_IP | NETIF_CHECKSUM_CHECK_UDP |
                    NETIF_CHECKSUM_CHECK_TCP;

    if (verified)
        netif->chksum_flags &= (uint16_t)~sums;
    else
        netif->chksum_flags |= sums;
}

/* Under the stack's lock. lwIP owns the copy unless it says that it has not
 * taken it. Without memory the frame is lost, as on a wire: its sender repeats
 * what has to arrive. lwIP reads the header of IPv4 before it looks whether it
 * is there, which a wire grants it: no frame there is shorter than its header,
 * but a host's may be. */
static void take_frame(const void *frame, uint16_t size, bool verified)
{
    struct netif *netif = &ip_interface.netif;
    uint16_t filled = size < FRAME_LEAST ? FRAME_LEAST : size;
    struct pbuf *p = pbuf_alloc(PBUF_RAW, filled, PBUF_RAM);

    if (!p) {
        ip_interface.frames_lost++;
        return;
    }
    memcpy(p->payload, frame, size);
    memset((uint8_t *)p->payload + size, 0, filled - size);
    ip_interface.frames_in++;
    set_checks(netif, verified);
    if (netif->input(p, netif) != ERR_OK)
        pbuf_free(p);
}

void ip_link_frame(const void *frame, uint32_t size, bool verified)
{
    if (size < ETHERNET_HEADER || size > FRAME_MOST)
        return;
    ip_enter();
    if (ip_interface.running)
        take_frame(frame, (uint16_t)size, verified);
    ip_leave();
}

void ip_link_room(void)
{
    ip_enter();
    if (ip_interface.running)
        tcp_txnow();
    ip_leave();
}

/* netif_set_link_up() makes lwIP ask DHCP and the routers again. */
void ip_link_state(bool up)
{
    struct netif *netif = &ip_interface.netif;

    ip_enter();
    if (ip_interface.running && up && !netif_is_link_up(netif)) {
        netif_set_link_up(netif);
        ip_configure_again();
    } else if (ip_interface.running && !up) {
        netif_set_link_down(netif);
    }
    ip_leave();
}
