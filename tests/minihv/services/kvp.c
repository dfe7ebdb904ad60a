/* SPDX-License-Identifier: BSD-2-Clause */
/* Bodies of KVP, and their texts, which are UTF-16 there: see bodies.h. */
#include <stddef.h>

#include "bodies.h"
#include "bytes.h"
#include "vmbus/wire/memory.h"

enum {
    OP_SET = 1,
    OP_DELETE = 2,
    OP_ENUMERATE = 3,
    TYPE_STRING = 1,
    KEY_BYTES = 2 * (KVP_KEY_MAX + 1),
    VALUE_BYTES = 2 * (KVP_VALUE_MAX + 1),
    AT_KEY = 12,
    AT_VALUE = AT_KEY + KEY_BYTES,
    ENTRY = AT_VALUE + VALUE_BYTES,
    AT_ENTRY = 8, /* of an answer */
};

/* ---- texts --------------------------------------------------------------- */

/* Takes one character of UTF-8 below U+10000; 0: it is none. */
static uint32_t take_character(const uint8_t **text)
{
    const uint8_t *t = *text;
    uint32_t more = *t < 0x80 ? 0 : *t >> 5 == 6 ? 1 : *t >> 4 == 14 ? 2 : 9;
    uint32_t c = more ? *t & (0x3Fu >> more) : *t;

    if (more > 2)
        return 0;
    for (uint32_t i = 1; i <= more; i++) {
        if (t[i] >> 6 != 2)
            return 0;
        c = c << 6 | (t[i] & 0x3F);
    }
    *text = t + 1 + more;
    return c;
}

/* Writes `text` with its end into a field of `most` + 1 units. Returns its
 * bytes, 0: it cannot be. */
static uint32_t put_text(uint8_t *at, const char *text, uint32_t most)
{
    const uint8_t *t = (const uint8_t *)text;
    uint32_t n = 0;

    while (*t) {
        uint32_t c = take_character(&t);

        if (!c || n == most)
            return 0;
        put16(at + 2 * (size_t)n++, (uint16_t)c);
    }
    return n ? 2 * (n + 1) : 0;
}

static char *put_character(char *to, uint16_t c)
{
    bool half = c >> 11 == 0x1B;

    if (half || c < ' ') {
        *to++ = '?'; /* a control character would break the lines outside */
    } else if (c < 0x80) {
        *to++ = (char)c;
    } else if (c < 0x800) {
        *to++ = (char)(0xC0 | c >> 6);
        *to++ = (char)(0x80 | (c & 0x3F));
    } else {
        *to++ = (char)(0xE0 | c >> 12);
        *to++ = (char)(0x80 | (c >> 6 & 0x3F));
        *to++ = (char)(0x80 | (c & 0x3F));
    }
    return to;
}

/* Reads up to `bytes` of UTF-16, to its end. */
static void get_text(const uint8_t *at, uint32_t bytes, char *to)
{
    for (uint32_t i = 0; i + 1 < bytes && get16(at + i); i += 2)
        to = put_character(to, get16(at + i));
    *to = 0;
}

/* ---- bodies -------------------------------------------------------------- */

uint32_t body_kvp_set(uint8_t *body, const char *key, const char *value)
{
    uint8_t *e = body + 4;
    uint32_t key_bytes, value_bytes;

    memset(body, 0, 4 + ENTRY);
    body[0] = OP_SET;
    body[1] = KVP_EXTERNAL;
    key_bytes = put_text(e + AT_KEY, key, KVP_KEY_MAX);
    value_bytes = put_text(e + AT_VALUE, value, KVP_VALUE_MAX);
    put32(e, TYPE_STRING);
    put32(e + 4, key_bytes);
    put32(e + 8, value_bytes);
    return key_bytes && value_bytes ? 4 + ENTRY : 0;
}

uint32_t body_kvp_delete(uint8_t *body, const char *key)
{
    uint32_t bytes;

    memset(body, 0, 8 + KEY_BYTES);
    body[0] = OP_DELETE;
    body[1] = KVP_EXTERNAL;
    bytes = put_text(body + 8, key, KVP_KEY_MAX);
    put32(body + 4, bytes);
    return bytes ? 8 + KEY_BYTES : 0;
}

uint32_t body_kvp_list(uint8_t *body, enum kvp_pool pool, uint32_t index)
{
    memset(body, 0, AT_ENTRY + ENTRY);
    body[0] = OP_ENUMERATE;
    body[1] = (uint8_t)pool;
    put32(body + 4, index);
    return AT_ENTRY + ENTRY;
}

const char *read_kvp(const struct ic_answer *a, struct kvp_entry *e)
{
    const uint8_t *entry = a->body + AT_ENTRY;
    uint32_t key_bytes, value_bytes;

    if (a->size < AT_ENTRY + ENTRY)
        return "a KVP answer that ends before its value";
    key_bytes = get32(entry + 4);
    value_bytes = get32(entry + 8);
    if (get32(entry) != TYPE_STRING)
        return "a KVP value that is no string";
    if (key_bytes > KEY_BYTES || value_bytes > VALUE_BYTES)
        return "a KVP key or value that is larger than its field";
    get_text(entry + AT_KEY, key_bytes, e->key);
    get_text(entry + AT_VALUE, value_bytes, e->value);
    return NULL;
}
