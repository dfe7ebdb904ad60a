/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * CRC-32, half a byte at a time: a table of 64 bytes is a compromise between
 * speed and the size of the image.
 */
#include "vmbus/wire/crc32.h"

/* The remainder of each value of four bits by the polynomial 0xEDB88320 (the
 * bits of 0x04C11DB7 in reverse order). */
static const uint32_t remainder_of[16] = {
    0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4,
    0x4db26158, 0x5005713c, 0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c,
    0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c,
};

uint32_t vmbus_crc32(uint32_t before, const void *bytes, size_t size)
{
    const uint8_t *next = bytes;
    uint32_t crc = ~before;

    while (size--) {
        crc ^= *next++;
        crc = crc >> 4 ^ remainder_of[crc & 15];
        crc = crc >> 4 ^ remainder_of[crc & 15];
    }
    return ~crc;
}
