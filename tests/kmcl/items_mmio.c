/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Acceptance item 144: MMIO space.
 */
#include "harness.h"

static void look_at_mmio(struct endpoint *e)
{
    UINT64 address = 1, size = 1;

    VmbChannelGetMmioSpace(e->ch, &address, &size);
    CHECK_EQ(address, 0x1000000000);
    CHECK_EQ(size, 10 << 20);
    e->context = e;
}

static void item_144(struct world *w)
{
    UINT64 address = 1, size = 1;

    pair_make(w);
    CHECK_STATUS(VmbServerChannelInitSetMmioMegabytes(w->server.ch, 8, 2), 0);
    w->client.on_opened = look_at_mmio;
    pair_run(w);
    CHECK(w->client.context);
    pair_end(w);
    w->client.trace[0] = w->server.trace[0] = 0;
    pair_make(w);
    w->client.on_opened = NULL;
    pair_run(w);
    VmbChannelGetMmioSpace(w->client.ch, &address, &size);
    CHECK(!address && !size);
    pair_end(w);
}

/* Two that fit only without the optional part, and one that does not fit. */
static void item_144_shared(struct world *w)
{
    struct endpoint servers[3], clients[3];
    UINT64 address[3], size[3];
    GUID instance = test_instance;

    memset(servers, 0, sizeof(servers));
    memset(clients, 0, sizeof(clients));
    for (int i = 0; i < 3; i++) {
        instance.Data1 = (uint32_t)i + 1;
        server_make(w, &servers[i], &instance);
        CHECK_STATUS(VmbServerChannelInitSetMmioMegabytes(servers[i].ch, 30, 8),
                     STATUS_SUCCESS);
        CHECK_STATUS(VmbChannelEnable(servers[i].ch), STATUS_SUCCESS);
        client_make(w, &clients[i]);
        CHECK_STATUS(VmbChannelEnable(clients[i].ch), STATUS_SUCCESS);
        world_run(w);
        VmbChannelGetMmioSpace(clients[i].ch, &address[i], &size[i]);
    }
    CHECK_EQ(size[0], 38 << 20);
    CHECK_EQ(size[1], 0); /* 26 MiB are left of 64 */
    CHECK_TEXT(clients[1].trace, "F");
    CHECK(world_logged(w, "MMIO"));
    for (int i = 0; i < 3; i++) {
        endpoint_end(&clients[i]);
        endpoint_end(&servers[i]);
    }
}

struct space {
    struct endpoint server, client;
    UINT64 address, size;
};

static void space_take(struct world *w, struct space *s, uint32_t number,
                       uint16_t megabytes, uint16_t optional)
{
    GUID instance = test_instance;

    memset(s, 0, sizeof(*s));
    instance.Data1 = number;
    server_make(w, &s->server, &instance);
    CHECK_STATUS(
        VmbServerChannelInitSetMmioMegabytes(s->server.ch, megabytes, optional),
        STATUS_SUCCESS);
    CHECK_STATUS(VmbChannelEnable(s->server.ch), STATUS_SUCCESS);
    client_make(w, &s->client);
    CHECK_STATUS(VmbChannelEnable(s->client.ch), STATUS_SUCCESS);
    world_run(w);
    VmbChannelGetMmioSpace(s->client.ch, &s->address, &s->size);
    if (s->size)
        s->address = (s->address - UINT64_C(0x1000000000)) >> 20;
    s->size >>= 20;
}

static void space_give(struct space *s)
{
    endpoint_end(&s->client);
    endpoint_end(&s->server);
}

/* Of 64 MiB. */
static void mmio_fit(struct world *w)
{
    static struct space a, b, c, d, e;

    space_take(w, &a, 1, 30, 0);
    space_take(w, &b, 2, 0, 20); /* optional alone is given as well */
    space_take(w, &c, 3, 10, 10);
    CHECK_EQ(a.address, 0);
    CHECK_EQ(a.size, 30);
    CHECK_EQ(b.address, 30);
    CHECK_EQ(b.size, 20);
    CHECK_EQ(c.address, 50); /* without its optional part */
    CHECK_EQ(c.size, 10);
    space_give(&b);
    space_take(w, &d, 4, 20, 0); /* the hole that this leaves */
    CHECK_EQ(d.address, 30);
    CHECK_EQ(d.size, 20);
    space_take(w, &e, 5, 0, 5); /* 4 are left, and it can do without */
    CHECK_EQ(e.size, 0);
    CHECK_EQ(e.address, 0);
    CHECK(!strchr(e.client.trace, 'F'));
    space_give(&a);
    space_give(&c);
    space_give(&d);
    space_give(&e);
}

const struct test kmcl_tests_mmio[] = {
    {144, "MMIO space is there from EvtChannelOpened on, or is 0", item_144},
    {144, "an opening fails when the MMIO space is used up", item_144_shared},
    {144, "MMIO space is given first-fit, with the optional part if it fits",
     mmio_fit},
    {0, NULL, NULL},
};
