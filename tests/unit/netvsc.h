/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The tests of the pure part of drivers/network/: each message of a host is
 * written by hand from the tables of the protocol, good ones first, then with
 * one byte changed; each message of the driver is compared with bytes by hand.
 */
#ifndef UNIT_NETVSC_H
#define UNIT_NETVSC_H

#include "unit.h"

#include <string.h>

static uint64_t room[160];
static uint8_t *const m = (uint8_t *)room;

static inline void put(const uint8_t *bytes, size_t size)
{
    memset(room, 0xEE, sizeof(room));
    memcpy(m, bytes, size);
}

struct change {
    uint8_t at, value;
};

#define TITLED(title, test)           \
    {                                 \
        title, test, NULL, NULL, NULL \
    }

#endif
