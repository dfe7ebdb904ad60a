/* SPDX-License-Identifier: BSD-2-Clause */
/* Transfer-page packets: built against bytes by hand, bytes by hand parsed. */
#include "place.h"

#define TRANSFER_HEADER        \
    "34 12 00 00 02 00 00 00 " \
    "00 02 00 00 00 10 00 00 " \
    "08 00 00 00 f8 1f 00 00 "

static void a_transfer_pages_packet_has_exactly_the_expected_bytes(void **state)
{
    static const struct ring_transfer_range two[] = {{0x200, 0x1000},
                                                     {8, 0x1ff8}};
    struct place *p = place_at(4096, false, 0);
    uint32_t at = 0;

    (void)state;
    assert_int_equal(packet_write_transfer_pages(&p->writer, &at, 3, true,
                                                 0x1234, two, 2, "DATA", 4),
                     0);
    expect_data(
        p, 0,
        "07 00 05 00 06 00 01 00 03 00 00 00 00 00 00 00 " TRANSFER_HEADER
        "44 41 54 41 00 00 00 00 00 00 00 00 00 00 00 00 ee");
    place_free(p);
}

static void a_transfer_pages_packet_beyond_the_limits_is_refused(void **state)
{
    static const struct ring_transfer_range one = {8, 0};
    struct place *p = place_at(4096, false, 0);
    uint32_t at = 0;

    (void)state;
    assert_int_equal(packet_write_transfer_pages(&p->writer, &at, 3, true, 1,
                                                 &one, 0, NULL, 0),
                     -EINVAL);
    assert_int_equal(packet_write_transfer_pages(&p->writer, &at, 3, true, 1,
                                                 &one, 65533, NULL, 0),
                     -EINVAL);
    assert_int_equal(packet_write_transfer_pages(&p->writer, &at, 3, true, 1,
                                                 &one, 65532, NULL, 0),
                     -EMSGSIZE); /* of this ring */
    assert_int_equal(packet_write_transfer_pages(&p->writer, &at, 3, true, 1,
                                                 &one, 1, "x", UINT32_MAX - 8),
                     -EMSGSIZE);
    place_free(p);
}

static struct packet_transfer parse_transfer(const char *header,
                                             uint64_t set_size, int status)
{
    static uint64_t body[64];
    struct ring_packet packet = {.type = 7};
    struct packet_transfer transfer;

    packet.header_size = bytes_of(header, (uint8_t *)body, sizeof(body));
    packet.size = packet.header_size;
    assert_int_equal(
        packet_parse_transfer_pages(&packet, body, set_size, &transfer),
        status);
    if (status == 0)
        assert_null(transfer.reason);
    return transfer;
}

static void a_received_transfer_pages_packet_is_parsed(void **state)
{
    struct packet_transfer transfer = parse_transfer(TRANSFER_HEADER, 8192, 0);

    (void)state;
    assert_int_equal(transfer.set_id, 0x1234);
    assert_false(transfer.sender_owns_set);
    assert_int_equal(transfer.range_count, 2);
    assert_int_equal(transfer.ranges[0].byte_count, 0x200);
    assert_int_equal(transfer.ranges[0].byte_offset, 0x1000);
    assert_int_equal(transfer.ranges[1].byte_offset, 0x1ff8);
    transfer = parse_transfer("01 00 01 ff 01 00 00 00 "
                              "00 00 00 00 00 00 00 00",
                              0, 0);
    assert_true(transfer.sender_owns_set);
}

static void expect_transfer_fault(const char *header, uint64_t set_size,
                                  const char *reason)
{
    assert_string_equal(parse_transfer(header, set_size, -EPROTO).reason,
                        reason);
}

static void a_transfer_range_outside_of_its_set_is_refused(void **state)
{
    static const char outside[] =
        "transfer pages: range outside the shared pages";

    (void)state;
    expect_transfer_fault(TRANSFER_HEADER, 8191, outside);
    expect_transfer_fault("01 00 00 00 01 00 00 00 02 00 00 00 ff ff ff ff",
                          UINT32_MAX, outside);
    expect_transfer_fault("01 00 00 00 01 00 00 00 00 00 00 00 01 00 00 00", 0,
                          outside);
}

static void transfer_ranges_beyond_the_header_are_refused(void **state)
{
    (void)state;
    expect_transfer_fault("", 8192, "transfer pages: header too short");
    expect_transfer_fault("01 00 00 00 00 00 00 00", 8192,
                          "transfer pages: no range");
    expect_transfer_fault("01 00 00 00 01 00 00 00", 8192,
                          "transfer pages: ranges beyond the header");
    expect_transfer_fault("01 00 00 00 03 00 00 00 00 00 00 00 00 00 00 00 "
                          "00 00 00 00 00 00 00 00",
                          8192, "transfer pages: ranges beyond the header");
    expect_transfer_fault("01 00 00 00 01 00 00 20 00 00 00 00 00 00 00 00",
                          8192, "transfer pages: ranges beyond the header");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            a_transfer_pages_packet_has_exactly_the_expected_bytes),
        cmocka_unit_test(a_transfer_pages_packet_beyond_the_limits_is_refused),
        cmocka_unit_test(a_received_transfer_pages_packet_is_parsed),
        cmocka_unit_test(a_transfer_range_outside_of_its_set_is_refused),
        cmocka_unit_test(transfer_ranges_beyond_the_header_are_refused),
    };

    return RUN(tests);
}
