/* SPDX-License-Identifier: BSD-2-Clause */
/* Addresses by data exchange: what the two forms of the wire share. */
#ifndef DRIVERS_SERVICES_ADDRESSES_H
#define DRIVERS_SERVICES_ADDRESSES_H

#include "drivers/services/kvp/kvp.h"

/* The form with numbers, and where the adapter's text stands in it. */
#define ADDRESSES5_SIZE       3716u
#define ADDRESSES5_AT_ADAPTER 28u

/* Families that an interface has: 1 IPv4, 2 IPv6. Any IRQL. */
uint8_t addresses_families(const struct services_network *n);

/* Writes what is known into a body of ADDRESSES5_SIZE bytes. IC_OK. Any IRQL.
 */
uint32_t addresses5_put(uint8_t *body, const struct services_network *n);

/*
 * Reads what is asked for from such a body.
 *
 * @change  zeros, which is filled
 * @return  false: a count is larger than its array, or the lists are longer
 *          than anybody needs
 *
 * Any IRQL.
 */
bool addresses5_take(const uint8_t *body, struct services_change *change);

#endif
