/* SPDX-License-Identifier: BSD-2-Clause */
/* Closing a channel: in order, twice, unanswered, rescinded, unloaded. */
#include "fixture.h"
#include "gpadl_pages.h"

static void closing_sends_close_then_teardown_and_frees_the_rings(void **state)
{
    struct fixture *f = *state;

    fixture_open(f);
    assert_int_equal(vmbus_channel_close(f->c), 0);
    assert_true(
        peer_got_hex(f->p, 7, 0, "07 00 00 00 00 00 00 00 05 00 00 00"));
    assert_true(peer_position(f->p, 7, 0) < peer_position(f->p, 11, 0));
    fixture_nothing_is_left(f);
    assert_int_equal(vmbus_channel_close(f->c), -ENOTCONN);
}

static void closing_a_channel_that_was_never_open_is_refused(void **state)
{
    struct fixture *f = *state;

    fixture_channel(f);
    assert_int_equal(vmbus_channel_close(f->c), -ENOTCONN);
}

static void closing_a_channel_that_is_being_opened_is_refused(void **state)
{
    struct fixture *f = *state;

    fixture_channel(f);
    f->p->rules[5].delay = SEAM_S;
    vmbus_channel_open_start(f->c, &f->open, outcome_done, &f->outcome);
    hosted_run(f->s);
    assert_int_equal(vmbus_channel_close(f->c), -EBUSY);
    hosted_advance(f->s, 2 * SEAM_S);
    assert_int_equal(f->outcome.status, 0);
}

/* Open, but its owner has not been told yet. */
static void closing_before_the_open_was_reported_is_refused(void **state)
{
    struct fixture *f = *state;

    fixture_channel(f);
    vmbus_channel_open_start(f->c, &f->open, outcome_done, &f->outcome);
    fixture_deliver_one(f); /* GPADL_CREATED */
    fixture_deliver_one(f); /* OPENCHANNEL_RESULT */
    assert_true(vmbus_channel_is_open(f->c));
    assert_int_equal(vmbus_channel_close(f->c), -EBUSY);
    hosted_run(f->s);
    assert_int_equal(f->outcome.status, 0);
}

static void a_second_close_at_the_same_time_is_refused(void **state)
{
    struct fixture *f = *state;

    fixture_open(f);
    f->p->rules[11].delay = SEAM_S;
    vmbus_channel_close_start(f->c, outcome_done, &f->outcome);
    assert_int_equal(vmbus_channel_close(f->c), -EBUSY);
    assert_int_equal(vmbus_channel_open(f->c, &f->open), -EBUSY);
    hosted_advance(f->s, 2 * SEAM_S);
    assert_int_equal(f->outcome.status, 0);
    assert_int_equal(vmbus_channel_open(f->c, &f->open), 0);
}

static void an_open_result_is_refused_while_the_channel_closes(void **state)
{
    struct fixture *f = *state;

    fixture_open(f);
    f->p->rules[11].delay = SEAM_S;
    vmbus_channel_close_start(f->c, outcome_done, &f->outcome);
    peer_send_dwords(f->p, 6, 3, 5, 1, 0);
    hosted_run(f->s);
    assert_int_equal(fixture_refused(f), 1);
    hosted_advance(f->s, 2 * SEAM_S);
}

/* The pages are leaked, not freed: the host may still write them. */
static void a_close_that_the_host_does_not_confirm_leaks_the_rings(void **state)
{
    struct fixture *f = *state;

    fixture_open(f);
    f->p->rules[11].answer = PEER_SILENT;
    assert_int_equal(vmbus_channel_close(f->c), -ESTALE);
    assert_int_equal(vmbus_bus_stats(f->bus)->pages_leaked, 6);
    assert_true(hosted_logged(f->s, "6 pages of a ring are leaked"));
    f->leaked = 6;
    f->p->rules[11].answer = PEER_ANSWER;
    fixture_open(f);
}

/* Past the cap the bus stops: nothing new is opened. */
static void the_bus_stops_when_leaks_exceed_the_cap(void **state)
{
    struct fixture *f = *state;
    struct vmbus_guid g = {{1}};
    uint32_t handle;

    f->config.leak_limit = 11;
    fixture_open(f);
    f->p->rules[11].answer = PEER_SILENT;
    assert_int_equal(vmbus_channel_close(f->c), -ESTALE);
    fixture_open(f);
    assert_int_equal(vmbus_channel_close(f->c), -ESTALE);
    assert_int_equal(vmbus_channel_open(f->c, &f->open), -ENOSPC);
    assert_int_equal(gpadl_create(f, 1, &handle), -ENOSPC);
    assert_int_equal(vmbus_tl_connect(f->bus, &g, &g, NULL), -ENOSPC);
    assert_true(hosted_logged(f->s, "vmbus: stopped"));
    f->leaked = 12;
}

static void
an_open_channel_that_is_rescinded_closes_without_an_answer(void **state)
{
    struct fixture *f = *state;

    fixture_open(f);
    peer_rescind(f->p, 5);
    hosted_run(f->s);
    assert_true(vmbus_channel_is_open(f->c));
    assert_int_equal(f->p->seen[13], 0);
    f->p->rules[11].answer = PEER_SILENT;
    assert_int_equal(vmbus_channel_close(f->c), 0);
    fixture_nothing_is_left(f);
    vmbus_channel_unclaim(f->c);
    f->c = NULL;
    hosted_run(f->s);
    /* CLOSE, TEARDOWN, RELEASED, in this order. [linux channel.c] */
    assert_true(peer_position(f->p, 7, 0) < peer_position(f->p, 11, 0));
    assert_true(peer_position(f->p, 11, 0) < peer_position(f->p, 13, 0));
}

static void a_rescind_ends_a_close_that_awaits_its_answer(void **state)
{
    struct fixture *f = *state;

    fixture_open(f);
    f->p->rules[11].answer = PEER_RESCIND;
    assert_int_equal(vmbus_channel_close(f->c), 0);
    fixture_nothing_is_left(f);
}

static void unloading_ends_an_open_channel_and_its_owner_closes_it(void **state)
{
    struct fixture *f = *state;

    fixture_open(f);
    assert_int_equal(vmbus_bus_unload(f->bus), 0);
    assert_true(vmbus_channel_rescinded(f->c));
    assert_int_equal(f->s->counts.pages, 6);
    assert_int_equal(vmbus_channel_close(f->c), 0);
    assert_int_equal(f->s->counts.pages, 0);
    assert_int_equal(f->p->seen[7], 0);
    assert_int_equal(f->p->seen[11], 0);
}

static void unloading_ends_a_close_that_awaits_its_answer(void **state)
{
    struct fixture *f = *state;

    fixture_open(f);
    f->p->rules[11].answer = PEER_SILENT;
    vmbus_channel_close_start(f->c, outcome_done, &f->outcome);
    assert_int_equal(vmbus_bus_unload(f->bus), 0);
    assert_int_equal(f->outcome.calls, 1);
    assert_int_equal(f->outcome.status, 0);
    assert_int_equal(f->s->counts.pages, 0);
}

static void a_close_during_an_unload_sends_nothing(void **state)
{
    struct fixture *f = *state;
    struct outcome unload = {0};

    fixture_open(f);
    f->p->rules[16].delay = 70 * SEAM_S;
    vmbus_bus_unload_start(f->bus, outcome_done, &unload);
    vmbus_channel_close_start(f->c, outcome_done, &f->outcome);
    hosted_advance(f->s, 61 * SEAM_S);
    assert_int_equal(f->outcome.calls, 0);
    hosted_advance(f->s, 10 * SEAM_S);
    assert_int_equal(f->outcome.status, 0);
    assert_int_equal(f->s->counts.pages, 0);
    assert_int_equal(f->p->seen[7], 0);
}

static void
an_unload_that_is_not_answered_leaks_the_rings_of_open_channels(void **state)
{
    struct fixture *f = *state;

    fixture_open(f);
    f->p->rules[16].answer = PEER_SILENT;
    assert_int_equal(vmbus_bus_unload(f->bus), -ETIMEDOUT);
    assert_int_equal(vmbus_bus_stats(f->bus)->pages_leaked, 6 + 3);
    assert_int_equal(vmbus_channel_close(f->c), -ESTALE);
    assert_int_equal(vmbus_bus_stats(f->bus)->pages_leaked, 6 + 3);
    f->leaked = 9;
}

/* The whole life, again and again: nothing grows. */
static void a_thousand_opens_and_closes_leave_nothing_behind(void **state)
{
    struct fixture *f = *state;
    uint64_t blocks, pages;

    fixture_open(f);
    vmbus_channel_close(f->c);
    blocks = f->s->counts.blocks;
    pages = f->s->counts.pages;
    for (int i = 0; i < 1000; i++) {
        f->p->in_count = 0;
        assert_int_equal(vmbus_channel_open(f->c, &f->open), 0);
        assert_int_equal(vmbus_channel_close(f->c), 0);
    }
    assert_int_equal(f->s->counts.blocks, blocks);
    assert_int_equal(f->s->counts.pages, pages);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(closing_sends_close_then_teardown_and_frees_the_rings),
        TEST(closing_a_channel_that_was_never_open_is_refused),
        TEST(closing_a_channel_that_is_being_opened_is_refused),
        TEST(closing_before_the_open_was_reported_is_refused),
        TEST(a_second_close_at_the_same_time_is_refused),
        TEST(an_open_result_is_refused_while_the_channel_closes),
        TEST(a_close_that_the_host_does_not_confirm_leaks_the_rings),
        TEST(the_bus_stops_when_leaks_exceed_the_cap),
        TEST(an_open_channel_that_is_rescinded_closes_without_an_answer),
        TEST(a_rescind_ends_a_close_that_awaits_its_answer),
        TEST(unloading_ends_an_open_channel_and_its_owner_closes_it),
        TEST(unloading_ends_a_close_that_awaits_its_answer),
        TEST(a_close_during_an_unload_sends_nothing),
        TEST(an_unload_that_is_not_answered_leaks_the_rings_of_open_channels),
        TEST(a_thousand_opens_and_closes_leave_nothing_behind),
    };

    return cmocka_run_group_tests_name("close", tests, NULL, NULL);
}
