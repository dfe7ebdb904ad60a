/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Data exchange (KVP) of drivers/services/: each request of a host is written
 * by hand from the tables of the protocol, good ones first, then with one byte
 * changed; each answer is compared with bytes by hand.
 */
#include "integration_world.h"

#include <errno.h>
#include <string.h>

#include "drivers/services/kvp/kvp.h"

/* ---- requests ------------------------------------------------------------ */

enum { GET, SET, DELETE, ENUMERATE, GET_ADDRESSES, SET_ADDRESSES, LARGEST };

/* A message with room for the longest form. */
static uint8_t body[20 + 7428];

static void begin(uint8_t operation, uint8_t pool)
{
    static const uint8_t header[] = {HEADER(2, 4, 0, 2580)};

    memset(body, 0, sizeof(body));
    memcpy(body, header, sizeof(header));
    body[20] = operation;
    body[21] = pool;
}

/* ASCII as UTF-16, with its zero; its bytes go to `size`. */
static void text(uint32_t at, uint32_t size, const char *ascii)
{
    uint32_t n = (uint32_t)strlen(ascii);

    for (uint32_t i = 0; i <= n; i++)
        body[20 + at + 2 * i] = (uint8_t)ascii[i];
    n = 2 * (n + 1);
    memcpy(body + 20 + size, &n, 4);
}

static uint32_t ask(void)
{
    enum ic_outcome outcome = take(body, 20 + 2580);

    assert_int_not_equal(outcome, IC_IGNORED);
    assert_answer(status);
    return status;
}

static uint32_t set(uint8_t pool, const char *key, const char *value)
{
    begin(SET, pool);
    body[24] = 1;
    text(16, 8, key);
    text(528, 12, value);
    return ask();
}

static uint32_t get(uint8_t pool, const char *key)
{
    begin(GET, pool);
    text(16, 8, key);
    return ask();
}

static uint32_t delete_key(uint8_t pool, const char *key)
{
    begin(DELETE, pool);
    text(8, 4, key);
    return ask();
}

static uint32_t enumerate(uint8_t pool, uint32_t index)
{
    begin(ENUMERATE, pool);
    memcpy(body + 24, &index, 4);
    return ask();
}

/* The answer has this text there, its zero, and this size. */
static void assert_text(uint32_t at, uint32_t size_at, const char *ascii)
{
    uint32_t n = (uint32_t)strlen(ascii), told;

    for (uint32_t i = 0; i <= n; i++) {
        assert_int_equal(message[20 + at + 2 * i], ascii[i]);
        assert_int_equal(message[20 + at + 2 * i + 1], 0);
    }
    memcpy(&told, message + 20 + size_at, 4);
    assert_int_equal(told, 2 * (n + 1));
}

static int start(void **state)
{
    setup(state);
    system_begin();
    services_set_network(NULL);
    agree(SERVICES_KVP, 4, 0);
    return 0;
}

static int stop(void **state)
{
    pools_clear();
    return teardown(state);
}

/* ---- values -------------------------------------------------------------- */

static void a_value_that_the_host_sets_is_configuration(void **state)
{
    char value[16], key[SERVICES_KEY_MAX], all[SERVICES_VALUE_MAX];

    (void)state;
    assert_int_equal(services_value("colour", value, 16), -ENOENT);
    assert_int_equal(set(0, "colour", "blue"), IC_OK);
    assert_int_equal(services_value("colour", value, 16), 0);
    assert_string_equal(value, "blue");
    assert_int_equal(services_value("colour", value, 5), 0);
    assert_int_equal(services_value("colour", value, 4), -ERANGE);
    assert_string_equal(value, "blu");
    assert_true(services_value_next(0, key, all));
    assert_string_equal(key, "colour");
    assert_string_equal(all, "blue");
    assert_false(services_value_next(1, key, all));
    /* What the host gives by itself is read, too. */
    assert_int_equal(set(3, "VirtualMachineName", "web"), IC_OK);
    assert_int_equal(services_value("VirtualMachineName", value, 16), 0);
    assert_string_equal(value, "web");
}

static void a_value_is_told_changed_and_deleted(void **state)
{
    (void)state;
    assert_int_equal(set(0, "a", "1"), IC_OK);
    assert_int_equal(set(0, "b", "2"), IC_OK);
    assert_int_equal(set(0, "a", "33"), IC_OK);
    assert_int_equal(enumerate(0, 0), IC_OK);
    assert_text(20, 12, "a");
    assert_text(532, 16, "33");
    assert_int_equal(message[28], 1); /* a string */
    assert_int_equal(enumerate(0, 1), IC_OK);
    assert_text(20, 12, "b");
    assert_int_equal(enumerate(0, 2), (uint32_t)IC_NO_MORE);
    assert_int_equal(enumerate(0, UINT32_MAX), (uint32_t)IC_NO_MORE);
    assert_int_equal(get(0, "b"), IC_OK);
    assert_text(16, 8, "b");
    assert_text(528, 12, "2");
    assert_int_equal(get(3, "b"), (uint32_t)IC_NOT_FOUND);
    assert_int_equal(delete_key(0, "a"), IC_OK);
    assert_int_equal(delete_key(0, "a"), (uint32_t)IC_NOT_FOUND);
    assert_int_equal(enumerate(0, 0), IC_OK);
    assert_text(20, 12, "b");
    assert_int_equal(delete_key(0, "b"), IC_OK);
    assert_int_equal(enumerate(0, 0), (uint32_t)IC_NO_MORE);
}

static void a_value_of_the_application_is_for_the_host_to_read(void **state)
{
    (void)state;
    assert_int_equal(services_publish("state", "good"), 0);
    assert_int_equal(enumerate(1, 0), IC_OK);
    assert_text(20, 12, "state");
    assert_text(532, 16, "good");
    assert_int_equal(set(1, "state", "bad"), (uint32_t)IC_NOT_SUPPORTED);
    assert_int_equal(delete_key(1, "state"), (uint32_t)IC_NOT_SUPPORTED);
    assert_int_equal(services_publish("state", NULL), 0);
    assert_int_equal(services_publish("state", NULL), -ENOENT);
    assert_int_equal(services_publish("", "x"), -EINVAL);
    assert_int_equal(services_publish("k", "\xC0\x80"), -EINVAL);
}

static void a_pool_has_an_end(void **state)
{
    char key[8] = "k000";

    (void)state;
    for (int i = 0; i < 128; i++) {
        key[1] = (char)('0' + i / 100);
        key[2] = (char)('0' + i / 10 % 10);
        key[3] = (char)('0' + i % 10);
        assert_int_equal(set(0, key, "v"), IC_OK);
    }
    assert_int_equal(set(0, "one more", "v"), (uint32_t)IC_FULL);
    assert_int_equal(set(0, "k127", "w"), IC_OK);
    assert_int_equal(delete_key(0, "k000"), IC_OK);
    assert_int_equal(set(0, "one more", "v"), IC_OK);
}

static void numbers_become_texts(void **state)
{
    char value[32];

    (void)state;
    begin(SET, 0);
    text(16, 8, "n");
    body[24] = 4;
    body[32] = 4;
    body[548] = 0x39;
    body[549] = 0x30;
    assert_int_equal(ask(), IC_OK);
    assert_int_equal(services_value("n", value, 32), 0);
    assert_string_equal(value, "12345");
    body[32] = 8; /* the wrong size */
    assert_int_equal(ask(), (uint32_t)IC_INVALID);
    for (uint8_t type = 8; type <= 11; type += 3) {
        body[24] = type;
        memset(body + 548, 0xFF, 8);
        assert_int_equal(ask(), IC_OK);
        assert_int_equal(services_value("n", value, 32), 0);
        assert_string_equal(value, "18446744073709551615");
    }
}

static void wrong_values_are_refused(void **state)
{
    static const struct {
        uint32_t at;
        uint8_t value;
    } bad[] = {
        {24, 0}, {24, 3},   {24, 9}, /* the type */
        {28, 0},                     /* no key */
        {28, 5},                     /* half a unit of it */
        {29, 3},                     /* 770 bytes of a field of 512 */
        {33, 9},                     /* the value likewise */
        {32, 3}, {36, 0},            /* an empty key */
        {31, 1}, {35, 255},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++) {
        begin(SET, 0);
        body[24] = 1;
        text(16, 8, "k");
        text(528, 12, "v");
        body[bad[i].at] = bad[i].value;
        assert_int_equal(ask(), (uint32_t)IC_INVALID);
    }
    assert_int_equal(enumerate(0, 0), (uint32_t)IC_NO_MORE);
    /* A field that is full to its end. */
    begin(SET, 0);
    body[24] = 1;
    text(528, 12, "v");
    memset(body + 36, 'k', 512);
    body[29] = 2;
    assert_int_equal(ask(), (uint32_t)IC_INVALID);
    assert_int_equal(get(0, ""), (uint32_t)IC_INVALID);
    assert_int_equal(delete_key(0, ""), (uint32_t)IC_INVALID);
}

static void messages_that_are_too_short_are_refused(void **state)
{
    static const uint32_t least[] = {2576, 2576, 520, 2580, 7428, 7428};

    (void)state;
    for (unsigned i = GET; i < LARGEST; i++) {
        begin((uint8_t)i, 0);
        body[10] = body[11] = 0; /* Linux looks at the packet's size only */
        text(i == DELETE ? 8 : 16, i == DELETE ? 4 : 8, "k");
        assert_int_equal(take(body, 20 + least[i] - 1), IC_REFUSED);
        assert_answer(IC_INVALID);
        (void)take(body, 20 + least[i]);
        if (i != SET)
            assert_int_not_equal(status, (uint32_t)IC_INVALID);
        assert_int_equal(message[10] | message[11] << 8, least[i]);
    }
    begin(6, 0);
    assert_int_equal(ask(), (uint32_t)IC_NOT_SUPPORTED);
    body[10] = body[11] = 0;
    assert_int_equal(take(body, 21), IC_REFUSED);
    assert_answer(IC_INVALID);
    assert_int_equal(enumerate(4, 0), (uint32_t)IC_NOT_SUPPORTED);
    assert_int_equal(set(255, "k", "v"), (uint32_t)IC_NOT_SUPPORTED);
    assert_int_equal(set(2, "k", "v"), (uint32_t)IC_NOT_SUPPORTED);
}

/* ---- facts about the system ---------------------------------------------- */

static void the_system_tells_what_it_is(void **state)
{
    static const char *const facts[][2] = {
        {"FullyQualifiedDomainName", "vmbare"},
        {"IntegrationServicesVersion", "1.22.3+gabc"},
        {"NetworkAddressIPv4", ""},
        {"NetworkAddressIPv6", ""},
        {"OSBuildNumber", "1.22.3+gabc"},
        {"OSName", "vmbare"},
        {"OSMajorVersion", "1"},
        {"OSMinorVersion", "22"},
        {"OSVersion", "1.22.3+gabc"},
        {"ProcessorArchitecture", "x86_64"},
    };

    (void)state;
    for (uint32_t i = 0; i < COUNT(facts); i++) {
        assert_int_equal(enumerate(2, i), IC_OK);
        assert_text(20, 12, facts[i][0]);
        assert_text(532, 16, facts[i][1]);
    }
    assert_int_equal(enumerate(2, COUNT(facts)), (uint32_t)IC_NO_MORE);
    assert_int_equal(get(2, "OSMinorVersion"), IC_OK);
    assert_text(528, 12, "22");
    assert_int_equal(get(2, "OSMinor"), (uint32_t)IC_NOT_FOUND);
}

/* ---- addresses ----------------------------------------------------------- */

static struct services_change asked;
static int answer;
static bool there;

static bool read_network(struct services_network *n)
{
    static const struct services_network known = {
        .mac = {0x00, 0x15, 0x5D, 0x0A, 0x0B, 0x0C},
        .instance = "01234567-89ab-cdef-0123-456789abcdef",
        .name = "web",
        .dhcp = true,
        .address_count = 2,
        .addresses = {{4, 23, {10, 1, 2, 3}, "10.1.2.3"},
                      {6, 64, {0xFE, 0x80, [15] = 1}, "fe80::1"}},
        .gateway_count = 1,
        .gateways = {{4, 0, {10, 1, 2, 1}, "10.1.2.1"}},
        .dns_count = 2,
        .dns = {{4, 0, {9, 9, 9, 9}, "9.9.9.9"},
                {6, 0, {0x20, 1, [15] = 8}, "2001::8"}},
    };

    *n = known;
    return there;
}

static int change_network(const struct services_change *change)
{
    asked = *change;
    return answer;
}

static const struct services_network_source source = {read_network,
                                                      change_network};

static void with_network(uint8_t version)
{
    there = true;
    answer = 0;
    memset(&asked, 0xEE, sizeof(asked));
    services_set_network(&source);
    agree(SERVICES_KVP, version, 0);
}

static uint32_t ask_addresses(uint32_t size)
{
    body[10] = body[11] = 0;
    assert_int_not_equal(take(body, 20 + size), IC_IGNORED);
    return status;
}

static void assert_list(uint32_t at, const char *ascii)
{
    for (uint32_t i = 0; i <= strlen(ascii); i++)
        assert_int_equal(message[20 + at + 2 * i], ascii[i]);
}

static void addresses_are_facts_too(void **state)
{
    (void)state;
    with_network(4);
    assert_int_equal(get(2, "NetworkAddressIPv4"), IC_OK);
    assert_text(528, 12, "10.1.2.3");
    assert_int_equal(get(2, "NetworkAddressIPv6"), IC_OK);
    assert_text(528, 12, "fe80::1");
    assert_int_equal(get(2, "FullyQualifiedDomainName"), IC_OK);
    assert_text(528, 12, "web.local");
    there = false;
    assert_int_equal(get(2, "NetworkAddressIPv4"), IC_OK);
    assert_text(528, 12, "");
}

static void before_5_0_addresses_are_texts(void **state)
{
    (void)state;
    with_network(4);
    begin(GET_ADDRESSES, 0);
    text(2, 1000, "00:15:5D:0A:0B:0C");
    assert_int_equal(ask_addresses(7428), IC_OK);
    assert_int_equal(message[20 + 258], 3);
    assert_int_equal(message[20 + 259], 1);
    assert_list(260, "10.1.2.3;fe80::1");
    assert_list(2308, "255.255.254.0;64");
    assert_list(4356, "10.1.2.1");
    assert_list(5380, "9.9.9.9;2001::8");
}

static void an_adapter_is_meant_by_its_address_or_guid(void **state)
{
    (void)state;
    with_network(4);
    begin(GET_ADDRESSES, 0);
    text(2, 1000, "00-15-5d-0a-0b-0c");
    assert_int_equal(ask_addresses(7428), IC_OK);
    text(2, 1000, "{01234567-89AB-CDEF-0123-456789ABCDEF}");
    assert_int_equal(ask_addresses(7428), IC_OK);
    text(2, 1000, "{01234567-89AB-CDEF-0123-456789ABCDEE}");
    assert_int_equal(ask_addresses(7428), (uint32_t)IC_NOT_CONNECTED);
    text(2, 1000, "00:15:5D:0A:0B:0D");
    assert_int_equal(ask_addresses(7428), (uint32_t)IC_NOT_CONNECTED);
    text(2, 1000, "00:15:5D:0A:0B");
    assert_int_equal(ask_addresses(7428), (uint32_t)IC_NOT_CONNECTED);
    text(2, 1000, "00:15:5D:0A:0B:0C");
    there = false;
    assert_int_equal(ask_addresses(7428), (uint32_t)IC_NOT_CONNECTED);
    services_set_network(NULL);
    assert_int_equal(ask_addresses(7428), (uint32_t)IC_NOT_CONNECTED);
    begin(SET_ADDRESSES, 0);
    assert_int_equal(ask_addresses(7428), (uint32_t)IC_NOT_CONNECTED);
}

static void before_5_0_addresses_are_taken_as_texts(void **state)
{
    (void)state;
    with_network(4);
    begin(SET_ADDRESSES, 0);
    text(2, 1000, "00:15:5D:0A:0B:0C");
    text(260, 1000, "10.9.9.9");
    text(2308, 2200, "255.255.255.0");
    text(4356, 2200, "10.9.9.1");
    text(5380, 2200, "10.9.9.2;10.9.9.3");
    assert_int_equal(ask_addresses(7428), IC_OK);
    assert_false(asked.dhcp);
    assert_string_equal(asked.addresses, "10.9.9.9");
    assert_string_equal(asked.subnets, "255.255.255.0");
    assert_string_equal(asked.gateways, "10.9.9.1");
    assert_string_equal(asked.dns, "10.9.9.2;10.9.9.3");
    body[20 + 259] = 1;
    answer = -EINVAL; /* the network refuses it */
    assert_int_equal(ask_addresses(7428), (uint32_t)IC_INVALID);
    assert_true(asked.dhcp);
    for (unsigned i = 0; i < 512; i++)
        body[20 + 260 + 2 * i] = '1';
    answer = 0;
    assert_int_equal(ask_addresses(7428), (uint32_t)IC_INVALID);
}

static void from_5_0_addresses_are_numbers(void **state)
{
    static const uint8_t counts[24] = {1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0,
                                       0, 0, 0, 0, 0, 1, 0, 0, 0, 1};

    (void)state;
    with_network(5);
    begin(GET_ADDRESSES, 0);
    text(28, 1000, "00:15:5D:0A:0B:0C");
    assert_int_equal(ask_addresses(3715), (uint32_t)IC_INVALID);
    assert_int_equal(ask_addresses(3716), IC_OK);
    assert_memory_equal(message + 24, counts, sizeof(counts));
    assert_int_equal(message[20 + 284], 3);
    assert_int_equal(message[20 + 285], 1);
    assert_memory_equal(message + 20 + 288, "\x0A\1\2\3", 4);
    assert_memory_equal(message + 20 + 544, "\xFE\x80\0\0", 4);
    assert_int_equal(message[20 + 559], 1);
    assert_memory_equal(message + 20 + 1568, "\xFF\xFF\xFE\0", 4);
    assert_memory_equal(message + 20 + 1824, "\x40\0\0\0", 4);
    assert_memory_equal(message + 20 + 2080, "\x0A\1\2\1", 4);
    assert_memory_equal(message + 20 + 2180, "\x09\x09\x09\x09", 4);
    assert_memory_equal(message + 20 + 2436, "\x20\1\0\0", 4);
}

static void from_5_0_addresses_are_taken_as_numbers(void **state)
{
    static const uint32_t at_counts[] = {4, 8, 12, 16, 20, 24};
    static const uint8_t most[] = {64, 64, 5, 5, 64, 64};

    (void)state;
    with_network(5);
    begin(SET_ADDRESSES, 0);
    text(28, 1000, "00:15:5D:0A:0B:0C");
    memset(body + 20 + 1000, 0, 4);
    body[24] = body[28] = body[32] = body[40] = 1;
    memcpy(body + 20 + 288, "\x0A\x09\x09\x09", 4);
    memcpy(body + 20 + 544, "\x20\1\x0D\xB8", 4);
    body[20 + 559] = 0xAB;
    memcpy(body + 20 + 1568, "\xFF\xFF\xFF\0", 4);
    body[20 + 1824] = 64;
    memcpy(body + 20 + 2080, "\x0A\x09\x09\1", 4);
    memcpy(body + 20 + 2180, "\x0A\x09\x09\2", 4);
    assert_int_equal(ask_addresses(3716), IC_OK);
    assert_string_equal(asked.addresses, "10.9.9.9;2001:db8:0:0:0:0:0:ab");
    assert_string_equal(asked.subnets, "255.255.255.0;64");
    assert_string_equal(asked.gateways, "10.9.9.1");
    assert_string_equal(asked.dns, "10.9.9.2");
    for (size_t i = 0; i < COUNT(most); i++) {
        uint8_t before = body[20 + at_counts[i]];

        body[20 + at_counts[i]] = (uint8_t)(most[i] + 1);
        assert_int_equal(ask_addresses(3716), (uint32_t)IC_INVALID);
        body[20 + at_counts[i]] = before;
    }
    body[24] = 64; /* more than a list has room for */
    memset(body + 20 + 288, 200, 256);
    assert_int_equal(ask_addresses(3716), (uint32_t)IC_INVALID);
}

/* ---- texts --------------------------------------------------------------- */

static void utf_16_becomes_utf_8_and_back(void **state)
{
    /* a, a umlaut, euro, a clef (a pair) */
    static const uint8_t units[] = {0x61, 0,    0xE4, 0,    0xAC,
                                    0x20, 0x34, 0xD8, 0x1E, 0xDD};
    static const char utf8[] = "a\xC3\xA4\xE2\x82\xAC\xF0\x9D\x84\x9E";
    uint8_t out[16];
    char t[32];

    (void)state;
    assert_int_equal(utf16_read(units, 10, t, sizeof(t)), 10);
    assert_string_equal(t, utf8);
    assert_int_equal(utf16_write(utf8, out, 10), 10);
    assert_memory_equal(out, units, 10);
    assert_int_equal(utf16_write(utf8, out, 9), UINT32_MAX);
    /* Cut between characters, and nothing behind the cut. */
    assert_int_equal(utf16_read(units, 10, t, 10), 10);
    assert_string_equal(t, "a\xC3\xA4\xE2\x82\xAC");
    assert_int_equal(utf16_read(units, 10, t, 3), 10);
    assert_string_equal(t, "a");
    assert_int_equal(utf16_read(units, 9, t, 32), 9);
    assert_int_equal(utf16_length(units, 9), 8);
}

static void half_pairs_are_replaced(void **state)
{
    static const uint8_t units[] = {0x34, 0xD8, 0x61, 0,
                                    0x1E, 0xDD, 0x34, 0xD8};
    char t[32];

    (void)state;
    assert_int_equal(utf16_read(units, 8, t, sizeof(t)), 10);
    assert_string_equal(t, "\xEF\xBF\xBD"
                           "a\xEF\xBF\xBD\xEF\xBF\xBD");
}

static void wrong_utf_8_is_refused(void **state)
{
    static const char *const bad[] = {
        "\x80",
        "\xC3",
        "\xC3(",
        "\xC0\xAF",
        "\xE2\x82",
        "\xE0\x80\xAF",
        "\xED\xA0\x80",
        "\xED\xB0\x80",
        "\xF4\x90\x80\x80",
        "\xF0\x80\x80\xAF",
        "\xF8\x88\x80\x80\x80",
        "\xFF",
    };
    uint8_t out[16];

    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++)
        assert_int_equal(utf16_write(bad[i], out, 16), UINT32_MAX);
    assert_int_equal(utf16_write("\xF4\x8F\xBF\xBF", out, 16), 4);
}

#define RUN(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        RUN(a_value_that_the_host_sets_is_configuration),
        RUN(a_value_is_told_changed_and_deleted),
        RUN(a_value_of_the_application_is_for_the_host_to_read),
        RUN(a_pool_has_an_end),
        RUN(numbers_become_texts),
        RUN(wrong_values_are_refused),
        RUN(messages_that_are_too_short_are_refused),
        RUN(the_system_tells_what_it_is),
        RUN(addresses_are_facts_too),
        RUN(before_5_0_addresses_are_texts),
        RUN(an_adapter_is_meant_by_its_address_or_guid),
        RUN(before_5_0_addresses_are_taken_as_texts),
        RUN(from_5_0_addresses_are_numbers),
        RUN(from_5_0_addresses_are_taken_as_numbers),
        RUN(utf_16_becomes_utf_8_and_back),
        RUN(half_pairs_are_replaced),
        RUN(wrong_utf_8_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
