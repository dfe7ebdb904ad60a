/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * GPADLs: showing pages to the host and taking them back. [linux channel.c]
 *
 *   CREATING --CREATED--> LIVE --teardown--> TEARING --TORNDOWN--> GONE
 *      |  refused: GONE                         |
 *      |  no answer: TEARING as an undo         |  no answer: LEAKED
 *      `- rescinded: GONE <---------------------'
 */
#include "vmbus/guest/bus.h"

#include <errno.h>

#include "vmbus/wire/memory.h"

/* ---- steps -------------------------------------------------------------- */

static void locked_free(struct gpadl *g)
{
    struct gpadl **at = &g->bus->gpadls;

    while (*at != g)
        at = &(*at)->next;
    *at = g->next;
    seam_free(g->bus->seam, g->pfns, g->count * sizeof(uint64_t));
    seam_free(g->bus->seam, g, sizeof(*g));
}

void locked_gpadl_drop(struct gpadl *g)
{
    locked_deadline_clear(g->bus, &g->deadline);
    locked_post_cancel(g->bus, &g->create);
    g->channel = NULL;
    g->doomed = g->teardown.queued;
    if (!g->doomed)
        locked_free(g);
}

/* The end of TEARING, by answer or not. */
static void locked_torn(struct gpadl *g, bool leaked)
{
    int status = g->why;

    locked_deadline_clear(g->bus, &g->deadline);
    g->state = leaked ? GPADL_LEAKED : GPADL_GONE;
    if (leaked) {
        locked_leak(g->bus, g->count, g->ring ? "a ring" : "a GPADL");
        status = -ESTALE;
    }
    g->changed(g, status, g->why_host);
}

static void teardown_sent(void *owner, int status)
{
    struct gpadl *g = owner;

    if (g->doomed)
        locked_free(g);
    else if (status && g->state == GPADL_TEARING)
        locked_torn(g, true);
}

static void locked_tear(struct gpadl *g)
{
    g->state = GPADL_TEARING;
    /* The end of the connection will end this too. */
    if (g->bus->state == BUS_UNLOADING)
        return;
    locked_deadline_set(g->bus, &g->deadline, g->timeout);
    locked_post(g->bus, &g->teardown);
}

void locked_gpadl_teardown(struct gpadl *g)
{
    struct vmbus_channel *c = g->channel;

    SEAM_ASSERT(g->bus->seam,
                g->state == GPADL_LIVE || g->state == GPADL_LEAKED,
                "only what is there is torn down");
    if (g->state == GPADL_LEAKED) {
        g->changed(g, -ESTALE, 0);
        return;
    }
    if (!c->rescinded) {
        locked_tear(g);
        return;
    }
    /* The host has let go with RESCIND. It is told for its own tables, and
     * its answer is awaited by nobody. [linux channel.c] */
    g->state = GPADL_GONE;
    if (!c->host_gone) {
        g->bus->late_torndowns++;
        locked_post(g->bus, &g->teardown);
    }
    g->changed(g, 0, 0);
}

/* Ends CREATING without a GPADL; what the host may have is torn down. */
static void locked_create_failed(struct gpadl *g, int status)
{
    locked_deadline_clear(g->bus, &g->deadline);
    locked_post_cancel(g->bus, &g->create);
    g->why = status;
    if (g->create.step > 0) {
        locked_tear(g);
        return;
    }
    g->state = GPADL_GONE;
    g->changed(g, status, 0);
}

static void create_sent(void *owner, int status)
{
    if (status)
        locked_create_failed(owner, status);
}

static void expired(void *owner)
{
    struct gpadl *g = owner;

    if (g->state == GPADL_CREATING)
        locked_create_failed(g, -ETIMEDOUT);
    else
        locked_torn(g, true);
}

void locked_gpadl_lost(struct gpadl *g, int status, bool leaked)
{
    bool waiting = g->state == GPADL_CREATING || g->state == GPADL_TEARING;

    if (g->doomed) {
        /* Only the end of the connection comes here: its TEARDOWN was taken
         * out of the queue with all others. */
        locked_free(g);
        return;
    }
    if (!waiting && !(leaked && g->state == GPADL_LIVE))
        return;
    if (g->state == GPADL_TEARING && !g->channel->host_gone)
        g->bus->late_torndowns++;
    locked_deadline_clear(g->bus, &g->deadline);
    locked_post_cancel(g->bus, &g->create);
    if (g->state == GPADL_CREATING)
        g->why = status;
    if (waiting) {
        locked_torn(g, leaked);
        return;
    }
    g->state = GPADL_LEAKED;
    locked_leak(g->bus, g->count, g->ring ? "a ring" : "a GPADL");
}

/* ---- answers ------------------------------------------------------------ */

static struct gpadl *locked_find(struct vmbus_bus *bus, uint32_t handle)
{
    struct gpadl *g = bus->gpadls;

    while (g && (g->handle != handle || g->doomed))
        g = g->next;
    return g;
}

static void refuse(struct vmbus_bus *bus, const char *name, uint32_t handle,
                   const char *why)
{
    count(&bus->stats.messages_refused, 1);
    complain(bus, COMPLAINT_ANSWER, "%s of handle 0x%x refused: %s", name,
             handle, why);
}

/* The answer to a create that was given up meanwhile. */
static void locked_created_late(struct gpadl *g, uint32_t status)
{
    if (status)
        locked_torn(g, false); /* there is nothing to tear down */
    else if (!g->teardown.queued)
        locked_post(g->bus, &g->teardown); /* the first one came too early */
}

void locked_gpadl_created(struct vmbus_bus *bus, const void *message,
                          uint32_t size)
{
    const struct wire_gpadl_created *m = message;
    struct gpadl *g = locked_find(bus, m->gpadl);

    (void)size;
    if (!g || g->relid != m->relid) {
        refuse(bus, "GPADL_CREATED", m->gpadl, "no such handle and relid");
    } else if (g->state == GPADL_TEARING && g->why) {
        locked_created_late(g, m->status);
    } else if (g->state != GPADL_CREATING || g->create.queued) {
        refuse(bus, "GPADL_CREATED", m->gpadl, "it is not being made");
    } else {
        locked_deadline_clear(bus, &g->deadline);
        g->state = m->status ? GPADL_GONE : GPADL_LIVE;
        g->changed(g, m->status ? -EIO : 0, m->status);
    }
}

void locked_gpadl_torndown(struct vmbus_bus *bus, const void *message,
                           uint32_t size)
{
    const struct wire_gpadl_torndown *m = message;
    struct gpadl *g = locked_find(bus, m->gpadl);

    (void)size;
    if ((!g || g->state == GPADL_GONE) && bus->late_torndowns)
        bus->late_torndowns--; /* of a rescinded channel */
    else if (!g)
        refuse(bus, "GPADL_TORNDOWN", m->gpadl, "no such handle");
    else if (g->state != GPADL_TEARING || g->teardown.queued)
        refuse(bus, "GPADL_TORNDOWN", m->gpadl, "it is not being torn down");
    else
        locked_torn(g, false);
}

/* ---- making ------------------------------------------------------------- */

bool locked_channel_has_gpadls(const struct vmbus_channel *c)
{
    for (const struct gpadl *g = c->bus->gpadls; g; g = g->next)
        if (g->channel == c)
            return true;
    return false;
}

struct gpadl *gpadl_new(struct vmbus_channel *c, const struct vmbus_pages *p)
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
    memcpy(g->pfns, p->pfns, p->count * sizeof(uint64_t));
    g->bus = c->bus;
    g->channel = c;
    g->relid = c->offer.relid;
    g->count = p->count;
    g->offset = p->offset;
    g->bytes = p->bytes;
    post_init(&g->create, WIRE_GPADL_HEADER, g, gpadl_build_create,
              create_sent);
    post_init(&g->teardown, WIRE_GPADL_TEARDOWN, g, gpadl_build_teardown,
              teardown_sent);
    deadline_init(&g->deadline, g, expired);
    return g;
}

static uint32_t locked_new_handle(struct vmbus_bus *bus)
{
    uint32_t handle;

    do {
        handle = bus->next_handle++;
    } while (handle == 0 || locked_find(bus, handle));
    return handle;
}

void locked_gpadl_create(struct gpadl *g, uint64_t timeout)
{
    struct vmbus_bus *bus = g->bus;

    g->handle = locked_new_handle(bus);
    g->timeout = timeout;
    g->state = GPADL_CREATING;
    g->next = bus->gpadls;
    bus->gpadls = g;
    locked_deadline_set(bus, &g->deadline, timeout);
    locked_post(bus, &g->create);
}
