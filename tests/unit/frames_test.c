/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of the frame allocator: searches, borders, and refusals. */
#include "unit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "arch/memory/frames.h"

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

/* ---- frames that bring their bitmaps ------------------------------------- */

#define ARENA_FRAMES (UINT64_C(1) << 22)

static char *arena; /* memory of frame 0 and the following, as far as used */

static uint64_t *reach(uint64_t frame)
{
    assert_in_range(frame, 1, ARENA_FRAMES - 1);
    return (uint64_t *)(void *)(arena + frame * 4096);
}

/* Old contents of memory must not count: it is full of ones. */
static struct frames *make_arena(void)
{
    if (arena)
        munmap(arena, ARENA_FRAMES * 4096);
    arena = mmap(NULL, ARENA_FRAMES * 4096, PROT_READ | PROT_WRITE,
                 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    assert_ptr_not_equal(arena, MAP_FAILED);
    return calloc(1, sizeof(struct frames));
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

/* ---- many ranges --------------------------------------------------------- */

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
    drop(f, NULL);
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
    drop(f, NULL);
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

/* ---- a model ------------------------------------------------------------- */

enum { ABSENT, FREE, TAKEN, LENT, MODEL_FRAMES = 300000 };

/* What the account took for itself is what the model calls free, and the
 * account does not hand out: only its number is checked. */
static void model_add(struct frames *f, uint8_t *model)
{
    uint64_t first = 1 + (uint64_t)rand() % (MODEL_FRAMES - 600);
    uint64_t count = 1 + (uint64_t)rand() % (rand() % 4 ? 500 : 20), i = first;

    /* As long as nothing is there; half of them at the end of what is there. */
    if (rand() % 2) {
        while (i < MODEL_FRAMES - 600 && model[i] == ABSENT)
            i++;
        while (i < MODEL_FRAMES - 600 && model[i] != ABSENT)
            i++;
        first = i;
    }
    for (i = first; i < first + count; i++) {
        if (model[i] != ABSENT) {
            assert_int_equal(frames_add_own(f, first, count, reach), -EINVAL);
            return;
        }
    }
    assert_int_equal(frames_add_own(f, first, count, reach), 0);
    memset(model + first, FREE, count);
}

static void model_take(struct frames *f, uint8_t *model, bool lend)
{
    uint64_t count = rand() % 3 ? 1 : 1 + (uint64_t)rand() % 40;
    uint64_t first =
        lend ? frames_lend(f, count, 1) : frames_take(f, count, 1, FRAMES_NONE);

    for (uint64_t i = 0; first != FRAMES_NONE && i < count; i++) {
        assert_int_equal(model[first + i], FREE);
        model[first + i] = lend ? LENT : TAKEN;
        memset(reach(first + i), 0xff, 4096);
    }
}

static void model_give(struct frames *f, uint8_t *model, bool lent)
{
    uint64_t first = (uint64_t)rand() % MODEL_FRAMES, count = 1;
    uint8_t kind = lent ? LENT : TAKEN;

    for (uint64_t i = 0; i < MODEL_FRAMES && model[first] != kind; i++)
        first = (first + 1) % MODEL_FRAMES;
    if (model[first] != kind) {
        assert_false(lent && frames_return(f, first, 1));
        return;
    }
    while (count < 30 && first + count < MODEL_FRAMES &&
           model[first + count] == kind)
        count++;
    assert_true(lent ? frames_return(f, first, count)
                     : frames_give(f, first, count));
    memset(model + first, FREE, count);
}

/* Ranges that appear, join and are cut up, against an array of bytes. */
static void growing_allocator_agrees_with_a_model(void **state)
{
    (void)state;
    for (unsigned seed = 0; seed < 6; seed++) {
        uint8_t *model = calloc(1, MODEL_FRAMES);
        struct frames *f = make_arena();

        srand(seed);
        for (int turn = 0; turn < 6000; turn++) {
            int what = rand() % 16;

            if (what < 4)
                model_add(f, model);
            else if (what < 10)
                model_take(f, model, what % 2);
            else
                model_give(f, model, what % 2);
            assert_true(f->free <= f->total);
        }
        free(model);
        drop(f, NULL);
    }
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
        cmocka_unit_test(ranges_2000_in_random_order_are_all_used),
        cmocka_unit_test(ranges_10000_added_in_ascending_order_are_joined),
        cmocka_unit_test(ranges_10000_added_in_descending_order_are_joined),
        cmocka_unit_test(ranges_10000_added_in_random_order_are_joined),
        cmocka_unit_test(range_without_room_in_the_table_is_refused),
        cmocka_unit_test(only_lent_frames_come_back_from_the_host),
        cmocka_unit_test(lent_frames_come_back_across_regions),
        cmocka_unit_test(growing_allocator_agrees_with_a_model),
        cmocka_unit_test(allocator_agrees_with_a_simple_model),
    };

    return cmocka_run_group_tests_name("frames", tests, NULL, NULL);
}
