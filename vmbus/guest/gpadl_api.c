/* SPDX-License-Identifier: BSD-2-Clause */
/* GPADLs of the user: the calls of vmbus.h over gpadl.c. */
#include "vmbus/guest/bus.h"

#include <errno.h>

#include "vmbus/wire/memory.h"

static struct gpadl *gpadl_of(struct op *op)
{
    return op->owner;
}

/* PASSIVE, before the user's `done`: a handle to give, or nothing left. */
static void settle(struct op *op)
{
    struct gpadl *g = gpadl_of(op);
    struct vmbus_bus *bus = g->bus;
    uint8_t irql = seam_lock(bus->seam, &bus->lock);

    if (g->handle_out && op->status == 0)
        *g->handle_out = g->handle;
    g->handle_out = NULL;
    /* A GPADL that was made stays; all else is over. */
    if (g->state == GPADL_GONE || (g->state == GPADL_LEAKED && op->status))
        locked_gpadl_drop(g);
    seam_unlock(bus->seam, &bus->lock, irql);
}

static void changed(struct gpadl *g, int status, uint32_t host_status)
{
    if (status == -EIO)
        g->channel->host_status = host_status;
    locked_op_finish(g->bus, &g->op, status, host_status);
}

static int check_pages(const struct vmbus_pages *p)
{
    uint64_t room = (uint64_t)p->count * SEAM_PAGE_SIZE;
    uint64_t end = (uint64_t)p->offset + p->bytes;

    if (p->count > VMBUS_GPADL_PAGES_MAX)
        return -E2BIG;
    if (p->count == 0 || p->offset >= SEAM_PAGE_SIZE || p->bytes == 0 ||
        end > room || end <= room - SEAM_PAGE_SIZE)
        return -EINVAL;
    return 0;
}

/* Asks whether this channel may be used: 0 or why not. */
static int locked_channel_usable(const struct vmbus_channel *c)
{
    int status = locked_usable(c->bus);

    if (c->rescinded)
        return c->host_gone ? -ENOTCONN : -ENODEV;
    return status;
}

int vmbus_gpadl_create_start(struct vmbus_channel *c,
                             const struct vmbus_pages *p, uint32_t *handle,
                             vmbus_done_fn *done, void *arg)
{
    struct vmbus_bus *bus = c->bus;
    int status = check_pages(p);
    struct gpadl *g;
    uint8_t irql;

    SEAM_ASSERT(bus->seam, c->claimed, "only the owner shares pages");
    if (status)
        return status;
    g = gpadl_new(c, p);
    if (!g)
        return -ENOMEM;
    g->changed = changed;
    g->handle_out = handle;
    op_init(&g->op, g, settle);
    irql = seam_lock(bus->seam, &bus->lock);
    status = locked_channel_usable(c);
    if (status == 0) {
        locked_op_start(bus, &g->op, done, arg);
        locked_gpadl_create(g, bus->config.request_timeout);
    }
    seam_unlock(bus->seam, &bus->lock, irql);
    if (status) {
        seam_free(bus->seam, g->pfns, g->count * sizeof(uint64_t));
        seam_free(bus->seam, g, sizeof(*g));
    }
    return status;
}

int vmbus_gpadl_create(struct vmbus_channel *c, const struct vmbus_pages *p,
                       uint32_t *handle)
{
    struct waiter w = {0};

    return bus_wait(c->bus,
                    vmbus_gpadl_create_start(c, p, handle, waiter_done, &w), &w,
                    "GPADL_CREATED");
}

static struct gpadl *locked_own(struct vmbus_channel *c, uint32_t handle)
{
    struct gpadl *g = c->bus->gpadls;

    while (g && (g->channel != c || g->handle != handle || g->ring))
        g = g->next;
    return g;
}

int vmbus_gpadl_teardown_start(struct vmbus_channel *c, uint32_t handle,
                               vmbus_done_fn *done, void *arg)
{
    struct vmbus_bus *bus = c->bus;
    uint8_t irql = seam_lock(bus->seam, &bus->lock);
    struct gpadl *g = locked_own(c, handle);
    int status = 0;

    if (!g)
        status = -ENOENT;
    else if (g->op.state != OP_IDLE)
        status = -EBUSY;
    if (status == 0) {
        locked_op_start(bus, &g->op, done, arg);
        locked_gpadl_teardown(g);
    }
    seam_unlock(bus->seam, &bus->lock, irql);
    return status;
}

int vmbus_gpadl_teardown(struct vmbus_channel *c, uint32_t handle)
{
    struct waiter w = {0};

    return bus_wait(c->bus,
                    vmbus_gpadl_teardown_start(c, handle, waiter_done, &w), &w,
                    "GPADL_TORNDOWN");
}
