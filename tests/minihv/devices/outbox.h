/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a device sends of its own accord. A packet waits in KMCL until the
 * guest's ring has room; the device asks how many do, and stops taking work
 * from outside before they are too many.
 */
#ifndef MINIHV_OUTBOX_H
#define MINIHV_OUTBOX_H

#include "device.h"

/* A guest that leaves more answers than these unread is not answered. */
enum { OUTBOX_MAX = 64 };

struct outbox {
    struct device *device;
    uint32_t waiting;   /* packets that are not in the ring yet */
    void (*sent)(void); /* one has got into the ring; may be NULL */
};

/* Sends `size` bytes at `data`, which are copied, in one in-band packet. */
void outbox_send(struct outbox *o, const void *data, uint32_t size);

#endif
