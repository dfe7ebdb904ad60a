/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Services and their names (hvsock.h). A port is the first number of a GUID
 * whose other bytes are fixed. [linux hyperv_transport]
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "drivers/hvsock/private.h"

/* {00000000-facb-11e6-bd58-64006a7986d3} */
static const GUID template = {
    0, 0xfacb, 0x11e6, {0xbd, 0x58, 0x64, 0x00, 0x6a, 0x79, 0x86, 0xd3}};

#define GUID_TEXT 36u

GUID hvsock_guid(uint32_t port)
{
    GUID guid = template;

    guid.Data1 = port;
    return guid;
}

/* All bytes but the port's are those of the template. */
bool hvsock_is_template(const GUID *guid)
{
    GUID base = *guid;

    base.Data1 = 0;
    return !memcmp(&base, &template, sizeof(base));
}

uint32_t hvsock_port(const GUID *guid)
{
    return hvsock_is_template(guid) ? guid->Data1 : 0;
}

/* A GUID counts before a port: it is the longer name of the two. */
int hvsock_address_in(const struct net_address *address, GUID *service)
{
    static const uint8_t none[16];

    if (address->family != NET_VSOCK)
        return -EAFNOSUPPORT;
    if (memcmp(address->vsock, none, sizeof(none))) {
        memcpy(service, address->vsock, sizeof(*service));
        return 0;
    }
    if (address->port > HVSOCK_PORT_MOST)
        return -EINVAL;
    *service = hvsock_guid(address->port);
    return 0;
}

void hvsock_address_out(const GUID *guid, struct net_address *address)
{
    *address =
        (struct net_address){.family = NET_VSOCK, .port = hvsock_port(guid)};
    memcpy(address->vsock, guid, sizeof(*guid));
}

/* ---- text ---------------------------------------------------------------- */

/* The value of a hexadecimal digit; -1: it is none. */
static int digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The text has the bytes in reading order; in memory the first three numbers
 * are little-endian. */
static bool read_guid(const char *text, uint8_t bytes[16])
{
    static const uint8_t order[] = {3, 2, 1,  0,  5,  4,  7,  6,
                                    8, 9, 10, 11, 12, 13, 14, 15};

    if (strlen(text) != GUID_TEXT)
        return false;
    for (unsigned i = 0; i < sizeof(order); i++) {
        if ((i == 4 || i == 6 || i == 8 || i == 10) && *text++ != '-')
            return false;
        if (digit(text[0]) < 0 || digit(text[1]) < 0)
            return false;
        bytes[order[i]] = (uint8_t)(digit(text[0]) << 4 | digit(text[1]));
        text += 2;
    }
    return true;
}

/* The number is decimal, and nothing stands before or behind it. */
bool hvsock_service(const char *text, struct net_address *address)
{
    struct net_address a = {.family = NET_VSOCK};
    unsigned long port;
    char *end;
    GUID guid;

    if (read_guid(text, a.vsock)) {
        memcpy(&guid, a.vsock, sizeof(guid));
        hvsock_address_out(&guid, address);
        return true;
    }
    port = strtoul(text, &end, 10);
    if (*text < '0' || *text > '9' || *end || !port || port > HVSOCK_PORT_MOST)
        return false;
    a.port = (uint32_t)port;
    *address = a;
    return true;
}
