/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of a hypervisor's CPUID leaves in words. */
#include <stdbool.h>
#include <string.h>

#include "unit.h"

#include "hv/hv.h"

/* What a Windows Server 2022 says, as far as the words need it. */
static struct hv_info server(void)
{
    return (struct hv_info){
        .hypervisor = true,
        .conforming = true,
        .vendor = "Microsoft Hv",
        .access = 1u << 2 | 1u << 5,
        .access_high = 1u << 4,
        .features = 1u << 10 | 1u << 31,
        .leaves = 1,
        .leaf = {{0x40000002, {.eax = 20348, .ebx = 10u << 16}}},
    };
}

static void the_host_is_named_with_its_build(void **state)
{
    struct hv_info info = server();
    char text[64];

    (void)state;
    hv_host_name(&info, text, sizeof(text));
    assert_string_equal(text, "Microsoft Hv, Windows build 20348, 10.0");
    info.leaf[0].value.ebx = 6u << 16 | 3;
    hv_host_name(&info, text, sizeof(text));
    assert_string_equal(text, "Microsoft Hv, Windows build 20348, 6.3");
}

static void a_host_without_a_build_says_so(void **state)
{
    struct hv_info info = server();
    char text[64];

    (void)state;
    info.leaf[0].value.eax = 0;
    hv_host_name(&info, text, sizeof(text));
    assert_string_equal(text, "Microsoft Hv, which does not tell its build");
    info.conforming = false;
    strcpy(info.vendor, "TCGTCGTCGTCG");
    hv_host_name(&info, text, sizeof(text));
    assert_string_equal(text, "TCGTCGTCGTCG, which does not tell its build");
    info.hypervisor = false;
    hv_host_name(&info, text, sizeof(text));
    assert_string_equal(text, "none (CPUID shows no hypervisor)");
}

static void flags_that_are_set_come_in_words(void **state)
{
    struct hv_info info = server();

    (void)state;
    assert_string_equal(hv_flag_group(0), "may use");
    assert_string_equal(hv_flag(&info, 0, 0), "SynIC");
    assert_string_equal(hv_flag(&info, 0, 1), "hypercalls");
    assert_null(hv_flag(&info, 0, 2));
    assert_string_equal(hv_flag(&info, 1, 0), "post messages");
    assert_string_equal(hv_flag(&info, 2, 0), "crash registers");
    assert_string_equal(hv_flag(&info, 2, 1), "APIC EOI intercept");
    assert_null(hv_flag(&info, 3, 0));
    assert_null(hv_flag_group(4));
    assert_null(hv_flag(&info, 4, 0));
    info.conforming = false;
    assert_null(hv_flag(&info, 0, 0));
}

/* Every bit of the wire reference has a name, and none stands there twice. */
static void each_flag_has_a_name_of_its_own(void **state)
{
    static const unsigned counts[] = {16, 20, 30, 24};
    struct hv_info info = server();

    (void)state;
    info.access = info.access_high = info.features = info.recommend =
        UINT32_MAX;
    for (unsigned group = 0; group < 4; group++) {
        for (unsigned i = 0; i < counts[group]; i++) {
            assert_non_null(hv_flag(&info, group, i));
            for (unsigned k = 0; k < i; k++)
                assert_string_not_equal(hv_flag(&info, group, i),
                                        hv_flag(&info, group, k));
        }
        assert_null(hv_flag(&info, group, counts[group]));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_host_is_named_with_its_build),
        cmocka_unit_test(a_host_without_a_build_says_so),
        cmocka_unit_test(flags_that_are_set_come_in_words),
        cmocka_unit_test(each_flag_has_a_name_of_its_own),
    };

    return cmocka_run_group_tests_name("hv_words", tests, NULL, NULL);
}
