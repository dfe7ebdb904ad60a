/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of the frame allocator: searches, borders, lending, and refusals. */
#include "unit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "arch/memory/frames.h"
#include "frames_arena.h"

#define FIRST 0x100

static struct frames *make(uint64_t count, uint64_t **bitmap)
{
    struct frames *f = calloc(1, sizeof(*f));

    *bitmap = malloc(frames_bitmap_size(count) + 1);
    assert_int_equal(frames_add(f, FIRST, count, *bitmap), 0);
    return f;
}

/* Takes exactly these frames: takes all, and gives the others back. False: not
 * all of them were free. Every bit is made by that. */
static bool take_exact(struct frames *f, uint64_t first, uint64_t count)
{
    uint64_t n = 0, had = 0, all = f->free;
    uint64_t *taken = malloc(all * sizeof(*taken));

    while (n < all)
        taken[n++] = frames_take(f, 1, 1, FRAMES_NONE);
    for (uint64_t i = 0; i < all; i++)
        had += taken[i] - first < count;
    for (uint64_t i = 0; i < all; i++) {
        if (had != count || taken[i] - first >= count)
            assert_true(frames_give(f, taken[i], 1));
    }
    free(taken);
    return had == count;
}

static void drop(struct frames *f, uint64_t *bitmap)
{
    free(bitmap);
    free(f);
}

static void frames_are_taken_once_each(void **state)
{
    uint64_t *bitmap;
    struct frames *f = make(200, &bitmap);
    uint8_t seen[200] = {0};

    (void)state;
    for (int i = 0; i < 200; i++) {
        uint64_t frame = frames_take(f, 1, 1, FRAMES_NONE);

        assert_in_range(frame, FIRST, FIRST + 199);
        assert_int_equal(seen[frame - FIRST]++, 0);
    }
    assert_int_equal(frames_take(f, 1, 1, FRAMES_NONE), FRAMES_NONE);
    assert_int_equal(f->free, 0);
    drop(f, bitmap);
}

static void runs_of_frames_are_found_across_words(void **state)
{
    uint64_t *bitmap;
    struct frames *f = make(300, &bitmap);

    (void)state;
    assert_true(take_exact(f, FIRST + 60, 1));
    assert_int_equal(frames_take(f, 61, 1, FRAMES_NONE), FIRST + 61);
    assert_int_equal(frames_take(f, 60, 1, FRAMES_NONE), FIRST);
    assert_int_equal(frames_take(f, 178, 1, FRAMES_NONE), FIRST + 122);
    assert_int_equal(f->free, 0);
    drop(f, bitmap);
}

static void alignment_and_limit_are_kept(void **state)
{
    uint64_t *bitmap;
    struct frames *f = make(0x400, &bitmap);

    (void)state;
    assert_true(take_exact(f, FIRST, 1));
    assert_int_equal(frames_take(f, 16, 0x80, FRAMES_NONE), FIRST + 0x80);
    assert_int_equal(frames_take(f, 4, 1, FIRST + 4), FIRST + 1);
    assert_int_equal(frames_take(f, 1, 1, FIRST + 4), FRAMES_NONE);
    assert_int_equal(frames_take(f, 1, 1, FIRST - 1), FRAMES_NONE);
    assert_int_equal(frames_take(f, 1, 3, FRAMES_NONE), FRAMES_NONE);
    assert_int_equal(frames_take(f, 1, 0, FRAMES_NONE), FRAMES_NONE);
    assert_int_equal(frames_take(f, 0, 1, FRAMES_NONE), FRAMES_NONE);
    drop(f, bitmap);
}

static void frames_come_from_the_last_region_first(void **state)
{
    uint64_t *bitmap, high[2];
    struct frames *f = make(100, &bitmap);

    (void)state;
    assert_int_equal(frames_add(f, 0x100000, 128, high), 0);
    assert_int_equal(frames_take(f, 1, 1, FRAMES_NONE), 0x100000);
    assert_int_equal(frames_take(f, 1, 1, 0xfffff), FIRST);
    /* One frame of the high region is taken, so no run of 128 is left. */
    assert_int_equal(frames_take(f, 128, 1, FRAMES_NONE), FRAMES_NONE);
    drop(f, bitmap);
}

static void frames_that_are_not_taken_cannot_be_given_back(void **state)
{
    uint64_t *bitmap;
    struct frames *f = make(70, &bitmap);

    (void)state;
    assert_true(take_exact(f, FIRST + 10, 5));
    assert_false(take_exact(f, FIRST + 14, 2));
    assert_false(frames_give(f, FIRST + 9, 2));
    assert_false(frames_give(f, FIRST + 68, 3));
    assert_false(frames_give(f, FIRST - 1, 1));
    assert_false(frames_give(f, FIRST + 10, 0));
    assert_int_equal(f->free, 65);
    assert_true(frames_give(f, FIRST + 10, 5));
    assert_false(frames_give(f, FIRST + 10, 5));
    assert_int_equal(f->free, 70);
    drop(f, bitmap);
}

static void bad_regions_are_refused(void **state)
{
    uint64_t *bitmap, one[1];
    struct frames *f = make(70, &bitmap);

    (void)state;
    assert_int_equal(frames_add(f, 1, 0, one), -EINVAL);
    assert_int_equal(frames_add(f, FIRST + 69, 2, one), -EINVAL);
    assert_int_equal(frames_add(f, FIRST - 1, 2, one), -EINVAL);
    assert_int_equal(frames_add(f, UINT64_C(1) << 52, 1, one), -EINVAL);
    for (uint32_t i = 1; i < FRAMES_EARLY; i++)
        assert_int_equal(frames_add(f, 0x1000 + 2 * i, 1, NULL), 0);
    assert_int_equal(frames_add(f, 0x10, 1, NULL), -ENOSPC);
    drop(f, bitmap);
}

/* The bitmap of a large machine is written only when it is needed, and its
 * old contents do not count. */
static void bitmap_is_written_only_as_far_as_needed(void **state)
{
    enum { COUNT = 20000, LAST = 4096 * 4 };
    uint64_t *bitmap = calloc(1, frames_bitmap_size(COUNT));
    struct frames *f = calloc(1, sizeof(*f));

    (void)state;
    assert_int_equal(frames_add(f, FIRST, COUNT, bitmap), 0);
    assert_int_equal(bitmap[0], 0);
    assert_int_equal(frames_take(f, 1, 1, FRAMES_NONE), FIRST);
    assert_int_equal(bitmap[100], 0);
    assert_false(frames_give(f, FIRST + 4096, 1));
    assert_false(frames_give(f, FIRST + 4000, 200));
    /* A run across the border of the written part, and one far after it. */
    assert_int_equal(frames_take(f, 8000, 1, FRAMES_NONE), FIRST + 1);
    assert_int_equal(frames_take(f, LAST - 8001, 1, FRAMES_NONE), FIRST + 8001);
    assert_int_equal(frames_take(f, COUNT - LAST, 1, FRAMES_NONE),
                     FIRST + LAST);
    assert_int_equal(frames_take(f, 1, 1, FRAMES_NONE), FRAMES_NONE);
    assert_int_equal(f->free, 0);
    drop(f, bitmap);
}

static void bitmap_lies_in_the_first_frames_of_its_region(void **state)
{
    struct frames *f = make_arena();

    (void)state;
    assert_int_equal(frames_add_own(f, FIRST, 40000, reach), 0);
    assert_int_equal(f->free, 40000 - 3);
    assert_int_equal(frames_take(f, 1, 1, FRAMES_NONE), FIRST + 3);
    assert_false(frames_give(f, FIRST + 2, 1));
    /* A region of few frames keeps its bits in the allocator itself. */
    assert_int_equal(frames_add_own(f, 1, 64, reach), 0);
    assert_int_equal(frames_add_own(f, 0x80, 0, reach), -EINVAL);
    drop(f, NULL);
}

/* ---- lending ------------------------------------------------------------- */

static void only_lent_frames_come_back_from_the_host(void **state)
{
    struct frames *f = make_arena();
    uint64_t own, lent;

    (void)state;
    assert_int_equal(frames_add_own(f, FIRST, 1000, reach), 0);
    own = frames_take(f, 4, 1, FRAMES_NONE);
    lent = frames_lend(f, 8, 8);
    assert_int_equal(lent % 8, 0);
    assert_false(frames_return(f, own, 1));
    assert_false(frames_return(f, lent, 9));
    assert_false(frames_return(f, lent + 8, 1));
    assert_false(frames_return(f, lent, 0));
    assert_true(frames_return(f, lent + 2, 3));
    assert_false(frames_return(f, lent, 8));
    assert_true(frames_return(f, lent, 2));
    assert_true(frames_return(f, lent + 5, 3));
    assert_int_equal(f->free, f->total - 4);
    drop(f, NULL);
}

/* The host may return as one range what it got from two. */
static void lent_frames_come_back_across_regions(void **state)
{
    struct frames *f = make_arena();
    uint64_t all;

    (void)state;
    assert_int_equal(frames_add_own(f, FIRST + 40, 4000, reach), 0);
    assert_int_equal(frames_add_own(f, FIRST, 40, reach), 0);
    assert_int_equal(f->regions, 2);
    all = f->free;
    while (frames_lend(f, 1, 1) != FRAMES_NONE)
        ;
    assert_false(frames_return(f, FIRST + 30, 20)); /* 40 is the account */
    assert_true(frames_return(f, FIRST + 10, 30));
    assert_true(frames_return(f, FIRST, 10));
    assert_true(frames_return(f, FIRST + 41, 3999));
    assert_int_equal(f->free, all);
    drop(f, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames_are_taken_once_each),
        cmocka_unit_test(runs_of_frames_are_found_across_words),
        cmocka_unit_test(alignment_and_limit_are_kept),
        cmocka_unit_test(frames_come_from_the_last_region_first),
        cmocka_unit_test(frames_that_are_not_taken_cannot_be_given_back),
        cmocka_unit_test(bad_regions_are_refused),
        cmocka_unit_test(bitmap_is_written_only_as_far_as_needed),
        cmocka_unit_test(bitmap_lies_in_the_first_frames_of_its_region),
        cmocka_unit_test(only_lent_frames_come_back_from_the_host),
        cmocka_unit_test(lent_frames_come_back_across_regions),
    };

    return cmocka_run_group_tests_name("frames", tests, NULL, NULL);
}
