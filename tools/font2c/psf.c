/* Reading PC Screen Fonts: see psf.h. */
#include "psf.h"

/* Version 1: magic (2), mode, glyph size. */
#define PSF1_HEADER    4u
#define PSF1_MODE_512  0x01u
#define PSF1_MODE_TAB  0x02u
#define PSF1_MODE_SEQ  0x04u
#define PSF1_SEPARATOR 0xFFFFu
#define PSF1_SEQUENCE  0xFFFEu

/* Version 2: magic, then seven little-endian words. */
#define PSF2_HEADER    32u
#define PSF2_FLAG_TAB  0x01u
#define PSF2_SEPARATOR 0xFFu
#define PSF2_SEQUENCE  0xFEu

#define COUNT_MAX 65536u
#define SIDE_MAX  64u

static uint32_t word(const uint8_t *at)
{
    return at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 |
           (uint32_t)at[3] << 24;
}

/* The glyphs begin at `offset`; what is behind them is the table. */
static const char *place_glyphs(struct psf *psf, const uint8_t *bytes,
                                size_t size, size_t offset, bool has_table)
{
    uint64_t all = (uint64_t)psf->count * psf->glyph_size;

    if (offset > size || all > size - offset)
        return "the file is shorter than its glyphs";
    psf->glyphs = bytes + offset;
    psf->table = has_table ? psf->glyphs + all : NULL;
    psf->table_size = has_table ? size - offset - (size_t)all : 0;
    return NULL;
}

static const char *open_1(struct psf *psf, const uint8_t *bytes, size_t size)
{
    if (size < PSF1_HEADER)
        return "the file ends in its header";
    psf->count = bytes[2] & PSF1_MODE_512 ? 512 : 256;
    psf->glyph_size = bytes[3];
    psf->width = 8;
    psf->height = bytes[3];
    psf->utf8 = false;
    if (psf->height == 0 || psf->height > SIDE_MAX)
        return "the glyphs' height is not 1..64";
    return place_glyphs(psf, bytes, size, PSF1_HEADER,
                        bytes[2] & (PSF1_MODE_TAB | PSF1_MODE_SEQ));
}

static const char *open_2(struct psf *psf, const uint8_t *bytes, size_t size)
{
    if (size < PSF2_HEADER)
        return "the file ends in its header";
    if (word(bytes + 4) != 0)
        return "the version is not 0";
    psf->count = word(bytes + 16);
    psf->glyph_size = word(bytes + 20);
    psf->height = word(bytes + 24);
    psf->width = word(bytes + 28);
    psf->utf8 = true;
    if (psf->count == 0 || psf->count > COUNT_MAX)
        return "the number of glyphs is not 1..65536";
    if (psf->height == 0 || psf->height > SIDE_MAX || psf->width == 0 ||
        psf->width > SIDE_MAX)
        return "the glyphs' height or width is not 1..64";
    if (psf->glyph_size != psf->height * ((psf->width + 7) / 8))
        return "the glyphs' size is not that of their lines";
    return place_glyphs(psf, bytes, size, word(bytes + 8),
                        word(bytes + 12) & PSF2_FLAG_TAB);
}

const char *psf_open(struct psf *psf, const uint8_t *bytes, size_t size)
{
    if (size >= 2 && bytes[0] == 0x36 && bytes[1] == 0x04)
        return open_1(psf, bytes, size);
    if (size >= 4 && word(bytes) == 0x864AB572u)
        return open_2(psf, bytes, size);
    return "neither magic number of a PSF file (is it still compressed?)";
}

/* ---- the table ---------------------------------------------------------- */

enum token { TOKEN_CHARACTER, TOKEN_SEQUENCE, TOKEN_SEPARATOR, TOKEN_END };

/* The next token of a UCS-2 table. */
static enum token next_ucs2(const struct psf *psf, size_t *at, uint32_t *c)
{
    if (psf->table_size - *at < 2)
        return TOKEN_END;
    *c = psf->table[*at] | (uint32_t)psf->table[*at + 1] << 8;
    *at += 2;
    if (*c == PSF1_SEPARATOR)
        return TOKEN_SEPARATOR;
    return *c == PSF1_SEQUENCE ? TOKEN_SEQUENCE : TOKEN_CHARACTER;
}

/* The next token of a UTF-8 table. Broken UTF-8 gives characters that nobody
 * looks for. */
static enum token next_utf8(const struct psf *psf, size_t *at, uint32_t *c)
{
    unsigned more;
    uint8_t lead;

    if (*at >= psf->table_size)
        return TOKEN_END;
    lead = psf->table[(*at)++];
    if (lead == PSF2_SEPARATOR)
        return TOKEN_SEPARATOR;
    if (lead == PSF2_SEQUENCE)
        return TOKEN_SEQUENCE;
    more = lead < 0xC0 ? 0 : lead < 0xE0 ? 1 : lead < 0xF0 ? 2 : 3;
    *c = more == 0 ? lead : lead & (0x3Fu >> more);
    for (; more > 0; more--) {
        if (*at >= psf->table_size || (psf->table[*at] & 0xC0) != 0x80)
            return TOKEN_SEQUENCE;
        *c = *c << 6 | (psf->table[(*at)++] & 0x3Fu);
    }
    return TOKEN_CHARACTER;
}

static const uint8_t *glyph_at(const struct psf *psf, uint32_t index)
{
    return psf->glyphs + (size_t)index * psf->glyph_size;
}

const uint8_t *psf_glyph(const struct psf *psf, uint32_t character)
{
    bool single = true; /* behind a sequence mark, characters combine */
    uint32_t index = 0;
    size_t at = 0;

    if (psf->table == NULL)
        return character < psf->count ? glyph_at(psf, character) : NULL;
    while (index < psf->count) {
        uint32_t c = 0;
        enum token token =
            psf->utf8 ? next_utf8(psf, &at, &c) : next_ucs2(psf, &at, &c);

        if (token == TOKEN_END)
            break;
        if (token == TOKEN_CHARACTER && single && c == character)
            return glyph_at(psf, index);
        single =
            token == TOKEN_SEPARATOR || (token == TOKEN_CHARACTER && single);
        if (token == TOKEN_SEPARATOR)
            index++;
    }
    return NULL;
}
