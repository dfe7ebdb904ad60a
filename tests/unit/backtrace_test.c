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

/* ---- over real memory ---------------------------------------------------- */

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

/* ---- functions without a frame ------------------------------------------ */

/* Code is the half of the words from CODE on; the stack's top is word 0. */
#define CODE_WORD 256u
#define CODE      (BASE + CODE_WORD * 8)
#define CODE_SIZE 1024u

static const struct backtrace_code code = {CODE, CODE_SIZE};
static uint64_t caller;

static void put_code(uint64_t address, const char *bytes, size_t size)
{
    memcpy((char *)words + (address - BASE), bytes, size);
}

/* A direct call whose return address is `back`. */
static void put_call(uint64_t back, uint64_t target)
{
    int32_t distance = (int32_t)(int64_t)(target - back);

    put_code(back - 5, "\xe8", 1);
    put_code(back - 4, (const char *)&distance, sizeof(distance));
}

static enum backtrace_top find_caller(uint64_t rip, uint64_t top)
{
    words[0] = top;
    caller = 0;
    return backtrace_find_caller(rip, at(0), &code, read_words, NULL, &caller);
}

static int clear(void **state)
{
    (void)state;
    memset(words, 0, sizeof(words));
    return 0;
}

/* As strcpy of newlib is: in assembly, or begun without a frame. */
static void the_caller_of_a_function_without_a_frame_is_found(void **state)
{
    (void)state;
    put_call(CODE + 100, CODE + 300);
    assert_int_equal(find_caller(CODE + 310, CODE + 100), BACKTRACE_TOP_CALLER);
    assert_int_equal(caller, CODE + 100);
    /* Another function runs than the one that was called. */
    assert_int_equal(find_caller(CODE + 299, CODE + 100), BACKTRACE_TOP_OTHER);
}

static void a_function_with_a_frame_has_its_caller_in_the_chain(void **state)
{
    (void)state;
    put_call(CODE + 100, CODE + 300);
    put_code(CODE + 300, "\x55\x48\x89\xe5", 4);
    put_code(CODE + 320, "\xc3", 1);
    assert_int_equal(find_caller(CODE + 310, CODE + 100), BACKTRACE_TOP_OTHER);
    /* Its frame is not there yet, and not there any more. */
    assert_int_equal(find_caller(CODE + 300, CODE + 100), BACKTRACE_TOP_CALLER);
    assert_int_equal(find_caller(CODE + 320, CODE + 100), BACKTRACE_TOP_CALLER);
}

static void a_call_to_where_no_code_is_shows_its_caller(void **state)
{
    (void)state;
    put_code(CODE + 98, "\xff\xd0", 2); /* call *%rax */
    assert_int_equal(find_caller(0, CODE + 100), BACKTRACE_TOP_CALLER);
    assert_int_equal(caller, CODE + 100);
}

static void the_caller_through_a_pointer_is_shown_as_uncertain(void **state)
{
    static const struct {
        const char *bytes;
        unsigned size;
    } calls[] = {
        {"\xff\xd0", 2},                     /* *%rax */
        {"\x41\xff\xd3", 3},                 /* *%r11 */
        {"\xff\x10", 2},                     /* *(%rax) */
        {"\xff\x50\x08", 3},                 /* *8(%rax) */
        {"\xff\x14\xc5\x01\x02\x03\x04", 7}, /* *0x4030201(,%rax,8) */
        {"\xff\x15\x01\x02\x03\x04", 6},     /* *0x4030201(%rip) */
        {"\xff\x54\x24\x08", 4},             /* *8(%rsp) */
        {"\xff\x94\x24\x01\x02\x03\x04", 7}, /* *0x4030201(%rsp) */
    };

    for (unsigned i = 0; i < COUNT(calls); i++) {
        clear(state);
        put_code(CODE + 100 - calls[i].size, calls[i].bytes, calls[i].size);
        assert_int_equal(find_caller(CODE + 310, CODE + 100),
                         BACKTRACE_TOP_MAYBE);
    }
}

static void a_word_that_is_no_return_address_is_left_out(void **state)
{
    static const uint64_t tops[] = {
        0,    1,         CODE, CODE - 1, CODE + 4, CODE + 100, CODE + CODE_SIZE,
        BASE, UINT64_MAX};

    (void)state;
    for (unsigned i = 0; i < COUNT(tops); i++)
        assert_int_equal(find_caller(CODE + 310, tops[i]), BACKTRACE_TOP_OTHER);
    put_call(CODE + 100, CODE + 300);
    assert_int_equal(backtrace_find_caller(CODE + 310, at(0) + 1, &code,
                                           read_words, NULL, &caller),
                     BACKTRACE_TOP_OTHER);
    assert_int_equal(
        backtrace_find_caller(CODE + 310, 8, &code, read_words, NULL, &caller),
        BACKTRACE_TOP_OTHER);
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
        cmocka_unit_test_setup(
            the_caller_of_a_function_without_a_frame_is_found, clear),
        cmocka_unit_test_setup(
            a_function_with_a_frame_has_its_caller_in_the_chain, clear),
        cmocka_unit_test_setup(a_call_to_where_no_code_is_shows_its_caller,
                               clear),
        cmocka_unit_test_setup(
            the_caller_through_a_pointer_is_shown_as_uncertain, clear),
        cmocka_unit_test_setup(a_word_that_is_no_return_address_is_left_out,
                               clear),
    };

    return cmocka_run_group_tests_name("backtrace", tests, NULL, NULL);
}
