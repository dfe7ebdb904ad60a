/* SPDX-License-Identifier: BSD-2-Clause */
/* Sending a channel's interrupts to another processor. [openvmm proto] */
#include "vmbus/guest/bus.h"

#include <errno.h>

static uint32_t build_modify(void *owner, uint32_t step, void *message)
{
    const struct vmbus_channel *c = owner;
    struct wire_modify_channel *m = message;
    uint32_t size = sizeof(*m);

    if (step)
        return 0;
    wire_begin(m, WIRE_MODIFY_CHANNEL, size);
    m->relid = c->offer.relid;
    m->target_vp = seam_vp_index(c->bus->seam, c->modify_cpu);
    return size;
}

static void locked_finish(struct vmbus_channel *c, int status, uint32_t host)
{
    locked_deadline_clear(c->bus, &c->modify_deadline);
    locked_post_cancel(c->bus, &c->modify);
    if (status == 0)
        c->cpu = c->modify_cpu;
    if (status == -EIO)
        c->host_status = host;
    locked_op_finish(c->bus, &c->modify_op, status, host);
}

static void modify_sent(void *owner, int status)
{
    struct vmbus_channel *c = owner;

    /* Before 5.3 nothing answers: sent is all that can be known. */
    if (status || c->bus->version < VMBUS_VERSION_5_3)
        locked_finish(c, status, 0);
}

static void modify_expired(void *owner)
{
    locked_finish(owner, -ETIMEDOUT, 0);
}

void modify_init(struct vmbus_channel *c)
{
    post_init(&c->modify, WIRE_MODIFY_CHANNEL, c, build_modify, modify_sent);
    deadline_init(&c->modify_deadline, c, modify_expired);
    op_init(&c->modify_op, c, NULL);
}

void locked_modify_lost(struct vmbus_channel *c, int status)
{
    if (c->modify_op.state == OP_PENDING)
        locked_finish(c, status, 0);
}

void locked_modify_response(struct vmbus_bus *bus, const void *message,
                            uint32_t size)
{
    const struct wire_modify_channel_response *m = message;
    struct vmbus_channel *c = locked_channel(bus, m->relid);

    (void)size;
    if (!c || c->modify_op.state != OP_PENDING || c->modify.queued) {
        count(&bus->stats.messages_refused, 1);
        complain(bus, COMPLAINT_ANSWER,
                 "MODIFYCHANNEL_RESPONSE of relid %u refused: no such request",
                 m->relid);
        return;
    }
    locked_finish(c, m->status ? -EIO : 0, m->status);
}

static int locked_may_modify(const struct vmbus_channel *c, uint32_t cpu)
{
    int status = locked_usable(c->bus);

    if (cpu >= seam_cpu_count(c->bus->seam))
        return -EINVAL;
    if (c->rescinded)
        return c->host_gone ? -ENOTCONN : -ENODEV;
    if (status)
        return status;
    if (c->bus->version < VMBUS_VERSION_4_1)
        return -ENOTSUP;
    if (c->state != CHANNEL_OPEN || c->modify_op.state != OP_IDLE)
        return -EBUSY;
    return 0;
}

int vmbus_channel_set_cpu_start(struct vmbus_channel *c, uint32_t cpu,
                                vmbus_done_fn *done, void *arg)
{
    struct vmbus_bus *bus = c->bus;
    uint8_t irql = seam_lock(bus->seam, &bus->lock);
    int status = locked_may_modify(c, cpu);

    if (status == 0) {
        c->modify_cpu = cpu;
        locked_op_start(bus, &c->modify_op, done, arg);
        locked_deadline_set(bus, &c->modify_deadline,
                            bus->config.request_timeout);
        locked_post(bus, &c->modify);
    }
    seam_unlock(bus->seam, &bus->lock, irql);
    return status;
}

int vmbus_channel_set_cpu(struct vmbus_channel *c, uint32_t cpu)
{
    struct waiter w = {0};

    return bus_wait(c->bus,
                    vmbus_channel_set_cpu_start(c, cpu, waiter_done, &w), &w,
                    "MODIFYCHANNEL_RESPONSE");
}

uint32_t vmbus_channel_cpu(const struct vmbus_channel *c)
{
    return c->cpu;
}
