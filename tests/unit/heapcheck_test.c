/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of the checks of the heap: every mistake is found and told, and what is
 * no mistake is not. */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "unit.h"

#include "arch/heapcheck/heapcheck.h"

#define T(test) cmocka_unit_test_setup_teardown(test, begin, end)

#define IMAGE 0x1000u
#define CODE  0x100u /* bytes of it */

static const struct heapcheck_call ALLOCATE = {"malloc", {0x1010, 0x1020}};
static const struct heapcheck_call FREE = {"free", {0x1030, 0x90000, 0x1040}};

static struct heapcheck_fault fault;
static void *chunks[64];
static unsigned chunk_count, taken, given;
static bool dry;         /* no memory for blocks */
static void *held[4096]; /* what was not given back; a test's end does it */
static unsigned held_count;

static void *take(size_t bytes)
{
    if (dry)
        return NULL;
    taken++;
    assert_in_range(held_count, 0, COUNT(held) - 1);
    return held[held_count++] = malloc(bytes);
}

static void give(void *memory)
{
    for (unsigned i = 0; i < held_count; i++) {
        if (held[i] == memory)
            held[i] = held[--held_count];
    }
    given++;
    free(memory);
}

static bool no_records;

static void *records(size_t bytes)
{
    if (no_records)
        return NULL;
    assert_in_range(chunk_count, 0, COUNT(chunks) - 1);
    return chunks[chunk_count++] = calloc(1, bytes);
}

static const struct heapcheck_memory memory = {take, give, records};

static int begin(void **state)
{
    (void)state;
    chunk_count = taken = given = 0;
    held_count = 0;
    dry = no_records = false;
    memset(&fault, 0, sizeof(fault));
    heapcheck_start(&memory);
    return 0;
}

static int end(void **state)
{
    (void)state;
    for (unsigned i = 0; i < chunk_count; i++)
        free(chunks[i]);
    while (held_count > 0)
        free(held[--held_count]);
    return 0;
}

static uint8_t *allocate(size_t size)
{
    uint8_t *block = heapcheck_allocate(size, HEAPCHECK_ALIGN,
                                        HEAPCHECK_APPLICATION, &ALLOCATE);

    assert_non_null(block);
    return block;
}

static enum heapcheck_kind release(void *block)
{
    heapcheck_free(block, &FREE, &fault);
    return fault.kind;
}

static enum heapcheck_kind check_all(void)
{
    static const struct heapcheck_call now = {.name = "end"};

    heapcheck_all(&now, &fault);
    return fault.kind;
}

/* ---- what was said ---- */

static char said[32][200];
static unsigned saids;

static void say(const char *line)
{
    assert_in_range(saids, 0, COUNT(said) - 1);
    snprintf(said[saids++], sizeof(said[0]), "%s", line);
}

static void say_fault(void)
{
    saids = 0;
    heapcheck_say_fault(&fault, IMAGE, CODE, say);
}

static bool was_said(const char *part)
{
    for (unsigned i = 0; i < saids; i++) {
        if (strstr(said[i], part))
            return true;
    }
    for (unsigned i = 0; i < saids; i++)
        print_message("# said: %s\n", said[i]);
    return false;
}

/* ---- tests ---- */

static void right_use_is_not_told(void **state)
{
    (void)state;
    for (size_t size = 0; size < 300; size++) {
        uint8_t *block = allocate(size);

        assert_int_equal((uintptr_t)block % HEAPCHECK_ALIGN, 0);
        for (size_t i = 0; i < size; i++)
            assert_int_equal(block[i], HEAPCHECK_FILL_NEW);
        memset(block, 0, size);
        assert_int_equal(release(block), HEAPCHECK_FINE);
    }
    assert_int_equal(release(NULL), HEAPCHECK_FINE);
    assert_int_equal(check_all(), HEAPCHECK_FINE);
}

/* Each byte of both zones, and none of the block's own. */
static void each_byte_of_the_zones_is_watched(void **state)
{
    const int zone = HEAPCHECK_ZONE, size = 21;

    (void)state;
    for (int at = -zone; at < size + zone; at++) {
        uint8_t *block = allocate((size_t)size), kept = block[at];
        bool own = at >= 0 && at < size;

        block[at] = 0x41;
        assert_int_equal(release(block), own      ? HEAPCHECK_FINE
                                         : at < 0 ? HEAPCHECK_BEFORE
                                                  : HEAPCHECK_BEHIND);
        if (own)
            continue;
        assert_int_equal(fault.offset, at);
        assert_int_equal(fault.found, 0x41);
        assert_int_equal(fault.expected, HEAPCHECK_FILL_ZONE);
        assert_true(fault.block.address == block);
        block[at] = kept;
        assert_int_equal(release(block), HEAPCHECK_FINE);
    }
}

static void a_write_behind_is_told(void **state)
{
    uint8_t *block = allocate(100);

    (void)state;
    block[101] = 0x42;
    assert_int_equal(release(block), HEAPCHECK_BEHIND);
    say_fault();
    assert_true(was_said("free: written behind a block"));
    assert_true(was_said("found 0x42 2 bytes behind the block's last byte, "
                         "expected 0xfa"));
    assert_true(was_said("block: 100 bytes at 0x"));
    assert_true(was_said("allocation 1, by malloc called from"));
    assert_true(was_said("#1 image+0x10"));
    assert_true(was_said("#2 image+0x20"));
    block[101] = HEAPCHECK_FILL_ZONE;
    assert_int_equal(release(block), HEAPCHECK_FINE);
}

static void a_write_before_is_told(void **state)
{
    uint8_t *block = allocate(8);

    (void)state;
    block[-3] = 0;
    assert_int_equal(release(block), HEAPCHECK_BEFORE);
    say_fault();
    assert_true(was_said("found 0x00 3 bytes before the block, expected 0xfa"));
    block[-3] = HEAPCHECK_FILL_ZONE;
    assert_int_equal(release(block), HEAPCHECK_FINE);
}

static void a_second_free_is_told_with_the_first(void **state)
{
    uint8_t *block = allocate(8);

    (void)state;
    assert_int_equal(release(block), HEAPCHECK_FINE);
    assert_int_equal(release(block), HEAPCHECK_FREED_TWICE);
    say_fault();
    assert_true(was_said("free: freed twice"));
    assert_true(was_said("of a freed block, expected one that is not freed"));
    assert_true(was_said("freed by free called from"));
    assert_true(was_said("#1 image+0x30"));
    assert_true(was_said("#2 0x0000000000090000"));
    assert_true(was_said("#3 image+0x40"));
}

static void a_foreign_pointer_is_told(void **state)
{
    int foreign;

    (void)state;
    allocate(0);
    allocate(8);
    assert_int_equal(release(&foreign), HEAPCHECK_FOREIGN);
    assert_false(fault.has_block);
    say_fault();
    assert_true(was_said("free: freed, but never allocated"));
    assert_true(was_said("expected one that malloc or new has returned"));
    assert_int_equal(saids, 2);
}

/* Its first byte is the block's own, and the one behind the last is nobody's.
 */
static void a_pointer_into_a_block_is_told(void **state)
{
    uint8_t *block = allocate(24);

    (void)state;
    assert_int_equal(release(block + 1), HEAPCHECK_INSIDE);
    assert_int_equal(release(block + 23), HEAPCHECK_INSIDE);
    assert_int_equal(fault.offset, 23);
    say_fault();
    assert_true(was_said("it points to byte 23 of a block"));
    assert_true(was_said("block: 24 bytes"));
    assert_int_equal(release(block + 24), HEAPCHECK_FOREIGN);
    assert_int_equal(release(block - 1), HEAPCHECK_FOREIGN);
    assert_int_equal(release(block), HEAPCHECK_FINE);
}

/* The quarantine is left by the oldest first, and all that leave go back. */
static void a_write_after_free_is_told_when_the_quarantine_ends(void **state)
{
    uint8_t *block = allocate(50);
    unsigned frees = 0;

    (void)state;
    assert_int_equal(release(block), HEAPCHECK_FINE);
    block[49] = 0x43;
    while (frees < HEAPCHECK_QUARANTINE_BLOCKS - 1) {
        assert_int_equal(release(allocate(5)), HEAPCHECK_FINE);
        frees++;
    }
    assert_int_equal(given, 0);
    assert_int_equal(release(allocate(5)), HEAPCHECK_USED_FREED);
    assert_int_equal(given, 1);
    assert_true(fault.block.address == block);
    say_fault();
    assert_true(was_said("written after it was freed"));
    assert_true(was_said("found 0x43 at byte 49 of the block, expected 0xdf"));
    assert_true(was_said("freed by free called from"));
}

static void a_write_after_free_is_told_at_the_end(void **state)
{
    uint8_t *block = allocate(50);

    (void)state;
    assert_int_equal(release(block), HEAPCHECK_FINE);
    assert_int_equal(check_all(), HEAPCHECK_FINE);
    block[0] = 0;
    assert_int_equal(check_all(), HEAPCHECK_USED_FREED);
    assert_int_equal(fault.offset, 0);
}

/* The largest blocks do not stay, and neither do their addresses. */
static void the_quarantine_has_an_end_in_bytes(void **state)
{
    uint8_t *block = allocate(HEAPCHECK_QUARANTINE_BYTES);

    (void)state;
    assert_int_equal(release(block), HEAPCHECK_FINE);
    assert_int_equal(given, 0);
    assert_int_equal(release(allocate(1)), HEAPCHECK_FINE);
    assert_int_equal(given, 1);
    assert_int_equal(release(allocate(HEAPCHECK_QUARANTINE_BYTES + 1)),
                     HEAPCHECK_FINE);
    assert_int_equal(given, taken);
}

static void a_damaged_block_is_told_at_the_end(void **state)
{
    uint8_t *block = allocate(16);

    (void)state;
    allocate(16);
    block[16] = 0;
    assert_int_equal(check_all(), HEAPCHECK_BEHIND);
    assert_true(fault.block.address == block);
}

static void every_alignment_is_kept(void **state)
{
    (void)state;
    for (size_t align = 1; align <= 65536; align *= 2) {
        uint8_t *block =
            heapcheck_allocate(10, align, HEAPCHECK_APPLICATION, &ALLOCATE);

        assert_int_equal((uintptr_t)block % align, 0);
        block[10] = 0;
        assert_int_equal(release(block), HEAPCHECK_BEHIND);
        block[10] = HEAPCHECK_FILL_ZONE;
        assert_int_equal(release(block), HEAPCHECK_FINE);
    }
}

static void sizes_that_cannot_be_are_refused(void **state)
{
    static const size_t huge[] = {SIZE_MAX, SIZE_MAX - 64, SIZE_MAX / 2,
                                  PTRDIFF_MAX / 2};

    (void)state;
    for (unsigned i = 0; i < COUNT(huge); i++)
        assert_null(
            heapcheck_allocate(huge[i], 16, HEAPCHECK_APPLICATION, &ALLOCATE));
    assert_null(heapcheck_allocate(1, (size_t)1 << 63, HEAPCHECK_APPLICATION,
                                   &ALLOCATE));
    assert_int_equal(taken, 0);
}

static void without_memory_there_is_no_block(void **state)
{
    (void)state;
    dry = true;
    assert_null(heapcheck_allocate(1, 16, HEAPCHECK_APPLICATION, &ALLOCATE));
    dry = false;
    assert_int_equal(release(allocate(1)), HEAPCHECK_FINE);
    heapcheck_start(&memory);
    no_records = true;
    assert_null(heapcheck_allocate(1, 16, HEAPCHECK_APPLICATION, &ALLOCATE));
    assert_int_equal(taken, 1);
}

static void a_block_that_is_looked_at_is_checked(void **state)
{
    uint8_t *block = allocate(77);
    size_t size;

    (void)state;
    heapcheck_look(block, &size, &FREE, &fault);
    assert_int_equal(fault.kind, HEAPCHECK_FINE);
    assert_int_equal(size, 77);
    heapcheck_look(block + 1, &size, &FREE, &fault);
    assert_int_equal(fault.kind, HEAPCHECK_INSIDE);
    assert_int_equal(size, 0);
    assert_int_equal(release(block), HEAPCHECK_FINE);
    heapcheck_look(block, &size, &FREE, &fault);
    assert_int_equal(fault.kind, HEAPCHECK_FREED_TWICE);
}

/* ---- leaks ---- */

static void leaks_are_counted_and_the_largest_are_named(void **state)
{
    static const size_t sizes[] = {5, 900, 30, 900, 7, 200};
    struct heapcheck_leaks leaks;

    (void)state;
    heapcheck_leaks(&leaks);
    assert_int_equal(leaks.blocks, 0);
    saids = 0;
    heapcheck_say_leaks(&leaks, IMAGE, CODE, say);
    assert_int_equal(saids, 0);
    for (unsigned i = 0; i < COUNT(sizes); i++)
        allocate(sizes[i]);
    assert_int_equal(release(allocate(5000)), HEAPCHECK_FINE);
    assert_non_null(heapcheck_allocate(9000, 16, HEAPCHECK_SYSTEM, &ALLOCATE));
    heapcheck_leaks(&leaks);
    assert_int_equal(leaks.blocks, 6);
    assert_int_equal(leaks.bytes, 2042);
    assert_int_equal(leaks.count, 3);
    assert_int_equal(leaks.largest[0].number, 2);
    assert_int_equal(leaks.largest[1].number, 4);
    assert_int_equal(leaks.largest[2].size, 200);
    heapcheck_say_leaks(&leaks, IMAGE, CODE, say);
    assert_true(was_said("found 6 blocks of 2042 bytes in all that were not "
                         "freed, expected none; the largest:"));
    assert_true(was_said("block: 200 bytes"));
    assert_int_equal(saids, 1 + 3 * 3);
}

/* ---- many ---- */

/* A record is found whatever was allocated and freed before it. */
static void many_blocks_are_told_apart(void **state)
{
    enum { MANY = 3000, STEP = 7919 }; /* coprime to MANY */
    static uint8_t *blocks[MANY];

    (void)state;
    for (unsigned i = 0; i < MANY; i++)
        blocks[i] = allocate(i % 40);
    for (unsigned i = 0; i < MANY; i++) {
        unsigned which = i * STEP % MANY;

        if (i % 100 == 0)
            assert_int_equal(check_all(), HEAPCHECK_FINE);
        assert_int_equal(release(blocks[which]), HEAPCHECK_FINE);
        assert_int_equal(release(blocks[which]), HEAPCHECK_FREED_TWICE);
    }
    assert_int_equal(taken - given, HEAPCHECK_QUARANTINE_BLOCKS);
    assert_int_equal(check_all(), HEAPCHECK_FINE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(right_use_is_not_told),
        T(each_byte_of_the_zones_is_watched),
        T(a_write_behind_is_told),
        T(a_write_before_is_told),
        T(a_second_free_is_told_with_the_first),
        T(a_foreign_pointer_is_told),
        T(a_pointer_into_a_block_is_told),
        T(a_write_after_free_is_told_when_the_quarantine_ends),
        T(a_write_after_free_is_told_at_the_end),
        T(the_quarantine_has_an_end_in_bytes),
        T(a_damaged_block_is_told_at_the_end),
        T(every_alignment_is_kept),
        T(sizes_that_cannot_be_are_refused),
        T(without_memory_there_is_no_block),
        T(a_block_that_is_looked_at_is_checked),
        T(leaks_are_counted_and_the_largest_are_named),
        T(many_blocks_are_told_apart),
    };

    return cmocka_run_group_tests_name("heapcheck", tests, NULL, NULL);
}
