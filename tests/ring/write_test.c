/* Writing: what lies in the ring afterwards, and what is refused. */
#include "place.h"

/* 12 bytes, completion wanted, transaction 7, at offset 0. */
#define N4_PACKET                                      \
    "06 00 02 00 04 00 01 00 07 00 00 00 00 00 00 00 " \
    "41 42 43 44 45 46 47 48 49 4a 4b 4c 00 00 00 00 " \
    "00 00 00 00 00 00 00 00"

static const struct ring_packet n4 = {6, 1, 0, 12, 7};

static void test_attach_sets_our_feature_bit_only(void **state)
{
    struct place *p = place_new(4096, false);
    uint8_t *bytes = (uint8_t *)p->control;

    (void)state;
    assert_int_equal(ring_writer_attach(&p->writer, &p->area), 0);
    expect_control(p, 64, "01 00 00 00");
    for (uint32_t i = 0; i < 4096; i++)
        if (i != 64)
            assert_int_equal(bytes[i], 0);
    place_free(p);
}

static void test_attach_goes_on_where_the_ring_stands(void **state)
{
    struct place *p = place_new(8192, false);

    (void)state;
    put_control(p, 0, "28 10 00 00 00 10 00 00");
    assert_int_equal(ring_writer_attach(&p->writer, &p->area), 0);
    assert_int_equal(ring_writer_start(&p->writer), 0x1028);
    assert_int_equal(ring_writer_free(&p->writer), 8192 - 0x28);
    place_free(p);
}

static void test_attach_refuses_what_is_no_ring(void **state)
{
    static const uint32_t sizes[] = {0, 8, 4095, 4104, 0x10001000};
    struct place *p = place_new(4096, false);
    struct ring_area area = p->area;

    (void)state;
    for (uint32_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        area.size = sizes[i];
        assert_int_equal(ring_writer_attach(&p->writer, &area), -EINVAL);
        assert_int_equal(ring_reader_attach(&p->reader, &area), -EINVAL);
    }
    area = p->area;
    area.data = NULL;
    assert_int_equal(ring_writer_attach(&p->writer, &area), -EINVAL);
    area = p->area;
    area.control = NULL;
    assert_int_equal(ring_reader_attach(&p->reader, &area), -EINVAL);
    place_free(p);
}

static void test_attach_refuses_bad_indices(void **state)
{
    static const struct {
        const char *indices;
        enum ring_fault_kind kind;
        uint32_t found;
    } cases[] = {
        {"00 10 00 00 00 00 00 00", RING_FAULT_WRITE_INDEX_RANGE, 0x1000},
        {"04 00 00 00 00 00 00 00", RING_FAULT_WRITE_INDEX_UNIT, 4},
        {"00 00 00 00 00 10 00 00", RING_FAULT_READ_INDEX_RANGE, 0x1000},
        {"00 00 00 00 ff 0f 00 00", RING_FAULT_READ_INDEX_UNIT, 0xfff},
    };
    struct place *p = place_new(4096, false);

    (void)state;
    for (uint32_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        put_control(p, 0, cases[i].indices);
        assert_int_equal(ring_writer_attach(&p->writer, &p->area), -EPROTO);
        assert_int_equal(p->writer.fault.kind, cases[i].kind);
        assert_int_equal(p->writer.fault.found, cases[i].found);
        assert_int_equal(ring_reader_attach(&p->reader, &p->area), -EPROTO);
        assert_int_equal(p->reader.fault.kind, cases[i].kind);
    }
    expect_control(p, 64, "00 00 00 00");
    place_free(p);
}

static void test_control_clear(void **state)
{
    struct place *p = place_new(4096, false);

    (void)state;
    memset(p->control, 0xff, 4096);
    ring_control_clear(p->control);
    expect_control(p, 0, "00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00");
    expect_control(p, 64, "00 00 00 00");
    expect_control(p, 4088, "00 00 00 00 00 00 00 00");
    place_free(p);
}

static void test_packet_bytes_at_start(void **state)
{
    struct place *p = place_at(8192, false, 0);
    uint32_t at = ring_writer_start(&p->writer);

    (void)state;
    assert_int_equal(ring_write(&p->writer, &at, &n4, "ABCDEFGHIJKL"), 0);
    assert_int_equal(at, 40);
    expect_data(p, 0, N4_PACKET " ee");
    expect_control(p, 0, "00 00 00 00");
    ring_writer_commit(&p->writer, at);
    expect_control(p, 0, "28 00 00 00 00 00 00 00");
    place_free(p);
}

static void test_trailer_has_the_start_offset(void **state)
{
    struct place *p = place_at(8192, false, 0x1000);
    uint32_t at = ring_writer_start(&p->writer);

    (void)state;
    assert_int_equal(ring_write(&p->writer, &at, &n4, "ABCDEFGHIJKL"), 0);
    expect_data(p, 0x1000 + 32, "00 00 00 00 00 10 00 00 ee");
    place_free(p);
}

static void test_nothing_is_visible_before_the_commit(void **state)
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

static void test_commit_of_nothing_stores_nothing(void **state)
{
    struct place *p = place_at(4096, false, 64);

    (void)state;
    put_control(p, 0, "ff ff ff ff");
    assert_false(ring_writer_commit(&p->writer, 64));
    expect_control(p, 0, "ff ff ff ff");
    assert_int_equal(p->writer.commits, 0);
    place_free(p);
}

static void test_padding_is_zero_and_less_than_a_unit(void **state)
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

static void test_packet_without_body(void **state)
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

static void test_header_counts_in_the_offset(void **state)
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

static void test_many_packets_one_index_store(void **state)
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

/* The same packet at each offset around the end of a ring of three pages. */
static void wraps(bool twice)
{
    for (uint32_t back = 0; back <= 48; back += 8) {
        uint32_t start = (12288 - back) % 12288;
        struct place *p = place_at(12288, twice, start);
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

static void test_never_completely_full(void **state)
{
    struct place *p = place_at(4096, false, 2048);
    uint32_t at = 2048;

    (void)state;
    assert_int_equal(write_counted(p, &at, 2000), 0); /* 2024 */
    assert_int_equal(write_counted(p, &at, 2024), 0); /* 2048: 24 free */
    assert_int_equal(at, (2048 + 2024 + 2048) % 4096);
    assert_int_equal(write_counted(p, &at, 0), -EAGAIN);
    assert_int_equal(at, 2024);
    place_free(p);
}

static void test_last_unit_but_one_can_be_used(void **state)
{
    struct place *p = place_at(4096, false, 0);
    uint32_t at = 0;

    (void)state;
    assert_int_equal(write_counted(p, &at, 4096 - 8 - 24 - 24), 0);
    assert_int_equal(write_counted(p, &at, 1), -EAGAIN);
    assert_int_equal(write_counted(p, &at, 0), 0);
    assert_int_equal(at, 4088);
    place_free(p);
}

static void test_never_full_where_room_is_known(void **state)
{
    struct place *p = place_at(4096, false, 2048);
    uint32_t at = 2048;

    (void)state;
    assert_int_equal(write_counted(p, &at, 2016), 0);
    assert_int_equal(write_counted(p, &at, 8), 0);
    assert_int_equal(write_counted(p, &at, 8), 0); /* looks at the reader */
    assert_int_equal(at, 56);
    assert_int_equal(write_counted(p, &at, 2048 - 56 - 24), -EAGAIN);
    assert_int_equal(write_counted(p, &at, 2048 - 56 - 24 - 8), 0);
    assert_int_equal(at, 2040);
    place_free(p);
}

static void test_largest_packet_of_a_small_ring(void **state)
{
    struct place *p = place_at(4096, false, 8);
    uint32_t at = 8;

    (void)state;
    assert_int_equal(write_counted(p, &at, 4096 - 8 - 24 + 1), -EMSGSIZE);
    assert_int_equal(write_counted(p, &at, 4096 - 8 - 24), 0);
    assert_int_equal(at, 0);
    place_free(p);
}

static void test_largest_packet_of_the_wire(void **state)
{
    struct place *p = place_at(1 << 21, false, 0);
    struct ring_packet packet = {.type = 6, .size = RING_BODY_LIMIT + 1};
    uint32_t at = 0;

    (void)state;
    assert_int_equal(RING_BODY_LIMIT, 524264);
    assert_int_equal(ring_write(&p->writer, &at, &packet, "x"), -EMSGSIZE);
    packet.size = UINT32_MAX;
    assert_int_equal(ring_write(&p->writer, &at, &packet, "x"), -EMSGSIZE);
    assert_int_equal(at, 0);
    assert_int_equal(write_counted(p, &at, RING_BODY_LIMIT), 0);
    expect_data(p, 0, "06 00 02 00 ff ff 00 00");
    /* Also when a stretch of room is known already. */
    packet.size = RING_BODY_LIMIT + 1;
    assert_int_equal(ring_write(&p->writer, &at, &packet, "x"), -EMSGSIZE);
    place_free(p);
}

static void test_room_appears_when_the_reader_moves(void **state)
{
    struct place *p = place_at(4096, false, 0);
    uint32_t at = 0;

    (void)state;
    send_counted(p, 2000);
    send_counted(p, 2000);
    at = ring_writer_start(&p->writer);
    assert_int_equal(write_counted(p, &at, 1000), -EAGAIN);
    assert_int_equal(at, 4048);
    drain(p, 1);
    assert_int_equal(write_counted(p, &at, 1000), 0);
    assert_int_equal(at, (4048 + 1024) % 4096);
    place_free(p);
}

static void test_room_counts_what_is_not_committed(void **state)
{
    struct place *p = place_at(4096, false, 4000);
    uint32_t at = 4000, count = 0;

    (void)state;
    while (write_counted(p, &at, 64) == 0)
        count++;
    assert_int_equal(count, 46); /* 46 * 88 = 4048 < 4096 */
    assert_int_equal(ring_writer_free(&p->writer), 4096);
    ring_writer_commit(&p->writer, at);
    assert_int_equal(ring_writer_free(&p->writer), 48);
    drain(p, 46);
    place_free(p);
}

/* A batch over the end is given up; a shorter one is written instead. */
static void test_position_may_go_back_over_the_end(void **state)
{
    struct place *p = place_at(4096, false, 4096 - 88);
    uint32_t at = 4096 - 88, over;

    (void)state;
    assert_int_equal(write_counted(p, &at, 64), 0);
    assert_int_equal(at, 0);
    over = at;
    assert_int_equal(write_counted(p, &over, 64), 0);
    at = ring_writer_start(&p->writer);
    assert_int_equal(write_counted(p, &at, 16), 0);
    assert_int_equal(write_counted(p, &at, 64), 0);
    ring_writer_commit(&p->writer, at);
    drain(p, 2);
    place_free(p);
}

static void test_in_place(void **state)
{
    struct place *p = place_at(4096, false, 0);
    uint32_t at = 0;
    void *body;

    (void)state;
    assert_int_equal(ring_reserve(&p->writer, at, 12, &body), 0);
    assert_ptr_equal(body, p->area.data + 16);
    memcpy(body, "ABCDEFGHIJKL", 12);
    ring_seal(&p->writer, &at, &n4);
    expect_data(p, 0, N4_PACKET " ee");
    assert_int_equal(at, 40);
    place_free(p);
}

static void test_in_place_over_the_end_has_no_address(void **state)
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

static void test_in_place_behind_a_descriptor_at_the_end(void **state)
{
    struct place *p = place_at(4096, false, 4096 - 16);
    void *body;

    (void)state;
    assert_int_equal(ring_reserve(&p->writer, 4096 - 16, 12, &body), 0);
    assert_ptr_equal(body, p->area.data);
    place_free(p);
}

static void test_in_place_over_the_end_mapped_twice(void **state)
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

static void test_reserve_refuses_like_write(void **state)
{
    struct place *p = place_at(4096, false, 0);

    (void)state;
    assert_int_equal(ring_reserve(&p->writer, 0, 4096, NULL), -EMSGSIZE);
    send_counted(p, 4000);
    assert_int_equal(ring_reserve(&p->writer, 4024, 48, NULL), -EAGAIN);
    assert_int_equal(ring_reserve(&p->writer, 4024, 40, NULL), 0);
    place_free(p);
}

static void test_in_parts(void **state)
{
    static const struct ring_part parts[] = {
        {"ABC", 3}, {NULL, 0}, {"DEFGHIJK", 8}, {"L", 1}};
    struct place *p = place_at(4096, false, 0);
    uint32_t at = 0;

    (void)state;
    assert_int_equal(ring_write_parts(&p->writer, &at, &n4, parts, 4), 0);
    expect_data(p, 0, N4_PACKET " ee");
    place_free(p);
}

static void test_in_parts_without_room(void **state)
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

static void test_parts_must_be_the_size(void **state)
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

static void test_header_must_be_units_inside_the_size(void **state)
{
    struct ring_packet packet = {.type = 7, .header_size = 4, .size = 12};
    struct place *p = place_at(4096, false, 0);
    uint32_t at = 0;

    (void)state;
    assert_int_equal(ring_reserve(&p->writer, at, 12, NULL), 0);
    expect_seam_assert(ring_seal(&p->writer, &at, &packet));
    expect_seam_assert(ring_write(&p->writer, &at, &packet, "ABCDEFGHIJKL"));
    packet.header_size = 16;
    expect_seam_assert(ring_seal(&p->writer, &at, &packet));
    place_free(p);
}

/* 3000 bytes were written, of which the writer saw 1000 read; then it finds
 * `index`. */
static void read_index(uint32_t index, int status, enum ring_fault_kind kind)
{
    struct place *p = place_at(4096, false, 0);
    uint32_t at;

    send_counted(p, 976);
    send_counted(p, 1976);
    drain(p, 1);
    assert_int_equal(ring_writer_free(&p->writer), 2096);
    p->control->read_index = index;
    at = ring_writer_start(&p->writer);
    assert_int_equal(write_counted(p, &at, 4000), status);
    assert_int_equal(p->writer.fault.kind, kind);
    assert_int_equal(p->writer.fault.found, status == -EPROTO ? index : 0);
    assert_int_equal(write_counted(p, &at, 4), status == -EPROTO ? status : 0);
    place_free(p);
}

static void test_read_index_is_checked(void **state)
{
    (void)state;
    read_index(1000, -EAGAIN, RING_FAULT_NONE);
    read_index(2000, -EAGAIN, RING_FAULT_NONE);
    read_index(3000, 0, RING_FAULT_NONE);
    read_index(4096, -EPROTO, RING_FAULT_READ_INDEX_RANGE);
    read_index(0xfffffff8, -EPROTO, RING_FAULT_READ_INDEX_RANGE);
    read_index(1001, -EPROTO, RING_FAULT_READ_INDEX_UNIT);
    read_index(1004, -EPROTO, RING_FAULT_READ_INDEX_UNIT);
    read_index(992, -EPROTO, RING_FAULT_READ_INDEX_PASSED);
    read_index(3008, -EPROTO, RING_FAULT_READ_INDEX_PASSED);
}

static void test_broken_writer_touches_nothing(void **state)
{
    struct place *p = place_at(4096, false, 0);
    static const struct ring_part part = {"ABCDEFGHIJKL", 12};
    struct ring_control before;
    uint32_t at = 0;

    (void)state;
    /* A stretch of room is known: the fault must end that, too. */
    assert_int_equal(write_counted(p, &at, 64), 0);
    p->control->read_index = 4;
    assert_int_equal(ring_writer_free(&p->writer), 0);
    before = *p->control;
    memset(p->area.data, 0xee, 4096);
    assert_int_equal(write_counted(p, &at, 64), -EPROTO);
    assert_int_equal(write_counted(p, &at, 5000), -EPROTO);
    assert_int_equal(ring_reserve(&p->writer, at, 8, NULL), -EPROTO);
    assert_int_equal(ring_write_parts(&p->writer, &at, &n4, &part, 1), -EPROTO);
    assert_int_equal(ring_writer_block(&p->writer, 100), -EPROTO);
    assert_int_equal(ring_writer_block(&p->writer, 5000), -EPROTO);
    ring_writer_unblock(&p->writer);
    assert_false(ring_writer_commit(&p->writer, at));
    p->control->read_index = 0;
    assert_int_equal(ring_writer_free(&p->writer), 0);
    p->control->read_index = 4;
    assert_memory_equal(&before, p->control, sizeof(before));
    for (uint32_t i = 0; i < 4096; i++)
        assert_int_equal(p->area.data[i], 0xee);
    place_free(p);
}

static void test_the_first_fault_is_kept(void **state)
{
    struct place *p = place_at(4096, false, 0);

    (void)state;
    p->control->read_index = 4;
    assert_int_equal(ring_writer_free(&p->writer), 0);
    p->control->read_index = 4096;
    assert_int_equal(ring_writer_free(&p->writer), 0);
    assert_int_equal(p->writer.fault.kind, RING_FAULT_READ_INDEX_UNIT);
    assert_int_equal(p->writer.fault.found, 4);
    assert_int_equal(p->writer.fault.limit, 8);
    place_free(p);
}

static void test_every_fault_has_its_text(void **state)
{
    (void)state;
    for (int i = RING_FAULT_NONE; i <= RING_FAULT_OVERRUN; i++)
        for (int j = RING_FAULT_NONE; j < i; j++)
            assert_string_not_equal(ring_fault_text(i), ring_fault_text(j));
    assert_string_equal(ring_fault_text(RING_FAULT_OVERRUN + 1),
                        "unknown fault");
}

int main(void)
{
    const struct CMUnitTest writing[] = {
        cmocka_unit_test(test_attach_sets_our_feature_bit_only),
        cmocka_unit_test(test_attach_goes_on_where_the_ring_stands),
        cmocka_unit_test(test_attach_refuses_what_is_no_ring),
        cmocka_unit_test(test_attach_refuses_bad_indices),
        cmocka_unit_test(test_control_clear),
        cmocka_unit_test(test_packet_bytes_at_start),
        cmocka_unit_test(test_trailer_has_the_start_offset),
        cmocka_unit_test(test_nothing_is_visible_before_the_commit),
        cmocka_unit_test(test_commit_of_nothing_stores_nothing),
        cmocka_unit_test(test_padding_is_zero_and_less_than_a_unit),
        cmocka_unit_test(test_packet_without_body),
        cmocka_unit_test(test_header_counts_in_the_offset),
        cmocka_unit_test(test_many_packets_one_index_store),
        cmocka_unit_test(test_wraps_around_the_end),
        cmocka_unit_test(test_wraps_around_the_end_mapped_twice),
        cmocka_unit_test(test_never_completely_full),
        cmocka_unit_test(test_last_unit_but_one_can_be_used),
        cmocka_unit_test(test_never_full_where_room_is_known),
        cmocka_unit_test(test_largest_packet_of_a_small_ring),
        cmocka_unit_test(test_largest_packet_of_the_wire),
        cmocka_unit_test(test_room_appears_when_the_reader_moves),
        cmocka_unit_test(test_room_counts_what_is_not_committed),
        cmocka_unit_test(test_position_may_go_back_over_the_end),
        cmocka_unit_test(test_in_place),
        cmocka_unit_test(test_in_place_over_the_end_has_no_address),
        cmocka_unit_test(test_in_place_behind_a_descriptor_at_the_end),
        cmocka_unit_test(test_in_place_over_the_end_mapped_twice),
        cmocka_unit_test(test_reserve_refuses_like_write),
        cmocka_unit_test(test_in_parts),
        cmocka_unit_test(test_in_parts_without_room),
        cmocka_unit_test(test_parts_must_be_the_size),
        cmocka_unit_test(test_header_must_be_units_inside_the_size),
        cmocka_unit_test(test_read_index_is_checked),
        cmocka_unit_test(test_broken_writer_touches_nothing),
        cmocka_unit_test(test_the_first_fault_is_kept),
        cmocka_unit_test(test_every_fault_has_its_text),
    };

    return RUN(writing);
}
