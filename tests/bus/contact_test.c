/* SPDX-License-Identifier: BSD-2-Clause */
/* INITIATE_CONTACT and its answer: bytes, features, connection ids. */
#include "fixture.h"

/* INITIATE_CONTACT for 5.2 to VP 4 without monitor pages: every byte. */
static void contact_bytes_of_5_2(void **state)
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

static void contact_goes_to_the_wanted_processor(void **state)
{
    struct fixture *f = *state;

    f->config.cpu = 1;
    fixture_connect(f);
    assert_int_equal(peer_u32(peer_got(f->p, 14, 0)->bytes, 12), 6);
}

static void client_id_makes_the_contact_longer(void **state)
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

static void client_id_is_not_sent_below_6_0(void **state)
{
    struct fixture *f = *state;

    memset(f->config.client_id.bytes, 0x77, 16);
    fixture_version(f, 0x00050003);
    fixture_connect(f);
    assert_int_equal(peer_got(f->p, 14, 0)->size, 40);
    assert_int_equal(vmbus_bus_features(f->bus), 0);
}

static void only_features_that_came_back_count(void **state)
{
    struct fixture *f = *state;

    memset(f->config.client_id.bytes, 0x77, 16);
    f->p->features = 0x08;
    fixture_connect(f);
    assert_int_equal(vmbus_bus_features(f->bus), 0x08);
}

/* A host that answers with more than was asked gets no more. */
static void features_not_asked_do_not_count(void **state)
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

static void features_can_be_turned_off(void **state)
{
    struct fixture *f = *state;

    f->config.no_features = true;
    fixture_connect(f);
    assert_int_equal(peer_u32(peer_got(f->p, 14, 0)->bytes, 20), 0);
    assert_int_equal(vmbus_bus_features(f->bus), 0);
}

static void features_not_implemented_are_named(void **state)
{
    struct fixture *f = *state;

    f->config.features = 0xFF;
    fixture_connect(f);
    assert_int_equal(peer_u32(peer_got(f->p, 14, 0)->bytes, 20), 0x01);
    assert_true(hosted_logged(f->s, "0x20 (PAUSE and RESUME) is not asked"));
}

static void version_response_without_features_is_enough_at_6_0(void **state)
{
    struct fixture *f = *state;

    f->p->response_size = 16;
    fixture_connect(f);
    assert_int_equal(vmbus_bus_features(f->bus), 0);
}

static void server_monitor_response_of_40_bytes_is_taken(void **state)
{
    struct fixture *f = *state;

    f->p->response_size = 40;
    fixture_connect(f);
}

/* QEMU's ten bytes. */
static void short_version_response_keeps_the_connection(void **state)
{
    struct fixture *f = *state;

    fixture_version(f, 0x00040000);
    f->p->response_size = 10;
    fixture_connect(f);
    assert_int_equal(peer_got(f->p, 3, 0)->connection, 1);
}

static void response_of_twelve_bytes_keeps_the_connection(void **state)
{
    struct fixture *f = *state;

    f->p->response_size = 12;
    fixture_version(f, 0x00050000);
    fixture_connect(f);
    assert_int_equal(peer_got(f->p, 3, 0)->connection, 4);
}

static void nine_bytes_are_too_short(void **state)
{
    struct fixture *f = *state;

    f->p->response_size = 9;
    fixture_bus(f);
    assert_int_equal(vmbus_bus_connect(f->bus), -ETIMEDOUT);
    assert_true(hosted_logged(f->s, "VERSION_RESPONSE) of 9 bytes refused: "
                                    "too short"));
}

static void connection_id_of_the_response_is_adopted(void **state)
{
    struct fixture *f = *state;

    f->p->connection = 0x123;
    fixture_connect(f);
    assert_int_equal(peer_got(f->p, 3, 0)->connection, 0x123);
    assert_int_equal(vmbus_bus_unload(f->bus), 0);
    assert_int_equal(peer_got(f->p, 16, 0)->connection, 0x123);
}

static void connection_id_zero_is_not_adopted(void **state)
{
    struct fixture *f = *state;

    f->p->connection = 0;
    fixture_connect(f);
    assert_int_equal(peer_got(f->p, 3, 0)->connection, 4);
}

/* Below 5.0 the dword is the version, no connection. */
static void old_response_gives_no_connection(void **state)
{
    struct fixture *f = *state;

    fixture_version(f, 0x00040001);
    fixture_connect(f);
    assert_int_equal(peer_got(f->p, 3, 0)->connection, 1);
}

static void connection_state_is_an_error(void **state)
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

static void connection_state_means_nothing_before_2_4(void **state)
{
    struct fixture *f = *state;

    f->p->contact_state = 2;
    fixture_version(f, 0x00010001);
    fixture_connect(f);
}

static void connecting_twice(void **state)
{
    struct fixture *f = *state;

    fixture_connect(f);
    assert_int_equal(vmbus_bus_connect(f->bus), -EISCONN);
}

static void configurations_that_cannot_be(void **state)
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
        TEST(contact_bytes_of_5_2),
        TEST(contact_goes_to_the_wanted_processor),
        TEST(client_id_makes_the_contact_longer),
        TEST(client_id_is_not_sent_below_6_0),
        TEST(only_features_that_came_back_count),
        TEST(features_not_asked_do_not_count),
        TEST(features_can_be_turned_off),
        TEST(features_not_implemented_are_named),
        TEST(version_response_without_features_is_enough_at_6_0),
        TEST(server_monitor_response_of_40_bytes_is_taken),
        TEST(short_version_response_keeps_the_connection),
        TEST(response_of_twelve_bytes_keeps_the_connection),
        TEST(nine_bytes_are_too_short),
        TEST(connection_id_of_the_response_is_adopted),
        TEST(connection_id_zero_is_not_adopted),
        TEST(old_response_gives_no_connection),
        TEST(connection_state_is_an_error),
        TEST(connection_state_means_nothing_before_2_4),
        TEST(connecting_twice),
        TEST(configurations_that_cannot_be),
    };

    return cmocka_run_group_tests_name("contact", tests, NULL, NULL);
}
