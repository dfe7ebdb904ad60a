/*
 * A text console on the firmware's framebuffer.
 *
 * Writing changes cells in memory only; screen_flush draws those that
 * differ from what is shown. The framebuffer is never read (it is
 * write-combining memory, or a device's). The first flush clears it, so
 * that a screen which nobody writes to costs nothing.
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

/*
 * Pure. 0; -ENODEV: there is no framebuffer (all zero, or no masks);
 * -EINVAL: what it describes cannot be (line longer than the pitch, area
 * past the size, overlapping or missing masks, no room for 20 x 4 cells).
 */
int screen_geometry_compute(struct screen_geometry *geometry,
                            const struct boot_framebuffer *framebuffer);

/* Bytes of memory that screen_init wants for this geometry. */
size_t screen_memory_size(const struct screen_geometry *geometry);

/*
 * pixels: where framebuffer->base is mapped, the geometry's bytes of it,
 *         writable for ever. memory: screen_memory_size() bytes aligned to
 *         8, kept for ever. 0, or a status of screen_geometry_compute.
 * Writes nothing to the framebuffer. PASSIVE, once.
 */
int screen_init(const struct boot_framebuffer *framebuffer, void *pixels,
                void *memory);

/* Columns and rows of the screen, 0 when there is none. */
void screen_size(uint32_t *columns, uint32_t *rows);

/* Writes at the cursor, in the colour of `level`; '\n', '\r', '\t' and '\b'
 * move it, other control characters show as a box. One caller at a time. */
void screen_write(enum log_level level, const char *text, size_t length);

/* Draws what changed. */
void screen_flush(void);

/* The log's sink for the screen, threshold LOG_INFO; for log_add_sink. */
struct log_sink *screen_sink(void);

#endif
