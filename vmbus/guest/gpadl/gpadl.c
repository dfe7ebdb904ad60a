/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The states of a GPADL: letting the host use pages and taking them back.
 * [linux channel.c]
 *
 *   CREATING --CREATED--> LIVE --teardown--> TEARING --TORNDOWN--> GONE
 *      |  refused: GONE                         |
 *      |  no answer: TEARING as an undo         |  no answer: LEAKED
 *      `- rescinded: GONE <---------------------'
 *
 * As an undo, TEARING has in `why` what create() ends with.
 */
#include "vmbus/guest/gpadl/gpadl.h"

#include "vmbus/guest/channel/channel.h"
#include "vmbus/wire/memory.h"

/* ---- making and freeing -------------------------------------------------- */

static void create_sent(void *owner, int status);
static void teardown_sent(void *owner, int status);
static void expired(void *owner);

/* All memory that the GPADL will ever need, also for taking it back. */
struct gpadl *vmbus_gpadl_new(struct vmbus_channel *c,
                              const struct vmbus_pages *p)
{
    struct seam *s = c->bus->seam;
    struct gpadl *g = seam_alloc(s, sizeof(*g));

    if (!g)
        return NULL;
    g->pfns = seam_alloc(s, p->count * sizeof(uint64_t));
    if (!g->pfns) {
        seam_free(s, g, sizeof(*g));
        return NULL;
    }
    /* The frame numbers are needed until the last body is posted. */
    memcpy(g->pfns, p->pfns, p->count * sizeof(uint64_t));
    /* The relid is copied: answers carry it, and the channel may be gone. */
    g->bus = c->bus;
    g->channel = c;
    g->relid = c->offer.relid;
    g->count = p->count;
    g->offset = p->offset;
    g->bytes = p->bytes;
    vmbus_post_init(&g->create, WIRE_GPADL_HEADER, g, vmbus_gpadl_build_create,
                    create_sent);
    vmbus_post_init(&g->teardown, WIRE_GPADL_TEARDOWN, g,
                    vmbus_gpadl_build_teardown, teardown_sent);
    vmbus_deadline_init(&g->deadline, g, expired);
    return g;
}

void vmbus_gpadl_free(struct gpadl *g)
{
    seam_free(g->bus->seam, g->pfns, g->count * sizeof(uint64_t));
    seam_free(g->bus->seam, g, sizeof(*g));
}

/* Out of all lists, and freed. */
static void locked_unlink(struct gpadl *g)
{
    chain_take_out(&g->by_handle);
    chain_take_out(&g->of_channel);
    vmbus_gpadl_free(g);
}

static struct chain **bucket_of(struct vmbus_bus *bus, uint32_t handle)
{
    return &bus->gpadls[handle % GPADL_BUCKETS];
}

static struct gpadl *by_handle(struct chain *link)
{
    return link ? CHAIN_OWNER(link, struct gpadl, by_handle) : NULL;
}

void vmbus_locked_gpadl_drop(struct gpadl *g)
{
    vmbus_locked_deadline_clear(g->bus, &g->deadline);
    vmbus_locked_post_cancel(g->bus, &g->create);
    chain_take_out(&g->of_channel);
    g->channel = NULL;
    g->state = GPADL_DOOMED;
    /* The message that waits to be posted is part of the GPADL. */
    if (!g->teardown.queued)
        locked_unlink(g);
}

struct gpadl *vmbus_locked_gpadl_find(struct vmbus_bus *bus, uint32_t handle)
{
    struct gpadl *g = by_handle(*bucket_of(bus, handle));

    while (g && (g->handle != handle || g->state == GPADL_DOOMED))
        g = by_handle(g->by_handle.next);
    return g;
}

/* Doomed ones have no channel. */
bool vmbus_locked_channel_has_gpadls(const struct vmbus_channel *c)
{
    return c->gpadls != NULL;
}

/* ---- tearing down -------------------------------------------------------- */

/* The pages stay with the host for ever. */
static void locked_leak(struct gpadl *g)
{
    g->state = GPADL_LEAKED;
    vmbus_locked_leak(g->bus, g->count, g->ring ? "a ring" : "a GPADL");
}

/* What the host has not answered it may still answer. */
static void locked_give_up(struct gpadl *g, bool answer_due)
{
    if (answer_due)
        vmbus_locked_answer_given_up(g->bus);
    if (g->created_due)
        vmbus_locked_answer_given_up(g->bus);
    g->created_due = false;
}

/* TEARING ends without an answer: the host may use the pages for ever. */
static void locked_torn_without_answer(struct gpadl *g)
{
    locked_give_up(g, g->teardown.step > 0);
    vmbus_locked_deadline_clear(g->bus, &g->deadline);
    locked_leak(g);
    g->changed(g, -ESTALE, 0);
}

/* `why` is 0 unless this was the undo of a create() that failed. */
void vmbus_locked_gpadl_torn(struct gpadl *g)
{
    vmbus_locked_deadline_clear(g->bus, &g->deadline);
    g->state = GPADL_GONE;
    g->changed(g, g->why, 0);
}

/* TEARDOWN was posted (0), or could not be: then the host will never answer. */
static void teardown_sent(void *owner, int status)
{
    struct gpadl *g = owner;

    if (g->state == GPADL_DOOMED)
        locked_unlink(g);
    else if (g->state == GPADL_TEARING && status)
        locked_torn_without_answer(g);
    else if (g->state == GPADL_TEARING)
        vmbus_locked_deadline_set(g->bus, &g->deadline, g->timeout,
                                  "GPADL_TORNDOWN");
}

/* Asks the host to let go. */
static void locked_tear(struct gpadl *g)
{
    g->state = GPADL_TEARING;
    /* After UNLOAD post nothing: the end of the connection ends this too. */
    if (g->bus->state == BUS_UNLOADING)
        return;
    vmbus_locked_deadline_set_unposted(g->bus, &g->deadline, g->timeout,
                                       "GPADL_TORNDOWN");
    vmbus_locked_post(g->bus, &g->teardown);
}

void vmbus_locked_gpadl_teardown(struct gpadl *g)
{
    struct vmbus_channel *c = g->channel;

    /* The bus itself keeps this rule: whoever breaks it is a bug of ours. */
    SEAM_ASSERT(g->bus->seam,
                g->state == GPADL_LIVE || g->state == GPADL_LEAKED,
                "only what is there is torn down");
    /* The connection ended, and the host did not confirm it. */
    if (g->state == GPADL_LEAKED) {
        g->changed(g, -ESTALE, 0);
        return;
    }
    if (!channel_is_gone(c)) {
        locked_tear(g);
        return;
    }
    /* The host let go when it rescinded the channel. Post TEARDOWN all the
     * same, so that the host clears its own tables, and do not await the
     * answer. [linux channel.c] */
    g->state = GPADL_GONE;
    if (!channel_is_cut_off(c)) {
        vmbus_locked_answer_given_up(g->bus);
        vmbus_locked_post(g->bus, &g->teardown);
    }
    g->changed(g, 0, 0);
}

/* ---- creating ------------------------------------------------------------ */

/* A handle that no GPADL of this connection has. Zero is none. */
static uint32_t locked_new_handle(struct vmbus_bus *bus)
{
    uint32_t handle;

    do {
        handle = bus->next_handle++;
    } while (handle == 0 || vmbus_locked_gpadl_find(bus, handle));
    return handle;
}

void vmbus_locked_gpadl_create(struct gpadl *g, uint64_t timeout)
{
    struct vmbus_bus *bus = g->bus;

    g->handle = locked_new_handle(bus);
    g->timeout = timeout;
    g->state = GPADL_CREATING;
    chain_put(bucket_of(bus, g->handle), &g->by_handle);
    chain_put(&g->channel->gpadls, &g->of_channel);
    /* Into the lists first: the answer may arrive from inside of the post. */
    vmbus_locked_deadline_set_unposted(bus, &g->deadline, timeout,
                                       "GPADL_CREATED");
    vmbus_locked_post(bus, &g->create);
}

/* Ends CREATING without a GPADL. */
static void locked_create_failed(struct gpadl *g, int status)
{
    vmbus_locked_deadline_clear(g->bus, &g->deadline);
    vmbus_locked_post_cancel(g->bus, &g->create);
    g->why = status;
    /* If the host has the header, it may have the pages: take them back before
     * they are used for anything else. */
    if (g->create.step > 0) {
        locked_tear(g);
        return;
    }
    g->state = GPADL_GONE;
    g->changed(g, status, 0);
}

/* Header and bodies were posted (0), or one of them could not be. */
static void create_sent(void *owner, int status)
{
    struct gpadl *g = owner;

    if (status) {
        locked_create_failed(g, status);
        return;
    }
    g->created_due = true;
    /* Only now has the host the whole time for its answer. */
    vmbus_locked_deadline_set(g->bus, &g->deadline, g->timeout,
                              "GPADL_CREATED");
}

void vmbus_locked_gpadl_answered(struct gpadl *g, uint32_t host_status)
{
    g->created_due = false;
    if (g->state == GPADL_CREATING) {
        vmbus_locked_deadline_clear(g->bus, &g->deadline);
        g->state = host_status ? GPADL_GONE : GPADL_LIVE;
        g->changed(g, host_status ? -EIO : 0, host_status);
    } else if (host_status) {
        /* The host refused what was given up meanwhile: it has nothing. */
        vmbus_locked_gpadl_torn(g);
    } else if (!g->teardown.queued) {
        /* The TEARDOWN that crossed this answer may have come too early for the
         * host: post it again. A host that had taken both answers both. */
        vmbus_locked_answer_given_up(g->bus);
        vmbus_locked_post(g->bus, &g->teardown);
    }
}

/* ---- no answer ----------------------------------------------------------- */

/* The deadline of CREATING or TEARING. */
static void expired(void *owner)
{
    struct gpadl *g = owner;

    /* In TEARING the host was asked, and did not say that it let go. */
    if (g->state == GPADL_CREATING)
        locked_create_failed(g, -ETIMEDOUT);
    else
        locked_torn_without_answer(g);
}

/* Its request, if one is pending, ends now. */
static void locked_lost(struct gpadl *g, int status, bool leaked)
{
    vmbus_locked_deadline_clear(g->bus, &g->deadline);
    vmbus_locked_post_cancel(g->bus, &g->create);
    /* The host still answers what it has of a channel that it rescinds. */
    if (!leaked)
        locked_give_up(g, g->state == GPADL_TEARING);
    if (g->state == GPADL_CREATING)
        g->why = status;
    if (leaked)
        locked_torn_without_answer(g);
    else
        vmbus_locked_gpadl_torn(g);
}

/* What has become of one of them. */
static void locked_is_lost(struct gpadl *g, int status, bool leaked)
{
    switch (g->state) {
    case GPADL_CREATING:
    case GPADL_TEARING:
        locked_lost(g, status, leaked);
        break;
    case GPADL_LIVE:
        /* No request is pending; the next teardown() will report it. */
        if (leaked)
            locked_leak(g);
        break;
    case GPADL_DOOMED:
        /* The queue was emptied with the connection, and its TEARDOWN with
         * it: nothing else will free it. */
        locked_unlink(g);
        break;
    default:
        break;
    }
}

void vmbus_locked_channel_gpadls_lost(struct vmbus_channel *c, int status)
{
    struct chain *next;

    for (struct chain *link = c->gpadls; link; link = next) {
        next = link->next;
        locked_is_lost(CHAIN_OWNER(link, struct gpadl, of_channel), status,
                       false);
    }
}

void vmbus_locked_gpadls_lost(struct vmbus_bus *bus, int status, bool leaked)
{
    for (uint32_t i = 0; i < GPADL_BUCKETS; i++) {
        for (struct gpadl *g = by_handle(bus->gpadls[i]), *next; g; g = next) {
            next = by_handle(g->by_handle.next);
            locked_is_lost(g, status, leaked);
        }
    }
}
