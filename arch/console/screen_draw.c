/* SPDX-License-Identifier: BSD-2-Clause */
/* Drawing character cells: see screen_draw.h. */
#include "arch/console/screen_draw.h"

#include <string.h>

#include "arch/console/font.h"

/* The largest line of a cell in bytes. */
#define SCALE_MAX  2u
#define LINE_BYTES (FONT_WIDTH * SCALE_MAX * 4u)

/* Red, green and blue of text, by level. The background is black, which is all
 * bits 0 in every pixel format. */
static const uint8_t palette[SCREEN_LEVELS][3] = {
    [LOG_ERROR] = {0xFF, 0x6B, 0x5E},
    [LOG_WARNING] = {0xFF, 0xC8, 0x57},
    [LOG_INFO] = {0xD8, 0xDE, 0xE4},
    [LOG_DEBUG] = {0x7C, 0x88, 0x96},
};

/* Spreads an 8-bit intensity over the mask's bits, rounded: 255 sets all of
 * them. */
static uint32_t component(uint32_t mask, uint8_t value)
{
    uint32_t shift = (uint32_t)__builtin_ctz(mask);
    uint64_t most = mask >> shift;

    return (uint32_t)((most * value + 127) / 255) << shift;
}

int screen_surface_init(struct screen_surface *surface,
                        const struct boot_framebuffer *framebuffer,
                        void *pixels)
{
    int status = screen_geometry_compute(&surface->geometry, framebuffer);

    if (status < 0)
        return status;
    surface->pixels = pixels;
    surface->width = framebuffer->width;
    surface->height = framebuffer->height;
    surface->pitch =
        framebuffer->pitch_pixels * surface->geometry.bytes_per_pixel;
    surface->white = framebuffer->red_mask | framebuffer->green_mask |
                     framebuffer->blue_mask;
    for (unsigned i = 0; i < SCREEN_LEVELS; i++)
        surface->colour[i] = component(framebuffer->red_mask, palette[i][0]) |
                             component(framebuffer->green_mask, palette[i][1]) |
                             component(framebuffer->blue_mask, palette[i][2]);
    return 0;
}

/* Line by line: what lies between the width and the pitch is not ours. */
void screen_draw_nothing(const struct screen_surface *surface)
{
    size_t bytes = (size_t)surface->width * surface->geometry.bytes_per_pixel;

    for (uint32_t y = 0; y < surface->height; y++)
        memset(surface->pixels + (size_t)y * surface->pitch, 0, bytes);
}

/*
 * Makes one line of a glyph as pixels. `line` has room for one word more than
 * the pixels take: each pixel is stored as a whole word, and the next one
 * covers the bytes that are too many.
 */
static void make_line(const struct screen_geometry *geometry, uint8_t bits,
                      uint32_t colour, uint8_t *line)
{
    for (unsigned bit = 0; bit < FONT_WIDTH; bit++) {
        uint32_t pixel = bits & (0x80u >> bit) ? colour : 0;

        for (uint32_t i = 0; i < geometry->scale; i++) {
            /* Little-endian: the pixel's bytes are the first ones of the word.
             */
            memcpy(line, &pixel, sizeof(pixel));
            line += geometry->bytes_per_pixel;
        }
    }
}

/* Each line of the glyph is made once and copied as often as the scale says. */
void screen_draw_cell(const struct screen_surface *surface, uint32_t column,
                      uint32_t row, screen_cell cell)
{
    const struct screen_geometry *g = &surface->geometry;
    const uint8_t *glyph = font_glyph((unsigned char)cell);
    uint32_t colour = surface->colour[(cell >> 8) % SCREEN_LEVELS];
    size_t x = (size_t)(g->left + column * g->cell_width) * g->bytes_per_pixel;
    size_t y = g->top + (size_t)row * g->cell_height;
    uint8_t *to = surface->pixels + y * surface->pitch + x;
    size_t bytes = (size_t)g->cell_width * g->bytes_per_pixel;
    uint8_t line[LINE_BYTES + sizeof(uint32_t)];

    /* Straight into the framebuffer, line by line, without reading it. */
    for (uint32_t i = 0; i < font_height; i++) {
        make_line(g, glyph[i], colour, line);
        for (uint32_t copy = 0; copy < g->scale; copy++) {
            memcpy(to, line, bytes);
            to += surface->pitch;
        }
    }
}

/* The part of a range that lies before an edge, written so that no sum can turn
 * over: what is to be drawn may be any number. */
static uint32_t clip(uint32_t from, uint32_t length, uint32_t edge)
{
    if (from >= edge)
        return 0;
    return length < edge - from ? length : edge - from;
}

/* Pixel by pixel, without a byte more: what follows may be somebody else's. */
void screen_draw_rectangle(const struct screen_surface *surface, uint32_t left,
                           uint32_t top, uint32_t width, uint32_t height,
                           bool white)
{
    const uint32_t pixel = white ? surface->white : 0;
    const size_t bytes = surface->geometry.bytes_per_pixel;
    uint32_t across = clip(left, width, surface->width);
    uint32_t down = clip(top, height, surface->height);

    for (uint32_t y = top; y < top + down; y++) {
        uint8_t *to =
            surface->pixels + (size_t)y * surface->pitch + left * bytes;

        for (uint32_t x = 0; x < across; x++, to += bytes)
            memcpy(to, &pixel, bytes);
    }
}
