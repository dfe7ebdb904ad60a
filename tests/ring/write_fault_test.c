/* SPDX-License-Identifier: BSD-2-Clause */
/* A writer whose reader lies about its index. */
#include "place.h"

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

static void a_bad_read_index_breaks_the_ring(void **state)
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

static void a_broken_writer_touches_nothing(void **state)
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

static void the_first_fault_of_a_ring_is_kept(void **state)
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

static void every_fault_has_its_text(void **state)
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
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_bad_read_index_breaks_the_ring),
        cmocka_unit_test(a_broken_writer_touches_nothing),
        cmocka_unit_test(the_first_fault_of_a_ring_is_kept),
        cmocka_unit_test(every_fault_has_its_text),
    };

    return RUN(tests);
}
