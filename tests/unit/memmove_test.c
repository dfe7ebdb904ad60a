/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of the guest's memmove, which is named guest_memmove here. */
#include "unit.h"

#include <stdint.h>
#include <string.h>

#define ROOM 96

void *guest_memmove(void *to, const void *from, size_t size);

static void fill(uint8_t bytes[ROOM])
{
    for (unsigned i = 0; i < ROOM; i++)
        bytes[i] = (uint8_t)(i * 7 + 1);
}

/* Compared with a copy by way of a second buffer. */
static void moves_as_if(size_t to, size_t from, size_t size)
{
    uint8_t moved[ROOM], wanted[ROOM], between[ROOM];

    fill(moved);
    fill(wanted);
    memcpy(between, wanted + from, size);
    memcpy(wanted + to, between, size);
    assert_ptr_equal(guest_memmove(moved + to, moved + from, size), moved + to);
    assert_memory_equal(moved, wanted, ROOM);
}

static void memmove_keeps_the_bytes_at_every_distance_and_size(void **state)
{
    (void)state;
    for (size_t size = 0; size <= 40; size++) {
        for (size_t to = 0; to + size <= ROOM && to <= 48; to++)
            for (size_t from = 0; from + size <= ROOM && from <= 48; from++)
                moves_as_if(to, from, size);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memmove_keeps_the_bytes_at_every_distance_and_size),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
