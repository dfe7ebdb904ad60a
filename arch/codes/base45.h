/* SPDX-License-Identifier: BSD-2-Clause */
/* Base45: bytes as text of the 45 characters that a QR code packs best, its
 * alphanumeric mode. [RFC 9285] */
#ifndef ARCH_CODES_BASE45_H
#define ARCH_CODES_BASE45_H

#include <stddef.h>
#include <stdint.h>

/* Characters that @bytes bytes become: three for two, two for a single one. */
#define BASE45_LENGTH(bytes) ((bytes) / 2 * 3 + (bytes) % 2 * 2)

/**
 * Encode bytes. Pure.
 *
 * @out     receives BASE45_LENGTH(@size) characters, without a terminating zero
 * @bytes   @size of them
 * @return  how many characters were written
 */
size_t base45_encode(char *out, const uint8_t *bytes, size_t size);

#endif
