/* SPDX-License-Identifier: BSD-2-Clause */
/* GPADLs taken back: answered, unanswered, rescinded, unloaded. */
#include "fixture.h"
#include "gpadl_pages.h"

static void a_second_gpadl_torndown_is_refused(void **state)
{
    struct fixture *f = *state;
    uint32_t handle = gpadl_of_three(f);

    f->p->rules[11].answer = PEER_TWICE;
    assert_int_equal(vmbus_gpadl_teardown(f->c, handle), 0);
    hosted_run(f->s);
    assert_int_equal(fixture_refused(f), 1);
}

static void
a_gpadl_torndown_before_the_teardown_was_posted_is_refused(void **state)
{
    struct fixture *f = *state;
    uint32_t handle = gpadl_of_three(f);

    peer_post_fails(f->p, -EAGAIN, 2);
    vmbus_gpadl_teardown_start(f->c, handle, outcome_done, &f->outcome);
    peer_send_dwords(f->p, 12, 1, handle);
    hosted_run(f->s);
    assert_int_equal(fixture_refused(f), 1);
    hosted_advance(f->s, SEAM_S);
    assert_int_equal(f->outcome.status, 0);
}

static void a_gpadl_created_during_the_teardown_is_refused(void **state)
{
    struct fixture *f = *state;
    uint32_t handle = gpadl_of_three(f);

    f->p->rules[11].delay = SEAM_S;
    vmbus_gpadl_teardown_start(f->c, handle, outcome_done, &f->outcome);
    peer_send_dwords(f->p, 10, 3, 5, handle, 0);
    hosted_run(f->s);
    assert_int_equal(fixture_refused(f), 1);
    hosted_advance(f->s, 2 * SEAM_S);
    assert_int_equal(f->outcome.status, 0);
}

static void a_second_teardown_at_the_same_time_is_refused(void **state)
{
    struct fixture *f = *state;
    uint32_t handle = gpadl_of_three(f);

    f->p->rules[11].delay = SEAM_S;
    assert_int_equal(
        vmbus_gpadl_teardown_start(f->c, handle, outcome_done, &f->outcome), 0);
    assert_int_equal(vmbus_gpadl_teardown(f->c, handle), -EBUSY);
    hosted_advance(f->s, 2 * SEAM_S);
    assert_int_equal(f->outcome.status, 0);
    assert_int_equal(vmbus_gpadl_teardown(f->c, handle), -ENOENT);
}

/* Neither another channel's nor the rings' own. */
static void a_handle_of_another_channel_is_not_torn_down(void **state)
{
    struct fixture *f = *state;
    struct vmbus_pages p = gpadl_pages(1);
    struct vmbus_channel *other;
    uint32_t handle;

    fixture_open(f);
    peer_send_offer(f->p, peer_offer(f->p, 6, 0x66, 0));
    hosted_run(f->s);
    other = fixture_claim(f);
    assert_int_equal(vmbus_gpadl_create(other, &p, &handle), 0);
    assert_int_equal(vmbus_gpadl_teardown(f->c, handle), -ENOENT);
    assert_int_equal(vmbus_gpadl_teardown(f->c, 0xE1E10), -ENOENT);
    assert_int_equal(vmbus_channel_close(f->c), 0);
    peer_rescind(f->p, 5);
    hosted_run(f->s);
    assert_int_equal(vmbus_gpadl_teardown(other, handle), 0);
    vmbus_channel_unclaim(other);
}

static void a_teardown_without_an_answer_leaks_the_pages(void **state)
{
    struct fixture *f = *state;
    uint32_t handle = gpadl_of_three(f);

    f->p->rules[11].answer = PEER_SILENT;
    assert_int_equal(vmbus_gpadl_teardown(f->c, handle), -ESTALE);
    assert_int_equal(vmbus_bus_stats(f->bus)->pages_leaked, 3);
    assert_int_equal(vmbus_gpadl_teardown(f->c, handle), -ENOENT);
}

static void a_teardown_that_cannot_be_posted_leaks_the_pages(void **state)
{
    struct fixture *f = *state;
    uint32_t handle = gpadl_of_three(f);

    peer_post_fails(f->p, -EIO, 1);
    assert_int_equal(vmbus_gpadl_teardown(f->c, handle), -ESTALE);
}

/* The pages of a rescinded channel are ours; the host is told all the same,
 * before the relid is given back. [linux channel.c] */
static void
a_gpadl_of_a_rescinded_channel_is_torn_down_without_an_answer(void **state)
{
    struct fixture *f = *state;
    uint32_t handle = gpadl_of_three(f);

    peer_rescind(f->p, 5);
    hosted_run(f->s);
    assert_int_equal(f->p->seen[13], 0);
    f->p->rules[11].delay = SEAM_S;
    assert_int_equal(vmbus_gpadl_teardown(f->c, handle), 0);
    vmbus_channel_unclaim(f->c);
    f->c = NULL;
    hosted_advance(f->s, 2 * SEAM_S);
    assert_true(peer_position(f->p, 11, 0) < peer_position(f->p, 13, 0));
    assert_int_equal(fixture_refused(f), 0);
}

/* Nobody waits for that answer, and it is none to another teardown. */
static void an_answer_that_never_comes_takes_no_other_ones_place(void **state)
{
    struct fixture *f = *state;
    struct vmbus_pages p = gpadl_pages(1);
    uint32_t handle = gpadl_of_three(f), others;
    struct vmbus_channel *other;

    peer_send_offer(f->p, peer_offer(f->p, 6, 0x66, 0));
    hosted_run(f->s);
    other = fixture_claim(f);
    assert_int_equal(vmbus_gpadl_create(other, &p, &others), 0);
    peer_rescind(f->p, 5);
    hosted_run(f->s);
    f->p->rules[11].answer = PEER_SILENT;
    assert_int_equal(vmbus_gpadl_teardown(f->c, handle), 0);
    hosted_run(f->s);
    f->p->rules[11].answer = PEER_ANSWER;
    assert_int_equal(vmbus_gpadl_teardown(other, others), 0);
    vmbus_channel_unclaim(other);
}

static void a_rescind_ends_a_teardown_that_awaits_its_answer(void **state)
{
    struct fixture *f = *state;
    uint32_t handle = gpadl_of_three(f);

    f->p->rules[11].answer = PEER_RESCIND_FIRST;
    assert_int_equal(vmbus_gpadl_teardown(f->c, handle), 0);
    hosted_run(f->s);
    assert_int_equal(fixture_refused(f), 0);
    assert_int_equal(vmbus_gpadl_teardown(f->c, handle), -ENOENT);
}

static void
a_teardown_after_a_rescind_that_cannot_be_posted_frees_the_gpadl(void **state)
{
    struct fixture *f = *state;
    uint32_t handle = gpadl_of_three(f);

    peer_rescind(f->p, 5);
    hosted_run(f->s);
    peer_post_fails(f->p, -EIO, 1);
    assert_int_equal(vmbus_gpadl_teardown(f->c, handle), 0);
    assert_int_equal(vmbus_bus_stats(f->bus)->pages_leaked, 0);
}

static void an_unload_gives_the_pages_of_a_gpadl_back(void **state)
{
    struct fixture *f = *state;
    uint32_t handle = gpadl_of_three(f);

    assert_int_equal(vmbus_bus_unload(f->bus), 0);
    assert_int_equal(vmbus_gpadl_teardown(f->c, handle), 0);
    assert_int_equal(f->p->seen[11], 0);
}

/* A teardown of a rescinded channel waits in the queue when UNLOAD comes: it
 * will never go out. */
static void an_unload_ends_a_teardown_that_is_on_its_way(void **state)
{
    struct fixture *f = *state;
    uint32_t handle = gpadl_of_three(f);

    peer_rescind(f->p, 5);
    hosted_run(f->s);
    peer_post_fails(f->p, -EAGAIN, 1);
    assert_int_equal(vmbus_gpadl_teardown(f->c, handle), 0);
    assert_int_equal(vmbus_bus_unload(f->bus), 0);
    assert_int_equal(f->p->seen[11], 0);
}

static void
an_unload_that_is_not_answered_leaks_the_pages_of_a_gpadl(void **state)
{
    struct fixture *f = *state;
    uint32_t handle = gpadl_of_three(f);

    f->p->rules[16].answer = PEER_SILENT;
    assert_int_equal(vmbus_bus_unload(f->bus), -ETIMEDOUT);
    assert_int_equal(vmbus_bus_stats(f->bus)->pages_leaked, 3 + 3);
    assert_int_equal(vmbus_gpadl_teardown(f->c, handle), -ESTALE);
    f->leaked = 3; /* the connection's; the frames of the GPADL are invented */
}

/* Teardown asked for while UNLOAD is under way ends with it. */
static void a_teardown_during_an_unload_sends_nothing(void **state)
{
    struct fixture *f = *state;
    struct outcome unload = {0};
    uint32_t handle = gpadl_of_three(f);

    f->p->rules[16].delay = 70 * SEAM_S;
    vmbus_bus_unload_start(f->bus, outcome_done, &unload);
    assert_int_equal(
        vmbus_gpadl_teardown_start(f->c, handle, outcome_done, &f->outcome), 0);
    hosted_advance(f->s, 61 * SEAM_S);
    assert_int_equal(f->outcome.calls, 0);
    hosted_advance(f->s, 10 * SEAM_S);
    assert_int_equal(unload.calls, 1);
    assert_int_equal(f->outcome.calls, 1);
    assert_int_equal(f->outcome.status, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_second_gpadl_torndown_is_refused),
        TEST(a_gpadl_torndown_before_the_teardown_was_posted_is_refused),
        TEST(a_gpadl_created_during_the_teardown_is_refused),
        TEST(a_second_teardown_at_the_same_time_is_refused),
        TEST(a_handle_of_another_channel_is_not_torn_down),
        TEST(a_teardown_without_an_answer_leaks_the_pages),
        TEST(a_teardown_that_cannot_be_posted_leaks_the_pages),
        TEST(a_gpadl_of_a_rescinded_channel_is_torn_down_without_an_answer),
        TEST(an_answer_that_never_comes_takes_no_other_ones_place),
        TEST(a_rescind_ends_a_teardown_that_awaits_its_answer),
        TEST(a_teardown_after_a_rescind_that_cannot_be_posted_frees_the_gpadl),
        TEST(an_unload_gives_the_pages_of_a_gpadl_back),
        TEST(an_unload_ends_a_teardown_that_is_on_its_way),
        TEST(an_unload_that_is_not_answered_leaks_the_pages_of_a_gpadl),
        TEST(a_teardown_during_an_unload_sends_nothing),
    };

    return cmocka_run_group_tests_name("gpadl_teardown", tests, NULL, NULL);
}
