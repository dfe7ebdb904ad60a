/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of the text console's geometry: sides, sizes and pixel formats. */
#include <errno.h>

#include "unit.h"

#include "arch/console/screen_draw.h"
#include "screen_format.h"

static struct screen_geometry g;

static void each_mode_has_its_columns_rows_and_scale(void **state)
{
    static const struct {
        uint32_t width, height, columns, rows, scale;
    } modes[] = {
        {800, 600, 100, 37, 1},       {1024, 768, 128, 48, 1},
        {1366, 768, 170, 48, 1},      {1920, 1080, 240, 67, 1},
        {2559, 1440, 319, 90, 1},     {2560, 1440, 160, 45, 2},
        {3840, 2160, 240, 67, 2},     {160, 64, 20, 4, 1},
        {16384, 16384, 1024, 512, 2},
    };

    (void)state;
    for (unsigned i = 0; i < COUNT(modes); i++) {
        struct boot_framebuffer f =
            screen_make(&screen_formats[0], modes[i].width, modes[i].height,
                        modes[i].width);

        assert_int_equal(screen_geometry_compute(&g, &f), 0);
        assert_int_equal(g.columns, modes[i].columns);
        assert_int_equal(g.rows, modes[i].rows);
        assert_int_equal(g.scale, modes[i].scale);
        assert_int_equal(g.cell_height, 16 * g.scale);
        /* The text is centred and inside the screen. */
        assert_in_range(2 * g.left + g.columns * g.cell_width,
                        modes[i].width - 1, modes[i].width);
        assert_in_range(2 * g.top + g.rows * g.cell_height, modes[i].height - 1,
                        modes[i].height);
        assert_int_equal(screen_memory_size(&g), 4 * g.columns * g.rows);
    }
}

static void each_pixel_format_has_its_byte_count(void **state)
{
    (void)state;
    for (unsigned i = 0; i < COUNT(screen_formats); i++) {
        struct boot_framebuffer f =
            screen_make(&screen_formats[i], 800, 600, 832);

        assert_int_equal(screen_geometry_compute(&g, &f), 0);
        assert_int_equal(g.bytes_per_pixel, screen_formats[i].bytes);
        assert_int_equal(g.bytes, (832u * 599u + 800u) *
                                      (uint64_t)screen_formats[i].bytes);
    }
}

static void expect(const struct boot_framebuffer *f, int status)
{
    assert_int_equal(screen_geometry_compute(&g, f), status);
}

static void machine_without_a_usable_screen_is_enodev(void **state)
{
    struct boot_framebuffer f = {0};

    (void)state;
    expect(&f, -ENODEV);
    f = screen_make(&screen_formats[0], 800, 600, 800);
    f.base = 0;
    expect(&f, -ENODEV);
    f = screen_make(&screen_formats[0], 800, 600,
                    800); /* BltOnly gives no masks */
    f.red_mask = f.green_mask = f.blue_mask = f.reserved_mask = 0;
    expect(&f, -ENODEV);
}

static void impossible_width_height_or_pitch_is_refused(void **state)
{
    static const struct {
        uint32_t width, height, pitch;
    } sides[] = {
        {0, 600, 800},          {800, 0, 800},
        {800, 600, 799},        {800, 600, 0},
        {16385, 600, 16385},    {800, 16385, 800},
        {800, 600, 16385},      {159, 64, 159},
        {160, 63, 160},         {UINT32_MAX, 600, UINT32_MAX},
        {800, UINT32_MAX, 800}, {800, 600, UINT32_MAX},
    };

    (void)state;
    for (unsigned i = 0; i < COUNT(sides); i++) {
        struct boot_framebuffer f =
            screen_make(&screen_formats[0], sides[i].width, sides[i].height,
                        sides[i].pitch);

        f.size = UINT64_MAX;
        expect(&f, -EINVAL);
    }
}

/* The framebuffer may end with the last visible pixel, but not before it. */
static void framebuffer_may_end_at_its_last_pixel_only(void **state)
{
    struct boot_framebuffer f = screen_make(&screen_formats[0], 800, 600, 1024);

    (void)state;
    f.size = (1024ull * 599 + 800) * 4;
    expect(&f, 0);
    f.size--;
    expect(&f, -EINVAL);
    f.size = 0;
    expect(&f, -EINVAL);
}

static void impossible_colour_masks_are_refused(void **state)
{
    static const uint32_t masks[][4] = {
        {0xFF0000, 0xFF00, 0, 0xFF000000},      /* no blue */
        {0xFF0000, 0, 0xFF, 0xFF000000},        /* no green */
        {0, 0xFF00, 0xFF, 0xFF000000},          /* no red */
        {0xFF0000, 0xFF00, 0x1FF, 0xFF000000},  /* green meets blue */
        {0xFF0000, 0xFF0000, 0xFF, 0xFF000000}, /* red is green */
        {0xFF, 0xFF00, 0xFF, 0xFF000000},       /* red is blue */
        {0xF70000, 0xFF00, 0xFF, 0xFF000000},   /* a hole */
        {0xE0, 0x1C, 0x03, 0},                  /* one byte */
    };

    (void)state;
    for (unsigned i = 0; i < COUNT(masks); i++) {
        struct boot_framebuffer f =
            screen_make(&screen_formats[0], 800, 600, 800);

        f.red_mask = masks[i][0];
        f.green_mask = masks[i][1];
        f.blue_mask = masks[i][2];
        f.reserved_mask = masks[i][3];
        expect(&f, -EINVAL);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_mode_has_its_columns_rows_and_scale),
        cmocka_unit_test(each_pixel_format_has_its_byte_count),
        cmocka_unit_test(machine_without_a_usable_screen_is_enodev),
        cmocka_unit_test(impossible_width_height_or_pitch_is_refused),
        cmocka_unit_test(framebuffer_may_end_at_its_last_pixel_only),
        cmocka_unit_test(impossible_colour_masks_are_refused),
    };

    return cmocka_run_group_tests_name("screen_geometry", tests, NULL, NULL);
}
