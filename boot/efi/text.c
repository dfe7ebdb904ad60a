/* SPDX-License-Identifier: BSD-2-Clause */
/* Text of the firmware as ASCII: see boot.h. */
#include "boot/efi/boot.h"

/* The text comes from the firmware: it may be missing, or not be terminated. */
void boot_copy_ascii(char *to, uint32_t size, const CHAR16 *from,
                     uint32_t length)
{
    uint32_t n = 0;

    while (from && n + 1 < size && n < length && from[n] != 0) {
        to[n] = from[n] >= 0x20 && from[n] < 0x7f ? (char)from[n] : '?';
        n++;
    }
    to[n] = 0;
}
