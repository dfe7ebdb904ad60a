/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * GUIDs as VMBus carries them: 16 bytes, the first three fields little-endian
 * (byte form), and the class names of the devices that hosts offer.
 */
#ifndef VMBUS_GUID_H
#define VMBUS_GUID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The byte form, as at @8 of an offer. */
struct vmbus_guid {
    uint8_t bytes[16];
};

/* Room for the text form with its final zero:
 * "f8615163-df3e-46c5-913f-f2d2f965ed0e". */
#define VMBUS_GUID_TEXT 37

/* The byte form from the five fields of the text form; the last 12 digits
 * are six bytes: VMBUS_GUID_INIT(0xf8615163, 0xdf3e, 0x46c5, 0x91, 0x3f,
 * 0xf2, 0xd2, 0xf9, 0x65, 0xed, 0x0e). */
#define VMBUS_GUID_INIT(a, b, c, d0, d1, d2, d3, d4, d5, d6, d7)               \
    {                                                                          \
        {                                                                      \
            (uint8_t)(a), (uint8_t)((a) >> 8), (uint8_t)((a) >> 16),           \
                (uint8_t)((a) >> 24), (uint8_t)(b), (uint8_t)((b) >> 8),       \
                (uint8_t)(c), (uint8_t)((c) >> 8), d0, d1, d2, d3, d4, d5, d6, \
                d7                                                             \
        }                                                                      \
    }

/* These functions only look at their arguments. Any IRQL. */

/**
 * True if two GUIDs are the same.
 *
 * @a       one GUID
 * @b       the other
 * @return  true if all 16 bytes are the same
 */
bool vmbus_guid_equal(const struct vmbus_guid *a, const struct vmbus_guid *b);

/**
 * True if all bytes are zero.
 *
 * @g       the GUID
 * @return  true if all 16 bytes are 0
 */
bool vmbus_guid_is_zero(const struct vmbus_guid *g);

/**
 * Write the text form in lower case into `text`; returns `text`.
 *
 * @g       the GUID
 * @return  `text`
 */
char *vmbus_guid_format(const struct vmbus_guid *g, char text[VMBUS_GUID_TEXT]);

/**
 * Name the class of devices that an interface type stands for.
 *
 * @return  a constant short name ("heartbeat", "scsi", "network"); "hv_sock"
 * for any service of the socket template; "unknown"
 *
 * [linux hyperv.h], [openvmm]
 */
const char *vmbus_guid_class(const struct vmbus_guid *type);

#ifdef __cplusplus
}
#endif

#endif
