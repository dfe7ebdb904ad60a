/* SPDX-License-Identifier: BSD-2-Clause */
/* Pipe packets: built against bytes by hand, bytes by hand parsed. */
#include "place.h"

static void a_pipe_packet_has_exactly_the_expected_bytes(void **state)
{
    struct place *p = place_at(4096, false, 0);
    uint32_t at = 0;

    (void)state;
    assert_int_equal(packet_write_pipe(&p->writer, &at, 2, true, "HELLO", 5),
                     0);
    assert_int_equal(packet_write_pipe(&p->writer, &at, 3, false, NULL, 0), 0);
    expect_data(p, 0,
                "06 00 02 00 04 00 01 00 02 00 00 00 00 00 00 00 "
                "01 00 00 00 05 00 00 00 48 45 4c 4c 4f 00 00 00 "
                "00 00 00 00 00 00 00 00 "
                "06 00 02 00 03 00 00 00 03 00 00 00 00 00 00 00 "
                "01 00 00 00 00 00 00 00 00 00 00 00 28 00 00 00 ee");
    place_free(p);
}

static void a_pipe_packet_beyond_the_limit_is_refused(void **state)
{
    static uint8_t data[16385];
    struct place *p = place_at(32768, false, 0);
    uint32_t at = 0;

    (void)state;
    assert_int_equal(packet_write_pipe(&p->writer, &at, 2, true, data, 16385),
                     -EMSGSIZE);
    assert_int_equal(at, 0);
    assert_int_equal(packet_write_pipe(&p->writer, &at, 2, true, data, 16384),
                     0);
    place_free(p);
}

static struct packet_pipe parse_pipe(const char *hex, int status)
{
    static uint64_t body[64];
    struct ring_packet packet = {.type = 6};
    struct packet_pipe pipe;

    packet.size = bytes_of(hex, (uint8_t *)body, sizeof(body));
    assert_int_equal(packet_parse_pipe(&packet, body, &pipe), status);
    return pipe;
}

static void a_received_pipe_packet_is_parsed(void **state)
{
    struct packet_pipe pipe =
        parse_pipe("01 00 00 00 05 00 00 00 48 45 4c 4c 4f 00 00 00", 0);

    (void)state;
    assert_int_equal(pipe.size, 5);
    assert_int_equal(pipe.consumed, 0);
    assert_memory_equal(pipe.data, "HELLO", 5);
    assert_null(pipe.reason);
    pipe = parse_pipe("01 00 00 00 00 00 00 00", 0);
    assert_int_equal(pipe.size, 0);
}

static void a_partial_pipe_packet_continues_after_what_was_taken(void **state)
{
    struct packet_pipe pipe =
        parse_pipe("02 00 00 00 05 00 02 00 48 45 4c 4c 4f 00 00 00", 0);

    (void)state;
    assert_int_equal(pipe.size, 3);
    assert_int_equal(pipe.consumed, 2);
    assert_memory_equal(pipe.data, "LLO", 3);
    assert_int_equal(parse_pipe("02 00 00 00 05 00 05 00 48 45 4c 4c 4f "
                                "00 00 00",
                                0)
                         .size,
                     0);
}

static void expect_pipe_fault(const char *hex, const char *reason)
{
    assert_string_equal(parse_pipe(hex, -EPROTO).reason, reason);
}

static void a_pipe_packet_that_breaks_a_rule_is_refused(void **state)
{
    (void)state;
    expect_pipe_fault("", "pipe: header too short");
    expect_pipe_fault("00 00 00 00 00 00 00 00",
                      "pipe: neither data nor partial");
    expect_pipe_fault("03 00 00 00 00 00 00 00",
                      "pipe: neither data nor partial");
    expect_pipe_fault("01 00 00 00 01 00 00 00",
                      "pipe: data beyond the packet");
    expect_pipe_fault("01 00 00 00 09 00 00 00 00 00 00 00 00 00 00 00",
                      "pipe: data beyond the packet");
    expect_pipe_fault("02 00 00 00 09 00 01 00 00 00 00 00 00 00 00 00",
                      "pipe: data beyond the packet");
    expect_pipe_fault("01 00 00 00 01 40 00 00",
                      "pipe: more data than a pipe packet carries");
    expect_pipe_fault("01 00 00 00 ff ff ff ff",
                      "pipe: more data than a pipe packet carries");
    expect_pipe_fault("02 00 00 00 05 00 06 00 48 45 4c 4c 4f 00 00 00",
                      "pipe: more consumed than there was");
}

static void the_largest_pipe_packet_is_accepted(void **state)
{
    static uint64_t body[16384 / 8 + 1] = {UINT64_C(0x400000000001)};
    struct ring_packet packet = {.type = 6, .size = sizeof(body)};
    struct packet_pipe pipe;

    (void)state;
    assert_int_equal(packet_parse_pipe(&packet, body, &pipe), 0);
    assert_int_equal(pipe.size, 16384);
}

/* Behind a type's own header, as a transfer-page packet would have it. */
static void a_pipe_header_may_follow_the_header_of_a_type(void **state)
{
    uint64_t body[3] = {0, UINT64_C(0x100000001), 0x21};
    struct ring_packet packet = {.type = 9, .header_size = 8, .size = 24};
    struct packet_pipe pipe;

    (void)state;
    assert_int_equal(packet_parse_pipe(&packet, body, &pipe), 0);
    assert_ptr_equal(pipe.data, &body[2]);
    packet.size = 16;
    assert_int_equal(packet_parse_pipe(&packet, body, &pipe), -EPROTO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_pipe_packet_has_exactly_the_expected_bytes),
        cmocka_unit_test(a_pipe_packet_beyond_the_limit_is_refused),
        cmocka_unit_test(a_received_pipe_packet_is_parsed),
        cmocka_unit_test(a_partial_pipe_packet_continues_after_what_was_taken),
        cmocka_unit_test(a_pipe_packet_that_breaks_a_rule_is_refused),
        cmocka_unit_test(the_largest_pipe_packet_is_accepted),
        cmocka_unit_test(a_pipe_header_may_follow_the_header_of_a_type),
    };

    return RUN(tests);
}
