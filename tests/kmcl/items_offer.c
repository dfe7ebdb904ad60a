/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Acceptance items 28..33: enable, and the offer that it waits for.
 */
#include "harness.h"
#include "raw.h"

static void item_28(struct world *w)
{
    uint64_t before;

    pair_make(w);
    before = world_now(w);
    CHECK_STATUS(VmbChannelEnable(w->client.ch), STATUS_SUCCESS);
    CHECK(!world_is_virtual(w) || world_now(w) == before);
    world_run(w);
    CHECK_TEXT(w->client.trace, "");
    pair_end(w);
    CHECK_TEXT(w->client.trace, "");
}

static void item_29(struct world *w)
{
    pair_make(w);
    CHECK_STATUS(VmbChannelEnable(w->client.ch), STATUS_SUCCESS);
    world_advance(w, 1000);
    server_start(&w->server);
    world_run(w);
    CHECK_TEXT(w->client.trace, "OSP"); /* it came later */
    VmbChannelDisable(w->client.ch);
    endpoint_enable(&w->client);
    CHECK_TEXT(w->client.trace, "OSPXCOSP"); /* it was there */
    pair_end(w);
}

static void item_30(struct world *w)
{
    GUID instance;

    server_make(w, &w->server, &other_instance);
    client_make(w, &w->client);
    server_start(&w->server);
    endpoint_enable(&w->client);
    VmbChannelGetInterfaceInstance(w->client.ch, &instance);
    CHECK(!memcmp(&instance, &other_instance, sizeof(instance)));
    VmbChannelGetInterfaceInstance(w->server.ch, &instance);
    CHECK(!memcmp(&instance, &other_instance, sizeof(instance)));
    pair_end(w);
}

static void item_31(struct world *w)
{
    struct endpoint second = {0};
    GUID instance;

    server_make(w, &w->server, &other_instance);
    client_make(w, &w->client);
    CHECK_STATUS(VmbClientChannelInitSetTargetPnp(w->client.ch, &test_type,
                                                  &test_instance, NULL),
                 STATUS_SUCCESS);
    server_start(&w->server);
    CHECK_STATUS(VmbChannelEnable(w->client.ch), STATUS_SUCCESS);
    world_advance(w, 100);
    CHECK_TEXT(w->client.trace, "");
    server_make(w, &second, &test_instance);
    endpoint_enable(&second);
    CHECK_TEXT(w->client.trace, "OSP");
    VmbChannelGetInterfaceInstance(w->client.ch, &instance);
    CHECK(!memcmp(&instance, &test_instance, sizeof(instance)));
    pair_end(w);
    endpoint_end(&second);
}

/* The one that waits gets the offer that the other gives back. */
static void item_29_given_back(struct world *w)
{
    struct endpoint waiting = {0};

    pair_make(w);
    client_make(w, &waiting);
    server_start(&w->server);
    endpoint_enable(&w->client);
    endpoint_enable(&waiting);
    CHECK_TEXT(w->client.trace, "OSP");
    CHECK_TEXT(waiting.trace, "");
    VmbChannelDisable(w->client.ch);
    world_run(w);
    CHECK_TEXT(waiting.trace, "OSP");
    endpoint_end(&waiting);
    pair_end(w);
}

/* The one that had it does not go through KMCL. */
static void item_29_without_kmcl(struct world *w)
{
    struct raw_host *h = raw_host_offer(w, &test_instance);
    struct raw_guest *g;

    world_run(w);
    g = raw_guest_open(w);
    client_make(w, &w->client);
    endpoint_enable(&w->client);
    CHECK_TEXT(w->client.trace, "");
    raw_guest_close(g);
    world_run(w);
    CHECK_TEXT(w->client.trace, "OSP");
    raw_end(w, h);
}

/* A device of another type, and another's sub-channel, are not its own. */
static void item_31_type(struct world *w)
{
    struct raw_host *other, *sub;

    client_make(w, &w->client);
    endpoint_enable(&w->client);
    raw_host_type(w, &other_instance); /* any other GUID */
    other = raw_host_offer(w, &test_instance);
    raw_host_reset();
    world_run(w);
    CHECK(!raw_host_is_open(other));
    raw_host_subchannel(w, 1);
    sub = raw_host_offer(w, &other_instance);
    raw_host_reset();
    world_run(w);
    CHECK(!raw_host_is_open(sub));
    CHECK_TEXT(w->client.trace, "");
    endpoint_end(&w->client);
    raw_host_withdraw(sub);
    raw_host_withdraw(other);
}

static void item_32(struct world *w)
{
    struct endpoint second = {0}, third = {0};
    GUID a, b;

    pair_make(w);
    client_make(w, &second);
    server_make(w, &third, &other_instance);
    CHECK_STATUS(VmbChannelEnable(w->client.ch), STATUS_SUCCESS);
    CHECK_STATUS(VmbChannelEnable(second.ch), STATUS_SUCCESS);
    server_start(&w->server);
    world_run(w);
    /* One offer: one of the two. */
    CHECK_EQ(strlen(w->client.trace) + strlen(second.trace), 3);
    CHECK_STATUS(VmbChannelEnable(third.ch), STATUS_SUCCESS);
    world_run(w);
    CHECK_TEXT(w->client.trace, "OSP");
    CHECK_TEXT(second.trace, "OSP");
    VmbChannelGetInterfaceInstance(w->client.ch, &a);
    VmbChannelGetInterfaceInstance(second.ch, &b);
    CHECK(memcmp(&a, &b, sizeof(a)));
    endpoint_end(&second);
    endpoint_end(&third);
    pair_end(w);
}

/* Both offers come in one go: the second is for whoever else wants it. */
static void item_32_together(struct world *w)
{
    struct endpoint second = {0};
    struct raw_host *a, *b;

    client_make(w, &w->client);
    client_make(w, &second);
    CHECK_STATUS(VmbChannelEnable(w->client.ch), STATUS_SUCCESS);
    endpoint_enable(&second);
    a = raw_host_offer(w, &test_instance);
    b = raw_host_offer(w, &other_instance);
    world_run(w);
    CHECK_TEXT(w->client.trace, "OSP");
    CHECK_TEXT(second.trace, "OSP");
    endpoint_end(&second);
    endpoint_end(&w->client);
    raw_host_withdraw(a);
    raw_host_withdraw(b);
}

static void item_33(struct world *w)
{
    struct raw_host *h = raw_host_offer(w, &test_instance);

    raw_host_refuse(h, 0xc0000001);
    client_make(w, &w->client);
    endpoint_enable(&w->client);
    CHECK_TEXT(w->client.trace, "F");
    CHECK(!NT_SUCCESS(w->client.pnp_status));
    CHECK(!w->client.not_passive);
    CHECK(world_logged(w, "host status 0xc0000001"));
    /* Disabled again: it can be configured, and enabled once more. */
    CHECK_STATUS(VmbChannelInitSetFlags(w->client.ch, 0), STATUS_SUCCESS);
    raw_host_refuse(h, 0);
    endpoint_enable(&w->client);
    CHECK_TEXT(w->client.trace, "FOSP");
    pair_end(w);
    raw_host_withdraw(h);
}

/* The host opens the channel, and takes it away before EvtChannelOpened. */
static void item_33_rescinded(struct world *w)
{
    struct raw_host *h = raw_host_offer(w, &test_instance);

    raw_host_hold_open(h);
    client_make(w, &w->client);
    endpoint_enable(&w->client);
    raw_host_answer(h);
    raw_host_withdraw(h);
    world_run(w);
    CHECK_TEXT(w->client.trace, "F");
    CHECK_STATUS(w->client.pnp_status, STATUS_DEVICE_REMOVED);
    CHECK_STATUS(VmbChannelInitSetFlags(w->client.ch, 0), STATUS_SUCCESS);
    endpoint_end(&w->client);
}

const struct test kmcl_tests_offer[] = {
    {28, "VmbChannelEnable succeeds without an offer and does not wait",
     item_28},
    {29, "a client opens an offer that is there or that comes later", item_29},
    {30, "a client without an instance takes any, and returns which", item_30},
    {31, "a client ignores an offer of another instance", item_31},
    {31, "a client ignores offers of another type, and sub-channels",
     item_31_type},
    {29, "a client that waits gets the offer that another one gives back",
     item_29_given_back},
    {29,
     "a client that waits gets an offer that a user without KMCL gives back",
     item_29_without_kmcl},
    {32, "two clients never bind the same offer", item_32},
    {32, "two clients bind two offers that come together", item_32_together},
    {33, "a failed connection calls EvtChannelPnpFailure once", item_33},
    {33, "an offer that is lost before Opened calls EvtChannelPnpFailure",
     item_33_rescinded},
    {0, NULL, NULL},
};
