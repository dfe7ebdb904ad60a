/* SPDX-License-Identifier: BSD-2-Clause */
/* The options of the network: what is accepted, what is refused and how. And
 * the random numbers. */
#include "tests.h"

#include <errno.h>
#include <string.h>

static int read_settings(struct ip_settings *settings, char *problem)
{
    int result = a_side.settings(settings, problem);

    world_no_options();
    return result;
}

static void defaults(void **state)
{
    char problem[IP_PROBLEM_MAX];
    struct ip_settings s;

    (void)state;
    world_no_options();
    assert_int_equal(read_settings(&s, problem), 0);
    assert_true(s.dhcp && s.ipv6);
    assert_false(s.mac[0] || s.address6[0] || s.mtu || s.vlan);
    assert_string_equal(s.name, "");
    assert_string_equal(s.dns[0], "");
}

static void all_given(void **state)
{
    static const uint8_t mac[6] = {0x00, 0x15, 0x5d, 0x01, 0xAB, 0xff};
    char problem[IP_PROBLEM_MAX];
    struct ip_settings s;

    (void)state;
    world_option("net.address", "192.168.1.10/23", 0);
    world_option("net.gateway", "192.168.0.1", 0);
    world_option("net.address6", "fd00::10", 0);
    world_option("net.dns", "192.168.0.2,fd00::53", 0);
    world_option("net.name", "box-1", 0);
    world_option("net.time", "off", 0);
    world_option("net.adapter", "00-15-5D-01-ab-FF", 0);
    world_option("net.mtu", "1400", 1400);
    world_option("net.vlan", "12", 12);
    assert_int_equal(read_settings(&s, problem), 0);
    assert_false(s.dhcp);
    assert_memory_equal(s.address, ((uint8_t[]){192, 168, 1, 10}), 4);
    assert_int_equal(s.prefix, 23);
    assert_memory_equal(s.gateway, ((uint8_t[]){192, 168, 0, 1}), 4);
    assert_memory_equal(s.address6, "\xfd\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x10", 16);
    assert_string_equal(s.dns[0], "192.168.0.2");
    assert_string_equal(s.dns[1], "fd00::53");
    assert_string_equal(s.name, "box-1");
    assert_string_equal(s.time, "off");
    assert_memory_equal(s.mac, mac, 6);
    assert_int_equal(s.mtu, 1400);
    assert_int_equal(s.vlan, 12);
}

static const struct {
    const char *option, *text;
} wrong[] = {
    {"net.address", ""},
    {"net.address", "192.168.1.10"},
    {"net.address", "192.168.1.10/"},
    {"net.address", "192.168.1.10/33"},
    {"net.address", "192.168.1.10/0"},
    {"net.address", "192.168.1.10/24x"},
    {"net.address", "192.168.1.10/+24"},
    {"net.address", "192.168.1.300/24"},
    {"net.address", "192.168.1/24"},
    {"net.address", "192.168.1.1.1/24"},
    {"net.address", "192.168. 1.1/24"},
    {"net.address", "224.0.0.1/24"},
    {"net.address", "0.0.0.0/24"},
    {"net.gateway", "192.168.1.1"}, /* with DHCP */
    {"net.address6", "10.0.0.1"},
    {"net.address6", "ff02::1"},
    {"net.address6", "::"},
    {"net.dns", ""},
    {"net.dns", "1.2.3.4,"},
    {"net.dns", "dns.example"},
    {"net.dns", "1.1.1.1,1.1.1.2,1.1.1.3,1.1.1.4"},
    {"net.name", ""},
    {"net.name", "-box"},
    {"net.name", "box-"},
    {"net.name", "my box"},
    {"net.name",
     "a234567890123456789012345678901234567890123456789012345678901234"},
    {"net.time", ""},
    {"net.adapter", "00:15:5d:01:02"},
    {"net.adapter", "00:15:5d:01:02:03:04"},
    {"net.adapter", "00:15:5d:01:02:0g"},
    {"net.adapter", "00155d010203"},
};

static void all_refused(void **state)
{
    char problem[IP_PROBLEM_MAX];
    struct ip_settings s;

    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        world_no_options();
        world_option(wrong[i].option, wrong[i].text, 0);
        problem[0] = 0;
        assert_int_equal(read_settings(&s, problem), -EINVAL);
        assert_memory_equal(problem, wrong[i].option, strlen(wrong[i].option));
        assert_non_null(strstr(problem, ": correct it, or leave it out"));
    }
    world_option("net.address", "192.168.1.10", 0);
    (void)read_settings(&s, problem);
    assert_string_equal(problem,
                        "net.address: found 192.168.1.10, expected dhcp or an "
                        "address with its prefix, 192.168.1.10/24: correct it, "
                        "or leave it out");
}

/* The last entry of the table in the paper's appendix A: the key is 0 to 15,
 * the input 0 to 14. */
static void siphash(void **state)
{
    const uint64_t key[2] = {UINT64_C(0x0706050403020100),
                             UINT64_C(0x0f0e0d0c0b0a0908)};
    uint8_t input[15];

    (void)state;
    for (size_t i = 0; i < sizeof(input); i++)
        input[i] = (uint8_t)i;
    assert_true(a_side.siphash(key, input, sizeof(input)) ==
                UINT64_C(0xa129ca6149be45e5));
}

/* Two stacks that are started at the same time differ. */
static void random_numbers(void **state)
{
    unsigned same = 0;

    (void)state;
    for (unsigned i = 0; i < 1000; i++)
        same += a_side.random() == b_side.random();
    assert_true(same < 5);
}

int settings_tests(void)
{
    const struct CMUnitTest tests[] = {
        {"without options: DHCP, IPv6, the first adapter", defaults, 0, 0, 0},
        {"each option is read", all_given, 0, 0, 0},
        {"what an option cannot be is refused by its name", all_refused, 0, 0,
         0},
        {"SipHash-2-4 gives the paper's result", siphash, 0, 0, 0},
        {"random numbers of two stacks differ", random_numbers, 0, 0, 0},
    };

    return cmocka_run_group_tests_name("settings", tests, NULL, NULL);
}
