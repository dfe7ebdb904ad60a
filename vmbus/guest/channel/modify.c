/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Sending a channel's interrupts to another processor: MODIFYCHANNEL.
 * [openvmm proto]
 */
#include "vmbus/guest/channel/channel.h"
#include "vmbus/wire/messages.h"

#define AWAITED "MODIFYCHANNEL_RESPONSE"

/* ---- to the host --------------------------------------------------------- */

/* The post.build of MODIFYCHANNEL, which is one message. */
static uint32_t build_modify(void *owner, uint32_t step, void *message)
{
    const struct vmbus_channel *c = owner;
    struct wire_modify_channel *m = message;
    uint32_t size = sizeof(*m);

    if (step)
        return 0;
    vmbus_message_begin(m, WIRE_MODIFY_CHANNEL, size);
    m->relid = c->offer.relid;
    m->target_vp = seam_vp_index(c->bus->seam, c->modify_cpu);
    return size;
}

/* Ends the request with `status`; the channel moves with 0 only. */
static void locked_finish(struct vmbus_channel *c, int status, uint32_t host)
{
    vmbus_locked_deadline_clear(c->bus, &c->modify_deadline);
    vmbus_locked_post_cancel(c->bus, &c->modify);
    if (status == 0) {
        c->cpu = c->modify_cpu;
        c->pump.cpu = c->cpu;
    }
    if (status == -EIO)
        c->host_status = host;
    vmbus_locked_op_finish(c->bus, &c->modify_op, status, host);
}

/* MODIFYCHANNEL was posted (0), or could not be. */
static void modify_sent(void *owner, int status)
{
    struct vmbus_channel *c = owner;

    /* Before 5.3 the host does not answer: the request is over when it is
     * posted. */
    if (status || c->bus->version < VMBUS_VERSION_5_3)
        locked_finish(c, status, 0);
    else
        vmbus_locked_deadline_set(c->bus, &c->modify_deadline,
                                  c->bus->config.request_timeout, AWAITED);
}

/* The host may have moved the interrupts or not; events are handed on from any
 * processor, so both is safe. */
static void modify_expired(void *owner)
{
    vmbus_locked_modify_lost(owner, -ETIMEDOUT);
}

void vmbus_modify_init(struct vmbus_channel *c)
{
    vmbus_post_init(&c->modify, WIRE_MODIFY_CHANNEL, c, build_modify,
                    modify_sent);
    vmbus_deadline_init(&c->modify_deadline, c, modify_expired);
    vmbus_op_init(&c->modify_op, c, NULL);
}

/* A rescinded channel has no processor any more. */
void vmbus_locked_modify_lost(struct vmbus_channel *c, int status)
{
    if (c->modify_op.state != OP_PENDING)
        return;
    if (!c->modify.queued)
        vmbus_locked_answer_given_up(c->bus);
    locked_finish(c, status, 0);
}

/* ---- the answer ---------------------------------------------------------- */

void vmbus_locked_modify_response(struct vmbus_bus *bus, const void *message,
                                  uint32_t size)
{
    const struct wire_modify_channel_response *m = message;
    struct vmbus_channel *c = vmbus_locked_channel_find(bus, m->relid);

    (void)size;
    /* Refuse an answer before the question is out, and a second one. */
    if (!c || c->modify_op.state != OP_PENDING || c->modify.queued) {
        vmbus_locked_refuse_answer(
            bus, "MODIFYCHANNEL_RESPONSE of relid %u refused: no such request",
            m->relid);
        return;
    }
    locked_finish(c, m->status ? -EIO : 0, m->status);
}

/* 0, or why the request cannot be made now. */
static int locked_may_modify(const struct vmbus_channel *c, uint32_t cpu)
{
    int status = locked_channel_usable(c);

    if (cpu >= seam_cpu_count(c->bus->seam))
        return -EINVAL;
    if (status)
        return status;
    /* Older versions have no such message. */
    if (c->bus->version < VMBUS_VERSION_4_1)
        return -ENOTSUP;
    if (c->state != CHANNEL_OPEN || c->modify_op.state != OP_IDLE)
        return -EBUSY;
    return 0;
}

/* ---- the calls ----------------------------------------------------------- */

int vmbus_channel_set_cpu_start(struct vmbus_channel *c, uint32_t cpu,
                                vmbus_done_fn *done, void *arg)
{
    struct vmbus_bus *bus = c->bus;
    uint8_t irql = seam_lock(bus->seam, &bus->lock);
    int status = locked_may_modify(c, cpu);

    if (status == 0) {
        /* The channel moves only with the answer: until then events come on the
         * old processor. */
        c->modify_cpu = cpu;
        vmbus_locked_op_start(bus, &c->modify_op, done, arg);
        vmbus_locked_deadline_set_unposted(
            bus, &c->modify_deadline, bus->config.request_timeout, AWAITED);
        vmbus_locked_post(bus, &c->modify);
    }
    seam_unlock(bus->seam, &bus->lock, irql);
    return status;
}

int vmbus_channel_set_cpu(struct vmbus_channel *c, uint32_t cpu)
{
    struct waiter w = {0};

    return vmbus_bus_wait(
        c->bus, vmbus_channel_set_cpu_start(c, cpu, vmbus_waiter_done, &w), &w,
        AWAITED);
}

uint32_t vmbus_channel_cpu(const struct vmbus_channel *c)
{
    return c->cpu;
}
