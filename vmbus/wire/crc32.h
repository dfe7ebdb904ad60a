/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * CRC-32 as Ethernet (IEEE 802.3) and zlib compute it. Saved states carry it,
 * and applications compare data by it (vmbare_crc32).
 */
#ifndef VMBUS_WIRE_CRC32_H
#define VMBUS_WIRE_CRC32_H

#include <stddef.h>
#include <stdint.h>

/**
 * Computes the checksum of a sequence of bytes, piece by piece.
 *
 * @before  what this function returned for the pieces before; 0 for the first
 * @bytes   the next `size` bytes; may be NULL when `size` is 0
 * @return  the checksum of all pieces up to and with this one
 *
 * Any IRQL; no side effects.
 */
uint32_t vmbus_crc32(uint32_t before, const void *bytes, size_t size);

#endif
