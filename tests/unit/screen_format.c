/* SPDX-License-Identifier: BSD-2-Clause */
/* The pixel formats of the tests: see screen_format.h. */
#include "screen_format.h"

const struct screen_format screen_formats[8] = {
    {"BGRX", 0xFF0000, 0xFF00, 0xFF, 0xFF000000, 4},
    {"RGBX", 0xFF, 0xFF00, 0xFF0000, 0xFF000000, 4},
    {"BGR24", 0xFF0000, 0xFF00, 0xFF, 0, 3},
    {"RGB565", 0xF800, 0x07E0, 0x001F, 0, 2},
    {"XRGB1555", 0x7C00, 0x03E0, 0x001F, 0x8000, 2},
    {"RGB555", 0x7C00, 0x03E0, 0x001F, 0, 2},
    {"XRGB2101010", 0x3FF00000, 0xFFC00, 0x3FF, 0xC0000000, 4},
    {"top bits", 0xFF000000, 0xFF0000, 0xFF00, 0, 4},
};

struct boot_framebuffer screen_make(const struct screen_format *format,
                                    uint32_t width, uint32_t height,
                                    uint32_t pitch)
{
    return (struct boot_framebuffer){
        .base = 0x80000000,
        .size = (uint64_t)pitch * height * format->bytes,
        .width = width,
        .height = height,
        .pitch_pixels = pitch,
        .red_mask = format->red,
        .green_mask = format->green,
        .blue_mask = format->blue,
        .reserved_mask = format->reserved,
    };
}
