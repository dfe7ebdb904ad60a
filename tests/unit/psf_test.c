/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of reading PSF fonts, sound and malformed. */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "unit.h"

#include "tools/font2c/psf.h"

/* The file in a heap block of its exact size, so that ASan sees overruns. */
static uint8_t *file;
static size_t size;
static struct psf psf;

static void begin(void)
{
    free(file);
    file = NULL;
    size = 0;
}

static void add(const void *bytes, size_t count)
{
    uint8_t *grown = realloc(file, size + count);

    assert_non_null(grown);
    file = grown;
    memcpy(file + size, bytes, count);
    size += count;
}

static void add_word(uint32_t word)
{
    uint8_t bytes[4] = {(uint8_t)word, (uint8_t)(word >> 8),
                        (uint8_t)(word >> 16), (uint8_t)(word >> 24)};

    add(bytes, 4);
}

/* Each byte of glyph n is n. */
static void add_glyphs(unsigned count, unsigned bytes)
{
    for (unsigned n = 0; n < count; n++) {
        uint8_t glyph[128];

        memset(glyph, (int)n, sizeof(glyph));
        add(glyph, bytes);
    }
}

static void begin_1(uint8_t mode, uint8_t height)
{
    uint8_t header[4] = {0x36, 0x04, mode, height};

    begin();
    add(header, 4);
    add_glyphs(mode & 1 ? 512 : 256, height);
}

static void begin_2(uint32_t count, uint32_t glyph_size, uint32_t height,
                    uint32_t width, uint32_t flags)
{
    begin();
    add("\x72\xb5\x4a\x86", 4);
    add_word(0);  /* version */
    add_word(32); /* header */
    add_word(flags);
    add_word(count);
    add_word(glyph_size);
    add_word(height);
    add_word(width);
}

static void expect_ok(void)
{
    const char *why = psf_open(&psf, file, size);

    if (why)
        fail_msg("%s", why);
}

static void expect_wrong(const char *text)
{
    const char *why = psf_open(&psf, file, size);

    assert_non_null(why);
    if (why && strstr(why, text) == NULL)
        fail_msg("'%s', not '%s'", why, text);
}

/* Returns the glyph of the character, or -1 if it has none. */
static int glyph_of(uint32_t character)
{
    const uint8_t *glyph = psf_glyph(&psf, character);

    if (glyph == NULL)
        return -1;
    assert_in_range((uintptr_t)glyph, (uintptr_t)file,
                    (uintptr_t)file + size - psf.glyph_size);
    return glyph[0];
}

static void font_of_version_1_is_read(void **state)
{
    (void)state;
    begin_1(0, 16);
    expect_ok();
    assert_int_equal(psf.width, 8);
    assert_int_equal(psf.height, 16);
    assert_int_equal(psf.count, 256);
    assert_int_equal(glyph_of('A'), 'A');
    assert_int_equal(glyph_of(255), 255);
    assert_int_equal(glyph_of(256), -1);
    begin_1(1, 8);
    expect_ok();
    assert_int_equal(psf.count, 512);
    assert_int_equal(psf_glyph(&psf, 511) - file, 4 + 511 * 8);
}

static void font_of_version_1_with_a_table_is_read(void **state)
{
    static const uint8_t table[] = {
        0x41, 0x00, 0xFF, 0xFF,             /* glyph 0: A */
        0xFF, 0xFF,                         /* 1: nothing */
        0x42, 0x00, 0xAC, 0x20, 0xFF, 0xFF, /* 2: B, euro */
        0xFE, 0xFF, 0x43, 0x00, 0xFF, 0xFF, /* 3: only in a sequence */
        0x43, 0x00, 0xFF,                   /* 4: C, then cut off */
    };

    (void)state;
    begin_1(2, 10);
    add(table, sizeof(table));
    expect_ok();
    assert_int_equal(glyph_of('A'), 0);
    assert_int_equal(glyph_of('B'), 2);
    assert_int_equal(glyph_of(0x20AC), 2);
    assert_int_equal(glyph_of('C'), 4);
    assert_int_equal(glyph_of('D'), -1);
    assert_int_equal(glyph_of(0xFFFF), -1);
}

static void font_of_version_2_is_read(void **state)
{
    static const char table[] = "A\xFF"
                                "\xE2\x82\xAC"
                                "B\xFF" /* euro, B */
                                "\xFE"
                                "C\xCC\x80\xFF"
                                "C\xFE"
                                "D\xFF"
                                "\xF0\x9F\x98\x80\xFF";

    (void)state;
    begin_2(6, 32, 16, 9, 1);
    add_glyphs(6, 32);
    add(table, sizeof(table) - 1);
    expect_ok();
    assert_int_equal(psf.width, 9);
    assert_int_equal(glyph_of('A'), 0);
    assert_int_equal(glyph_of(0x20AC), 1);
    assert_int_equal(glyph_of('B'), 1);
    assert_int_equal(glyph_of('C'), 3);
    assert_int_equal(glyph_of('D'), -1);
    assert_int_equal(glyph_of(0x1F600), 4);
    /* The table lists more glyphs than the font has. */
    begin_2(1, 16, 16, 8, 1);
    add_glyphs(1, 16);
    add("A\xFF"
        "B\xFF"
        "C",
        5);
    expect_ok();
    assert_int_equal(glyph_of('A'), 0);
    assert_int_equal(glyph_of('B'), -1);
    assert_int_equal(glyph_of('C'), -1);
}

/* Broken UTF-8 gives no character and is not read past its end. */
static void broken_utf8_in_a_table_gives_no_character(void **state)
{
    static const char *const tables[] = {
        "\xC3", "\xE2\x82", "\xE2\x41\xFF", "\x80\x80\xFF", "\xF8\xFF", "",
    };

    (void)state;
    for (unsigned i = 0; i < COUNT(tables); i++) {
        begin_2(1, 16, 16, 8, 1);
        add_glyphs(1, 16);
        add(tables[i], strlen(tables[i]));
        expect_ok();
        assert_int_equal(glyph_of('A'), -1);
        assert_int_equal(glyph_of(0xE4), -1);
    }
}

static void malformed_font_header_is_refused(void **state)
{
    (void)state;
    begin();
    add("\x1f\x8b\x08\x00", 4);
    expect_wrong("still compressed");
    begin();
    add("\x36", 1);
    expect_wrong("magic");
    begin();
    add("\x36\x04\x00", 3);
    expect_wrong("ends in its header");
    begin_1(0, 0);
    expect_wrong("height");
    begin_1(0, 65);
    expect_wrong("height");
    begin_2(1, 16, 16, 8, 0);
    size--;
    expect_wrong("ends in its header");
    begin_2(1, 16, 16, 8, 0);
    file[4] = 1;
    expect_wrong("version");
    begin_2(0, 16, 16, 8, 0);
    expect_wrong("number of glyphs");
    begin_2(65537, 16, 16, 8, 0);
    expect_wrong("number of glyphs");
    begin_2(1, 0, 0, 8, 0);
    expect_wrong("height or width");
    begin_2(1, 65, 65, 8, 0);
    expect_wrong("height or width");
    begin_2(1, 0, 16, 0, 0);
    expect_wrong("height or width");
    begin_2(1, 16, 16, 9, 0);
    expect_wrong("size");
    begin_2(1, UINT32_MAX, 16, 8, 0);
    expect_wrong("size");
}

static void font_shorter_than_its_glyphs_is_refused(void **state)
{
    (void)state;
    begin_1(0, 16);
    size--;
    expect_wrong("shorter than its glyphs");
    size = 4;
    expect_wrong("shorter than its glyphs");
    begin_2(2, 16, 16, 8, 0);
    add_glyphs(2, 16);
    expect_ok();
    size--;
    expect_wrong("shorter than its glyphs");
    /* A header that claims to be longer than the file. */
    size++;
    file[8] = 33;
    expect_wrong("shorter than its glyphs");
    memset(file + 8, 0xFF, 4);
    expect_wrong("shorter than its glyphs");
}

/* Random bytes follow a magic number. */
static void random_bytes_after_a_magic_number_are_survived(void **state)
{
    (void)state;
    srand(1);
    for (unsigned round = 0; round < 20000; round++) {
        unsigned length = (unsigned)rand() % 400;

        begin();
        add(round % 2 ? "\x36\x04" : "\x72\xb5", 2);
        if (round % 2 == 0)
            add("\x4a\x86\x00\x00\x00\x00\x20\x00\x00\x00\x01\x00\x00\x00"
                "\x04\x00\x00\x00\x08\x00\x00\x00\x08\x00\x00\x00\x08\x00"
                "\x00\x00",
                30);
        for (unsigned i = 0; i < length; i++) {
            uint8_t byte = (uint8_t)rand();

            add(&byte, 1);
        }
        if (psf_open(&psf, file, size) == NULL) {
            glyph_of('A');
            glyph_of(0x20AC);
            glyph_of(UINT32_MAX);
        }
    }
}

/* The font of the image itself. */
static void font_of_the_image_has_the_glyphs_of_ascii(void **state)
{
    FILE *in = fopen(FONT_FILE, "rb");
    uint8_t bytes[32768];

    (void)state;
    assert_non_null(in);
    begin();
    add(bytes, fread(bytes, 1, sizeof(bytes), in));
    fclose(in);
    expect_ok();
    assert_int_equal(psf.width, 8);
    assert_int_equal(psf.height, 16);
    for (uint32_t c = 0x20; c < 0x7F; c++)
        assert_non_null(psf_glyph(&psf, c));
    /* An I is an upright stroke between two level ones. */
    assert_int_equal(psf_glyph(&psf, 'I')[2], 0x3C);
    assert_int_equal(psf_glyph(&psf, 'I')[6], 0x18);
    begin();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(font_of_version_1_is_read),
        cmocka_unit_test(font_of_version_1_with_a_table_is_read),
        cmocka_unit_test(font_of_version_2_is_read),
        cmocka_unit_test(broken_utf8_in_a_table_gives_no_character),
        cmocka_unit_test(malformed_font_header_is_refused),
        cmocka_unit_test(font_shorter_than_its_glyphs_is_refused),
        cmocka_unit_test(random_bytes_after_a_magic_number_are_survived),
        cmocka_unit_test(font_of_the_image_has_the_glyphs_of_ascii),
    };

    return cmocka_run_group_tests_name("psf", tests, NULL, NULL);
}
