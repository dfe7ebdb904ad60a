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
    assert_true(f->s->now - start >= 120 * SEAM_S);
    assert_true(f->s->now - start < 121 * SEAM_S);
    assert_int_equal(f->p->seen[14], 2);
    assert_int_equal(f->p->seen[16], 1);
    assert_true(hosted_logged(f->s, "did not answer INITIATE_CONTACT 6.0"));
    assert_true(hosted_logged(f->s, "did not answer INITIATE_CONTACT 5.3"));
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

    f->p->rules[14].delay = 60 * SEAM_S - 1;
    fixture_connect(f);
    assert_int_equal(f->p->seen[14], 1);
}

/* Whoever waits in front of the machine learns every ten seconds for what. */
static void what_the_host_owes_is_named_every_ten_seconds(void **state)
{
    struct fixture *f = *state;

    f->p->rules[14].delay = 29 * SEAM_S;
    f->p->rules[3].delay = 11 * SEAM_S;
    fixture_connect(f);
    assert_true(hosted_logged(f->s, "still waiting for VERSION_RESPONSE after "
                                    "10 s, at most 50 s more; 0 other"));
    assert_true(hosted_logged(f->s, "VERSION_RESPONSE after 20 s"));
    assert_false(hosted_logged(f->s, "VERSION_RESPONSE after 30 s"));
    assert_true(hosted_logged(f->s, "for ALLOFFERS_DELIVERED after 10 s"));
}

/* The clock moves on between two looks at it. */
static void the_line_gives_no_time_that_is_over(void **state)
{
    struct fixture *f = *state;

    f->p->rules[14].answer = PEER_SILENT;
    f->config.contact_timeout = 12 * SEAM_S;
    fixture_bus(f);
    vmbus_bus_connect_start(f->bus, outcome_done, &f->outcome);
    f->s->tick = 3 * SEAM_S / 2;
    hosted_advance(f->s, 10 * SEAM_S);
    f->s->tick = 0;
    assert_true(hosted_logged(f->s, "after 11 s, at most 0 s more"));
    hosted_advance(f->s, 60 * SEAM_S);
    assert_int_equal(f->outcome.status, -ETIMEDOUT);
}

/* The host throttles for 21 s, and then takes 59 s for its answer. */
static void
the_time_for_an_answer_begins_when_the_host_has_the_message(void **state)
{
    struct fixture *f = *state;

    peer_post_fails(f->p, -EAGAIN, 24);
    f->p->rules[14].delay = 59 * SEAM_S;
    fixture_connect(f);
    assert_true(f->s->now > 80 * SEAM_S);
    assert_int_equal(f->p->seen[14], 1);
    assert_true(hosted_logged(f->s, "the host takes no message now"));
}

/* ... also for the list of offers. */
static void
the_time_for_the_offers_begins_when_the_host_has_the_message(void **state)
{
    struct fixture *f = *state;

    peer_post_fails(f->p, -EAGAIN, 24);
    f->p->post_after = 1;
    f->p->rules[3].delay = 59 * SEAM_S;
    fixture_connect(f);
    assert_true(f->s->now > 80 * SEAM_S);
}

static void a_host_that_is_silent_is_asked_for_the_next_version(void **state)
{
    struct fixture *f = *state;
    uint64_t start = f->s->now;

    f->p->knows = 0x00050003;
    fixture_connect(f);
    assert_int_equal(vmbus_bus_version(f->bus), 0x00050003);
    assert_int_equal(f->s->now - start, 60 * SEAM_S);
    assert_int_equal(f->p->seen[14], 2);
    assert_true(hosted_logged(f->s, "asking for 5.3 instead"));
    /* Once in a connect, but in each. */
    assert_int_equal(vmbus_bus_unload(f->bus), 0);
    assert_int_equal(vmbus_bus_connect(f->bus), 0);
    assert_int_equal(f->p->seen[14], 4);
}

/* Silence about 5.2 is the second one. */
static void silence_steps_down_once(void **state)
{
    struct fixture *f = *state;

    f->p->knows = 0x00050002;
    fixture_bus(f);
    assert_int_equal(vmbus_bus_connect(f->bus), -ETIMEDOUT);
    assert_int_equal(f->p->seen[14], 2);
}

static void silence_does_not_step_below_the_oldest_version(void **state)
{
    struct fixture *f = *state;

    f->p->rules[14].answer = PEER_SILENT;
    fixture_version(f, 0x00050003);
    fixture_bus(f);
    assert_int_equal(vmbus_bus_connect(f->bus), -ETIMEDOUT);
    assert_int_equal(f->p->seen[14], 1);
}

/* The message still waits to be posted when its time is over. */
static void a_host_that_takes_no_contact_is_asked_once(void **state)
{
    struct fixture *f = *state;

    f->config.contact_timeout = SEAM_S;
    peer_post_fails(f->p, -EAGAIN, UINT32_MAX);
    fixture_bus(f);
    assert_int_equal(vmbus_bus_connect(f->bus), -ETIMEDOUT);
    assert_true(hosted_logged(f->s, "did not take INITIATE_CONTACT 6.0"));
    assert_false(hosted_logged(f->s, "asking for 5.3 instead"));
    assert_int_equal(vmbus_bus_stats(f->bus)->pages_leaked, 0);
    peer_post_fails(f->p, 0, 0);
    assert_int_equal(vmbus_bus_connect(f->bus), 0);
    assert_int_equal(f->p->seen[14], 1);
}

/* The no is about 6.0: the host may still take the pages with 5.3. */
static void a_no_while_another_answer_is_due_is_followed_by_unload(void **state)
{
    struct fixture *f = *state;

    f->p->rules[14].answer = PEER_SILENT;
    f->config.oldest = 0x00050003;
    fixture_bus(f);
    vmbus_bus_connect_start(f->bus, outcome_done, &f->outcome);
    hosted_advance(f->s, 60 * SEAM_S);
    peer_send_hex(f->p, "0f 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00");
    hosted_advance(f->s, SEAM_S);
    assert_int_equal(f->outcome.status, -EPROTONOSUPPORT);
    assert_int_equal(f->p->seen[16], 1);
}

/* The same for a state, which is reported all the same. */
static void a_state_while_another_answer_is_due_is_followed_by_unload(void **st)
{
    struct fixture *f = *st;

    f->p->rules[14].answer = PEER_SILENT;
    fixture_bus(f);
    vmbus_bus_connect_start(f->bus, outcome_done, &f->outcome);
    hosted_advance(f->s, 60 * SEAM_S);
    peer_send_hex(f->p, "0f 00 00 00 00 00 00 00 01 02 00 00 00 00 00 00");
    hosted_advance(f->s, SEAM_S);
    assert_int_equal(f->outcome.status, -EIO);
    assert_int_equal(f->outcome.host_status, 2);
    assert_int_equal(f->p->seen[16], 1);
}

/* The host has the first contact, and cannot be sent the second. */
static void a_second_contact_that_cannot_be_posted_is_undone(void **state)
{
    struct fixture *f = *state;

    f->p->rules[14].answer = PEER_SILENT;
    peer_post_fails(f->p, -EIO, 1);
    f->p->post_after = 1;
    fixture_bus(f);
    assert_int_equal(vmbus_bus_connect(f->bus), -EIO);
    assert_int_equal(f->p->seen[14], 1);
    assert_int_equal(f->p->seen[16], 1);
    assert_int_equal(vmbus_bus_stats(f->bus)->pages_leaked, 0);
}

/* Connects to a host that answers 6.0 when 5.3 was asked for already. */
static void answer_late(struct fixture *f)
{
    f->p->rules[14].answer = PEER_SILENT;
    f->p->rules[3].delay = 10 * SEAM_S;
    f->p->connection = 0;
    fixture_bus(f);
    vmbus_bus_connect_start(f->bus, outcome_done, &f->outcome);
    hosted_advance(f->s, 60 * SEAM_S);
    assert_int_equal(f->p->seen[14], 2);
    peer_send_hex(f->p, "0f 00 00 00 00 00 00 00 01 00 00 00 01 00 00 00 09 00 "
                        "00 00");
    hosted_run(f->s);
    assert_int_equal(f->p->seen[3], 1);
}

/* It answers in order, so what counts is what it says last. */
static void the_second_answer_says_what_the_connection_is(void **state)
{
    struct fixture *f = *state;

    answer_late(f);
    peer_send_hex(f->p, "0f 00 00 00 00 00 00 00 01 00 00 00 04 00 00 00");
    hosted_advance(f->s, 11 * SEAM_S);
    assert_int_equal(f->outcome.status, 0);
    assert_int_equal(f->outcome.calls, 1);
    assert_int_equal(vmbus_bus_version(f->bus), 0x00050003);
    assert_int_equal(vmbus_bus_features(f->bus), 0);
    assert_int_equal(fixture_refused(f), 0);
    f->p->rules[3].delay = 0;
    assert_int_equal(vmbus_bus_unload(f->bus), 0);
    assert_int_equal(peer_got(f->p, 16, 0)->connection, 4);
}

static void a_second_answer_that_refuses_asks_for_the_next_version(void **state)
{
    struct fixture *f = *state;

    answer_late(f);
    f->p->rules[14].answer = PEER_ANSWER;
    peer_send_hex(f->p, "0f 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00");
    hosted_advance(f->s, 11 * SEAM_S);
    assert_int_equal(f->outcome.status, 0);
    assert_int_equal(f->outcome.calls, 1);
    assert_int_equal(vmbus_bus_version(f->bus), 0x00050002);
    assert_int_equal(f->p->seen[14], 3);
}

/* As the same answer does to a contact that nothing went before. */
static void a_second_answer_with_a_state_ends_the_connect(void **state)
{
    struct fixture *f = *state;

    answer_late(f);
    peer_send_hex(f->p, "0f 00 00 00 00 00 00 00 01 02 00 00 04 00 00 00");
    hosted_advance(f->s, 11 * SEAM_S);
    assert_int_equal(f->outcome.status, -EIO);
    assert_int_equal(f->outcome.host_status, 2);
    assert_int_equal(f->outcome.calls, 1);
    assert_int_equal(f->p->seen[14], 2);
}

/* Before 2.4 the byte of the state means nothing. */
static void a_second_answer_below_2_4_has_no_state(void **state)
{
    struct fixture *f = *state;

    f->config.newest = 0x00020004;
    answer_late(f);
    peer_send_hex(f->p, "0f 00 00 00 00 00 00 00 01 02 00 00 00 00 00 00");
    hosted_advance(f->s, 11 * SEAM_S);
    assert_int_equal(f->outcome.status, 0);
    assert_int_equal(vmbus_bus_version(f->bus), 0x00010001);
    assert_int_equal(f->p->seen[14], 2);
}

static void a_third_answer_is_refused(void **state)
{
    struct fixture *f = *state;

    answer_late(f);
    peer_send_hex(f->p, "0f 00 00 00 00 00 00 00 01 00 00 00 04 00 00 00");
    peer_send_hex(f->p, "0f 00 00 00 00 00 00 00 01 00 00 00 04 00 00 00");
    hosted_advance(f->s, 11 * SEAM_S);
    assert_int_equal(f->outcome.status, 0);
    assert_int_equal(fixture_refused(f), 1);
}

/* The request for the offers still waits when the host takes its yes back. */
static void a_second_refusal_takes_back_the_request_for_the_offers(void **state)
{
    struct fixture *f = *state;

    f->p->rules[14].answer = PEER_SILENT;
    fixture_bus(f);
    vmbus_bus_connect_start(f->bus, outcome_done, &f->outcome);
    hosted_advance(f->s, 60 * SEAM_S);
    peer_post_fails(f->p, -EAGAIN, 6);
    f->p->rules[14].answer = PEER_ANSWER;
    peer_send_hex(f->p, "0f 00 00 00 00 00 00 00 01 00 00 00 01 00 00 00 09 00 "
                        "00 00");
    peer_send_hex(f->p, "0f 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00");
    hosted_advance(f->s, 11 * SEAM_S);
    assert_int_equal(f->outcome.status, 0);
    assert_int_equal(f->p->seen[3], 1);
    assert_int_equal(vmbus_bus_version(f->bus), 0x00050002);
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
    assert_true(f->s->now - start <= 2 * SEAM_S + SEAM_MS);
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
        TEST(what_the_host_owes_is_named_every_ten_seconds),
        TEST(the_line_gives_no_time_that_is_over),
        TEST(the_time_for_an_answer_begins_when_the_host_has_the_message),
        TEST(the_time_for_the_offers_begins_when_the_host_has_the_message),
        TEST(a_host_that_is_silent_is_asked_for_the_next_version),
        TEST(silence_steps_down_once),
        TEST(silence_does_not_step_below_the_oldest_version),
        TEST(a_host_that_takes_no_contact_is_asked_once),
        TEST(a_no_while_another_answer_is_due_is_followed_by_unload),
        TEST(a_state_while_another_answer_is_due_is_followed_by_unload),
        TEST(a_second_contact_that_cannot_be_posted_is_undone),
        TEST(the_second_answer_says_what_the_connection_is),
        TEST(a_second_answer_that_refuses_asks_for_the_next_version),
        TEST(a_second_answer_with_a_state_ends_the_connect),
        TEST(a_second_answer_below_2_4_has_no_state),
        TEST(a_third_answer_is_refused),
        TEST(a_second_refusal_takes_back_the_request_for_the_offers),
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
