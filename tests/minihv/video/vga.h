/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * QEMU's VGA card as the screen behind synthetic video: memory that it shows,
 * and the registers that say how. [qemu vga.c]
 */
#ifndef MINIHV_VIDEO_VGA_H
#define MINIHV_VIDEO_VGA_H

#include <stdint.h>

struct synthvid_screen;

/* Returns the address of the card's memory, of VGA_MEMORY bytes at least; 0:
 * the machine has no such card. */
uint64_t vga_find(void);

enum { VGA_MEMORY = 8 << 20 };

/* Shows this part of the card's memory. An inactive screen stays as it is. */
void vga_show(const struct synthvid_screen *s);

#endif
