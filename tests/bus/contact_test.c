/* SPDX-License-Identifier: BSD-2-Clause */
/* INITIATE_CONTACT and its answer: bytes, features, connection ids. */
#include "fixture.h"

/* INITIATE_CONTACT for 5.2 to VP 4 without monitor pages: every byte. */
static void
a_contact_of_version_5_2_has_exactly_the_expected_bytes(void **state)
{
    struct fixture *f = *state;

    fixture_version(f, 0x00050002);
    f->config.no_monitor = true;
    fixture_connect(f);
    assert_true(peer_got_hex(f->p, 14, 0,
                             "0e 00 00 00 00 00 00 00 02 00 05 00 04 00 00 00 "
                             "02 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 "
                             "00 00 00 00 00 00 00 00"));
}

static void the_contact_names_the_configured_processor(void **state)
{
    struct fixture *f = *state;

    f->config.cpu = 1;
    fixture_connect(f);
    assert_int_equal(peer_u32(peer_got(f->p, 14, 0)->bytes, 12), 6);
}

static void a_client_id_is_appended_to_the_contact(void **state)
{
    struct fixture *f = *state;

    memset(f->config.client_id.bytes, 0x77, 16);
    fixture_connect(f);
    assert_true(peer_got_hex(
        f->p, 14, 0,
        "0e 00 00 00 00 00 00 00 00 00 06 00 04 00 00 00 02 00 00 00 09 00 00 "
        "00 .. .. .. .. .. .. .. .. .. .. .. .. .. .. .. .. 77 77 77 77 77 77 "
        "77 77 77 77 77 77 77 77 77 77"));
    assert_int_equal(vmbus_bus_features(f->bus), 0x09);
}

static void a_client_id_is_not_sent_below_version_6_0(void **state)
{
    struct fixture *f = *state;

    memset(f->config.client_id.bytes, 0x77, 16);
    fixture_version(f, 0x00050003);
    fixture_connect(f);
    assert_int_equal(peer_got(f->p, 14, 0)->size, 40);
    assert_int_equal(vmbus_bus_features(f->bus), 0);
}

static void only_features_that_the_host_confirms_are_negotiated(void **state)
{
    struct fixture *f = *state;

    memset(f->config.client_id.bytes, 0x77, 16);
    f->p->features = 0x08;
    fixture_connect(f);
    assert_int_equal(vmbus_bus_features(f->bus), 0x08);
}

/* A host that answers with more than was asked gets no more. */
static void features_that_were_not_asked_for_are_not_negotiated(void **state)
{
    struct fixture *f = *state;

    fixture_bus(f);
    f->p->rules[14].answer = PEER_SILENT;
    vmbus_bus_connect_start(f->bus, outcome_done, &f->outcome);
    peer_send_hex(f->p, "0f 00 00 00 00 00 00 00 01 00 00 00 04 00 00 00 "
                        "ff ff ff ff");
    hosted_run(f->s);
    assert_int_equal(f->outcome.status, 0);
    assert_int_equal(vmbus_bus_features(f->bus), 0x01);
}

static void the_configuration_turns_all_features_off(void **state)
{
    struct fixture *f = *state;

    f->config.no_features = true;
    fixture_connect(f);
    assert_int_equal(peer_u32(peer_got(f->p, 14, 0)->bytes, 20), 0);
    assert_int_equal(vmbus_bus_features(f->bus), 0);
}

static void features_that_are_not_implemented_are_named_in_the_log(void **state)
{
    struct fixture *f = *state;

    f->config.features = 0xFF;
    fixture_connect(f);
    assert_int_equal(peer_u32(peer_got(f->p, 14, 0)->bytes, 20), 0x01);
    assert_true(hosted_logged(f->s, "0x20 (PAUSE and RESUME) is not asked"));
}

static void a_version_response_without_features_is_accepted_at_6_0(void **state)
{
    struct fixture *f = *state;

    f->p->response_size = 16;
    fixture_connect(f);
    assert_int_equal(vmbus_bus_features(f->bus), 0);
}

static void a_version_response_of_40_bytes_is_accepted(void **state)
{
    struct fixture *f = *state;

    f->p->response_size = 40;
    fixture_connect(f);
}

/* QEMU's ten bytes. */
static void
a_version_response_of_ten_bytes_keeps_the_connection_id(void **state)
{
    struct fixture *f = *state;

    fixture_version(f, 0x00040000);
    f->p->response_size = 10;
    fixture_connect(f);
    assert_int_equal(peer_got(f->p, 3, 0)->connection, 1);
}

static void
a_version_response_of_twelve_bytes_keeps_the_connection_id(void **state)
{
    struct fixture *f = *state;

    f->p->response_size = 12;
    fixture_version(f, 0x00050000);
    fixture_connect(f);
    assert_int_equal(peer_got(f->p, 3, 0)->connection, 4);
}

static void a_version_response_of_nine_bytes_is_refused(void **state)
{
    struct fixture *f = *state;

    f->p->response_size = 9;
    fixture_bus(f);
    assert_int_equal(vmbus_bus_connect(f->bus), -ETIMEDOUT);
    assert_true(hosted_logged(f->s, "VERSION_RESPONSE) of 9 bytes refused: "
                                    "too short"));
}

static void
the_bus_posts_to_the_connection_id_of_the_version_response(void **state)
{
    struct fixture *f = *state;

    f->p->connection = 0x123;
    fixture_connect(f);
    assert_int_equal(peer_got(f->p, 3, 0)->connection, 0x123);
    assert_int_equal(vmbus_bus_unload(f->bus), 0);
    assert_int_equal(peer_got(f->p, 16, 0)->connection, 0x123);
}

static void a_connection_id_of_zero_is_not_adopted(void **state)
{
    struct fixture *f = *state;

    f->p->connection = 0;
    fixture_connect(f);
    assert_int_equal(peer_got(f->p, 3, 0)->connection, 4);
}

/* Below 5.0 the dword is the version, no connection. */
static void a_version_response_below_5_0_gives_no_connection_id(void **state)
{
    struct fixture *f = *state;

    fixture_version(f, 0x00040001);
    fixture_connect(f);
    assert_int_equal(peer_got(f->p, 3, 0)->connection, 1);
}

static void a_connection_state_other_than_zero_fails_the_connect(void **state)
{
    struct fixture *f = *state;

    f->p->contact_state = 2;
    fixture_bus(f);
    vmbus_bus_connect_start(f->bus, outcome_done, &f->outcome);
    hosted_run(f->s);
    assert_int_equal(f->outcome.status, -EIO);
    assert_int_equal(f->outcome.host_status, 2);
    assert_int_equal(f->outcome.calls, 1);
}

static void the_connection_state_is_ignored_before_version_2_4(void **state)
{
    struct fixture *f = *state;

    f->p->contact_state = 2;
    fixture_version(f, 0x00010001);
    fixture_connect(f);
}

static void a_second_connect_is_refused(void **state)
{
    struct fixture *f = *state;

    fixture_connect(f);
    assert_int_equal(vmbus_bus_connect(f->bus), -EISCONN);
}

static void a_configuration_that_contradicts_itself_is_refused(void **state)
{
    struct fixture *f = *state;
    struct vmbus_config bad[] = {
        {.newest = 0x00050004},
        {.oldest = 1},
        {.newest = 0x00040000, .oldest = 0x00050000},
        {.cpu = 2},
    };
    struct vmbus_bus *bus;

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_int_equal(vmbus_bus_create(f->s, &bad[i], &bus), -EINVAL);
    assert_int_equal(vmbus_bus_create(f->s, NULL, &bus), 0);
    vmbus_bus_destroy(bus);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_contact_of_version_5_2_has_exactly_the_expected_bytes),
        TEST(the_contact_names_the_configured_processor),
        TEST(a_client_id_is_appended_to_the_contact),
        TEST(a_client_id_is_not_sent_below_version_6_0),
        TEST(only_features_that_the_host_confirms_are_negotiated),
        TEST(features_that_were_not_asked_for_are_not_negotiated),
        TEST(the_configuration_turns_all_features_off),
        TEST(features_that_are_not_implemented_are_named_in_the_log),
        TEST(a_version_response_without_features_is_accepted_at_6_0),
        TEST(a_version_response_of_40_bytes_is_accepted),
        TEST(a_version_response_of_ten_bytes_keeps_the_connection_id),
        TEST(a_version_response_of_twelve_bytes_keeps_the_connection_id),
        TEST(a_version_response_of_nine_bytes_is_refused),
        TEST(the_bus_posts_to_the_connection_id_of_the_version_response),
        TEST(a_connection_id_of_zero_is_not_adopted),
        TEST(a_version_response_below_5_0_gives_no_connection_id),
        TEST(a_connection_state_other_than_zero_fails_the_connect),
        TEST(the_connection_state_is_ignored_before_version_2_4),
        TEST(a_second_connect_is_refused),
        TEST(a_configuration_that_contradicts_itself_is_refused),
    };

    return cmocka_run_group_tests_name("contact", tests, NULL, NULL);
}
