/* What boot/ tells of the framebuffer that the firmware's GOP describes. */
#ifndef ARCH_FRAMEBUFFER_H
#define ARCH_FRAMEBUFFER_H

#include <stdint.h>

/*
 * All zero: there is no framebuffer (no GOP, or a GOP of format BltOnly).
 * The masks tell which bits of a pixel are which colour, as in GOP's
 * PixelBitMask: RGBX is red 0xff, green 0xff00, blue 0xff0000, reserved
 * 0xff000000; BGRX is red 0xff0000, green 0xff00, blue 0xff, reserved
 * 0xff000000. The highest bit of all four tells the pixel's size.
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
