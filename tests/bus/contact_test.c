/* Contact, versions, the list of offers. */
#include "fixture.h"

static const uint32_t versions[] = {
    0x0000000D, 0x00010001, 0x00020004, 0x00030000, 0x00040000, 0x00040001,
    0x00050000, 0x00050001, 0x00050002, 0x00050003, 0x00060000,
};
#define VERSIONS (sizeof(versions) / sizeof(versions[0]))

/* The version is taken, on the right connection, with the right bytes. */
static void one_version(void **state, uint32_t version)
{
    struct fixture *f = *state;
    bool new = version >= 0x00050000;
    const struct peer_message *m;

    fixture_version(f, version);
    fixture_connect(f);
    assert_int_equal(vmbus_bus_version(f->bus), version);
    m = peer_got(f->p, 14, 0);
    assert_int_equal(m->connection, new ? 4 : 1);
    assert_int_equal(m->size, 40);
    assert_int_equal(peer_u32(m->bytes, 4), 0);
    assert_int_equal(peer_u32(m->bytes, 8), version);
    assert_int_equal(peer_u32(m->bytes, 12), 4); /* VP of processor 0 */
    if (new) {
        /* SINT 2, VTL 0; features only at 6.0 */
        assert_int_equal(peer_u32(m->bytes, 16), 2);
        assert_int_equal(peer_u32(m->bytes, 20), version == 0x00060000);
    } else {
        assert_non_null(hosted_frame(f->s, peer_u64(m->bytes, 16) / 4096));
    }
    assert_non_null(hosted_frame(f->s, peer_u64(m->bytes, 24) / 4096));
    assert_non_null(hosted_frame(f->s, peer_u64(m->bytes, 32) / 4096));
    assert_int_equal(f->p->seen[14], 1);
    assert_int_equal(f->p->seen[3], 1);
    assert_true(peer_got_hex(f->p, 3, 0, "03 00 00 00 00 00 00 00"));
    assert_int_equal(peer_got(f->p, 3, 0)->connection, new ? 4 : 1);
}

#define VERSION_TEST(name, version)          \
    static void version_##name(void **state) \
    {                                        \
        one_version(state, version);         \
    }
VERSION_TEST(0_13, 0x0000000D)
VERSION_TEST(1_1, 0x00010001)
VERSION_TEST(2_4, 0x00020004)
VERSION_TEST(3_0, 0x00030000)
VERSION_TEST(4_0, 0x00040000)
VERSION_TEST(4_1, 0x00040001)
VERSION_TEST(5_0, 0x00050000)
VERSION_TEST(5_1, 0x00050001)
VERSION_TEST(5_2, 0x00050002)
VERSION_TEST(5_3, 0x00050003)
VERSION_TEST(6_0, 0x00060000)

/* A host of every age: we end at its version, asking each newer one once. */
static void steps_down_to_every_version(void **state)
{
    struct fixture *f = *state;

    fixture_bus(f);
    for (uint32_t i = 0; i < VERSIONS; i++) {
        uint32_t before = f->p->seen[14];

        f->p->newest = versions[i];
        assert_int_equal(vmbus_bus_connect(f->bus), 0);
        assert_int_equal(vmbus_bus_version(f->bus), versions[i]);
        assert_int_equal(f->p->seen[14] - before, VERSIONS - i);
        assert_int_equal(vmbus_bus_unload(f->bus), 0);
        assert_int_equal(vmbus_bus_version(f->bus), 0);
    }
}

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

/* QEMU: no id 4, nothing above 4.0. */
static void host_without_id_4_is_asked_older_versions_on_id_1(void **state)
{
    struct fixture *f = *state;

    f->p->no_multi = true;
    f->p->newest = 0x00040000;
    fixture_connect(f);
    assert_int_equal(vmbus_bus_version(f->bus), 0x00040000);
    assert_int_equal(peer_u32(peer_got(f->p, 14, 0)->bytes, 8), 0x00040001);
    assert_int_equal(peer_got(f->p, 14, 0)->connection, 1);
    assert_int_equal(f->p->seen[14], 2);
}

/* Windows takes newer versions on id 1 from its firmware. */
static void forced_new_version_falls_back_to_id_1(void **state)
{
    struct fixture *f = *state;

    f->p->no_multi = true;
    f->p->connection = 1;
    fixture_version(f, 0x00050003);
    fixture_connect(f);
    assert_int_equal(peer_got(f->p, 14, 0)->connection, 1);
    assert_int_equal(peer_u32(peer_got(f->p, 14, 0)->bytes, 8), 0x00050003);
}

static void no_common_version(void **state)
{
    struct fixture *f = *state;

    f->p->oldest = 0x00070000;
    fixture_bus(f);
    assert_int_equal(vmbus_bus_connect(f->bus), -EPROTONOSUPPORT);
    assert_int_equal(f->p->seen[14], VERSIONS);
    assert_false(vmbus_bus_connected(f->bus));
    assert_true(hosted_logged(f->s, "speaks no version"));
}

static void oldest_is_the_last_one_asked(void **state)
{
    struct fixture *f = *state;

    f->p->newest = 0x0000000D;
    f->config.oldest = 0x00030000;
    fixture_bus(f);
    assert_int_equal(vmbus_bus_connect(f->bus), -EPROTONOSUPPORT);
    assert_int_equal(f->p->seen[14], 8);
}

static void posting_denied(void **state)
{
    struct fixture *f = *state;

    f->p->post_status = -EACCES;
    f->p->post_misses = 1;
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

    f->p->post_status = -EIO;
    f->p->post_misses = 1;
    f->p->post_after = 1;
    fixture_bus(f);
    assert_int_equal(vmbus_bus_connect(f->bus), -EIO);
    assert_int_equal(f->p->seen[16], 1);
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

/* Somebody else's connection is ended first, once. */
static void unload_of_what_was_left(void **state)
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
static void messages_of_what_was_left(void **state)
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

static void nothing_was_left(void **state)
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

static void unload_of_what_was_left_is_denied(void **state)
{
    struct fixture *f = *state;

    f->config.unload_first = true;
    f->p->post_status = -EACCES;
    f->p->post_misses = 2;
    fixture_bus(f);
    assert_int_equal(vmbus_bus_connect(f->bus), -EACCES);
    assert_int_equal(f->s->counts.pages, 0);
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
    assert_ptr_equal(vmbus_bus_seam(bus), f->s);
    vmbus_bus_destroy(bus);
}

static void versions_as_text(void **state)
{
    char text[12];

    (void)state;
    assert_string_equal(vmbus_version_format(0x0000000D, text), "0.13");
    assert_string_equal(vmbus_version_format(0x00050003, text), "5.3");
    assert_string_equal(vmbus_version_format(0xFFFFFFFF, text), "65535.65535");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(version_0_13),
        TEST(version_1_1),
        TEST(version_2_4),
        TEST(version_3_0),
        TEST(version_4_0),
        TEST(version_4_1),
        TEST(version_5_0),
        TEST(version_5_1),
        TEST(version_5_2),
        TEST(version_5_3),
        TEST(version_6_0),
        TEST(steps_down_to_every_version),
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
        TEST(nine_bytes_are_too_short),
        TEST(connection_id_of_the_response_is_adopted),
        TEST(connection_id_zero_is_not_adopted),
        TEST(old_response_gives_no_connection),
        TEST(host_without_id_4_is_asked_older_versions_on_id_1),
        TEST(forced_new_version_falls_back_to_id_1),
        TEST(no_common_version),
        TEST(oldest_is_the_last_one_asked),
        TEST(posting_denied),
        TEST(unknown_connection_1_ends_it),
        TEST(connection_state_is_an_error),
        TEST(connection_state_means_nothing_before_2_4),
        TEST(silence_after_contact),
        TEST(silence_about_everything),
        TEST(answer_just_before_the_deadline),
        TEST(offers_that_do_not_end),
        TEST(request_offers_that_cannot_be_posted),
        TEST(second_version_response_is_refused),
        TEST(second_end_of_offers_is_refused),
        TEST(end_of_offers_before_contact_is_refused),
        TEST(left_overs_before_the_answer_are_refused),
        TEST(messages_while_disconnected_are_refused),
        TEST(unload_of_what_was_left),
        TEST(messages_of_what_was_left),
        TEST(nothing_was_left),
        TEST(unload_of_what_was_left_is_denied),
        TEST(connecting_twice),
        TEST(configurations_that_cannot_be),
        TEST(versions_as_text),
    };

    return cmocka_run_group_tests_name("contact", tests, NULL, NULL);
}
