/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of a report's way into QR codes; tests/qr reads the codes back. */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "unit.h"

#include "arch/codes/base45.h"
#include "arch/codes/capture.h"
#include "arch/codes/deflate.h"
#include "arch/codes/layout.h"
#include "arch/codes/parts.h"
#include "arch/console/log.h"
#include "qrcodegen.h"

/* ---- Base45 ------------------------------------------------------------- */

/* [RFC 9285 4.3] */
static void base45_gives_the_examples_of_its_standard(void **state)
{
    static const char *const examples[][2] = {
        {"AB", "BB8"},
        {"Hello!!", "%69 VD92EX0"},
        {"base-45", "UJCLQE7W581"},
        {"ietf!", "QED8WEX0"},
        {"", ""},
    };
    char out[32];

    (void)state;
    for (unsigned i = 0; i < sizeof(examples) / sizeof(*examples); i++) {
        size_t size = strlen(examples[i][0]);
        size_t length =
            base45_encode(out, (const uint8_t *)examples[i][0], size);

        assert_int_equal(length, BASE45_LENGTH(size));
        assert_int_equal(length, strlen(examples[i][1]));
        assert_memory_equal(out, examples[i][1], length);
    }
}

/* ---- DEFLATE ------------------------------------------------------------ */

/* Decompressed by zlib in tests/qr; here only the room that it takes. */
static void compressed_text_keeps_to_its_bound(void **state)
{
    static char text[DEFLATE_TEXT_MAX];
    static uint8_t out[DEFLATE_SIZE(DEFLATE_TEXT_MAX)];

    (void)state;
    srand(1);
    for (size_t i = 0; i < sizeof(text); i++)
        text[i] = (char)(0x90 | rand());
    for (size_t length = 0; length <= sizeof(text); length += 1 + length / 2)
        assert_true(deflate_text(out, text, length) <= DEFLATE_SIZE(length));
    assert_true(deflate_text(out, text, 0) > 0);
}

/* ---- parts -------------------------------------------------------------- */

static void the_checksum_is_that_of_zlib(void **state)
{
    (void)state;
    assert_int_equal(parts_crc32("123456789", 9), 0xCBF43926u);
    assert_int_equal(parts_crc32("", 0), 0);
}

static void parts_are_numbered_and_fit_into_their_codes(void **state)
{
    static uint8_t data[3000];
    char text[512];
    struct code_parts parts = {
        .data = data, .size = sizeof(data), .report = 0x3F2A91BC};
    size_t characters = 395, total = 0;

    (void)state;
    parts_divide(&parts, characters);
    assert_int_equal(parts.count, 13);
    for (uint32_t i = 0; i < parts.count; i++) {
        size_t length = parts_text(&parts, i, text);

        assert_true(length <= characters);
        assert_int_equal(length, strlen(text));
        assert_memory_equal(text, "VMBARE1 3F2A91BC ", 17);
        assert_int_equal(atoi(text + 17), (int)i + 1);
        assert_non_null(strstr(text, "/13 "));
        assert_true(qrcodegen_isAlphanumeric(text));
        total += strlen(strrchr(text, '/') + 4 + 9);
    }
    assert_int_equal(total, BASE45_LENGTH(sizeof(data)));
}

/* A report without a byte is one part, so that there is something to read. */
static void there_is_always_a_part_and_never_more_than_99(void **state)
{
    static uint8_t data[60000];
    struct code_parts parts = {.data = data};
    char text[200];

    (void)state;
    parts_divide(&parts, 154);
    assert_int_equal(parts.count, 1);
    assert_int_equal(parts_text(&parts, 0, text), 30);
    parts.size = sizeof(data);
    parts_divide(&parts, 154);
    assert_int_equal(parts.count, PARTS_MAX);
    assert_true(parts_text(&parts, PARTS_MAX - 1, text) <= 154);
}

/* ---- the layout --------------------------------------------------------- */

/* The library is asked, version by version: it fits, and one more does not. */
static void the_table_of_capacities_is_the_librarys(void **state)
{
    static uint8_t work[qrcodegen_BUFFER_LEN_MAX];
    static uint8_t code[qrcodegen_BUFFER_LEN_MAX];
    char text[LAYOUT_CHARACTERS_MAX + 2];
    unsigned seen = 0;

    (void)state;
    for (uint32_t bytes = 1; bytes < 1220; bytes++) {
        struct code_layout l;
        int level;

        /* A panel of one code at two pixels; the versions come in turn. */
        for (uint32_t side = 90; side < 252; side++) {
            if (!layout_choose(&l, side, side, bytes) || l.across != 1 ||
                l.down != 1 || (seen & 1u << l.version))
                continue;
            seen |= 1u << l.version;
            level = l.medium ? qrcodegen_Ecc_MEDIUM : qrcodegen_Ecc_LOW;
            for (size_t more = 0; more < 2; more++) {
                memset(text, 'A', l.characters + more);
                text[l.characters + more] = '\0';
                assert_int_equal(
                    qrcodegen_encodeText(text, work, code,
                                         (enum qrcodegen_Ecc)level,
                                         (int)l.version, (int)l.version,
                                         qrcodegen_Mask_AUTO, false),
                    more == 0);
            }
        }
    }
    assert_true(seen & 1u << LAYOUT_VERSION_MAX);
}

static void codes_stay_inside_the_panel(void **state)
{
    static const uint32_t sides[][2] = {{384, 768},  {400, 600},   {320, 480},
                                        {960, 1080}, {1280, 1440}, {90, 90},
                                        {89, 89},    {1, 1},       {0, 0}};

    (void)state;
    for (unsigned i = 0; i < sizeof(sides) / sizeof(*sides); i++) {
        for (size_t bytes = 1; bytes < 20000; bytes += 1 + bytes / 3) {
            struct code_layout l;
            bool all = layout_choose(&l, sides[i][0], sides[i][1], bytes);

            assert_true(l.across * l.side <= sides[i][0]);
            assert_true(l.down * l.side <= sides[i][1]);
            assert_true(!all || l.across * l.down > 0);
            if (l.across)
                assert_true(l.version <= LAYOUT_VERSION_MAX && l.pixels >= 2);
        }
    }
}

/* Hyper-V gives its machines a screen of this size. */
static void a_screen_of_1024_has_80_columns_and_two_large_codes(void **state)
{
    struct code_layout l;

    (void)state;
    assert_int_equal(layout_panel_width(1024, 8), 384);
    assert_true(layout_choose(&l, 384, 768, 2400));
    assert_int_equal(l.pixels, 3);
    assert_int_equal(l.across * l.down, 2);
    assert_int_equal(layout_panel_width(800, 8), 400);
    assert_int_equal(layout_panel_width(640, 8), 320);
    assert_int_equal(layout_panel_width(3840, 16), 1920);
}

/* ---- the text ----------------------------------------------------------- */

static void the_text_that_is_kept_is_what_a_console_shows(void **state)
{
    const char *text;
    size_t length;

    (void)state;
    log_add_sink(capture_sink());
    log_printf(LOG_INFO, "before");
    capture_begin();
    log_printf(LOG_WARNING, "a line");
    log_printf(LOG_DEBUG, "not shown");
    log_write("raw\n", 4);
    length = capture_end(&text);
    log_printf(LOG_INFO, "after");
    assert_int_equal(length, capture_end(&text));
    assert_int_equal(length, strlen("[   0.000000] a line\nraw\n"));
    assert_memory_equal(text, "[   0.000000] a line\nraw\n", length);
}

static void of_a_text_that_is_too_long_the_last_lines_are_kept(void **state)
{
    const char *text;
    char line[64];
    size_t length;

    (void)state;
    capture_begin();
    for (unsigned i = 0; i < 2000; i++) {
        snprintf(line, sizeof(line), "line %04u of a long report\n", i);
        log_write(line, strlen(line));
    }
    length = capture_end(&text);
    assert_true(length <= CAPTURE_SIZE && length > CAPTURE_SIZE - 64);
    assert_int_equal(length % strlen(line), 0);
    for (size_t kept = length / strlen(line), i = 0; i < kept; i++) {
        snprintf(line, sizeof(line), "line %04zu of a long report\n",
                 2000 - kept + i);
        assert_memory_equal(text + i * strlen(line), line, strlen(line));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(base45_gives_the_examples_of_its_standard),
        cmocka_unit_test(compressed_text_keeps_to_its_bound),
        cmocka_unit_test(the_checksum_is_that_of_zlib),
        cmocka_unit_test(parts_are_numbered_and_fit_into_their_codes),
        cmocka_unit_test(there_is_always_a_part_and_never_more_than_99),
        cmocka_unit_test(the_table_of_capacities_is_the_librarys),
        cmocka_unit_test(codes_stay_inside_the_panel),
        cmocka_unit_test(a_screen_of_1024_has_80_columns_and_two_large_codes),
        cmocka_unit_test(the_text_that_is_kept_is_what_a_console_shows),
        cmocka_unit_test(of_a_text_that_is_too_long_the_last_lines_are_kept),
    };

    return cmocka_run_group_tests_name("codes", tests, NULL, NULL);
}
