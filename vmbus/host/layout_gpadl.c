/* SPDX-License-Identifier: BSD-2-Clause */
/* The GPADLs of a saved state: facts first, then the words as they came. */
#include "vmbus/host/image.h"

/* By value, since the function for both directions takes a pointer. */
static void write_word(struct host_image *i, uint64_t word)
{
    vmbus_host_image_u64(i, &word);
}

/*
 * Writes the words as they came from the guest, also when the frames have moved
 * together since.
 */
static void write_words(struct host_image *i, const struct host_gpadl *g)
{
    if (g->state == HOST_GPADL_COLLECTING) {
        for (uint32_t w = 0; w < g->filled; w++)
            write_word(i, g->buffer[w]);
        return;
    }
    for (uint32_t n = 0; n < g->range_count; n++) {
        const struct vmbus_host_range *r = &g->ranges[n];

        write_word(i, (uint64_t)r->offset << 32 | r->size);
        for (uint32_t p = 0; p < r->page_count; p++)
            write_word(i, g->buffer[r->first_page + p]);
    }
}

/* The facts of one GPADL; its channel is named by the relid. */
static void layout_gpadl(struct host_image *i, struct host_gpadl *g,
                         uint32_t *relid, bool *reply)
{
    uint8_t state = (uint8_t)g->state;

    vmbus_host_image_u32(i, relid);
    vmbus_host_image_u32(i, &g->handle);
    vmbus_host_image_u8(i, &state);
    vmbus_host_image_bool(i, &g->dead);
    vmbus_host_image_bool(i, reply);
    vmbus_host_image_u16(i, &g->range_count);
    vmbus_host_image_u32(i, &g->words);
    vmbus_host_image_u32(i, &g->filled);
    g->state = (enum host_gpadl_state)state;
}

void vmbus_host_layout_write_gpadls(struct host_image *i, struct vmbus_host *h)
{
    /* In a drain no guest will ask for them again. */
    uint32_t count = h->drain == HOST_DRAIN_NONE ? h->gpadl_count : 0;

    vmbus_host_image_u32(i, &count);
    for (const struct host_gpadl *g = h->gpadls; count && g; g = g->next) {
        struct host_gpadl copy = *g;
        uint32_t relid = g->channel->relid;
        bool reply = g->reply != NULL;

        layout_gpadl(i, &copy, &relid, &reply);
        write_words(i, g);
    }
}

/*
 * True: the counts are such as vmbus_host_on_gpadl_header would have let in, so
 * a restored GPADL can do no more than one that a guest made.
 */
static bool gpadl_fits(struct host_image *i, struct vmbus_host *h,
                       const struct host_gpadl *g, uint32_t relid, bool reply)
{
    bool collecting = g->state == HOST_GPADL_COLLECTING;
    bool whole = g->filled == g->words;

    vmbus_host_image_check(
        i,
        relid < HOST_RELIDS && h->relids[relid] && h->version != 0 &&
            g->handle != 0 &&
            !vmbus_host_gpadl_find(h->relids[relid], g->handle),
        -EBADMSG);
    /* GPADL_BODY names no channel, so only one of a handle is arriving. */
    vmbus_host_image_check(
        i, !collecting || !vmbus_host_gpadl_arriving(h, g->handle), -EBADMSG);
    vmbus_host_image_check(
        i,
        g->range_count != 0 && g->words >= 2u * g->range_count &&
            g->words <= UINT16_MAX / sizeof(uint64_t) &&
            g->filled <= g->words && g->state <= HOST_GPADL_TEARING,
        -EBADMSG);
    vmbus_host_image_check(i,
                           collecting
                               ? !whole && (reply || g->dead)
                               : whole && !g->dead &&
                                     (g->state == HOST_GPADL_TEARING || !reply),
                           -EBADMSG);
    return vmbus_host_image_check(i,
                                  h->gpadl_count < h->config.max_gpadls &&
                                      g->words - g->range_count <=
                                          h->config.max_gpadl_pages -
                                              h->gpadl_pages,
                                  -ENOTSUP);
}

/* Nothing is allocated before the counts are checked. */
static void read_gpadl(struct host_image *i, struct vmbus_host *h)
{
    struct host_gpadl read = {0};
    struct host_gpadl *g;
    uint32_t relid = 0;
    bool reply = false;

    layout_gpadl(i, &read, &relid, &reply);
    if (i->status != 0 || !gpadl_fits(i, h, &read, relid, reply))
        return;
    g = vmbus_host_gpadl_make(h, h->relids[relid], read.handle, read.words,
                              read.range_count);
    if (!vmbus_host_image_check(i, g != NULL, -ENOMEM))
        return;
    g->filled = read.filled;
    g->dead = read.dead;
    g->state = read.state;
    for (uint32_t w = 0; w < g->filled; w++)
        vmbus_host_image_u64(i, &g->buffer[w]);
    if (reply) {
        g->reply = vmbus_host_reply_alloc(h);
        vmbus_host_image_check(i, g->reply != NULL, -ENOMEM);
    }
    if (i->status == 0 && g->state != HOST_GPADL_COLLECTING)
        vmbus_host_image_check(i, vmbus_host_gpadl_parse(h, g), -EBADMSG);
}

/* Each GPADL that is read consumes bytes, so a wrong count ends soon. */
void vmbus_host_layout_read_gpadls(struct host_image *i, struct vmbus_host *h)
{
    uint32_t count = 0;

    vmbus_host_image_u32(i, &count);
    for (uint32_t n = 0; i->status == 0 && n < count; n++)
        read_gpadl(i, h);
}
