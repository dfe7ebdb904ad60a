/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * minihv's dynamic memory, as far as it knows nothing of minihv. All bytes were
 * written by hand from the tables of the protocol.
 */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "dynmem.h"

static struct dynmem d;
static struct dynmem_outcome o;

/* The guest has 16,384 pages, 64 MiB. */
static bool owns(struct dynmem_range r)
{
    return r.first + r.pages <= 16384;
}

static int begin(void **state)
{
    (void)state;
    d.owns = owns;
    dynmem_reset(&d);
    return 0;
}

/* The message has memory of its own, so the sanitizer sees a read past it. */
static const char *takes(const uint8_t *bytes, uint32_t size)
{
    uint8_t *copy = malloc(size + !size);
    const char *wrong;

    memcpy(copy, bytes, size);
    wrong = dynmem_take(&d, copy, size, &o);
    free(copy);
    return wrong;
}
#define TAKE(...)                         \
    takes((const uint8_t[]){__VA_ARGS__}, \
          sizeof((const uint8_t[]){__VA_ARGS__}))
#define HEADER(type, size) (type), 0, (size), 0, 0x21, 0x43, 0x65, 0x87
#define ZERO8              0, 0, 0, 0, 0, 0, 0, 0
#define VERSION(minor, major) \
    TAKE(HEADER(1, 16), (minor), 0, (major), 0, 0, 0, 0, 0)
#define CAPABILITIES(bits) \
    TAKE(HEADER(3, 32), (bits), 0, 0, 0, 0, 0, 0, 0, ZERO8, ZERO8)
#define REPORT                                                                 \
    TAKE(HEADER(5, 48), 0, 1, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, ZERO8, \
         ZERO8, ZERO8)
/* A range: the frame's bits 8 to 23, pages of 16 bits. */
#define RANGE(low, high, pages, more) 0, (low), (high), 0, 0, (pages), (more), 0
#define BALLOON(size, word, ...) \
    TAKE(HEADER(7, (size)), 0, 0, 0, 0, (word), 0, 0, 0, __VA_ARGS__)
#define NONE(more) TAKE(HEADER(7, 16), 0, 0, 0, 0, (more), 0, 0, 0)
#define RETURNED   TAKE(HEADER(9, 8))

static uint8_t request[DYNMEM_REQUEST_MAX];

static void inflating(uint32_t pages)
{
    assert_null(VERSION(0, 2));
    assert_null(CAPABILITIES(1));
    assert_int_equal(dynmem_inflate(&d, pages, request), 16);
}

static void versions_2_0_1_0_and_0_3_are_accepted(void **state)
{
    static const uint8_t yes[] = {HEADER(2, 16), 1, 0, 0, 0, 0, 0, 0, 0};

    (void)state;
    assert_null(VERSION(0, 2));
    assert_int_equal(o.size, sizeof yes);
    assert_memory_equal(o.answer, yes, sizeof yes);
    assert_int_equal(d.version, 0x20000);
    dynmem_reset(&d);
    assert_null(VERSION(0, 1));
    assert_int_equal(d.state, DYNMEM_HAS_VERSION);
    dynmem_reset(&d);
    assert_null(VERSION(3, 0));
    assert_int_equal(d.state, DYNMEM_HAS_VERSION);
}

static void another_version_is_refused_and_the_guest_may_ask_again(void **state)
{
    (void)state;
    assert_null(VERSION(0, 3));
    assert_int_equal(o.answer[0], 2);
    assert_int_equal(o.answer[8], 0);
    assert_int_equal(d.state, DYNMEM_NEW);
    assert_null(VERSION(0, 2));
    assert_int_equal(o.answer[8], 1);
}

static void capabilities_are_accepted_once(void **state)
{
    static const uint8_t yes[] = {HEADER(4, 16), 1, 0, 0, 0, 0, 0, 0, 0};

    (void)state;
    assert_non_null(CAPABILITIES(1)); /* before a version */
    assert_null(VERSION(0, 2));
    assert_null(CAPABILITIES(1));
    assert_int_equal(o.deed, DYNMEM_STARTED);
    assert_memory_equal(o.answer, yes, sizeof yes);
    assert_non_null(CAPABILITIES(1));
    assert_non_null(VERSION(0, 2));
}

static void reports_are_kept(void **state)
{
    (void)state;
    assert_non_null(REPORT);
    assert_null(VERSION(0, 2));
    assert_null(CAPABILITIES(1));
    assert_null(REPORT);
    assert_int_equal(o.deed, DYNMEM_REPORTED);
    assert_int_equal(d.report.available, 256);
    assert_int_equal(d.report.committed, 512);
    assert_int_equal(dynmem_inflate(&d, 1, request), 16);
    assert_null(REPORT); /* at any time */
}

static void a_guest_is_asked_for_pages(void **state)
{
    static const uint8_t wanted[] = {6, 0, 16, 0, 1, 0, 0, 0,
                                     0, 4, 0,  0, 0, 0, 0, 0};

    (void)state;
    assert_int_equal(dynmem_inflate(&d, 1024, request), 0); /* not ready */
    inflating(1024);
    assert_memory_equal(request, wanted, sizeof wanted);
    assert_int_equal(dynmem_inflate(&d, 1, request), 0); /* one at a time */
}

static void a_guest_that_has_no_balloon_is_not_asked(void **state)
{
    (void)state;
    assert_null(VERSION(0, 2));
    assert_null(CAPABILITIES(2));
    assert_int_equal(dynmem_inflate(&d, 1024, request), 0);
    assert_int_equal(dynmem_deflate(&d, request), 0);
}

static void pages_are_given_in_several_messages(void **state)
{
    (void)state;
    inflating(1024);
    assert_null(BALLOON(24, 3, RANGE(2, 0, 0, 2))); /* 512 from 512 on; more */
    assert_int_equal(o.deed, DYNMEM_GOT);
    assert_int_equal(o.from, 0);
    assert_int_equal(d.count, 1);
    assert_int_equal(d.range[0].first, 512);
    assert_int_equal(d.range[0].pages, 512);
    assert_int_equal(d.state, DYNMEM_INFLATES);
    assert_null(BALLOON(24, 2, RANGE(0x3E, 0, 0, 2))); /* the guest's last */
    assert_int_equal(o.from, 1);
    assert_int_equal(d.has, 1024);
    assert_int_equal(d.state, DYNMEM_READY);
    assert_non_null(BALLOON(24, 2, RANGE(8, 0, 0, 2))); /* nobody asked */
}

static void a_guest_may_give_less(void **state)
{
    (void)state;
    inflating(1024);
    assert_null(NONE(0));
    assert_int_equal(d.state, DYNMEM_READY);
    assert_int_equal(d.has, 0);
    assert_int_equal(dynmem_deflate(&d, request), 0); /* there is nothing */
}

static void wrong_pages_are_refused(void **state)
{
    (void)state;
    inflating(1024);
    assert_non_null(BALLOON(24, 2, RANGE(2, 0, 0, 0)));    /* none */
    assert_non_null(BALLOON(24, 2, RANGE(2, 0, 1, 4)));    /* 1,025 */
    assert_non_null(BALLOON(24, 2, RANGE(0x3F, 0, 0, 2))); /* past the end */
    assert_non_null(BALLOON(24, 2, 0, 0, 0, 0, 0xFF, 1, 0, 0));
    assert_int_equal(d.has, 0);
    /* The second range is wrong, so the first does not count. */
    assert_non_null(BALLOON(32, 4, RANGE(2, 0, 0, 2), RANGE(3, 0, 0, 1)));
    assert_int_equal(d.has, 0);
    assert_int_equal(d.count, 0);
    assert_null(BALLOON(24, 3, RANGE(2, 0, 0, 2)));
    assert_non_null(BALLOON(24, 3, RANGE(3, 0, 1, 0))); /* twice */
    assert_int_equal(d.has, 512);
}

static void ranges_that_are_not_there_are_refused(void **state)
{
    (void)state;
    inflating(1024);
    assert_non_null(BALLOON(24, 4, RANGE(2, 0, 0, 2)));
    assert_non_null(TAKE(HEADER(7, 16), 0, 0, 0, 0, 0xFE, 0xFF, 0xFF, 0xFF));
    assert_non_null(TAKE(HEADER(7, 15), 0, 0, 0, 0, 0, 0, 0));
}

static void no_more_ranges_are_kept_than_there_is_room_for(void **state)
{
    (void)state;
    inflating(1024);
    for (uint32_t i = 0; i < DYNMEM_RANGES; i++)
        assert_null(
            BALLOON(24, 3, (uint8_t)i, (uint8_t)(i >> 8), 0, 0, 0, 1, 0, 0));
    assert_non_null(BALLOON(24, 3, 0, 1, 0, 0, 0, 1, 0, 0));
    assert_int_equal(d.has, 256);
    assert_null(NONE(0));
    assert_int_equal(dynmem_deflate(&d, request), 16 + 8 * 256);
}

static void all_pages_are_given_back(void **state)
{
    static const uint8_t wanted[] = {
        8, 0, 24, 0, 2, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, RANGE(2, 0, 0, 2)};

    (void)state;
    inflating(1024);
    assert_null(BALLOON(24, 2, RANGE(2, 0, 0, 2)));
    assert_non_null(RETURNED); /* nobody asked */
    assert_int_equal(dynmem_deflate(&d, request), sizeof wanted);
    assert_memory_equal(request, wanted, sizeof wanted);
    assert_int_equal(d.count, 1);
    assert_null(RETURNED);
    assert_int_equal(o.deed, DYNMEM_RETURNED);
    assert_int_equal(d.count, 0);
    assert_int_equal(d.has, 0);
    assert_int_equal(dynmem_inflate(&d, 1, request), 16);
}

static void wrong_messages_are_named(void **state)
{
    (void)state;
    assert_non_null(takes((const uint8_t[1]){0}, 0));
    assert_non_null(TAKE(1, 0, 16, 0, 0, 0, 0));
    assert_non_null(TAKE(HEADER(1, 15), 0, 0, 2, 0, 0, 0, 0, 0));
    assert_non_null(TAKE(HEADER(1, 17), 0, 0, 2, 0, 0, 0, 0, 0));
    assert_non_null(TAKE(HEADER(2, 16), ZERO8));
    assert_non_null(TAKE(HEADER(0, 8)));
    assert_int_equal(d.state, DYNMEM_NEW);
    assert_null(VERSION(0, 2));
    assert_non_null(TAKE(HEADER(3, 31), 1, 0, 0, 0, 0, 0, 0, 0, ZERO8, ZERO8));
    assert_int_equal(o.size, 0);
}

#define TEST(name) cmocka_unit_test_setup(name, begin)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(versions_2_0_1_0_and_0_3_are_accepted),
        TEST(another_version_is_refused_and_the_guest_may_ask_again),
        TEST(capabilities_are_accepted_once),
        TEST(reports_are_kept),
        TEST(a_guest_is_asked_for_pages),
        TEST(a_guest_that_has_no_balloon_is_not_asked),
        TEST(pages_are_given_in_several_messages),
        TEST(a_guest_may_give_less),
        TEST(wrong_pages_are_refused),
        TEST(ranges_that_are_not_there_are_refused),
        TEST(no_more_ranges_are_kept_than_there_is_room_for),
        TEST(all_pages_are_given_back),
        TEST(wrong_messages_are_named),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
