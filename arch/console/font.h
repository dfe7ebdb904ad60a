/* SPDX-License-Identifier: BSD-2-Clause */
/* The console's font. tools/font2c makes it at build time from a PSF file of a
 * Debian package. One bit per pixel; the leftmost pixel is bit 7. */
#ifndef ARCH_FONT_H
#define ARCH_FONT_H

#include <stdint.h>

#define FONT_WIDTH 8u
#define FONT_FIRST 0x20u /* the first character that has a glyph */
#define FONT_LAST  0x7Eu /* the last */

extern const uint32_t font_height; /* lines of a glyph: 8..32 */

/**
 * Find the picture of a character.
 *
 * @return  font_height bytes, one per line from the top; a box for what is not
 *          in FONT_FIRST..FONT_LAST. Constant memory.
 *
 * IRQL: any.
 */
const uint8_t *font_glyph(unsigned char character);

#endif
