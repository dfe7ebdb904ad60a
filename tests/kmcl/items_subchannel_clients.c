/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Clients of sub-channels (29, 31, 51, 52): which offer is whose, where what
 * comes on a sub-channel lies, and in which order channels end.
 */
#include "harness.h"
#include "raw.h"
#include "vmbus/ring_wire.h"

static struct endpoint sub, second;

static void make_sub(struct world *w, struct endpoint *e, uint16_t index)
{
    memset(e, 0, sizeof(*e));
    client_make(w, e);
    CHECK_STATUS(VmbClientChannelInitSetTargetPnp(e->ch, &test_type,
                                                  &test_instance, NULL),
                 STATUS_SUCCESS);
    CHECK_STATUS(kmcl_client_set_subchannel(e->ch, index), STATUS_SUCCESS);
}

static struct raw_host *offer(struct world *w, uint16_t index)
{
    struct raw_host *h;

    raw_host_subchannel(w, index);
    h = raw_host_offer(w, &test_instance);
    raw_host_reset();
    world_run(w);
    return h;
}

/* The primary with its client, and a client that waits for sub-channel 1. */
static struct raw_host *pair(struct world *w)
{
    struct raw_host *h = raw_pair(w, 0);

    make_sub(w, &sub, 1);
    endpoint_enable(&sub);
    CHECK_TEXT(sub.trace, "");
    return h;
}

static void end(struct world *w, struct raw_host *h, struct raw_host *of_sub)
{
    endpoint_end(&sub);
    raw_host_withdraw(of_sub);
    raw_end(w, h);
}

/* Each client gets the index that it waits for, whatever is offered first. */
static void by_index(struct world *w)
{
    struct raw_host *h = pair(w), *one, *two, *three;

    make_sub(w, &second, 2);
    endpoint_enable(&second);
    three = offer(w, 3);
    two = offer(w, 2);
    CHECK_TEXT(second.trace, "OSP");
    CHECK_TEXT(sub.trace, "");
    one = offer(w, 1);
    CHECK_TEXT(sub.trace, "OSP");
    CHECK(raw_host_is_open(one) && raw_host_is_open(two));
    CHECK(!raw_host_is_open(three));
    CHECK_TEXT(w->client.trace, "OSP");
    endpoint_end(&second);
    raw_host_withdraw(two);
    raw_host_withdraw(three);
    end(w, h, one);
}

/* The offer was there before; one of another instance is not taken. */
static void offered_before(struct world *w)
{
    struct raw_host *h = raw_pair(w, 0), *one, *other;

    raw_host_subchannel(w, 1);
    other = raw_host_offer(w, &other_instance);
    world_run(w);
    make_sub(w, &sub, 1);
    endpoint_enable(&sub);
    CHECK_TEXT(sub.trace, "");
    VmbChannelDisable(sub.ch);
    one = offer(w, 1);
    CHECK(!raw_host_is_open(one));
    endpoint_enable(&sub);
    CHECK(raw_host_is_open(one) && !raw_host_is_open(other));
    raw_host_withdraw(other);
    end(w, h, one);
}

/* A client that became one of a primary again. */
static void primary_again(struct world *w)
{
    struct raw_host *h;

    make_sub(w, &w->client, 1);
    h = raw_host_offer(w, &test_instance);
    endpoint_enable(&w->client);
    CHECK(!raw_host_is_open(h));
    VmbChannelDisable(w->client.ch);
    CHECK_STATUS(kmcl_client_set_subchannel(w->client.ch, 0), STATUS_SUCCESS);
    endpoint_enable(&w->client);
    CHECK(raw_host_is_open(h));
    raw_end(w, h);
}

static void refused(struct world *w)
{
    pair_make(w);
    CHECK_STATUS(kmcl_client_set_subchannel(NULL, 1),
                 STATUS_INVALID_PARAMETER_1);
    CHECK_STATUS(kmcl_client_set_subchannel(w->server.ch, 1),
                 STATUS_INVALID_PARAMETER_1);
    /* A sub-channel of any instance would be one of an unknown primary. */
    CHECK_STATUS(
        VmbClientChannelInitSetTargetPnp(w->client.ch, &test_type, NULL, NULL),
        STATUS_SUCCESS);
    CHECK_STATUS(kmcl_client_set_subchannel(w->client.ch, 1), STATUS_SUCCESS);
    CHECK_STATUS(VmbChannelEnable(w->client.ch), STATUS_INVALID_DEVICE_STATE);
    CHECK(world_logged(w, "a sub-channel of any instance"));
    CHECK_STATUS(kmcl_client_set_subchannel(w->client.ch, 0), STATUS_SUCCESS);
    CHECK_STATUS(VmbChannelEnable(w->client.ch), STATUS_SUCCESS);
    CHECK_STATUS(kmcl_client_set_subchannel(w->client.ch, 1),
                 STATUS_INVALID_PARAMETER_1);
    pair_end(w);
}

/* ---- packets ------------------------------------------------------------- */

static struct kmcl_parts parts;
static struct kmcl_part part;
static NTSTATUS external;

static void look(struct endpoint *e, VMBPACKETCOMPLETION pc)
{
    PMDL mdl;

    CHECK(kmcl_packet_parts(pc, &parts));
    part = parts.parts[0];
    external = VmbChannelPacketGetExternalData(pc, 0, &mdl);
    VmbChannelPacketComplete(pc, "done", 4);
    e->packets = 0;
}

/* The set is a GPADL of the primary's: its parts can be read, MDLs cannot be
 * made of it. The answer goes out on the sub-channel. */
static void parts_of_the_primary(struct world *w)
{
    const struct {
        struct ring_transfer_header header;
        struct ring_transfer_range range;
    } body = {
        .header = {.set_id = 0xcafe, .range_count = 1},
        .range = {8, 16},
    };
    struct raw_host *h = pair(w), *one = offer(w, 1);
    UINT32 handle = gpadl_of(w, world_pages(w, 1), 4096);
    struct raw_packet p;

    sub.on_packet = look;
    CHECK_EQ(raw_host_send_header(one, RING_PACKET_TRANSFER_PAGES, 1, 9,
                                  sizeof(body), &body, sizeof(body)),
             0);
    world_run(w);
    CHECK_EQ(parts.set_id, 0xcafe);
    CHECK_EQ(parts.count, 1);
    CHECK_EQ(part.bytes, 8);
    CHECK_EQ(part.offset, 16);
    CHECK_STATUS(external, STATUS_DATA_ERROR);
    CHECK(raw_host_read(one, &p));
    CHECK_EQ(p.type, 11);
    CHECK_EQ(p.transaction, 9);
    CHECK(!raw_host_read(h, &p));
    VmbChannelDeleteGpadl(w->client.ch, handle);
    end(w, h, one);
}

/* ---- the end ------------------------------------------------------------- */

/* The host withdraws a sub-channel, and offers it again. */
static void comes_back(struct world *w)
{
    struct raw_host *h = pair(w), *one = offer(w, 1);

    raw_host_withdraw(one);
    world_run(w);
    CHECK_TEXT(sub.trace, "OSPXC");
    CHECK_TEXT(w->client.trace, "OSP");
    endpoint_enable(&sub);
    one = offer(w, 1);
    CHECK_TEXT(sub.trace, "OSPXCOSP");
    end(w, h, one);
}

static void disable_sub(struct endpoint *e)
{
    VmbChannelDisable(sub.ch);
    CHECK_TEXT(sub.trace, "OSPXC");
    CHECK_TEXT(e->trace, "OSPX");
}

/* The host breaks the primary's ring and leaves the sub-channel alone. The
 * primary ends when its owner has closed the sub-channel, which it does in
 * EvtChannelSuspend. */
static void primary_goes(struct world *w)
{
    struct raw_host *h = pair(w), *one = offer(w, 1);

    w->client.on_suspend = disable_sub;
    raw_host_out(h)[0] = 4;
    raw_host_signal(h);
    world_run(w);
    CHECK_TEXT(w->client.trace, "OSPXC");
    w->client.on_suspend = NULL;
    end(w, h, one);
}

/* Both at once: the sub-channel closes by itself, and is disabled besides. */
static void both_go(struct world *w)
{
    struct raw_host *h = pair(w), *one = offer(w, 1);

    w->client.on_suspend = disable_sub;
    raw_host_withdraw(one);
    raw_host_withdraw(h);
    world_run(w);
    CHECK_TEXT(sub.trace, "OSPXC");
    CHECK_TEXT(w->client.trace, "OSPXC");
    w->client.on_suspend = NULL;
    endpoint_end(&sub);
    endpoint_end(&w->client);
}

static void left_open(struct world *w)
{
    (void)pair(w);
    (void)offer(w, 1);
    CHECK_ASSERTS(w, "sub-channel", VmbChannelDisable(w->client.ch));
    world_abandon(w);
}

const struct test kmcl_tests_subchannel_clients[] = {
    {29, "a client of a sub-channel gets the index that it waits for",
     by_index},
    {29, "a client finds a sub-channel that is offered already",
     offered_before},
    {31, "a client of a sub-channel can wait for the primary again",
     primary_again},
    {31, "a sub-channel needs an instance, a client, and to be disabled",
     refused},
    {121, "on a sub-channel the parts of a packet are those of the primary",
     parts_of_the_primary},
    {52, "a sub-channel goes and comes back under its primary", comes_back},
    {52, "a broken primary closes after its owner has closed the sub-channel",
     primary_goes},
    {52, "a sub-channel and its primary go at once", both_go},
    {51, "VmbChannelDisable asserts while a client has a sub-channel open",
     left_open},
    {0, NULL, NULL},
};
