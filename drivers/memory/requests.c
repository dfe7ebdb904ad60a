/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The host's three requests: give pages (balloon), take pages back (unballoon),
 * and use new memory (hot add). See dynamic_memory.h.
 *
 * A range on the wire is a first frame and a number of pages. Every range that
 * the host names is checked by the page allocator itself, which knows what was
 * given away and what exists; a range that it refuses is counted.
 */
#include <string.h>

#include "drivers/memory/private.h"
#include "vmbare.h"

/*
 * Hosts think in units of 2 MiB [linux hv_balloon.c]. Single pages are given
 * when no such block is left.
 */
#define BLOCK 512u

/* The guest keeps this much for itself, 32 MiB, whatever the host asks for. */
#define KEEP_PAGES 8192u

/* Pages that the allocator could give now. */
static uint64_t free_pages(void)
{
    struct vmbare_facts facts;

    vmbare_facts(&facts);
    return facts.memory_free_pages;
}

/*
 * Takes up to `wanted` pages for one response message, as large blocks first.
 * Returns how many pages; *ranges receives the number of ranges that describe
 * them.
 */
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

        /* A block of 2 MiB is aligned to its size, so that the host can use a
         * large page for it. When there is none, single pages must do. */
        if (!vmbare_frames_take(count, count, &first)) {
            if (count == 1 || !vmbare_frames_take(count = 1, 1, &first))
                break;
        }
        range[(*ranges)++] = DYNMEM_RANGE(first, count);
        taken += count;
    }
    return taken;
}

/* Returns pages that the host was not told about. */
static void give_back(const uint64_t *range, uint32_t ranges)
{
    for (uint32_t i = 0; i < ranges; i++)
        vmbare_frames_give(DYNMEM_RANGE_FRAME(range[i]),
                           DYNMEM_RANGE_PAGES(range[i]));
}

/*
 * Answers a balloon request with as many responses as it takes. All but the
 * last have the bit "more follows". A response without ranges says that the
 * guest is at its minimum. Pages of a response that could not be sent go back
 * at once, because the host does not know that it could have them.
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
        /* Bit 0: more responses follow. The number of ranges is above it. */
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

/*
 * Takes ranges back. The count in the message is believed only as far as the
 * message is long. The allocator refuses ranges that were never given away.
 */
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

        /* Each range is read once, into a local, and then used. */
        memcpy(&range, bytes + sizeof(in) + 8 * i, 8);
        pages = DYNMEM_RANGE_PAGES(range);
        if (vmbare_frames_give(DYNMEM_RANGE_FRAME(range), pages))
            d->ballooned -= pages;
        else
            d->refused++;
    }
    /* Bit 0: more messages of this request follow, and the last one is
     * answered. */
    if (in.first & 1)
        return;
    if (dynmem_send(d, &out, DYNMEM_UNBALLOON_RESPONSE, in.header.transaction,
                    sizeof(out)))
        d->responses++;
}

/*
 * Adds new memory. The response says how many pages were added. Result 1 with 0
 * pages means that it can never work, so the host does not ask again.
 */
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
