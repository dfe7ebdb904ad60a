/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Draws a report and its codes on a framebuffer in memory, with the guest's own
 * sources, and writes the picture as a PPM file.
 *
 *     screen WIDTH HEIGHT PAGE <REPORT >PICTURE
 *
 * Status: 0; 1: no codes are shown; 2: wrong usage.
 */
#include <stdio.h>
#include <stdlib.h>

#include "arch/codes/capture.h"
#include "arch/codes/codes.h"
#include "arch/console/log.h"
#include "arch/console/screen.h"

#define BYTES 4u

static char report[65536];

/* Red is the lowest byte, so that a pixel's bytes are in the order of PPM. */
static struct boot_framebuffer make(uint32_t width, uint32_t height)
{
    return (struct boot_framebuffer){
        .base = 0x1000,
        .size = (uint64_t)width * height * BYTES,
        .width = width,
        .height = height,
        .pitch_pixels = width,
        .red_mask = 0xff,
        .green_mask = 0xff00,
        .blue_mask = 0xff0000,
        .reserved_mask = 0xff000000,
    };
}

static void write_picture(const uint8_t *pixels, uint32_t width,
                          uint32_t height)
{
    printf("P6 %u %u 255\n", width, height);
    for (size_t i = 0; i < (size_t)width * height; i++)
        fwrite(pixels + i * BYTES, 1, 3, stdout);
}

/* False: the screen is too small for characters. */
static bool start(uint32_t width, uint32_t height, uint8_t **pixels)
{
    struct boot_framebuffer fb = make(width, height);
    struct screen_geometry geometry;

    if (fb.size == 0 || screen_geometry_compute(&geometry, &fb))
        return false;
    *pixels = calloc(1, fb.size);
    if (screen_init(&fb, *pixels, calloc(1, screen_memory_size(&geometry) + 1)))
        return false;
    log_add_sink(screen_sink());
    log_add_sink(capture_sink());
    return true;
}

int main(int argc, char **argv)
{
    uint32_t width = argc == 4 ? (uint32_t)atoi(argv[1]) : 0;
    uint32_t height = argc == 4 ? (uint32_t)atoi(argv[2]) : 0;
    struct codes_shown shown = {0};
    uint8_t *pixels;

    if (!start(width, height, &pixels)) {
        fprintf(stderr, "usage: screen WIDTH HEIGHT PAGE\n");
        return 2;
    }
    log_printf(LOG_INFO, "this line stands before the report");
    codes_begin();
    log_write(report, fread(report, 1, sizeof(report), stdin));
    if (codes_end())
        codes_show((uint32_t)atoi(argv[3]), &shown);
    log_printf(LOG_INFO, "codes %u to %u of %u", shown.first, shown.last,
               shown.parts);
    write_picture(pixels, width, height);
    return shown.last ? 0 : 1;
}
