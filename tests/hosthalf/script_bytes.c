/* Messages as bytes: numbers at offsets, or hex. */
#include "script.h"

#include <stdio.h>

struct bytes message(uint32_t type, uint32_t size)
{
    struct bytes b = {.size = size};

    put32(&b, 0, type);
    return b;
}

struct bytes hex(const char *text)
{
    struct bytes b = {.size = 0};
    unsigned value;
    int used;

    while (sscanf(text, " %2x%n", &value, &used) == 1) {
        b.at[b.size++] = (uint8_t)value;
        text += used;
    }
    return b;
}

static void put(struct bytes *b, uint32_t at, uint64_t value, uint32_t size)
{
    for (uint32_t i = 0; i < size; i++)
        b->at[at + i] = (uint8_t)(value >> 8 * i);
}

void put8(struct bytes *b, uint32_t at, uint8_t value)
{
    put(b, at, value, 1);
}

void put16(struct bytes *b, uint32_t at, uint16_t value)
{
    put(b, at, value, 2);
}

void put32(struct bytes *b, uint32_t at, uint32_t value)
{
    put(b, at, value, 4);
}

void put64(struct bytes *b, uint32_t at, uint64_t value)
{
    put(b, at, value, 8);
}

static uint64_t get(const struct bytes *b, uint32_t at, uint32_t size)
{
    uint64_t value = 0;

    assert_true(at + size <= b->size);
    for (uint32_t i = 0; i < size; i++)
        value |= (uint64_t)b->at[at + i] << 8 * i;
    return value;
}

uint32_t get16(const struct bytes *b, uint32_t at)
{
    return (uint32_t)get(b, at, 2);
}

uint32_t get32(const struct bytes *b, uint32_t at)
{
    return (uint32_t)get(b, at, 4);
}

uint64_t get64(const struct bytes *b, uint32_t at)
{
    return get(b, at, 8);
}

/* ---- what a guest says, from the tables --------------------------------- */

/* A contact as Linux sends it: 40 bytes, from 5.0 on with SINT 2. */
struct bytes contact(uint32_t version, uint32_t vp)
{
    struct bytes b = message(14, 40);

    put32(&b, 8, version);
    put32(&b, 12, vp);
    if (version >= 0x00050000)
        put8(&b, 16, 2);
    return b;
}

struct bytes open_message(uint32_t relid, uint32_t open_id, uint32_t gpadl,
                          uint32_t vp, uint32_t downstream)
{
    struct bytes b = message(5, 148);

    put32(&b, 8, relid);
    put32(&b, 12, open_id);
    put32(&b, 16, gpadl);
    put32(&b, 20, vp);
    put32(&b, 24, downstream);
    return b;
}

struct bytes gpadl_header(uint32_t relid, uint32_t handle, uint32_t size,
                          uint32_t offset, const uint64_t *pfns, uint32_t count)
{
    uint32_t here = count < 26 ? count : 26;
    struct bytes b = message(8, 28 + 8 * here);

    put32(&b, 8, relid);
    put32(&b, 12, handle);
    put16(&b, 16, (uint16_t)(8 + 8 * count));
    put16(&b, 18, 1);
    put32(&b, 20, size);
    put32(&b, 24, offset);
    for (uint32_t i = 0; i < here; i++)
        put64(&b, 28 + 8 * i, pfns[i]);
    return b;
}

struct bytes gpadl_body(uint32_t handle, const uint64_t *pfns, uint32_t count)
{
    struct bytes b = message(9, 16 + 8 * count);

    put32(&b, 12, handle);
    for (uint32_t i = 0; i < count; i++)
        put64(&b, 16 + 8 * i, pfns[i]);
    return b;
}
