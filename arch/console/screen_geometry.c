/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How text cells lie on a framebuffer: see screen.h. What the firmware says
 * about the framebuffer is not trusted: drawing must stay inside the memory
 * that is mapped.
 */
#include <errno.h>

#include "arch/console/font.h"
#include "arch/console/screen.h"

#define SIDE_MAX    16384u
#define COLUMNS_MIN 20u
#define ROWS_MIN    4u

/* From this width on, unscaled characters are hard to read. */
#define SCALED_WIDTH 2560u

/* Is the mask one run of bits, and not empty? */
static bool is_run(uint32_t mask)
{
    uint32_t low = mask & (0u - mask);

    /* Adding the lowest bit to a run carries out of it and clears it. */
    return mask != 0 && (mask & (mask + low)) == 0;
}

/* The highest bit of any mask gives the size of a pixel. [UEFI 12.9.2] */
static uint32_t bytes_per_pixel(const struct boot_framebuffer *f)
{
    uint32_t all =
        f->red_mask | f->green_mask | f->blue_mask | f->reserved_mask;

    return (32u - (uint32_t)__builtin_clz(all) + 7) / 8;
}

/* Each colour has bits of its own. The reserved mask is not used for drawing.
 */
static bool masks_are_sound(const struct boot_framebuffer *f)
{
    return is_run(f->red_mask) && is_run(f->green_mask) &&
           is_run(f->blue_mask) && (f->red_mask & f->green_mask) == 0 &&
           (f->red_mask & f->blue_mask) == 0 &&
           (f->green_mask & f->blue_mask) == 0;
}

/* The upper limits keep all products within 64 bits. Sides that are too small
 * for cells are found when the cells are counted. */
static bool sides_are_sound(const struct boot_framebuffer *f)
{
    return f->height <= SIDE_MAX && f->pitch_pixels <= SIDE_MAX &&
           f->width <= f->pitch_pixels;
}

int screen_geometry_compute(struct screen_geometry *g,
                            const struct boot_framebuffer *f)
{
    uint64_t pixels;

    /* No framebuffer is no error of the firmware. */
    if (f->base == 0 || (f->red_mask | f->green_mask | f->blue_mask) == 0)
        return -ENODEV;
    if (!masks_are_sound(f) || !sides_are_sound(f))
        return -EINVAL;
    g->bytes_per_pixel = bytes_per_pixel(f);
    /* The last line may end with its last pixel. */
    pixels = (uint64_t)f->pitch_pixels * (f->height - 1) + f->width;
    g->bytes = pixels * g->bytes_per_pixel;
    if (g->bytes_per_pixel < 2 || g->bytes > f->size)
        return -EINVAL;
    /* Choose the scale, count whole cells, and centre them. */
    g->scale = f->width >= SCALED_WIDTH ? 2 : 1;
    g->cell_width = FONT_WIDTH * g->scale;
    g->cell_height = font_height * g->scale;
    g->columns = f->width / g->cell_width;
    g->rows = f->height / g->cell_height;
    /* Too small a screen shows nothing that anybody could read. */
    if (g->columns < COLUMNS_MIN || g->rows < ROWS_MIN)
        return -EINVAL;
    g->left = (f->width - g->columns * g->cell_width) / 2;
    g->top = (f->height - g->rows * g->cell_height) / 2;
    return 0;
}
