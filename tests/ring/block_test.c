/* SPDX-License-Identifier: BSD-2-Clause */
/* A writer that waits for room: what it announces, when it is told. */
#include "place.h"

static void a_blocked_writer_announces_the_footprint(void **state)
{
    struct place *p = place_at(4096, false, 0);

    (void)state;
    send_counted(p, 976);
    assert_int_equal(ring_footprint(3065), 3096);
    assert_int_equal(ring_writer_block(&p->writer, 3096), 0);
    expect_control(p, 12, "18 0c 00 00");
    ring_writer_unblock(&p->writer);
    expect_control(p, 12, "00 00 00 00");
    place_free(p);
}

static void a_writer_that_finds_room_announces_nothing(void **state)
{
    struct place *p = place_at(4096, false, 0);

    (void)state;
    send_counted(p, 976);
    assert_int_equal(ring_writer_block(&p->writer, 3088), 1);
    expect_control(p, 12, "00 00 00 00");
    place_free(p);
}

static void a_writer_does_not_wait_for_what_never_fits(void **state)
{
    struct place *p = place_at(4096, false, 0);

    (void)state;
    assert_int_equal(ring_writer_block(&p->writer, 4096), -EMSGSIZE);
    assert_int_equal(ring_writer_block(&p->writer, UINT64_C(1) << 32),
                     -EMSGSIZE);
    expect_control(p, 12, "00 00 00 00");
    send_counted(p, 8);
    assert_int_equal(ring_writer_block(&p->writer, 4088), 0);
    place_free(p);
}

/* Against the rules: what is written before must be committed first. */
static void a_blocked_writer_looks_for_room_again(void **state)
{
    struct place *p = place_at(4096, false, 1024);
    uint32_t at;

    (void)state;
    send_counted(p, 1000); /* 1024 .. 2048 is to be read */
    at = ring_writer_start(&p->writer);
    assert_int_equal(write_counted(p, &at, 2032), 0);
    assert_int_equal(at, 8);
    assert_int_equal(ring_writer_block(&p->writer, 4000), 0);
    while (write_counted(p, &at, 64) == 0)
        assert_true(at < 1024);
    place_free(p);
}

static void a_bad_read_index_ends_the_wait_of_a_writer(void **state)
{
    struct place *p = place_at(4096, false, 0);

    (void)state;
    put_control(p, 4, "00 20 00 00");
    assert_int_equal(ring_writer_block(&p->writer, 100), -EPROTO);
    expect_control(p, 12, "00 00 00 00");
    place_free(p);
}

static void a_blocked_writer_gets_one_signal(void **state)
{
    struct place *p = place_at(4096, false, 0);
    uint32_t signals = 0;

    (void)state;
    for (uint32_t i = 0; i < 4; i++)
        send_counted(p, 976);
    assert_int_equal(ring_writer_block(&p->writer, 2024), 0);
    for (uint32_t i = 0; i < 4; i++) {
        signals += drain(p, 1);
        assert_int_equal(signals, i >= 1);
    }
    ring_writer_unblock(&p->writer);
    send_counted(p, 2000);
    assert_false(drain(p, 1));
    place_free(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_blocked_writer_announces_the_footprint),
        cmocka_unit_test(a_writer_that_finds_room_announces_nothing),
        cmocka_unit_test(a_writer_does_not_wait_for_what_never_fits),
        cmocka_unit_test(a_blocked_writer_looks_for_room_again),
        cmocka_unit_test(a_bad_read_index_ends_the_wait_of_a_writer),
        cmocka_unit_test(a_blocked_writer_gets_one_signal),
    };

    return RUN(tests);
}
