/* SPDX-License-Identifier: BSD-2-Clause */
/* Scan codes of a PS/2 keyboard: see scan.h. */
#include "scan.h"

enum {
    PREFIX_E0 = 0xE0,
    PREFIX_E1 = 0xE1,
    LOST = 0xFF, /* and 0, which is no key either */
    UP = 0x80,
};

bool scan_take(struct scan *s, uint8_t byte, struct stroke *out)
{
    if (byte == PREFIX_E0 || byte == PREFIX_E1) {
        *s = (struct scan){.e0 = byte == PREFIX_E0, .e1 = byte == PREFIX_E1};
        return false;
    }
    *out = (struct stroke){
        .make = byte & ~UP & 0xFF, .up = byte & UP, .e0 = s->e0, .e1 = s->e1};
    *s = (struct scan){0};
    return out->make && byte != LOST;
}
