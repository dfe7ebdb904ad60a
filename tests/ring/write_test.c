/* SPDX-License-Identifier: BSD-2-Clause */
/* Writing: what lies in the ring afterwards, byte for byte. */
#include "place.h"

static void a_written_packet_has_exactly_the_expected_bytes(void **state)
{
    struct place *p = place_at(8192, false, 0);
    uint32_t at = ring_writer_start(&p->writer);

    (void)state;
    assert_int_equal(ring_write(&p->writer, &at, &n4, "ABCDEFGHIJKL"), 0);
    assert_int_equal(at, 40);
    expect_data(p, 0, N4_PACKET "ee");
    expect_control(p, 0, "00 00 00 00");
    ring_writer_commit(&p->writer, at);
    expect_control(p, 0, "28 00 00 00 00 00 00 00");
    place_free(p);
}

static void the_trailer_has_the_offset_of_its_packet(void **state)
{
    struct place *p = place_at(8192, false, 0x1000);
    uint32_t at = ring_writer_start(&p->writer);

    (void)state;
    assert_int_equal(ring_write(&p->writer, &at, &n4, "ABCDEFGHIJKL"), 0);
    expect_data(p, 0x1000 + 32, "00 00 00 00 00 10 00 00 ee");
    place_free(p);
}

static void nothing_is_visible_before_the_commit(void **state)
{
    struct place *p = place_at(4096, false, 0);
    uint32_t at = ring_writer_start(&p->writer);

    (void)state;
    assert_int_equal(write_counted(p, &at, 100), 0);
    assert_int_equal(write_counted(p, &at, 200), 0);
    expect_control(p, 0, "00 00 00 00");
    /* Given up: the next starts where this one did. */
    assert_int_equal(ring_writer_start(&p->writer), 0);
    at = ring_writer_start(&p->writer);
    assert_int_equal(ring_write(&p->writer, &at, &n4, "ABCDEFGHIJKL"), 0);
    expect_data(p, 0, N4_PACKET);
    place_free(p);
}

static void a_write_commit_of_nothing_stores_nothing(void **state)
{
    struct place *p = place_at(4096, false, 64);

    (void)state;
    put_control(p, 0, "ff ff ff ff");
    assert_false(ring_writer_commit(&p->writer, 64));
    expect_control(p, 0, "ff ff ff ff");
    assert_int_equal(p->writer.commits, 0);
    place_free(p);
}

static void the_padding_is_zero_and_less_than_a_unit(void **state)
{
    (void)state;
    for (uint32_t size = 1; size <= 200; size++) {
        struct place *p = place_at(4096, false, 0);
        uint32_t at = 0, end = 16 + (size + 7) / 8 * 8;

        assert_int_equal(write_counted(p, &at, size), 0);
        assert_int_equal(at, end + 8);
        assert_int_equal(p->area.data[4], end / 8);
        for (uint32_t i = 0; i < size; i++)
            assert_int_equal(p->area.data[16 + i], i);
        for (uint32_t i = 16 + size; i < end; i++)
            assert_int_equal(p->area.data[i], 0);
        expect_data(p, end, "00 00 00 00 00 00 00 00 ee");
        place_free(p);
    }
}

static void a_packet_may_have_no_body(void **state)
{
    static const struct ring_packet empty = {.type = 11, .transaction = 0x1234};
    struct place *p = place_at(4096, false, 8);
    uint32_t at = 8;

    (void)state;
    assert_int_equal(ring_write(&p->writer, &at, &empty, NULL), 0);
    assert_int_equal(at, 32);
    expect_data(p, 0,
                "ee ee ee ee ee ee ee ee 0b 00 02 00 02 00 00 00 "
                "34 12 00 00 00 00 00 00 00 00 00 00 08 00 00 00 ee");
    place_free(p);
}

static void the_offset_counts_the_header_of_a_type(void **state)
{
    static const struct ring_packet packet = {7, 0, 16, 24, 1};
    struct place *p = place_at(4096, false, 0);
    uint32_t at = 0;

    (void)state;
    assert_int_equal(
        ring_write(&p->writer, &at, &packet, "0123456789abcdefPAYLOAD"), 0);
    expect_data(p, 0,
                "07 00 04 00 05 00 00 00 01 00 00 00 00 00 00 00 "
                "30 31 32 33 34 35 36 37 38 39 61 62 63 64 65 66 "
                "50 41 59 4c 4f 41 44 00 00 00 00 00 00 00 00 00");
    place_free(p);
}

static void many_packets_take_one_index_store(void **state)
{
    struct place *p = place_at(65536, false, 0);
    uint32_t at = 0;

    (void)state;
    for (uint32_t i = 0; i < 32; i++)
        assert_int_equal(write_counted(p, &at, 64), 0);
    expect_control(p, 0, "00 00 00 00");
    assert_true(ring_writer_commit(&p->writer, at));
    expect_control(p, 0, "00 0b 00 00"); /* 32 * 88 */
    assert_int_equal(p->writer.commits, 1);
    assert_int_equal(p->writer.signals, 1);
    drain(p, 32);
    place_free(p);
}

static void writes_n4(struct place *p, uint32_t start)
{
    uint32_t at = start;

    assert_int_equal(ring_write(&p->writer, &at, &n4, "ABCDEFGHIJKL"), 0);
    assert_int_equal(at, (start + 40) % 12288);
    expect_data(p, start,
                "06 00 02 00 04 00 01 00 07 00 00 00 00 00 00 00 "
                "41 42 43 44 45 46 47 48 49 4a 4b 4c 00 00 00 00 "
                "00 00 00 00");
    assert_int_equal(p->area.data[(start + 36) % 12288], start & 0xff);
    assert_int_equal(p->area.data[(start + 37) % 12288], start >> 8);
    assert_int_equal(p->area.data[(start + 40) % 12288], 0xee);
}

static void a_written_packet_wraps_around_the_end(void **state)
{
    (void)state;
    around_the_end(false, writes_n4);
}

static void
a_written_packet_wraps_around_the_end_when_mapped_twice(void **state)
{
    (void)state;
    around_the_end(true, writes_n4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_written_packet_has_exactly_the_expected_bytes),
        cmocka_unit_test(the_trailer_has_the_offset_of_its_packet),
        cmocka_unit_test(nothing_is_visible_before_the_commit),
        cmocka_unit_test(a_write_commit_of_nothing_stores_nothing),
        cmocka_unit_test(the_padding_is_zero_and_less_than_a_unit),
        cmocka_unit_test(a_packet_may_have_no_body),
        cmocka_unit_test(the_offset_counts_the_header_of_a_type),
        cmocka_unit_test(many_packets_take_one_index_store),
        cmocka_unit_test(a_written_packet_wraps_around_the_end),
        cmocka_unit_test(
            a_written_packet_wraps_around_the_end_when_mapped_twice),
    };

    return RUN(tests);
}
