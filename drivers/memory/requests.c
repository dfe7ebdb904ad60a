/* SPDX-License-Identifier: BSD-2-Clause */
/* What the host asks for: pages out, pages in, new pages. See dynamic_memory.h.
 */
#include <string.h>

#include "drivers/memory/private.h"
#include "vmbare.h"

/* Hosts balloon in 2 MiB units [linux hv_balloon.c]; single pages are the
 * last resort. */
#define BLOCK 512u

/* Never given away: what the guest needs to go on, 32 MiB. */
#define KEEP_PAGES 8192u

static uint64_t free_pages(void)
{
    struct vmbare_facts facts;

    vmbare_facts(&facts);
    return facts.memory_free_pages;
}

/* Takes pages for one response message. Returns how many; *ranges counts. */
static uint64_t fill(uint64_t *range, uint32_t *ranges, uint64_t wanted)
{
    uint64_t taken = 0, room = free_pages();

    *ranges = 0;
    room = room > KEEP_PAGES ? room - KEEP_PAGES : 0;
    if (wanted > room)
        wanted = room;
    while (taken < wanted && *ranges < DYNMEM_RANGES_MAX) {
        uint64_t count = wanted - taken >= BLOCK ? BLOCK : 1;
        uint64_t first;

        if (!vmbare_frames_take(count, count, &first)) {
            if (count == 1 || !vmbare_frames_take(count = 1, 1, &first))
                break;
        }
        range[(*ranges)++] = DYNMEM_RANGE(first, count);
        taken += count;
    }
    return taken;
}

static void give_back(const uint64_t *range, uint32_t ranges)
{
    for (uint32_t i = 0; i < ranges; i++)
        vmbare_frames_give(DYNMEM_RANGE_FRAME(range[i]),
                           DYNMEM_RANGE_PAGES(range[i]));
}

/*
 * As many responses as it takes; all but the last say that more follow. One
 * without ranges means: I am at my minimum. Pages that could not be told of
 * go back at once, since the host does not know that it could have them.
 */
void dynmem_balloon(struct dynmem *d, const void *message, uint32_t size)
{
    static uint64_t buffer[DYNMEM_MESSAGE_MAX / 8];
    struct dynmem_ranges *out = (struct dynmem_ranges *)buffer;
    struct dynmem_balloon in;
    uint64_t left;
    bool more = true;

    if (size < sizeof(in)) {
        d->refused++;
        return;
    }
    memcpy(&in, message, sizeof(in));
    left = in.pages;
    while (more) {
        uint32_t ranges;
        uint64_t taken = fill(out->range, &ranges, left);

        left -= taken;
        more = left > 0 && taken > 0 && free_pages() > KEEP_PAGES;
        out->first = 0;
        out->second = ranges << 1 | more;
        if (!dynmem_send(d, out, DYNMEM_BALLOON_RESPONSE, in.header.transaction,
                         (uint32_t)sizeof(*out) + ranges * 8)) {
            give_back(out->range, ranges);
            return;
        }
        d->ballooned += taken;
        d->responses++;
    }
}

/* Ranges that we never gave away are refused by the allocator, one by one. */
void dynmem_unballoon(struct dynmem *d, const void *message, uint32_t size)
{
    const uint8_t *bytes = message;
    struct dynmem_ranges in;
    struct dynmem_header out;
    uint32_t count;

    if (size < sizeof(in)) {
        d->refused++;
        return;
    }
    memcpy(&in, message, sizeof(in));
    count = in.second;
    if (count > (size - sizeof(in)) / 8) {
        d->refused++;
        return;
    }
    for (uint32_t i = 0; i < count; i++) {
        uint64_t range, pages;

        memcpy(&range, bytes + sizeof(in) + 8 * i, 8);
        pages = DYNMEM_RANGE_PAGES(range);
        if (vmbare_frames_give(DYNMEM_RANGE_FRAME(range), pages))
            d->ballooned -= pages;
        else
            d->refused++;
    }
    if (in.first & 1)
        return;
    if (dynmem_send(d, &out, DYNMEM_UNBALLOON_RESPONSE, in.header.transaction,
                    sizeof(out)))
        d->responses++;
}

/* Result 1 with 0 pages: it can never work, do not ask again. */
void dynmem_hot_add(struct dynmem *d, const void *message, uint32_t size)
{
    struct dynmem_hot_add_response out = {.result = 1};
    struct dynmem_header header;
    uint64_t range = 0;

    if (size < sizeof(header) + sizeof(range)) {
        d->refused++;
        return;
    }
    memcpy(&header, message, sizeof(header));
    memcpy(&range, (const uint8_t *)message + sizeof(header), sizeof(range));
    out.pages = (uint32_t)vmbare_frames_add(DYNMEM_RANGE_FRAME(range),
                                            DYNMEM_RANGE_PAGES(range));
    d->added += out.pages;
    if (dynmem_send(d, &out, DYNMEM_HOT_ADD_RESPONSE, header.transaction,
                    sizeof(out)))
        d->responses++;
}
