/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a person wants to know of the interface (struct ip_facts), as text that
 * a screen can show.
 *
 * All of it is written under the stack's lock, at one moment, so the parts fit
 * each other. Nothing here changes the stack, and nothing is kept: who wants to
 * know of changes asks again.
 */
#include <stdio.h>
#include <string.h>

#include "drivers/ip/private.h"
#include <lwip/autoip.h>
#include <lwip/dhcp.h>
#include <lwip/dns.h>
#include "vmbare.h"

#define SECOND UINT64_C(10000000) /* of vmbare_now */

/* lwIP does not keep where an address came from, but each way of getting one
 * knows whether it was the last. */
static enum ip_origin origin_of(struct netif *netif)
{
    if (ip4_addr_isany(netif_ip4_addr(netif)))
        return IP_NO_ADDRESS;
    if (!ip_interface.settings.dhcp)
        return IP_FIXED;
    if (dhcp_supplied_address(netif))
        return IP_FROM_DHCP;
    return IP_OWN_CHOICE;
}

/* The prefix is the number of ones in the mask, which are in a row: a mask from
 * DHCP that has holes is shown as what it counts. */
static void write_ipv4(struct ip_facts *facts, struct netif *netif)
{
    uint32_t mask = lwip_ntohl(netif_ip4_netmask(netif)->addr);

    facts->origin = origin_of(netif);
    if (facts->origin == IP_NO_ADDRESS)
        return;
    ip4addr_ntoa_r(netif_ip4_addr(netif), facts->address, IP_TEXT_MAX);
    facts->prefix = (uint8_t)__builtin_popcount(mask);
    if (!ip4_addr_isany(netif_ip4_gw(netif)))
        ip4addr_ntoa_r(netif_ip4_gw(netif), facts->gateway, IP_TEXT_MAX);
}

/* Addresses that are still checked for a second owner cannot be used yet, and
 * are left out. */
static void write_ipv6(struct ip_facts *facts, struct netif *netif)
{
    for (unsigned i = 0; i < LWIP_IPV6_NUM_ADDRESSES; i++)
        if (ip6_addr_isvalid(netif_ip6_addr_state(netif, i)))
            ip6addr_ntoa_r(netif_ip6_addr(netif, i),
                           facts->address6[facts->address6_count++],
                           IP_TEXT_MAX);
}

/* Whoever has told of a server, DHCP, a router or the settings, its place is in
 * the one list that questions go to. */
static void write_name_servers(struct ip_facts *facts)
{
    unsigned count = 0;

    for (unsigned i = 0; i < DNS_MAX_SERVERS; i++) {
        const ip_addr_t *server = dns_getserver((u8_t)i);

        if (!ip_addr_isany(server))
            ipaddr_ntoa_r(server, facts->dns[count++], IP_TEXT_MAX);
    }
}

/* Why there is no address: what was expected, what was found, what to do. With
 * an address of its own choice there is one, if only for this link. */
static void write_problem(struct ip_facts *facts)
{
    if (facts->state == IP_NO_LINK)
        snprintf(facts->problem, IP_PROBLEM_MAX,
                 "network: expected a link, found none: connect the adapter to "
                 "a virtual switch");
    else if (facts->origin == IP_NO_ADDRESS)
        snprintf(facts->problem, IP_PROBLEM_MAX,
                 "network: expected an answer from DHCP, found none for %u s: "
                 "set net.address if this network has no DHCP",
                 (unsigned)facts->seconds);
}

/* Under the stack's lock. */
/* `facts` is zero: what is not known stays empty. */
static void write_facts(struct ip_facts *facts)
{
    struct netif *netif = &ip_interface.netif;

    facts->state = netif_is_link_up(netif) ? IP_LINK : IP_NO_LINK;
    memcpy(facts->mac, netif->hwaddr, sizeof(facts->mac));
    facts->mtu = netif->mtu;
    memcpy(facts->name, ip_interface.name, IP_NAME_MAX);
    facts->time_known = ip_time_known();
    facts->seconds = (uint32_t)((vmbare_now() - ip_interface.started) / SECOND);
    facts->frames_in = ip_interface.frames_in;
    facts->frames_out = ip_interface.frames_out;
    facts->frames_lost = ip_interface.frames_lost;
    write_ipv4(facts, netif);
    write_ipv6(facts, netif);
    write_name_servers(facts);
    write_problem(facts);
}

void ip_facts(struct ip_facts *facts)
{
    memset(facts, 0, sizeof(*facts));
    ip_enter();
    if (ip_interface.running)
        write_facts(facts);
    else
        snprintf(facts->problem, IP_PROBLEM_MAX,
                 "network: expected an adapter, found that the stack was not "
                 "started on one");
    ip_leave();
}
