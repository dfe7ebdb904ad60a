/* SPDX-License-Identifier: BSD-2-Clause */
/* When a commit answers 'signal': the writer's rule and the reader's. */
#include "place.h"

/* ---- the writer's rule -------------------------------------------------- */

static void a_commit_to_an_empty_unmasked_ring_signals(void **state)
{
    struct place *p = place_at(4096, false, 0);

    (void)state;
    assert_true(send_counted(p, 8));
    assert_int_equal(p->writer.signals, 1);
    place_free(p);
}

static void a_commit_to_a_masked_ring_does_not_signal(void **state)
{
    struct place *p = place_at(4096, false, 0);

    (void)state;
    put_control(p, 8, "01 00 00 00");
    assert_false(send_counted(p, 8));
    put_control(p, 8, "00 00 00 80"); /* not 0, whatever it is */
    drain(p, 1);
    assert_false(send_counted(p, 8));
    assert_int_equal(p->writer.signals, 0);
    place_free(p);
}

static void a_commit_to_a_ring_with_packets_does_not_signal(void **state)
{
    struct place *p = place_at(4096, false, 0);

    (void)state;
    assert_true(send_counted(p, 8));
    assert_false(send_counted(p, 8));
    drain(p, 1); /* one is left */
    assert_false(send_counted(p, 8));
    drain(p, 2);
    assert_true(send_counted(p, 8));
    place_free(p);
}

static void one_signal_is_enough_for_a_burst(void **state)
{
    struct place *p = place_at(65536, false, 0);
    uint32_t signals = 0;

    (void)state;
    for (uint32_t burst = 0; burst < 32; burst++) {
        uint32_t at = ring_writer_start(&p->writer);

        for (uint32_t i = 0; i < 32; i++)
            assert_int_equal(write_counted(p, &at, 64), 0);
        signals += ring_writer_commit(&p->writer, at);
        assert_int_equal(signals, burst + 1);
        drain(p, 32);
    }
    place_free(p);
}

static void a_bad_read_index_does_not_signal(void **state)
{
    struct place *p = place_at(4096, false, 0);
    uint32_t at = 0;

    (void)state;
    assert_int_equal(write_counted(p, &at, 8), 0);
    p->control->read_index = 1;
    assert_false(ring_writer_commit(&p->writer, at));
    place_free(p);
}

/* ---- the reader's rule -------------------------------------------------- */

/* A ring of 4096 with three packets of 1000 bytes: 1096 free. The writer has
 * announced `pending`; `count` packets are given back at once. */
static bool give_back(const char *pending, const char *features, uint32_t count)
{
    struct place *p = place_at(4096, false, 0);
    bool signal;

    for (uint32_t i = 0; i < 3; i++)
        send_counted(p, 976);
    put_control(p, 12, pending);
    put_control(p, 64, features);
    signal = drain(p, count);
    assert_int_equal(p->reader.signals, signal);
    assert_int_equal(p->control->read_index, count * 1000);
    place_free(p);
    return signal;
}

#define PROMISED "01 00 00 00"

static void giving_room_back_does_not_signal_when_no_one_waits(void **state)
{
    (void)state;
    assert_false(give_back("00 00 00 00", PROMISED, 1));
}

static void giving_enough_room_back_signals(void **state)
{
    (void)state;
    assert_true(give_back("50 04 00 00", PROMISED, 1));  /* 1104 */
    assert_true(give_back("28 08 00 00", PROMISED, 1));  /* 2088 < 2096 */
    assert_false(give_back("28 0c 00 00", PROMISED, 1)); /* 3112 */
    assert_true(give_back("10 0c 00 00", PROMISED, 2));  /* 3088 */
}

static void giving_just_the_needed_room_back_does_not_signal(void **state)
{
    (void)state;
    assert_false(give_back("30 08 00 00", PROMISED, 1)); /* 2096 == 2096 */
    assert_true(give_back("30 08 00 00", PROMISED, 2));
}

static void giving_room_back_does_not_signal_when_enough_was_free(void **state)
{
    (void)state;
    assert_false(give_back("40 04 00 00", PROMISED, 1)); /* 1088 < 1096 */
    assert_true(give_back("48 04 00 00", PROMISED, 1));  /* 1096 == 1096 */
}

static void the_low_bits_of_the_pending_size_are_ignored(void **state)
{
    (void)state;
    assert_true(give_back("2f 08 00 00", PROMISED, 1));  /* 2095: 2088 */
    assert_false(give_back("37 08 00 00", PROMISED, 1)); /* 2103: 2096 */
    assert_false(give_back("07 00 00 00", PROMISED, 1)); /* 7: no one */
    assert_false(give_back("47 04 00 00", PROMISED, 1)); /* 1095: 1088 */
}

static void giving_room_back_does_not_signal_without_the_promise(void **state)
{
    (void)state;
    assert_false(give_back("50 04 00 00", "00 00 00 00", 1));
    assert_false(give_back("50 04 00 00", "fe ff ff ff", 1));
    assert_true(give_back("50 04 00 00", "ff ff ff ff", 1));
}

static void a_pending_size_beyond_the_ring_is_never_reached(void **state)
{
    (void)state;
    assert_false(give_back("ff ff ff ff", PROMISED, 3));
    assert_false(give_back("00 10 00 00", PROMISED, 3)); /* 4096 */
    assert_true(give_back("f8 0f 00 00", PROMISED, 3));  /* 4088 */
}

static void giving_room_back_uses_the_write_index_of_now(void **state)
{
    struct place *p = place_at(4096, false, 0);

    (void)state;
    for (uint32_t i = 0; i < 3; i++)
        send_counted(p, 976);
    drain(p, 1); /* the reader knows of 3000 bytes written */
    send_counted(p, 976);
    put_control(p, 12, "28 08 00 00"); /* 2088; 1096 free, then 2096 */
    assert_true(drain(p, 1));
    place_free(p);
}

static void a_bad_write_index_breaks_the_ring_without_a_signal(void **state)
{
    struct place *p = place_at(4096, false, 0);
    struct ring_packet packet;
    uint8_t body[1024];
    uint32_t at = 0;

    (void)state;
    for (uint32_t i = 0; i < 3; i++)
        send_counted(p, 976);
    put_control(p, 12, "50 04 00 00");
    assert_int_equal(ring_read(&p->reader, &at, &packet, body, sizeof(body)),
                     0);
    put_control(p, 0, "02 10 00 00");
    assert_false(ring_reader_commit(&p->reader, at));
    assert_int_equal(p->reader.fault.kind, RING_FAULT_WRITE_INDEX_RANGE);
    place_free(p);
}

static void a_read_commit_of_nothing_stores_nothing(void **state)
{
    struct place *p = place_at(4096, false, 64);

    (void)state;
    put_control(p, 4, "ff ff ff ff");
    assert_false(ring_reader_commit(&p->reader, 64));
    expect_control(p, 4, "ff ff ff ff");
    assert_int_equal(p->reader.commits, 0);
    place_free(p);
}

static void the_promise_of_the_peer_is_bit_0(void **state)
{
    struct place *p = place_at(4096, false, 0);

    (void)state;
    put_control(p, 64, "00 00 00 00");
    assert_false(ring_reader_peer_tells_room(&p->reader));
    put_control(p, 64, "fe 00 00 00");
    assert_false(ring_reader_peer_tells_room(&p->reader));
    put_control(p, 64, "01 00 00 00");
    assert_true(ring_reader_peer_tells_room(&p->reader));
    place_free(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_commit_to_an_empty_unmasked_ring_signals),
        cmocka_unit_test(a_commit_to_a_masked_ring_does_not_signal),
        cmocka_unit_test(a_commit_to_a_ring_with_packets_does_not_signal),
        cmocka_unit_test(one_signal_is_enough_for_a_burst),
        cmocka_unit_test(a_bad_read_index_does_not_signal),
        cmocka_unit_test(giving_room_back_does_not_signal_when_no_one_waits),
        cmocka_unit_test(giving_enough_room_back_signals),
        cmocka_unit_test(giving_just_the_needed_room_back_does_not_signal),
        cmocka_unit_test(giving_room_back_does_not_signal_when_enough_was_free),
        cmocka_unit_test(the_low_bits_of_the_pending_size_are_ignored),
        cmocka_unit_test(giving_room_back_does_not_signal_without_the_promise),
        cmocka_unit_test(a_pending_size_beyond_the_ring_is_never_reached),
        cmocka_unit_test(giving_room_back_uses_the_write_index_of_now),
        cmocka_unit_test(a_bad_write_index_breaks_the_ring_without_a_signal),
        cmocka_unit_test(a_read_commit_of_nothing_stores_nothing),
        cmocka_unit_test(the_promise_of_the_peer_is_bit_0),
    };

    return RUN(tests);
}
