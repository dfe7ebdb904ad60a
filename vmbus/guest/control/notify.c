/*
 * What the bus tells its users: always at PASSIVE, never with the lock held.
 *
 * A user's function may wait for as long as it likes, and must not keep what
 * else there is from being reported. So each run of the work item takes one
 * thing out of the lists, queues the item again under the same lock, and only
 * then calls the user: while that function waits, the item runs for the next.
 */
#include "vmbus/guest/bus.h"

#include <errno.h>

void vmbus_op_init(struct op *op, void *owner, void (*settle)(struct op *op))
{
    op->owner = owner;
    op->settle = settle;
}

void vmbus_locked_op_start(struct vmbus_bus *bus, struct op *op,
                           vmbus_done_fn *done, void *arg)
{
    SEAM_ASSERT(bus->seam, op->state == OP_IDLE, "one request at a time");
    op->state = OP_PENDING;
    op->done = done;
    op->arg = arg;
}

void vmbus_locked_op_finish(struct vmbus_bus *bus, struct op *op, int status,
                            uint32_t host_status)
{
    SEAM_ASSERT(bus->seam, op->state == OP_PENDING, "each ends exactly once");
    op->state = OP_FINISHED;
    op->status = status;
    op->host_status = host_status;
    op->next = NULL;
    *bus->finished_tail = op;
    bus->finished_tail = &op->next;
    vmbus_locked_notify(bus);
}

static struct op *take_finished(struct vmbus_bus *bus)
{
    uint8_t irql = seam_lock(bus->seam, &bus->lock);
    struct op *op = bus->finished;

    if (op) {
        bus->finished = op->next;
        if (!bus->finished)
            bus->finished_tail = &bus->finished;
        op->state = OP_IDLE;
        vmbus_locked_notify(bus);
    }
    seam_unlock(bus->seam, &bus->lock, irql);
    return op;
}

static bool tell_outcome(struct vmbus_bus *bus)
{
    struct op *op = take_finished(bus);
    struct op copy;

    if (!op)
        return false;
    copy = *op;
    /* Frees what the request held, `op` itself with it at times. */
    if (copy.settle)
        copy.settle(op);
    if (copy.done)
        copy.done(copy.arg, copy.status, copy.host_status);
    return true;
}

/* More than the offers, rescinds and releases that can be there at once. */
#define REPORTS_IN_A_ROW (4 * VMBUS_RELID_MAX)

/* Offers and rescinds first, so that whoever waits for a connection or for a
 * channel's end finds those reported that were there before. A host that offers
 * and rescinds without end holds no outcome up for ever, and since there is one
 * thing for each run it leaves other PASSIVE work its turn. */
static void tell(void *arg)
{
    struct vmbus_bus *bus = arg;

    if (bus->reports < REPORTS_IN_A_ROW && bus->tell_channels(bus)) {
        bus->reports++;
        return;
    }
    bus->reports = 0;
    if (tell_outcome(bus) || !bus->tell_channels(bus))
        return;
    bus->reports++;
}

void vmbus_notify_init(struct vmbus_bus *bus)
{
    bus->finished_tail = &bus->finished;
    bus->notify.run = tell;
    bus->notify.arg = bus;
    bus->notify.level = SEAM_PASSIVE;
}

void vmbus_locked_notify(struct vmbus_bus *bus)
{
    seam_work_queue(bus->seam, &bus->notify, 0);
}

void vmbus_waiter_done(void *arg, int status, uint32_t host_status)
{
    struct waiter *w = arg;

    (void)host_status;
    w->finished = true;
    w->status = status;
}

static bool waiter_finished(void *arg)
{
    return ((struct waiter *)arg)->finished;
}

int vmbus_bus_wait(struct vmbus_bus *bus, int started, struct waiter *w,
                   const char *what)
{
    const struct vmbus_config *c = &bus->config;
    /* Each request ends by its own deadlines; this is beyond their sum. */
    uint64_t limit =
        2 * (VMBUS_VERSION_COUNT * (c->contact_timeout + c->post_timeout) +
             c->offers_timeout + c->unload_timeout + 4 * c->request_timeout +
             4 * c->post_timeout);

    if (started)
        return started;
    if (seam_wait(bus->seam, waiter_finished, w, seam_now(bus->seam) + limit,
                  what) != 0)
        SEAM_ASSERT(bus->seam, w->finished, "every request has a deadline");
    return w->status;
}
