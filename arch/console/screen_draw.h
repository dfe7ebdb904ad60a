/* SPDX-License-Identifier: BSD-2-Clause */
/* Drawing character cells on a framebuffer, which is never read. */
#ifndef ARCH_SCREEN_DRAW_H
#define ARCH_SCREEN_DRAW_H

#include "arch/console/screen.h"

/* A character in the low byte, and in the high byte the level that colours it.
 */
typedef uint16_t screen_cell;

#define SCREEN_BLANK screen_cell_make(LOG_INFO, ' ')

/** Make a cell of a character and the level that gives its colour. */
static inline screen_cell screen_cell_make(enum log_level level,
                                           unsigned char character)
{
    return (screen_cell)((unsigned)level << 8 | character);
}

#define SCREEN_LEVELS 4u

struct screen_surface {
    struct screen_geometry geometry;
    uint8_t *pixels;
    uint32_t width, height;         /* pixels */
    uint32_t pitch;                 /* bytes */
    uint32_t colour[SCREEN_LEVELS]; /* by level, as pixels */
    uint32_t white;                 /* as a pixel; black is 0 */
};

/**
 * Describe a framebuffer for drawing. Draws nothing.
 *
 * @pixels  where framebuffer->base is mapped; kept
 * @return  0, or what screen_geometry_compute() returned
 */
int screen_surface_init(struct screen_surface *surface,
                        const struct boot_framebuffer *framebuffer,
                        void *pixels);

/** Fill the whole surface with the background's colour. */
void screen_draw_nothing(const struct screen_surface *surface);

/** Draw one cell. @column and @row must lie within the geometry. */
void screen_draw_cell(const struct screen_surface *surface, uint32_t column,
                      uint32_t row, screen_cell cell);

/** Fill a rectangle with white, or else black. What lies past the surface's
 * edges is left out. */
void screen_draw_rectangle(const struct screen_surface *surface, uint32_t left,
                           uint32_t top, uint32_t width, uint32_t height,
                           bool white);

#endif
