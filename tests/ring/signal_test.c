/* SPDX-License-Identifier: BSD-2-Clause */
/* When a commit answers 'signal': the writer's rule and the reader's. */
#include "place.h"

/* ---- the writer's rule -------------------------------------------------- */

static void test_empty_ring_and_clear_mask_signal(void **state)
{
    struct place *p = place_at(4096, false, 0);

    (void)state;
    assert_true(send_counted(p, 8));
    assert_int_equal(p->writer.signals, 1);
    place_free(p);
}

static void test_mask_means_no_signal(void **state)
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

static void test_ring_with_packets_means_no_signal(void **state)
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

static void test_one_signal_for_a_burst(void **state)
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

static void test_bad_read_index_means_no_signal(void **state)
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

static void test_no_one_waits(void **state)
{
    (void)state;
    assert_false(give_back("00 00 00 00", PROMISED, 1));
}

static void test_enough_became_free(void **state)
{
    (void)state;
    assert_true(give_back("50 04 00 00", PROMISED, 1));  /* 1104 */
    assert_true(give_back("28 08 00 00", PROMISED, 1));  /* 2088 < 2096 */
    assert_false(give_back("28 0c 00 00", PROMISED, 1)); /* 3112 */
    assert_true(give_back("10 0c 00 00", PROMISED, 2));  /* 3088 */
}

static void test_just_reached_is_not_enough(void **state)
{
    (void)state;
    assert_false(give_back("30 08 00 00", PROMISED, 1)); /* 2096 == 2096 */
    assert_true(give_back("30 08 00 00", PROMISED, 2));
}

static void test_enough_was_free_before(void **state)
{
    (void)state;
    assert_false(give_back("40 04 00 00", PROMISED, 1)); /* 1088 < 1096 */
    assert_true(give_back("48 04 00 00", PROMISED, 1));  /* 1096 == 1096 */
}

static void test_low_bits_of_pending_are_nothing(void **state)
{
    (void)state;
    assert_true(give_back("2f 08 00 00", PROMISED, 1));  /* 2095: 2088 */
    assert_false(give_back("37 08 00 00", PROMISED, 1)); /* 2103: 2096 */
    assert_false(give_back("07 00 00 00", PROMISED, 1)); /* 7: no one */
    assert_false(give_back("47 04 00 00", PROMISED, 1)); /* 1095: 1088 */
}

static void test_without_the_promise_no_signal(void **state)
{
    (void)state;
    assert_false(give_back("50 04 00 00", "00 00 00 00", 1));
    assert_false(give_back("50 04 00 00", "fe ff ff ff", 1));
    assert_true(give_back("50 04 00 00", "ff ff ff ff", 1));
}

static void test_absurd_pending_is_never_reached(void **state)
{
    (void)state;
    assert_false(give_back("ff ff ff ff", PROMISED, 3));
    assert_false(give_back("00 10 00 00", PROMISED, 3)); /* 4096 */
    assert_true(give_back("f8 0f 00 00", PROMISED, 3));  /* 4088 */
}

static void test_the_fresh_write_index_counts(void **state)
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

static void test_bad_write_index_breaks_without_signal(void **state)
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

static void test_reader_commit_of_nothing_stores_nothing(void **state)
{
    struct place *p = place_at(4096, false, 64);

    (void)state;
    put_control(p, 4, "ff ff ff ff");
    assert_false(ring_reader_commit(&p->reader, 64));
    expect_control(p, 4, "ff ff ff ff");
    assert_int_equal(p->reader.commits, 0);
    place_free(p);
}

static void test_peers_promise_is_bit_0(void **state)
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
        cmocka_unit_test(test_empty_ring_and_clear_mask_signal),
        cmocka_unit_test(test_mask_means_no_signal),
        cmocka_unit_test(test_ring_with_packets_means_no_signal),
        cmocka_unit_test(test_one_signal_for_a_burst),
        cmocka_unit_test(test_bad_read_index_means_no_signal),
        cmocka_unit_test(test_no_one_waits),
        cmocka_unit_test(test_enough_became_free),
        cmocka_unit_test(test_just_reached_is_not_enough),
        cmocka_unit_test(test_enough_was_free_before),
        cmocka_unit_test(test_low_bits_of_pending_are_nothing),
        cmocka_unit_test(test_without_the_promise_no_signal),
        cmocka_unit_test(test_absurd_pending_is_never_reached),
        cmocka_unit_test(test_the_fresh_write_index_counts),
        cmocka_unit_test(test_bad_write_index_breaks_without_signal),
        cmocka_unit_test(test_reader_commit_of_nothing_stores_nothing),
        cmocka_unit_test(test_peers_promise_is_bit_0),
    };

    return RUN(tests);
}
