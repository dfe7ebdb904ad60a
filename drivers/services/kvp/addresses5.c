/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Addresses by data exchange from version 5.0 on, as numbers [openvmm ic]:
 *
 *     @4     counts of IPv4 and IPv6 addresses
 *     @12    counts of gateways
 *     @20    counts of servers for names
 *     @28    adapter              256 bytes of text
 *     @284   families, DHCP       as before 5.0
 *     @288   IPv4 addresses       64
 *     @544   IPv6 addresses       64
 *     @1568  netmasks             64, of the IPv4 addresses
 *     @1824  prefix lengths       64, of the IPv6 addresses
 *     @2080  gateways             5 of IPv4, then 5 of IPv6
 *     @2180  servers for names    64 of IPv4
 *     @2436  servers for names    64 of IPv6
 *     @3460  origins              128, of all addresses; 0: not told
 *
 * Addresses are in network order, numbers little-endian. What is taken becomes
 * the texts that the older form has, so there is one way behind both.
 */
#include "drivers/services/kvp/addresses.h"

#include <stdio.h>

#define AT_FAMILIES 284u
#define AT_DHCP     285u
#define AT_MASKS    1568u
#define AT_PREFIXES 1824u
#define AT_ORIGINS  3460u
#define ORIGINS     256u

/* Where an array of addresses stands, and its count. */
struct array {
    uint32_t at_count, at;
    uint8_t family;
    uint32_t most;
};
static const struct array addresses4 = {4, 288, 4, 64};
static const struct array addresses6 = {8, 544, 6, 64};
static const struct array gateways4 = {12, 2080, 4, 5};
static const struct array gateways6 = {16, 2100, 6, 5};
static const struct array servers4 = {20, 2180, 4, 64};
static const struct array servers6 = {24, 2436, 6, 64};

/* Bytes of one address. */
static uint32_t width(const struct array *a)
{
    return a->family == 4 ? 4 : 16;
}

/* Both forms say it in one byte. */
uint8_t addresses_families(const struct services_network *n)
{
    uint8_t families = 0;

    for (unsigned i = 0; i < n->address_count; i++)
        families |= n->addresses[i].family == 4 ? 1 : 2;
    return families;
}

/* ---- telling ------------------------------------------------------------- */

/* A netmask is in network order, too. */
static void put_prefix(uint8_t *body, const struct services_address *from,
                       uint32_t index)
{
    uint8_t *mask = body + AT_MASKS + 4 * index;

    if (from->family == 6) {
        ic_put32(body + AT_PREFIXES + 4 * index, from->prefix);
        return;
    }
    for (uint32_t i = 0; i < 4; i++) {
        int bits = (int)from->prefix - (int)(8 * i);

        mask[i] = bits >= 8 ? 0xFF : bits > 0 ? (uint8_t)(0xFF00 >> bits) : 0;
    }
}

/* Writes those of one family; with their prefixes if they are addresses. */
static void put(uint8_t *body, const struct array *a,
                const struct services_address *from, unsigned count,
                bool prefixes)
{
    uint32_t written = 0;

    memset(body + a->at, 0, (size_t)a->most * width(a));
    for (unsigned i = 0; i < count && written < a->most; i++) {
        if (from[i].family != a->family)
            continue;
        memcpy(body + a->at + written * width(a), from[i].bytes, width(a));
        if (prefixes)
            put_prefix(body, &from[i], written);
        written++;
    }
    ic_put32(body + a->at_count, written);
}

/* Arrays are cleared to their ends, so that a host finds no rest of its own
 * request behind the last address. */
uint32_t addresses5_put(uint8_t *body, const struct services_network *n)
{
    body[AT_FAMILIES] = addresses_families(n);
    body[AT_DHCP] = n->dhcp;
    memset(body + AT_MASKS, 0, gateways4.at - AT_MASKS);
    memset(body + AT_ORIGINS, 0, ORIGINS);
    put(body, &addresses4, n->addresses, n->address_count, true);
    put(body, &addresses6, n->addresses, n->address_count, true);
    put(body, &gateways4, n->gateways, n->gateway_count, false);
    put(body, &gateways6, n->gateways, n->gateway_count, false);
    put(body, &servers4, n->dns, n->dns_count, false);
    put(body, &servers6, n->dns, n->dns_count, false);
    return IC_OK;
}

/* ---- taking -------------------------------------------------------------- */

/* IPv6 in its long form, without "::". */
static void write_address(const uint8_t *at, uint8_t family, char *text,
                          size_t size)
{
    size_t used = 0;

    if (family == 4) {
        snprintf(text, size, "%u.%u.%u.%u", at[0], at[1], at[2], at[3]);
        return;
    }
    for (unsigned i = 0; i < 16; i += 2)
        used += (size_t)snprintf(text + used, size - used, "%s%x", i ? ":" : "",
                                 at[i] << 8 | at[i + 1]);
}

/* Adds a text to a list. False: it has no room. */
static bool append(char list[SERVICES_LIST_MAX], const char *text)
{
    size_t used = strlen(list);
    int more = snprintf(list + used, SERVICES_LIST_MAX - used, "%s%s",
                        used ? ";" : "", text);

    return (size_t)more < SERVICES_LIST_MAX - used;
}

/* The prefix that belongs to address number `index`, in the form that the texts
 * have: a netmask, or a length. */
static bool append_prefix(const uint8_t *body, uint8_t family, uint32_t index,
                          char list[SERVICES_LIST_MAX])
{
    char text[SERVICES_TEXT_MAX];

    if (family == 4)
        write_address(body + AT_MASKS + 4 * index, 4, text, sizeof(text));
    else
        snprintf(text, sizeof(text), "%u",
                 (unsigned)ic_get32(body + AT_PREFIXES + 4 * index));
    return append(list, text);
}

/* `subnets` gets the prefixes; NULL: these are no addresses. */
static bool take(const uint8_t *body, const struct array *a,
                 char list[SERVICES_LIST_MAX], char *subnets)
{
    uint32_t count = ic_get32(body + a->at_count);
    char text[SERVICES_TEXT_MAX];

    /* Believe a count only as far as its array is long. */
    if (count > a->most)
        return false;
    for (uint32_t i = 0; i < count; i++) {
        write_address(body + a->at + i * width(a), a->family, text,
                      sizeof(text));
        if (!append(list, text) ||
            (subnets && !append_prefix(body, a->family, i, subnets)))
            return false;
    }
    return true;
}

/* In the order of the texts: IPv4 before IPv6, and addresses with their subnets
 * side by side. */
bool addresses5_take(const uint8_t *body, struct services_change *change)
{
    change->dhcp = body[AT_DHCP] != 0;
    return take(body, &addresses4, change->addresses, change->subnets) &&
           take(body, &addresses6, change->addresses, change->subnets) &&
           take(body, &gateways4, change->gateways, NULL) &&
           take(body, &gateways6, change->gateways, NULL) &&
           take(body, &servers4, change->dns, NULL) &&
           take(body, &servers6, change->dns, NULL);
}
