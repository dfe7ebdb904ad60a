/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Addresses by data exchange (kvp.h): what Get-VMNetworkAdapter shows, and what
 * a failover gives to a machine.
 *
 * Before 5.0 the body has texts [linux hyperv.h] hv_kvp_ipaddr_value:
 *
 *     @2     adapter              256 bytes
 *     @258   families             1 IPv4, 2 IPv6, 3 both
 *     @259   DHCP                 1: the address is asked for
 *     @260   addresses            2,048 bytes
 *     @2308  subnets              2,048 bytes, in the order of the addresses
 *     @4356  gateways             1,024 bytes
 *     @5380  servers for names    2,048 bytes
 *
 * Lists have semicolons. From 5.0 on there are numbers instead (addresses5.c).
 * Which adapter is meant is a MAC address or a GUID as text: hosts give the one
 * or the other, as the guest's services once told them.
 *
 * The source of the network is asked for each request, so what a host reads is
 * what is true at that moment.
 */
#include "drivers/services/kvp/addresses.h"

#include <stdio.h>

#define AT_ADAPTER   2u
#define ADAPTER      256u
#define AT_FAMILIES  258u
#define AT_DHCP      259u
#define AT_ADDRESSES 260u
#define ADDRESSES    2048u
#define AT_SUBNETS   2308u
#define SUBNETS      2048u
#define AT_GATEWAYS  4356u
#define GATEWAYS     1024u
#define AT_DNS       5380u
#define DNS          2048u
#define SIZE         7428u

/* One request is answered at a time. */
static struct services_network network;
static struct services_change change;
static char list[SERVICES_LIST_MAX];

/* ---- which adapter ------------------------------------------------------- */

/* Keeps hexadecimal digits, in lower case. Returns how many there are. */
static unsigned digits_of(const char *text, char digits[33])
{
    unsigned count = 0;

    for (; *text && count < 32; text++) {
        char c = *text;

        if (c >= 'A' && c <= 'F')
            c = (char)(c - 'A' + 'a');
        if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'))
            digits[count++] = c;
    }
    digits[count] = 0;
    return count;
}

/* A MAC address has 12 digits, a GUID 32, whatever stands between them. */
static bool is_meant(const uint8_t *adapter)
{
    char text[ADAPTER], told[33], ours[33], mac[13];
    unsigned count;

    (void)utf16_read(adapter, utf16_length(adapter, ADAPTER), text,
                     sizeof(text));
    count = digits_of(text, told);
    if (count == 32)
        return digits_of(network.instance, ours) == 32 && !strcmp(told, ours);
    snprintf(mac, sizeof(mac), "%02x%02x%02x%02x%02x%02x", network.mac[0],
             network.mac[1], network.mac[2], network.mac[3], network.mac[4],
             network.mac[5]);
    return count == 12 && !strcmp(told, mac);
}

/* Is there a network, and is it its adapter that the host means? */
static bool find_adapter(const uint8_t *adapter)
{
    const struct services_network_source *source = system_network();

    return source && source->read(&network) && is_meant(adapter);
}

/* ---- telling ------------------------------------------------------------- */

/* A netmask for IPv4, the length of the prefix for IPv6. */
static void write_subnet(const struct services_address *a, char *text,
                         size_t size)
{
    uint32_t mask;

    if (a->family == 6) {
        snprintf(text, size, "%u", a->prefix);
        return;
    }
    mask = a->prefix ? UINT32_MAX << (32 - a->prefix) : 0;
    snprintf(text, size, "%u.%u.%u.%u", (unsigned)(mask >> 24),
             (unsigned)(mask >> 16 & 255), (unsigned)(mask >> 8 & 255),
             (unsigned)(mask & 255));
}

/* Writes a list into a field, or of addresses their subnets. */
static void put_list(const struct services_address *a, unsigned count,
                     bool subnets, uint8_t *field, uint32_t size)
{
    size_t used = 0;
    char text[SERVICES_TEXT_MAX];

    list[0] = 0;
    for (unsigned i = 0; i < count; i++) {
        if (subnets)
            write_subnet(&a[i], text, sizeof(text));
        else
            snprintf(text, sizeof(text), "%s", a[i].text);
        used += (size_t)snprintf(list + used, sizeof(list) - used, "%s%s",
                                 used ? ";" : "", text);
    }
    memset(field, 0, size);
    (void)utf16_write(list, field, size - 2);
}

/* The four lists in the order of the wire; each field is filled up with zeros,
 * so nothing of the request is left in the answer. */
static uint32_t put_texts(uint8_t *body)
{
    const struct services_network *n = &network;

    body[AT_FAMILIES] = addresses_families(n);
    body[AT_DHCP] = n->dhcp;
    put_list(n->addresses, n->address_count, false, body + AT_ADDRESSES,
             ADDRESSES);
    put_list(n->addresses, n->address_count, true, body + AT_SUBNETS, SUBNETS);
    put_list(n->gateways, n->gateway_count, false, body + AT_GATEWAYS,
             GATEWAYS);
    put_list(n->dns, n->dns_count, false, body + AT_DNS, DNS);
    return IC_OK;
}

/* ---- taking -------------------------------------------------------------- */

/* False: the list is longer than anybody needs. */
static bool take_list(const uint8_t *field, uint32_t size,
                      char text[SERVICES_LIST_MAX])
{
    return utf16_read(field, utf16_length(field, size), text,
                      SERVICES_LIST_MAX) < SERVICES_LIST_MAX;
}

/* The families of the request say what the lists hold, which is seen there. */
static bool take_texts(const uint8_t *body)
{
    change.dhcp = body[AT_DHCP] != 0;
    return take_list(body + AT_ADDRESSES, ADDRESSES, change.addresses) &&
           take_list(body + AT_SUBNETS, SUBNETS, change.subnets) &&
           take_list(body + AT_GATEWAYS, GATEWAYS, change.gateways) &&
           take_list(body + AT_DNS, DNS, change.dns);
}

/* ---- requests ------------------------------------------------------------ */

/* Where the adapter's text stands; NULL: the message has no room for the
 * answer. */
static const uint8_t *adapter_in(struct ic_request *r)
{
    bool numbers = r->version.major >= 5;
    uint32_t size = numbers ? ADDRESSES5_SIZE : SIZE;

    if (r->room < size)
        return NULL;
    if (r->size < size)
        r->size = size;
    return r->body + (numbers ? ADDRESSES5_AT_ADAPTER : AT_ADAPTER);
}

/* The adapter's text stays in the answer as it was asked for. */
uint32_t addresses_get(struct ic_request *r)
{
    const uint8_t *adapter = adapter_in(r);

    if (!adapter)
        return IC_INVALID;
    /* Say of no other adapter what is true of ours. */
    if (!find_adapter(adapter))
        return IC_NOT_CONNECTED;
    if (r->version.major >= 5)
        return addresses5_put(r->body, &network);
    return put_texts(r->body);
}

/* The lists are copied first: what is used later is not the message any
 * more. */
uint32_t addresses_set(struct ic_request *r)
{
    const uint8_t *adapter = adapter_in(r);
    bool good;

    if (!adapter)
        return IC_INVALID;
    if (!find_adapter(adapter))
        return IC_NOT_CONNECTED;
    memset(&change, 0, sizeof(change));
    good = r->version.major >= 5 ? addresses5_take(r->body, &change)
                                 : take_texts(r->body);
    /* What the network refuses it says by name, in its own place. */
    if (!good || system_network()->change(&change))
        return IC_INVALID;
    return IC_OK;
}
