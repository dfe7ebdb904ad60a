/* SPDX-License-Identifier: BSD-2-Clause */
/* The console's font: see font.h, and font-notice.txt for its licence. */
#include "arch/console/font.h"

#include "font_glyphs.h"

const uint32_t font_height = FONT_HEIGHT;

/* The last glyph is a box, for every character that the font lacks. */
_Static_assert(sizeof(font_glyphs) / sizeof(font_glyphs[0]) ==
                   FONT_LAST - FONT_FIRST + 2,
               "font2c makes a glyph for each character and one for the rest");

/* A control character or one past ASCII shows as a box: text from outside may
 * hold anything. */
const uint8_t *font_glyph(unsigned char character)
{
    if (character < FONT_FIRST || character > FONT_LAST)
        return font_glyphs[FONT_LAST - FONT_FIRST + 1];
    return font_glyphs[character - FONT_FIRST];
}
