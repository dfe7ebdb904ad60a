/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The stack on one adapter, from its start to its end (ip.h).
 *
 * There is one interface, ip_interface. `running` is set and cleared under the
 * stack's lock, and whoever comes from outside (a frame, the link, a call of
 * the application) looks at it there first. So an adapter may go on delivering
 * frames while the stack stops: they are dropped.
 *
 * lwIP itself has no end. It is initialized at the first start, and keeps its
 * pools; what belonged to the interface is given back.
 */
#include "drivers/ip.h"

#include <errno.h>
#include <string.h>

#include "drivers/ip/ends.h"
#include "drivers/ip/private.h"
#include <lwip/ip4_frag.h>
#include <lwip/ip6_frag.h>
#include <lwip/netif.h>
#include <lwip/priv/tcp_priv.h>
#include <netif/ethernet.h>
#include "vmbare.h"

#define MTU_LEAST 576u /* what IPv4 asks of every host */
#define MTU_MOST  9216u

/* At the end, for connections that were closed: docs/timeouts.md */
#define LINGER_SECONDS 10
#define STEP_SECONDS   0.01

/* ---- start --------------------------------------------------------------- */

/* The adapter's MTU is the driver's word; the settings are a person's. */
static bool acceptable(const struct ip_link *link,
                       const struct ip_settings *settings)
{
    return link->send && link->mtu >= MTU_LEAST && link->mtu <= MTU_MOST &&
           settings->mtu <= link->mtu &&
           (!settings->mtu || settings->mtu >= MTU_LEAST) &&
           settings->prefix <= 32 && settings->vlan <= 4094;
}

/* Under the stack's lock. The secret is seeded before the first random number,
 * which DHCP takes for its first question. */
static int add_interface(void)
{
    struct netif *netif = &ip_interface.netif;

    memset(netif, 0, sizeof(*netif));
    ip_random_seed(ip_interface.link.mac, sizeof(ip_interface.link.mac));
    if (!netif_add_noaddr(netif, NULL, ip_frames_init, ethernet_input))
        return -ENOMEM;
    netif_set_default(netif);
    ip_interface.running = true;
    ip_configure();
    return 0;
}

int ip_start(const struct ip_link *link, const struct ip_settings *settings)
{
    int result;

    if (ip_interface.running)
        return -EALREADY;
    if (!acceptable(link, settings))
        return -EINVAL;
    /* Nobody else writes here: no frame is taken before `running`. */
    ip_context_start();
    ip_interface.link = *link;
    ip_interface.settings = *settings;
    ip_interface.frames_in = ip_interface.frames_out = 0;
    ip_interface.frames_lost = 0;
    vmbare_event_init(&ip_interface.changed, "an address", VMBARE_ONE_WAIT);
    ip_enter();
    result = add_interface();
    ip_leave();
    if (result)
        ip_context_stop();
    else
        ip_ends_start();
    return result;
}

/* Has a connection that was closed still something to send? Its last byte is
 * the FIN, and the other end confirms it. */
static bool still_sending(void)
{
    bool found = false;

    ip_enter();
    for (const struct tcp_pcb *pcb = tcp_active_pcbs; pcb; pcb = pcb->next)
        if (pcb->state == FIN_WAIT_1 || pcb->state == CLOSING ||
            pcb->state == LAST_ACK)
            found = true;
    ip_leave();
    return found;
}

/* net_close() promises that what was sent arrives, so the end waits for it. */
static void linger(void)
{
    uint64_t deadline = vmbare_after(LINGER_SECONDS);

    while (still_sending() && vmbare_now() < deadline)
        vmbare_sleep(STEP_SECONDS);
}

/* Fragments wait for the rest of their datagram; lwIP gives them up by their
 * age alone, which nobody counts any more. Each call is a second to it. */
static void drop_fragments(void)
{
    for (unsigned i = 0; i <= IP_REASS_MAXAGE; i++)
        ip_reass_tmr();
    for (unsigned i = 0; i <= IPV6_REASS_MAXAGE; i++)
        ip6_reass_tmr();
}

void ip_stop(void)
{
    if (!ip_interface.running)
        return;
    linger();
    /* DHCP's last message leaves before frames are dropped. */
    ip_enter();
    ip_ends_stop();
    ip_unconfigure();
    ip_interface.running = false;
    /* Connections go with their address, but for those that only wait for late
     * packets: no packet comes any more. */
    netif_remove(&ip_interface.netif);
    drop_fragments();
    while (tcp_tw_pcbs)
        tcp_abort(tcp_tw_pcbs);
    ip_leave();
    ip_context_stop();
}

/* ---- other settings ------------------------------------------------------ */

bool ip_settings_now(struct ip_settings *settings)
{
    bool runs;

    ip_enter();
    runs = ip_interface.running;
    if (runs)
        *settings = ip_interface.settings;
    ip_leave();
    return runs;
}

/* What the settings before have brought goes; lwIP itself keeps addresses when
 * an interface goes down. */
static void forget_addresses(struct netif *netif)
{
    netif_set_addr(netif, IP4_ADDR_ANY4, IP4_ADDR_ANY4, IP4_ADDR_ANY4);
    for (s8_t i = 0; i < LWIP_IPV6_NUM_ADDRESSES; i++)
        netif_ip6_addr_set_state(netif, i, IP6_ADDR_INVALID);
}

int ip_change(const struct ip_settings *settings)
{
    struct netif *netif = &ip_interface.netif;
    int result = -ENETDOWN;

    ip_enter();
    if (ip_interface.running) {
        ip_interface.link.up = netif_is_link_up(netif);
        ip_unconfigure();
        forget_addresses(netif);
        ip_interface.settings = *settings;
        ip_configure();
        result = 0;
    }
    ip_leave();
    return result;
}

/* ---- waiting for an address ---------------------------------------------- */

/* 0, -EAGAIN: not yet, -ENETDOWN. */
static int address_state(void)
{
    int state;

    ip_enter();
    state = !ip_interface.running ? -ENETDOWN : ip_has_address() ? 0 : -EAGAIN;
    ip_leave();
    return state;
}

/* Each change sets the event, whether or not it brings an address: look again
 * until the deadline. */
int ip_wait(uint64_t deadline)
{
    for (;;) {
        int state = address_state();

        if (state != -EAGAIN)
            return state;
        if (vmbare_wait_for(&ip_interface.changed.source, deadline) !=
            VMBARE_OK)
            return address_state() == 0 ? 0 : -ETIMEDOUT;
    }
}
