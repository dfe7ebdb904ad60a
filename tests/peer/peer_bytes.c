/* SPDX-License-Identifier: BSD-2-Clause */
/* Bytes, little-endian or as text. */
#include "peer_private.h"

uint32_t peer_u32(const void *bytes, uint32_t at)
{
    const uint8_t *b = (const uint8_t *)bytes + at;

    return b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 |
           (uint32_t)b[3] << 24;
}

uint64_t peer_u64(const void *bytes, uint32_t at)
{
    return peer_u32(bytes, at) | (uint64_t)peer_u32(bytes, at + 4) << 32;
}

uint16_t peer_get16(const uint8_t *b, uint32_t at)
{
    return (uint16_t)(b[at] | b[at + 1] << 8);
}

void peer_put16(uint8_t *b, uint32_t at, uint16_t v)
{
    b[at] = (uint8_t)v;
    b[at + 1] = (uint8_t)(v >> 8);
}

void peer_put32(uint8_t *b, uint32_t at, uint32_t v)
{
    peer_put16(b, at, (uint16_t)v);
    peer_put16(b, at + 2, (uint16_t)(v >> 16));
}

static int nibble(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return -1;
}

int peer_next_byte(const char **hex)
{
    int value;

    while (**hex == ' ' || **hex == '\n')
        (*hex)++;
    if (**hex == '\0')
        return -1;
    if ((*hex)[0] == '.')
        value = 256;
    else
        value = nibble((*hex)[0]) << 4 | nibble((*hex)[1]);
    *hex += 2;
    return value;
}
