/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A server that offers sub-channels, before a guest that breaks the ring of
 * their primary channel: the primary is withdrawn after its sub-channels, and
 * all of them are offered again.
 */
#include "harness.h"
#include "raw.h"
#include "runner.h"
#include "vmbus/vmbus.h"

static struct endpoint sub, late;

static void make_sub(struct world *w, struct endpoint *e, uint16_t index)
{
    memset(e, 0, sizeof(*e));
    server_make(w, e, &test_instance);
    CHECK_STATUS(kmcl_server_set_subchannel(e->ch, index), STATUS_SUCCESS);
    server_start(e);
}

/* A primary with one sub-channel; the guest has opened the primary. */
static struct raw_guest *open_primary(struct world *w)
{
    server_make(w, &w->server, &test_instance);
    server_start(&w->server);
    make_sub(w, &sub, 1);
    return raw_guest_open(w);
}

static void break_ring(struct world *w, struct raw_guest *g)
{
    raw_guest_out(g)[0] = 4;
    raw_guest_signal(g);
    world_run(w);
}

static bool is_offered(struct world *w, uint16_t index)
{
    const struct vmbus_guid *type = (const void *)&test_type;
    const struct vmbus_guid *instance = (const void *)&test_instance;

    return vmbus_bus_find(world_bus(w), type, instance, index) != NULL;
}

/* All channels are there again and can be opened. */
static void end(struct world *w)
{
    struct raw_guest *g = raw_guest_open(w);
    struct raw_guest *of_sub = raw_guest_open_subchannel(w, 1);

    raw_guest_close(of_sub);
    raw_guest_close(g);
    world_run(w);
    endpoint_end(&sub);
    endpoint_end(&w->server);
}

static void not_open(struct world *w)
{
    struct raw_guest *g = open_primary(w);

    CHECK(is_offered(w, 1));
    break_ring(w, g);
    CHECK_TEXT(w->server.trace, "OSPXC");
    CHECK_TEXT(sub.trace, "");
    raw_guest_close(g);
    world_run(w);
    end(w);
}

static void check_order(struct endpoint *e)
{
    /* The primary has left its callbacks, but not its offer. */
    CHECK_TEXT(e->w->server.trace, "OSPXC");
    CHECK(!vmbus_channel_rescinded(e->context));
}

static void open_too(struct world *w)
{
    struct vmbus_channel *primary;
    struct raw_guest *g, *of_sub;

    server_make(w, &w->server, &test_instance);
    server_start(&w->server);
    world_run(w);
    primary = vmbus_bus_next(world_bus(w), NULL);
    make_sub(w, &sub, 1);
    g = raw_guest_open(w);
    of_sub = raw_guest_open_subchannel(w, 1);
    sub.context = primary;
    sub.on_closed = check_order;
    break_ring(w, g);
    CHECK_TEXT(sub.trace, "OSPXC");
    CHECK(vmbus_channel_rescinded(primary));
    raw_guest_close(of_sub);
    raw_guest_close(g);
    world_run(w);
    sub.on_closed = NULL;
    end(w);
}

/* The sub-channel closes when its packet is completed, and the primary is
 * withdrawn only then. */
static void waits_for_packets(struct world *w)
{
    struct raw_guest *g = open_primary(w);
    struct raw_guest *of_sub = raw_guest_open_subchannel(w, 1);
    struct vmbus_channel *primary = vmbus_bus_next(world_bus(w), NULL);

    sub.hold = true;
    CHECK_EQ(raw_guest_send(of_sub, 6, 0, 1, "x", 1), 0);
    world_run(w);
    break_ring(w, g);
    CHECK_EQ(sub.packets, 1);
    CHECK(strchr(sub.trace, 'X') && !strchr(sub.trace, 'C'));
    CHECK(!vmbus_channel_rescinded(primary));
    /* One that comes now follows its primary. */
    make_sub(w, &late, 2);
    world_run(w);
    CHECK(!is_offered(w, 2));
    endpoint_complete_all(&sub);
    world_run(w);
    CHECK(vmbus_channel_rescinded(primary));
    raw_guest_close(of_sub);
    raw_guest_close(g);
    world_run(w);
    CHECK(is_offered(w, 2));
    sub.hold = false;
    endpoint_end(&late);
    end(w);
}

/* The application ends the sub-channel while its primary waits for it. */
static void disabled_meanwhile(struct world *w)
{
    struct raw_guest *g = open_primary(w);
    struct raw_guest *of_sub = raw_guest_open_subchannel(w, 1);
    struct vmbus_channel *primary = vmbus_bus_next(world_bus(w), NULL);

    sub.hold = true;
    CHECK_EQ(raw_guest_send(of_sub, 6, 0, 1, "x", 1), 0);
    world_run(w);
    break_ring(w, g);
    sub.hold = false;
    endpoint_complete_all(&sub);
    endpoint_end(&sub);
    CHECK(vmbus_channel_rescinded(primary));
    raw_guest_close(of_sub);
    raw_guest_close(g);
    world_run(w);
    CHECK(!is_offered(w, 1));
    make_sub(w, &sub, 1);
    world_run(w);
    end(w);
}

/* The packet that the guest sent was delivered, and is answered. */
static void answered(const struct endpoint *e, struct raw_guest *g)
{
    struct raw_packet p;

    CHECK_EQ(e->packets, 1);
    CHECK(raw_guest_read(g, &p));
    CHECK_EQ(p.type, 11);
    CHECK_EQ(p.transaction, 7);
}

static void ask_both(struct raw_guest *of_sub, struct raw_guest *g)
{
    CHECK_EQ(raw_guest_send(of_sub, 6, 1, 7, "x", 1), 0);
    CHECK_EQ(raw_guest_send(g, 6, 1, 7, "x", 1), 0);
}

/* The guest closes when it has what it waits for; only then do the channels
 * stop reading. */
static void reads_until_closed(struct world *w)
{
    struct raw_guest *g = open_primary(w);
    struct raw_guest *of_sub = raw_guest_open_subchannel(w, 1);
    struct vmbus_channel *primary = vmbus_bus_next(world_bus(w), NULL);

    /* In the guest the RESCIND arrives at once, and no signal after it. */
    if (!world_is_virtual(w))
        ask_both(of_sub, g);
    CHECK_STATUS(kmcl_server_rescind(sub.ch), STATUS_SUCCESS);
    CHECK_STATUS(kmcl_server_rescind(w->server.ch), STATUS_SUCCESS);
    CHECK_STATUS(kmcl_server_rescind(w->server.ch),
                 STATUS_INVALID_DEVICE_STATE);
    if (world_is_virtual(w)) /* these cross the RESCIND */
        ask_both(of_sub, g);
    world_run(w);
    CHECK(vmbus_channel_rescinded(primary));
    answered(&sub, of_sub);
    answered(&w->server, g);
    CHECK_TEXT(w->server.trace, "OSP");
    raw_guest_close(of_sub);
    raw_guest_close(g);
    world_run(w);
    CHECK_TEXT(sub.trace, "OSPXC");
    CHECK_TEXT(w->server.trace, "OSPXC");
    CHECK_STATUS(kmcl_server_rescind(w->server.ch),
                 STATUS_INVALID_DEVICE_STATE);
    VmbChannelDisable(sub.ch);
    VmbChannelDisable(w->server.ch);
    world_run(w);
    CHECK(!is_offered(w, 0));
    server_start(&w->server);
    server_start(&sub);
    world_run(w);
    end(w);
}

/* The server has waited long enough. */
static void disabled_before_closed(struct world *w)
{
    struct raw_guest *g = open_primary(w);

    CHECK_STATUS(kmcl_server_rescind(NULL), STATUS_INVALID_PARAMETER_1);
    CHECK_STATUS(kmcl_server_rescind(sub.ch), STATUS_INVALID_DEVICE_STATE);
    CHECK_STATUS(kmcl_server_rescind(w->server.ch), STATUS_SUCCESS);
    world_run(w);
    VmbChannelDisable(sub.ch);
    VmbChannelDisable(w->server.ch);
    CHECK_TEXT(w->server.trace, "OSPXC");
    raw_guest_close(g);
    world_run(w);
    server_start(&w->server);
    server_start(&sub);
    world_run(w);
    end(w);
}

const struct test kmcl_tests_subchannels[] = {
    {147, "a primary whose ring is broken is withdrawn after its sub-channels",
     not_open},
    {147, "an open sub-channel closes before its broken primary is withdrawn",
     open_too},
    {147,
     "a broken primary waits until its sub-channel's packets are completed",
     waits_for_packets},
    {147, "a broken primary goes when its sub-channel is disabled",
     disabled_meanwhile},
    {147, "a server that rescinds is served until its guest has closed",
     reads_until_closed},
    {147, "a rescinded channel can be disabled before its guest has closed",
     disabled_before_closed},
    {0, NULL, NULL},
};
