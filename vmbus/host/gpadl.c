/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * GPADLs: lists of page frames by which a guest shares memory. [openvmm proto]
 * [linux channel.c]
 *
 *     GPADL_HEADER  relid, handle, byte count of all words, first words
 *     GPADL_BODY    handle, more words        (as often as needed)
 *     words:  range head (size | offset << 32), then one frame per page;
 *             then the next range
 *     GPADL_CREATED when the last word has arrived and all ranges are right
 *
 * The words are collected as they come, and taken apart when they are complete.
 */
#include "vmbus/host/private.h"

#include "vmbus/wire/memory.h"

/* Handles are the guest's choice, unique on their channel. */
struct host_gpadl *vmbus_host_gpadl_find(const struct vmbus_host_channel *ch,
                                         uint32_t handle)
{
    for (struct host_gpadl *g = ch->host->gpadls; g; g = g->next) {
        if (g->channel == ch && g->handle == handle)
            return g;
    }
    return NULL;
}

struct host_gpadl *vmbus_host_gpadl_arriving(struct vmbus_host *h,
                                             uint32_t handle)
{
    for (struct host_gpadl *g = h->gpadls; g; g = g->next) {
        if (g->state == HOST_GPADL_COLLECTING && g->handle == handle)
            return g;
    }
    return NULL;
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
    h->gpadls = g;
    seam_unlock(h->seam, &h->lock, irql);
    h->gpadl_count++;
    h->gpadl_pages += g->page_count;
    return g;
}

/* Unlinked under the lock: vmbus_host_gpadl_range looks it up at DISPATCH. */
void vmbus_host_gpadl_free(struct vmbus_host *h, struct host_gpadl *g)
{
    struct host_gpadl **at = &h->gpadls;
    uint8_t irql = seam_lock(h->seam, &h->lock);

    while (*at != g)
        at = &(*at)->next;
    *at = g->next;
    seam_unlock(h->seam, &h->lock, irql);
    SEAM_ASSERT(h->seam, !g->base, "a mapped GPADL is not freed");
    h->gpadl_count--;
    h->gpadl_pages -= g->page_count;
    vmbus_host_reply_free(h, &g->reply);
    free_object(h, g);
}

/* The list changes underneath, so the next one is noted first. */
void vmbus_host_gpadls_free(struct vmbus_host_channel *ch)
{
    struct vmbus_host *h = ch->host;
    struct host_gpadl *next;

    for (struct host_gpadl *g = h->gpadls; g; g = next) {
        next = g->next;
        if (g->channel == ch)
            vmbus_host_gpadl_free(h, g);
    }
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

/* The answer names channel and handle, since many GPADLs may be under way. */
static void send_created(struct vmbus_host *h, struct host_reply *r,
                         uint32_t relid, uint32_t handle, uint32_t status)
{
    const struct wire_gpadl_created w = {
        .header.type = WIRE_GPADL_CREATED,
        .relid = relid,
        .gpadl = handle,
        .status = status,
    };

    vmbus_host_reply_send(h, r, &w, sizeof(w));
}

/* Step 1: a rescinded channel's GPADL only had to arrive. */
static void complete(struct vmbus_host *h, struct host_gpadl *g, uint32_t type)
{
    struct vmbus_host_channel *ch = g->channel;
    struct host_reply *r = g->reply;
    uint32_t handle = g->handle;

    g->reply = NULL;
    if (g->dead) {
        vmbus_host_gpadl_free(h, g);
        if (r)
            send_created(h, r, ch->relid, handle, 0);
        return;
    }
    /* Step 2: refuse ranges that do not fill the announced length. */
    if (!vmbus_host_gpadl_parse(h, g)) {
        vmbus_host_gpadl_free(h, g);
        vmbus_host_rule_broken(h, VMBUS_HOST_RULE_GPADL_RANGES, type,
                               ch->relid);
        send_created(h, r, ch->relid, handle, HOST_STATUS_GPADL);
        return;
    }
    /* Step 3: answer the guest, then tell the server, which may map it at once.
     */
    g->state = HOST_GPADL_READY;
    send_created(h, r, ch->relid, handle, 0);
    if (ch->owned && ch->server.gpadl_created)
        ch->server.gpadl_created(ch->context, ch, handle);
}

/*
 * Appends the words that still belong to it. Firmware sends whole messages, so
 * the last one may carry more than that.
 */
static void collect(struct vmbus_host *h, struct host_gpadl *g,
                    const uint8_t *bytes, uint32_t size, uint32_t type)
{
    uint32_t words = size / sizeof(uint64_t);

    if (words > g->words - g->filled)
        words = g->words - g->filled;
    memcpy(&g->buffer[g->filled], bytes, words * sizeof(uint64_t));
    g->filled += words;
    if (g->filled == g->words)
        complete(h, g, type);
}

/*
 * The rule that a new GPADL breaks; VMBUS_HOST_RULE_COUNT: none. All sizes are
 * checked before anything is allocated.
 */
static enum vmbus_host_rule check_header(const struct vmbus_host *h,
                                         const struct wire_gpadl_header *w)
{
    uint32_t words = w->range_bytes / sizeof(uint64_t);

    if (w->gpadl == 0)
        return VMBUS_HOST_RULE_GPADL_HANDLE;
    if (w->range_bytes % sizeof(uint64_t) != 0 || w->range_count == 0 ||
        words < 2u * w->range_count)
        return VMBUS_HOST_RULE_GPADL_RANGES;
    if (h->gpadl_count >= h->config.max_gpadls ||
        words - w->range_count > h->config.max_gpadl_pages - h->gpadl_pages)
        return VMBUS_HOST_RULE_GPADL_LIMIT;
    return VMBUS_HOST_RULE_COUNT;
}

/* Step 1: find the channel and check the announced sizes. */
void vmbus_host_on_gpadl_header(struct vmbus_host *h,
                                const struct host_message *m)
{
    const struct wire_gpadl_header *w = &m->gpadl_header;
    struct vmbus_host_channel *ch = vmbus_host_channel_known(h, m, w->relid);
    enum vmbus_host_rule rule = check_header(h, w);
    struct host_gpadl *g = NULL;

    if (!ch)
        return;
    /* No answer here: it would be taken for that of the first one. */
    if (w->gpadl != 0 && (vmbus_host_gpadl_find(ch, w->gpadl) ||
                          vmbus_host_gpadl_arriving(h, w->gpadl))) {
        vmbus_host_rule_broken(h, VMBUS_HOST_RULE_GPADL_HANDLE, m->type,
                               ch->relid);
        return;
    }
    /* Step 2: make the object, or refuse. */
    if (rule == VMBUS_HOST_RULE_COUNT)
        g = vmbus_host_gpadl_make(
            h, ch, w->gpadl, w->range_bytes / sizeof(uint64_t), w->range_count);
    else
        vmbus_host_rule_broken(h, rule, m->type, ch->relid);
    if (!g) {
        send_created(h, vmbus_host_reply_take(h), ch->relid, w->gpadl,
                     HOST_STATUS_GPADL);
        return;
    }
    /* A rescinded channel's GPADL has crossed the RESCIND. */
    g->dead = ch->rescinded;
    g->reply = vmbus_host_reply_take(h);
    collect(h, g, m->bytes + WIRE_GPADL_HEADER_MIN,
            m->size - WIRE_GPADL_HEADER_MIN, m->type);
}

/* A body names its GPADL by the handle alone. */
void vmbus_host_on_gpadl_body(struct vmbus_host *h,
                              const struct host_message *m)
{
    struct host_gpadl *g = vmbus_host_gpadl_arriving(h, m->gpadl_body.gpadl);
    uint32_t size = m->size - (uint32_t)sizeof(struct wire_gpadl_body);

    if (!g || size < sizeof(uint64_t)) {
        vmbus_host_rule_broken(h, VMBUS_HOST_RULE_GPADL_BODY, m->type, 0);
        return;
    }
    collect(h, g, m->bytes + sizeof(struct wire_gpadl_body), size, m->type);
}

/* The memory of open rings is in use by the channel itself. */
bool vmbus_host_gpadl_rings(const struct host_gpadl *g)
{
    return g->channel->state != HOST_CLOSED && g->channel->gpadl == g->handle;
}

/* After this the guest may use the memory for something else. */
static void send_torndown(struct vmbus_host *h, struct host_reply *r,
                          uint32_t handle)
{
    const struct wire_gpadl_torndown w = {
        .header.type = WIRE_GPADL_TORNDOWN,
        .gpadl = handle,
    };

    vmbus_host_reply_send(h, r, &w, sizeof(w));
}

/*
 * Three things can hold the memory: the guest that has not asked for it back,
 * the server's mapping, and open rings.
 */
void vmbus_host_gpadl_settle(struct vmbus_host *h, struct host_gpadl *g)
{
    struct host_reply *r = g->reply;
    uint32_t handle = g->handle;

    if (g->state != HOST_GPADL_TEARING || g->base || vmbus_host_gpadl_rings(g))
        return;
    g->reply = NULL;
    vmbus_host_gpadl_free(h, g);
    if (r)
        send_torndown(h, r, handle);
}

/* The server is asked once. It answers by unmapping. */
void vmbus_host_gpadl_reclaim(struct vmbus_host *h, struct host_gpadl *g)
{
    struct vmbus_host_channel *ch = g->channel;

    if (!g->base || g->told) {
        vmbus_host_gpadl_settle(h, g);
        return;
    }
    g->told = true;
    if (ch->server.gpadl_teardown)
        ch->server.gpadl_teardown(ch->context, ch, g->handle);
}

/*
 * Step 1: find channel and GPADL; a handle of another channel is unknown here.
 */
void vmbus_host_on_gpadl_teardown(struct vmbus_host *h,
                                  const struct host_message *m)
{
    const struct wire_gpadl_teardown *w = &m->gpadl_teardown;
    struct vmbus_host_channel *ch = vmbus_host_channel_known(h, m, w->relid);
    struct host_gpadl *g;

    if (!ch)
        return;
    g = vmbus_host_gpadl_find(ch, w->gpadl);
    /* Nobody uses a withdrawn channel's memory: answered at once. So is the
     * teardown of a GPADL that had crossed the RESCIND and was not kept. */
    if (ch->withdrawn || (ch->rescinded && !g)) {
        if (g)
            vmbus_host_gpadl_free(h, g);
        send_torndown(h, vmbus_host_reply_take(h), w->gpadl);
        return;
    }
    /* Step 2: refuse a second teardown and one before GPADL_CREATED. */
    if (!g || g->state != HOST_GPADL_READY) {
        vmbus_host_rule_broken(h,
                               g ? VMBUS_HOST_RULE_TEARDOWN_STATE
                                 : VMBUS_HOST_RULE_TEARDOWN_UNKNOWN,
                               m->type, ch->relid);
        return;
    }
    if (ch->state != HOST_CLOSING && vmbus_host_gpadl_rings(g))
        vmbus_host_rule_broken(h, VMBUS_HOST_RULE_TEARDOWN_RING, m->type,
                               ch->relid);
    /* Step 3: TORNDOWN follows when the server has let go. */
    g->state = HOST_GPADL_TEARING;
    g->reply = vmbus_host_reply_take(h);
    vmbus_host_gpadl_reclaim(h, g);
}
