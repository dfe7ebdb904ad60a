/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A text console on the firmware's framebuffer.
 *
 * Writing changes cells in memory only; screen_flush() draws those that differ
 * from what is shown. The framebuffer is never read, because reading
 * write-combining memory or a device is very slow. The first flush clears it,
 * so that a screen nobody writes to costs nothing.
 */
#ifndef ARCH_SCREEN_H
#define ARCH_SCREEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arch/console/framebuffer.h"
#include "arch/console/log.h"

/* How the cells lie on the framebuffer. */
struct screen_geometry {
    uint32_t columns, rows;
    uint32_t scale;           /* 1, or 2 on modes of 2560 pixels and wider */
    uint32_t bytes_per_pixel; /* 2, 3 or 4 */
    uint32_t left, top;       /* pixels: centres what cells cannot fill */
    uint32_t cell_width, cell_height; /* pixels, scaled */
    uint64_t bytes; /* of the framebuffer, up to the last pixel */
};

/**
 * Work out how cells lie on a framebuffer. Pure.
 *
 * @return  0; -ENODEV: there is no framebuffer (all zero, or no masks);
 *          -EINVAL: it describes something impossible (a line longer than the
 *          pitch, an area past the size, masks that overlap or are missing, no
 *          room for 20 x 4 cells)
 */
int screen_geometry_compute(struct screen_geometry *geometry,
                            const struct boot_framebuffer *framebuffer);

/** The bytes of memory that screen_init() needs for this geometry. */
size_t screen_memory_size(const struct screen_geometry *geometry);

/**
 * Set the console up. Writes nothing to the framebuffer yet.
 *
 * @pixels  where framebuffer->base is mapped: the geometry's bytes of it,
 *          writable for ever
 * @memory  screen_memory_size() bytes aligned to 8, kept for ever
 * @return  0, or what screen_geometry_compute() returned
 *
 * IRQL: PASSIVE, once.
 */
int screen_init(const struct boot_framebuffer *framebuffer, void *pixels,
                void *memory);

/** The size of the console in columns and rows, 0 when there is none. */
void screen_size(uint32_t *columns, uint32_t *rows);

/** Write at the cursor, in the colour of @level. '\n', '\r', '\t' and '\b' move
 * the cursor; other control characters show as a box. One caller at a time. */
void screen_write(enum log_level level, const char *text, size_t length);

/** Draw what has changed since the last flush. One caller at a time. */
void screen_flush(void);

/* A part of the screen without text, in pixels; the width is 0 where there is
 * none. */
struct screen_panel {
    uint32_t left, top, width, height;
};

enum screen_colour { SCREEN_BLACK, SCREEN_WHITE };

/** The size of the screen and the width of one column of text in pixels; all 0
 * when there is none. */
void screen_pixels(uint32_t *width, uint32_t *height, uint32_t *column);

/**
 * Keep text off the right edge from now on. Text that is there is blanked with
 * the next flush, and lines wrap before it.
 *
 * @width  pixels, at most the screen's
 * @panel  receives the place; its width is 0 where there is no screen, or no
 *         column would be left for text
 *
 * One caller at a time, as screen_write().
 */
void screen_reserve(uint32_t width, struct screen_panel *panel);

/**
 * Fill a rectangle with a colour. What lies past the screen's edges is left
 * out.
 *
 * @left, @top, @width, @height  pixels
 *
 * One caller at a time, as screen_flush().
 */
void screen_fill(uint32_t left, uint32_t top, uint32_t width, uint32_t height,
                 enum screen_colour colour);

/** The log's sink for the screen, with threshold LOG_INFO; for log_add_sink().
 */
struct log_sink *screen_sink(void);

#endif
