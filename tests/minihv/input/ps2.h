/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The driver of QEMU's PS/2 controller, polled. Keys and movements of QEMU's
 * monitor and of its display come by it. The guest does not see it: a
 * generation-2 VM has none (cpu/exits.c). [PS/2]
 */
#ifndef MINIHV_INPUT_PS2_H
#define MINIHV_INPUT_PS2_H

#include <stdbool.h>
#include <stdint.h>

enum { PS2_DATA = 0x60, PS2_COMMAND = 0x64 };

/* Turns keyboard and mouse on, without interrupts; what waited in them is
 * dropped. Sets *has_wheel if the mouse's packets have 4 bytes. A machine
 * without them ends the run as a failure. */
void ps2_start(bool *has_wheel);

/* Returns false if no byte waits. Else it is in *byte, and *from_mouse says who
 * sent it. */
bool ps2_read(uint8_t *byte, bool *from_mouse);

#endif
