/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of walking the frame pointers of sound and of broken stacks. */
#include <stdbool.h>
#include <string.h>

#include "unit.h"

#include "arch/crash/backtrace.h"

#define BASE UINT64_C(0x10000)

/* A stack of words at BASE. */
static uint64_t words[512];
static unsigned reads;

static bool read_words(void *context, uint64_t address, uint64_t out[2])
{
    (void)context;
    reads++;
    if (address < BASE || address > BASE + sizeof(words) - 16)
        return false;
    memcpy(out, (const char *)words + (address - BASE), 16);
    return true;
}

static uint64_t addresses[BACKTRACE_MAX];
static uint32_t count;

static enum backtrace_end walk(uint64_t rbp)
{
    memset(addresses, 0xEE, sizeof(addresses));
    count = 99;
    reads = 0;
    return backtrace_walk(rbp, read_words, NULL, addresses, &count);
}

static void frame(unsigned word, uint64_t caller, uint64_t address)
{
    words[word] = caller;
    words[word + 1] = address;
}

static uint64_t at(unsigned word)
{
    return BASE + word * 8;
}

static void walk_lists_each_return_address_of_a_chain(void **state)
{
    (void)state;
    memset(words, 0, sizeof(words));
    frame(0, at(10), 0x401);
    frame(10, at(13), 0x402);
    frame(13, 0, 0x403);
    assert_int_equal(walk(at(0)), BACKTRACE_COMPLETE);
    assert_int_equal(count, 3);
    assert_int_equal(addresses[0], 0x401);
    assert_int_equal(addresses[1], 0x402);
    assert_int_equal(addresses[2], 0x403);
}

static void walk_from_a_null_frame_reads_nothing(void **state)
{
    (void)state;
    assert_int_equal(walk(0), BACKTRACE_COMPLETE);
    assert_int_equal(count, 0);
    assert_int_equal(reads, 0);
}

/* On the image's own stacks the outermost return address is 0. */
static void walk_ends_at_a_return_address_of_zero(void **state)
{
    (void)state;
    frame(0, at(10), 0x401);
    frame(10, at(20), 0);
    frame(20, at(30), 0x402);
    assert_int_equal(walk(at(0)), BACKTRACE_COMPLETE);
    assert_int_equal(count, 1);
}

static void walk_ends_at_a_loop_of_frames(void **state)
{
    (void)state;
    frame(0, at(0), 0x401); /* to itself */
    assert_int_equal(walk(at(0)), BACKTRACE_BROKEN);
    assert_int_equal(count, 1);
    frame(0, at(10), 0x401); /* of two */
    frame(10, at(0), 0x402);
    assert_int_equal(walk(at(0)), BACKTRACE_BROKEN);
    assert_int_equal(count, 2);
    assert_int_equal(reads, 2);
}

static void walk_ends_at_a_misaligned_frame(void **state)
{
    (void)state;
    assert_int_equal(walk(at(0) + 4), BACKTRACE_BROKEN);
    assert_int_equal(count, 0);
    assert_int_equal(reads, 0);
    frame(0, at(10) + 1, 0x401);
    assert_int_equal(walk(at(0)), BACKTRACE_BROKEN);
    assert_int_equal(count, 1);
}

static void walk_ends_at_an_unreadable_frame(void **state)
{
    (void)state;
    assert_int_equal(walk(8), BACKTRACE_UNREADABLE);
    assert_int_equal(count, 0);
    frame(0, UINT64_MAX - 7, 0x401);
    assert_int_equal(walk(at(0)), BACKTRACE_UNREADABLE);
    assert_int_equal(count, 1);
    frame(0, at(511), 0x401); /* its second word is past the end */
    assert_int_equal(walk(at(0)), BACKTRACE_UNREADABLE);
    assert_int_equal(count, 1);
}

static void walk_ends_at_its_limit_of_frames(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 255; i++)
        frame(2 * i, at(2 * i + 2), 0x1000 + i);
    assert_int_equal(walk(at(0)), BACKTRACE_LIMIT);
    assert_int_equal(count, BACKTRACE_MAX);
    assert_int_equal(addresses[BACKTRACE_MAX - 1], 0x1000 + BACKTRACE_MAX - 1);
}

/* The chain is exactly as deep as the limit. */
static void chain_as_deep_as_the_limit_is_complete(void **state)
{
    (void)state;
    for (unsigned i = 0; i < BACKTRACE_MAX; i++)
        frame(2 * i, at(2 * i + 2), 0x1000 + i);
    frame(2 * (BACKTRACE_MAX - 1), 0, 0x2000);
    assert_int_equal(walk(at(0)), BACKTRACE_COMPLETE);
    assert_int_equal(count, BACKTRACE_MAX);
    assert_int_equal(addresses[BACKTRACE_MAX - 1], 0x2000);
}

static void each_result_of_a_walk_has_a_name(void **state)
{
    (void)state;
    assert_string_equal(backtrace_end_name(BACKTRACE_COMPLETE), "complete");
    assert_string_equal(backtrace_end_name(BACKTRACE_LIMIT),
                        "cut, too many frames");
}

/* ---- over real memory ------------------------------------------------------
 */

static uint64_t readable_from, readable_to;

static bool readable(uint64_t address, size_t size)
{
    return address >= readable_from && address + size <= readable_to;
}

/* Without a function that says what is readable, a walk stays near its start.
 */
static void walk_stays_near_its_start_without_a_read_check(void **state)
{
    static uint64_t stack[16 * 1024];
    uint64_t first = (uint64_t)(uintptr_t)&stack[0];
    uint64_t near = (uint64_t)(uintptr_t)&stack[4096];
    uint64_t far = (uint64_t)(uintptr_t)&stack[12 * 1024];

    (void)state;
    stack[0] = near;
    stack[1] = 0x401;
    stack[4096] = far;
    stack[4097] = 0x402;
    stack[12 * 1024 + 1] = 0x403;
    assert_int_equal(backtrace_here(first, addresses, &count),
                     BACKTRACE_UNREADABLE);
    assert_int_equal(count, 2);
    readable_from = first;
    readable_to = far + 16;
    backtrace_set_readable(readable);
    assert_int_equal(backtrace_here(first, addresses, &count),
                     BACKTRACE_COMPLETE);
    assert_int_equal(count, 3);
    readable_to = far + 15;
    assert_int_equal(backtrace_here(first, addresses, &count),
                     BACKTRACE_UNREADABLE);
    assert_int_equal(count, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(walk_lists_each_return_address_of_a_chain),
        cmocka_unit_test(walk_from_a_null_frame_reads_nothing),
        cmocka_unit_test(walk_ends_at_a_return_address_of_zero),
        cmocka_unit_test(walk_ends_at_a_loop_of_frames),
        cmocka_unit_test(walk_ends_at_a_misaligned_frame),
        cmocka_unit_test(walk_ends_at_an_unreadable_frame),
        cmocka_unit_test(walk_ends_at_its_limit_of_frames),
        cmocka_unit_test(chain_as_deep_as_the_limit_is_complete),
        cmocka_unit_test(each_result_of_a_walk_has_a_name),
        cmocka_unit_test(walk_stays_near_its_start_without_a_read_check),
    };

    return cmocka_run_group_tests_name("backtrace", tests, NULL, NULL);
}
