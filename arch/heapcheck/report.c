/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The words for what was found:
 *
 *     free: written behind a block
 *     found 0x41 4 bytes behind the block's last byte, expected 0xfa
 *     block: 100 bytes at 0x1bd4070, allocation 9, by malloc called from
 *     #1 image+0x18d23
 *     #2 image+0x46ac
 *
 * Addresses of code are printed as in a crash report, so that tools/symbolize
 * and `make run` name their source lines.
 */
#include "arch/heapcheck/heapcheck.h"

#include <stdarg.h>

#include "arch/console/format.h"

#define LINE_MAX 200u

/* Where the lines go, and where the image lies. */
struct page {
    heapcheck_say *say;
    uint64_t base, size;
};

/* Prints one line in the words of printf. */
static void put(const struct page *page, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Into a buffer on this stack: nothing may be allocated while the heap is in
 * doubt. */
static void put(const struct page *page, const char *format, ...)
{
    char line[LINE_MAX];
    va_list arguments;

    va_start(arguments, format);
    format_print_v(line, sizeof(line), format, arguments);
    va_end(arguments);
    page->say(line);
}

/* The crash report has these words, too. */
const char *heapcheck_kind_name(enum heapcheck_kind kind)
{
    static const char *const names[] = {
        [HEAPCHECK_FINE] = "nothing",
        [HEAPCHECK_FOREIGN] = "freed, but never allocated",
        [HEAPCHECK_INSIDE] = "freed by a pointer into a block",
        [HEAPCHECK_FREED_TWICE] = "freed twice",
        [HEAPCHECK_BEFORE] = "written before a block",
        [HEAPCHECK_BEHIND] = "written behind a block",
        [HEAPCHECK_USED_FREED] = "written after it was freed",
    };

    return names[kind];
}

/* The formatter has no %p. */
static unsigned long long number_of(const void *pointer)
{
    return (unsigned long long)(uintptr_t)pointer;
}

/* The byte, counted from the border that a person has in mind. */
static void put_byte(const struct page *page,
                     const struct heapcheck_fault *fault)
{
    ptrdiff_t behind = fault->offset - (ptrdiff_t)fault->block.size;

    if (fault->kind == HEAPCHECK_BEFORE)
        put(page, "found 0x%02x %lld bytes before the block, expected 0x%02x",
            fault->found, -(long long)fault->offset, fault->expected);
    else if (fault->kind == HEAPCHECK_BEHIND)
        put(page,
            "found 0x%02x %lld bytes behind the block's last byte, "
            "expected 0x%02x",
            fault->found, (long long)behind + 1, fault->expected);
    else
        put(page, "found 0x%02x at byte %lld of the block, expected 0x%02x",
            fault->found, (long long)fault->offset, fault->expected);
}

/* What the call was given, or which byte is wrong. */
static void put_what(const struct page *page,
                     const struct heapcheck_fault *fault)
{
    switch (fault->kind) {
    case HEAPCHECK_FOREIGN:
        put(page,
            "found the pointer 0x%llx, expected one that malloc or new "
            "has returned",
            number_of(fault->pointer));
        break;
    case HEAPCHECK_INSIDE:
        put(page,
            "found the pointer 0x%llx, expected 0x%llx: it points to "
            "byte %lld of a block",
            number_of(fault->pointer), number_of(fault->block.address),
            (long long)fault->offset);
        break;
    case HEAPCHECK_FREED_TWICE:
        put(page,
            "found the pointer 0x%llx of a freed block, expected one "
            "that is not freed",
            number_of(fault->pointer));
        break;
    default:
        put_byte(page, fault);
        break;
    }
}

/* Return addresses, numbered from 1 as in a crash report. */
static void put_callers(const struct page *page,
                        const struct heapcheck_call *call)
{
    for (unsigned i = 0; i < HEAPCHECK_CALLERS && call->callers[i]; i++) {
        if (call->callers[i] - page->base < page->size)
            put(page, "#%u image+0x%llx", i + 1,
                (unsigned long long)(call->callers[i] - page->base));
        else
            put(page, "#%u 0x%016llx", i + 1,
                (unsigned long long)call->callers[i]);
    }
}

/* Whose block it is tells where to look: who asked for it, who gave it back. */
static void put_block(const struct page *page,
                      const struct heapcheck_block *block)
{
    put(page, "block: %llu bytes at 0x%llx, allocation %llu, by %s called from",
        (unsigned long long)block->size, number_of(block->address),
        (unsigned long long)block->number, block->allocated.name);
    put_callers(page, &block->allocated);
    if (!block->freed.name)
        return;
    put(page, "freed by %s called from", block->freed.name);
    put_callers(page, &block->freed);
}

/* The first line says everything that one line can. */
void heapcheck_say_fault(const struct heapcheck_fault *fault, uint64_t base,
                         uint64_t size, heapcheck_say *say)
{
    const struct page page = {say, base, size};

    put(&page, "%s: %s", fault->now.name, heapcheck_kind_name(fault->kind));
    put_what(&page, fault);
    if (fault->has_block)
        put_block(&page, &fault->block);
}

/* Nothing is said when there is nothing: a good run stays short. */
void heapcheck_say_leaks(const struct heapcheck_leaks *leaks, uint64_t base,
                         uint64_t size, heapcheck_say *say)
{
    const struct page page = {say, base, size};

    if (leaks->blocks == 0)
        return;
    put(&page,
        "found %llu blocks of %llu bytes in all that were not freed, "
        "expected none; the largest:",
        (unsigned long long)leaks->blocks, (unsigned long long)leaks->bytes);
    for (unsigned i = 0; i < leaks->count; i++)
        put_block(&page, &leaks->largest[i]);
}
