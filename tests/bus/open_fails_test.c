/* SPDX-License-Identifier: BSD-2-Clause */
/* Opening that ends in refusal, silence, rescind or unload: all undone. */
#include "fixture.h"

static void an_open_whose_gpadl_is_refused_returns_the_host_status(void **state)
{
    struct fixture *f = *state;

    fixture_channel(f);
    peer_refuse(f->p, 8, 0x8000FFFF);
    assert_int_equal(vmbus_channel_open(f->c, &f->open), -EIO);
    assert_int_equal(vmbus_channel_host_status(f->c), 0x8000FFFF);
    assert_int_equal(f->p->seen[5], 0);
    fixture_nothing_is_left(f);
}

static void an_open_that_the_host_refuses_returns_the_host_status(void **state)
{
    struct fixture *f = *state;

    fixture_channel(f);
    peer_refuse(f->p, 5, 0xC0000001);
    assert_int_equal(
        vmbus_channel_open_start(f->c, &f->open, outcome_done, &f->outcome), 0);
    hosted_run(f->s);
    assert_int_equal(f->outcome.calls, 1);
    assert_int_equal(f->outcome.status, -EIO);
    assert_int_equal(f->outcome.host_status, 0xC0000001);
    assert_int_equal(vmbus_channel_host_status(f->c), 0xC0000001);
    assert_int_equal(f->p->seen[7], 0); /* nothing to close */
    assert_int_equal(f->p->seen[11], 1);
    fixture_nothing_is_left(f);
}

static void an_open_whose_gpadl_is_not_answered_is_undone(void **state)
{
    struct fixture *f = *state;

    fixture_channel(f);
    f->p->rules[8].answer = PEER_SILENT;
    assert_int_equal(vmbus_channel_open(f->c, &f->open), -ETIMEDOUT);
    assert_int_equal(f->p->seen[11], 1);
    fixture_nothing_is_left(f);
}

static void an_open_that_is_not_answered_is_undone(void **state)
{
    struct fixture *f = *state;

    fixture_channel(f);
    f->p->rules[5].answer = PEER_SILENT;
    assert_int_equal(vmbus_channel_open(f->c, &f->open), -ETIMEDOUT);
    /* close, then tear down */
    assert_int_equal(f->p->seen[7], 1);
    assert_true(peer_position(f->p, 7, 0) < peer_position(f->p, 11, 0));
    fixture_nothing_is_left(f);
    f->p->rules[5].answer = PEER_ANSWER;
    fixture_open(f);
}

static void an_open_leaks_its_rings_when_its_undo_is_not_answered(void **state)
{
    struct fixture *f = *state;

    fixture_channel(f);
    f->p->rules[5].answer = PEER_SILENT;
    f->p->rules[11].answer = PEER_SILENT;
    assert_int_equal(vmbus_channel_open(f->c, &f->open), -ETIMEDOUT);
    assert_int_equal(vmbus_bus_stats(f->bus)->pages_leaked, 6);
    assert_int_equal(f->s->counts.mappings, 0);
    f->leaked = 6;
}

static void
an_open_leaks_its_rings_when_no_gpadl_answer_arrives_at_all(void **state)
{
    struct fixture *f = *state;

    fixture_channel(f);
    f->p->rules[8].answer = PEER_SILENT;
    f->p->rules[11].answer = PEER_SILENT;
    assert_int_equal(vmbus_channel_open(f->c, &f->open), -ETIMEDOUT);
    f->leaked = 6;
}

static void an_open_may_have_a_timeout_of_its_own(void **state)
{
    struct fixture *f = *state;
    uint64_t start;

    fixture_channel(f);
    f->p->rules[5].answer = PEER_SILENT;
    f->open.timeout = 2 * SEAM_S;
    start = f->s->now;
    assert_int_equal(vmbus_channel_open(f->c, &f->open), -ETIMEDOUT);
    assert_true(f->s->now - start < 3 * SEAM_S);
}

/* Two opens at once: the one that began later has less time. */
static void an_open_with_less_time_is_given_up_before_an_older_one(void **state)
{
    struct fixture *f = *state;
    struct outcome second = {0};
    struct vmbus_channel *other;

    peer_offer(f->p, 6, 0x66, 0);
    fixture_channel(f);
    other = fixture_claim(f);
    f->p->rules[5].answer = PEER_SILENT;
    assert_int_equal(
        vmbus_channel_open_start(f->c, &f->open, outcome_done, &f->outcome), 0);
    f->open.timeout = 2 * SEAM_S;
    assert_int_equal(
        vmbus_channel_open_start(other, &f->open, outcome_done, &second), 0);
    hosted_advance(f->s, 3 * SEAM_S);
    assert_int_equal(second.status, -ETIMEDOUT);
    assert_int_equal(f->outcome.calls, 0);
    hosted_advance(f->s, 60 * SEAM_S);
    assert_int_equal(f->outcome.status, -ETIMEDOUT);
    vmbus_channel_unclaim(other);
}

/* The host opened after all: CLOSECHANNEL once more. */
static void a_late_success_of_an_open_is_closed_again(void **state)
{
    struct fixture *f = *state;

    fixture_channel(f);
    f->p->rules[5].delay = 61 * SEAM_S;
    f->p->rules[11].delay = 5 * SEAM_S;
    vmbus_channel_open_start(f->c, &f->open, outcome_done, &f->outcome);
    hosted_advance(f->s, 62 * SEAM_S);
    assert_int_equal(f->p->seen[7], 2);
    hosted_advance(f->s, 12 * SEAM_S);
    assert_int_equal(f->outcome.status, -ETIMEDOUT);
    fixture_nothing_is_left(f);
}

static void a_late_refusal_of_an_open_needs_no_second_close(void **state)
{
    struct fixture *f = *state;

    fixture_channel(f);
    peer_refuse(f->p, 5, 1);
    f->p->rules[5].delay = 61 * SEAM_S;
    f->p->rules[11].delay = 5 * SEAM_S;
    vmbus_channel_open_start(f->c, &f->open, outcome_done, &f->outcome);
    hosted_advance(f->s, 70 * SEAM_S);
    assert_int_equal(f->p->seen[7], 1);
    fixture_nothing_is_left(f);
}

static void a_second_open_result_is_refused(void **state)
{
    struct fixture *f = *state;

    fixture_channel(f);
    f->p->rules[5].answer = PEER_TWICE;
    fixture_open(f);
    assert_int_equal(fixture_refused(f), 1);
    assert_true(vmbus_channel_is_open(f->c));
}

static void the_result_of_another_open_is_refused(void **state)
{
    struct fixture *f = *state;

    fixture_channel(f);
    f->p->rules[5].delay = SEAM_MS;
    vmbus_channel_open_start(f->c, &f->open, outcome_done, &f->outcome);
    hosted_run(f->s);
    peer_send_dwords(f->p, 6, 3, 5, 99, 0); /* another open id */
    peer_send_dwords(f->p, 6, 3, 6, 1, 0);  /* another channel */
    peer_send_dwords(f->p, 6, 3, 0xFFFFFFFF, 1, 0);
    hosted_run(f->s);
    assert_int_equal(fixture_refused(f), 3);
    assert_int_equal(f->outcome.calls, 0);
    hosted_advance(f->s, SEAM_S);
    assert_int_equal(f->outcome.status, 0);
}

static void
an_open_result_before_the_request_was_posted_is_refused(void **state)
{
    struct fixture *f = *state;

    fixture_channel(f);
    f->p->post_after = 1;
    peer_post_fails(f->p, -EAGAIN, 3);
    vmbus_channel_open_start(f->c, &f->open, outcome_done, &f->outcome);
    hosted_run(f->s);
    peer_send_dwords(f->p, 6, 3, 5, 1, 0);
    hosted_run(f->s);
    assert_int_equal(fixture_refused(f), 1);
    hosted_advance(f->s, SEAM_S);
    assert_int_equal(f->outcome.status, 0);
}

static void
an_open_result_is_refused_while_a_refused_open_is_undone(void **state)
{
    struct fixture *f = *state;

    fixture_channel(f);
    peer_refuse(f->p, 5, 1);
    f->p->rules[11].delay = SEAM_S;
    vmbus_channel_open_start(f->c, &f->open, outcome_done, &f->outcome);
    hosted_run(f->s);
    peer_send_dwords(f->p, 6, 3, 5, 1, 0);
    hosted_run(f->s);
    assert_int_equal(fixture_refused(f), 1);
    hosted_advance(f->s, 2 * SEAM_S);
    assert_int_equal(f->outcome.status, -EIO);
}

static void a_wrong_open_result_is_refused_while_an_open_is_undone(void **state)
{
    struct fixture *f = *state;

    fixture_channel(f);
    f->p->rules[5].answer = PEER_SILENT;
    f->p->rules[11].delay = 5 * SEAM_S;
    vmbus_channel_open_start(f->c, &f->open, outcome_done, &f->outcome);
    hosted_advance(f->s, 60 * SEAM_S + SEAM_MS);
    peer_post_fails(f->p, -EAGAIN, 1);
    peer_send_dwords(f->p, 6, 3, 5, 99, 0); /* another open id */
    peer_send_dwords(f->p, 6, 3, 5, 1, 0);  /* CLOSE again, but it waits */
    peer_send_dwords(f->p, 6, 3, 5, 1, 0);  /* it waits already */
    hosted_run(f->s);
    assert_int_equal(fixture_refused(f), 1);
    hosted_advance(f->s, 10 * SEAM_S);
    assert_int_equal(f->p->seen[7], 2);
    assert_int_equal(f->outcome.status, -ETIMEDOUT);
}

static void a_rescind_ends_an_open_that_awaits_its_gpadl(void **state)
{
    struct fixture *f = *state;

    fixture_channel(f);
    f->p->rules[8].answer = PEER_RESCIND;
    assert_int_equal(vmbus_channel_open(f->c, &f->open), -ENODEV);
    fixture_nothing_is_left(f);
    assert_int_equal(f->p->seen[5], 0);
}

static void a_rescind_ends_an_open_that_awaits_its_result(void **state)
{
    struct fixture *f = *state;

    fixture_channel(f);
    f->p->rules[5].answer = PEER_RESCIND;
    assert_int_equal(vmbus_channel_open(f->c, &f->open), -ENODEV);
    fixture_nothing_is_left(f);
    vmbus_channel_unclaim(f->c);
    f->c = NULL;
    hosted_run(f->s);
    assert_int_equal(f->p->seen[13], 1);
    assert_true(peer_position(f->p, 11, 0) < peer_position(f->p, 13, 0));
    assert_int_equal(fixture_refused(f), 0);
}

static void a_rescind_between_request_and_result_ends_the_open(void **state)
{
    struct fixture *f = *state;

    fixture_channel(f);
    f->p->rules[5].answer = PEER_RESCIND_FIRST;
    assert_int_equal(vmbus_channel_open(f->c, &f->open), -ENODEV);
    hosted_run(f->s);
    fixture_nothing_is_left(f);
}

static void
a_rescind_right_after_the_result_finds_the_channel_open(void **state)
{
    struct fixture *f = *state;

    fixture_channel(f);
    f->p->rules[5].answer = PEER_RESCIND_BEHIND;
    assert_int_equal(vmbus_channel_open(f->c, &f->open), 0);
    hosted_run(f->s);
    assert_true(vmbus_channel_rescinded(f->c));
    assert_int_equal(vmbus_channel_close(f->c), 0);
    fixture_nothing_is_left(f);
}

static void a_rescind_ends_the_undo_of_an_open(void **state)
{
    struct fixture *f = *state;

    fixture_channel(f);
    peer_refuse(f->p, 5, 1);
    f->p->rules[11].answer = PEER_RESCIND;
    assert_int_equal(vmbus_channel_open(f->c, &f->open), -EIO);
    fixture_nothing_is_left(f);
}

static void an_unload_ends_an_open_that_awaits_its_result(void **state)
{
    struct fixture *f = *state;

    fixture_channel(f);
    f->p->rules[5].answer = PEER_SILENT;
    vmbus_channel_open_start(f->c, &f->open, outcome_done, &f->outcome);
    hosted_run(f->s);
    assert_int_equal(vmbus_bus_unload(f->bus), 0);
    assert_int_equal(f->outcome.status, -ECANCELED);
    assert_int_equal(f->s->counts.pages, 0);
    assert_int_equal(vmbus_channel_open(f->c, &f->open), -ENOTCONN);
}

static void an_unload_ends_an_open_that_awaits_its_gpadl(void **state)
{
    struct fixture *f = *state;

    fixture_channel(f);
    f->p->rules[8].answer = PEER_SILENT;
    vmbus_channel_open_start(f->c, &f->open, outcome_done, &f->outcome);
    hosted_run(f->s);
    assert_int_equal(vmbus_bus_unload(f->bus), 0);
    assert_int_equal(f->outcome.status, -ECANCELED);
    assert_int_equal(f->s->counts.pages, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_open_whose_gpadl_is_refused_returns_the_host_status),
        TEST(an_open_that_the_host_refuses_returns_the_host_status),
        TEST(an_open_whose_gpadl_is_not_answered_is_undone),
        TEST(an_open_that_is_not_answered_is_undone),
        TEST(an_open_leaks_its_rings_when_its_undo_is_not_answered),
        TEST(an_open_leaks_its_rings_when_no_gpadl_answer_arrives_at_all),
        TEST(an_open_may_have_a_timeout_of_its_own),
        TEST(an_open_with_less_time_is_given_up_before_an_older_one),
        TEST(a_late_success_of_an_open_is_closed_again),
        TEST(a_late_refusal_of_an_open_needs_no_second_close),
        TEST(a_second_open_result_is_refused),
        TEST(the_result_of_another_open_is_refused),
        TEST(an_open_result_before_the_request_was_posted_is_refused),
        TEST(an_open_result_is_refused_while_a_refused_open_is_undone),
        TEST(a_wrong_open_result_is_refused_while_an_open_is_undone),
        TEST(a_rescind_ends_an_open_that_awaits_its_gpadl),
        TEST(a_rescind_ends_an_open_that_awaits_its_result),
        TEST(a_rescind_between_request_and_result_ends_the_open),
        TEST(a_rescind_right_after_the_result_finds_the_channel_open),
        TEST(a_rescind_ends_the_undo_of_an_open),
        TEST(an_unload_ends_an_open_that_awaits_its_result),
        TEST(an_unload_ends_an_open_that_awaits_its_gpadl),
    };

    return cmocka_run_group_tests_name("open_fails", tests, NULL, NULL);
}
