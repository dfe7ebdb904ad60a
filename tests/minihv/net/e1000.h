/* SPDX-License-Identifier: BSD-2-Clause */
/* QEMU's e1000 network card, the way to the outside. It is polled. */
#ifndef MINIHV_NET_E1000_H
#define MINIHV_NET_E1000_H

#include <stdbool.h>
#include <stdint.h>

/* Finds the card in the machine. Returns false if there is none. */
bool e1000_find(void);

/* Makes the card ready to send and receive; again after a reset. */
void e1000_start(void);

/* Sends one frame, which is copied. Returns false if the card's ring is full
 * or the frame is larger than 1,518 bytes. */
bool e1000_send(const uint8_t *frame, uint32_t size);

/* Gives each received frame to `take`; its bytes are valid during the call. At
 * most 32, so that other work has its turn. */
void e1000_poll(void (*take)(uint8_t *frame, uint32_t size));

#endif
