/* SPDX-License-Identifier: BSD-2-Clause */
/* The functions of drivers/ip that lwIP calls; it includes this file where
 * lwipopts.h says so. */
#ifndef DRIVERS_IP_PORT_HOOKS_H
#define DRIVERS_IP_PORT_HOOKS_H

#include <lwip/ip_addr.h>

/**
 * The sequence number that a new connection begins with: what belongs to its
 * ends by a secret, and time, as RFC 6528 asks. Under the stack's lock.
 *
 * @local, @local_port    this end
 * @remote, @remote_port  the other
 * @return                the number
 */
u32_t ip_first_sequence(const ip_addr_t *local, u16_t local_port,
                        const ip_addr_t *remote, u16_t remote_port);

#endif
