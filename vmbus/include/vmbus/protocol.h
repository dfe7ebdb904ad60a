/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What both halves of VMBus agree on: versions, features, flags of offers and
 * the range of channel numbers.
 *
 * The constants are values of the wire. Structures of messages are in the
 * private header vmbus/wire/wire.h; nothing here is state of either half.
 */
#ifndef VMBUS_PROTOCOL_H
#define VMBUS_PROTOCOL_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- versions ---------------------------------------------------------- */

/* A protocol version is major << 16 | minor. [linux hyperv.h],
 * [openvmm proto] */
#define VMBUS_VERSION_0_13 UINT32_C(0x0000000D)
#define VMBUS_VERSION_1_1  UINT32_C(0x00010001)
#define VMBUS_VERSION_2_4  UINT32_C(0x00020004)
#define VMBUS_VERSION_3_0  UINT32_C(0x00030000)
#define VMBUS_VERSION_4_0  UINT32_C(0x00040000)
#define VMBUS_VERSION_4_1  UINT32_C(0x00040001)
#define VMBUS_VERSION_5_0  UINT32_C(0x00050000)
#define VMBUS_VERSION_5_1  UINT32_C(0x00050001)
#define VMBUS_VERSION_5_2  UINT32_C(0x00050002)
#define VMBUS_VERSION_5_3  UINT32_C(0x00050003)
#define VMBUS_VERSION_6_0  UINT32_C(0x00060000)

/* How many versions there are. */
#define VMBUS_VERSION_COUNT 11u

/**
 * One of the protocol versions that exist, from the newest down.
 *
 * @index   0 .. VMBUS_VERSION_COUNT - 1; 0 is 6.0
 * @return  VMBUS_VERSION_*; 0 for an index out of range
 *
 * Any IRQL.
 */
uint32_t vmbus_version_at(uint32_t index);

/**
 * Tell a protocol version from any other number.
 *
 * @version  any number
 * @return   true if it is one of VMBUS_VERSION_*
 *
 * Any IRQL.
 */
bool vmbus_version_exists(uint32_t version);

/**
 * Write a version as people do, for example "5.3".
 *
 * @version  major << 16 | minor, any number
 * @text     room for 12 characters
 * @return   `text`
 *
 * Any IRQL.
 */
char *vmbus_version_format(uint32_t version, char text[12]);

/* ---- features ---------------------------------------------------------- */

/* Feature flags, negotiated from 6.0 on. [openvmm proto] */
#define VMBUS_FEATURE_SIGNAL_PARAMETERS  0x01u
#define VMBUS_FEATURE_REDIRECT_INTERRUPT 0x02u
#define VMBUS_FEATURE_MODIFY_CONNECTION  0x04u
#define VMBUS_FEATURE_CLIENT_ID          0x08u
#define VMBUS_FEATURE_CONFIDENTIAL       0x10u
#define VMBUS_FEATURE_PAUSE_RESUME       0x20u
#define VMBUS_FEATURE_SERVER_MONITOR     0x40u
#define VMBUS_FEATURE_PIN_PAGES          0x80u

/* ---- offers ------------------------------------------------------------ */

/* Flags of an offer. [openvmm proto], [linux hyperv.h] */
#define VMBUS_OFFER_ENUMERATE    0x0001u
#define VMBUS_OFFER_CONF_RING    0x0002u /* only with FEATURE_CONFIDENTIAL */
#define VMBUS_OFFER_CONF_MEMORY  0x0004u
#define VMBUS_OFFER_PIN_EXTERNAL 0x0008u
#define VMBUS_OFFER_PIPE         0x0010u
#define VMBUS_OFFER_LOOPBACK     0x0100u
#define VMBUS_OFFER_PARENT       0x0200u
#define VMBUS_OFFER_MONITORED    0x0400u
#define VMBUS_OFFER_TLNPI        0x2000u /* hv_sock */

/* A relid, the number of a channel on its connection, is 1 .. 2047: one bit of
 * the interrupt page stands for each. [linux hyperv.h] */
#define VMBUS_RELID_MAX 2047u

/* Bytes that an offer, and an open, carry for the device's own protocol. */
#define VMBUS_USER_DATA_SIZE 120u

#ifdef __cplusplus
}
#endif

#endif
