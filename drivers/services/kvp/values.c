/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Values of data exchange for an application (services.h): it reads what the
 * host has given, and writes what the host may read. Texts are UTF-8.
 */
#include "drivers/services/kvp/kvp.h"

#include <errno.h>

/* A field as text. */
static size_t read_field(const uint8_t *field, uint32_t size, char *text,
                         size_t room)
{
    return utf16_read(field, utf16_length(field, size), text, room);
}

/* A person's value wins over one that the host gives by itself. */
int services_value(const char *key, char *text, size_t size)
{
    uint8_t wanted[KVP_KEY_FIELD], value[KVP_VALUE_FIELD];
    struct kvp_text k = {wanted, utf16_write(key, wanted, KVP_KEY_FIELD - 2)};
    uint8_t ignored[KVP_KEY_FIELD];

    if (k.bytes == UINT32_MAX || k.bytes == 0 || size == 0)
        return -EINVAL;
    if (!pools_read(KVP_EXTERNAL, &k, 0, ignored, value) &&
        !pools_read(KVP_AUTO_EXTERNAL, &k, 0, ignored, value))
        return -ENOENT;
    return read_field(value, KVP_VALUE_FIELD, text, size) < size ? 0 : -ERANGE;
}

/* The index changes when a host deletes a value meanwhile. */
bool services_value_next(unsigned index, char key[SERVICES_KEY_MAX],
                         char value[SERVICES_VALUE_MAX])
{
    uint8_t key_field[KVP_KEY_FIELD], value_field[KVP_VALUE_FIELD];

    if (!pools_read(KVP_EXTERNAL, NULL, index, key_field, value_field))
        return false;
    (void)read_field(key_field, KVP_KEY_FIELD, key, SERVICES_KEY_MAX);
    (void)read_field(value_field, KVP_VALUE_FIELD, value, SERVICES_VALUE_MAX);
    return true;
}

/* The value is there for the host until services_stop(). */
int services_publish(const char *key, const char *value)
{
    uint8_t key_bytes[KVP_KEY_FIELD], value_bytes[KVP_VALUE_FIELD];
    struct kvp_text k = {key_bytes,
                         utf16_write(key, key_bytes, KVP_KEY_FIELD - 2)};
    struct kvp_text v = {value_bytes, 0};

    if (k.bytes == UINT32_MAX || k.bytes == 0)
        return -EINVAL;
    if (!value)
        return pools_delete(KVP_GUEST, k) == IC_OK ? 0 : -ENOENT;
    v.bytes = utf16_write(value, value_bytes, KVP_VALUE_FIELD - 2);
    if (v.bytes == UINT32_MAX)
        return -EINVAL;
    return pools_set(KVP_GUEST, k, v) == IC_OK ? 0 : -ENOSPC;
}
