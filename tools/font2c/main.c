/*
 * font2c: turns a PSF font into the C table that arch/console/font.c includes.
 *
 *     zcat FONT.psf.gz | font2c NAME >font_glyphs.h
 *
 * Takes the printable ASCII characters only, and the glyph for what a font
 * does not have (or an empty frame), of fonts 8 pixels wide.
 */
#include <stdio.h>

#include "psf.h"

#define FIRST       0x20u
#define LAST        0x7Eu
#define REPLACEMENT 0xFFFDu
#define HEIGHT_MIN  8u
#define HEIGHT_MAX  32u

static int fail(const char *name, const char *why)
{
    fprintf(stderr, "font2c: %s: %s\n", name, why);
    return 1;
}

static void print_glyph(const uint8_t *lines, uint32_t height,
                        const char *comment)
{
    printf("    { /* %s */\n     ", comment);
    for (uint32_t i = 0; i < height; i++)
        printf(" 0x%02X,", lines[i]);
    printf("\n    },\n");
}

/* A frame, two thirds of the glyph high. */
static void make_frame(uint8_t *lines, uint32_t height)
{
    uint32_t top = height / 6, bottom = height - 1 - height / 6;

    for (uint32_t i = 0; i < height; i++) {
        lines[i] = 0;
        if (i == top || i == bottom)
            lines[i] = 0x7E;
        else if (i > top && i < bottom)
            lines[i] = 0x42;
    }
}

static int print_font(const struct psf *psf, const char *name)
{
    const uint8_t *glyph = psf_glyph(psf, REPLACEMENT);
    uint8_t frame[HEIGHT_MAX];
    char comment[16];

    printf("/* Made by font2c from %s: printable ASCII,\n"
           " * then the glyph of what is not. */\n"
           "#define FONT_HEIGHT %uu\n\n"
           "static const uint8_t font_glyphs[][FONT_HEIGHT] = {\n",
           name, psf->height);
    for (uint32_t c = FIRST; c <= LAST; c++) {
        const uint8_t *lines = psf_glyph(psf, c);

        if (lines == NULL)
            return fail(name, "a printable ASCII character has no glyph");
        snprintf(comment, sizeof(comment), "0x%02X", c);
        print_glyph(lines, psf->height, comment);
    }
    make_frame(frame, psf->height);
    print_glyph(glyph != NULL ? glyph : frame, psf->height, "others");
    printf("};\n");
    return fflush(stdout) == 0 ? 0 : fail(name, "cannot write");
}

int main(int argc, char **argv)
{
    static uint8_t bytes[1 << 20];
    struct psf psf;
    const char *why;
    size_t size;

    if (argc != 2) {
        fprintf(stderr, "usage: zcat FONT.psf.gz | font2c NAME\n");
        return 2;
    }
    size = fread(bytes, 1, sizeof(bytes), stdin);
    if (size == sizeof(bytes))
        return fail(argv[1], "larger than 1 MiB");
    why = psf_open(&psf, bytes, size);
    if (why != NULL)
        return fail(argv[1], why);
    if (psf.width != 8 || psf.height < HEIGHT_MIN || psf.height > HEIGHT_MAX)
        return fail(argv[1], "glyphs must be 8 pixels wide and 8..32 high");
    return print_font(&psf, argv[1]);
}
