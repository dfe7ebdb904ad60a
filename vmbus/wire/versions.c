/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The protocol versions, for both halves.
 */
#include <stddef.h>

#include "vmbus/protocol.h"

/* From the newest down: the order in which a guest asks for them.
 * [linux hyperv.h], [openvmm proto] */
static const uint32_t versions[] = {
    VMBUS_VERSION_6_0, VMBUS_VERSION_5_3, VMBUS_VERSION_5_2,  VMBUS_VERSION_5_1,
    VMBUS_VERSION_5_0, VMBUS_VERSION_4_1, VMBUS_VERSION_4_0,  VMBUS_VERSION_3_0,
    VMBUS_VERSION_2_4, VMBUS_VERSION_1_1, VMBUS_VERSION_0_13,
};

_Static_assert(sizeof(versions) / sizeof(versions[0]) == VMBUS_VERSION_COUNT,
               "VMBUS_VERSION_COUNT counts the table");

uint32_t vmbus_version_at(uint32_t index)
{
    return index < VMBUS_VERSION_COUNT ? versions[index] : 0;
}

bool vmbus_version_exists(uint32_t version)
{
    for (size_t i = 0; i < VMBUS_VERSION_COUNT; i++)
        if (versions[i] == version)
            return true;
    return false;
}

/* Writes `n` in decimal; returns the address after its last digit. */
static char *format_number(uint32_t n, char *out)
{
    if (n >= 10)
        out = format_number(n / 10, out);
    *out++ = (char)('0' + n % 10);
    return out;
}

char *vmbus_version_format(uint32_t version, char text[12])
{
    /* Two numbers of 16 bits have at most five digits each. */
    char *out = format_number(version >> 16, text);

    *out++ = '.';
    *format_number(version & 0xFFFF, out) = '\0';
    return text;
}
