/* SPDX-License-Identifier: BSD-2-Clause */
/* What comes due first, whatever is added and taken out. */
#include "unit.h"

#include <stdbool.h>
#include <stdlib.h>

#include "arch/time/due.h"

enum { THINGS = 300, ROUNDS = 20000 };

static struct due things[THINGS];
static bool in[THINGS];

static uint64_t earliest(void)
{
    uint64_t at = UINT64_MAX;

    for (int i = 0; i < THINGS; i++)
        at = in[i] && things[i].at < at ? things[i].at : at;
    return at;
}

static void the_first_is_always_the_earliest(void **state)
{
    struct due *heap = NULL;

    (void)state;
    srand(1);
    for (int round = 0; round < ROUNDS; round++) {
        int i = rand() % THINGS;

        if (in[i]) {
            due_remove(&heap, &things[i]);
        } else {
            things[i].at = (uint64_t)(rand() % 100);
            due_add(&heap, &things[i]);
        }
        in[i] = !in[i];
        assert_int_equal(heap ? heap->at : UINT64_MAX, earliest());
    }
}

static void all_come_out_in_order(void **state)
{
    struct due *heap = NULL;
    uint64_t last = 0;

    (void)state;
    for (int i = 0; i < THINGS; i++) {
        things[i].at = (uint64_t)i * 7919 % THINGS;
        due_add(&heap, &things[i]);
    }
    for (int i = 0; i < THINGS; i++) {
        assert_non_null(heap);
        assert_true(heap->at >= last);
        last = heap->at;
        due_remove(&heap, heap);
    }
    assert_null(heap);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_is_always_the_earliest),
        cmocka_unit_test(all_come_out_in_order),
    };

    return cmocka_run_group_tests_name("due", tests, NULL, NULL);
}
