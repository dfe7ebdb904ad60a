/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Data exchange (KVP): what its files share. A value has a key; both are texts.
 * They are in pools, by who writes them.
 */
#ifndef DRIVERS_SERVICES_KVP_H
#define DRIVERS_SERVICES_KVP_H

#include "drivers/services/private.h"
#include "drivers/services/kvp/utf16.h"

/* Fields of the wire, in bytes, the zero at their end included. */
#define KVP_KEY_FIELD   512u
#define KVP_VALUE_FIELD 2048u

enum kvp_pool {
    KVP_EXTERNAL,      /* values that a person gives at the host */
    KVP_GUEST,         /* values of the application, for the host */
    KVP_AUTO,          /* facts about the system; no pool in memory */
    KVP_AUTO_EXTERNAL, /* values that the host gives by itself */
    KVP_POOLS,
};

/* A text without its zero: bytes of UTF-16. */
struct kvp_text {
    const uint8_t *at;
    uint32_t bytes;
};

/* ---- pools.c: <= DISPATCH, any processor --------------------------------- */

/*
 * Sets a value. A key that is there gets it instead of its old one.
 *
 * @key    1 to KVP_KEY_FIELD - 2 bytes; copied
 * @value  up to KVP_VALUE_FIELD - 2 bytes; copied
 * @return IC_OK; IC_FULL: no more values fit, or there is no memory
 */
uint32_t pools_set(enum kvp_pool pool, struct kvp_text key,
                   struct kvp_text value);

/* Deletes a value. IC_OK; IC_NOT_FOUND. */
uint32_t pools_delete(enum kvp_pool pool, struct kvp_text key);

/*
 * Copies a value into fields of the wire, which are filled up with zeros.
 *
 * @key    the value's key; NULL: the one with this index
 * @index  0 for the first
 * @return false: there is none, and nothing was written
 */
bool pools_read(enum kvp_pool pool, const struct kvp_text *key, uint32_t index,
                uint8_t *key_field, uint8_t *value_field);

/* Deletes all values of all pools. */
void pools_clear(void);

/* ---- system.c ------------------------------------------------------------ */

/*
 * A fact about the system: the name of its key, and the value.
 *
 * @index  0 for the first
 * @value  receives at most `size` bytes
 * @return the key; NULL: no more
 *
 * DISPATCH.
 */
const char *system_fact(uint32_t index, char *value, size_t size);

/* Reads what does not change. PASSIVE, before a request. */
void system_begin(void);

/* What services_set_network() was given last; NULL: nothing. Any IRQL. */
const struct services_network_source *system_network(void);

/* ---- addresses.c --------------------------------------------------------- */

/* Tells the adapter's addresses. Returns enum ic_status. DISPATCH. */
uint32_t addresses_get(struct ic_request *r);

/* Takes addresses for the adapter. Returns enum ic_status. DISPATCH. */
uint32_t addresses_set(struct ic_request *r);

#endif
