/* SPDX-License-Identifier: BSD-2-Clause */
/* Which adapters the host offers (life.h). */
#include "drivers/network/life/life.h"

#include <string.h>

static const char class_text[] = "f8615163-df3e-46c5-913f-f2d2f965ed0e";

/* The value of a hexadecimal digit in lower case. */
static uint8_t digit(char c)
{
    return (uint8_t)(c <= '9' ? c - '0' : c - 'a' + 10);
}

/*
 * The text has the bytes in reading order; in memory the first three numbers
 * are little-endian.
 */
static void read_guid(const char *text, GUID *guid)
{
    static const uint8_t order[] = {3, 2, 1,  0,  5,  4,  7,  6,
                                    8, 9, 10, 11, 12, 13, 14, 15};
    uint8_t bytes[16];

    for (size_t i = 0; i < sizeof(bytes); i++) {
        if (*text == '-')
            text++;
        bytes[order[i]] = (uint8_t)(digit(text[0]) << 4 | digit(text[1]));
        text += 2;
    }
    memcpy(guid, bytes, sizeof(*guid));
}

bool network_offered(uint32_t index, GUID *instance)
{
    struct vmbare_offer offer;

    for (unsigned i = 0; vmbare_offer(i, &offer); i++) {
        if (offer.subchannel || strcmp(offer.type, class_text) || index--)
            continue;
        read_guid(offer.instance, instance);
        return true;
    }
    return false;
}
