/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * minihv's network: sections of the receive buffer, with guests that revoke the
 * buffer while they still have some of them, and give another.
 */
#include "unit.h"

#include <string.h>

#include "sections.h"

static struct sections s;

static int begin(void **state)
{
    (void)state;
    memset(&s, 0, sizeof s);
    return 0;
}

static struct section *take(uint32_t count)
{
    return sections_take(&s, SECTIONS_FOR_DATA, count);
}

/* How often each section is on a list of free ones; a list without an end is a
 * failure. */
static uint32_t free_count(uint32_t index)
{
    uint32_t found = 0, steps = 0;

    for (int kind = 0; kind < SECTIONS_KINDS; kind++)
        for (const struct section *one = s.free[kind]; one; one = one->next) {
            assert_true(steps++ < NVSP_RECV_SECTIONS);
            found += one->index == index;
        }
    return found;
}

static void two_kinds(void **state)
{
    struct section *chain;

    (void)state;
    assert_null(take(1)); /* no buffer */
    sections_fill(&s, 18);
    chain = take(2);
    assert_non_null(chain);
    assert_int_equal(chain->index, 16);
    assert_int_equal(chain->next->index, 17);
    assert_null(chain->next->next);
    assert_null(take(1));
    assert_int_equal(sections_take(&s, SECTIONS_FOR_CONTROL, 1)->index, 0);
    sections_give_back(&s, chain);
    assert_null(take(3));
    assert_non_null(take(2));
}

/* What the guest still has is not given out a second time. */
static void revoked_while_out(void **state)
{
    struct section *out, *more;

    (void)state;
    sections_fill(&s, 40);
    out = take(3); /* 16, 17, 18 */
    sections_fill(&s, 0);
    assert_null(take(1));
    sections_fill(&s, 40);
    assert_int_equal(free_count(18), 0);
    more = take(21);
    assert_non_null(more);
    assert_null(take(1));
    sections_give_back(&s, out);
    for (uint32_t i = 16; i < 19; i++)
        assert_int_equal(free_count(i), 1);
    sections_give_back(&s, more);
    for (uint32_t i = 0; i < 40; i++)
        assert_int_equal(free_count(i), 1);
}

/* Nothing behind the end of a smaller buffer is used. */
static void smaller(void **state)
{
    struct section *out;

    (void)state;
    sections_fill(&s, NVSP_RECV_SECTIONS);
    out = take(NVSP_RECV_SECTIONS - SECTIONS_CONTROL);
    assert_non_null(out);
    sections_fill(&s, 0);
    sections_fill(&s, 20);
    assert_null(take(1));
    sections_give_back(&s, out);
    assert_null(take(5));
    for (struct section *one = take(4); one; one = one->next)
        assert_true(one->index < 20);
    assert_null(take(1));
}

/* Given back while there is no buffer at all. */
static void back_too_late(void **state)
{
    struct section *out;

    (void)state;
    sections_fill(&s, 20);
    out = take(4);
    sections_fill(&s, 0);
    sections_give_back(&s, out);
    assert_null(take(1));
    sections_fill(&s, 20);
    for (uint32_t i = 0; i < 20; i++)
        assert_int_equal(free_count(i), 1);
}

/* Buffers of any size come and go while chains are out. */
static void any_order(void **state)
{
    enum { CHAINS = 16, ROUNDS = 20000 };
    struct section *out[CHAINS] = {0};
    uint32_t random = 16;

    (void)state;
    for (uint32_t round = 0; round < ROUNDS; round++) {
        uint32_t which, size;

        random = random * 1664525 + 1013904223;
        which = random >> 8 & (CHAINS - 1);
        size = random >> 16 & 63;
        if (size == 0)
            sections_fill(&s, random >> 22 & 127);
        if (out[which]) {
            sections_give_back(&s, out[which]);
            out[which] = NULL;
        } else {
            out[which] = take(1 + size % 7);
        }
        for (const struct section *one = out[which]; one; one = one->next) {
            assert_true(one->index < s.count);
            assert_int_equal(free_count(one->index), 0);
        }
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(two_kinds, begin),
        cmocka_unit_test_setup(revoked_while_out, begin),
        cmocka_unit_test_setup(smaller, begin),
        cmocka_unit_test_setup(back_too_late, begin),
        cmocka_unit_test_setup(any_order, begin),
    };

    return cmocka_run_group_tests_name("minihv's network: sections", tests,
                                       NULL, NULL);
}
