/* SPDX-License-Identifier: BSD-2-Clause */
/* crowd.c: devices that only fill the list of offers. */
#ifndef MINIHV_CROWD_H
#define MINIHV_CROWD_H

/* The last two bytes of an instance are its number, high byte first. */
#define CROWD_TYPE                                                            \
    VMBUS_GUID_INIT(0x630F1C5D, 0x2E87, 0x494B, 0x9A, 0x41, 0xC0, 0x2B, 0x67, \
                    0xE4, 0x00, 0x00)

enum { CROWD_PACKET_MAX = 64 };

/* Offers as many as the configuration says. */
void crowd_prepare(void);

#endif
