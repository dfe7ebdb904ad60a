/* SPDX-License-Identifier: BSD-2-Clause */
/* Attaching: what is a ring, where it stands, and what attaching stores. */
#include "place.h"

static void attaching_a_writer_sets_the_feature_bit_only(void **state)
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

static void attaching_continues_at_the_indices_of_the_ring(void **state)
{
    struct place *p = place_new(8192, false);

    (void)state;
    put_control(p, 0, "28 10 00 00 00 10 00 00");
    assert_int_equal(ring_writer_attach(&p->writer, &p->area), 0);
    assert_int_equal(ring_writer_start(&p->writer), 0x1028);
    assert_int_equal(ring_writer_free(&p->writer), 8192 - 0x28);
    place_free(p);
}

static void an_attached_reader_finds_the_packets_that_wait(void **state)
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

static void attaching_to_an_area_that_is_no_ring_is_refused(void **state)
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

static void attaching_to_a_ring_with_bad_indices_is_refused(void **state)
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(attaching_a_writer_sets_the_feature_bit_only),
        cmocka_unit_test(attaching_continues_at_the_indices_of_the_ring),
        cmocka_unit_test(an_attached_reader_finds_the_packets_that_wait),
        cmocka_unit_test(attaching_to_an_area_that_is_no_ring_is_refused),
        cmocka_unit_test(attaching_to_a_ring_with_bad_indices_is_refused),
    };

    return RUN(tests);
}
