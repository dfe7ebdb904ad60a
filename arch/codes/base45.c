/* SPDX-License-Identifier: BSD-2-Clause */
/* Base45: see base45.h. */
#include "arch/codes/base45.h"

/* The values 0 to 44, which are those of a QR code's alphanumeric mode as well.
 * [RFC 9285 4.2] */
static const char alphabet[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";

/* Writes `count` digits of a number to the base 45, the lowest one first. */
static char *put(char *out, uint32_t value, unsigned count)
{
    for (; count > 0; count--) {
        *out++ = alphabet[value % 45];
        value /= 45;
    }
    return out;
}

size_t base45_encode(char *out, const uint8_t *bytes, size_t size)
{
    char *at = out;

    /* Two bytes, the first one higher, are a number of three digits. */
    for (; size >= 2; size -= 2, bytes += 2)
        at = put(at, (uint32_t)bytes[0] << 8 | bytes[1], 3);
    /* A byte that is left over becomes two digits. */
    if (size > 0)
        at = put(at, bytes[0], 2);
    return (size_t)(at - out);
}
