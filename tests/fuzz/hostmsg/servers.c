/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The platform of the host half, and servers that behave as the input says.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "hostmsg.h"

#define LOSES 7u /* at this much room the slot loses a message */

static int post(void *context, uint32_t vp, uint8_t sint, const void *payload,
                uint32_t size)
{
    struct world *w = context;
    uint8_t copy[240];

    (void)vp;
    (void)sint;
    if (w->room == 0)
        return -EAGAIN;
    w->room--;
    memcpy(copy, payload, size);
    return w->room == LOSES ? -EIO : 0;
}

static int signal_guest(void *context, uint32_t vp, uint8_t sint, uint16_t flag)
{
    (void)context;
    (void)vp;
    (void)sint;
    (void)flag;
    return 0;
}

static void broken(void *context, enum vmbus_host_rule rule, uint32_t type,
                   uint32_t relid)
{
    (void)context;
    (void)type;
    (void)relid;
    if (rule >= VMBUS_HOST_RULE_COUNT)
        abort();
}

static int wanted(void *context, const struct vmbus_host_connect *request)
{
    (void)context;
    return request->service.bytes[0] & 1 ? 0 : -ECONNREFUSED;
}

const struct vmbus_host_ops platform = {
    .post = post,
    .signal = signal_guest,
    .connect = wanted,
    .rule_broken = broken,
};

/* ---- a server ------------------------------------------------------------ */

static void let_go(struct server *v)
{
    if (v->memory.mapping)
        vmbus_host_memory_unmap(v->channel, &v->memory);
}

static void opened(void *context, struct vmbus_host_channel *channel,
                   const struct vmbus_host_open *open)
{
    struct server *v = context;

    v->channel = channel;
    v->opening = true;
    /* The server may touch both rings from end to end. */
    memset(open->out.control, 0, 64);
    open->out.data[open->out.size - 1] = 1;
    if (open->in.twice)
        open->in.data[2 * open->in.size - 1] ^= 1;
    if (v->manner & 1)
        return;
    v->opening = false;
    v->open = !(v->manner & 2);
    vmbus_host_open_answer(channel, v->manner & 2);
}

static void withdraw_one(struct server *v)
{
    let_go(v);
    if (v->mapped) {
        uint32_t handle = v->mapped;

        v->mapped = 0;
        vmbus_host_gpadl_unmap(v->channel, handle);
    }
    vmbus_host_withdraw(v->channel);
    v->channel = NULL;
    v->opening = v->closing = v->open = false;
}

/* A sub-channel must be withdrawn before its primary. */
void withdraw(struct server *v)
{
    struct server *sub = &v->w->server[SERVERS - 1];

    if (v == &v->w->server[0] && sub->channel)
        withdraw_one(sub);
    withdraw_one(v);
}

static void closed(void *context, struct vmbus_host_channel *channel)
{
    struct server *v = context;

    v->opening = v->open = false;
    let_go(v);
    if (v->manner & 16) {
        withdraw(v);
    } else if (v->manner & 4) {
        v->closing = true;
    } else {
        vmbus_host_close_answer(channel);
    }
}

static void created(void *context, struct vmbus_host_channel *channel,
                    uint32_t handle)
{
    struct server *v = context;

    if (channel != v->channel || handle == 0)
        abort();
}

static void torn(void *context, struct vmbus_host_channel *channel,
                 uint32_t handle)
{
    struct server *v = context;

    if (v->manner & 8)
        return;
    v->mapped = 0;
    vmbus_host_gpadl_unmap(channel, handle);
}

static void told(void *context, struct vmbus_host_channel *channel)
{
    struct server *v = context;

    if (channel != v->channel || !v->open)
        abort();
}

static const struct vmbus_host_server server = {
    .opened = opened,
    .closed = closed,
    .signalled = told,
    .gpadl_created = created,
    .gpadl_teardown = torn,
};

/* A server that leaves all work to the host half. */
static const struct vmbus_host_server passive;

void publish(struct world *w, uint8_t n, uint8_t how)
{
    struct vmbus_host_offer o = {.flags = how & 0xF2, .monitor = how & 1};
    struct server *v = &w->server[n];

    /* The last server offers a sub-channel of the first. */
    o.subchannel = n == SERVERS - 1;
    o.instance.bytes[0] = n % (SERVERS - 1);
    v->w = w;
    v->passive = how & 4;
    if (vmbus_host_offer(w->host, &o, v->passive ? &passive : &server, v,
                         &v->channel) != 0)
        v->channel = NULL;
}

static void map_gpadl(struct server *v, uint32_t handle)
{
    struct vmbus_host_gpadl g;
    struct vmbus_host_range r;
    uint32_t offset = handle * 129u, size = handle * 1001u;
    void *at;

    if (v->mapped || vmbus_host_gpadl_map(v->channel, handle, &g) != 0)
        return;
    v->mapped = handle;
    g.base[g.page_count * 4096u - 1] ^= 1;
    for (uint32_t i = 0; i < g.range_count; i++) {
        if (vmbus_host_gpadl_range(v->channel, handle, i, &r) != 0 ||
            r.first_page + r.page_count > g.page_count ||
            r.offset + (uint64_t)r.size > r.page_count * 4096u)
            abort();
    }
    /* Mappings may be adjacent, so this check finds a read past the end. */
    at = vmbus_host_gpadl_at(v->channel, handle, offset, size);
    vmbus_host_gpadl_range(v->channel, handle, 0, &r);
    if (at && offset + size > r.size)
        abort();
    if (at)
        memset(at, 1, size);
}

/* Returns the frames that a server claims for its external memory; they are
 * mostly right. */
static uint32_t pages_of(uint8_t how)
{
    if (how == 100)
        return 8194;
    return (how * 81u + 4095) / 4096 + (how % 32 == 31);
}

void serve(struct world *w, struct input *in)
{
    struct server *v = &w->server[take(in) % SERVERS];
    uint8_t what = take(in), how = take(in);

    if (!v->channel) {
        publish(w, (uint8_t)(v - w->server), how);
        return;
    }
    switch (what % 8) {
    case 0:
        v->manner = how;
        break;
    case 1:
        if (v->opening) {
            v->opening = false;
            v->open = how % 4 != 0;
            vmbus_host_open_answer(v->channel, how % 4 == 0);
        }
        break;
    case 2:
        if (v->closing) {
            v->closing = false;
            vmbus_host_close_answer(v->channel);
        }
        break;
    case 3:
        map_gpadl(v, how);
        break;
    case 4:
        if (v->mapped) {
            uint32_t handle = v->mapped;

            v->mapped = 0;
            vmbus_host_gpadl_unmap(v->channel, handle);
        }
        break;
    case 5:
        /* A server that maps memory needs the close callback to unmap it. */
        if (!v->memory.mapping && !v->passive)
            vmbus_host_memory_map(v->channel, how * 17u, how * 64u,
                                  w->pfns + how % 32, pages_of(how),
                                  &v->memory);
        break;
    case 6:
        vmbus_host_signal(v->channel);
        break;
    default:
        withdraw(v);
    }
}
