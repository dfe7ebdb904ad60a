/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of the frame allocator against simple models, with random calls. */
#include "unit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "arch/memory/frames.h"
#include "frames_arena.h"

#define FIRST 0x100

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
        free(f);
    }
}

/* The same calls are made on an array of booleans. */
static void allocator_agrees_with_a_simple_model(void **state)
{
    enum { COUNT = 517 };
    uint64_t *bitmap = malloc(frames_bitmap_size(COUNT));
    struct frames *f = calloc(1, sizeof(*f));
    bool taken[COUNT] = {false};
    unsigned free_count = COUNT;

    (void)state;
    assert_int_equal(frames_add(f, FIRST, COUNT, bitmap), 0);
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
    free(bitmap);
    free(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(growing_allocator_agrees_with_a_model),
        cmocka_unit_test(allocator_agrees_with_a_simple_model),
    };

    return cmocka_run_group_tests_name("frames_model", tests, NULL, NULL);
}
