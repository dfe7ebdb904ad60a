/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The pure part of drivers/services/: each message of a host is written by hand
 * from the tables of the protocol, good ones first, then with one byte changed;
 * each answer is compared with bytes by hand.
 */
#include "integration_world.h"

#include <string.h>

/* As N.6 of the wire reference; then 1.0, 3.0 for messages. */
static const uint8_t offer[] = {NEGOTIATE(24),
                                2,
                                0,
                                2,
                                0,
                                0,
                                0,
                                0,
                                0,
                                1,
                                0,
                                0,
                                0,
                                3,
                                0,
                                0,
                                0, /* frameworks */
                                1,
                                0,
                                0,
                                0,
                                3,
                                0,
                                0,
                                0};

/* ---- what all services have in common ------------------------------------ */

static void the_newest_version_in_common_is_chosen(void **state)
{
    static const uint8_t answer[44] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 16, 0, 0,
                                       0, 0, 0, 1, 5, 0, 0, 1, 0, 1, 0,  0, 0,
                                       0, 0, 3, 0, 0, 0, 3, 0, 0, 0, /* N.6 */
                                       1, 0, 0, 0, 3, 0, 0, 0};

    (void)state;
    s.kind = &service_kinds[SERVICES_HEARTBEAT];
    assert_int_equal(take(offer, sizeof(offer)), IC_NEGOTIATED);
    assert_true(s.agreed);
    assert_memory_equal(message, answer, sizeof(answer));
}

static void each_service_knows_its_versions(void **state)
{
    static const uint8_t known[][3] = {
        {SERVICES_HEARTBEAT, 1, 0}, {SERVICES_HEARTBEAT, 3, 0},
        {SERVICES_SHUTDOWN, 1, 0},  {SERVICES_SHUTDOWN, 3, 0},
        {SERVICES_SHUTDOWN, 3, 1},  {SERVICES_SHUTDOWN, 3, 2},
        {SERVICES_KVP, 1, 0},       {SERVICES_KVP, 3, 0},
        {SERVICES_KVP, 4, 0},       {SERVICES_KVP, 5, 0},
        {SERVICES_TIME, 1, 0},      {SERVICES_TIME, 3, 0},
        {SERVICES_TIME, 4, 0},      {SERVICES_VSS, 4, 0},
        {SERVICES_VSS, 5, 0},       {SERVICES_VSS, 6, 0},
        {SERVICES_VSS, 7, 0},       {SERVICES_COPY, 1, 1},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(known); i++)
        agree(known[i][0], known[i][1], known[i][2]);
}

static void without_a_common_version_the_answer_names_none(void **state)
{
    static const uint8_t none[8] = {0};
    uint8_t bytes[sizeof(offer)];

    (void)state;
    s.kind = &service_kinds[SERVICES_HEARTBEAT];
    /* Messages 1.0 and 3.0 become 9.0 and 3.1. */
    memcpy(bytes, offer, sizeof(offer));
    bytes[36] = 9;
    bytes[42] = 1;
    assert_int_equal(take(bytes, sizeof(bytes)), IC_NEGOTIATED);
    assert_false(s.agreed);
    assert_memory_equal(message + 20, none, sizeof(none));
    assert_answer(IC_OK);
    /* Frameworks that nobody knows, with good messages. */
    memcpy(bytes, offer, sizeof(offer));
    bytes[28] = bytes[32] = 2;
    assert_int_equal(take(bytes, sizeof(bytes)), IC_NEGOTIATED);
    assert_false(s.agreed);
    /* No version at all, and nothing behind the counts. */
    bytes[10] = 16;
    put(bytes, 20, 36);
    assert_int_equal(ic_answer(&s, message, length, &status), IC_NEGOTIATED);
    assert_false(s.agreed);
}

static void versions_that_are_nonsense_are_refused(void **state)
{
    static const uint8_t counts[][4] = {
        {2, 0, 3, 0},     /* one more than there is room for */
        {255, 255, 1, 0}, /* their sum must not wrap */
        {50, 0, 51, 0},   /* more than a hundred */
    };
    uint8_t bytes[20 + 8 + 101 * 4];

    (void)state;
    s.kind = &service_kinds[SERVICES_HEARTBEAT];
    for (size_t i = 0; i < COUNT(counts); i++) {
        memset(bytes, 0, sizeof(bytes));
        memcpy(bytes, offer, sizeof(offer));
        memcpy(bytes + 20, counts[i], 2);
        memcpy(bytes + 22, counts[i] + 2, 2);
        assert_int_equal(take(bytes, i == 2 ? sizeof(bytes) : sizeof(offer)),
                         IC_REFUSED);
        assert_answer(IC_INVALID);
        assert_false(s.agreed);
    }
    /* A hundred are taken. */
    bytes[20] = 49;
    assert_int_equal(take(bytes, sizeof(bytes)), IC_NEGOTIATED);
    /* No room for the answer, though no version is listed. */
    bytes[10] = 15;
    bytes[20] = bytes[22] = 0;
    assert_int_equal(take(bytes, 35), IC_REFUSED);
    assert_answer(IC_INVALID);
}

static void a_host_may_negotiate_again(void **state)
{
    (void)state;
    agree(SERVICES_SHUTDOWN, 3, 2);
    agree(SERVICES_SHUTDOWN, 1, 0);
    assert_int_equal(s.framework.major, 3);
}

static void what_is_no_request_gets_no_answer(void **state)
{
    uint8_t beat[36] = {HEADER(1, 3, 0, 16)};

    (void)state;
    agree(SERVICES_HEARTBEAT, 3, 0);
    assert_int_equal(take(beat, 0), IC_IGNORED);
    assert_int_equal(take(beat, 19), IC_IGNORED);
    beat[17] = 5; /* an answer */
    assert_int_equal(take(beat, sizeof(beat)), IC_IGNORED);
}

static void a_wrong_request_is_answered_with_an_error(void **state)
{
    uint8_t beat[36] = {HEADER(1, 3, 0, 16)};

    (void)state;
    s.kind = &service_kinds[SERVICES_HEARTBEAT];
    assert_int_equal(take(beat, sizeof(beat)), IC_REFUSED);
    assert_answer(IC_FAIL); /* versions come first */
    agree(SERVICES_HEARTBEAT, 3, 0);
    beat[4] = 3; /* another service's */
    assert_int_equal(take(beat, sizeof(beat)), IC_REFUSED);
    assert_answer(IC_NOT_SUPPORTED);
    beat[4] = 1;
    beat[10] = 17; /* longer than the message */
    assert_int_equal(take(beat, sizeof(beat)), IC_REFUSED);
    assert_answer(IC_INVALID);
    assert_int_equal(message[10], 16);
    beat[10] = 16;
    assert_int_equal(take(beat, sizeof(beat)), IC_ANSWERED);
}

/* ---- heartbeat ----------------------------------------------------------- */

static void a_heartbeat_comes_back_one_higher(void **state)
{
    /* N.7: sequence 41 becomes 42, state healthy. */
    static const uint8_t beat[36] = {HEADER(1, 3, 0, 16), 41};
    static const uint8_t answer[36] = {3, 0, 0, 0, 1, 0, 3, 0, 0,  0, 16, 0,
                                       0, 0, 0, 0, 9, 5, 0, 0, 42, 0, 0,  0,
                                       0, 0, 0, 0, 1, 0, 0, 0, 0,  0, 0,  0};

    (void)state;
    agree(SERVICES_HEARTBEAT, 3, 0);
    services_set_health(SERVICES_HEALTHY);
    assert_int_equal(take(beat, sizeof(beat)), IC_ANSWERED);
    assert_memory_equal(message, answer, sizeof(answer));
}

static void the_headers_size_says_what_a_heartbeat_has(void **state)
{
    uint8_t beat[60] = {HEADER(1, 3, 0, 40), 255, 255, 255, 255};

    (void)state;
    agree(SERVICES_HEARTBEAT, 3, 0);
    services_set_health(SERVICES_CRITICAL);
    assert_int_equal(take(beat, sizeof(beat)), IC_ANSWERED);
    assert_int_equal(message[20], 0);
    assert_int_equal(message[24], 1); /* 2^32 */
    assert_int_equal(message[28], 2);
    beat[10] = 8; /* no state */
    assert_int_equal(take(beat, sizeof(beat)), IC_ANSWERED);
    assert_int_equal(message[28], 0);
    beat[10] = 7;
    assert_int_equal(take(beat, sizeof(beat)), IC_REFUSED);
    assert_answer(IC_INVALID);
}

/* ---- shutdown ------------------------------------------------------------ */

static void ask_to_end(uint8_t flags, uint8_t more, uint32_t wanted)
{
    uint8_t bytes[20 + 12 + 2048] = {
        HEADER(3, 3, 2, 12 + 2048), 0, 0, 0, 128, 60, 0, 0, 0, flags, more};
    enum ic_outcome outcome;

    ends = 0;
    outcome = take(bytes, sizeof(bytes));
    assert_int_equal(outcome, wanted ? IC_REFUSED : IC_ANSWERED);
    assert_answer(wanted);
    shutdown_answered(status);
    assert_int_equal(ends, wanted == IC_OK);
}

static void shutdown_and_restart_are_granted(void **state)
{
    (void)state;
    agree(SERVICES_SHUTDOWN, 3, 2);
    ask_to_end(0, 0, IC_OK);
    assert_int_equal(how, SERVICES_POWER_OFF);
    ask_to_end(3, 0, IC_OK);
    assert_int_equal(how, SERVICES_RESTART);
    ask_to_end(1, 0, IC_OK);
    assert_int_equal(how, SERVICES_POWER_OFF);
    ask_to_end(2, 0, IC_OK);
    assert_int_equal(how, SERVICES_RESTART);
}

static void hibernation_and_unknown_flags_are_refused(void **state)
{
    uint8_t bytes[20 + 12] = {HEADER(3, 3, 2, 11)};

    (void)state;
    agree(SERVICES_SHUTDOWN, 3, 2);
    ask_to_end(4, 0, IC_FAIL);
    ask_to_end(5, 0, IC_FAIL);
    ask_to_end(8, 0, IC_INVALID);
    ask_to_end(0, 1, IC_INVALID);
    assert_int_equal(take(bytes, sizeof(bytes)), IC_REFUSED);
    assert_answer(IC_INVALID);
}

static void an_application_that_holds_is_ended_by_force_only(void **state)
{
    (void)state;
    agree(SERVICES_SHUTDOWN, 3, 2);
    services_hold();
    services_hold();
    ask_to_end(0, 0, IC_LOCKED);
    ask_to_end(2, 0, IC_LOCKED);
    ask_to_end(1, 0, IC_OK);
    services_release();
    ask_to_end(0, 0, IC_LOCKED);
    services_release();
    ask_to_end(0, 0, IC_OK);
}

/* ---- time ---------------------------------------------------------------- */

/* 2027-01-01 00:00:00 UTC: 0x01DD99830B47C000 since 1601. */
#define NEW_YEAR      0, 0xC0, 0x47, 0x0B, 0x83, 0x99, 0xDD, 1
#define NEW_YEAR_WALL INT64_C(17987616000000000)

static void tell(uint64_t reference, uint8_t flags, uint32_t wanted)
{
    uint8_t bytes[20 + 24] = {HEADER(4, 4, 0, 24), NEW_YEAR};

    memcpy(bytes + 28, &reference, 8);
    bytes[36] = flags;
    assert_int_equal(take(bytes, sizeof(bytes)),
                     wanted ? IC_REFUSED : IC_ANSWERED);
    assert_answer(wanted);
}

static void a_sync_sets_the_clock_as_old_as_it_is(void **state)
{
    struct services_clock clock;

    (void)state;
    agree(SERVICES_TIME, 4, 0);
    tell(now - 20000000, 1, IC_OK);
    assert_int_equal(wall, NEW_YEAR_WALL + 20000000);
    services_clock(&clock);
    assert_int_equal(clock.syncs, 1);
    /* However little it is off. */
    now += 10;
    tell(now - 20000010, 1, IC_OK);
    assert_int_equal(wall, NEW_YEAR_WALL + 20000010);
}

static void a_sample_moves_a_clock_that_is_off_by_50_ms(void **state)
{
    (void)state;
    agree(SERVICES_TIME, 4, 0);
    wall = NEW_YEAR_WALL + 499999;
    tell(now, 2, IC_OK);
    assert_int_equal(wall, NEW_YEAR_WALL + 499999);
    wall = NEW_YEAR_WALL - 499999;
    tell(now, 2, IC_OK);
    assert_int_equal(wall, NEW_YEAR_WALL - 499999);
    wall = NEW_YEAR_WALL + 500000;
    tell(now, 2, IC_OK);
    assert_int_equal(wall, NEW_YEAR_WALL);
    wall = NEW_YEAR_WALL - 500000;
    tell(now, 2, IC_OK);
    assert_int_equal(wall, NEW_YEAR_WALL);
}

static void a_time_without_an_order_is_only_answered(void **state)
{
    int64_t before = wall;

    (void)state;
    agree(SERVICES_TIME, 4, 0);
    tell(now, 0, IC_OK);
    assert_int_equal(wall, before);
}

static void a_reference_in_the_future_is_refused(void **state)
{
    int64_t before = wall;

    (void)state;
    agree(SERVICES_TIME, 4, 0);
    tell(now + 10000001, 1, IC_INVALID);
    assert_int_equal(wall, before);
    tell(now + 10000000, 1, IC_OK);
    assert_int_equal(wall, NEW_YEAR_WALL);
    now = UINT64_MAX; /* an age that no calendar has */
    tell(0, 1, IC_INVALID);
}

static void times_that_no_calendar_has_are_refused(void **state)
{
    static const uint8_t times[][8] = {
        {0, 0, 0, 0, 0, 0, 0, 0},
        {0xFF, 0x7F, 0x3E, 0xD5, 0xDE, 0xB1, 0x9D, 1}, /* before 1970 */
        {0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF},
        {0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F},
    };
    uint8_t bytes[20 + 24] = {HEADER(4, 4, 0, 24)};
    int64_t before = wall;

    (void)state;
    agree(SERVICES_TIME, 4, 0);
    bytes[36] = 1;
    for (size_t i = 0; i < COUNT(times); i++) {
        memcpy(bytes + 20, times[i], 8);
        assert_int_equal(take(bytes, sizeof(bytes)), IC_REFUSED);
        assert_answer(IC_INVALID);
    }
    assert_int_equal(wall, before);
    bytes[10] = 16; /* no flags */
    assert_int_equal(take(bytes, sizeof(bytes)), IC_REFUSED);
}

static void before_4_0_the_flags_stand_behind_three_times(void **state)
{
    uint8_t bytes[20 + 25] = {HEADER(4, 3, 0, 25), NEW_YEAR};

    (void)state;
    agree(SERVICES_TIME, 3, 0);
    bytes[36] = 1; /* a part of the round trip */
    assert_int_equal(take(bytes, sizeof(bytes)), IC_ANSWERED);
    assert_int_not_equal(wall, NEW_YEAR_WALL);
    bytes[44] = 1;
    assert_int_equal(take(bytes, sizeof(bytes)), IC_ANSWERED);
    assert_int_equal(wall, NEW_YEAR_WALL);
    bytes[10] = 24;
    assert_int_equal(take(bytes, sizeof(bytes)), IC_REFUSED);
    assert_answer(IC_INVALID);
}

/* ---- backup, file copy --------------------------------------------------- */

static void vss(uint8_t operation, uint8_t flags, uint32_t wanted)
{
    uint8_t bytes[20 + 24] = {HEADER(5, 5, 0, 24), operation};

    assert_int_equal(take(bytes, sizeof(bytes)),
                     wanted ? IC_REFUSED : IC_ANSWERED);
    assert_answer(wanted);
    assert_int_equal(message[28], flags);
}

static void a_backup_is_agreed_to_where_nothing_is_kept(void **state)
{
    (void)state;
    agree(SERVICES_VSS, 5, 0);
    vss_set_stateless(true);
    vss(2, 5, IC_OK);
    vss(5, 0, IC_OK);
    vss(6, 0, IC_OK);
    vss(4, 0, IC_OK);
}

static void a_backup_is_not_supported_otherwise(void **state)
{
    uint8_t bytes[20 + 11] = {HEADER(5, 5, 0, 11), 2};

    (void)state;
    agree(SERVICES_VSS, 5, 0);
    for (uint8_t i = 2; i < 7; i++)
        vss(i, 0, IC_NOT_SUPPORTED);
    vss_set_stateless(true);
    for (unsigned i = 0; i < 256; i++)
        if (i != 2 && (i < 4 || i > 6))
            vss((uint8_t)i, 0, IC_NOT_SUPPORTED);
    assert_int_equal(take(bytes, sizeof(bytes)), IC_REFUSED);
    assert_answer(IC_INVALID);
}

static void a_file_is_refused(void **state)
{
    uint8_t bytes[20 + 1088] = {HEADER(7, 1, 1, 1088)};

    (void)state;
    agree(SERVICES_COPY, 1, 1);
    for (uint8_t i = 0; i < 5; i++) {
        bytes[20] = i;
        assert_int_equal(take(bytes, sizeof(bytes)), IC_REFUSED);
        assert_answer(IC_NOT_SUPPORTED);
    }
    bytes[10] = 35;
    bytes[11] = 0;
    assert_int_equal(take(bytes, sizeof(bytes)), IC_REFUSED);
    assert_answer(IC_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_newest_version_in_common_is_chosen),
        TEST(each_service_knows_its_versions),
        TEST(without_a_common_version_the_answer_names_none),
        TEST(versions_that_are_nonsense_are_refused),
        TEST(a_host_may_negotiate_again),
        TEST(what_is_no_request_gets_no_answer),
        TEST(a_wrong_request_is_answered_with_an_error),
        TEST(a_heartbeat_comes_back_one_higher),
        TEST(the_headers_size_says_what_a_heartbeat_has),
        TEST(shutdown_and_restart_are_granted),
        TEST(hibernation_and_unknown_flags_are_refused),
        TEST(an_application_that_holds_is_ended_by_force_only),
        TEST(a_sync_sets_the_clock_as_old_as_it_is),
        TEST(a_sample_moves_a_clock_that_is_off_by_50_ms),
        TEST(a_time_without_an_order_is_only_answered),
        TEST(a_reference_in_the_future_is_refused),
        TEST(times_that_no_calendar_has_are_refused),
        TEST(before_4_0_the_flags_stand_behind_three_times),
        TEST(a_backup_is_agreed_to_where_nothing_is_kept),
        TEST(a_backup_is_not_supported_otherwise),
        TEST(a_file_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
