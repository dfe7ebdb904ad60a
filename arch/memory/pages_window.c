/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The window of addresses that pages are handed out at, and frames mapped in
 * it.
 *
 *   | guard | piece | guard | piece ...... | guard | free ...
 *     a page that is never mapped stands before and after every piece
 *
 * A write past the end of a piece therefore faults at once, and so does a stack
 * that grows too deep. Addresses of a freed piece are used again, after every
 * processor has forgotten the old translation.
 */
#include "arch/cpu/cpu.h"
#include "arch/cpu/invariant.h"
#include "arch/memory/pages_private.h"
#include "arch/memory/paging.h"

/* The window's first part, 128 MiB, is enough for most machines: its bitmap is
 * a page of the image. */
#define FIRST_PAGES 32768

/* Page numbers of addresses, in the same bitmap as physical frames. */
static struct frames window; /* page numbers */
static uint64_t first_bitmap[FIRST_PAGES / 64];
static bool whole; /* the rest of the window has its bitmap, too */

/* The first page is left out: it is the guard below the first piece. Each piece
 * brings the guard page that follows it. */
int pages_window_setup(void)
{
    return frames_add(&window, PAGING_WINDOW / PAGE_SIZE + 1, FIRST_PAGES - 1,
                      first_bitmap);
}

/* The rest of the window, with a bitmap in frames that never go back. False:
 * there are none, or the window is whole already. */
static bool add_rest(void)
{
    uint64_t count = PAGING_WINDOW_PAGES - FIRST_PAGES;
    uint64_t pages = (frames_bitmap_size(count) + PAGE_SIZE - 1) / PAGE_SIZE;
    uint64_t frame;

    if (whole)
        return false;
    frame = frames_take(&pages_ram, pages, 1, FRAMES_NONE);
    if (frame == FRAMES_NONE)
        return false;
    whole = frames_add(&window, PAGING_WINDOW / PAGE_SIZE + FIRST_PAGES, count,
                       pages_reach(frame)) == 0;
    return whole;
}

/* One page more than asked for: the guard page after the piece. */
uint64_t pages_window_take(uint64_t count)
{
    uint64_t page = frames_take(&window, count + 1, 1, FRAMES_NONE);

    if (page == FRAMES_NONE && add_rest())
        page = frames_take(&window, count + 1, 1, FRAMES_NONE);
    return page == FRAMES_NONE ? 0 : page * PAGE_SIZE;
}

/* With the guard page, which was taken together with the piece. */
void pages_window_give(uint64_t address, uint64_t count)
{
    ASSERT(frames_give(&window, address / PAGE_SIZE, count + 1),
           "this was never handed out, or went back before");
}

/* One flush for all pages of a piece, after the last entry is gone. */
void pages_take_down(uint64_t address, uint64_t count, bool give)
{
    for (uint64_t i = 0; i < count; i++) {
        uint64_t frame = paging_unmap(address + i * PAGE_SIZE);

        ASSERT(frame != FRAMES_NONE, "a page of this piece is not mapped");
        if (give)
            ASSERT(frames_give(&pages_ram, frame, 1),
                   "a frame went back twice");
    }
    if (count)
        paging_flush();
}

/* Maps any frames. Returns for how many pages there were some. */
static uint64_t map_any(uint64_t address, uint64_t count)
{
    for (uint64_t i = 0; i < count; i++) {
        uint64_t frame = pages_take_one();

        if (frame == FRAMES_NONE)
            return i;
        if (paging_map_run(address + i * PAGE_SIZE, frame, 1) == 0) {
            frames_give(&pages_ram, frame, 1);
            return i;
        }
    }
    return count;
}

/* Maps frames in a row. They go back where there is no memory for tables. */
static uint64_t map_row(uint64_t address, uint64_t base, uint64_t count)
{
    uint64_t mapped = paging_map_run(address, base, count);

    if (mapped < count)
        frames_give(&pages_ram, base + mapped, count - mapped);
    return mapped;
}

/* A row of frames fills a table in one go; single frames are the way out when
 * memory is in pieces. */
uint64_t pages_map_some(uint64_t address, uint64_t count)
{
    uint64_t base = frames_take(&pages_ram, count, 1, FRAMES_NONE);

    return base == FRAMES_NONE ? map_any(address, count)
                               : map_row(address, base, count);
}

/* Gives back what pages_map_pieces() has for the pieces before `i`, and for
 * those after it the frames in a row from `base` on, if there are such. */
static void undo_pieces(const uint8_t *pages, uint32_t count,
                        const uint64_t *at, uint32_t i, uint64_t base)
{
    for (uint32_t n = i + 1; n < count && base != FRAMES_NONE; n++) {
        ASSERT(frames_give(&pages_ram, base, pages[n]), "it was taken");
        base += pages[n];
    }
    while (i-- > 0)
        pages_take_down(at[i], pages[i], true);
}

/* Frames in a row for all pieces are taken by one walk through the regions of
 * memory. What lies between two pieces stays unmapped. */
bool pages_map_pieces(const uint8_t *pages, uint32_t count, uint64_t total,
                      const uint64_t *at)
{
    uint64_t base = frames_take(&pages_ram, total, 1, FRAMES_NONE);

    for (uint32_t i = 0; i < count; i++) {
        uint64_t mapped = base == FRAMES_NONE ? pages_map_some(at[i], pages[i])
                                              : map_row(at[i], base, pages[i]);

        /* Go on in the row behind this piece. */
        if (base != FRAMES_NONE)
            base += pages[i];
        /* No memory for a table, or no frame: all goes back. */
        if (mapped < pages[i]) {
            pages_take_down(at[i], mapped, true);
            undo_pieces(pages, count, at, i, base);
            return false;
        }
    }
    return true;
}
