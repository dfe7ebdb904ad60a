/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A GPADL arrives: GPADL_HEADER and as many GPADL_BODY as it takes. The words
 * are collected as they come, and taken apart when they are complete; then
 * GPADL_CREATED is the answer. [openvmm proto] [linux channel.c]
 */
#include "vmbus/host/private.h"

#include "vmbus/wire/memory.h"

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
    if (ch->owner == HOST_OWNED && ch->server.gpadl_created)
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
