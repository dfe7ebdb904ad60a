/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * minihv's synthetic video, as far as it knows nothing of minihv. All bytes
 * were written by hand from the tables of the protocol.
 */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "synthvid.h"

static struct synthvid v;
static struct synthvid_outcome o;

static int begin(void **state)
{
    (void)state;
    v.place = (struct synthvid_place){
        .base = 0xFC000000, .end = 0xFD000000, .size = 8 << 20};
    synthvid_reset(&v);
    return 0;
}

/* The message has memory of its own, so the sanitizer sees a read past it. */
static const char *takes(const uint8_t *bytes, uint32_t size)
{
    uint8_t *copy = malloc(size + !size);
    const char *wrong;

    memcpy(copy, bytes, size);
    wrong = synthvid_take(&v, copy, size, &o);
    free(copy);
    return wrong;
}
#define TAKE(...)                         \
    takes((const uint8_t[]){__VA_ARGS__}, \
          sizeof((const uint8_t[]){__VA_ARGS__}))
#define HEADER(type, size) (type), 0, 0, 0, (size), 0, 0, 0
#define CONTEXT            0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88
#define VERSION(minor)     TAKE(HEADER(1, 12), 3, 0, (minor), 0)
/* Where the memory is: the upper half of an address below 4 GiB. */
#define VRAM(low, high) \
    TAKE(HEADER(3, 25), CONTEXT, 1, 0, (low), (high), 0xFC, 0, 0, 0, 0)
/* 1024x768 (0x400, 0x300), 32 bits, pitch 4096 (0x1000). */
#define SCREEN(count, offset, depth, height, pitch)                            \
    TAKE(HEADER(5, 35), CONTEXT, (count), 1, (offset), 0, 0, 0, (depth), 0, 4, \
         0, 0, 0, (height), 0, 0, 0, (pitch), 0, 0)

static void ready(void)
{
    assert_null(VERSION(5));
    assert_null(VRAM(0, 0));
}

static void versions_3_0_to_3_5_are_accepted(void **state)
{
    static const uint8_t minors[] = {0, 2, 3, 4, 5};
    static const uint8_t yes[] = {HEADER(2, 14), 3, 0, 5, 0, 1, 1};

    (void)state;
    for (size_t i = 0; i < sizeof minors; i++) {
        synthvid_reset(&v);
        assert_null(VERSION(minors[i]));
        assert_int_equal(o.deed, SYNTHVID_HAS_VERSION);
        assert_int_equal(v.version, minors[i] << 16 | 3);
    }
    assert_int_equal(o.size, sizeof yes);
    assert_memory_equal(o.answer, yes, sizeof yes);
}

static void another_version_is_refused_and_the_guest_may_ask_again(void **state)
{
    static const uint8_t no[] = {HEADER(2, 14), 3, 0, 1, 0, 0, 1};

    (void)state;
    assert_null(VERSION(1));
    assert_int_equal(o.deed, SYNTHVID_NOTHING);
    assert_memory_equal(o.answer, no, sizeof no);
    assert_null(TAKE(HEADER(1, 4), 4, 0, 0, 0)); /* 4.0 */
    assert_int_equal(o.answer[12], 0);
    assert_int_equal(v.version, 0);
    assert_null(VERSION(5));
    assert_int_equal(o.answer[12], 1);
}

static void the_host_names_resolutions(void **state)
{
    static const uint8_t wanted[] = {4, 1, 0, 0x20, 3, 0x58, 2, 0,    4, 0,
                                     3, 0, 5, 0,    4, 0x40, 6, 0xB0, 4};

    (void)state;
    assert_null(VERSION(2));
    assert_null(TAKE(HEADER(13, 9), 64));
    assert_int_equal(o.size, 8 + 128 + 3 + 16);
    assert_int_equal(o.answer[0], 14);
    assert_memory_equal(o.answer + 136, wanted, sizeof wanted);
}

static void
questions_of_later_versions_are_refused_in_earlier_ones(void **state)
{
    (void)state;
    assert_null(VERSION(0));
    assert_non_null(TAKE(HEADER(13, 9), 64));
    assert_non_null(TAKE(HEADER(15, 8)));
    assert_int_equal(o.size, 0);
    synthvid_reset(&v);
    assert_null(VERSION(4));
    assert_null(TAKE(HEADER(13, 9), 64));
    assert_non_null(TAKE(HEADER(15, 8)));
    synthvid_reset(&v);
    assert_null(VERSION(5));
    assert_null(TAKE(HEADER(15, 8)));
    assert_int_equal(o.answer[0], 16);
    assert_int_equal(o.size, 72);
}

static void the_screens_memory_may_be_anywhere_in_its_range(void **state)
{
    static const uint8_t ack[] = {HEADER(4, 16), CONTEXT};

    (void)state;
    assert_null(VERSION(5));
    assert_null(VRAM(0x10, 0));
    assert_int_equal(o.deed, SYNTHVID_MAP);
    assert_int_equal(o.gpa, 0xFC001000);
    assert_int_equal(o.size, sizeof ack);
    assert_memory_equal(o.answer, ack, sizeof ack);
    assert_null(VRAM(0, 0x80)); /* its last place */
    assert_int_equal(o.gpa, 0xFC800000);
}

static void memory_outside_of_the_range_is_refused(void **state)
{
    (void)state;
    assert_null(VERSION(5));
    assert_non_null(VRAM(1, 0)); /* not a page */
    assert_non_null(VRAM(0x10, 0x80));
    assert_non_null(VRAM(0, 0xFF));
    /* below, above, far above: the end would wrap */
    assert_non_null(
        TAKE(HEADER(3, 25), CONTEXT, 1, 0, 0xF0, 0xFF, 0xFB, 0, 0, 0, 0));
    assert_non_null(TAKE(HEADER(3, 25), CONTEXT, 1, 0, 0, 0, 0xFD, 0, 0, 0, 0));
    assert_non_null(TAKE(HEADER(3, 25), CONTEXT, 1, 0, 0xF0, 0xFF, 0xFF, 0xFF,
                         0xFF, 0xFF, 0xFF));
    assert_non_null(TAKE(HEADER(3, 25), CONTEXT, 0, 0, 0, 0, 0xFC, 0, 0, 0, 0));
    assert_int_equal(o.size, 0);
    assert_false(v.has_vram);
}

static void a_screen_is_shown(void **state)
{
    static const uint8_t ack[] = {HEADER(6, 16), CONTEXT};

    (void)state;
    ready();
    assert_null(SCREEN(1, 0, 32, 3, 0x10));
    assert_int_equal(o.deed, SYNTHVID_SHOW);
    assert_true(o.screen.active);
    assert_int_equal(o.screen.width, 1024);
    assert_int_equal(o.screen.height, 768);
    assert_int_equal(o.screen.pitch, 4096);
    assert_int_equal(o.screen.depth, 32);
    assert_memory_equal(o.answer, ack, sizeof ack);
}

static void a_screen_that_cannot_be_is_refused(void **state)
{
    (void)state;
    assert_null(VERSION(5));
    assert_non_null(SCREEN(1, 0, 32, 3, 0x10)); /* no memory yet */
    assert_null(VRAM(0, 0));
    assert_non_null(SCREEN(0, 0, 32, 3, 0x10));
    assert_non_null(SCREEN(2, 0, 32, 3, 0x10));
    assert_non_null(SCREEN(1, 2, 32, 3, 0x10)); /* half a pixel */
    assert_non_null(SCREEN(1, 0, 24, 3, 0x10));
    assert_non_null(SCREEN(1, 0, 0, 3, 0x10));
    assert_non_null(SCREEN(1, 0, 32, 0, 0x10));  /* no row */
    assert_non_null(SCREEN(1, 0, 32, 17, 0x10)); /* 4352 rows */
    assert_non_null(SCREEN(1, 0, 32, 3, 0x0F));
    assert_non_null(SCREEN(1, 0, 32, 3, 0xFF)); /* past the memory */
    assert_int_equal(o.size, 0);
    assert_null(SCREEN(1, 0, 32, 8, 0x10)); /* 2048 rows: all of it */
    assert_non_null(SCREEN(1, 4, 32, 8, 0x10));
}

static void a_screen_may_go_dark(void **state)
{
    (void)state;
    assert_null(VERSION(5));
    assert_null(TAKE(HEADER(5, 35), CONTEXT, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
                     0, 0, 0, 0, 0, 0, 0));
    assert_int_equal(o.deed, SYNTHVID_SHOW);
    assert_false(o.screen.active);
}

static void rectangles_and_pointers_are_taken(void **state)
{
    (void)state;
    ready();
    assert_null(TAKE(HEADER(10, 26), 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0,
                     1, 0, 0, 0));
    assert_int_equal(o.deed, SYNTHVID_HAS_DRAWN);
    assert_int_equal(o.size, 0);
    assert_null(TAKE(HEADER(7, 18), 1, 0, 1, 0, 0, 0, 1, 0, 0, 0));
    assert_null(TAKE(HEADER(8, 26), 0xFF, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0,
                     0, 0, 0, 0));
}

static void wrong_messages_are_named(void **state)
{
    (void)state;
    assert_non_null(takes((const uint8_t[1]){0}, 0));
    assert_non_null(TAKE(1, 0, 0, 0, 12, 0, 0));
    assert_non_null(TAKE(HEADER(1, 11), 3, 0, 5));
    assert_non_null(TAKE(HEADER(1, 13), 3, 0, 5, 0)); /* longer than it is */
    assert_non_null(VRAM(0, 0));                      /* before a version */
    assert_non_null(TAKE(HEADER(10, 26), 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0,
                         0, 1, 0, 0, 0));
    assert_int_equal(v.version, 0);
    assert_null(VERSION(5));
    assert_non_null(VERSION(5)); /* twice */
    assert_non_null(TAKE(HEADER(10, 10), 0, 1));
    assert_null(VRAM(0, 0));
    assert_non_null(TAKE(HEADER(10, 10), 0, 0)); /* no rectangle */
    assert_non_null(TAKE(HEADER(10, 10), 0, 1)); /* not there */
    assert_non_null(TAKE(HEADER(2, 14), 3, 0, 5, 0, 1, 1));
    assert_non_null(TAKE(HEADER(0, 8)));
    assert_non_null(TAKE(HEADER(17, 8)));
}

static void the_guest_is_asked_to_tell_what_it_draws(void **state)
{
    static const uint8_t wanted[] = {HEADER(9, 12), 1, 0, 0, 0};
    uint8_t m[SYNTHVID_MAX];

    (void)state;
    assert_int_equal(synthvid_features(m), sizeof wanted);
    assert_memory_equal(m, wanted, sizeof wanted);
}

#define TEST(name) cmocka_unit_test_setup(name, begin)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(versions_3_0_to_3_5_are_accepted),
        TEST(another_version_is_refused_and_the_guest_may_ask_again),
        TEST(the_host_names_resolutions),
        TEST(questions_of_later_versions_are_refused_in_earlier_ones),
        TEST(the_screens_memory_may_be_anywhere_in_its_range),
        TEST(memory_outside_of_the_range_is_refused),
        TEST(a_screen_is_shown),
        TEST(a_screen_that_cannot_be_is_refused),
        TEST(a_screen_may_go_dark),
        TEST(rectangles_and_pointers_are_taken),
        TEST(wrong_messages_are_named),
        TEST(the_guest_is_asked_to_tell_what_it_draws),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
