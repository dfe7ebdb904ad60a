/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * GPADLs of the user: the calls of vmbus/gpadl.h over the states of gpadl.c.
 */
#include "vmbus/guest/channel/channel.h"
#include "vmbus/guest/gpadl/gpadl.h"

/* The op.settle of both requests: gives the handle out, or frees what is over.
 * PASSIVE, before the user's `done`. */
static void settle(struct op *op)
{
    struct gpadl *g = op->owner;
    struct vmbus_bus *bus = g->bus;
    uint8_t irql = seam_lock(bus->seam, &bus->lock);

    if (g->handle_out && op->status == 0)
        *g->handle_out = g->handle;
    g->handle_out = NULL;
    /* A GPADL that was made stays. One that the host has let go of, or whose
     * pages are leaked, is over. */
    if (g->state == GPADL_GONE || (g->state == GPADL_LEAKED && op->status))
        vmbus_locked_gpadl_drop(g);
    seam_unlock(bus->seam, &bus->lock, irql);
}

/* The gpadl.changed of the user's GPADLs: the request has its outcome. */
static void changed(struct gpadl *g, int status, uint32_t host_status)
{
    if (status == -EIO)
        g->channel->host_status = host_status;
    vmbus_locked_op_finish(g->bus, &g->op, status, host_status);
}

/* ---- making -------------------------------------------------------------- */

/* The bytes must reach into the last page, so that the host gets no page that
 * the caller does not mean. */
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
    g = vmbus_gpadl_new(c, p);
    if (!g)
        return -ENOMEM;
    /* The handle is known only later, and written only if it is one. */
    g->changed = changed;
    g->handle_out = handle;
    /* The channel may have been rescinded while memory was allocated. */
    vmbus_op_init(&g->op, g, settle);
    irql = seam_lock(bus->seam, &bus->lock);
    status = locked_channel_usable(c);
    if (status == 0) {
        vmbus_locked_op_start(bus, &g->op, done, arg);
        vmbus_locked_gpadl_create(g, bus->config.request_timeout);
    }
    seam_unlock(bus->seam, &bus->lock, irql);
    /* Not in any list yet. */
    if (status)
        vmbus_gpadl_free(g);
    return status;
}

int vmbus_gpadl_create(struct vmbus_channel *c, const struct vmbus_pages *p,
                       uint32_t *handle)
{
    struct waiter w = {0};

    return vmbus_bus_wait(
        c->bus, vmbus_gpadl_create_start(c, p, handle, vmbus_waiter_done, &w),
        &w, "GPADL_CREATED");
}

/* ---- taking back --------------------------------------------------------- */

/* The user's GPADL of this channel with that handle, or NULL. The rings' own
 * GPADL is not the user's to tear down. */
static struct gpadl *locked_own(struct vmbus_channel *c, uint32_t handle)
{
    struct gpadl *g = vmbus_locked_gpadl_find(c->bus, handle);

    return g && g->channel == c && !g->ring ? g : NULL;
}

int vmbus_gpadl_teardown_start(struct vmbus_channel *c, uint32_t handle,
                               vmbus_done_fn *done, void *arg)
{
    struct vmbus_bus *bus = c->bus;
    uint8_t irql = seam_lock(bus->seam, &bus->lock);
    struct gpadl *g = locked_own(c, handle);
    int status = 0;

    /* A GPADL with a request under way is not taken back by a second one. */
    if (!g)
        status = -ENOENT;
    else if (g->op.state != OP_IDLE)
        status = -EBUSY;
    if (status == 0) {
        vmbus_locked_op_start(bus, &g->op, done, arg);
        vmbus_locked_gpadl_teardown(g);
    }
    seam_unlock(bus->seam, &bus->lock, irql);
    return status;
}

int vmbus_gpadl_teardown(struct vmbus_channel *c, uint32_t handle)
{
    struct waiter w = {0};

    return vmbus_bus_wait(
        c->bus, vmbus_gpadl_teardown_start(c, handle, vmbus_waiter_done, &w),
        &w, "GPADL_TORNDOWN");
}
