/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Addresses and failures between sockets and lwIP (ends.h).
 *
 * A socket of IPv6 speaks with both: lwIP keeps the type with each address, so
 * one of IPv4 needs no form of IPv6 around it, and whoever connects from there
 * is told with its address of IPv4. A socket of IPv4 takes nothing else.
 *
 * Bytes of an address are in the network's order on both sides, and ports are
 * numbers on both sides.
 */
#include <errno.h>
#include <string.h>

#include "drivers/ip/ends.h"
#include "drivers/ip/private.h"

/* An address of the link alone needs its link, RFC 4007: we have one. */
static void in_ipv6(const struct net_address *address, ip_addr_t *ip)
{
    IP_SET_TYPE(ip, IPADDR_TYPE_V6);
    memcpy(ip_2_ip6(ip)->addr, address->ipv6, sizeof(address->ipv6));
    ip6_addr_clear_zone(ip_2_ip6(ip));
    if (ip6_addr_lacks_zone(ip_2_ip6(ip), IP6_UNKNOWN))
        ip6_addr_assign_zone(ip_2_ip6(ip), IP6_UNKNOWN, &ip_interface.netif);
    /* Any address of IPv6 is any of IPv4, too. */
    if (ip6_addr_isany(ip_2_ip6(ip)))
        IP_SET_TYPE(ip, IPADDR_TYPE_ANY);
}

int ip_address_in(int family, const struct net_address *address, ip_addr_t *ip)
{
    memset(ip, 0, sizeof(*ip));
    if (address->port > UINT16_MAX)
        return -EINVAL;
    if (address->family == NET_IPV4) {
        memcpy(ip_2_ip4(ip), address->ipv4, sizeof(address->ipv4));
        IP_SET_TYPE(ip, IPADDR_TYPE_V4);
        return 0;
    }
    if (address->family != NET_IPV6 || family != NET_IPV6)
        return -EAFNOSUPPORT;
    in_ipv6(address, ip);
    return 0;
}

void ip_address_out(const ip_addr_t *ip, uint16_t port,
                    struct net_address *address)
{
    memset(address, 0, sizeof(*address));
    address->port = port;
    address->family = IP_IS_V4(ip) ? NET_IPV4 : NET_IPV6;
    if (IP_IS_V4(ip))
        memcpy(address->ipv4, ip_2_ip4(ip), sizeof(address->ipv4));
    else
        memcpy(address->ipv6, ip_2_ip6(ip)->addr, sizeof(address->ipv6));
}

/* In the order of lwIP's numbers, which are 0 and below. */
int ip_errno(err_t error)
{
    static const int errors[] = {
        [0] = 0,
        [-ERR_MEM] = ENOBUFS,
        [-ERR_BUF] = ENOBUFS,
        [-ERR_TIMEOUT] = ETIMEDOUT,
        [-ERR_RTE] = EHOSTUNREACH,
        [-ERR_INPROGRESS] = EINPROGRESS,
        [-ERR_VAL] = EINVAL,
        [-ERR_WOULDBLOCK] = EAGAIN,
        [-ERR_USE] = EADDRINUSE,
        [-ERR_ALREADY] = EALREADY,
        [-ERR_ISCONN] = EISCONN,
        [-ERR_CONN] = ENOTCONN,
        [-ERR_IF] = ENETDOWN,
        /* lwIP gives a connection up when nobody answers. */
        [-ERR_ABRT] = ETIMEDOUT,
        [-ERR_RST] = ECONNRESET,
        [-ERR_CLSD] = ENOTCONN,
        [-ERR_ARG] = EINVAL,
    };

    if (error > 0 || -error >= (int)(sizeof(errors) / sizeof(errors[0])))
        return -EIO;
    return -errors[-error];
}
