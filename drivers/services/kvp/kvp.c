/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The requests of data exchange (kvp.h).
 *
 * Body [linux hyperv.h] hv_kvp_msg:
 *
 *     operation @0, pool @1, then
 *
 *     get, set    a value @4
 *     enumerate   an index @4, a value @8
 *     delete      the key's size @4, the key @8
 *     addresses   see addresses.c
 *
 * A value:
 *
 *     @0    type
 *     @4    the key's size      in bytes, with the zero at the end
 *     @8    the value's size    likewise
 *     @12   key                 512 bytes
 *     @524  value               2,048 bytes
 *
 * Sizes and types are the host's word, and are checked against the fields. The
 * message that is answered must have room for the whole value, because the
 * answer stands in it.
 *
 * What is not there has a status of its own for each operation: a host stops
 * going through a pool at IC_NO_MORE, and takes any other error for an entry
 * that it may skip.
 */
#include "drivers/services/kvp/kvp.h"

#include <stdio.h>

#define AT_OPERATION  0u
#define AT_POOL       1u
#define AT_GET        4u /* the value of get and set */
#define AT_INDEX      4u
#define AT_ENUMERATED 8u /* its value */
#define AT_DELETED    4u /* the key's size, then the key */

/* From a value's beginning. */
#define AT_TYPE       0u
#define AT_KEY_SIZE   4u
#define AT_VALUE_SIZE 8u
#define AT_KEY        12u
#define AT_VALUE      (AT_KEY + KVP_KEY_FIELD)
#define VALUE         (AT_VALUE + KVP_VALUE_FIELD)

enum operation { GET, SET, DELETE, ENUMERATE, GET_ADDRESSES, SET_ADDRESSES };

/* Two numbers are in use for 64 bits. [linux hyperv.h] [openvmm ic] */
enum type {
    STRING = 1,
    EXPAND_STRING = 2,
    NUMBER_32 = 4,
    NUMBER_64 = 8,
    NUMBER_64_TOO = 11,
};

/* ---- reading ------------------------------------------------------------- */

/* A text in a field, whose size the host has told. False: that cannot be. */
static bool take_text(const uint8_t *field, uint32_t told, uint32_t most,
                      struct kvp_text *text)
{
    if (told > most || told % 2)
        return false;
    text->at = field;
    text->bytes = utf16_length(field, told);
    /* A field that is full to the end has no room for its zero. */
    return text->bytes <= most - 2;
}

/* The key of a get, set or delete: not empty. */
static bool take_key(const uint8_t *field, uint32_t told, struct kvp_text *key)
{
    return take_text(field, told, KVP_KEY_FIELD, key) && key->bytes;
}

/* A number becomes the text that a person would write. */
static bool take_number(const uint8_t *field, uint32_t told, uint32_t size,
                        uint8_t room[64], struct kvp_text *text)
{
    char digits[24];

    if (told != size)
        return false;
    snprintf(
        digits, sizeof(digits), "%llu",
        (unsigned long long)(size == 8 ? ic_get64(field) : ic_get32(field)));
    text->at = room;
    text->bytes = utf16_write(digits, room, 64);
    return true;
}

/* Numbers become texts, so that everybody reads a value in one way. */
static bool take_value(const uint8_t *value, uint8_t room[64],
                       struct kvp_text *text)
{
    const uint8_t *field = value + AT_VALUE;
    uint32_t told = ic_get32(value + AT_VALUE_SIZE);

    switch (ic_get32(value + AT_TYPE)) {
    case STRING:
    case EXPAND_STRING:
        return take_text(field, told, KVP_VALUE_FIELD, text);
    case NUMBER_32:
        return take_number(field, told, 4, room, text);
    case NUMBER_64:
    case NUMBER_64_TOO:
        return take_number(field, told, 8, room, text);
    default:
        return false;
    }
}

/* ---- writing ------------------------------------------------------------- */

/* The value's sizes, once its fields are filled. */
static uint32_t put_sizes(uint8_t *value)
{
    ic_put32(value + AT_TYPE, STRING);
    ic_put32(value + AT_KEY_SIZE,
             utf16_length(value + AT_KEY, KVP_KEY_FIELD) + 2);
    ic_put32(value + AT_VALUE_SIZE,
             utf16_length(value + AT_VALUE, KVP_VALUE_FIELD) + 2);
    return IC_OK;
}

/* Fills the fields with a fact about the system. */
static bool put_fact(uint32_t index, uint8_t *value)
{
    static char text[KVP_VALUE_FIELD / 2]; /* one request at a time */
    const char *key = system_fact(index, text, sizeof(text));

    if (!key)
        return false;
    memset(value + AT_KEY, 0, KVP_KEY_FIELD + KVP_VALUE_FIELD);
    (void)utf16_write(key, value + AT_KEY, KVP_KEY_FIELD - 2);
    (void)utf16_write(text, value + AT_VALUE, KVP_VALUE_FIELD - 2);
    return true;
}

/* Finds a fact by its key: there are only a few. */
static bool put_fact_of(struct kvp_text key, uint8_t *value)
{
    uint8_t wanted[KVP_KEY_FIELD];
    uint32_t bytes = key.bytes;

    memcpy(wanted, key.at, bytes);
    for (uint32_t i = 0; put_fact(i, value); i++)
        if (utf16_length(value + AT_KEY, KVP_KEY_FIELD) == bytes &&
            memcmp(value + AT_KEY, wanted, bytes) == 0)
            return true;
    return false;
}

/* ---- requests ------------------------------------------------------------ */

/* The answer has the same key, and the value beside it. */
static uint32_t get(uint8_t pool, uint8_t *value)
{
    struct kvp_text key;
    bool found;

    if (!take_key(value + AT_KEY, ic_get32(value + AT_KEY_SIZE), &key))
        return IC_INVALID;
    if (pool == KVP_AUTO)
        found = put_fact_of(key, value);
    else
        found = pools_read((enum kvp_pool)pool, &key, 0, value + AT_KEY,
                           value + AT_VALUE);
    return found ? put_sizes(value) : (uint32_t)IC_NOT_FOUND;
}

/* The end of a pool has a status of its own, by which a host stops asking. */
static uint32_t enumerate(uint8_t pool, uint32_t index, uint8_t *value)
{
    bool found;

    if (pool == KVP_AUTO)
        found = put_fact(index, value);
    else
        found = pools_read((enum kvp_pool)pool, NULL, index, value + AT_KEY,
                           value + AT_VALUE);
    return found ? put_sizes(value) : (uint32_t)IC_NO_MORE;
}

/* The answer to a set is the request, with its status. */
static uint32_t set(uint8_t pool, const uint8_t *value)
{
    struct kvp_text key, text;
    uint8_t room[64];

    if (!take_key(value + AT_KEY, ic_get32(value + AT_KEY_SIZE), &key) ||
        !take_value(value, room, &text))
        return IC_INVALID;
    return pools_set((enum kvp_pool)pool, key, text);
}

/* Key and size stand together here, without a type. */
static uint32_t delete_key(uint8_t pool, const uint8_t *at)
{
    struct kvp_text key;

    if (!take_key(at + 4, ic_get32(at), &key))
        return IC_INVALID;
    return pools_delete((enum kvp_pool)pool, key);
}

/* Is it a pool that the host writes? */
static bool is_hosts(uint8_t pool)
{
    return pool == KVP_EXTERNAL || pool == KVP_AUTO_EXTERNAL;
}

/* The bytes that a request and its answer have, at least. */
static uint32_t size_of(uint8_t operation)
{
    switch (operation) {
    case GET:
    case SET:
        return AT_GET + VALUE;
    case DELETE:
        return AT_DELETED + 4 + KVP_KEY_FIELD;
    default:
        return AT_ENUMERATED + VALUE;
    }
}

/* Operations on the pools. */
static uint32_t handle_value(struct ic_request *r)
{
    uint8_t operation = r->body[AT_OPERATION], pool = r->body[AT_POOL];

    /* Go by what the message really has: hosts differ in the header's size. */
    if (r->room < size_of(operation))
        return IC_INVALID;
    if (r->size < size_of(operation))
        r->size = size_of(operation);
    /* Pool 4 and what follows are not exchanged. */
    if (pool >= KVP_POOLS)
        return IC_NOT_SUPPORTED;
    if (operation == GET)
        return get(pool, r->body + AT_GET);
    if (operation == ENUMERATE)
        return enumerate(pool, ic_get32(r->body + AT_INDEX),
                         r->body + AT_ENUMERATED);
    /* Let a host change only what is its own. */
    if (!is_hosts(pool))
        return IC_NOT_SUPPORTED;
    return operation == SET ? set(pool, r->body + AT_GET)
                            : delete_key(pool, r->body + AT_DELETED);
}

/* Each operation checks the size that it needs. */
uint32_t kvp_handle(struct ic_request *r)
{
    if (r->room < AT_POOL + 1)
        return IC_INVALID;
    switch (r->body[AT_OPERATION]) {
    case GET:
    case SET:
    case DELETE:
    case ENUMERATE:
        return handle_value(r);
    case GET_ADDRESSES:
        return addresses_get(r);
    case SET_ADDRESSES:
        return addresses_set(r);
    default:
        return IC_NOT_SUPPORTED;
    }
}
