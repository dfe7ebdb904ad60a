/* SPDX-License-Identifier: BSD-2-Clause */
/* How much room a writer finds: never all of it, and never too much. */
#include "place.h"

static void a_ring_is_never_completely_full(void **state)
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

static void a_ring_can_be_filled_to_the_last_unit_but_one(void **state)
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

static void a_ring_is_never_full_where_room_was_known(void **state)
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

static void the_largest_packet_of_a_small_ring_fits(void **state)
{
    struct place *p = place_at(4096, false, 8);
    uint32_t at = 8;

    (void)state;
    assert_int_equal(write_counted(p, &at, 4096 - 8 - 24 + 1), -EMSGSIZE);
    assert_int_equal(write_counted(p, &at, 4096 - 8 - 24), 0);
    assert_int_equal(at, 0);
    place_free(p);
}

static void the_largest_packet_of_the_wire_fits_a_large_ring(void **state)
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

static void room_appears_when_the_reader_moves(void **state)
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

static void packets_that_are_not_committed_take_room(void **state)
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
static void a_batch_that_wrapped_can_be_given_up(void **state)
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_ring_is_never_completely_full),
        cmocka_unit_test(a_ring_can_be_filled_to_the_last_unit_but_one),
        cmocka_unit_test(a_ring_is_never_full_where_room_was_known),
        cmocka_unit_test(the_largest_packet_of_a_small_ring_fits),
        cmocka_unit_test(the_largest_packet_of_the_wire_fits_a_large_ring),
        cmocka_unit_test(room_appears_when_the_reader_moves),
        cmocka_unit_test(packets_that_are_not_committed_take_room),
        cmocka_unit_test(a_batch_that_wrapped_can_be_given_up),
    };

    return RUN(tests);
}
