/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The driver of QEMU's virtio console: bytes to and from the outside, polled,
 * without interrupts, by the legacy interface. [virtio]
 */
#ifndef MINIHV_SOCK_VIRTIO_H
#define MINIHV_SOCK_VIRTIO_H

#include <stdbool.h>
#include <stdint.h>

#include "frame.h"

/* Finds the card and starts it. Returns false if there is none. */
bool virtio_start(void);

/* Sends a frame: two parts of together at most FRAME_HEADER + FRAME_MAX bytes,
 * which are copied. Only if virtio_has_room(). */
void virtio_send(const uint8_t *head, uint32_t head_size, const uint8_t *data,
                 uint32_t size);
bool virtio_has_room(void);

/* Hands over what has come; `take` is called some times. */
void virtio_poll(void (*take)(const uint8_t *bytes, uint32_t size));

#endif
