/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a network gives, or a person sets: addresses, servers for names and
 * time, this machine's own name. All functions are called under the stack's
 * lock.
 *
 * The order at the start: the name, because DHCP's first message has it; the
 * link, because lwIP sends nothing without it; IPv6, whose first question to
 * the routers follows a random delay; servers, mDNS, SNTP; at last IPv4, whose
 * address makes lwIP report its groups and us announce it.
 *
 * When DHCP has not answered four times, lwIP takes an address of 169.254/16
 * (RFC 3927) and goes on asking. A server that answers later wins, and
 * connections from the address before are reset.
 */
#include <stdio.h>
#include <string.h>

#include "drivers/ip/private.h"
#include <lwip/apps/mdns.h>
#include <lwip/apps/sntp.h>
#include <lwip/autoip.h>
#include <lwip/dhcp.h>
#include <lwip/dhcp6.h>
#include <lwip/dns.h>
#include <lwip/etharp.h>
#include <lwip/nd6.h>
#include <lwip/timeouts.h>
#include "vmbare.h"

#define IPV6_MTU_LEAST  1280u /* RFC 8200, 5 */
#define NAME_SERVERS_MS 1000u

/* ---- addresses ----------------------------------------------------------- */

/* The address is there at once: lwIP asks nobody whether it is free. */
static void set_fixed_address(struct netif *netif)
{
    const struct ip_settings *s = &ip_interface.settings;
    ip4_addr_t address, mask, gateway;
    uint32_t bits = s->prefix ? UINT32_MAX << (32 - s->prefix) : 0;

    memcpy(&address, s->address, sizeof(address));
    memcpy(&gateway, s->gateway, sizeof(gateway));
    mask.addr = lwip_htonl(bits);
    netif_set_addr(netif, &address, &mask, &gateway);
}

/* A link-local address from the MAC address; others as routers say, and a DHCP
 * server's word on servers for names where a router points to one. */
static void begin_ipv6(struct netif *netif)
{
    const struct ip_settings *s = &ip_interface.settings;
    static const uint8_t none[sizeof(s->address6)];
    ip6_addr_t fixed;
    s8_t at;

    if (!s->ipv6 || netif->mtu < IPV6_MTU_LEAST)
        return;
    /* RFC 4291, appendix A: the end of the address is made of the MAC. */
    netif_create_ip6_linklocal_address(netif, 1);
    netif_set_ip6_autoconfig_enabled(netif, 1);
    /* It asks only after a router's advertisement has the flag O: RFC 4861. */
    (void)dhcp6_enable_stateless(netif);
    if (memcmp(s->address6, none, sizeof(none)) == 0)
        return;
    /* Like each address, it is first checked for a second owner: RFC 4862. */
    ip6_addr_set_zero(&fixed);
    memcpy(fixed.addr, s->address6, sizeof(fixed.addr));
    (void)netif_add_ip6_address(netif, &fixed, &at);
}

/* ---- names --------------------------------------------------------------- */

/* Two machines of one host differ in the end of their MAC addresses. DHCP is
 * told the name, too (option 12). */
static void choose_name(void)
{
    const uint8_t *mac = ip_interface.link.mac;

    if (*ip_interface.settings.name)
        memcpy(ip_interface.name, ip_interface.settings.name, IP_NAME_MAX);
    else
        snprintf(ip_interface.name, sizeof(ip_interface.name),
                 "vmbare-%02x%02x", mac[4], mac[5]);
    netif_set_hostname(&ip_interface.netif, ip_interface.name);
}

/* lwIP lets DHCP and routers write over any place. So the servers of the
 * settings are put back into theirs, the first ones; those of others stay
 * behind them. */
static void set_name_servers(void)
{
    ip_addr_t server;

    for (unsigned i = 0; i < IP_DNS_MAX; i++)
        if (ipaddr_aton(ip_interface.settings.dns[i], &server))
            dns_setserver((u8_t)i, &server);
}

/* A lease that is renewed changes no address, so nothing tells of it: look
 * again each second. In lwIP's timer, under the stack's lock. */
static void keep_name_servers(void *context)
{
    (void)context;
    set_name_servers();
    sys_timeout(NAME_SERVERS_MS, keep_name_servers, NULL);
}

/* mDNS is initialized once: it has no end. */
static void begin_mdns(void)
{
    static bool initialized;

    if (!initialized)
        mdns_resp_init();
    initialized = true;
    (void)mdns_resp_add_netif(&ip_interface.netif, ip_interface.name);
}

/* ---- time ---------------------------------------------------------------- */

/* Without a server of its own SNTP takes the ones of DHCP's option 42; without
 * these it stays silent. */
static void begin_time(void)
{
    const char *server = ip_interface.settings.time;

    if (strcmp(server, "off") == 0)
        return;
    sntp_setoperatingmode(SNTP_OPMODE_POLL);
    sntp_servermode_dhcp(!*server);
    sntp_setservername(0, *server ? server : NULL);
    sntp_init();
}

/* ---- the whole ----------------------------------------------------------- */

/* RFC 5227, 2.3: others are told of a new address, or of one at a new place.
 * lwIP leaves that to its check for a second owner, which is not done here. */
static void announce(struct netif *netif)
{
    uint32_t address = netif_ip4_addr(netif)->addr;

    if (!netif_is_link_up(netif) || !netif_is_up(netif)) {
        ip_interface.announced = 0;
        return;
    }
    if (address && address != ip_interface.announced)
        (void)etharp_gratuitous(netif);
    ip_interface.announced = address;
}

/* lwIP has changed an address or the link. */
static void on_change(struct netif *netif)
{
    announce(netif);
    /* With an address DHCP has brought its servers for names. */
    set_name_servers();
    (void)vmbare_event_set(&ip_interface.changed);
}

void ip_configure(void)
{
    struct netif *netif = &ip_interface.netif;

    ip_interface.started = vmbare_now();
    ip_interface.announced = 0;
    netif_set_status_callback(netif, on_change);
    netif_set_link_callback(netif, on_change);
    choose_name();
    if (ip_interface.link.up)
        netif_set_link_up(netif);
    netif_set_up(netif);
    /* Routers are asked first: their answers take longer than DHCP's. */
    begin_ipv6(netif);
    keep_name_servers(NULL);
    begin_mdns();
    begin_time();
    autoip_set_struct(netif, &ip_interface.autoip);
    if (ip_interface.settings.dhcp)
        (void)dhcp_start(netif);
    else
        set_fixed_address(netif);
}

/* netif_set_link_up() has told lwIP, which asks DHCP and the routers again and
 * announces the address; only the clock for the screen is ours. */
void ip_configure_again(void)
{
    ip_interface.started = vmbare_now();
}

/* In the reverse order. Each part of lwIP that keeps something for the
 * interface gives it back here: netif_remove() does not know of them. */
void ip_unconfigure(void)
{
    struct netif *netif = &ip_interface.netif;

    sntp_stop();
    sys_untimeout(keep_name_servers, NULL);
    (void)mdns_resp_remove_netif(netif);
    if (ip_interface.settings.dhcp) {
        dhcp_release_and_stop(netif);
        dhcp_cleanup(netif);
    }
    (void)autoip_stop(netif);
    autoip_remove_struct(netif);
    if (netif_dhcp6_data(netif)) {
        dhcp6_disable(netif);
        dhcp6_cleanup(netif);
    }
    /* The next network has servers of its own. */
    for (unsigned i = 0; i < DNS_MAX_SERVERS; i++)
        dns_setserver((u8_t)i, NULL);
    netif_set_link_down(netif);
    netif_set_down(netif);
    (void)vmbare_event_set(&ip_interface.changed);
}

/* A link-local address of IPv6 is always there, and reaches nobody who does not
 * know it, so it does not count. */
bool ip_has_address(void)
{
    struct netif *netif = &ip_interface.netif;

    if (!ip4_addr_isany(netif_ip4_addr(netif)))
        return true;
    for (unsigned i = 0; i < LWIP_IPV6_NUM_ADDRESSES; i++)
        if (ip6_addr_isvalid(netif_ip6_addr_state(netif, i)) &&
            !ip6_addr_islinklocal(netif_ip6_addr(netif, i)))
            return true;
    return false;
}
