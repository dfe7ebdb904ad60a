/* SPDX-License-Identifier: BSD-2-Clause */
/* What boot/ finds out about the framebuffer from the firmware's Graphics
 * Output Protocol (GOP). */
#ifndef ARCH_FRAMEBUFFER_H
#define ARCH_FRAMEBUFFER_H

#include <stdint.h>

/*
 * All zero: there is no framebuffer (no GOP, or only GOPs of format BltOnly).
 * The masks say which bits of a pixel are which colour, as GOP's PixelBitMask
 * does. RGBX is red 0xff, green 0xff00, blue 0xff0000, reserved 0xff000000;
 * BGRX is red 0xff0000, green 0xff00, blue 0xff, reserved 0xff000000. The
 * highest bit of all four gives the size of a pixel.
 */
struct boot_framebuffer {
    uint64_t base;         /* physical address */
    uint64_t size;         /* bytes */
    uint32_t width;        /* pixels */
    uint32_t height;       /* pixels */
    uint32_t pitch_pixels; /* pixels from one line to the next */
    uint32_t red_mask;
    uint32_t green_mask;
    uint32_t blue_mask;
    uint32_t reserved_mask;
};

#endif
