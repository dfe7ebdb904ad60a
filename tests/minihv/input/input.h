/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Keyboard and mouse of the guest. QEMU's PS/2 controller is behind both:
 *
 *   guest <--> keyboard.c --+
 *                         input.c <-- ps2.c <-- sendkey, mouse_move, a display
 *   guest <--> mouse.c -----+
 */
#ifndef MINIHV_INPUT_INPUT_H
#define MINIHV_INPUT_INPUT_H

#include <stdbool.h>
#include <stdint.h>

struct stroke;
struct pointer;

/* Creates the devices that opt/minihv.conf asks for. */
void input_prepare(void);

/* Prints what has passed, at the end of a run. */
void input_say_counts(void);

/* ---- of input.c, for the two devices ------------------------------------- */

/* A device (DEVICE_KEYBOARD, DEVICE_MOUSE) has opened or closed: PS/2 is polled
 * while one is open. */
void input_poll(uint32_t device, bool open);

/* Packets that may wait for room in a guest's ring. At the limit nothing is
 * read from PS/2, so QEMU keeps what comes. */
enum { INPUT_WAITING_MAX = 32 };

/* ---- of the devices ------------------------------------------------------ */

void keyboard_prepare(void);
/* Sends a key to the guest, unless it has not opened the device. */
void keyboard_send(const struct stroke *s);
/* Packets that are not in the ring yet. */
uint32_t keyboard_waiting(void);
uint64_t keyboard_sent(void);

void mouse_prepare(void);
/* Sends the pointer's place, unless the guest has not opened the device. */
void mouse_send(const struct pointer *p);
uint32_t mouse_waiting(void);
uint64_t mouse_sent(void);

#endif
