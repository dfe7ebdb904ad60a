/* SPDX-License-Identifier: BSD-2-Clause */
/* Packets made in place and in parts. */
#include "place.h"

static void a_packet_can_be_built_in_place(void **state)
{
    struct place *p = place_at(4096, false, 0);
    uint32_t at = 0;
    void *body;

    (void)state;
    assert_int_equal(ring_reserve(&p->writer, at, 12, &body), 0);
    assert_ptr_equal(body, p->area.data + 16);
    memcpy(body, "ABCDEFGHIJKL", 12);
    ring_seal(&p->writer, &at, &n4);
    expect_data(p, 0, N4_PACKET "ee");
    assert_int_equal(at, 40);
    place_free(p);
}

static void a_reserved_body_that_wraps_has_no_address(void **state)
{
    struct place *p = place_at(4096, false, 4096 - 24);
    uint32_t at = 4096 - 24;
    void *body = p;

    (void)state;
    assert_int_equal(ring_reserve(&p->writer, at, 12, &body), 0);
    assert_null(body);
    ring_fill(&p->writer, at, 4, "EFGHIJKL", 8);
    ring_fill(&p->writer, at, 0, "ABCD", 4);
    ring_seal(&p->writer, &at, &n4);
    assert_int_equal(at, 16);
    expect_data(p, 4096 - 24,
                "06 00 02 00 04 00 01 00 07 00 00 00 00 00 00 00 "
                "41 42 43 44 45 46 47 48 49 4a 4b 4c 00 00 00 00 "
                "00 00 00 00 e8 0f 00 00 ee");
    place_free(p);
}

static void
a_reserved_body_may_begin_after_a_descriptor_at_the_end(void **state)
{
    struct place *p = place_at(4096, false, 4096 - 16);
    void *body;

    (void)state;
    assert_int_equal(ring_reserve(&p->writer, 4096 - 16, 12, &body), 0);
    assert_ptr_equal(body, p->area.data);
    place_free(p);
}

static void
a_reserved_body_that_wraps_has_an_address_when_mapped_twice(void **state)
{
    struct place *p = place_at(4096, true, 4096 - 24);
    uint32_t at = 4096 - 24;
    void *body;

    (void)state;
    assert_int_equal(ring_reserve(&p->writer, at, 12, &body), 0);
    assert_ptr_equal(body, p->area.data + 4096 - 8);
    memcpy(body, "ABCDEFGHIJKL", 12);
    ring_seal(&p->writer, &at, &n4);
    expect_data(p, 0, "49 4a 4b 4c 00 00 00 00 00 00 00 00 e8 0f 00 00 ee");
    place_free(p);
}

static void reserving_refuses_what_writing_refuses(void **state)
{
    struct place *p = place_at(4096, false, 0);

    (void)state;
    assert_int_equal(ring_reserve(&p->writer, 0, 4096, NULL), -EMSGSIZE);
    send_counted(p, 4000);
    assert_int_equal(ring_reserve(&p->writer, 4024, 48, NULL), -EAGAIN);
    assert_int_equal(ring_reserve(&p->writer, 4024, 40, NULL), 0);
    place_free(p);
}

/* N4_PACKET at offset 40, by its trailer. */
#define N4_AGAIN                                       \
    "06 00 02 00 04 00 01 00 07 00 00 00 00 00 00 00 " \
    "41 42 43 44 45 46 47 48 49 4a 4b 4c 00 00 00 00 " \
    "00 00 00 00 28 00 00 00 "

static void a_packet_can_be_written_in_parts(void **state)
{
    static const struct ring_part parts[] = {
        {"ABC", 3}, {NULL, 0}, {"DEFGHIJK", 8}, {"L", 1}};
    struct place *p = place_at(4096, false, 0);
    uint32_t at = 0;

    (void)state;
    /* The first packet takes the long way, the second the short one. */
    assert_int_equal(ring_write_parts(&p->writer, &at, &n4, parts, 4), 0);
    expect_data(p, 0, N4_PACKET "ee");
    assert_int_equal(ring_write_parts(&p->writer, &at, &n4, parts, 4), 0);
    expect_data(p, 40, N4_AGAIN "ee");
    assert_int_equal(at, 80);
    place_free(p);
}

/* A header of 8 bytes, and a payload of whole units. */
static void parts_of_whole_units_have_the_same_bytes(void **state)
{
    static const struct ring_packet packet = {
        .type = 7, .header_size = 8, .size = 24, .transaction = 9};
    static const struct ring_part parts[] = {{"HEADER 8", 8},
                                             {"ABCDEFGHIJKLMNOP", 16}};
    struct place *p = place_at(4096, false, 0);
    uint32_t at = 0;

    (void)state;
    for (int i = 0; i < 2; i++)
        assert_int_equal(ring_write_parts(&p->writer, &at, &packet, parts, 2),
                         0);
    expect_data(p, 48,
                "07 00 03 00 05 00 00 00 09 00 00 00 00 00 00 00 "
                "48 45 41 44 45 52 20 38 41 42 43 44 45 46 47 48 "
                "49 4a 4b 4c 4d 4e 4f 50 00 00 00 00 30 00 00 00 ee");
    assert_int_equal(at, 96);
    place_free(p);
}

/* The first takes the long way, the second the short one. */
static void a_header_apart_has_the_same_bytes(void **state)
{
    static const struct ring_packet packet = {
        .type = 7, .header_size = 8, .size = 21, .transaction = 9};
    struct place *p = place_at(4096, false, 0);
    uint32_t at = 0;

    (void)state;
    for (int i = 0; i < 2; i++)
        assert_int_equal(ring_write_headed(&p->writer, &at, &packet, "HEADER 8",
                                           "ABCDEFGHIJKLM"),
                         0);
    expect_data(p, 0,
                "07 00 03 00 05 00 00 00 09 00 00 00 00 00 00 00 "
                "48 45 41 44 45 52 20 38 41 42 43 44 45 46 47 48 "
                "49 4a 4b 4c 4d 00 00 00 00 00 00 00 00 00 00 00 "
                "07 00 03 00 05 00 00 00 09 00 00 00 00 00 00 00 "
                "48 45 41 44 45 52 20 38 41 42 43 44 45 46 47 48 "
                "49 4a 4b 4c 4d 00 00 00 00 00 00 00 30 00 00 00 ee");
    assert_int_equal(at, 96);
    place_free(p);
}

/* A payload of 64 bytes is copied as a block. */
static void a_block_behind_a_header_has_the_same_bytes(void **state)
{
    static const struct ring_packet packet = {
        .type = 7, .header_size = 8, .size = 72, .transaction = 9};
    struct place *p = place_at(4096, false, 0);
    char payload[64];
    uint32_t at = 0;

    (void)state;
    memset(payload, 'A', sizeof(payload));
    payload[63] = 'Z';
    for (int i = 0; i < 2; i++)
        assert_int_equal(
            ring_write_headed(&p->writer, &at, &packet, "HEADER 8", payload),
            0);
    expect_data(p, 96,
                "07 00 03 00 0b 00 00 00 09 00 00 00 00 00 00 00 "
                "48 45 41 44 45 52 20 38 41 41 41 41");
    expect_data(p, 96 + 16 + 8 + 60, "41 41 41 5a 00 00 00 00 60 00 00 00 ee");
    assert_int_equal(at, 192);
    place_free(p);
}

static void a_headed_packet_without_room_is_refused(void **state)
{
    static const struct ring_packet packet = {
        .type = 7, .header_size = 8, .size = 21};
    struct place *p = place_at(4096, false, 0);
    uint32_t at;

    (void)state;
    send_counted(p, 4040);
    at = ring_writer_start(&p->writer);
    assert_int_equal(ring_write_headed(&p->writer, &at, &packet, "HEADER 8",
                                       "ABCDEFGHIJKLM"),
                     -EAGAIN);
    assert_int_equal(at, 4064);
    place_free(p);
}

static void a_packet_in_parts_without_room_is_refused(void **state)
{
    static const struct ring_part part = {"ABCDEFGHIJKL", 12};
    struct place *p = place_at(4096, false, 0);
    uint32_t at;

    (void)state;
    send_counted(p, 4040);
    at = ring_writer_start(&p->writer);
    assert_int_equal(ring_write_parts(&p->writer, &at, &n4, &part, 1), -EAGAIN);
    assert_int_equal(at, 4064);
    place_free(p);
}

static void parts_of_another_size_than_the_packet_are_asserted(void **state)
{
    static const struct ring_part parts[] = {{"ABCDEFGH", 8}, {"IJKLM", 5}};
    struct place *p = place_at(4096, false, 0);
    uint32_t at = 0;

    (void)state;
    expect_seam_assert(ring_write_parts(&p->writer, &at, &n4, parts, 2));
    assert_int_equal(p->area.data[16 + 12], 0xee);
    expect_seam_assert(ring_write_parts(&p->writer, &at, &n4, parts, 1));
    place_free(p);
}

static void a_header_beyond_the_packet_is_asserted(void **state)
{
    struct ring_packet packet = {.type = 7, .header_size = 4, .size = 12};
    struct place *p = place_at(4096, false, 0);
    uint32_t at = 0;

    (void)state;
    assert_int_equal(ring_reserve(&p->writer, at, 12, NULL), 0);
    expect_seam_assert(ring_seal(&p->writer, &at, &packet));
    expect_seam_assert(ring_write(&p->writer, &at, &packet, "ABCDEFGHIJKL"));
    expect_seam_assert(
        ring_write_headed(&p->writer, &at, &packet, "ABCD", "EFGHIJKL"));
    packet.header_size = 16;
    expect_seam_assert(ring_seal(&p->writer, &at, &packet));
    place_free(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_packet_can_be_built_in_place),
        cmocka_unit_test(a_reserved_body_that_wraps_has_no_address),
        cmocka_unit_test(
            a_reserved_body_may_begin_after_a_descriptor_at_the_end),
        cmocka_unit_test(
            a_reserved_body_that_wraps_has_an_address_when_mapped_twice),
        cmocka_unit_test(reserving_refuses_what_writing_refuses),
        cmocka_unit_test(a_packet_can_be_written_in_parts),
        cmocka_unit_test(parts_of_whole_units_have_the_same_bytes),
        cmocka_unit_test(a_header_apart_has_the_same_bytes),
        cmocka_unit_test(a_block_behind_a_header_has_the_same_bytes),
        cmocka_unit_test(a_headed_packet_without_room_is_refused),
        cmocka_unit_test(a_packet_in_parts_without_room_is_refused),
        cmocka_unit_test(parts_of_another_size_than_the_packet_are_asserted),
        cmocka_unit_test(a_header_beyond_the_packet_is_asserted),
    };

    return RUN(tests);
}
