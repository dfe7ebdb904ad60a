/* Contact: versions, features, and what else the message asks for. */
#include "script.h"

#include <string.h>

/* N.1 of docs/wire/n-examples.md: 5.2, VP 0, SINT 2, no monitor pages. */
static void contact_bytes_by_hand(void **state)
{
    struct script *s = *state;

    s->connection = 4;
    say_hex(s, "0e 00 00 00 00 00 00 00 02 00 05 00 00 00 00 00"
               "02 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00"
               "00 00 00 00 00 00 00 00");
    hear_hex(s, "0f 00 00 00 00 00 00 00 01 00 00 00 04 00 00 00");
    assert_int_equal(status_of(s).version, 0x00050002);
    broke_nothing(s);
}

static void every_version_is_accepted(void **state)
{
    struct script *s = *state;

    for (unsigned i = 0; i < VERSIONS; i++) {
        const uint32_t version = every_version[i];
        const struct bytes answer = connect_from(s, version, 3);

        assert_int_equal(answer.size, version == 0x00060000 ? 20 : 16);
        assert_int_equal(get32(&answer, 12),
                         version < 0x00050000 ? version : 4);
        /* The target VP counts from 3.0 on. */
        assert_int_equal(s->heard[s->heard_first ? s->heard_first - 1 : 0].vp,
                         version < 0x00030000 ? 0 : 3);
        broke_nothing(s);
        vmbus_host_reset(s->host);
    }
}

static void a_version_above_the_configured_limit_is_refused(void **state)
{
    struct script *s = *state;

    for (unsigned max = 0; max < VERSIONS; max++) {
        const struct vmbus_host_config config = {.max_version =
                                                     every_version[max]};

        configure(s, &config);
        s->connection = 1;
        for (unsigned i = max + 1; i < VERSIONS; i++) {
            const struct bytes b = contact(every_version[i], 0);

            contact_gives(s, &b, 0, 0);
        }
        connect_at(s, every_version[max]);
    }
}

static void a_version_below_the_configured_limit_is_refused(void **state)
{
    struct script *s = *state;
    const struct vmbus_host_config config = {.min_version = 0x00040000};
    struct bytes b = contact(0x00030000, 0);

    configure(s, &config);
    contact_gives(s, &b, 0, 0);
    connect_at(s, 0x00040000);
}

static void versions_between_do_not_exist(void **state)
{
    static const uint32_t none[] = {0,          0x0000000C, 0x00010000,
                                    0x00020003, 0x00030001, 0x00050004,
                                    0x00060001, 0xFFFFFFFF};
    struct script *s = *state;

    for (unsigned i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
        const struct bytes b = contact(none[i], 0);
        const struct bytes answer = contact_gives(s, &b, 0, 0);

        assert_int_equal(answer.size, 16);
    }
    broke_nothing(s);
}

static void refused_guest_is_not_connected(void **state)
{
    struct script *s = *state;
    const struct bytes b = contact(0x00070000, 0);

    connect_at(s, 0x00040000);
    contact_gives(s, &b, 0, 0);
    say_header(s, 3);
    broke(s, VMBUS_HOST_RULE_NOT_CONNECTED);
    hear_nothing(s);
}

static void features_are_intersected(void **state)
{
    struct script *s = *state;
    const struct vmbus_host_config config = {.features = 0x25};
    struct bytes b = contact(0x00060000, 0), answer;

    configure(s, &config);
    put32(&b, 20, 0xFFFFFFF7);
    answer = contact_gives(s, &b, 1, 0);
    assert_int_equal(get32(&answer, 16), 0x25);
    put32(&b, 20, 0x80000081);
    answer = contact_gives(s, &b, 1, 0);
    assert_int_equal(get32(&answer, 16), 0x01);
    assert_int_equal(status_of(s).features, 0x01);
}

static void features_come_with_6_0(void **state)
{
    struct script *s = *state;
    const struct vmbus_host_config config = {.features = 0x01};
    struct bytes b = contact(0x00050003, 0), answer;

    configure(s, &config);
    put32(&b, 20, 0x01);
    answer = contact_gives(s, &b, 1, 0);
    assert_int_equal(answer.size, 16);
    assert_int_equal(status_of(s).features, 0);
}

static void client_id_is_kept(void **state)
{
    struct script *s = *state;
    const struct vmbus_host_config config = {.features = 0x08};
    struct bytes b = contact(0x00060000, 0);

    configure(s, &config);
    put32(&b, 20, 0x08);
    b.size = 56;
    memset(&b.at[40], 0xC1, 16);
    contact_gives(s, &b, 1, 0);
    assert_int_equal(status_of(s).client_id.bytes[0], 0xC1);
    assert_int_equal(status_of(s).client_id.bytes[15], 0xC1);
    /* Asked for and not there. */
    b.size = 55;
    contact_gives(s, &b, 1, 2);
    broke(s, VMBUS_HOST_RULE_CONTACT_FIELDS);
}

static void message_sint_is_honoured(void **state)
{
    struct script *s = *state;
    struct bytes b = contact(0x00050000, 0);

    put8(&b, 16, 5);
    s->connection = 4;
    contact_gives(s, &b, 1, 0);
    assert_int_equal(s->heard[0].sint, 5);
    /* Firmware leaves it 0 and posts on id 1. */
    put8(&b, 16, 0);
    s->connection = 1;
    contact_gives(s, &b, 1, 0);
    assert_int_equal(s->heard[1].sint, 2);
    broke_nothing(s);
    put8(&b, 16, 16);
    s->connection = 4;
    contact_gives(s, &b, 1, 2);
    broke(s, VMBUS_HOST_RULE_CONTACT_FIELDS);
}

/* On the classic connection the field may hold anything. */
static void a_target_counts_on_the_connection_of_several_clients(void **state)
{
    struct script *s = *state;
    struct bytes b = contact(0x00050003, 0);

    put8(&b, 16, 5);
    put8(&b, 17, 2);
    s->connection = 1;
    contact_gives(s, &b, 1, 0);
    assert_int_equal(s->heard[0].sint, 2);
    broke_nothing(s);
    s->connection = 4;
    contact_gives(s, &b, 1, 2);
    broke(s, VMBUS_HOST_RULE_CONTACT_FIELDS);
}

static void a_contact_for_another_vtl_is_refused(void **state)
{
    struct script *s = *state;
    struct bytes b = contact(0x00050001, 0);

    put8(&b, 17, 1);
    s->connection = 4;
    contact_gives(s, &b, 1, 2);
    broke(s, VMBUS_HOST_RULE_CONTACT_FIELDS);
    /* 5.0 has no trust levels in its messages. */
    put32(&b, 8, 0x00050000);
    contact_gives(s, &b, 1, 0);
    broke_nothing(s);
}

/* The connection fails, the version and its form are known. */
static void a_failed_connection_is_answered_in_the_form_of_6_0(void **state)
{
    struct script *s = *state;
    const struct vmbus_host_config config = {.features = 0x25};
    struct bytes b = contact(0x00060000, 0), answer;

    configure(s, &config);
    put64(&b, 24, 0x1000); /* one monitor page, where two belong */
    put32(&b, 20, 0x01);
    answer = contact_gives(s, &b, 1, 2);
    assert_int_equal(answer.size, 20);
    assert_int_equal(get32(&answer, 16), 0x01);
    broke(s, VMBUS_HOST_RULE_MONITOR_PAGES);
    put32(&b, 8, 0x00070000);
    answer = contact_gives(s, &b, 0, 0);
    assert_int_equal(answer.size, 16);
}

static void contact_vp_exists(void **state)
{
    struct script *s = *state;
    struct bytes b = contact(0x00040000, 4);

    contact_gives(s, &b, 1, 2);
    assert_int_equal(s->heard[0].vp, 0);
    broke(s, VMBUS_HOST_RULE_CONTACT_FIELDS);
    put32(&b, 12, 2);
    contact_gives(s, &b, 1, 0);
    assert_int_equal(s->heard[1].vp, 2);
    /* Below 3.0 the field is not looked at. */
    put32(&b, 8, 0x00020004);
    put32(&b, 12, 99);
    contact_gives(s, &b, 1, 0);
    assert_int_equal(s->heard[2].vp, 0);
    broke_nothing(s);
}

static void messages_to_another_connection_id_are_counted(void **state)
{
    struct script *s = *state;

    connect_at(s, 0x00050000);
    s->connection = 1;
    say_header(s, 3);
    broke(s, VMBUS_HOST_RULE_WRONG_CONNECTION);
    hear_type(s, 4, 8); /* served all the same */
    connect_at(s, 0x00040000);
    s->connection = 4;
    say_header(s, 3);
    broke(s, VMBUS_HOST_RULE_WRONG_CONNECTION);
    hear_type(s, 4, 8);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(contact_bytes_by_hand),
        TEST(every_version_is_accepted),
        TEST(a_version_above_the_configured_limit_is_refused),
        TEST(a_version_below_the_configured_limit_is_refused),
        TEST(versions_between_do_not_exist),
        TEST(refused_guest_is_not_connected),
        TEST(features_are_intersected),
        TEST(features_come_with_6_0),
        TEST(client_id_is_kept),
        TEST(message_sint_is_honoured),
        TEST(a_target_counts_on_the_connection_of_several_clients),
        TEST(a_contact_for_another_vtl_is_refused),
        TEST(a_failed_connection_is_answered_in_the_form_of_6_0),
        TEST(contact_vp_exists),
        TEST(messages_to_another_connection_id_are_counted),
    };

    return cmocka_run_group_tests_name("hosthalf.contact", tests, NULL, NULL);
}
