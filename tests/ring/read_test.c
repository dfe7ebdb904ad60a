/* SPDX-License-Identifier: BSD-2-Clause */
/* Reading: good packets, put there by hand. */
#include "place.h"

static void a_packet_written_by_hand_is_read(void **state)
{
    struct place *p = place_at(8192, false, 0);
    struct got got;

    (void)state;
    put_data(p, 0, N4_PACKET);
    put_control(p, 0, "28 00 00 00");
    got = read_one(p, 0, 256);
    expect_n4(&got);
    assert_int_equal(got.at, 40);
    expect_control(p, 4, "00 00 00 00");
    assert_false(ring_reader_commit(&p->reader, got.at));
    expect_control(p, 4, "28 00 00 00");
    assert_int_equal(ring_reader_start(&p->reader), 40);
    place_free(p);
}

static void an_empty_ring_has_no_packet(void **state)
{
    struct place *p = place_at(4096, false, 16);

    (void)state;
    assert_int_equal(read_one(p, 16, 256).status, -EAGAIN);
    assert_int_equal(read_one(p, 16, 256).at, 16);
    assert_int_equal(ring_reader_used(&p->reader), 0);
    place_free(p);
}

static void several_packets_are_given_back_by_one_commit(void **state)
{
    struct place *p = place_at(4096, false, 0);
    struct got got = {.at = 0};

    (void)state;
    for (uint32_t i = 0; i < 10; i++)
        put_data(p, i * 40, N4_PACKET);
    put_control(p, 0, "90 01 00 00");
    assert_int_equal(ring_reader_used(&p->reader), 400);
    for (uint32_t i = 0; i < 10; i++) {
        got = read_one(p, got.at, 256);
        expect_n4(&got);
    }
    assert_int_equal(read_one(p, got.at, 256).status, -EAGAIN);
    assert_int_equal(ring_reader_used(&p->reader), 400);
    ring_reader_commit(&p->reader, got.at);
    assert_int_equal(ring_reader_used(&p->reader), 0);
    assert_int_equal(p->reader.commits, 1);
    place_free(p);
}

static void the_end_of_what_was_written_is_known_without_reading(void **state)
{
    struct place *p = place_at(4096, false, 0);
    struct got got;

    (void)state;
    put_data(p, 0, N4_PACKET N4_PACKET);
    put_control(p, 0, "28 00 00 00");
    got = read_one(p, 0, 256);
    assert_true(ring_reader_at_end(&p->reader, got.at));
    assert_false(ring_reader_at_end(&p->reader, 0));
    put_control(p, 0, "50 00 00 00");
    assert_false(ring_reader_at_end(&p->reader, got.at));
    got = read_one(p, got.at, 256);
    assert_true(ring_reader_at_end(&p->reader, got.at));
    place_free(p);
}

static void reads_n4(struct place *p, uint32_t start)
{
    struct got got;

    put_data(p, start, N4_PACKET);
    p->control->write_index = (start + 40) % 12288;
    got = read_one(p, start, 256);
    expect_n4(&got);
    assert_int_equal(got.at, (start + 40) % 12288);
    assert_int_equal(read_one(p, got.at, 256).status, -EAGAIN);
}

static void a_packet_that_wraps_is_read(void **state)
{
    (void)state;
    around_the_end(false, reads_n4);
}

static void a_packet_that_wraps_is_read_from_a_ring_mapped_twice(void **state)
{
    (void)state;
    around_the_end(true, reads_n4);
}

static void packets_that_come_while_reading_are_read(void **state)
{
    struct place *p = place_at(4096, false, 4096 - 80);
    struct got got;

    (void)state;
    put_data(p, 4096 - 80, N4_PACKET N4_PACKET N4_PACKET);
    p->control->write_index = 4096 - 40;
    got = read_one(p, 4096 - 80, 256);
    expect_n4(&got);
    assert_int_equal(read_one(p, got.at, 256).status, -EAGAIN);
    p->control->write_index = 0;
    got = read_one(p, got.at, 256);
    expect_n4(&got);
    assert_int_equal(got.at, 0);
    assert_int_equal(read_one(p, got.at, 256).status, -EAGAIN);
    p->control->write_index = 40;
    got = read_one(p, got.at, 256);
    expect_n4(&got);
    ring_reader_commit(&p->reader, got.at);
    place_free(p);
}

static void the_header_of_a_type_stands_in_front_of_the_payload(void **state)
{
    struct place *p = place_at(4096, false, 0);
    struct got got;

    (void)state;
    put_data(p, 0,
             "07 00 04 00 05 00 00 00 01 00 00 00 00 00 00 00 "
             "30 31 32 33 34 35 36 37 38 39 61 62 63 64 65 66 "
             "50 41 59 4c 4f 41 44 00 00 00 00 00 00 00 00 00");
    put_control(p, 0, "30 00 00 00");
    got = read_one(p, 0, 256);
    assert_int_equal(got.status, 0);
    assert_int_equal(got.packet.type, 7);
    assert_int_equal(got.packet.header_size, 16);
    assert_int_equal(got.packet.size, 24);
    assert_string_equal(packet_payload(&got.packet, got.body), "PAYLOAD");
    assert_int_equal(packet_payload_size(&got.packet), 8);
    place_free(p);
}

static void a_packet_of_an_unknown_type_is_read(void **state)
{
    struct place *p = place_at(4096, false, 0);
    struct got got;

    (void)state;
    put_data(p, 0, "ff ff 02 00 02 00 fe ff 01 02 03 04 05 06 07 08");
    put_data(p, 24, N4_PACKET);
    put_control(p, 0, "40 00 00 00");
    got = read_one(p, 0, 256);
    assert_int_equal(got.status, 0);
    assert_int_equal(got.packet.type, 0xffff);
    assert_int_equal(got.packet.flags, 0xfffe);
    assert_int_equal(got.packet.size, 0);
    assert_int_equal(got.packet.transaction, 0x0807060504030201);
    got = read_one(p, got.at, 256);
    expect_n4(&got);
    place_free(p);
}

static void a_body_is_cut_to_the_capacity_of_its_buffer(void **state)
{
    struct place *p = place_at(4096, false, 4096 - 24);
    struct got got;

    (void)state;
    put_data(p, 4096 - 24, N4_PACKET N4_PACKET);
    p->control->write_index = 56;
    got = read_one(p, 4096 - 24, 10);
    assert_int_equal(got.status, -EMSGSIZE);
    assert_int_equal(got.packet.size, 16);
    assert_int_equal(got.packet.transaction, 7);
    assert_memory_equal(got.body, "ABCDEFGHIJ\xdd\xdd", 12);
    got = read_one(p, got.at, 15);
    assert_int_equal(got.status, -EMSGSIZE);
    assert_int_equal(got.at, 56);
    got = read_one(p, 16, 16);
    expect_n4(&got);
    place_free(p);
}

static void a_position_can_be_read_again_before_the_commit(void **state)
{
    struct place *p = place_at(4096, false, 4096 - 40);
    struct got first, second;

    (void)state;
    put_data(p, 4096 - 40, N4_PACKET N4_PACKET);
    p->control->write_index = 40;
    first = read_one(p, 4096 - 40, 256);
    second = read_one(p, first.at, 256);
    expect_n4(&second);
    expect_n4(&first);
    first = read_one(p, 4096 - 40, 256);
    expect_n4(&first);
    second = read_one(p, first.at, 256);
    expect_n4(&second);
    /* The stretch known before the end says nothing of what is behind. */
    read_one(p, 4096 - 40, 256);
    put_data(p, 0, "06 00 02 00 05 00 00 00"); /* 48 > 40 written */
    assert_int_equal(read_one(p, 0, 256).status, -EPROTO);
    place_free(p);
}

static void a_packet_can_be_read_in_place(void **state)
{
    struct place *p = place_at(4096, false, 0);
    struct ring_packet packet;
    const void *body;
    uint32_t at = 0;

    (void)state;
    put_data(p, 0, N4_PACKET);
    put_control(p, 0, "28 00 00 00");
    assert_int_equal(ring_peek(&p->reader, &at, &packet, &body), 0);
    assert_ptr_equal(body, p->area.data + 16);
    assert_int_equal(packet.size, 16);
    assert_int_equal(at, 40);
    assert_int_equal(ring_peek(&p->reader, &at, &packet, &body), -EAGAIN);
    place_free(p);
}

static void a_packet_that_wraps_cannot_be_read_in_place(void **state)
{
    struct place *once = place_at(4096, false, 4096 - 24);
    struct place *twice = place_at(4096, true, 4096 - 24);
    struct ring_packet packet;
    const void *body;
    uint32_t at = 4096 - 24;

    (void)state;
    put_data(once, at, N4_PACKET);
    put_data(twice, at, N4_PACKET);
    once->control->write_index = twice->control->write_index = 16;
    assert_int_equal(ring_peek(&once->reader, &at, &packet, &body), -EXDEV);
    assert_int_equal(at, 4096 - 24);
    assert_int_equal(ring_peek(&twice->reader, &at, &packet, &body), 0);
    assert_memory_equal(body, "ABCDEFGHIJKL\0\0\0\0", 16);
    assert_int_equal(at, 16);
    place_free(once);
    place_free(twice);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_packet_written_by_hand_is_read),
        cmocka_unit_test(an_empty_ring_has_no_packet),
        cmocka_unit_test(several_packets_are_given_back_by_one_commit),
        cmocka_unit_test(the_end_of_what_was_written_is_known_without_reading),
        cmocka_unit_test(a_packet_that_wraps_is_read),
        cmocka_unit_test(a_packet_that_wraps_is_read_from_a_ring_mapped_twice),
        cmocka_unit_test(packets_that_come_while_reading_are_read),
        cmocka_unit_test(the_header_of_a_type_stands_in_front_of_the_payload),
        cmocka_unit_test(a_packet_of_an_unknown_type_is_read),
        cmocka_unit_test(a_body_is_cut_to_the_capacity_of_its_buffer),
        cmocka_unit_test(a_position_can_be_read_again_before_the_commit),
        cmocka_unit_test(a_packet_can_be_read_in_place),
        cmocka_unit_test(a_packet_that_wraps_cannot_be_read_in_place),
    };

    return RUN(tests);
}
