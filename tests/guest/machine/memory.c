/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of pages, double mappings and malloc: allocation and return. */
#include "machine.h"

#include <stdlib.h>
#include <string.h>

#include "arch/cpu/cpu.h"
#include "arch/memory/pages.h"
#include "arch/memory/paging.h"
#include "tests/guest/tap.h"

#define PIECES 200

static uint64_t used(void)
{
    struct pages_count count;

    pages_counted(&count);
    return count.used;
}

static bool all_zero(const uint8_t *p, size_t size)
{
    while (size > 0 && *p == 0) {
        p++;
        size--;
    }
    return size == 0;
}

static void test_pieces(void)
{
    static uint8_t *piece[PIECES];
    uint64_t before;
    bool zero = true, apart = true, balanced;

    /* One round before counting, because the page tables that it makes stay. */
    for (int turn = 0; turn < 2; turn++) {
        before = used();
        for (int i = 0; i < PIECES; i++) {
            uint32_t count = 1 + (uint32_t)i % 7;

            piece[i] = pages_alloc(count, NULL);
            zero = zero && piece[i] && all_zero(piece[i], count * PAGE_SIZE);
            memset(piece[i], 0xa5, count * PAGE_SIZE);
            apart = apart && !paging_readable((uint64_t)(uintptr_t)piece[i] +
                                                  (uint64_t)count * PAGE_SIZE,
                                              1);
        }
        for (int i = 0; i < PIECES; i++)
            pages_free(piece[i], 1 + (uint32_t)i % 7);
    }
    balanced = used() == before; /* counted before printing, which allocates */
    tap_ok(zero, "allocated pages are zeroed, even if they were used before");
    tap_ok(apart, "an unmapped page follows each allocation of pages");
    tap_ok(balanced, "the allocator gets the pages of all %d allocations back",
           PIECES);
}

/* Each page of a piece is there, and no page between two pieces. */
static bool pieces_apart(const uint8_t *pages, uint32_t count,
                         const uint64_t *at)
{
    for (uint32_t i = 0; i < count; i++) {
        if (paging_readable(at[i] - PAGE_SIZE, 1) ||
            paging_readable(at[i] + pages[i] * PAGE_SIZE, 1))
            return false;
        memset((void *)(uintptr_t)at[i], (int)i + 1, pages[i] * PAGE_SIZE);
    }
    for (uint32_t i = 0; i < count; i++) {
        const uint8_t *p = (const uint8_t *)(uintptr_t)at[i];

        for (size_t n = 0; n < pages[i] * PAGE_SIZE; n++) {
            if (p[n] != i + 1)
                return false;
        }
    }
    return true;
}

/* The last one is longer than what is mapped page by page. */
static void test_pieces_at_once(void)
{
    static const uint8_t pages[] = {1, 4, 1, 2, 30};
    uint64_t at[5], before = used();
    bool got = pages_alloc_pieces(pages, 5, at), apart, counted;

    if (!tap_ok(got, "several pieces can be allocated in one go"))
        return;
    counted = used() - before >= 38;
    apart = pieces_apart(pages, 5, at);
    for (int i = 0; i < 5; i++)
        pages_free((void *)(uintptr_t)at[i], pages[i]);
    counted = counted && used() - before < 38;
    tap_ok(apart, "an unmapped page stands before and after each piece, and "
                  "no two of them share memory");
    tap_ok(counted, "the pieces go back one by one");
}

static void test_twice(void)
{
    uint64_t frames[5];
    uint8_t *p = pages_alloc(5, frames);
    uint8_t *twice = p ? pages_map(frames, 5, 1) : NULL;
    bool ok = twice != NULL;

    for (unsigned i = 0; ok && i < 4; i++) {
        p[(1 + i) * PAGE_SIZE + 7] = (uint8_t)(i + 1);
        ok = twice[(1 + i) * PAGE_SIZE + 7] == i + 1 &&
             twice[(5 + i) * PAGE_SIZE + 7] == i + 1;
    }
    tap_ok(ok, "pages_map maps a ring's data pages twice in a row");
    if (twice)
        pages_unmap(twice, 5, 1);
    if (p)
        pages_free(p, 5);
}

/* A host can return only frames that were lent to it. Frames of pages in use
 * are refused, whatever the host asks for. */
static void test_lending(void)
{
    uint64_t own[2], lent = pages_frames_take(4, 4);
    uint8_t *p = pages_alloc(2, own);
    bool ok = p && lent != UINT64_MAX;

    if (!tap_ok(ok, "the test gets frames to lend and pages in use"))
        return;
    tap_ok(!pages_frames_give(own[0], 1) && !pages_frames_give(own[1], 1),
           "frames in use are refused as a return");
    tap_ok(!pages_frames_give(lent, 5) && !pages_frames_give(lent - 1, 2),
           "more frames than were lent are refused as a return");
    tap_ok(pages_frames_give(lent + 1, 2) && !pages_frames_give(lent, 4) &&
               pages_frames_give(lent, 1) && pages_frames_give(lent + 3, 1),
           "lent frames can be returned in any pieces, once");
    tap_ok(!pages_frames_give(lent, 1),
           "a lent frame is refused when it is returned a second time");
    pages_free(p, 2);
}

/* Asks for more than there is, then for as much as before. */
static void test_exhaustion(void)
{
    struct pages_count before, after;
    uint64_t taken = 0, frames[64];
    void *none;
    unsigned n = 0;

    pages_counted(&before);
    none = pages_alloc(UINT32_MAX, NULL);
    tap_ok(!none,
           "an allocation of more pages than the machine has is refused");
    while (n < 64 && (frames[n] = pages_frames_take(1 << 12, 1)) != UINT64_MAX)
        taken += 1 << 12, n++;
    for (unsigned i = 0; i < n; i++)
        pages_frames_give(frames[i], 1 << 12);
    pages_counted(&after);
    tap_ok(n > 0 && before.free == after.free,
           "all %llu pages can be taken and given back",
           (unsigned long long)taken);
}

static void test_malloc(void)
{
    uint8_t *big = malloc(3 << 20);
    bool ok = big != NULL;

    if (ok) {
        memset(big, 1, 3 << 20);
        free(big);
    }
    tap_ok(ok, "malloc returns 3 MiB that can be written");
    tap_ok(!malloc((size_t)1 << 46),
           "malloc refuses more memory than the machine has");
}

void test_memory(void)
{
    test_pieces();
    test_pieces_at_once();
    test_twice();
    test_lending();
    test_exhaustion();
    test_malloc();
    tap_ok(!paging_readable(0, 8), "the page at address zero is not mapped");
}
