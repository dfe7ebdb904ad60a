/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of the text console: pixels in every format, wrapping, scrolling. */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "unit.h"

#include "arch/console/font.h"
#include "arch/console/screen.h"
#include "arch/console/screen_draw.h"
#include "screen_format.h"

/* ---- a simulated screen ------------------------------------------------- */

static struct screen_geometry g;
static uint8_t *pixels;
static void *memory;
static struct boot_framebuffer fb;

/* All bytes start as 0xEE, so that undrawn pixels can be recognised. */
static void start(const struct screen_format *format, uint32_t width,
                  uint32_t height, uint32_t pitch)
{
    fb = screen_make(format, width, height, pitch);
    free(pixels);
    free(memory);
    pixels = malloc(fb.size);
    memset(pixels, 0xEE, fb.size);
    assert_int_equal(screen_geometry_compute(&g, &fb), 0);
    memory = malloc(screen_memory_size(&g));
    assert_int_equal(screen_init(&fb, pixels, memory), 0);
}

static void write_text(const char *text)
{
    screen_write(LOG_INFO, text, strlen(text));
}

static uint32_t pixel(uint32_t x, uint32_t y)
{
    uint32_t value = 0;

    memcpy(&value,
           pixels + ((size_t)y * fb.pitch_pixels + x) * g.bytes_per_pixel,
           g.bytes_per_pixel);
    return value;
}

/* Returns true if the cell shows the character, and its colour (0: no pixel).
 */
static bool shows(uint32_t column, uint32_t row, char c, uint32_t *colour)
{
    const uint8_t *glyph = font_glyph((unsigned char)c);

    *colour = 0;
    for (uint32_t y = 0; y < g.cell_height; y++) {
        for (uint32_t x = 0; x < g.cell_width; x++) {
            uint32_t p = pixel(g.left + column * g.cell_width + x,
                               g.top + row * g.cell_height + y);
            bool set = glyph[y / g.scale] & (0x80 >> x / g.scale);

            if (!set && p != 0)
                return false;
            if (set && (p == 0 || (*colour != 0 && p != *colour)))
                return false;
            if (set)
                *colour = p;
        }
    }
    return true;
}

static void expect_row(uint32_t row, const char *text)
{
    uint32_t colour;

    for (uint32_t column = 0; column < g.columns; column++) {
        char c = *text ? *text++ : ' ';

        if (!shows(column, row, c, &colour))
            fail_msg("row %u, column %u is no '%c'", row, column, c);
    }
    assert_int_equal(*text, '\0');
}

/* Converts an intensity from 0 to 255 into the bits of a mask. */
static uint32_t spread(uint32_t mask, unsigned intensity)
{
    uint32_t lowest = mask & (0 - mask), most = mask / lowest;

    return lowest * (uint32_t)(intensity / 255.0 * most + 0.5);
}

/* ---- the tests ---------------------------------------------------------- */

/* This test must come first: there is no screen yet. */
static void text_before_there_is_a_screen_is_ignored(void **state)
{
    uint32_t columns = 7, rows = 7;

    (void)state;
    write_text("nobody sees this\n");
    screen_flush();
    screen_size(&columns, &rows);
    assert_int_equal(columns, 0);
    assert_int_equal(rows, 0);
}

/* Each format is tried scaled and unscaled, with a margin and a longer pitch.
 */
static void text_is_drawn_in_each_pixel_format(void **state)
{
    (void)state;
    for (unsigned i = 0; i < COUNT(screen_formats); i++) {
        for (unsigned scaled = 0; scaled <= 1; scaled++) {
            uint32_t colour, width = scaled ? 2567 : 807;

            start(&screen_formats[i], width, 167, width + 5);
            write_text("Hello ~\nmd,");
            screen_flush();
            expect_row(0, "Hello ~");
            expect_row(1, "md,");
            expect_row(g.rows - 1, "");
            assert_true(shows(0, 0, 'H', &colour));
            assert_int_equal(colour, spread(screen_formats[i].red, 0xD8) |
                                         spread(screen_formats[i].green, 0xDE) |
                                         spread(screen_formats[i].blue, 0xE4));
            /* The screen is cleared to its edges and not past them. */
            assert_int_equal(pixel(0, 0), 0);
            assert_int_equal(pixel(width - 1, 166), 0);
            for (uint32_t y = 0; y < 167; y++)
                assert_int_equal(pixel(width, y),
                                 0xEEEEEEEE >> (32 - 8 * g.bytes_per_pixel));
        }
    }
}

static void text_is_drawn_by_the_flush_only(void **state)
{
    (void)state;
    start(&screen_formats[0], 800, 600, 800);
    write_text("not yet");
    for (size_t i = 0; i < fb.size; i++)
        assert_int_equal(pixels[i], 0xEE);
    screen_flush();
    expect_row(0, "not yet");
}

static void flush_without_text_draws_nothing(void **state)
{
    (void)state;
    start(&screen_formats[0], 800, 600, 800);
    screen_flush();
    assert_int_equal(pixels[0], 0xEE);
}

/* Pixels of unchanged text are not written again. */
static void flush_draws_only_what_changed(void **state)
{
    (void)state;
    start(&screen_formats[0], 800, 600, 800);
    write_text("one\ntwo\n");
    screen_flush();
    memset(pixels, 0x55, fb.size);
    write_text("three");
    screen_flush();
    for (uint32_t y = 0; y < 600; y++) {
        for (uint32_t x = 0; x < 800; x++) {
            bool drawn = x < 5 * 8 && y >= g.top + 32 && y < g.top + 48;

            assert_int_equal(pixel(x, y) != 0x55555555, drawn);
        }
    }
}

static void each_log_level_has_its_colour(void **state)
{
    uint32_t colours[SCREEN_LEVELS];

    (void)state;
    start(&screen_formats[0], 800, 600, 800);
    for (unsigned level = 0; level < SCREEN_LEVELS; level++)
        screen_write((enum log_level)level, "M\n", 2);
    screen_flush();
    for (unsigned level = 0; level < SCREEN_LEVELS; level++) {
        assert_true(shows(0, level, 'M', &colours[level]));
        for (unsigned other = 0; other < level; other++)
            assert_int_not_equal(colours[level], colours[other]);
    }
    /* Errors are red: their red part is above green and blue. */
    assert_true((colours[LOG_ERROR] >> 16 & 0xFF) >
                (colours[LOG_ERROR] >> 8 & 0xFF));
}

static void control_characters_move_or_show_a_box(void **state)
{
    (void)state;
    start(&screen_formats[0], 800, 600, 800);
    write_text("a\tb\t\tc\n");
    write_text("abc\rX\n");
    write_text("abc\b\bY\n");
    write_text("\b\bZ\n");
    write_text("\x01\x7F\xE4");
    screen_flush();
    expect_row(0, "a       b               c");
    expect_row(1, "Xbc");
    expect_row(2, "aYc");
    expect_row(3, "Z");
    expect_row(4, "\x01\x01\x01"); /* each shows a box */
}

/* A text exactly as wide as the screen takes one line. */
static void long_lines_wrap_at_the_edge(void **state)
{
    char text[202];

    (void)state;
    start(&screen_formats[0], 800, 600, 800);
    memset(text, 'w', sizeof(text));
    text[100] = '\n';
    text[101] = '\0';
    write_text(text);
    write_text("next\n");
    /* A tab goes no further than the end of its line. */
    memset(text, 't', 97);
    text[97] = '\t';
    text[98] = 'x';
    text[99] = '\n';
    text[100] = '\0';
    write_text(text);
    memset(text, 'v', sizeof(text));
    text[101] = '\0';
    write_text(text);
    screen_flush();
    text[100] = '\0';
    expect_row(4, text);
    expect_row(5, "v");
    expect_row(3, "x");
    memset(text, 't', 97);
    text[97] = '\0';
    expect_row(2, text);
    text[97] = 'w';
    memset(text, 'w', 100);
    expect_row(0, text);
    expect_row(1, "next");
}

static unsigned first_number(uint32_t row)
{
    uint32_t colour;

    for (unsigned i = 0; i < 1000; i++) {
        if (shows(0, row, (char)('0' + i / 100), &colour) &&
            shows(1, row, (char)('0' + i / 10 % 10), &colour) &&
            shows(2, row, (char)('0' + i % 10), &colour))
            return i;
    }
    return 1000;
}

static void write_number(unsigned i)
{
    char text[] = {(char)('0' + i / 100), (char)('0' + i / 10 % 10),
                   (char)('0' + i % 10), '\n', 0};

    write_text(text);
}

/* The newest lines are shown in order and without a gap. At most an eighth of
 * the screen is empty below them. */
static void newest_lines_stay_on_the_screen_in_order(void **state)
{
    (void)state;
    start(&screen_formats[0], 800, 600, 800);
    for (unsigned i = 0; i < g.rows; i++)
        write_number(i);
    screen_flush();
    assert_int_equal(first_number(0), g.rows / 8);
    start(&screen_formats[0], 800, 600, 800);
    for (unsigned i = 0; i < 500; i++) {
        uint32_t row = 0;
        unsigned first;

        write_number(i);
        if (i % 7 != 0)
            continue;
        screen_flush();
        first = first_number(0);
        while (row < g.rows && first_number(row) == first + row)
            row++;
        assert_int_equal(first + row, i + 1);
        assert_true(first == 0 || row >= g.rows - 1 - g.rows / 8);
        for (; row < g.rows; row++)
            expect_row(row, "");
    }
}

static void smallest_screen_scrolls_as_well(void **state)
{
    (void)state;
    start(&screen_formats[3], 160, 64, 160);
    for (unsigned i = 0; i < 999; i++) {
        write_number(i);
        screen_flush();
        for (uint32_t row = 0; i >= 3 && row < 3; row++)
            assert_int_equal(first_number(row), i - 2 + row);
    }
}

static void random_text_stays_inside_the_screen(void **state)
{
    (void)state;
    srand(1);
    start(&screen_formats[2], 800, 167, 801);
    for (unsigned round = 0; round < 500; round++) {
        char text[300];

        for (unsigned i = 0; i < sizeof(text); i++)
            text[i] = (char)(rand() % 4 ? rand() : "\n\r\t\b"[rand() % 4]);
        screen_write((enum log_level)(rand() % 4), text,
                     (size_t)rand() % sizeof(text));
        screen_flush();
    }
}

/* ---- the panel ---------------------------------------------------------- */

static void text_wraps_before_a_panel_and_leaves_it_alone(void **state)
{
    struct screen_panel panel;
    uint32_t width, height, column;

    (void)state;
    start(&screen_formats[0], 800, 167, 805);
    write_text("a line that is there before the panel comes, and so long that "
               "its end lies where the panel will be\n");
    screen_flush();
    screen_pixels(&width, &height, &column);
    assert_int_equal(width, 800);
    assert_int_equal(height, 167);
    assert_int_equal(column, g.cell_width);
    screen_reserve(384, &panel);
    assert_int_equal(panel.left, 416);
    assert_int_equal(panel.width, 384);
    assert_int_equal(panel.height, 167);
    /* 52 columns lie before the panel, and the last of them stays empty. */
    screen_flush();
    expect_row(0, "a line that is there before the panel comes, and so");
    screen_fill(panel.left, 0, panel.width, panel.height, SCREEN_WHITE);
    for (unsigned i = 0; i < 100; i++)
        write_text("0123456789");
    screen_flush();
    for (uint32_t y = 0; y < 167; y++) {
        for (uint32_t x = panel.left; x < 800; x++)
            assert_int_equal(pixel(x, y), 0xffffff);
    }
}

static void a_rectangle_past_the_edges_is_clipped(void **state)
{
    (void)state;
    start(&screen_formats[0], 800, 167, 805);
    write_text("x");
    screen_fill(790, 160, 100, 100, SCREEN_WHITE);
    assert_int_equal(pixel(799, 166), 0xffffff);
    assert_int_equal(pixel(789, 166), 0);
    assert_int_equal(pixel(799, 159), 0);
    /* What lies behind the width is not ours. */
    assert_int_equal(pixel(800, 160), 0xeeeeeeee);
    screen_fill(800, 0, 1, 1, SCREEN_WHITE);
    screen_fill(UINT32_MAX, UINT32_MAX, UINT32_MAX, 2, SCREEN_WHITE);
    screen_fill(795, 165, 2, 1, SCREEN_BLACK);
    assert_int_equal(pixel(795, 165), 0);
    assert_int_equal(pixel(794, 165), 0xffffff);
}

static void a_panel_that_leaves_no_room_for_text_is_refused(void **state)
{
    struct screen_panel panel;

    (void)state;
    start(&screen_formats[0], 800, 167, 800);
    screen_reserve(799, &panel);
    assert_int_equal(panel.width, 0);
    screen_reserve(0, &panel);
    assert_int_equal(panel.width, 0);
    write_text("still here");
    screen_flush();
    expect_row(0, "still here");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_before_there_is_a_screen_is_ignored),
        cmocka_unit_test(text_is_drawn_in_each_pixel_format),
        cmocka_unit_test(text_is_drawn_by_the_flush_only),
        cmocka_unit_test(flush_without_text_draws_nothing),
        cmocka_unit_test(flush_draws_only_what_changed),
        cmocka_unit_test(each_log_level_has_its_colour),
        cmocka_unit_test(control_characters_move_or_show_a_box),
        cmocka_unit_test(long_lines_wrap_at_the_edge),
        cmocka_unit_test(newest_lines_stay_on_the_screen_in_order),
        cmocka_unit_test(smallest_screen_scrolls_as_well),
        cmocka_unit_test(random_text_stays_inside_the_screen),
        cmocka_unit_test(text_wraps_before_a_panel_and_leaves_it_alone),
        cmocka_unit_test(a_rectangle_past_the_edges_is_clipped),
        cmocka_unit_test(a_panel_that_leaves_no_room_for_text_is_refused),
    };
    int failed = cmocka_run_group_tests_name("screen", tests, NULL, NULL);

    free(pixels);
    free(memory);
    return failed;
}
