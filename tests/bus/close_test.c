/* SPDX-License-Identifier: BSD-2-Clause */
/* Closing a channel: in order, twice, unanswered, rescinded, unloaded. */
#include "fixture.h"
#include "gpadl_pages.h"

static void close_in_order(void **state)
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

static void close_of_what_was_never_open(void **state)
{
    struct fixture *f = *state;

    fixture_channel(f);
    assert_int_equal(vmbus_channel_close(f->c), -ENOTCONN);
}

static void close_while_opening(void **state)
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
static void close_before_the_open_was_told(void **state)
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

static void close_twice_at_once(void **state)
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

static void result_while_it_is_closed(void **state)
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
static void close_without_an_answer_leaks(void **state)
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
static void leaks_past_the_cap_stop_the_bus(void **state)
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

static void rescind_while_open(void **state)
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

static void rescind_while_closing(void **state)
{
    struct fixture *f = *state;

    fixture_open(f);
    f->p->rules[11].answer = PEER_RESCIND;
    assert_int_equal(vmbus_channel_close(f->c), 0);
    fixture_nothing_is_left(f);
}

static void unload_while_open(void **state)
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

static void unload_while_closing(void **state)
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

static void close_during_unload(void **state)
{
    struct fixture *f = *state;
    struct outcome unload = {0};

    fixture_open(f);
    f->p->rules[16].delay = 30 * SEAM_S;
    vmbus_bus_unload_start(f->bus, outcome_done, &unload);
    vmbus_channel_close_start(f->c, outcome_done, &f->outcome);
    hosted_advance(f->s, 20 * SEAM_S);
    assert_int_equal(f->outcome.calls, 0);
    hosted_advance(f->s, 20 * SEAM_S);
    assert_int_equal(f->outcome.status, 0);
    assert_int_equal(f->s->counts.pages, 0);
    assert_int_equal(f->p->seen[7], 0);
}

static void unload_unanswered_while_open(void **state)
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
static void a_thousand_cycles(void **state)
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
        TEST(close_in_order),
        TEST(close_of_what_was_never_open),
        TEST(close_while_opening),
        TEST(close_before_the_open_was_told),
        TEST(close_twice_at_once),
        TEST(result_while_it_is_closed),
        TEST(close_without_an_answer_leaks),
        TEST(leaks_past_the_cap_stop_the_bus),
        TEST(rescind_while_open),
        TEST(rescind_while_closing),
        TEST(unload_while_open),
        TEST(unload_while_closing),
        TEST(close_during_unload),
        TEST(unload_unanswered_while_open),
        TEST(a_thousand_cycles),
    };

    return cmocka_run_group_tests_name("close", tests, NULL, NULL);
}
