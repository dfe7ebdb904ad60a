/* SPDX-License-Identifier: BSD-2-Clause */
/* UNLOAD (16, 17): ours at the end, and of what was left before us. */
#include "fixture.h"

/* Unloads from a host that does not answer; how long that took. */
static uint64_t unload_unanswered(struct fixture *f)
{
    uint64_t start = f->s->now;

    f->p->rules[16].answer = PEER_SILENT;
    assert_int_equal(vmbus_bus_unload(f->bus), -ETIMEDOUT);
    f->leaked = 3;
    return f->s->now - start;
}

static void a_bus_can_connect_again_after_an_unload(void **state)
{
    struct fixture *f = *state;

    peer_offer(f->p, 5, 0x55, 0);
    fixture_bus(f);
    for (int i = 0; i < 100; i++) {
        f->p->in_count = 0;
        assert_int_equal(vmbus_bus_connect(f->bus), 0);
        assert_non_null(vmbus_bus_next(f->bus, NULL));
        assert_int_equal(vmbus_bus_unload(f->bus), 0);
        assert_null(vmbus_bus_next(f->bus, NULL));
    }
    assert_true(peer_got_hex(f->p, 16, 0, "10 00 00 00 00 00 00 00"));
    assert_int_equal(f->s->counts.pages, 0);
    assert_int_equal(vmbus_bus_unload(f->bus), -ENOTCONN);
}

static void an_unload_waits_long_for_a_slow_host(void **state)
{
    struct fixture *f = *state;

    fixture_connect(f);
    f->p->rules[16].delay = 99 * SEAM_S;
    assert_int_equal(vmbus_bus_unload(f->bus), 0);
}

static void an_unload_that_is_not_answered_times_out(void **state)
{
    struct fixture *f = *state;

    fixture_connect(f);
    assert_true(unload_unanswered(f) >= 100 * SEAM_S);
    assert_false(vmbus_bus_connected(f->bus));
}

static void an_unload_below_3_0_waits_one_second_at_most(void **state)
{
    struct fixture *f = *state;

    fixture_version(f, 0x00020004);
    fixture_connect(f);
    assert_true(unload_unanswered(f) <= SEAM_S);
}

static void the_configuration_limits_the_time_of_an_unload(void **state)
{
    struct fixture *f = *state;

    f->config.unload_timeout = SEAM_MS;
    fixture_connect(f);
    assert_true(unload_unanswered(f) < 2 * SEAM_MS);
}

static void an_unload_below_3_0_keeps_a_shorter_configured_limit(void **state)
{
    struct fixture *f = *state;

    f->config.unload_timeout = SEAM_MS;
    fixture_version(f, 0x00020004);
    fixture_connect(f);
    assert_true(unload_unanswered(f) <= SEAM_MS);
}

/* A channel that is rescinded and closed while the answer is awaited. */
static void nothing_is_posted_after_unload(void **state)
{
    struct fixture *f = *state;
    uint32_t posted;

    fixture_open(f);
    f->p->rules[16].delay = SEAM_S;
    peer_rescind(f->p, 5);
    hosted_run(f->s);
    assert_int_equal(vmbus_bus_unload_start(f->bus, outcome_done, &f->outcome),
                     0);
    hosted_run(f->s);
    posted = f->p->in_count;
    assert_int_equal(vmbus_channel_close(f->c), 0);
    vmbus_channel_unclaim(f->c);
    f->c = NULL;
    hosted_run(f->s);
    assert_int_equal(f->p->in_count, posted);
    hosted_advance(f->s, 2 * SEAM_S);
    assert_int_equal(f->outcome.calls, 1);
    assert_int_equal(f->p->in_count, posted);
}

/* Everything but the response is thrown away, without a word. */
static void messages_after_unload_are_dropped_until_its_response(void **state)
{
    struct fixture *f = *state;

    fixture_channel(f);
    f->p->rules[16].delay = SEAM_S;
    vmbus_bus_unload_start(f->bus, outcome_done, &f->outcome);
    peer_send_offer(f->p, peer_offer(f->p, 6, 0x66, 0));
    peer_rescind(f->p, 5);
    peer_send_dwords(f->p, 12, 1, 1);
    hosted_run(f->s);
    assert_int_equal(fixture_refused(f), 0);
    assert_int_equal(vmbus_bus_stats(f->bus)->offers, 1);
    assert_int_equal(vmbus_bus_unload(f->bus), -ENOTCONN);
    hosted_advance(f->s, 2 * SEAM_S);
    assert_int_equal(f->outcome.status, 0);
}

static void an_unload_response_that_was_not_asked_is_refused(void **state)
{
    struct fixture *f = *state;

    fixture_connect(f);
    peer_send_hex(f->p, "11 00 00 00 00 00 00 00");
    hosted_run(f->s);
    assert_int_equal(fixture_refused(f), 1);
    assert_true(vmbus_bus_connected(f->bus));
}

static void an_unload_response_before_unload_was_posted_is_refused(void **state)
{
    struct fixture *f = *state;

    fixture_connect(f);
    peer_post_fails(f->p, -EAGAIN, 2);
    vmbus_bus_unload_start(f->bus, outcome_done, &f->outcome);
    peer_send_hex(f->p, "11 00 00 00 00 00 00 00");
    hosted_run(f->s);
    assert_int_equal(f->outcome.calls, 0);
    hosted_advance(f->s, SEAM_S);
    assert_int_equal(f->outcome.status, 0);
}

static void
an_unload_that_cannot_be_posted_disconnects_all_the_same(void **state)
{
    struct fixture *f = *state;

    fixture_connect(f);
    peer_post_fails(f->p, -EIO, 1);
    assert_int_equal(vmbus_bus_unload(f->bus), -EIO);
    f->leaked = 3;
}

static void an_unload_ends_a_connect_that_awaits_the_version(void **state)
{
    struct fixture *f = *state;
    struct outcome unload = {0};

    fixture_bus(f);
    f->p->rules[14].answer = PEER_SILENT;
    vmbus_bus_connect_start(f->bus, outcome_done, &f->outcome);
    vmbus_bus_unload_start(f->bus, outcome_done, &unload);
    hosted_run(f->s);
    assert_int_equal(f->outcome.status, -ECANCELED);
    assert_int_equal(unload.status, 0);
}

static void an_unload_ends_a_connect_that_awaits_the_offers(void **state)
{
    struct fixture *f = *state;
    struct outcome unload = {0};

    peer_offer(f->p, 5, 0x55, 0);
    fixture_bus(f);
    f->p->rules[3].answer = PEER_SILENT;
    vmbus_bus_connect_start(f->bus, outcome_done, &f->outcome);
    hosted_run(f->s);
    assert_int_equal(vmbus_bus_unload_start(f->bus, outcome_done, &unload), 0);
    hosted_run(f->s);
    assert_int_equal(f->outcome.status, -ECANCELED);
    assert_int_equal(unload.status, 0);
}

/* ---- what was left ------------------------------------------------------ */

/* Somebody else's connection is ended first, once. */
static void a_connect_first_unloads_what_an_earlier_program_left(void **state)
{
    struct fixture *f = *state;

    f->config.unload_first = true;
    fixture_connect(f);
    assert_int_equal(peer_position(f->p, 16, 0), 0);
    assert_int_equal(peer_got(f->p, 16, 0)->connection, 1);
    assert_int_equal(peer_position(f->p, 14, 0), 1);
    assert_int_equal(vmbus_bus_unload(f->bus), 0);
    assert_int_equal(vmbus_bus_connect(f->bus), 0);
    assert_int_equal(f->p->seen[16], 2);
}

/* Their messages are thrown away without a word. */
static void messages_of_an_earlier_connection_are_dropped(void **state)
{
    struct fixture *f = *state;

    f->config.unload_first = true;
    f->p->rules[16].delay = SEAM_S;
    fixture_bus(f);
    vmbus_bus_connect_start(f->bus, outcome_done, &f->outcome);
    peer_send_offer(f->p, peer_offer(f->p, 7, 0x77, 0));
    peer_send_hex(f->p, "0c 00 00 00 00 00 00 00 01 00 00 00");
    hosted_advance(f->s, 2 * SEAM_S);
    assert_int_equal(f->outcome.status, 0);
    assert_int_equal(vmbus_bus_stats(f->bus)->offers, 1);
}

static void a_connect_continues_when_no_earlier_connection_answers(void **state)
{
    struct fixture *f = *state;
    uint64_t start;

    f->config.unload_first = true;
    f->p->rules[16].answer = PEER_SILENT;
    fixture_bus(f);
    start = f->s->now;
    fixture_connect(f);
    assert_true(f->s->now - start >= 10 * SEAM_S);
    assert_int_equal(vmbus_bus_stats(f->bus)->pages_leaked, 0);
    f->p->rules[16].answer = PEER_ANSWER;
}

static void
connecting_fails_when_neither_unload_nor_contact_can_be_posted(void **state)
{
    struct fixture *f = *state;

    f->config.unload_first = true;
    peer_post_fails(f->p, -EACCES, 2);
    fixture_bus(f);
    assert_int_equal(vmbus_bus_connect(f->bus), -EACCES);
    assert_int_equal(f->s->counts.pages, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_bus_can_connect_again_after_an_unload),
        TEST(an_unload_waits_long_for_a_slow_host),
        TEST(an_unload_that_is_not_answered_times_out),
        TEST(an_unload_below_3_0_waits_one_second_at_most),
        TEST(the_configuration_limits_the_time_of_an_unload),
        TEST(an_unload_below_3_0_keeps_a_shorter_configured_limit),
        TEST(nothing_is_posted_after_unload),
        TEST(messages_after_unload_are_dropped_until_its_response),
        TEST(an_unload_response_that_was_not_asked_is_refused),
        TEST(an_unload_response_before_unload_was_posted_is_refused),
        TEST(an_unload_that_cannot_be_posted_disconnects_all_the_same),
        TEST(an_unload_ends_a_connect_that_awaits_the_version),
        TEST(an_unload_ends_a_connect_that_awaits_the_offers),
        TEST(a_connect_first_unloads_what_an_earlier_program_left),
        TEST(messages_of_an_earlier_connection_are_dropped),
        TEST(a_connect_continues_when_no_earlier_connection_answers),
        TEST(connecting_fails_when_neither_unload_nor_contact_can_be_posted),
    };

    return cmocka_run_group_tests_name("unload", tests, NULL, NULL);
}
