/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Set 1 of a PS/2 keyboard's scan codes, taken apart: a prefix, and a byte
 * whose bit 7 says that the key went up. It knows neither ports nor channels.
 * [PS/2]
 */
#ifndef MINIHV_INPUT_SCAN_H
#define MINIHV_INPUT_SCAN_H

#include <stdbool.h>
#include <stdint.h>

/* Bytes that have come of the key in progress. All zero: none. */
struct scan {
    bool e0, e1;
};

/* One code of a key. Most keys are one; Pause and Print are several. */
struct stroke {
    uint16_t make; /* 1 to 0x7F */
    bool up, e0, e1;
};

/* Takes the keyboard's next byte. Returns true if it completes a code, which is
 * then in *out; false if it is a prefix, or says that the keyboard has lost
 * some (0 and 0xFF), or is of no key (0x80), which also forgets a prefix. */
bool scan_take(struct scan *s, uint8_t byte, struct stroke *out);

#endif
