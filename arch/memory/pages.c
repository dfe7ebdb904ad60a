/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Whole pages, mapped in the window: see pages.h.
 *
 * A piece of memory is three things: addresses in the window (pages_window.c),
 * frames of RAM (pages_frames.c), and entries in the page tables that join the
 * two (paging.c). They are taken in this order and given back in reverse. One
 * lock covers all three, because an allocation changes all of them. Zeroing
 * takes most of the time and is done after the lock is free.
 */
#include "arch/cpu/cpu.h"
#include "arch/memory/pages_private.h"
#include "arch/memory/paging.h"

void pages_clear(void *pages, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        page_clear((char *)pages + (size_t)i * PAGE_SIZE);
}

/* Addresses first, then frames; what was taken goes back in reverse. NULL: all
 * frames went back. Under the lock. */
static void *alloc_locked(uint32_t count, uint64_t *frames)
{
    uint64_t address = pages_window_take(count), mapped;

    if (!address)
        return NULL;
    mapped = pages_map_some(address, count);
    if (mapped < count) {
        pages_take_down(address, mapped, true);
        pages_window_give(address, count);
        return NULL;
    }
    for (uint32_t i = 0; frames && i < count; i++)
        frames[i] = pages_frame((void *)(address + i * PAGE_SIZE));
    return (void *)(uintptr_t)address;
}

/* Refuse at once what cannot succeed: mapping half of it and taking it down
 * again would cost a flush of every processor. */
static void *alloc(uint32_t count, uint64_t *frames)
{
    uint8_t irql = spin_lock(&pages_lock);
    void *pages = count == 0 || pages_ram.free < count
                      ? NULL
                      : alloc_locked(count, frames);

    spin_unlock(&pages_lock, irql);
    return pages;
}

void *pages_alloc(uint32_t count, uint64_t *frames)
{
    void *pages = alloc(count, frames);

    if (pages)
        pages_clear(pages, count);
    return pages;
}

/* The pieces lie behind each other, a guard page after each; the last one's
 * comes with the addresses. Under the lock. */
static bool pieces_locked(const uint8_t *pages, uint32_t count, uint64_t *at)
{
    uint64_t total = 0, guards = count - 1u, address;

    for (uint32_t i = 0; i < count; i++)
        total += pages[i];
    /* Take the addresses of all pieces, and of the guards between them. */
    address = pages_window_take(total + guards);
    if (!address)
        return false;
    at[0] = address;
    for (uint32_t i = 1; i < count; i++)
        at[i] = at[i - 1] + (pages[i - 1] + 1u) * PAGE_SIZE;
    if (pages_map_pieces(pages, count, total, at))
        return true;
    pages_window_give(address, total + guards);
    return false;
}

bool pages_alloc_pieces(const uint8_t *pages, uint32_t count, uint64_t *at)
{
    uint8_t irql = spin_lock(&pages_lock);
    bool done = pieces_locked(pages, count, at);

    spin_unlock(&pages_lock, irql);
    return done;
}

/* The frames go back only after the flush: no processor may write to them
 * through an old translation. */
void pages_free(void *pages, uint32_t count)
{
    uint64_t address = (uint64_t)(uintptr_t)pages;
    uint8_t irql = spin_lock(&pages_lock);

    pages_take_down(address, count, true);
    pages_window_give(address, count);
    spin_unlock(&pages_lock, irql);
}

/* Below a stack lies the guard of the piece before, or the first page of the
 * window, which is never handed out. */
uint64_t pages_stack(uint32_t count)
{
    void *stack = alloc(count, NULL);

    return stack ? (uint64_t)(uintptr_t)stack + (uint64_t)count * PAGE_SIZE : 0;
}

void pages_protect(void *page, enum paging_access access)
{
    uint8_t irql = spin_lock(&pages_lock);

    paging_protect((uint64_t)(uintptr_t)page, access);
    paging_flush();
    spin_unlock(&pages_lock, irql);
}

/* Without a lock: entries are changed by single stores. */
uint64_t pages_frame(const void *address)
{
    uint64_t physical;

    if (!paging_translate((uint64_t)(uintptr_t)address, &physical))
        return FRAMES_NONE;
    return physical / PAGE_SIZE;
}
