/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Sockets of IPv4 and IPv6: what drivers/sockets calls (ends.c), and the two
 * types behind it (tcp.c, udp.c). All of it runs under the stack's lock.
 */
#ifndef DRIVERS_IP_ENDS_H
#define DRIVERS_IP_ENDS_H

#include <lwip/err.h>
#include <lwip/ip_addr.h>

#include "drivers/sockets.h"

/* What both types have; the first member of theirs. */
struct net_end {
    struct net_end *next;              /* of all that are open */
    const struct net_operations *type; /* TCP's or UDP's */
    int family;
    int s;     /* whom to wake; -1: nobody yet */
    int error; /* a negative errno that ends all calls; 0 */
    void (*down)(struct net_end *end); /* the network is stopped */
};

extern const struct net_operations ip_tcp_operations, ip_udp_operations;

/* ---- ends.c -------------------------------------------------------------- */

/** From now on IPv4 and IPv6 are carried by this stack. PASSIVE. */
void ip_ends_start(void);

/* ---- ends_list.c --------------------------------------------------------- */

/** All ends have failed with ENETDOWN. Under the stack's lock. */
void ip_ends_stop(void);

/**
 * Put an end into the list of those that are open. Under the stack's lock.
 *
 * @end  zero but for what its type has set
 */
void ip_end_add(struct net_end *end);

/**
 * Take it out. Under the stack's lock.
 *
 * @end  in the list
 */
void ip_end_remove(struct net_end *end);

/* ---- address.c ----------------------------------------------------------- */

/**
 * An address for lwIP. A link-local one is of our only link.
 *
 * @family   of the socket; one of IPv6 may speak with IPv4
 * @address  the caller's
 * @ip       receives it; what is all zero becomes any address of the family
 * @return   0; -EAFNOSUPPORT; -EINVAL: the port is over 65,535
 */
int ip_address_in(int family, const struct net_address *address, ip_addr_t *ip);

/**
 * lwIP's address for a caller.
 *
 * @ip       lwIP's
 * @port     as a number
 * @address  receives both
 */
void ip_address_out(const ip_addr_t *ip, uint16_t port,
                    struct net_address *address);

/**
 * lwIP's word for a failure.
 *
 * @error   enum err_enum_t
 * @return  0, or a negative errno
 */
int ip_errno(err_t error);

#endif
