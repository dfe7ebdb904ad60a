/* SPDX-License-Identifier: BSD-2-Clause */
/* GPA-direct packets: built against bytes by hand, bytes by hand parsed. */
#include "place.h"

/* Two ranges: 0x1800 bytes from 0x0c00 of frame 0x12345 through 3 frames, and
 * 16 bytes in one; then 4 bytes of payload. */
#define GPA_HEADER                                     \
    "00 00 00 00 02 00 00 00 "                         \
    "00 18 00 00 00 0c 00 00 45 23 01 00 00 00 00 00 " \
    "46 23 01 00 00 00 00 00 99 00 00 00 01 00 00 00 " \
    "10 00 00 00 f0 0f 00 00 07 00 00 00 00 00 00 00 "

static const uint64_t frames[] = {0x12345, 0x12346, 0x100000099};
static const uint64_t frame = 7;

/* Builds both ranges in `room` bytes of `header`; false: one did not fit. */
static bool build_both(struct packet_gpa_builder *b, void *header,
                       uint32_t room)
{
    packet_gpa_begin(b, header, room);
    return packet_gpa_add(b, frames, 0xc00, 0x1800) &&
           packet_gpa_add(b, &frame, 0xff0, 16);
}

/* Writes the packet of GPA_HEADER and "DATA" at *at. */
static void write_both(struct place *p, uint32_t *at)
{
    uint64_t header[7];
    struct packet_gpa_builder b;
    struct ring_packet packet = {
        .type = RING_PACKET_GPA_DIRECT,
        .flags = RING_FLAG_COMPLETION_REQUESTED,
        .size = sizeof(header) + 4,
        .transaction = 5,
    };
    struct ring_part parts[] = {{header, sizeof(header)}, {"DATA", 4}};

    assert_true(build_both(&b, header, sizeof(header)));
    packet.header_size = packet_gpa_end(&b);
    assert_int_equal(packet.header_size, sizeof(header));
    assert_int_equal(ring_write_parts(&p->writer, at, &packet, parts, 2), 0);
}

static void a_gpa_direct_packet_has_exactly_the_expected_bytes(void **state)
{
    struct place *p = place_at(4096, false, 0);
    uint32_t at = 0;

    (void)state;
    write_both(p, &at);
    assert_int_equal(at, 88);
    expect_data(p, 0,
                "09 00 09 00 0a 00 01 00 05 00 00 00 00 00 00 00 " GPA_HEADER
                "44 41 54 41 00 00 00 00 00 00 00 00 00 00 00 00 ee");
    place_free(p);
}

static void a_gpa_direct_packet_wraps_around_the_end(void **state)
{
    (void)state;
    for (uint32_t back = 8; back <= 88; back += 8) {
        struct place *p = place_at(4096, false, 4096 - back);
        uint32_t at = 4096 - back;

        write_both(p, &at);
        assert_int_equal(at, (88 - back) % 4096);
        expect_data(
            p, 4096 - back,
            "09 00 09 00 0a 00 01 00 05 00 00 00 00 00 00 00 " GPA_HEADER
            "44 41 54 41 00 00 00 00 00 00 00 00");
        place_free(p);
    }
}

static void the_gpa_builder_skips_whole_frames_before_the_range(void **state)
{
    uint64_t header[7] = {0}, moved[7] = {0};
    const uint64_t later[] = {1, 2, 0x12345, 0x12346, 0x100000099};
    struct packet_gpa_builder b;

    (void)state;
    packet_gpa_begin(&b, header, sizeof(header));
    assert_true(packet_gpa_add(&b, frames, 0xc00, 0x1800));
    assert_int_equal(packet_gpa_end(&b), 40);
    packet_gpa_begin(&b, moved, sizeof(moved));
    assert_true(packet_gpa_add(&b, later, 2 * 4096 + 0xc00, 0x1800));
    assert_int_equal(packet_gpa_end(&b), 40);
    assert_memory_equal(header, moved, sizeof(header));
}

static void the_gpa_builder_refuses_a_range_without_room(void **state)
{
    uint64_t header[8] = {0};
    struct packet_gpa_builder b;

    (void)state;
    header[6] = 0x5555;
    assert_false(build_both(&b, header, 55));
    assert_int_equal(packet_gpa_end(&b), 40); /* the first range alone */
    assert_int_equal(header[6], 0x5555);
    for (uint32_t room = 0; room < 8 + 16; room++) {
        packet_gpa_begin(&b, header, room);
        assert_false(packet_gpa_add(&b, &frame, 0, 16));
    }
}

static void a_range_counts_the_frames_that_it_touches(void **state)
{
    (void)state;
    assert_int_equal(packet_gpa_frames(0, 1), 1);
    assert_int_equal(packet_gpa_frames(0, 4096), 1);
    assert_int_equal(packet_gpa_frames(0, 4097), 2);
    assert_int_equal(packet_gpa_frames(4095, 1), 1);
    assert_int_equal(packet_gpa_frames(4095, 2), 2);
    assert_int_equal(packet_gpa_frames(4095, UINT32_MAX), 0x100001);
}

static void the_gpa_builder_refuses_an_empty_range(void **state)
{
    uint64_t header[7];
    struct packet_gpa_builder b;

    (void)state;
    packet_gpa_begin(&b, header, sizeof(header));
    assert_false(packet_gpa_add(&b, &frame, 0, 0));
    assert_int_equal(packet_gpa_end(&b), 0); /* no range at all */
}

/* 8 + 8 + 8 * n <= 524264: n = 65531 frames = 0xfffb000 bytes. */
static void the_gpa_builder_ends_at_the_limit_of_the_wire(void **state)
{
    static uint64_t many[65532], header[65536];
    struct packet_gpa_builder b;

    (void)state;
    packet_gpa_begin(&b, header, sizeof(header));
    assert_false(packet_gpa_add(&b, many, 0, 0xfffb001));
    assert_false(packet_gpa_add(&b, many, 4095, UINT32_MAX));
    assert_true(packet_gpa_add(&b, many, 0, 0xfffb000));
    assert_int_equal(packet_gpa_end(&b), 524264);
}

static struct packet_gpa parse_gpa(const char *header, int status)
{
    static uint64_t body[64];
    struct ring_packet packet = {.type = 9};
    struct packet_gpa gpa;

    packet.header_size = bytes_of(header, (uint8_t *)body, sizeof(body));
    packet.size = packet.header_size;
    assert_int_equal(packet_parse_gpa_direct(&packet, body, &gpa), status);
    if (status == 0)
        assert_null(gpa.reason);
    else
        assert_non_null(gpa.reason);
    return gpa;
}

static void a_received_gpa_direct_packet_is_parsed(void **state)
{
    struct packet_gpa gpa = parse_gpa(GPA_HEADER, 0);
    struct packet_gpa_range range;

    (void)state;
    assert_int_equal(gpa.range_count, 2);
    assert_int_equal(gpa.frame_count, 4);
    assert_int_equal(gpa.byte_count, 0x1810);
    assert_true(packet_gpa_next(&gpa, &range));
    assert_int_equal(range.byte_count, 0x1800);
    assert_int_equal(range.byte_offset, 0xc00);
    assert_int_equal(range.pfns[0], 0x12345);
    assert_int_equal(range.pfns[2], 0x100000099);
    assert_true(packet_gpa_next(&gpa, &range));
    assert_int_equal(range.byte_count, 16);
    assert_int_equal(range.byte_offset, 0xff0);
    assert_int_equal(range.pfns[0], 7);
    assert_false(packet_gpa_next(&gpa, &range));
}

static void the_reserved_word_of_a_gpa_direct_packet_is_ignored(void **state)
{
    (void)state;
    parse_gpa("ff ff ff ff 01 00 00 00 "
              "10 00 00 00 00 00 00 00 07 00 00 00 00 00 00 00",
              0);
}

static void expect_gpa_fault(const char *header, const char *reason)
{
    assert_string_equal(parse_gpa(header, -EPROTO).reason, reason);
}

static void a_gpa_direct_packet_without_its_header_is_refused(void **state)
{
    (void)state;
    expect_gpa_fault("", "GPA-direct: header too short");
}

static void a_gpa_direct_packet_without_a_range_is_refused(void **state)
{
    (void)state;
    expect_gpa_fault("00 00 00 00 00 00 00 00", "GPA-direct: no range");
}

static void a_gpa_range_beyond_the_header_is_refused(void **state)
{
    (void)state;
    expect_gpa_fault("00 00 00 00 01 00 00 00",
                     "GPA-direct: range beyond the header");
    expect_gpa_fault("00 00 00 00 02 00 00 00 "
                     "10 00 00 00 00 00 00 00 07 00 00 00 00 00 00 00",
                     "GPA-direct: range beyond the header");
    expect_gpa_fault("00 00 00 00 ff ff ff ff "
                     "10 00 00 00 00 00 00 00 07 00 00 00 00 00 00 00",
                     "GPA-direct: range beyond the header");
}

static void a_gpa_range_with_frames_beyond_the_header_is_refused(void **state)
{
    (void)state;
    expect_gpa_fault("00 00 00 00 01 00 00 00 "
                     "10 00 00 00 f1 0f 00 00 07 00 00 00 00 00 00 00",
                     "GPA-direct: frames beyond the header");
    expect_gpa_fault("00 00 00 00 01 00 00 00 "
                     "ff ff ff ff ff 0f 00 00 07 00 00 00 00 00 00 00",
                     "GPA-direct: frames beyond the header");
    expect_gpa_fault("00 00 00 00 01 00 00 00 10 00 00 00 00 00 00 00",
                     "GPA-direct: frames beyond the header");
}

static void an_empty_gpa_range_is_refused(void **state)
{
    (void)state;
    expect_gpa_fault("00 00 00 00 01 00 00 00 "
                     "00 00 00 00 10 00 00 00 07 00 00 00 00 00 00 00",
                     "GPA-direct: empty range");
}

static void
a_gpa_range_that_starts_beyond_its_first_frame_is_refused(void **state)
{
    (void)state;
    parse_gpa("00 00 00 00 01 00 00 00 "
              "01 00 00 00 ff 0f 00 00 07 00 00 00 00 00 00 00",
              0);
    expect_gpa_fault("00 00 00 00 01 00 00 00 "
                     "01 00 00 00 00 10 00 00 07 00 00 00 00 00 00 00 "
                     "08 00 00 00 00 00 00 00",
                     "GPA-direct: range starts beyond its first frame");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_gpa_direct_packet_has_exactly_the_expected_bytes),
        cmocka_unit_test(a_gpa_direct_packet_wraps_around_the_end),
        cmocka_unit_test(a_range_counts_the_frames_that_it_touches),
        cmocka_unit_test(the_gpa_builder_skips_whole_frames_before_the_range),
        cmocka_unit_test(the_gpa_builder_refuses_a_range_without_room),
        cmocka_unit_test(the_gpa_builder_refuses_an_empty_range),
        cmocka_unit_test(the_gpa_builder_ends_at_the_limit_of_the_wire),
        cmocka_unit_test(a_received_gpa_direct_packet_is_parsed),
        cmocka_unit_test(the_reserved_word_of_a_gpa_direct_packet_is_ignored),
        cmocka_unit_test(a_gpa_direct_packet_without_its_header_is_refused),
        cmocka_unit_test(a_gpa_direct_packet_without_a_range_is_refused),
        cmocka_unit_test(a_gpa_range_beyond_the_header_is_refused),
        cmocka_unit_test(a_gpa_range_with_frames_beyond_the_header_is_refused),
        cmocka_unit_test(an_empty_gpa_range_is_refused),
        cmocka_unit_test(
            a_gpa_range_that_starts_beyond_its_first_frame_is_refused),
    };

    return RUN(tests);
}
