/*
 * The console's font: generated at build time by tools/font2c from a PSF
 * file of a Debian package. One bit per pixel, the leftmost is bit 7.
 */
#ifndef ARCH_FONT_H
#define ARCH_FONT_H

#include <stdint.h>

#define FONT_WIDTH 8u
#define FONT_FIRST 0x20u /* the first character that has a glyph */
#define FONT_LAST  0x7Eu /* the last */

extern const uint32_t font_height; /* lines of a glyph: 8..32 */

/* Lines of a character's glyph; a box for what is not FONT_FIRST..LAST. */
const uint8_t *font_glyph(unsigned char character);

#endif
