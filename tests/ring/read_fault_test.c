/* SPDX-License-Identifier: BSD-2-Clause */
/* A reader whose writer lies: about its index, in its descriptors. */
#include "place.h"

static void write_index(uint32_t index, int status, enum ring_fault_kind kind)
{
    struct place *p = place_at(4096, false, 0);
    struct got got;

    /* 40 are announced, read, not given back; then it says `index`. */
    put_data(p, 0, N4_PACKET N4_PACKET);
    put_control(p, 0, "28 00 00 00");
    got = read_one(p, 0, 256);
    expect_n4(&got);
    p->control->write_index = index;
    got = read_one(p, 40, 256);
    assert_int_equal(got.status, status);
    assert_int_equal(p->reader.fault.kind, kind);
    assert_int_equal(p->reader.fault.found, status == -EPROTO ? index : 0);
    place_free(p);
}

static void a_bad_write_index_breaks_the_ring(void **state)
{
    (void)state;
    write_index(40, -EAGAIN, RING_FAULT_NONE);
    write_index(80, 0, RING_FAULT_NONE);
    write_index(4088, 0, RING_FAULT_NONE);
    write_index(4096, -EPROTO, RING_FAULT_WRITE_INDEX_RANGE);
    write_index(0xfffffff8, -EPROTO, RING_FAULT_WRITE_INDEX_RANGE);
    write_index(81, -EPROTO, RING_FAULT_WRITE_INDEX_UNIT);
    write_index(84, -EPROTO, RING_FAULT_WRITE_INDEX_UNIT);
    write_index(32, -EPROTO, RING_FAULT_WRITE_INDEX_BACK);
    write_index(0, -EPROTO, RING_FAULT_WRITE_INDEX_BACK);
}

static void
a_write_index_that_went_back_over_the_end_breaks_the_ring(void **state)
{
    struct place *p = place_at(4096, false, 4096 - 40);
    struct got got;

    (void)state;
    put_data(p, 4096 - 40, N4_PACKET N4_PACKET);
    p->control->write_index = 40;
    got = read_one(p, 4096 - 40, 256);
    got = read_one(p, got.at, 256);
    expect_n4(&got);
    /* Beyond where we stand, but that is behind what we hold. */
    p->control->write_index = 4096 - 24;
    assert_int_equal(read_one(p, got.at, 256).status, -EPROTO);
    assert_int_equal(p->reader.fault.kind, RING_FAULT_WRITE_INDEX_BACK);
    place_free(p);
}

/* A descriptor by hand with `written` bytes announced, at a straight place
 * and over the end: both ways say the same. */
static void descriptor(const char *hex, uint32_t written, int status,
                       enum ring_fault_kind kind)
{
    static const uint32_t starts[] = {0, 1024, 4096 - 8, 4096 - 16, 4096 - 24};

    for (uint32_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++) {
        struct place *p = place_at(4096, false, starts[i]);
        struct got got;

        put_data(p, starts[i], hex);
        p->control->write_index = (starts[i] + written) % 4096;
        got = read_one(p, starts[i], 256);
        assert_int_equal(got.status, status);
        assert_int_equal(p->reader.fault.kind, kind);
        if (status == -EPROTO)
            assert_int_equal(got.at, starts[i]);
        place_free(p);
    }
}

static void a_payload_inside_of_the_descriptor_breaks_the_ring(void **state)
{
    (void)state;
    descriptor("06 00 02 00 02 00", 24, 0, RING_FAULT_NONE);
    descriptor("06 00 01 00 02 00", 24, -EPROTO, RING_FAULT_OFFSET);
    descriptor("06 00 00 00 02 00", 24, -EPROTO, RING_FAULT_OFFSET);
    descriptor("06 00 01 00 01 00", 24, -EPROTO, RING_FAULT_OFFSET);
    descriptor("06 00 00 00 00 00", 24, -EPROTO, RING_FAULT_OFFSET);
}

static void a_packet_that_ends_before_its_payload_breaks_the_ring(void **state)
{
    (void)state;
    descriptor("06 00 04 00 04 00", 40, 0, RING_FAULT_NONE);
    descriptor("06 00 04 00 03 00", 40, -EPROTO, RING_FAULT_LENGTH);
    descriptor("06 00 02 00 01 00", 40, -EPROTO, RING_FAULT_LENGTH);
    descriptor("06 00 02 00 00 00", 40, -EPROTO, RING_FAULT_LENGTH);
    descriptor("06 00 ff ff 04 00", 40, -EPROTO, RING_FAULT_LENGTH);
}

static void a_packet_longer_than_what_was_written_breaks_the_ring(void **state)
{
    (void)state;
    descriptor("06 00 02 00 04 00", 40, 0, RING_FAULT_NONE);
    descriptor("06 00 02 00 04 00", 48, 0, RING_FAULT_NONE);
    descriptor("06 00 02 00 04 00", 32, -EPROTO, RING_FAULT_OVERRUN);
    descriptor("06 00 02 00 05 00", 40, -EPROTO, RING_FAULT_OVERRUN);
    descriptor("06 00 02 00 ff ff", 40, -EPROTO, RING_FAULT_OVERRUN);
    descriptor("06 00 ff ff ff ff", 40, -EPROTO, RING_FAULT_OVERRUN);
    descriptor("06 00 02 00 00 02", 4088, -EPROTO, RING_FAULT_OVERRUN);
}

static void fewer_bytes_than_descriptor_and_trailer_break_the_ring(void **state)
{
    (void)state;
    descriptor("06 00 02 00 02 00", 16, -EPROTO, RING_FAULT_SHORT);
    descriptor("06 00 02 00 02 00", 8, -EPROTO, RING_FAULT_SHORT);
    descriptor("06 00 02 00 00 00", 8, -EPROTO, RING_FAULT_SHORT);
}

static void the_largest_packet_of_a_ring_is_read(void **state)
{
    static uint8_t body[4096];
    struct place *p = place_at(4096, false, 8);
    struct ring_packet packet;
    uint32_t at = 8;

    (void)state;
    put_data(p, 8, "06 00 02 00 fe 01"); /* 510 * 8 + 8 = 4088 */
    p->control->write_index = 0;
    assert_int_equal(ring_read(&p->reader, &at, &packet, body, sizeof(body)),
                     0);
    assert_int_equal(packet.size, 4064);
    assert_int_equal(at, 0);
    place_free(p);
}

static void
the_largest_packet_of_the_wire_is_read_from_a_large_ring(void **state)
{
    static uint8_t body[RING_BODY_LIMIT];
    struct place *p = place_at(1 << 20, false, 0);
    struct ring_packet packet;
    uint32_t at = 0;

    (void)state;
    put_data(p, 0, "06 00 02 00 ff ff");
    p->control->write_index = 524288;
    assert_int_equal(ring_read(&p->reader, &at, &packet, body, sizeof(body)),
                     0);
    assert_int_equal(packet.size, RING_BODY_LIMIT);
    assert_int_equal(at, 524288);
    place_free(p);
}

static void a_broken_reader_touches_nothing(void **state)
{
    struct place *p = place_at(4096, false, 0);
    struct ring_control before;
    struct ring_packet packet;
    const void *body;
    struct got got;
    uint32_t at = 40;

    (void)state;
    /* A stretch is known when the fault comes. */
    put_data(p, 0, N4_PACKET N4_PACKET);
    put_control(p, 0, "50 00 00 00");
    got = read_one(p, 0, 256);
    expect_n4(&got);
    put_control(p, 0, "48 00 00 00");
    assert_int_equal(ring_reader_used(&p->reader), 0);
    assert_int_equal(p->reader.fault.kind, RING_FAULT_WRITE_INDEX_BACK);
    put_control(p, 0, "50 00 00 00");
    before = *p->control;
    assert_int_equal(read_one(p, 40, 256).status, -EPROTO);
    assert_int_equal(read_one(p, 80, 256).status, -EPROTO);
    assert_int_equal(ring_peek(&p->reader, &at, &packet, &body), -EPROTO);
    assert_false(ring_reader_commit(&p->reader, 40));
    assert_false(ring_reader_at_end(&p->reader, 80)); /* the write index */
    assert_int_equal(ring_reader_used(&p->reader), 0);
    assert_memory_equal(&before, p->control, sizeof(before));
    place_free(p);
}

static void a_broken_reader_stays_broken_where_all_was_read(void **state)
{
    struct place *p = place_at(4096, false, 2048);
    struct got got;

    (void)state;
    put_data(p, 2048, N4_PACKET N4_PACKET);
    p->control->write_index = 2048 + 40;
    got = read_one(p, 2048, 256);
    expect_n4(&got);
    p->control->write_index = 2048 + 32;
    assert_int_equal(ring_reader_used(&p->reader), 0);
    p->control->write_index = 2048 + 80;
    assert_int_equal(read_one(p, got.at, 256).status, -EPROTO);
    p->control->write_index = 0;
    assert_int_equal(ring_reader_used(&p->reader), 0);
    place_free(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_bad_write_index_breaks_the_ring),
        cmocka_unit_test(
            a_write_index_that_went_back_over_the_end_breaks_the_ring),
        cmocka_unit_test(a_payload_inside_of_the_descriptor_breaks_the_ring),
        cmocka_unit_test(a_packet_that_ends_before_its_payload_breaks_the_ring),
        cmocka_unit_test(a_packet_longer_than_what_was_written_breaks_the_ring),
        cmocka_unit_test(
            fewer_bytes_than_descriptor_and_trailer_break_the_ring),
        cmocka_unit_test(the_largest_packet_of_a_ring_is_read),
        cmocka_unit_test(
            the_largest_packet_of_the_wire_is_read_from_a_large_ring),
        cmocka_unit_test(a_broken_reader_touches_nothing),
        cmocka_unit_test(a_broken_reader_stays_broken_where_all_was_read),
    };

    return RUN(tests);
}
