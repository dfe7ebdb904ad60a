/* SPDX-License-Identifier: BSD-2-Clause */
/* When an interrupt needs no EOI: arch/interrupts/eoi.h. */
#include "unit.h"

#include <string.h>

#include "arch/interrupts/eoi.h"

static void without_a_hint_each_interrupt_has_its_eoi(void **state)
{
    struct cpu cpu;

    (void)state;
    memset(&cpu, 0, sizeof(cpu));
    assert_false(eoi_is_spared(&cpu));
    assert_int_equal(cpu.eois_spared, 0);
}

static void a_clear_hint_asks_for_the_eoi(void **state)
{
    uint32_t hint = 0;
    struct cpu cpu;

    (void)state;
    memset(&cpu, 0, sizeof(cpu));
    cpu.no_eoi = &hint;
    assert_false(eoi_is_spared(&cpu));
    assert_int_equal(hint, 0);
    assert_int_equal(cpu.eois_spared, 0);
}

/* The hypervisor sets it for one interrupt: the next one has its EOI. */
static void a_hint_counts_for_one_interrupt(void **state)
{
    uint32_t hint = 1;
    struct cpu cpu;

    (void)state;
    memset(&cpu, 0, sizeof(cpu));
    cpu.no_eoi = &hint;
    assert_true(eoi_is_spared(&cpu));
    assert_int_equal(hint, 0);
    assert_false(eoi_is_spared(&cpu));
    assert_int_equal(cpu.eois_spared, 1);
}

/* The other bits are reserved, and stay as the hypervisor left them. */
static void other_bits_are_no_hint_and_stay(void **state)
{
    uint32_t hint = 0xfffffffe;
    struct cpu cpu;

    (void)state;
    memset(&cpu, 0, sizeof(cpu));
    cpu.no_eoi = &hint;
    assert_false(eoi_is_spared(&cpu));
    assert_int_equal(hint, 0xfffffffe);
    hint = 0xffffffff;
    assert_true(eoi_is_spared(&cpu));
    assert_int_equal(hint, 0xfffffffe);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_a_hint_each_interrupt_has_its_eoi),
        cmocka_unit_test(a_clear_hint_asks_for_the_eoi),
        cmocka_unit_test(a_hint_counts_for_one_interrupt),
        cmocka_unit_test(other_bits_are_no_hint_and_stay),
    };

    return cmocka_run_group_tests_name("eoi", tests, NULL, NULL);
}
