/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The pools of data exchange (kvp.h): a list each, in the order of setting, so
 * that the index of a value stays the same while a host goes through them.
 *
 * Pool 2 is always empty here: system.c answers for it. Texts are stored as
 * they came, in UTF-16 and without their zeros, so that a host reads what it
 * has written, byte for byte.
 *
 * A host may set as much as it likes, so there is a most. Memory is taken and
 * given back without the lock; under it values are only compared and copied.
 */
#include "drivers/services/kvp/kvp.h"

#include <errno.h>
#include <stdlib.h>

/* Values of one pool. */
#define VALUES_MAX 128u

struct value {
    struct value *next;
    uint32_t key_bytes, value_bytes;
    uint8_t bytes[]; /* the key, the value */
};

static struct value *pools[KVP_POOLS];
static struct vmbare_lock lock;

/* Keys are compared byte by byte: capital letters are others. */
static bool has_key(const struct value *v, struct kvp_text key)
{
    return v->key_bytes == key.bytes && !memcmp(v->bytes, key.at, key.bytes);
}

/* Where the value is linked: at the end where there is none. Under the lock. */
static struct value **find(enum kvp_pool pool, struct kvp_text key,
                           uint32_t *count)
{
    struct value **at = &pools[pool];

    for (*count = 0; *at && !has_key(*at, key); at = &(*at)->next)
        ++*count;
    return at;
}

/* A value of its own, linked nowhere. */
static struct value *make(struct kvp_text key, struct kvp_text value)
{
    struct value *v = malloc(sizeof(*v) + key.bytes + value.bytes);

    if (!v)
        return NULL;
    v->key_bytes = key.bytes;
    v->value_bytes = value.bytes;
    memcpy(v->bytes, key.at, key.bytes);
    memcpy(v->bytes + key.bytes, value.at, value.bytes);
    return v;
}

/* A new value takes the old one's place in the list, so no index changes. */
uint32_t pools_set(enum kvp_pool pool, struct kvp_text key,
                   struct kvp_text value)
{
    struct value *v = make(key, value), *old = v, **at;
    uint32_t count;

    if (!v)
        return IC_FULL;
    vmbare_lock_take(&lock);
    at = find(pool, key, &count);
    /* A pool that is full still takes a new value for an old key. */
    if (*at || count < VALUES_MAX) {
        old = *at;
        v->next = old ? old->next : NULL;
        *at = v;
    }
    vmbare_lock_give(&lock);
    free(old);
    return old == v ? IC_FULL : IC_OK;
}

/* Values behind it get smaller indexes, as everywhere in data exchange. */
uint32_t pools_delete(enum kvp_pool pool, struct kvp_text key)
{
    struct value **at, *old;
    uint32_t count;

    vmbare_lock_take(&lock);
    at = find(pool, key, &count);
    old = *at;
    if (old)
        *at = old->next;
    vmbare_lock_give(&lock);
    free(old);
    return old ? IC_OK : IC_NOT_FOUND;
}

/* Under the lock. */
static const struct value *at_index(enum kvp_pool pool, uint32_t index)
{
    const struct value *v = pools[pool];

    while (v && index--)
        v = v->next;
    return v;
}

/* The key may lie in the field that is written: it is compared before. */
bool pools_read(enum kvp_pool pool, const struct kvp_text *key, uint32_t index,
                uint8_t *key_field, uint8_t *value_field)
{
    const struct value *v;
    uint32_t count;

    vmbare_lock_take(&lock);
    v = key ? *find(pool, *key, &count) : at_index(pool, index);
    if (v) {
        memset(key_field, 0, KVP_KEY_FIELD);
        memcpy(key_field, v->bytes, v->key_bytes);
        memset(value_field, 0, KVP_VALUE_FIELD);
        memcpy(value_field, v->bytes + v->key_bytes, v->value_bytes);
    }
    vmbare_lock_give(&lock);
    return v != NULL;
}

/* Each list is taken off as a whole, and freed without the lock. */
void pools_clear(void)
{
    for (unsigned i = 0; i < KVP_POOLS; i++) {
        struct value *v, *next;

        vmbare_lock_take(&lock);
        v = pools[i];
        pools[i] = NULL;
        vmbare_lock_give(&lock);
        for (; v; v = next) {
            next = v->next;
            free(v);
        }
    }
}
