/* SPDX-License-Identifier: BSD-2-Clause */
/* Pixel formats, and frame buffers in these formats. */
#ifndef SCREEN_FORMAT_H
#define SCREEN_FORMAT_H

#include "arch/boot_info.h"

struct screen_format {
    const char *name;
    uint32_t red, green, blue, reserved;
    unsigned bytes;
};

extern const struct screen_format screen_formats[8];

/* Describes a frame buffer of that format; width, height, pitch in pixels. */
struct boot_framebuffer screen_make(const struct screen_format *format,
                                    uint32_t width, uint32_t height,
                                    uint32_t pitch);

#endif
