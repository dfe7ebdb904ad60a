/* A server that notes what it is told. */
#include "script.h"

#include <errno.h>
#include <string.h>

static void opened(void *context, struct vmbus_host_channel *channel,
                   const struct vmbus_host_open *open)
{
    struct server *v = context;

    /* On a restore it comes before vmbus_host_offer has returned. */
    v->channel = channel;
    v->opened++;
    v->open = *open;
    if (!v->holds_open)
        vmbus_host_open_answer(channel, v->refuse);
}

static void closed(void *context, struct vmbus_host_channel *channel)
{
    struct server *v = context;

    v->closed++;
    if (v->other) {
        assert_int_equal(vmbus_host_signal(channel), -ENOTCONN);
        vmbus_host_open_answer(v->other->channel, 0);
    }
    if (v->withdraws)
        withdraw(v);
    else if (!v->holds_close)
        vmbus_host_close_answer(channel);
}

static void signalled(void *context, struct vmbus_host_channel *channel)
{
    struct server *v = context;

    assert_ptr_equal(v->channel, channel);
    assert_int_equal(seam_irql(v->script->seam), SEAM_DISPATCH);
    v->signalled++;
}

static void gpadl_created(void *context, struct vmbus_host_channel *channel,
                          uint32_t handle)
{
    struct server *v = context;

    assert_ptr_equal(v->channel, channel);
    v->created++;
    v->handle = handle;
}

static void gpadl_teardown(void *context, struct vmbus_host_channel *channel,
                           uint32_t handle)
{
    struct server *v = context;

    v->torn++;
    v->handle = handle;
    if (!v->holds_gpadl)
        vmbus_host_gpadl_unmap(channel, handle);
}

const struct vmbus_host_server noting_server = {
    .opened = opened,
    .closed = closed,
    .signalled = signalled,
    .gpadl_created = gpadl_created,
    .gpadl_teardown = gpadl_teardown,
};

struct vmbus_host_offer an_offer(uint8_t type, uint8_t instance,
                                 uint16_t subchannel)
{
    struct vmbus_host_offer o = {.subchannel = subchannel};

    memset(o.type.bytes, type, 16);
    memset(o.instance.bytes, instance, 16);
    return o;
}

void publish_offer(struct script *s, struct server *v,
                   const struct vmbus_host_offer *offer)
{
    v->script = s;
    assert_int_equal(
        vmbus_host_offer(s->host, offer, &noting_server, v, &v->channel), 0);
}

void publish(struct script *s, struct server *v, uint8_t type, uint8_t instance,
             uint16_t subchannel)
{
    const struct vmbus_host_offer offer = an_offer(type, instance, subchannel);

    publish_offer(s, v, &offer);
}

void not_published(struct script *s, const struct vmbus_host_offer *offer,
                   int status)
{
    struct server v = {.script = s};

    assert_int_equal(
        vmbus_host_offer(s->host, offer, &noting_server, &v, &v.channel),
        status);
}

void withdraw(struct server *v)
{
    vmbus_host_withdraw(v->channel);
    v->channel = NULL;
}

struct vmbus_host_channel_info info_of(const struct server *v)
{
    struct vmbus_host_channel_info info;

    vmbus_host_channel_info(v->channel, &info);
    return info;
}
