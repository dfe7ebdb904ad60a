/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of the frame allocator: searches, borders, and refusals. */
#include "unit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "arch/memory/frames.h"

#define FIRST 0x100

static struct frames *make(uint64_t count, uint64_t **bitmap)
{
    struct frames *f = calloc(1, sizeof(*f));

    *bitmap = malloc(frames_bitmap_size(count) + 1);
    assert_int_equal(frames_add(f, FIRST, count, *bitmap), 0);
    return f;
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
    assert_true(frames_take_exact(f, FIRST + 60, 1));
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
    assert_true(frames_take_exact(f, FIRST, 1));
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
    assert_true(frames_take_exact(f, FIRST + 10, 5));
    assert_false(frames_take_exact(f, FIRST + 14, 2));
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
    for (uint32_t i = 1; i < FRAMES_REGIONS_MAX; i++)
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
    /* A run across the border of the written part, and one far after it. */
    assert_int_equal(frames_take(f, 8000, 1, FRAMES_NONE), FIRST + 1);
    assert_true(frames_take_exact(f, FIRST + LAST, 1));
    assert_false(frames_take_exact(f, FIRST + LAST - 3, 4));
    assert_int_equal(frames_take(f, COUNT - LAST, 1, FRAMES_NONE),
                     FIRST + 8001);
    assert_int_equal(frames_take(f, COUNT - LAST - 1, 1, FRAMES_NONE),
                     FIRST + 8001 + COUNT - LAST);
    assert_int_equal(frames_take(f, COUNT - LAST, 1, FRAMES_NONE), FRAMES_NONE);
    assert_true(frames_take_exact(f, FIRST + COUNT - 1, 1));
    assert_int_equal(f->free,
                     COUNT - 1 - 8000 - 1 - 2 * (COUNT - LAST) + 1 - 1);
    drop(f, bitmap);
}

static uint64_t *first_memory;

static uint64_t *reach(uint64_t frame)
{
    assert_int_equal(frame, FIRST);
    return first_memory;
}

static void bitmap_lies_in_the_first_frames_of_its_region(void **state)
{
    struct frames *f = calloc(1, sizeof(*f));

    (void)state;
    first_memory = malloc(2 * 4096);
    assert_int_equal(frames_add_own(f, FIRST, 40000, reach), 0);
    assert_int_equal(f->free, 40000 - 2);
    assert_int_equal(frames_take(f, 1, 1, FRAMES_NONE), FIRST + 2);
    assert_true(frames_take_exact(f, FIRST + 39999, 1));
    /* A region of few frames keeps its bits in the allocator itself. */
    assert_int_equal(frames_add_own(f, 1, 64, NULL), 0);
    assert_int_equal(frames_add_own(f, 0x80, 0, NULL), -EINVAL);
    drop(f, first_memory);
}

/* The same calls are made on an array of booleans. */
static void allocator_agrees_with_a_simple_model(void **state)
{
    enum { COUNT = 517 };
    uint64_t *bitmap;
    struct frames *f = make(COUNT, &bitmap);
    bool taken[COUNT] = {false};
    unsigned free_count = COUNT;

    (void)state;
    srand(1);
    for (int turn = 0; turn < 20000; turn++) {
        uint64_t n = 1 + (uint64_t)(rand() % 9), at;

        if (rand() % 2) {
            at = frames_take(f, n, 1, FRAMES_NONE);
            for (uint64_t i = 0; at != FRAMES_NONE && i < n; i++) {
                assert_false(taken[at - FIRST + i]);
                taken[at - FIRST + i] = true;
                free_count--;
            }
        } else {
            at = (uint64_t)(rand() % COUNT);
            if (taken[at]) {
                assert_true(frames_give(f, FIRST + at, 1));
                taken[at] = false;
                free_count++;
            } else {
                assert_false(frames_give(f, FIRST + at, 1));
            }
        }
        assert_int_equal(f->free, free_count);
    }
    drop(f, bitmap);
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
        cmocka_unit_test(allocator_agrees_with_a_simple_model),
    };

    return cmocka_run_group_tests_name("frames", tests, NULL, NULL);
}
