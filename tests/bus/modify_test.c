/* SPDX-License-Identifier: BSD-2-Clause */
/* MODIFYCHANNEL (22, 24): a channel goes to another processor. */
#include "fixture.h"

static void moving_a_channel_awaits_the_answer_at_5_3(void **state)
{
    struct fixture *f = *state;

    fixture_version(f, 0x00050003);
    fixture_open(f);
    f->p->rules[22].delay = SEAM_S;
    vmbus_channel_set_cpu_start(f->c, 0, outcome_done, &f->outcome);
    hosted_run(f->s);
    assert_true(peer_got_hex(
        f->p, 22, 0, "16 00 00 00 00 00 00 00 05 00 00 00 04 00 00 00"));
    assert_int_equal(f->outcome.calls, 0);
    assert_int_equal(vmbus_channel_cpu(f->c), 1);
    assert_int_equal(vmbus_channel_set_cpu(f->c, 0), -EBUSY);
    assert_int_equal(vmbus_channel_close(f->c), -EBUSY);
    hosted_advance(f->s, 2 * SEAM_S);
    assert_int_equal(f->outcome.status, 0);
    assert_int_equal(vmbus_channel_cpu(f->c), 0);
    peer_event(f->p, 1, 5);
    hosted_run(f->s);
    assert_int_equal(f->event_cpu, 0);
}

static void moving_a_channel_ends_when_it_is_posted_below_5_3(void **state)
{
    struct fixture *f = *state;

    fixture_version(f, 0x00040001);
    fixture_open(f);
    assert_int_equal(vmbus_channel_set_cpu(f->c, 0), 0);
    assert_int_equal(vmbus_channel_cpu(f->c), 0);
    /* No answer belongs to it; the version knows none. */
    peer_send_dwords(f->p, 24, 2, 5, 0);
    hosted_run(f->s);
    assert_int_equal(fixture_refused(f), 1);
}

static void moving_a_channel_is_refused_below_4_1(void **state)
{
    struct fixture *f = *state;

    fixture_version(f, 0x00040000);
    fixture_open(f);
    assert_int_equal(vmbus_channel_set_cpu(f->c, 0), -ENOTSUP);
    assert_int_equal(f->p->seen[22], 0);
}

static void
moving_a_channel_returns_the_status_of_a_host_that_refuses(void **state)
{
    struct fixture *f = *state;

    fixture_open(f);
    peer_refuse(f->p, 22, 0xC000000D);
    assert_int_equal(vmbus_channel_set_cpu(f->c, 0), -EIO);
    assert_int_equal(vmbus_channel_host_status(f->c), 0xC000000D);
    assert_int_equal(vmbus_channel_cpu(f->c), 1);
}

static void
moving_a_channel_times_out_when_the_host_does_not_answer(void **state)
{
    struct fixture *f = *state;

    fixture_open(f);
    f->p->rules[22].answer = PEER_SILENT;
    assert_int_equal(vmbus_channel_set_cpu(f->c, 0), -ETIMEDOUT);
    assert_int_equal(vmbus_channel_cpu(f->c), 1);
}

static void a_second_answer_to_moving_a_channel_is_refused(void **state)
{
    struct fixture *f = *state;

    fixture_open(f);
    f->p->rules[22].answer = PEER_TWICE;
    assert_int_equal(vmbus_channel_set_cpu(f->c, 0), 0);
    hosted_run(f->s);
    assert_int_equal(fixture_refused(f), 1);
}

static void
an_answer_to_moving_a_channel_that_was_not_asked_is_refused(void **state)
{
    struct fixture *f = *state;

    fixture_open(f);
    peer_send_dwords(f->p, 24, 2, 5, 0);
    peer_send_dwords(f->p, 24, 2, 6, 0);
    peer_send_dwords(f->p, 24, 2, 4096, 0);
    hosted_run(f->s);
    assert_int_equal(fixture_refused(f), 3);
}

static void
an_answer_before_the_request_to_move_was_posted_is_refused(void **state)
{
    struct fixture *f = *state;

    fixture_open(f);
    peer_post_fails(f->p, -EAGAIN, 2);
    vmbus_channel_set_cpu_start(f->c, 0, outcome_done, &f->outcome);
    peer_send_dwords(f->p, 24, 2, 5, 0);
    hosted_run(f->s);
    assert_int_equal(fixture_refused(f), 1);
    hosted_advance(f->s, SEAM_S);
    assert_int_equal(f->outcome.status, 0);
}

static void a_rescind_ends_the_moving_of_a_channel(void **state)
{
    struct fixture *f = *state;

    fixture_open(f);
    f->p->rules[22].answer = PEER_RESCIND;
    assert_int_equal(vmbus_channel_set_cpu(f->c, 0), -ENODEV);
    assert_int_equal(vmbus_channel_set_cpu(f->c, 0), -ENODEV);
}

static void an_unload_ends_the_moving_of_a_channel(void **state)
{
    struct fixture *f = *state;

    fixture_open(f);
    f->p->rules[22].answer = PEER_SILENT;
    vmbus_channel_set_cpu_start(f->c, 0, outcome_done, &f->outcome);
    assert_int_equal(vmbus_bus_unload(f->bus), 0);
    assert_int_equal(f->outcome.status, -ECANCELED);
    assert_int_equal(vmbus_channel_set_cpu(f->c, 0), -ENOTCONN);
}

static void moving_a_channel_that_is_not_open_is_refused(void **state)
{
    struct fixture *f = *state;
    struct outcome unload = {0};

    fixture_channel(f);
    assert_int_equal(vmbus_channel_set_cpu(f->c, 0), -EBUSY);
    fixture_open(f);
    assert_int_equal(vmbus_channel_set_cpu(f->c, 2), -EINVAL);
    f->p->rules[16].delay = SEAM_S;
    vmbus_bus_unload_start(f->bus, outcome_done, &unload);
    assert_int_equal(vmbus_channel_set_cpu(f->c, 0), -ENOTCONN);
    hosted_advance(f->s, 2 * SEAM_S);
}

static void moving_a_channel_fails_when_it_cannot_be_posted(void **state)
{
    struct fixture *f = *state;

    fixture_open(f);
    peer_post_fails(f->p, -EIO, 1);
    assert_int_equal(vmbus_channel_set_cpu(f->c, 0), -EIO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(moving_a_channel_awaits_the_answer_at_5_3),
        TEST(moving_a_channel_ends_when_it_is_posted_below_5_3),
        TEST(moving_a_channel_is_refused_below_4_1),
        TEST(moving_a_channel_returns_the_status_of_a_host_that_refuses),
        TEST(moving_a_channel_times_out_when_the_host_does_not_answer),
        TEST(a_second_answer_to_moving_a_channel_is_refused),
        TEST(an_answer_to_moving_a_channel_that_was_not_asked_is_refused),
        TEST(an_answer_before_the_request_to_move_was_posted_is_refused),
        TEST(a_rescind_ends_the_moving_of_a_channel),
        TEST(an_unload_ends_the_moving_of_a_channel),
        TEST(moving_a_channel_that_is_not_open_is_refused),
        TEST(moving_a_channel_fails_when_it_cannot_be_posted),
    };

    return cmocka_run_group_tests_name("modify", tests, NULL, NULL);
}
