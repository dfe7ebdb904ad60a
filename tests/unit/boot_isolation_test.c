/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of boot/isolation.c: which VMs are isolated. */
#include "unit.h"

#include <string.h>

#include "boot/isolation.h"
#include "boot/refuse.h"

static struct {
    bool hypervisor, hv1, tdx;
    uint32_t leaf_max, type;
} vm;

static struct cpuid_result ask(uint32_t leaf)
{
    switch (leaf) {
    case 0:
        return (struct cpuid_result){.eax = vm.tdx ? 0x21 : 0x16};
    case 1:
        return (struct cpuid_result){.ecx = vm.hypervisor ? 1u << 31 : 0};
    case 0x21:
        return (struct cpuid_result){0, 0x65746e49, 0x20202020, 0x5844546c};
    case 0x40000000:
        return (struct cpuid_result){.eax = vm.leaf_max};
    case 0x40000001:
        return (struct cpuid_result){.eax = vm.hv1 ? 0x31237648 : 0};
    case 0x4000000c:
        return (struct cpuid_result){.ebx = 0xfe0 | vm.type};
    default:
        fail_msg("nobody should ask for leaf %x", leaf);
        return (struct cpuid_result){0};
    }
}

static void each_kind_of_isolation_is_refused_by_its_name(void **state)
{
    static const char *const names[] = {NULL,    "(VBS)", "(SEV-SNP)",
                                        "(TDX)", "(CCA)", "(unknown kind)"};

    (void)state;
    vm = (typeof(vm)){.hypervisor = true, .hv1 = true, .leaf_max = 0x4000000c};
    for (vm.type = 0; vm.type < COUNT(names); vm.type++) {
        assert_int_equal(boot_is_isolated(ask), vm.type != 0);
        if (vm.type)
            assert_non_null(strstr(boot_refusal(), names[vm.type]));
    }
}

static void a_tdx_vm_is_known_without_microsofts_leaves(void **state)
{
    (void)state;
    vm = (typeof(vm)){.tdx = true};
    assert_true(boot_is_isolated(ask));
    assert_non_null(strstr(boot_refusal(), "(TDX)"));
}

/* What a leaf past the maximum, or of another hypervisor, says is nothing. */
static void leaves_that_mean_nothing_are_not_believed(void **state)
{
    (void)state;
    vm = (typeof(vm)){.hv1 = true, .leaf_max = 0x4000000c, .type = 2};
    assert_false(boot_is_isolated(ask));
    vm = (typeof(vm)){
        .hypervisor = true, .hv1 = true, .leaf_max = 0x4000000a, .type = 2};
    assert_false(boot_is_isolated(ask));
    vm = (typeof(vm)){.hypervisor = true, .leaf_max = 0x4000000c, .type = 2};
    assert_false(boot_is_isolated(ask));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_kind_of_isolation_is_refused_by_its_name),
        cmocka_unit_test(a_tdx_vm_is_known_without_microsofts_leaves),
        cmocka_unit_test(leaves_that_mean_nothing_are_not_believed),
    };

    return cmocka_run_group_tests_name("boot_isolation", tests, NULL, NULL);
}
