/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Data exchange tells of the IP stack, and changes its settings: the one file
 * here that knows drivers/ip/. Only who calls services_use_ip() links it.
 *
 *     host's word    becomes
 *     DHCP           net.address=dhcp; addresses beside it are not used
 *                    but for that of IPv6
 *     address        net.address, with the netmask of the same place
 *     IPv6 address   net.address6
 *     gateway        net.gateway
 *     servers        net.dns
 *
 * A host may ask for anything that Windows could do. What this stack cannot do
 * is refused as a whole, by name: one address of each family, a router for
 * IPv4 (those of IPv6 say so themselves), three servers for names.
 */
#include "drivers/services/kvp/kvp.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "drivers/ip.h"
#include <lwip/def.h>
#include <lwip/ip4_addr.h>
#include <lwip/ip6_addr.h>
#include <lwip/ip_addr.h>

#define PREFIX6     64u /* of addresses that routers tell */
#define PREFIX4_MAX 32u

static char problem[SERVICES_PROBLEM_MAX];

const char *services_ip_problem(void)
{
    return problem;
}

/* ---- telling ------------------------------------------------------------- */

/* Adds an address that is known as text; a list that is full keeps what it
 * has. */
static void add(struct services_address *list, unsigned *count, unsigned most,
                const char *text, uint8_t prefix)
{
    struct services_address *a = &list[*count];
    ip4_addr_t four;
    ip6_addr_t six;

    if (!*text || *count == most)
        return;
    memset(a, 0, sizeof(*a));
    snprintf(a->text, sizeof(a->text), "%s", text);
    a->prefix = prefix;
    if (ip4addr_aton(text, &four)) {
        a->family = 4;
        memcpy(a->bytes, &four.addr, 4);
    } else if (ip6addr_aton(text, &six)) {
        a->family = 6;
        memcpy(a->bytes, six.addr, 16);
    } else {
        return;
    }
    ++*count;
}

/* The instance of the adapter, if the host offers one alone. */
static void find_instance(char instance[37])
{
    struct vmbare_offer offer;
    unsigned count = 0;

    for (unsigned i = 0; vmbare_offer(i, &offer); i++) {
        if (offer.subchannel || strcmp(offer.class_name, "network") != 0)
            continue;
        memcpy(instance, offer.instance, sizeof(offer.instance));
        count++;
    }
    if (count != 1)
        instance[0] = 0;
}

/* At DISPATCH: the stack tells all of it at one moment. */
static bool read_ip(struct services_network *n)
{
    static struct ip_facts facts; /* one request is answered at a time */

    memset(n, 0, sizeof(*n));
    ip_facts(&facts);
    if (facts.state == IP_STOPPED)
        return false;
    memcpy(n->mac, facts.mac, sizeof(n->mac));
    memcpy(n->name, facts.name, sizeof(n->name));
    find_instance(n->instance);
    n->dhcp = facts.origin != IP_FIXED;
    add(n->addresses, &n->address_count, 8, facts.address, facts.prefix);
    for (unsigned i = 0; i < facts.address6_count; i++)
        add(n->addresses, &n->address_count, 8, facts.address6[i], PREFIX6);
    add(n->gateways, &n->gateway_count, 2, facts.gateway, 0);
    for (unsigned i = 0; i < IP_DNS_MAX; i++)
        add(n->dns, &n->dns_count, 4, facts.dns[i], 0);
    return true;
}

/* ---- taking -------------------------------------------------------------- */

/* Nothing is changed then, and the reason is kept. */
static int refuse(const char *expected, const char *found)
{
    snprintf(problem, sizeof(problem),
             "data exchange: found %.60s, expected %s: correct it at the host",
             found, expected);
    return -EINVAL;
}

/* Cuts the next item off a list: *list is behind it then. NULL: no more. */
static char *next(char **list)
{
    char *item = *list;

    while (item && *item == ';')
        item++;
    if (!item || !*item)
        return NULL;
    *list = strchr(item, ';');
    if (*list)
        *(*list)++ = 0;
    return item;
}

/* A netmask whose ones are in a row, or the length of a prefix. 0: neither. */
static uint8_t read_prefix(const char *text)
{
    ip4_addr_t mask;
    uint32_t bits, zeros;

    if (!strchr(text, '.')) {
        unsigned long length = strtoul(text, NULL, 10);

        return length <= PREFIX4_MAX ? (uint8_t)length : 0;
    }
    if (!ip4addr_aton(text, &mask))
        return 0;
    bits = lwip_ntohl(mask.addr);
    zeros = ~bits;
    return zeros & (zeros + 1) ? 0 : (uint8_t)__builtin_popcount(bits);
}

/* The addresses and, in the same order, their subnets. */
static int take_addresses(char *addresses, char *subnets, struct ip_settings *s)
{
    char *text, *subnet;
    ip4_addr_t four;
    ip6_addr_t six;
    unsigned count4 = 0, count6 = 0;

    while ((text = next(&addresses)) != NULL) {
        subnet = next(&subnets);
        if (ip4addr_aton(text, &four)) {
            s->prefix = subnet ? read_prefix(subnet) : 0;
            memcpy(s->address, &four.addr, sizeof(s->address));
            if (count4++ || !s->prefix)
                return refuse("one IPv4 address with its netmask", text);
        } else if (ip6addr_aton(text, &six)) {
            memcpy(s->address6, six.addr, sizeof(s->address6));
            if (count6++)
                return refuse("one IPv6 address", text);
        } else {
            return refuse("an address", text);
        }
    }
    if (!count4 && !s->dhcp)
        return refuse("an IPv4 address or DHCP", "neither");
    return 0;
}

/* IPv6 has its routers from themselves, so a host's would be of no use. */
static int take_gateways(char *gateways, struct ip_settings *s)
{
    char *text;
    ip4_addr_t four;
    unsigned count = 0;

    while ((text = next(&gateways)) != NULL) {
        if (count++ || !ip4addr_aton(text, &four))
            return refuse("one router for IPv4", text);
        memcpy(s->gateway, &four.addr, sizeof(s->gateway));
    }
    return 0;
}

/* Of both families, in the order of asking. */
static int take_servers(char *servers, struct ip_settings *s)
{
    char *text;
    ip_addr_t any;
    unsigned count = 0;

    while ((text = next(&servers)) != NULL) {
        if (count == IP_DNS_MAX || strlen(text) >= IP_TEXT_MAX ||
            !ipaddr_aton(text, &any))
            return refuse("at most three servers for names", text);
        snprintf(s->dns[count++], IP_TEXT_MAX, "%s", text);
    }
    return 0;
}

/* The other settings stay as they are. */
static int change_ip(const struct services_change *change)
{
    static struct services_change c; /* the lists are cut into pieces */
    static struct ip_settings s;
    int result;

    /* Begin with what is in force, and change what data exchange knows. */
    c = *change;
    if (!ip_settings_now(&s))
        return -ENETDOWN;
    s.dhcp = c.dhcp;
    s.prefix = 0;
    memset(s.address, 0, sizeof(s.address));
    memset(s.gateway, 0, sizeof(s.gateway));
    memset(s.address6, 0, sizeof(s.address6));
    memset(s.dns, 0, sizeof(s.dns));
    result = take_addresses(c.addresses, c.subnets, &s);
    if (!result)
        result = take_gateways(c.gateways, &s);
    if (!result)
        result = take_servers(c.dns, &s);
    if (result)
        return result;
    /* All of it makes sense: take it. */
    problem[0] = 0;
    return ip_change(&s);
}

void services_use_ip(void)
{
    static const struct services_network_source source = {read_ip, change_ip};

    services_set_network(&source);
}
