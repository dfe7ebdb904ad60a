/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An address as text (sockets.h).
 *
 * Of IPv6, RFC 5952 allows one form of many: lower case, no zeros in front, and
 * the longest row of two or more zero groups left out, the first of several
 * that are as long. So two texts are equal if their addresses are. Brackets
 * keep the port apart.
 */
#include <stdio.h>

#include "drivers/sockets.h"

#define GROUPS 8u

/* Where the longest row of two or more zero groups begins; `length` receives
 * how many they are, 0 for none. */
static unsigned longest_zeros(const unsigned group[GROUPS], unsigned *length)
{
    unsigned best = 0, from = 0;

    *length = 0;
    for (unsigned i = 0; i < GROUPS; i++) {
        if (group[i]) {
            from = i + 1;
        } else if (i + 1 - from > *length && i + 1 - from >= 2) {
            *length = i + 1 - from;
            best = from;
        }
    }
    return best;
}

/* At most 39 characters. */
static void write_ipv6(const uint8_t bytes[16], char text[NET_TEXT_MAX])
{
    unsigned group[GROUPS], zeros, from, at = 0;

    for (unsigned i = 0; i < GROUPS; i++)
        group[i] = (unsigned)bytes[2 * i] << 8 | bytes[2 * i + 1];
    from = longest_zeros(group, &zeros);
    for (unsigned i = 0; i < GROUPS; i++) {
        bool colon = at && text[at - 1] != ':';

        if (zeros && i == from) {
            at += (unsigned)snprintf(text + at, NET_TEXT_MAX - at, "::");
            i += zeros - 1;
            continue;
        }
        at += (unsigned)snprintf(text + at, NET_TEXT_MAX - at, "%s%x",
                                 colon ? ":" : "", group[i]);
    }
}

/* The bytes of the first three numbers are the other way round in memory. */
static void write_guid(const uint8_t g[16], char text[NET_TEXT_MAX])
{
    snprintf(text, NET_TEXT_MAX,
             "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-"
             "%02x%02x%02x%02x%02x%02x",
             g[3], g[2], g[1], g[0], g[5], g[4], g[7], g[6], g[8], g[9], g[10],
             g[11], g[12], g[13], g[14], g[15]);
}

const char *net_text(const struct net_address *a, char text[NET_TEXT_MAX])
{
    char inner[NET_TEXT_MAX];

    if (a->family == NET_IPV4) {
        snprintf(text, NET_TEXT_MAX, "%u.%u.%u.%u:%u", a->ipv4[0], a->ipv4[1],
                 a->ipv4[2], a->ipv4[3], (unsigned)a->port);
    } else if (a->family == NET_IPV6) {
        write_ipv6(a->ipv6, inner);
        snprintf(text, NET_TEXT_MAX, "[%.41s]:%u", inner, (unsigned)a->port);
    } else if (a->family == NET_VSOCK && a->port) {
        snprintf(text, NET_TEXT_MAX, "vsock:%u", (unsigned)a->port);
    } else if (a->family == NET_VSOCK) {
        write_guid(a->vsock, text);
    } else {
        snprintf(text, NET_TEXT_MAX, "family %u, port %u", (unsigned)a->family,
                 (unsigned)a->port);
    }
    return text;
}
