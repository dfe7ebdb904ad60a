/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Fields of a saved state, one function per type, for both directions
 * (image.h). Every number is little-endian, whatever the machine is.
 */
#include "vmbus/host/image.h"

#include "vmbus/wire/memory.h"

/* The first error stays; what follows it would only confuse. */
bool vmbus_host_image_check(struct host_image *i, bool fits, int status)
{
    if (!fits && i->status == 0)
        i->status = status;
    return i->status == 0;
}

/*
 * Writing counts on past the end, to learn the size. Reading past the end is an
 * error and gives zeroes.
 */
void vmbus_host_image_bytes(struct host_image *i, void *bytes, size_t size)
{
    bool fits = i->at <= i->size && size <= i->size - i->at;

    if (!i->reading) {
        if (fits && i->to && size)
            memcpy(i->to + i->at, bytes, size);
        i->at += size;
        return;
    }
    if (vmbus_host_image_check(i, fits, -EBADMSG)) {
        if (size)
            memcpy(bytes, i->from + i->at, size);
        i->at += size;
    } else if (size) {
        memset(bytes, 0, size);
    }
}

/* Writes or reads `size` bytes, the least significant first. */
static uint64_t number(struct host_image *i, uint64_t value, unsigned size)
{
    uint8_t bytes[sizeof(value)];
    uint64_t result = 0;

    for (unsigned n = 0; n < size; n++)
        bytes[n] = (uint8_t)(value >> 8 * n);
    vmbus_host_image_bytes(i, bytes, size);
    for (unsigned n = 0; n < size; n++)
        result |= (uint64_t)bytes[n] << 8 * n;
    return result;
}

void vmbus_host_image_u8(struct host_image *i, uint8_t *value)
{
    *value = (uint8_t)number(i, *value, sizeof(*value));
}

void vmbus_host_image_u16(struct host_image *i, uint16_t *value)
{
    *value = (uint16_t)number(i, *value, sizeof(*value));
}

void vmbus_host_image_u32(struct host_image *i, uint32_t *value)
{
    *value = (uint32_t)number(i, *value, sizeof(*value));
}

void vmbus_host_image_u64(struct host_image *i, uint64_t *value)
{
    *value = number(i, *value, sizeof(*value));
}

void vmbus_host_image_guid(struct host_image *i, struct vmbus_guid *guid)
{
    vmbus_host_image_bytes(i, guid->bytes, sizeof(guid->bytes));
}

/* Anything but 0 and 1 was not written by this code. */
void vmbus_host_image_bool(struct host_image *i, bool *value)
{
    uint8_t byte = *value;

    vmbus_host_image_u8(i, &byte);
    vmbus_host_image_check(i, byte <= 1, -EBADMSG);
    *value = byte == 1;
}
