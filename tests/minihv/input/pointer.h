/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The packets of a PS/2 mouse, added up to a place on the screen. A PS/2 mouse
 * tells how far it went; the pointer of Hyper-V tells where it is. It knows
 * neither ports nor channels. [PS/2]
 */
#ifndef MINIHV_INPUT_POINTER_H
#define MINIHV_INPUT_POINTER_H

#include <stdbool.h>
#include <stdint.h>

enum {
    POINTER_MAX = 0x7FFF,
    POINTER_CENTRE = 0x4000,
    POINTER_STEP = 32, /* of a count of the mouse: 1,024 cross the screen */
};

struct pointer {
    uint8_t byte[4], have; /* of the packet in progress */
    bool has_wheel;        /* packets have 4 bytes and not 3 */
    uint8_t buttons;       /* bit 0 left, 1 right, 2 middle */
    uint16_t x, y;         /* 0: left, top; POINTER_MAX: right, bottom */
    int16_t wheel; /* of the last packet; positive: away from the user */
};

/* Puts the pointer in the middle, with no button pressed. */
void pointer_reset(struct pointer *p, bool has_wheel);

/* Takes the mouse's next byte. Returns true if it completes a packet, whose
 * movement is then in the place. A byte that cannot begin a packet is left out,
 * so that one lost byte costs one packet. */
bool pointer_take(struct pointer *p, uint8_t byte);

#endif
