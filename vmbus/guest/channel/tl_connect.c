/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Asking the host to connect an hv_sock service: TL_CONNECT_REQUEST, which the
 * host grants with an offer and refuses with TL_CONNECT_RESULT.
 * [openvmm proto]
 */
#include "vmbus/guest/channel/channel.h"
#include "vmbus/wire/messages.h"

#define AWAITED "the offer of an hv_sock connection"

/* One request; it lives until its outcome is reported. */
struct tl_connect {
    struct chain by_endpoint; /* in bus->connects, until it ends */
    struct vmbus_bus *bus;
    struct wire_tl_connect message;
    struct post post;
    struct deadline deadline;
    struct op op;
};

/* ---- one request --------------------------------------------------------- */

/* The post.build of TL_CONNECT_REQUEST, which is one message. */
static uint32_t build_connect(void *owner, uint32_t step, void *message)
{
    const struct tl_connect *t = owner;
    struct wire_tl_connect *m = message;
    uint32_t size = t->bus->version >= VMBUS_VERSION_5_2
                        ? sizeof(*m)
                        : WIRE_TL_CONNECT_SHORT;

    if (step)
        return 0;
    vmbus_message_begin(m, WIRE_TL_CONNECT, size);
    m->endpoint = t->message.endpoint;
    m->service = t->message.service;
    /* From 5.2 on the silo follows. */
    if (size == sizeof(*m))
        m->silo = t->message.silo;
    return size;
}

/* Ends the request, by answer or not. It stays allocated until its outcome is
 * reported. */
static void locked_finish(struct tl_connect *t, int status, uint32_t host)
{
    chain_take_out(&t->by_endpoint);
    vmbus_locked_deadline_clear(t->bus, &t->deadline);
    vmbus_locked_post_cancel(t->bus, &t->post);
    vmbus_locked_op_finish(t->bus, &t->op, status, host);
}

/* The op.settle, at PASSIVE. */
static void settle(struct op *op)
{
    struct tl_connect *t = op->owner;

    seam_free(t->bus->seam, t, sizeof(*t));
}

/* The request was posted (0), or could not be. */
static void connect_sent(void *owner, int status)
{
    struct tl_connect *t = owner;

    if (status)
        locked_finish(t, status, 0);
    else
        vmbus_locked_deadline_set(t->bus, &t->deadline,
                                  t->bus->config.request_timeout, AWAITED);
}

/* Hosts below 4.1 refuse by silence. */
static void connect_expired(void *owner)
{
    locked_finish(owner, -ETIMEDOUT, 0);
}

static struct chain **bucket_of(struct vmbus_bus *bus,
                                const struct vmbus_guid *endpoint)
{
    return &bus->connects[chain_guid_bucket(endpoint, CONNECT_BUCKETS)];
}

static struct tl_connect *owner_of(struct chain *link)
{
    return CHAIN_OWNER(link, struct tl_connect, by_endpoint);
}

/* The pending request for this endpoint and service, or NULL. An offer carries
 * both as instance and type. */
static struct tl_connect *locked_find(struct vmbus_bus *bus,
                                      const struct vmbus_guid *endpoint,
                                      const struct vmbus_guid *service)
{
    for (struct chain *link = *bucket_of(bus, endpoint); link;
         link = link->next) {
        struct tl_connect *t = owner_of(link);

        if (vmbus_guid_equal(&t->message.endpoint, endpoint) &&
            vmbus_guid_equal(&t->message.service, service))
            return t;
    }
    return NULL;
}

/* ---- the host's answer --------------------------------------------------- */

void vmbus_locked_tl_offer(struct vmbus_bus *bus,
                           const struct vmbus_offer *offer)
{
    struct tl_connect *t = locked_find(bus, &offer->instance, &offer->type);

    /* Only an hv_sock offer grants it: the GUIDs of others are no answer. */
    if (t && (offer->flags & VMBUS_OFFER_TLNPI))
        locked_finish(t, 0, 0);
}

void vmbus_locked_tl_result(struct vmbus_bus *bus, const void *message,
                            uint32_t size)
{
    const struct wire_tl_connect_result *m = message;
    struct tl_connect *t = locked_find(bus, &m->endpoint, &m->service);

    (void)size;
    /* Refuse the answer to a request that was not made, or is over. */
    if (!t) {
        count(&bus->stats.messages_refused, 1);
        complain(bus, COMPLAINT_ANSWER,
                 "TL_CONNECT_RESULT refused: nobody asked for it");
        return;
    }
    /* A result of 0 only announces the offer, which grants the request. */
    if (m->status)
        locked_finish(t, -ECONNREFUSED, m->status);
}

/* Each is removed from the index by its end. */
void vmbus_locked_tl_end(struct vmbus_bus *bus)
{
    for (uint32_t i = 0; i < CONNECT_BUCKETS; i++) {
        while (bus->connects[i])
            locked_finish(owner_of(bus->connects[i]), -ECANCELED, 0);
    }
}

/* ---- the calls ----------------------------------------------------------- */

/* 0, or why the request cannot be made now. Two requests for the same pair
 * could not be told apart by their answers. */
static int locked_may_connect(struct vmbus_bus *bus,
                              const struct vmbus_guid *endpoint,
                              const struct vmbus_guid *service)
{
    int status = locked_usable(bus);

    if (status)
        return status;
    /* Older versions have no such message. */
    if (bus->version < VMBUS_VERSION_4_0)
        return -ENOTSUP;
    return locked_find(bus, endpoint, service) ? -EBUSY : 0;
}

/* Into the index first: the answer may arrive from inside of the post. */
static void locked_begin(struct tl_connect *t, vmbus_done_fn *done, void *arg)
{
    struct vmbus_bus *bus = t->bus;

    chain_put(bucket_of(bus, &t->message.endpoint), &t->by_endpoint);
    vmbus_locked_op_start(bus, &t->op, done, arg);
    vmbus_locked_deadline_set_unposted(bus, &t->deadline,
                                       bus->config.request_timeout, AWAITED);
    vmbus_locked_post(bus, &t->post);
}

int vmbus_tl_connect_start(struct vmbus_bus *bus,
                           const struct vmbus_guid *endpoint,
                           const struct vmbus_guid *service,
                           const struct vmbus_guid *silo, vmbus_done_fn *done,
                           void *arg)
{
    struct tl_connect *t = seam_alloc(bus->seam, sizeof(*t));
    uint8_t irql;
    int status;

    if (!t)
        return -ENOMEM;
    t->bus = bus;
    /* The caller's GUIDs need not outlive the call. */
    t->message.endpoint = *endpoint;
    t->message.service = *service;
    if (silo)
        t->message.silo = *silo;
    vmbus_post_init(&t->post, WIRE_TL_CONNECT, t, build_connect, connect_sent);
    vmbus_deadline_init(&t->deadline, t, connect_expired);
    vmbus_op_init(&t->op, t, settle);
    /* The checks need the lock; the memory was allocated before it. */
    irql = seam_lock(bus->seam, &bus->lock);
    status = locked_may_connect(bus, endpoint, service);
    if (status == 0)
        locked_begin(t, done, arg);
    seam_unlock(bus->seam, &bus->lock, irql);
    if (status)
        seam_free(bus->seam, t, sizeof(*t));
    return status;
}

int vmbus_tl_connect(struct vmbus_bus *bus, const struct vmbus_guid *endpoint,
                     const struct vmbus_guid *service,
                     const struct vmbus_guid *silo)
{
    struct waiter w = {0};

    return vmbus_bus_wait(bus,
                          vmbus_tl_connect_start(bus, endpoint, service, silo,
                                                 vmbus_waiter_done, &w),
                          &w, AWAITED);
}
