/* PC Screen Fonts, versions 1 and 2, as the Linux console uses them. */
#ifndef FONT2C_PSF_H
#define FONT2C_PSF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct psf {
    const uint8_t *glyphs;
    uint32_t count;      /* glyphs */
    uint32_t glyph_size; /* bytes of one: lines of whole bytes, top first */
    uint32_t width, height;
    /* Which characters each glyph shows, glyph by glyph; NULL: glyph n shows
     * character n. */
    const uint8_t *table;
    size_t table_size;
    bool utf8; /* the table's encoding: UTF-8 (version 2) or UCS-2 */
};

/*
 * Takes apart the file at `bytes`, which must stay while *psf is used.
 * NULL, or what is wrong with it.
 */
const char *psf_open(struct psf *psf, const uint8_t *bytes, size_t size);

/* The glyph of a character, or NULL when the font has none. */
const uint8_t *psf_glyph(const struct psf *psf, uint32_t character);

#endif
