/* Reading: packets put there by hand, good ones and hostile ones. */
#include "place.h"

#define N4_PACKET                                      \
    "06 00 02 00 04 00 01 00 07 00 00 00 00 00 00 00 " \
    "41 42 43 44 45 46 47 48 49 4a 4b 4c 00 00 00 00 " \
    "00 00 00 00 00 00 00 00 "

struct got {
    int status;
    struct ring_packet packet;
    uint32_t at;
    uint8_t body[256];
};

static struct got read_one(struct place *p, uint32_t at, uint32_t capacity)
{
    struct got got = {.at = at};

    memset(got.body, 0xdd, sizeof(got.body));
    got.status =
        ring_read(&p->reader, &got.at, &got.packet, got.body, capacity);
    return got;
}

static void expect_n4(const struct got *got)
{
    assert_int_equal(got->status, 0);
    assert_int_equal(got->packet.type, 6);
    assert_int_equal(got->packet.flags, 1);
    assert_int_equal(got->packet.header_size, 0);
    assert_int_equal(got->packet.size, 16);
    assert_int_equal(got->packet.transaction, 7);
    assert_memory_equal(got->body, "ABCDEFGHIJKL\0\0\0\0\xdd", 17);
}

static void test_packet_by_hand(void **state)
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

static void test_empty(void **state)
{
    struct place *p = place_at(4096, false, 16);

    (void)state;
    assert_int_equal(read_one(p, 16, 256).status, -EAGAIN);
    assert_int_equal(read_one(p, 16, 256).at, 16);
    assert_int_equal(ring_reader_used(&p->reader), 0);
    place_free(p);
}

static void test_attach_finds_what_waits(void **state)
{
    struct place *p = place_new(4096, false);
    struct got got;

    (void)state;
    put_data(p, 64, N4_PACKET);
    put_control(p, 0, "68 00 00 00 40 00 00 00");
    assert_int_equal(ring_reader_attach(&p->reader, &p->area), 0);
    assert_int_equal(ring_reader_start(&p->reader), 64);
    got = read_one(p, 64, 256);
    expect_n4(&got);
    place_free(p);
}

static void test_iterates_and_commits_once(void **state)
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

static void wraps(bool twice)
{
    for (uint32_t back = 0; back <= 48; back += 8) {
        uint32_t start = (12288 - back) % 12288;
        struct place *p = place_at(12288, twice, start);
        struct got got;

        put_data(p, start, N4_PACKET);
        p->control->write_index = (start + 40) % 12288;
        got = read_one(p, start, 256);
        expect_n4(&got);
        assert_int_equal(got.at, (start + 40) % 12288);
        assert_int_equal(read_one(p, got.at, 256).status, -EAGAIN);
        place_free(p);
    }
}

static void test_wraps_around_the_end(void **state)
{
    (void)state;
    wraps(false);
}

static void test_wraps_around_the_end_mapped_twice(void **state)
{
    (void)state;
    wraps(true);
}

static void test_more_comes_while_reading(void **state)
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

static void test_header_in_front_of_the_payload(void **state)
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

static void test_unknown_types_are_passed_by(void **state)
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

static void test_body_is_cut_to_the_capacity(void **state)
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

static void test_sizes_up_to_many_blocks(void **state)
{
    static uint8_t body[2048];
    struct place *p = place_at(4096, false, 0);

    (void)state;
    for (uint32_t size = 0; size <= 1500; size++) {
        struct ring_packet packet;
        uint32_t at = ring_reader_start(&p->reader);

        send_counted(p, size);
        memset(body, 0xdd, sizeof(body));
        assert_int_equal(
            ring_read(&p->reader, &at, &packet, body, sizeof(body)), 0);
        assert_int_equal(packet.size, (size + 7) / 8 * 8);
        for (uint32_t i = 0; i < size; i++)
            assert_int_equal(body[i], (uint8_t)i);
        for (uint32_t i = size; i < packet.size; i++)
            assert_int_equal(body[i], 0);
        assert_int_equal(body[packet.size], 0xdd);
        ring_reader_commit(&p->reader, at);
    }
    place_free(p);
}

static void test_a_position_can_be_read_again(void **state)
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

static void test_peek_in_place(void **state)
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

static void test_peek_over_the_end(void **state)
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

/* ---- hostile ------------------------------------------------------------ */

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

static void test_write_index_is_checked(void **state)
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

static void test_write_index_back_over_the_end(void **state)
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

static void test_offset_lies_behind_the_descriptor(void **state)
{
    (void)state;
    descriptor("06 00 02 00 02 00", 24, 0, RING_FAULT_NONE);
    descriptor("06 00 01 00 02 00", 24, -EPROTO, RING_FAULT_OFFSET);
    descriptor("06 00 00 00 02 00", 24, -EPROTO, RING_FAULT_OFFSET);
    descriptor("06 00 01 00 01 00", 24, -EPROTO, RING_FAULT_OFFSET);
    descriptor("06 00 00 00 00 00", 24, -EPROTO, RING_FAULT_OFFSET);
}

static void test_length_reaches_the_offset(void **state)
{
    (void)state;
    descriptor("06 00 04 00 04 00", 40, 0, RING_FAULT_NONE);
    descriptor("06 00 04 00 03 00", 40, -EPROTO, RING_FAULT_LENGTH);
    descriptor("06 00 02 00 01 00", 40, -EPROTO, RING_FAULT_LENGTH);
    descriptor("06 00 02 00 00 00", 40, -EPROTO, RING_FAULT_LENGTH);
    descriptor("06 00 ff ff 04 00", 40, -EPROTO, RING_FAULT_LENGTH);
}

static void test_packet_ends_in_what_was_written(void **state)
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

static void test_less_than_descriptor_and_trailer(void **state)
{
    (void)state;
    descriptor("06 00 02 00 02 00", 16, -EPROTO, RING_FAULT_SHORT);
    descriptor("06 00 02 00 02 00", 8, -EPROTO, RING_FAULT_SHORT);
    descriptor("06 00 02 00 00 00", 8, -EPROTO, RING_FAULT_SHORT);
}

static void test_largest_packet_there_can_be(void **state)
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

static void test_wire_limit_in_a_large_ring(void **state)
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

static void test_broken_reader_touches_nothing(void **state)
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
    assert_int_equal(ring_reader_used(&p->reader), 0);
    assert_memory_equal(&before, p->control, sizeof(before));
    place_free(p);
}

static void test_broken_reader_stays_so_where_all_was_read(void **state)
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

/* Writes and reads packets of all sizes around a ring that is no power of
 * two, in batches that follow no rhythm. */
static void there_and_back(bool twice)
{
    struct place *p = place_at(12288, twice, 8 * 777);
    uint32_t random = 1, sent = 0;

    for (uint32_t turn = 0; turn < 3000; turn++) {
        uint32_t at = ring_writer_start(&p->writer), count = 0;

        random = random * 1664525 + 1013904223;
        for (uint32_t i = 0; i < random >> 29; i++)
            count += write_counted(p, &at, (random >> i) % 3001) == 0;
        ring_writer_commit(&p->writer, at);
        sent += count;
        drain(p, count);
    }
    assert_true(sent > 8000);
    assert_int_equal(ring_writer_free(&p->writer), 12288);
    place_free(p);
}

static void test_there_and_back(void **state)
{
    (void)state;
    there_and_back(false);
}

static void test_there_and_back_mapped_twice(void **state)
{
    (void)state;
    there_and_back(true);
}

int main(void)
{
    const struct CMUnitTest reading[] = {
        cmocka_unit_test(test_packet_by_hand),
        cmocka_unit_test(test_empty),
        cmocka_unit_test(test_attach_finds_what_waits),
        cmocka_unit_test(test_iterates_and_commits_once),
        cmocka_unit_test(test_wraps_around_the_end),
        cmocka_unit_test(test_wraps_around_the_end_mapped_twice),
        cmocka_unit_test(test_more_comes_while_reading),
        cmocka_unit_test(test_header_in_front_of_the_payload),
        cmocka_unit_test(test_unknown_types_are_passed_by),
        cmocka_unit_test(test_body_is_cut_to_the_capacity),
        cmocka_unit_test(test_sizes_up_to_many_blocks),
        cmocka_unit_test(test_a_position_can_be_read_again),
        cmocka_unit_test(test_peek_in_place),
        cmocka_unit_test(test_peek_over_the_end),
        cmocka_unit_test(test_write_index_is_checked),
        cmocka_unit_test(test_write_index_back_over_the_end),
        cmocka_unit_test(test_offset_lies_behind_the_descriptor),
        cmocka_unit_test(test_length_reaches_the_offset),
        cmocka_unit_test(test_packet_ends_in_what_was_written),
        cmocka_unit_test(test_less_than_descriptor_and_trailer),
        cmocka_unit_test(test_largest_packet_there_can_be),
        cmocka_unit_test(test_wire_limit_in_a_large_ring),
        cmocka_unit_test(test_broken_reader_touches_nothing),
        cmocka_unit_test(test_broken_reader_stays_so_where_all_was_read),
        cmocka_unit_test(test_there_and_back),
        cmocka_unit_test(test_there_and_back_mapped_twice),
    };

    return RUN(reading);
}
