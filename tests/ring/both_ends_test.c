/* SPDX-License-Identifier: BSD-2-Clause */
/* Writer and reader together: what goes in comes out, for a long time. */
#include "place.h"

static void bodies_of_every_size_arrive_unchanged(void **state)
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

static void packets_pass_a_ring_that_is_mapped_once(void **state)
{
    (void)state;
    there_and_back(false);
}

static void packets_pass_a_ring_that_is_mapped_twice(void **state)
{
    (void)state;
    there_and_back(true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bodies_of_every_size_arrive_unchanged),
        cmocka_unit_test(packets_pass_a_ring_that_is_mapped_once),
        cmocka_unit_test(packets_pass_a_ring_that_is_mapped_twice),
    };

    return RUN(tests);
}
