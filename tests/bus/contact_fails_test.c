/* SPDX-License-Identifier: BSD-2-Clause */
/* Connecting to a host that is silent, refuses, or answers out of turn. */
#include "fixture.h"

static void connecting_fails_when_the_hypervisor_denies_posting(void **state)
{
    struct fixture *f = *state;

    peer_post_fails(f->p, -EACCES, 1);
    fixture_bus(f);
    assert_int_equal(vmbus_bus_connect(f->bus), -EACCES);
    assert_true(hosted_logged(f->s, "there is no VMBus here"));
}

static void
connecting_fails_when_the_host_has_no_message_connection(void **state)
{
    struct fixture *f = *state;

    f->p->no_multi = true;
    f->p->only_multi = true;
    fixture_bus(f);
    assert_int_equal(vmbus_bus_connect(f->bus), -ENOENT);
}

/* Silence: a named error at its deadline; the pages are got back by UNLOAD. */
static void
connecting_fails_when_the_host_does_not_answer_the_contact(void **state)
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
static void
connecting_fails_when_the_host_answers_neither_contact_nor_unload(void **state)
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

static void
a_version_response_just_before_the_deadline_is_accepted(void **state)
{
    struct fixture *f = *state;

    f->p->rules[14].delay = 10 * SEAM_S - 1;
    fixture_connect(f);
}

static void connecting_fails_when_the_list_of_offers_does_not_end(void **state)
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

static void connecting_fails_when_request_offers_cannot_be_posted(void **state)
{
    struct fixture *f = *state;

    peer_post_fails(f->p, -EIO, 1);
    f->p->post_after = 1;
    fixture_bus(f);
    assert_int_equal(vmbus_bus_connect(f->bus), -EIO);
    assert_int_equal(f->p->seen[16], 1);
}

static void the_configuration_sets_the_timeouts_of_a_connection(void **state)
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
static void
connecting_before_the_last_outcome_was_reported_is_refused(void **state)
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

static void
a_version_response_before_the_contact_was_posted_is_refused(void **state)
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

static void a_second_version_response_is_refused(void **state)
{
    struct fixture *f = *state;

    f->p->rules[14].answer = PEER_TWICE;
    fixture_connect(f);
    assert_int_equal(fixture_refused(f), 1);
    assert_int_equal(f->p->seen[3], 1);
}

static void a_second_end_of_the_offers_is_refused(void **state)
{
    struct fixture *f = *state;

    f->p->rules[3].answer = PEER_TWICE;
    fixture_connect(f);
    hosted_run(f->s);
    assert_int_equal(fixture_refused(f), 1);
}

static void an_end_of_the_offers_before_the_contact_is_refused(void **state)
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
static void
messages_left_from_before_are_refused_until_the_host_answers(void **state)
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

static void messages_to_a_disconnected_bus_are_refused(void **state)
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
        TEST(connecting_fails_when_the_hypervisor_denies_posting),
        TEST(connecting_fails_when_the_host_has_no_message_connection),
        TEST(connecting_fails_when_the_host_does_not_answer_the_contact),
        TEST(connecting_fails_when_the_host_answers_neither_contact_nor_unload),
        TEST(a_version_response_just_before_the_deadline_is_accepted),
        TEST(connecting_fails_when_the_list_of_offers_does_not_end),
        TEST(connecting_fails_when_request_offers_cannot_be_posted),
        TEST(the_configuration_sets_the_timeouts_of_a_connection),
        TEST(connecting_before_the_last_outcome_was_reported_is_refused),
        TEST(a_version_response_before_the_contact_was_posted_is_refused),
        TEST(a_second_version_response_is_refused),
        TEST(a_second_end_of_the_offers_is_refused),
        TEST(an_end_of_the_offers_before_the_contact_is_refused),
        TEST(messages_left_from_before_are_refused_until_the_host_answers),
        TEST(messages_to_a_disconnected_bus_are_refused),
    };

    return cmocka_run_group_tests_name("contact_fails", tests, NULL, NULL);
}
