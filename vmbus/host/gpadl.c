/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * GPADLs: lists of page frames by which a guest shares memory; finding, making
 * and freeing them, and what their words say. [openvmm proto] [linux channel.c]
 *
 *     GPADL_HEADER  relid, handle, byte count of all words, first words
 *     GPADL_BODY    handle, more words        (as often as needed)
 *     words:  range head (size | offset << 32), then one frame per page;
 *             then the next range
 *     GPADL_CREATED when the last word has arrived and all ranges are right
 *
 * gpadl_arrive.c handles these messages, gpadl_teardown.c the end.
 */
#include "vmbus/host/private.h"

#include "vmbus/wire/memory.h"

static struct chain **bucket_of(struct vmbus_host *h, uint32_t handle)
{
    return &h->by_handle[handle % HOST_GPADL_BUCKETS];
}

static struct host_gpadl *by_handle(struct chain *link)
{
    return link ? CHAIN_OWNER(link, struct host_gpadl, by_handle) : NULL;
}

/* Handles are the guest's choice, unique on their channel. */
struct host_gpadl *vmbus_host_gpadl_find(const struct vmbus_host_channel *ch,
                                         uint32_t handle)
{
    struct host_gpadl *g = by_handle(*bucket_of(ch->host, handle));

    while (g && !(g->channel == ch && g->handle == handle))
        g = by_handle(g->by_handle.next);
    return g;
}

struct host_gpadl *vmbus_host_gpadl_next(const struct vmbus_host_channel *ch,
                                         const struct host_gpadl *previous)
{
    struct chain *link = previous ? previous->of_channel.next : ch->gpadls;

    return link ? CHAIN_OWNER(link, struct host_gpadl, of_channel) : NULL;
}

struct host_gpadl *vmbus_host_gpadl_arriving(struct vmbus_host *h,
                                             uint32_t handle)
{
    struct host_gpadl *g = by_handle(*bucket_of(h, handle));

    while (g && !(g->state == HOST_GPADL_COLLECTING && g->handle == handle))
        g = by_handle(g->by_handle.next);
    return g;
}

/* Every range has one head; all other words are frames. */
static uint32_t frames_of(const struct host_gpadl *g)
{
    return g->words - g->range_count;
}

/* Also frees one that was only half made. */
static void free_object(struct vmbus_host *h, struct host_gpadl *g)
{
    if (g->ranges)
        seam_free(h->seam, g->ranges, g->range_count * sizeof(g->ranges[0]));
    if (g->buffer)
        seam_free(h->seam, g->buffer, g->words * sizeof(uint64_t));
    seam_free(h->seam, g, sizeof(*g));
}

/*
 * Everything that it will ever need is allocated now, so a later body cannot
 * fail. The configured limits bound it (check_header).
 */
struct host_gpadl *vmbus_host_gpadl_make(struct vmbus_host *h,
                                         struct vmbus_host_channel *ch,
                                         uint32_t handle, uint32_t words,
                                         uint16_t range_count)
{
    struct host_gpadl *g = seam_alloc(h->seam, sizeof(*g));
    uint8_t irql;

    if (!g)
        return NULL;
    g->channel = ch;
    g->handle = handle;
    g->words = words;
    g->range_count = range_count;
    g->page_count = frames_of(g);
    g->buffer = seam_alloc(h->seam, words * sizeof(uint64_t));
    g->ranges = seam_alloc(h->seam, range_count * sizeof(g->ranges[0]));
    if (!g->buffer || !g->ranges) {
        free_object(h, g);
        return NULL;
    }
    irql = seam_lock(h->seam, &h->lock);
    g->next = h->gpadls;
    if (g->next)
        g->next->previous = g;
    h->gpadls = g;
    chain_put(bucket_of(h, handle), &g->by_handle);
    chain_put(&ch->gpadls, &g->of_channel);
    seam_unlock(h->seam, &h->lock, irql);
    h->gpadl_count++;
    h->gpadl_pages += g->page_count;
    return g;
}

/* Unlinked under the lock: vmbus_host_gpadl_range looks it up at DISPATCH. */
void vmbus_host_gpadl_free(struct vmbus_host *h, struct host_gpadl *g)
{
    uint8_t irql = seam_lock(h->seam, &h->lock);

    *(g->previous ? &g->previous->next : &h->gpadls) = g->next;
    if (g->next)
        g->next->previous = g->previous;
    chain_take_out(&g->by_handle);
    chain_take_out(&g->of_channel);
    seam_unlock(h->seam, &h->lock, irql);
    SEAM_ASSERT(h->seam, !g->base, "a mapped GPADL is not freed");
    h->gpadl_count--;
    h->gpadl_pages -= g->page_count;
    vmbus_host_reply_free(h, &g->reply);
    free_object(h, g);
}

void vmbus_host_gpadls_free(struct vmbus_host_channel *ch)
{
    struct host_gpadl *g;

    while ((g = vmbus_host_gpadl_next(ch, NULL)) != NULL)
        vmbus_host_gpadl_free(ch->host, g);
}

/*
 * Reads the range whose head is at `word`. Returns how many frames it has; 0:
 * it is not as it must be.
 */
static uint32_t parse_range(const struct host_gpadl *g, uint32_t word,
                            struct vmbus_host_range *r)
{
    uint64_t head, frames;

    if (word >= g->words)
        return 0;
    head = g->buffer[word];
    r->size = (uint32_t)head;
    r->offset = (uint32_t)(head >> 32);
    if (r->size == 0 || r->offset >= SEAM_PAGE_SIZE)
        return 0;
    frames =
        ((uint64_t)r->offset + r->size + SEAM_PAGE_SIZE - 1) / SEAM_PAGE_SIZE;
    return frames <= g->words - word - 1 ? (uint32_t)frames : 0;
}

/*
 * The frames move together to the front of the buffer, over the heads of the
 * ranges before them: afterwards the buffer holds frames alone.
 */
bool vmbus_host_gpadl_parse(struct vmbus_host *h, struct host_gpadl *g)
{
    uint32_t word = 0, page = 0;

    SEAM_ASSERT(h->seam, g->filled == g->words, "parsed when complete");
    for (uint32_t i = 0; i < g->range_count; i++) {
        struct vmbus_host_range *r = &g->ranges[i];
        uint32_t frames = parse_range(g, word, r);

        if (frames == 0)
            return false;
        r->first_page = page;
        r->page_count = frames;
        /* Frames move down over the range heads before them. */
        memmove(&g->buffer[page], &g->buffer[word + 1],
                frames * sizeof(uint64_t));
        page += frames;
        word += 1 + frames;
    }
    return word == g->words;
}
