/* SPDX-License-Identifier: BSD-2-Clause */
/* The interrupt mask: the reader's alone. */
#include "place.h"

static void a_writer_does_not_change_the_mask(void **state)
{
    struct place *p = place_at(4096, false, 0);

    (void)state;
    put_control(p, 8, "12 34 56 78");
    send_counted(p, 8);
    ring_writer_block(&p->writer, 4080);
    ring_writer_unblock(&p->writer);
    expect_control(p, 8, "12 34 56 78");
    place_free(p);
}

static void a_reader_sets_and_clears_the_mask(void **state)
{
    struct place *p = place_at(4096, false, 0);

    (void)state;
    ring_reader_mask(&p->reader);
    expect_control(p, 8, "01 00 00 00");
    assert_false(ring_reader_unmask(&p->reader));
    expect_control(p, 8, "00 00 00 00");
    place_free(p);
}

static void unmasking_finds_a_packet_that_came_in_between(void **state)
{
    struct place *p = place_at(4096, false, 0);

    (void)state;
    ring_reader_mask(&p->reader);
    assert_false(send_counted(p, 8));
    assert_true(ring_reader_unmask(&p->reader));
    expect_control(p, 8, "01 00 00 00");
    drain(p, 1);
    assert_false(ring_reader_unmask(&p->reader));
    expect_control(p, 8, "00 00 00 00");
    assert_true(send_counted(p, 8));
    place_free(p);
}

static void unmasking_with_packets_left_masks_again(void **state)
{
    struct place *p = place_at(4096, false, 0);

    (void)state;
    send_counted(p, 8);
    send_counted(p, 8);
    drain(p, 1); /* the pump's budget is spent */
    assert_true(ring_reader_unmask(&p->reader));
    place_free(p);
}

static void a_broken_reader_does_not_change_the_mask(void **state)
{
    struct place *p = place_at(4096, false, 0);

    (void)state;
    put_control(p, 0, "01 00 00 00 00 00 00 00 05 00 00 00");
    assert_int_equal(ring_reader_used(&p->reader), 0);
    assert_int_equal(p->reader.fault.kind, RING_FAULT_WRITE_INDEX_UNIT);
    ring_reader_mask(&p->reader);
    expect_control(p, 8, "05 00 00 00");
    assert_false(ring_reader_unmask(&p->reader));
    expect_control(p, 8, "05 00 00 00");
    place_free(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_writer_does_not_change_the_mask),
        cmocka_unit_test(a_reader_sets_and_clears_the_mask),
        cmocka_unit_test(unmasking_finds_a_packet_that_came_in_between),
        cmocka_unit_test(unmasking_with_packets_left_masks_again),
        cmocka_unit_test(a_broken_reader_does_not_change_the_mask),
    };

    return RUN(tests);
}
