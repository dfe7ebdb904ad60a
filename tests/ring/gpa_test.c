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
static const struct packet_gpa_range ranges[] = {{0x1800, 0xc00, frames},
                                                 {16, 0xff0, &frame}};

static void test_gpa_direct_bytes(void **state)
{
    struct place *p = place_at(4096, false, 0);
    uint32_t at = 0;

    (void)state;
    assert_int_equal(packet_gpa_header_size(ranges, 2), 56);
    assert_int_equal(
        packet_write_gpa_direct(&p->writer, &at, 5, true, ranges, 2, "DATA", 4),
        0);
    assert_int_equal(at, 88);
    expect_data(p, 0,
                "09 00 09 00 0a 00 01 00 05 00 00 00 00 00 00 00 " GPA_HEADER
                "44 41 54 41 00 00 00 00 00 00 00 00 00 00 00 00 ee");
    place_free(p);
}

static void test_gpa_direct_over_the_end(void **state)
{
    (void)state;
    for (uint32_t back = 8; back <= 88; back += 8) {
        struct place *p = place_at(4096, false, 4096 - back);
        uint32_t at = 4096 - back;

        assert_int_equal(packet_write_gpa_direct(&p->writer, &at, 5, true,
                                                 ranges, 2, "DATA", 4),
                         0);
        assert_int_equal(at, (88 - back) % 4096);
        expect_data(
            p, 4096 - back,
            "09 00 09 00 0a 00 01 00 05 00 00 00 00 00 00 00 " GPA_HEADER
            "44 41 54 41 00 00 00 00 00 00 00 00");
        place_free(p);
    }
}

static void test_frames_of_a_range(void **state)
{
    (void)state;
    assert_int_equal(packet_gpa_frames(0, 1), 1);
    assert_int_equal(packet_gpa_frames(0, 4096), 1);
    assert_int_equal(packet_gpa_frames(0, 4097), 2);
    assert_int_equal(packet_gpa_frames(4095, 1), 1);
    assert_int_equal(packet_gpa_frames(4095, 2), 2);
    assert_int_equal(packet_gpa_frames(4095, UINT32_MAX), 0x100001);
}

static void test_gpa_direct_refuses_ranges_that_are_none(void **state)
{
    struct packet_gpa_range bad = {16, 0, &frame};
    struct place *p = place_at(4096, false, 0);
    uint32_t at = 0;

    (void)state;
    assert_int_equal(
        packet_write_gpa_direct(&p->writer, &at, 1, true, &bad, 0, NULL, 0),
        -EINVAL);
    bad.byte_count = 0;
    assert_int_equal(
        packet_write_gpa_direct(&p->writer, &at, 1, true, &bad, 1, NULL, 0),
        -EINVAL);
    bad = (struct packet_gpa_range){16, 4096, &frame};
    assert_int_equal(
        packet_write_gpa_direct(&p->writer, &at, 1, true, &bad, 1, NULL, 0),
        -EINVAL);
    bad.byte_offset = 4095;
    bad.byte_count = 1;
    assert_int_equal(
        packet_write_gpa_direct(&p->writer, &at, 1, true, &bad, 1, NULL, 0), 0);
    place_free(p);
}

static void test_gpa_direct_ends_at_the_wires_limit(void **state)
{
    /* 8 + 8 + 8 * n <= 524264: n = 65531 frames = 0xfffb000 bytes. */
    struct packet_gpa_range range = {0xfffb000, 0, NULL};
    struct place *p = place_at(4096, false, 0);
    uint32_t at = 0;

    (void)state;
    assert_int_equal(packet_gpa_header_size(&range, 1), 524264);
    assert_int_equal(
        packet_write_gpa_direct(&p->writer, &at, 1, true, &range, 1, NULL, 0),
        -EMSGSIZE); /* of this ring */
    range.byte_count++;
    assert_int_equal(packet_gpa_header_size(&range, 1), 0);
    range.byte_count = UINT32_MAX;
    assert_int_equal(
        packet_write_gpa_direct(&p->writer, &at, 1, true, &range, 1, NULL, 0),
        -EINVAL);
    place_free(p);
}

static void test_gpa_direct_refuses_a_payload_too_long(void **state)
{
    struct packet_gpa_range range = {16, 0, &frame};
    struct place *p = place_at(4096, false, 0);
    uint32_t at = 0;

    (void)state;
    assert_int_equal(packet_write_gpa_direct(&p->writer, &at, 1, true, &range,
                                             1, "x", UINT32_MAX - 20),
                     -EMSGSIZE);
    assert_int_equal(
        packet_write_gpa_direct(&p->writer, &at, 1, true, &range, 1, "x", 4096),
        -EMSGSIZE);
    send_counted(p, 4016);
    at = ring_writer_start(&p->writer);
    assert_int_equal(
        packet_write_gpa_direct(&p->writer, &at, 1, true, &range, 1, "x", 1),
        -EAGAIN);
    place_free(p);
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

static void test_gpa_direct_parsed(void **state)
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

static void test_gpa_direct_reserved_word_is_nothing(void **state)
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

static void test_gpa_direct_header_is_there(void **state)
{
    (void)state;
    expect_gpa_fault("", "GPA-direct: header too short");
}

static void test_gpa_direct_needs_a_range(void **state)
{
    (void)state;
    expect_gpa_fault("00 00 00 00 00 00 00 00", "GPA-direct: no range");
}

static void test_gpa_direct_ranges_lie_in_the_header(void **state)
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

static void test_gpa_direct_frames_lie_in_the_header(void **state)
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

static void test_gpa_direct_ranges_have_bytes(void **state)
{
    (void)state;
    expect_gpa_fault("00 00 00 00 01 00 00 00 "
                     "00 00 00 00 10 00 00 00 07 00 00 00 00 00 00 00",
                     "GPA-direct: empty range");
}

static void test_gpa_direct_starts_in_the_first_frame(void **state)
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
        cmocka_unit_test(test_gpa_direct_bytes),
        cmocka_unit_test(test_gpa_direct_over_the_end),
        cmocka_unit_test(test_frames_of_a_range),
        cmocka_unit_test(test_gpa_direct_refuses_ranges_that_are_none),
        cmocka_unit_test(test_gpa_direct_ends_at_the_wires_limit),
        cmocka_unit_test(test_gpa_direct_refuses_a_payload_too_long),
        cmocka_unit_test(test_gpa_direct_parsed),
        cmocka_unit_test(test_gpa_direct_reserved_word_is_nothing),
        cmocka_unit_test(test_gpa_direct_header_is_there),
        cmocka_unit_test(test_gpa_direct_needs_a_range),
        cmocka_unit_test(test_gpa_direct_ranges_lie_in_the_header),
        cmocka_unit_test(test_gpa_direct_frames_lie_in_the_header),
        cmocka_unit_test(test_gpa_direct_ranges_have_bytes),
        cmocka_unit_test(test_gpa_direct_starts_in_the_first_frame),
    };

    return RUN(tests);
}
