/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of the appliance's words about the network: each state of adapter, link
 * and addresses has its line, and the first one is what a person looks for. */
#include <stdio.h>
#include <string.h>

#include "unit.h"

#include "app/appliance/address.h"

/* An adapter that DHCP has given an address. */
static const struct address_facts usual = {
    .bus = true,
    .adapters = 1,
    .open = true,
    .ip = {.state = IP_LINK,
           .mac = {0x00, 0x15, 0x5d, 0x01, 0x02, 0x0f},
           .origin = IP_FROM_DHCP,
           .address = "10.0.2.15",
           .prefix = 24,
           .name = "vmbare-020f",
           .seconds = 3},
};

static struct address_facts facts;
static struct address_words words;

static int begin(void **state)
{
    (void)state;
    facts = usual;
    return 0;
}

static void set(char *text, size_t size, const char *value)
{
    snprintf(text, size, "%s", value);
}

/* These lines, and no others. */
static void says(unsigned count, const char *const lines[])
{
    address_say(&facts, &words);
    for (unsigned i = 0; i < count && i < words.count; i++)
        assert_string_equal(words.line[i], lines[i]);
    assert_int_equal(words.count, count);
}

#define SAYS(...)                                     \
    says(COUNT(((const char *const[]){__VA_ARGS__})), \
         (const char *const[]){__VA_ARGS__})

#define ADAPTER "adapter 00:15:5d:01:02:0f"
#define NO_ANSWER \
    "no answer from DHCP for 3 s; set net.address if this network has"

static void an_address_comes_first(void **state)
{
    (void)state;
    SAYS("10.0.2.15/24 by DHCP, vmbare-020f.local", ADAPTER);
    facts.ip.origin = IP_FIXED;
    SAYS("10.0.2.15/24 as net.address says, vmbare-020f.local", ADAPTER);
}

static void addresses_of_ipv6_follow_in_small_letters(void **state)
{
    (void)state;
    facts.ip.address6_count = 2;
    set(facts.ip.address6[0], sizeof(facts.ip.address6[0]),
        "FE80::215:5DFF:FE01:20F");
    set(facts.ip.address6[1], sizeof(facts.ip.address6[1]), "FD00::A");
    SAYS("10.0.2.15/24 by DHCP, vmbare-020f.local", "fe80::215:5dff:fe01:20f",
         "fd00::a", ADAPTER);
}

static void the_longest_texts_fit_in_the_lines(void **state)
{
    (void)state;
    facts.ip.address6_count = 4;
    for (unsigned i = 0; i < 4; i++)
        set(facts.ip.address6[i], sizeof(facts.ip.address6[i]),
            "FD00:1111:2222:3333:4444:5555:6666:7777");
    memset(facts.ip.name, 'n', IP_NAME_MAX - 1);
    set(facts.ip.address, sizeof(facts.ip.address), "255.255.255.255");
    facts.ip.origin = IP_OWN_CHOICE;
    facts.adapters = 12;
    address_say(&facts, &words);
    assert_int_equal(words.count, ADDRESS_LINES);
    for (unsigned i = 0; i < words.count; i++)
        assert_true(strlen(words.line[i]) < ADDRESS_WIDTH);
}

static void a_silent_network_is_told_with_its_seconds(void **state)
{
    (void)state;
    facts.ip.origin = IP_NO_ADDRESS;
    SAYS(NO_ANSWER, "none", ADAPTER);
}

static void an_address_of_its_own_choice_is_told_with_the_reason(void **state)
{
    (void)state;
    facts.ip.origin = IP_OWN_CHOICE;
    facts.ip.prefix = 16;
    set(facts.ip.address, sizeof(facts.ip.address), "169.254.7.8");
    SAYS("169.254.7.8/16 of its own choice, vmbare-020f.local", NO_ANSWER,
         "none", ADAPTER);
}

static void without_a_link_the_address_is_not_shown(void **state)
{
    (void)state;
    facts.ip.state = IP_NO_LINK;
    SAYS("no link: connect the adapter to a virtual switch", ADAPTER);
    facts.adapters = 0;
    SAYS("no link: the host has taken the adapter away", ADAPTER);
}

static void which_of_several_adapters_is_told(void **state)
{
    (void)state;
    facts.adapters = 2;
    SAYS("10.0.2.15/24 by DHCP, vmbare-020f.local",
         ADAPTER ", the first of 2: net.adapter chooses");
    facts.chosen = true;
    SAYS("10.0.2.15/24 by DHCP, vmbare-020f.local",
         ADAPTER ", one of 2, as net.adapter says");
}

static void what_cannot_be_opened_is_told_with_its_reason(void **state)
{
    (void)state;
    facts.open = false;
    facts.adapters = 0;
    SAYS("none: the host offers no network adapter; add one to the virtual",
         "machine");
    set(facts.problem, sizeof(facts.problem), "refused");
    SAYS("none: refused");
    facts.bus = false;
    SAYS("none: without VMBus nobody offers an adapter");
}

/* A text without a blank is cut where the line ends. */
static void a_text_without_blanks_is_cut(void **state)
{
    (void)state;
    facts.open = false;
    memset(facts.problem, 'x', sizeof(facts.problem) - 1);
    address_say(&facts, &words);
    assert_string_equal(words.line[0], "none:");
    assert_int_equal(strlen(words.line[1]), ADDRESS_WIDTH - 1);
    assert_int_equal(words.count, 4);
}

static void a_long_wait_has_milestones(void **state)
{
    static const uint32_t at[][2] = {{0, 0},     {9, 0},       {10, 10},
                                     {59, 10},   {60, 60},     {599, 60},
                                     {600, 600}, {3600, 3600}, {90000, 3600}};

    (void)state;
    for (unsigned i = 0; i < COUNT(at); i++)
        assert_int_equal(address_milestone(at[i][0]), at[i][1]);
}

#define T(test) cmocka_unit_test_setup(test, begin)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(an_address_comes_first),
        T(addresses_of_ipv6_follow_in_small_letters),
        T(the_longest_texts_fit_in_the_lines),
        T(a_silent_network_is_told_with_its_seconds),
        T(an_address_of_its_own_choice_is_told_with_the_reason),
        T(without_a_link_the_address_is_not_shown),
        T(which_of_several_adapters_is_told),
        T(what_cannot_be_opened_is_told_with_its_reason),
        T(a_text_without_blanks_is_cut),
        T(a_long_wait_has_milestones),
    };

    return cmocka_run_group_tests_name("address", tests, NULL, NULL);
}
