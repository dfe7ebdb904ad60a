/* SPDX-License-Identifier: BSD-2-Clause */
/* GPADLs: what goes out when pages are shown, and what cannot be shown. */
#include "fixture.h"
#include "gpadl_pages.h"

/* For next_handle: a wrap would need four billion GPADLs otherwise. */
#include "vmbus/guest/gpadl/gpadl.h"

/* Three pages: every byte. */
static void a_gpadl_header_has_exactly_the_expected_bytes(void **state)
{
    struct fixture *f = *state;
    uint32_t handle = gpadl_of_three(f);

    assert_int_equal(handle, 0xE1E10);
    assert_true(peer_got_hex(f->p, 8, 0,
                             "08 00 00 00 00 00 00 00 05 00 00 00 10 1e 0e 00 "
                             "20 00 01 00 00 30 00 00 00 00 00 00 45 23 01 00 "
                             "00 00 00 00 46 23 01 00 00 00 00 00 47 23 01 00 "
                             "00 00 00 00"));
    assert_int_equal(vmbus_gpadl_teardown(f->c, handle), 0);
    assert_true(peer_got_hex(f->p, 11, 0,
                             "0b 00 00 00 00 00 00 00 05 00 00 00 10 1e 0e "
                             "00"));
}

/* Header 26 frames, bodies 28 each: counts and contents at the boundaries. */
static void one_size(struct fixture *f, uint32_t count, uint32_t bodies)
{
    uint32_t before = f->p->seen[9], handle;
    struct peer_gpadl *g;

    assert_int_equal(gpadl_create(f, count, &handle), 0);
    assert_int_equal(f->p->seen[9] - before, bodies);
    g = peer_gpadl(f->p, handle);
    assert_int_equal(g->expected, count);
    assert_int_equal(g->byte_count, count * 4096);
    for (uint32_t i = 0; i < count; i++)
        assert_int_equal(g->pfns[i], 0x12345 + i);
    assert_int_equal(vmbus_gpadl_teardown(f->c, handle), 0);
}

static void a_gpadl_has_as_many_bodies_as_its_frames_need(void **state)
{
    struct fixture *f = *state;

    fixture_channel(f);
    one_size(f, 1, 0);
    one_size(f, 25, 0);
    one_size(f, 26, 0);
    one_size(f, 27, 1);
    one_size(f, 40, 1);
    one_size(f, 54, 1);
    one_size(f, 55, 2);
    one_size(f, 100, 3);
    one_size(f, 8190, 292);
}

/* The body: number (0, as Linux), handle, then frames; sizes of a full and of a
 * last one. */
static void a_gpadl_body_has_exactly_the_expected_bytes(void **state)
{
    struct fixture *f = *state;
    const struct peer_message *m;
    uint32_t handle;

    fixture_channel(f);
    assert_int_equal(gpadl_create(f, 56, &handle), 0);
    assert_int_equal(peer_got(f->p, 8, 0)->size, 28 + 26 * 8);
    m = peer_got(f->p, 9, 0);
    assert_int_equal(m->size, 240);
    assert_int_equal(peer_u32(m->bytes, 4), 0);
    assert_int_equal(peer_u32(m->bytes, 8), 0);
    assert_int_equal(peer_u32(m->bytes, 12), handle);
    assert_int_equal(peer_u64(m->bytes, 16), 0x12345 + 26);
    m = peer_got(f->p, 9, 1);
    assert_int_equal(m->size, 16 + 2 * 8);
    assert_int_equal(peer_u32(m->bytes, 8), 0);
    assert_int_equal(peer_u64(m->bytes, 24), 0x12345 + 55);
    vmbus_gpadl_teardown(f->c, handle);
}

static void a_gpadl_may_begin_inside_of_its_first_page(void **state)
{
    struct fixture *f = *state;
    struct vmbus_pages p = gpadl_pages(2);
    uint32_t handle;

    p.offset = 0x123;
    p.bytes = 0x1000;
    fixture_channel(f);
    assert_int_equal(vmbus_gpadl_create(f->c, &p, &handle), 0);
    assert_int_equal(peer_u32(peer_got(f->p, 8, 0)->bytes, 20), 0x1000);
    assert_int_equal(peer_u32(peer_got(f->p, 8, 0)->bytes, 24), 0x123);
    assert_int_equal(vmbus_gpadl_teardown(f->c, handle), 0);
}

static void ranges_that_do_not_fit_their_pages_are_refused(void **state)
{
    struct fixture *f = *state;
    struct vmbus_pages p;
    uint32_t handle;

    fixture_channel(f);
    assert_int_equal(gpadl_create(f, 8191, &handle), -E2BIG);
    assert_int_equal(gpadl_create(f, 0, &handle), -EINVAL);
    p = gpadl_pages(2);
    p.offset = 4096;
    assert_int_equal(vmbus_gpadl_create(f->c, &p, &handle), -EINVAL);
    p = gpadl_pages(2);
    p.bytes = 8193;
    assert_int_equal(vmbus_gpadl_create(f->c, &p, &handle), -EINVAL);
    p.bytes = 4096; /* the second page would be none of it */
    assert_int_equal(vmbus_gpadl_create(f->c, &p, &handle), -EINVAL);
    p.bytes = 0;
    assert_int_equal(vmbus_gpadl_create(f->c, &p, &handle), -EINVAL);
    p.offset = 4095;
    p.bytes = 2;
    assert_int_equal(vmbus_gpadl_create(f->c, &p, &handle), 0);
    assert_int_equal(vmbus_gpadl_teardown(f->c, handle), 0);
    assert_int_equal(f->p->seen[8], 1);
}

static void new_handles_skip_zero_and_handles_in_use(void **state)
{
    struct fixture *f = *state;
    uint32_t first, second, third;

    fixture_channel(f);
    f->bus->next_handle = UINT32_MAX;
    assert_int_equal(gpadl_create(f, 1, &first), 0);
    assert_int_equal(first, UINT32_MAX);
    assert_int_equal(gpadl_create(f, 1, &second), 0);
    assert_int_equal(second, 1);
    f->bus->next_handle = 1;
    assert_int_equal(gpadl_create(f, 1, &third), 0);
    assert_int_equal(third, 2);
    assert_int_equal(vmbus_gpadl_teardown(f->c, first), 0);
    assert_int_equal(vmbus_gpadl_teardown(f->c, second), 0);
    assert_int_equal(vmbus_gpadl_teardown(f->c, third), 0);
}

/* Many at once, answered in reverse by hand. */
static void several_gpadls_can_be_answered_in_reverse_order(void **state)
{
    struct fixture *f = *state;
    struct outcome o[8] = {0};
    uint32_t handle[8];

    fixture_channel(f);
    f->p->rules[8].answer = PEER_SILENT;
    for (int i = 0; i < 8; i++) {
        struct vmbus_pages p = gpadl_pages(3);

        vmbus_gpadl_create_start(f->c, &p, &handle[i], outcome_done, &o[i]);
    }
    for (uint32_t i = 8; i-- > 0;)
        peer_send_dwords(f->p, 10, 3, 5, 0xE1E10 + i, 0);
    hosted_run(f->s);
    for (uint32_t i = 0; i < 8; i++) {
        assert_int_equal(o[i].calls, 1);
        assert_int_equal(o[i].status, 0);
        assert_int_equal(handle[i], 0xE1E10 + i);
        assert_int_equal(vmbus_gpadl_teardown(f->c, handle[i]), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_gpadl_header_has_exactly_the_expected_bytes),
        TEST(a_gpadl_has_as_many_bodies_as_its_frames_need),
        TEST(a_gpadl_body_has_exactly_the_expected_bytes),
        TEST(a_gpadl_may_begin_inside_of_its_first_page),
        TEST(ranges_that_do_not_fit_their_pages_are_refused),
        TEST(new_handles_skip_zero_and_handles_in_use),
        TEST(several_gpadls_can_be_answered_in_reverse_order),
    };

    return cmocka_run_group_tests_name("gpadl", tests, NULL, NULL);
}
