/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of the frame allocator: many ranges, in any order. */
#include "unit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "arch/memory/frames.h"
#include "frames_arena.h"

#define FIRST 0x100

static void shuffle(uint32_t *order, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        order[i] = i;
    for (uint32_t i = count; i-- > 1;) {
        uint32_t other = (uint32_t)rand() % (i + 1), was = order[i];

        order[i] = order[other];
        order[other] = was;
    }
}

/* Takes everything, each frame once and only what `is_there` says, and writes
 * it, as an application would. */
static uint64_t take_all(struct frames *f, const uint8_t *is_there)
{
    uint8_t *seen = calloc(1, ARENA_FRAMES);
    uint64_t count = 0, frame;

    while ((frame = frames_take(f, 1, 1, FRAMES_NONE)) != FRAMES_NONE) {
        assert_true(is_there[frame]);
        assert_int_equal(seen[frame]++, 0);
        memset(reach(frame), 0xff, 4096);
        count++;
    }
    assert_int_equal(f->free, 0);
    free(seen);
    return count;
}

/* Holes between all of them, so that none can be joined. */
static void ranges_2000_in_random_order_are_all_used(void **state)
{
    enum { RANGES = 2000, PAGES = 1000 };
    uint8_t *is_there = calloc(1, ARENA_FRAMES);
    uint32_t order[RANGES];
    struct frames *f = make_arena();
    uint64_t all;

    (void)state;
    srand(2);
    shuffle(order, RANGES);
    for (uint32_t i = 0; i < RANGES; i++) {
        uint64_t first = FIRST + (uint64_t)order[i] * (PAGES + 1);

        assert_int_equal(frames_add_own(f, first, PAGES, reach), 0);
        memset(is_there + first, 1, PAGES);
    }
    assert_int_equal(f->regions, RANGES);
    assert_true(f->free >= (uint64_t)RANGES * (PAGES - 1) - 200);
    all = f->free;
    assert_int_equal(take_all(f, is_there), all);
    free(is_there);
    free(f);
}

enum order { ASCENDING, DESCENDING, RANDOM };

/* 10,000 ranges of 1 MiB that touch each other, as a host adds memory: to a
 * machine whose own memory is all in use. */
static void add_10000_neighbours(enum order how)
{
    enum { RANGES = 10000, PAGES = 256 };
    uint8_t *is_there = calloc(1, ARENA_FRAMES);
    uint32_t order[RANGES];
    struct frames *f = make_arena();
    uint64_t all;

    srand(3);
    shuffle(order, RANGES);
    for (uint32_t i = 0; i < RANGES; i++) {
        uint32_t at = how == ASCENDING    ? i
                      : how == DESCENDING ? RANGES - 1 - i
                                          : order[i];
        uint64_t first = FIRST + (uint64_t)at * PAGES;

        assert_int_equal(frames_add_own(f, first, PAGES, reach), 0);
        memset(is_there + first, 1, PAGES);
    }
    /* Joined: one range in order, and never more than their logarithm. */
    assert_in_range(f->regions, 1, how == ASCENDING ? 1 : 14);
    /* The account takes a bit for each frame that is free or lent. */
    assert_true(f->free >= (uint64_t)RANGES * PAGES * 999 / 1000);
    all = f->free;
    assert_int_equal(take_all(f, is_there), all);
    free(is_there);
    free(f);
}

static void ranges_10000_added_in_ascending_order_are_joined(void **state)
{
    (void)state;
    add_10000_neighbours(ASCENDING);
}

static void ranges_10000_added_in_descending_order_are_joined(void **state)
{
    (void)state;
    add_10000_neighbours(DESCENDING);
}

static void ranges_10000_added_in_random_order_are_joined(void **state)
{
    (void)state;
    add_10000_neighbours(RANDOM);
}

/* The table of regions is full, and there are no two frames in a row for a
 * larger one: then a range is refused, and goes in when there is memory. */
static void range_without_room_in_the_table_is_refused(void **state)
{
    struct frames *f = make_arena();
    uint64_t first = FIRST;
    uint32_t full;

    (void)state;
    for (; frames_add_own(f, first, 1, reach) == 0; first += 4)
        (void)frames_take(f, 1, 1, FRAMES_NONE);
    full = f->regions;
    assert_in_range(full, FRAMES_EARLY + 1, 100);
    assert_int_equal(frames_add_own(f, first, 1, reach), -ENOSPC);
    /* One that is joined needs no room. */
    assert_int_equal(frames_add_own(f, first - 3, 3, reach), 0);
    assert_int_equal(frames_add_own(f, first + 4, 1, reach), 0);
    assert_int_equal(f->regions, full + 1);
    free(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ranges_2000_in_random_order_are_all_used),
        cmocka_unit_test(ranges_10000_added_in_ascending_order_are_joined),
        cmocka_unit_test(ranges_10000_added_in_descending_order_are_joined),
        cmocka_unit_test(ranges_10000_added_in_random_order_are_joined),
        cmocka_unit_test(range_without_room_in_the_table_is_refused),
    };

    return cmocka_run_group_tests_name("frames_ranges", tests, NULL, NULL);
}
