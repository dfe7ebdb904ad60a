/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * minihv's integration services: bytes written by hand from the tables of the
 * protocol, and guests that answer wrongly.
 */
#include "unit.h"

#include <string.h>

#include "bodies.h"
#include "ic.h"
#include "words.h"

static const struct ic_version versions[] = {{1, 0}, {3, 0}, {3, 2}};
static struct ic ic;
static struct ic_answer a;
static uint8_t m[IC_MAX];

static int begin(void **state)
{
    (void)state;
    ic = (struct ic){
        .type = IC_SHUTDOWN, .versions = versions, .version_count = 3};
    ic_open(&ic);
    memset(m, 0xEE, sizeof m);
    return 0;
}

/* Answers the negotiation that is in `m` with these versions. */
static const char *choose(uint8_t counts, uint8_t framework, uint8_t major,
                          uint8_t minor)
{
    m[17] = 5;
    m[20] = m[22] = counts;
    m[28] = framework;
    m[32] = major;
    m[34] = minor;
    return ic_take(&ic, m, 48, &a);
}

static void agree(void)
{
    ic_negotiation(&ic, m);
    assert_null(choose(1, 3, 3, 2));
    assert_true(ic.agreed);
}

static void negotiation(void **state)
{
    static const uint8_t wanted[48] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 28, 0,
                                       0, 0, 0, 0, 1, 3, 0, 0, 2, 0, 3,  0,
                                       0, 0, 0, 0, 1, 0, 0, 0, 3, 0, 0,  0,
                                       1, 0, 0, 0, 3, 0, 0, 0, 3, 0, 2,  0};

    (void)state;
    assert_int_equal(ic_negotiation(&ic, m), 48);
    assert_memory_equal(m, wanted, 48);
    assert_null(choose(1, 3, 3, 2));
    assert_true(a.negotiated && ic.agreed && !ic.waiting);
    assert_int_equal(ic.message.minor, 2);
}

static void wrong_versions(void **state)
{
    (void)state;
    ic_negotiation(&ic, m);
    assert_string_equal(choose(1, 2, 3, 2),
                        "a framework version that was not offered");
    assert_false(ic.agreed);
    begin(NULL);
    ic_negotiation(&ic, m);
    assert_string_equal(choose(1, 3, 3, 1),
                        "a message version that was not offered");
    begin(NULL);
    ic_negotiation(&ic, m);
    assert_non_null(choose(2, 3, 3, 2));
    begin(NULL);
    ic_negotiation(&ic, m);
    assert_null(choose(0, 0, 0, 0)); /* none of them */
    assert_false(ic.agreed || ic.waiting);
}

static void short_versions(void **state)
{
    (void)state;
    ic_negotiation(&ic, m);
    m[17] = 5;
    m[10] = 15;
    assert_string_equal(ic_take(&ic, m, 48, &a),
                        "a version answer that ends before its versions");
    assert_false(ic.agreed);
}

static void request(void **state)
{
    static const uint8_t wanted[24] = {3, 0, 0, 0, 3, 0, 3, 0, 2, 0, 4, 0,
                                       0, 0, 0, 0, 2, 3, 0, 0, 9, 8, 7, 6};

    (void)state;
    agree();
    assert_int_equal(ic_request(&ic, wanted + 20, 4, m), 24);
    assert_memory_equal(m, wanted, 24);
    m[17] = 5;
    m[12] = 0x05;
    m[15] = 0x80;
    assert_null(ic_take(&ic, m, 24, &a));
    assert_int_equal(a.status, 0x80000005);
    assert_int_equal(a.size, 4);
    assert_ptr_equal(a.body, m + 20);
    assert_false(a.negotiated || ic.waiting);
}

/* Each of these is one byte away from a good answer. */
static void wrong_answers(void **state)
{
    static const struct {
        uint32_t at;
        uint8_t value;
        const char *why;
    } wrong[] = {
        {17, 3, "flags that are not those of a response"},
        {16, 1, "a transaction that is not the request's"},
        {4, 1, "a message type that is not the request's"},
        {10, 5, "a body that is longer than its message"},
        {11, 0xFF, "a body that is longer than its message"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(wrong); i++) {
        begin(NULL);
        agree();
        ic_request(&ic, m, 4, m + 100);
        m[117] = 5;
        m[100 + wrong[i].at] = wrong[i].value;
        assert_string_equal(ic_take(&ic, m + 100, 24, &a), wrong[i].why);
    }
}

static void short_and_unasked(void **state)
{
    (void)state;
    agree();
    assert_string_equal(ic_take(&ic, m, 48, &a),
                        "an answer that nobody asked for");
    ic_request(&ic, m, 4, m + 100);
    for (uint32_t size = 0; size < IC_HEADER; size++)
        assert_string_equal(ic_take(&ic, m + 100, size, &a),
                            "a message shorter than its header");
}

/* ---- bodies -------------------------------------------------------------- */

static void heartbeats(void **state)
{
    uint8_t body[64];
    uint32_t guest;

    (void)state;
    assert_int_equal(body_heartbeat(body, 0x1FF), 40);
    body[0] = 0; /* 0x200 */
    body[1] = 2;
    body[8] = 1;
    a = (struct ic_answer){.body = body, .size = 40};
    assert_null(read_heartbeat(&a, 0x1FF, &guest));
    assert_int_equal(guest, 1);
    assert_string_equal(read_heartbeat(&a, 0x200, &guest),
                        "a sequence number that is not one more");
    a.size = 11; /* no state, which is no fault */
    assert_null(read_heartbeat(&a, 0x1FF, &guest));
    assert_int_equal(guest, 0);
    a.size = 7;
    assert_non_null(read_heartbeat(&a, 0x1FF, &guest));
}

static void times(void **state)
{
    /* 2009-02-13 23:31:30 UTC is 1234567890 s, 128790414900000000 from 1601. */
    static const uint8_t wanted[24] = {0x00, 0xF5, 0x96, 0x32, 0x33, 0x8E,
                                       0xC9, 0x01, 0x34, 0x12, 0,    0,
                                       0,    0,    0,    0,    1};
    uint8_t body[64];

    (void)state;
    memset(body, 0xEE, sizeof body);
    assert_int_equal(body_time(body, (struct ic_version){4, 0},
                               UINT64_C(1234567890000), 0x1234),
                     24);
    assert_memory_equal(body, wanted, 24);
    assert_int_equal(body_time(body, (struct ic_version){3, 0}, 0, 1), 25);
    assert_int_equal(body[24], 1);
    assert_int_equal(body[7], 1); /* 0x019DB1DED53E8000 */
    assert_int_equal(body[6], 0x9D);
    assert_int_equal(body[0], 0);
}

static void copies(void **state)
{
    static uint8_t body[IC_MAX];
    char path[600];

    (void)state;
    assert_int_equal(body_copy_start(body, "/tmp/x/ab", 0x10203), 1088);
    assert_memory_equal(body + 36, "a\0b\0\0\0", 6);
    assert_memory_equal(body + 556, "/\0t\0m\0p\0/\0x\0/\0\0\0", 16);
    assert_int_equal(body[1076], 3);
    assert_memory_equal(body + 1080, "\3\2\1\0\0\0\0\0", 8);
    assert_int_equal(body_copy_start(body, "/ab", 1), 1088);
    assert_memory_equal(body + 556, "/\0\0\0", 4);
    assert_int_equal(body_copy_start(body, "ab", 1), 0);
    assert_int_equal(body_copy_start(body, "a/b", 1), 0);
    assert_int_equal(body_copy_start(body, "/a/", 1), 0);
    assert_int_equal(body_copy_start(body, "/a b", 1), 0);
    memset(path, 'x', sizeof path);
    path[0] = '/';
    path[260] = 0; /* 259 */
    assert_int_equal(body_copy_start(body, path, 1), 1088);
    path[260] = 'x';
    path[261] = 0;
    assert_int_equal(body_copy_start(body, path, 1), 0);
    assert_int_equal(body_copy_write(body, 0x100, (const uint8_t *)"data", 4),
                     6196);
    assert_memory_equal(body + 40, "\0\1\0\0\0\0\0\0\4\0\0\0data", 16);
    assert_int_equal(body_copy_end(body, COPY_END), 36);
    assert_int_equal(body[0], 2);
}

static void kvp_requests(void **state)
{
    static uint8_t body[IC_MAX];
    char text[1100];

    (void)state;
    assert_int_equal(body_kvp_set(body, "k", "\xC3\xA4"), 2576);
    assert_memory_equal(body, "\1\0\0\0\1\0\0\0\4\0\0\0\4\0\0\0k\0\0\0", 20);
    assert_memory_equal(body + 528, "\xE4\0\0\0", 4);
    assert_int_equal(body_kvp_set(body, "", "v"), 0);
    assert_int_equal(body_kvp_set(body, "k", "\xC3"), 0);
    assert_int_equal(body_kvp_set(body, "k", "\xF0\x9F\x98\x80"), 0);
    memset(text, 'x', sizeof text);
    text[1023] = 0;
    assert_int_equal(body_kvp_set(body, "k", text), 2576);
    text[1023] = 'x';
    text[1024] = 0;
    assert_int_equal(body_kvp_set(body, "k", text), 0);
    text[256] = 0;
    assert_int_equal(body_kvp_delete(body, text), 0);
    text[255] = 0;
    assert_int_equal(body_kvp_delete(body, text), 520);
    assert_int_equal(body_kvp_list(body, KVP_AUTO, 5), 2580);
    assert_memory_equal(body, "\3\2\0\0\5\0\0\0", 8);
}

static void kvp_answers(void **state)
{
    static uint8_t body[2580];
    static struct kvp_entry e;

    (void)state;
    a = (struct ic_answer){.body = body, .size = sizeof body};
    memcpy(body + 8, "\1\0\0\0\4\0\0\0\6\0\0\0a\0\n\0", 16);
    memcpy(body + 532, "\xAC\x20\x3D\xD8\0\0", 6);
    assert_null(read_kvp(&a, &e));
    assert_string_equal(e.key, "a?"); /* a line break */
    assert_string_equal(e.value, "\xE2\x82\xAC?");
    /* The guest has no end in its fields. */
    memset(body + 20, 'z', 2560);
    memcpy(body + 12, "\0\2\0\0\0\x8\0\0", 8);
    assert_null(read_kvp(&a, &e));
    assert_int_equal(strlen(e.value), 3 * 1024);
    body[12] = 1; /* 513 bytes of key */
    assert_non_null(read_kvp(&a, &e));
    memcpy(body + 12, "\0\2\0\0\1\x8\0\0", 8); /* 2049 of value */
    assert_non_null(read_kvp(&a, &e));
    memcpy(body + 12, "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF", 8);
    assert_non_null(read_kvp(&a, &e));
    memcpy(body + 8, "\4\0\0\0\4\0\0\0\4\0\0\0", 12);
    assert_string_equal(read_kvp(&a, &e), "a KVP value that is no string");
    a.size = 2579;
    assert_string_equal(read_kvp(&a, &e),
                        "a KVP answer that ends before its value");
}

/* ---- words --------------------------------------------------------------- */

static void lines(void **state)
{
    char text[] = "  kvp set  key a value ", *line = text;
    uint8_t bytes[2];
    uint64_t v = 7;

    (void)state;
    assert_string_equal(words_take(&line), "kvp");
    assert_string_equal(words_take(&line), "set");
    assert_string_equal(words_take(&line), "key");
    assert_string_equal(line, "a value ");
    assert_true(words_equal("net", "net"));
    assert_false(words_equal("net", "nets") || words_equal("nets", "net"));
    assert_true(words_number("18", 18, &v) && v == 18);
    assert_false(words_number("19", 18, &v) || words_number("", 18, &v) ||
                 words_number("1x", 18, &v) || words_number("-1", 18, &v));
    assert_int_equal(words_hex("0aF", bytes, 2), 0);
    assert_int_equal(words_hex("0a", bytes, 2), 1);
    assert_int_equal(words_hex("0aff", bytes, 2), 2);
    assert_int_equal(bytes[1], 0xFF);
    assert_int_equal(words_hex("0aff11", bytes, 2), 0);
    assert_int_equal(words_hex("0af", bytes, 2), 0);
    assert_int_equal(words_hex("", bytes, 2), 0);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(negotiation, begin),
        cmocka_unit_test_setup(wrong_versions, begin),
        cmocka_unit_test_setup(short_versions, begin),
        cmocka_unit_test_setup(request, begin),
        cmocka_unit_test_setup(wrong_answers, begin),
        cmocka_unit_test_setup(short_and_unasked, begin),
        cmocka_unit_test_setup(heartbeats, begin),
        cmocka_unit_test_setup(times, begin),
        cmocka_unit_test_setup(copies, begin),
        cmocka_unit_test_setup(kvp_requests, begin),
        cmocka_unit_test_setup(kvp_answers, begin),
        cmocka_unit_test_setup(lines, begin),
    };

    return cmocka_run_group_tests_name("minihv's services", tests, NULL, NULL);
}
