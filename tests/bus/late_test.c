/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Answers that come after their request was given up. They are no mistake of
 * the host's: they are counted as late, and nothing else happens. One answer
 * too many is refused all the same.
 */
#include "fixture.h"
#include "gpadl_pages.h"

#define LATE(name) \
    cmocka_unit_test_setup_teardown(name, late_setup, fixture_teardown)

/* Requests are given up after ten seconds. */
static int late_setup(void **state)
{
    int status = fixture_setup(state);
    struct fixture *f = *state;

    f->config.request_timeout = 10 * SEAM_S;
    return status;
}

static void expect(struct fixture *f, uint64_t late, uint64_t refused)
{
    hosted_advance(f->s, 40 * SEAM_S);
    assert_int_equal(vmbus_bus_stats(f->bus)->answers_late, late);
    assert_int_equal(fixture_refused(f), refused);
    assert_int_equal(hosted_logged(f->s, "refused"), refused != 0);
}

static void a_gpadl_torndown_after_the_teardown_was_given_up(void **state)
{
    struct fixture *f = *state;
    uint32_t handle = gpadl_of_three(f);

    f->p->rules[11].delay = 15 * SEAM_S;
    assert_int_equal(vmbus_gpadl_teardown(f->c, handle), -ESTALE);
    expect(f, 1, 0);
    assert_int_equal(vmbus_bus_stats(f->bus)->pages_leaked, 3);
    peer_send_dwords(f->p, 12, 1, handle);
    expect(f, 1, 1);
}

/* What create() returns when the host takes so long for either answer. */
static int create_slowly(struct fixture *f, uint64_t created, uint64_t torndown)
{
    uint32_t handle;

    fixture_channel(f);
    f->p->rules[8].delay = created;
    f->p->rules[11].delay = torndown;
    return gpadl_create(f, 3, &handle);
}

static void both_answers_about_a_gpadl_that_was_given_up(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(create_slowly(f, 25 * SEAM_S, 25 * SEAM_S), -ESTALE);
    expect(f, 2, 0);
}

/* A slow host has both TEARDOWNs before it answers the first. */
static void two_answers_to_a_teardown_that_was_posted_twice(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(create_slowly(f, 12 * SEAM_S, 5 * SEAM_S), -ETIMEDOUT);
    expect(f, 1, 0);
    assert_int_equal(f->p->seen[11], 2);
    assert_int_equal(vmbus_bus_stats(f->bus)->pages_leaked, 0);
}

static void the_answers_about_a_gpadl_whose_channel_is_rescinded(void **state)
{
    struct fixture *f = *state;
    uint32_t handle;

    fixture_channel(f);
    f->p->rules[8].delay = 2 * SEAM_S;
    gpadl_start(f, 3, &handle);
    peer_rescind(f->p, 5);
    expect(f, 1, 0);
    assert_int_equal(f->outcome.status, -ENODEV);
}

static void an_open_result_after_the_open_was_undone(void **state)
{
    struct fixture *f = *state;

    fixture_channel(f);
    f->p->rules[5].delay = 15 * SEAM_S;
    assert_int_equal(vmbus_channel_open(f->c, &f->open), -ETIMEDOUT);
    expect(f, 1, 0);
}

static void a_modify_response_after_the_request_was_given_up(void **state)
{
    struct fixture *f = *state;

    fixture_open(f);
    f->p->rules[22].delay = 15 * SEAM_S;
    assert_int_equal(vmbus_channel_set_cpu(f->c, 1), -ETIMEDOUT);
    expect(f, 1, 0);
}

/* Answers of an earlier connection do not count in the next one. */
static void what_was_given_up_is_forgotten_with_the_connection(void **state)
{
    struct fixture *f = *state;
    uint32_t handle = gpadl_of_three(f);

    f->p->rules[11].answer = PEER_SILENT;
    assert_int_equal(vmbus_gpadl_teardown(f->c, handle), -ESTALE);
    vmbus_channel_unclaim(f->c);
    f->c = NULL;
    assert_int_equal(vmbus_bus_unload(f->bus), 0);
    assert_int_equal(vmbus_bus_connect(f->bus), 0);
    peer_send_dwords(f->p, 12, 1, handle);
    expect(f, 0, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        LATE(a_gpadl_torndown_after_the_teardown_was_given_up),
        LATE(both_answers_about_a_gpadl_that_was_given_up),
        LATE(two_answers_to_a_teardown_that_was_posted_twice),
        LATE(the_answers_about_a_gpadl_whose_channel_is_rescinded),
        LATE(an_open_result_after_the_open_was_undone),
        LATE(a_modify_response_after_the_request_was_given_up),
        LATE(what_was_given_up_is_forgotten_with_the_connection),
    };

    return cmocka_run_group_tests_name("late", tests, NULL, NULL);
}
