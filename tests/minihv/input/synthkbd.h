/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The protocol of the synthetic keyboard: what the guest may say, and what the
 * host answers. It knows neither channels nor ports.
 * [linux hyperv-keyboard.c] [openvmm]
 */
#ifndef MINIHV_INPUT_SYNTHKBD_H
#define MINIHV_INPUT_SYNTHKBD_H

#include <stdbool.h>
#include <stdint.h>

#include "scan.h"

enum synthkbd_type {
    SYNTHKBD_REQUEST = 1,  /* guest: a version */
    SYNTHKBD_RESPONSE = 2, /* host: is it accepted? */
    SYNTHKBD_EVENT = 3,    /* host: a key */
    SYNTHKBD_LEDS = 4,     /* guest: which locks are on */
};

enum {
    SYNTHKBD_VERSION = 0x00010000, /* 1.0 */
    SYNTHKBD_ACCEPTED = 1,
    SYNTHKBD_BREAK = 1 << 1,
    SYNTHKBD_E0 = 1 << 2,
    SYNTHKBD_E1 = 1 << 3,
    SYNTHKBD_MAX = 256, /* bytes of a message */
};

struct synthkbd_request {
    uint32_t type, version;
};
struct synthkbd_response {
    uint32_t type, status;
};
struct synthkbd_event {
    uint32_t type;
    uint16_t make, reserved;
    uint32_t flags;
};
struct synthkbd_leds {
    uint32_t type;
    uint16_t locks, reserved;
};
_Static_assert(sizeof(struct synthkbd_event) == 12, "[linux]");
_Static_assert(sizeof(struct synthkbd_leds) == 8, "[linux]");

/* All zero: the guest has not asked for a version yet. */
struct synthkbd {
    bool accepted;
};

/* Judges a message of the guest, of `size` bytes. Returns NULL, or what is
 * wrong with it. *answer.type is 0 if it needs no answer. A version that the
 * host does not know is no mistake: it is answered, and the guest may ask for
 * another. */
const char *synthkbd_take(struct synthkbd *k, const void *data, uint32_t size,
                          struct synthkbd_response *answer);

/* Returns the message that tells the guest of a key. */
struct synthkbd_event synthkbd_event(const struct stroke *s);

#endif
