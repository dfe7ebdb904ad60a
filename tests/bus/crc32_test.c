/* SPDX-License-Identifier: BSD-2-Clause */
/* The checksum of saved states and of vmbare_crc32. */
#include "fixture.h"
#include "vmbus/wire/crc32.h"

/* The check value that every description of CRC-32 gives. */
#define OF_DIGITS 0xcbf43926u

static const char digits[] = "123456789";

static void the_checksum_of_the_nine_digits_is_the_known_one(void **state)
{
    (void)state;
    assert_int_equal(vmbus_crc32(0, digits, 9), OF_DIGITS);
}

static void pieces_give_the_same_checksum_as_the_whole(void **state)
{
    (void)state;
    for (size_t first = 0; first <= 9; first++)
        assert_int_equal(vmbus_crc32(vmbus_crc32(0, digits, first),
                                     digits + first, 9 - first),
                         OF_DIGITS);
}

static void no_bytes_leave_the_checksum_as_it_was(void **state)
{
    (void)state;
    assert_int_equal(vmbus_crc32(0, NULL, 0), 0);
    assert_int_equal(vmbus_crc32(OF_DIGITS, NULL, 0), OF_DIGITS);
}

/* Against the definition, a bit at a time, for each value of a byte. */
static void each_byte_follows_the_polynomial(void **state)
{
    (void)state;
    for (uint32_t value = 0; value < 256; value++) {
        uint8_t byte = (uint8_t)value;
        uint32_t crc = UINT32_MAX ^ value;

        for (int bit = 0; bit < 8; bit++)
            crc = crc & 1 ? crc >> 1 ^ 0xedb88320u : crc >> 1;
        assert_int_equal(vmbus_crc32(0, &byte, 1), ~crc);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_checksum_of_the_nine_digits_is_the_known_one),
        cmocka_unit_test(pieces_give_the_same_checksum_as_the_whole),
        cmocka_unit_test(no_bytes_leave_the_checksum_as_it_was),
        cmocka_unit_test(each_byte_follows_the_polynomial),
    };

    return cmocka_run_group_tests_name("crc32", tests, NULL, NULL);
}
