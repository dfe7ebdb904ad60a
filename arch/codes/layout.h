/* SPDX-License-Identifier: BSD-2-Clause */
/* How QR codes lie in the panel at the right edge of a screen. Pure. */
#ifndef ARCH_CODES_LAYOUT_H
#define ARCH_CODES_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A larger code has modules too small for a photograph of the whole screen. */
#define LAYOUT_VERSION_MAX 25u

/* Characters of the largest code, at the least error correction. */
#define LAYOUT_CHARACTERS_MAX 1853u

/* White around a code, in modules. [ISO 18004 9.1] */
#define LAYOUT_QUIET 4u

struct code_layout {
    uint32_t version;      /* of the codes, 1 to LAYOUT_VERSION_MAX */
    bool medium;           /* error correction M (15 %); else L (7 %) */
    size_t characters;     /* that one code holds */
    uint32_t pixels;       /* of a module's side */
    uint32_t side;         /* of a code with its quiet zone, pixels */
    uint32_t across, down; /* codes beside and below each other */
};

/**
 * The width of the panel that is kept free of text.
 *
 * @width   of the screen in pixels
 * @column  pixels of a column of text
 * @return  what 80 columns of text leave, where that is enough for the largest
 *          code at three pixels a module; else half of the screen
 */
uint32_t layout_panel_width(uint32_t width, uint32_t column);

/**
 * Choose how to show a report: all its parts at once, with modules as large as
 * possible; among these with the better error correction and the fewest codes.
 *
 * @width, @height  of the panel in pixels
 * @bytes           of the compressed report
 * @return          true: all parts fit; false: filled with what shows most of
 *                  it at once; across is 0 where the panel has room for no code
 */
bool layout_choose(struct code_layout *layout, uint32_t width, uint32_t height,
                   size_t bytes);

#endif
