/* SPDX-License-Identifier: BSD-2-Clause */
/* In-band packets, completions, cancellations: bytes by hand. */
#include "place.h"

static void an_in_band_packet_has_exactly_the_expected_bytes(void **state)
{
    struct place *p = place_at(4096, false, 0);
    uint32_t at = 0;

    (void)state;
    assert_int_equal(
        packet_write_in_band(&p->writer, &at, 7, true, "ABCDEFGHIJKL", 12), 0);
    assert_int_equal(
        packet_write_in_band(&p->writer, &at, 8, false, "ABCDEFGH", 8), 0);
    expect_data(p, 0,
                "06 00 02 00 04 00 01 00 07 00 00 00 00 00 00 00 "
                "41 42 43 44 45 46 47 48 49 4a 4b 4c 00 00 00 00 "
                "00 00 00 00 00 00 00 00 "
                "06 00 02 00 03 00 00 00 08 00 00 00 00 00 00 00 "
                "41 42 43 44 45 46 47 48 00 00 00 00 28 00 00 00 ee");
    place_free(p);
}

static void a_completion_has_exactly_the_expected_bytes(void **state)
{
    struct place *p = place_at(4096, false, 0);
    uint32_t at = 0;

    (void)state;
    assert_int_equal(
        packet_write_completion(&p->writer, &at, 0x1122334455667788, "DONE", 4),
        0);
    expect_data(p, 0,
                "0b 00 02 00 03 00 00 00 88 77 66 55 44 33 22 11 "
                "44 4f 4e 45 00 00 00 00 00 00 00 00 00 00 00 00 ee");
    place_free(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_in_band_packet_has_exactly_the_expected_bytes),
        cmocka_unit_test(a_completion_has_exactly_the_expected_bytes),
    };

    return RUN(tests);
}
