/* SPDX-License-Identifier: BSD-2-Clause */
/* Connecting to a host that is silent, refuses, or answers out of turn. */
#include "fixture.h"

static void posting_denied(void **state)
{
    struct fixture *f = *state;

    peer_post_fails(f->p, -EACCES, 1);
    fixture_bus(f);
    assert_int_equal(vmbus_bus_connect(f->bus), -EACCES);
    assert_true(hosted_logged(f->s, "there is no VMBus here"));
}

static void unknown_connection_1_ends_it(void **state)
{
    struct fixture *f = *state;

    f->p->no_multi = true;
    f->p->only_multi = true;
    fixture_bus(f);
    assert_int_equal(vmbus_bus_connect(f->bus), -ENOENT);
}

/* Silence: a named error at its deadline; the pages are got back by UNLOAD. */
static void silence_after_contact(void **state)
{
    struct fixture *f = *state;
    uint64_t start = f->s->now;

    f->p->rules[14].answer = PEER_SILENT;
    fixture_bus(f);
    assert_int_equal(vmbus_bus_connect(f->bus), -ETIMEDOUT);
    assert_true(f->s->now - start >= 10 * SEAM_S);
    assert_true(f->s->now - start < 11 * SEAM_S);
    assert_int_equal(f->p->seen[14], 1);
    assert_int_equal(f->p->seen[16], 1);
    assert_true(hosted_logged(f->s, "did not answer INITIATE_CONTACT 6.0"));
    assert_int_equal(vmbus_bus_stats(f->bus)->pages_leaked, 0);
}

/* Silence about UNLOAD too: the three pages are the host's. */
static void silence_about_everything(void **state)
{
    struct fixture *f = *state;

    f->p->rules[14].answer = PEER_SILENT;
    f->p->rules[16].answer = PEER_SILENT;
    fixture_bus(f);
    assert_int_equal(vmbus_bus_connect(f->bus), -ETIMEDOUT);
    assert_int_equal(vmbus_bus_stats(f->bus)->pages_leaked, 3);
    f->leaked = 3;
    f->p->rules[14].answer = PEER_ANSWER;
    f->p->rules[16].answer = PEER_ANSWER;
    fixture_connect(f);
}

static void answer_just_before_the_deadline(void **state)
{
    struct fixture *f = *state;

    f->p->rules[14].delay = 10 * SEAM_S - 1;
    fixture_connect(f);
}

static void offers_that_do_not_end(void **state)
{
    struct fixture *f = *state;

    peer_offer(f->p, 5, 0x55, 0);
    f->p->rules[3].answer = PEER_SILENT;
    fixture_bus(f);
    assert_int_equal(vmbus_bus_connect(f->bus), -ETIMEDOUT);
    assert_int_equal(f->p->seen[16], 1);
    assert_true(hosted_logged(f->s, "did not end its list of offers"));
    assert_null(vmbus_bus_next(f->bus, NULL));
}

static void request_offers_that_cannot_be_posted(void **state)
{
    struct fixture *f = *state;

    peer_post_fails(f->p, -EIO, 1);
    f->p->post_after = 1;
    fixture_bus(f);
    assert_int_equal(vmbus_bus_connect(f->bus), -EIO);
    assert_int_equal(f->p->seen[16], 1);
}

static void times_of_the_connection_can_be_set(void **state)
{
    struct fixture *f = *state;
    uint64_t start;

    f->config.contact_timeout = SEAM_S;
    f->config.offers_timeout = 2 * SEAM_S;
    f->config.unload_timeout = SEAM_MS;
    f->config.no_monitor = true;
    fixture_bus(f);
    f->p->rules[14].answer = PEER_SILENT;
    f->p->rules[16].answer = PEER_SILENT;
    start = f->s->now;
    assert_int_equal(vmbus_bus_connect(f->bus), -ETIMEDOUT);
    assert_true(f->s->now - start <= SEAM_S + SEAM_MS);
    f->leaked = 1; /* the interrupt page */
    assert_int_equal(vmbus_bus_stats(f->bus)->pages_leaked, 1);
    f->p->rules[14].answer = PEER_ANSWER;
    f->p->rules[3].answer = PEER_SILENT;
    f->p->rules[16].answer = PEER_ANSWER;
    start = f->s->now;
    assert_int_equal(vmbus_bus_connect(f->bus), -ETIMEDOUT);
    assert_true(f->s->now - start >= 2 * SEAM_S);
    assert_true(f->s->now - start < 3 * SEAM_S);
}

/* The outcome of the last attempt has not been told yet. */
static void connect_before_the_last_outcome_was_told(void **state)
{
    struct fixture *f = *state;

    fixture_bus(f);
    peer_post_fails(f->p, -EACCES, 1);
    assert_int_equal(vmbus_bus_connect_start(f->bus, outcome_done, &f->outcome),
                     0);
    assert_int_equal(vmbus_bus_connect(f->bus), -EISCONN);
    hosted_run(f->s);
    assert_int_equal(f->outcome.status, -EACCES);
    fixture_connect(f);
    f->p->post_misses = 1;
    assert_int_equal(vmbus_bus_unload_start(f->bus, NULL, NULL), 0);
    assert_int_equal(vmbus_bus_connect(f->bus), -EISCONN);
    hosted_run(f->s);
    f->leaked = 3;
    fixture_connect(f);
}

static void response_before_the_contact_went_out(void **state)
{
    struct fixture *f = *state;

    fixture_bus(f);
    peer_post_fails(f->p, -EAGAIN, 2);
    vmbus_bus_connect_start(f->bus, outcome_done, &f->outcome);
    peer_send_hex(f->p, "0f 00 00 00 00 00 00 00 01 00 00 00 04 00 00 00");
    hosted_run(f->s);
    assert_int_equal(fixture_refused(f), 1);
    hosted_advance(f->s, SEAM_S);
    assert_int_equal(f->outcome.status, 0);
}

static void second_version_response_is_refused(void **state)
{
    struct fixture *f = *state;

    f->p->rules[14].answer = PEER_TWICE;
    fixture_connect(f);
    assert_int_equal(fixture_refused(f), 1);
    assert_int_equal(f->p->seen[3], 1);
}

static void second_end_of_offers_is_refused(void **state)
{
    struct fixture *f = *state;

    f->p->rules[3].answer = PEER_TWICE;
    fixture_connect(f);
    hosted_run(f->s);
    assert_int_equal(fixture_refused(f), 1);
}

static void end_of_offers_before_contact_is_refused(void **state)
{
    struct fixture *f = *state;

    f->p->rules[14].delay = SEAM_MS;
    fixture_bus(f);
    vmbus_bus_connect_start(f->bus, outcome_done, &f->outcome);
    peer_send_hex(f->p, "04 00 00 00 00 00 00 00");
    hosted_advance(f->s, SEAM_S);
    assert_int_equal(f->outcome.status, 0);
    assert_int_equal(fixture_refused(f), 1);
}

/* What was meant for the firmware is thrown away. */
static void left_overs_before_the_answer_are_refused(void **state)
{
    struct fixture *f = *state;
    struct peer_offer *o = peer_offer(f->p, 7, 0x77, 0);

    f->p->rules[14].delay = SEAM_MS;
    fixture_bus(f);
    vmbus_bus_connect_start(f->bus, outcome_done, &f->outcome);
    peer_send_offer(f->p, o);
    peer_send_hex(f->p, "11 00 00 00 00 00 00 00");
    hosted_advance(f->s, SEAM_S);
    assert_int_equal(f->outcome.status, 0);
    assert_int_equal(fixture_refused(f), 2);
    assert_int_equal(vmbus_bus_stats(f->bus)->offers, 1);
}

static void messages_while_disconnected_are_refused(void **state)
{
    struct fixture *f = *state;

    fixture_bus(f);
    peer_send_hex(f->p, "0f 00 00 00 00 00 00 00 01 00 00 00 04 00 00 00");
    hosted_run(f->s);
    assert_int_equal(fixture_refused(f), 1);
    assert_int_equal(vmbus_bus_version(f->bus), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(posting_denied),
        TEST(unknown_connection_1_ends_it),
        TEST(silence_after_contact),
        TEST(silence_about_everything),
        TEST(answer_just_before_the_deadline),
        TEST(offers_that_do_not_end),
        TEST(request_offers_that_cannot_be_posted),
        TEST(times_of_the_connection_can_be_set),
        TEST(connect_before_the_last_outcome_was_told),
        TEST(response_before_the_contact_went_out),
        TEST(second_version_response_is_refused),
        TEST(second_end_of_offers_is_refused),
        TEST(end_of_offers_before_contact_is_refused),
        TEST(left_overs_before_the_answer_are_refused),
        TEST(messages_while_disconnected_are_refused),
    };

    return cmocka_run_group_tests_name("contact_fails", tests, NULL, NULL);
}
