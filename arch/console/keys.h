/* SPDX-License-Identifier: BSD-2-Clause */
/* Keys from the bytes that a serial terminal sends (VT100 and xterm). Pure. */
#ifndef ARCH_KEYS_H
#define ARCH_KEYS_H

#include <stdbool.h>
#include <stdint.h>

#include "arch/console/line.h"

/* How much of a key has come: a key may be cut anywhere. All zero at first. */
struct keys {
    enum { KEYS_PLAIN, KEYS_ESCAPE, KEYS_SEQUENCE, KEYS_ONE_MORE } state;
    uint32_t number; /* the first one of a sequence, up to 99 */
    bool more;       /* others came after it */
    bool returned;   /* the byte before was '\r', of which '\n' is a part */
};

/**
 * Take one byte.
 *
 * @return  a character or enum line_key; KEY_NONE: the key goes on, or it is
 *          one that a line has no use for
 */
unsigned keys_take(struct keys *keys, uint8_t byte);

#endif
