/*
 * The checksum of saved chunks. Saving is rare: no table.
 */
#include "kmcl/save/format.h"

uint32_t kmcl_checksum(uint32_t seed, const void *data, uint32_t size)
{
    const uint8_t *bytes = data;
    uint32_t crc = ~seed;

    for (uint32_t i = 0; i < size; i++) {
        crc ^= bytes[i];
        for (int bit = 0; bit < 8; bit++)
            crc = crc & 1 ? crc >> 1 ^ 0xEDB88320u : crc >> 1;
    }
    return ~crc;
}
