/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What only the build machine can do: a host that does not answer, memory
 * that cannot be mapped, and events at DISPATCH while PASSIVE waits.
 */
#include "harness.h"

#include <errno.h>

#include "tests/peer/hosted.h"
#include "raw.h"
#include "vmbus/ring.h"
#include "vmbus/ring_wire.h"
#include "runner.h"
#include "vmbus/vmbus.h"
#include "vmbus/wire/wire.h"

/* ---- a host that does not answer ---------------------------------------- */

static int (*post_before)(void *peer, uint32_t connection, uint32_t type,
                          const void *payload, uint32_t size);

/* Teardowns are lost on their way. */
static int post_no_teardown(void *peer, uint32_t connection, uint32_t type,
                            const void *payload, uint32_t size)
{
    const struct wire_header *header = payload;

    if (header->type == WIRE_GPADL_TEARDOWN)
        return 0;
    return post_before(peer, connection, type, payload, size);
}

static void silent_close(struct world *w)
{
    struct seam *s = world_seam(w);

    pair_run(w);
    post_before = s->post;
    s->post = post_no_teardown;
    VmbChannelDisable(w->client.ch);
    CHECK_TEXT(w->client.trace, "OSPXC");
    CHECK(world_logged(w, "its ring pages stay with it"));
    CHECK_STATUS(VmbChannelInitSetFlags(w->client.ch, 0), STATUS_SUCCESS);
    world_abandon(w);
}

/* ---- a guest that opens with rings of nonsense --------------------------- */

static struct vmbus_channel *opening;

static int post_spoilt_open(void *peer, uint32_t connection, uint32_t type,
                            const void *payload, uint32_t size)
{
    const struct wire_header *header = payload;

    if (header->type == WIRE_OPEN)
        vmbus_channel_tx(opening)->area.control->write_index = 3;
    return post_before(peer, connection, type, payload, size);
}

static enum vmbus_event_result no_event(void *arg)
{
    (void)arg;
    return VMBUS_EVENT_LEFT;
}

static void spoilt_open(struct world *w)
{
    struct vmbus_open open = {.tx_pages = 4, .rx_pages = 4, .event = no_event};
    struct seam *s = world_seam(w);

    server_make(w, &w->server, &test_instance);
    endpoint_enable(&w->server);
    opening = vmbus_bus_find(
        world_bus(w), (const struct vmbus_guid *)(const void *)&test_type,
        (const struct vmbus_guid *)(const void *)&test_instance, 0);
    CHECK_EQ(vmbus_channel_claim(opening), 0);
    post_before = s->post;
    s->post = post_spoilt_open;
    CHECK_EQ(vmbus_channel_open(opening, &open), -EIO);
    s->post = post_before;
    CHECK_TEXT(w->server.trace, "");
    CHECK(world_logged(w, "rings are unusable"));
    vmbus_channel_unclaim(opening);
    raw_guest_close(raw_guest_open(w));
    endpoint_end(&w->server);
}

/* ---- no memory, no mappings ---------------------------------------------- */

/* Nobody signals again: a timer looks. */
static void memory_comes_back(struct world *w)
{
    static uint8_t bytes[5000];
    struct seam *s = world_seam(w);
    struct raw_host *h = raw_pair(w, 0);

    s->fail_for_good = true;
    world_fail_allocation(w, 1);
    CHECK_EQ(raw_host_send(h, RING_PACKET_IN_BAND, 0, 0, bytes, 5000), 0);
    world_run(w);
    CHECK_EQ(w->client.packets, 0);
    world_fail_allocation(w, 0);
    s->fail_for_good = false;
    world_advance(w, 15);
    CHECK_EQ(w->client.size, 5000);
    raw_end(w, h);
}

static void unmappable(struct world *w)
{
    struct {
        struct ring_transfer_header header;
        struct ring_transfer_range range;
    } body = {.header = {.range_count = 1}, .range = {16, 100}};
    struct raw_host *h = raw_pair(w, 0);
    UINT32 handle;
    PMDL mdl;

    w->client.hold = true;
    handle = gpadl_of(w, world_pages(w, 1), 4096);
    body.header.set_id = (uint16_t)handle;
    CHECK_EQ(raw_host_send_header(h, RING_PACKET_TRANSFER_PAGES, 0, 1,
                                  sizeof(body), &body, sizeof(body)),
             0);
    world_run(w);
    CHECK_STATUS(VmbChannelPacketGetExternalData(w->client.held[0], 0, &mdl),
                 STATUS_SUCCESS);
    world_seam(w)->no_maps = true;
    CHECK(!MmGetSystemAddressForMdlSafe(mdl, NormalPagePriority));
    world_seam(w)->no_maps = false;
    CHECK(MmGetSystemAddressForMdlSafe(mdl, NormalPagePriority));
    VmbChannelPacketComplete(w->client.held[0], NULL, 0);
    VmbChannelDeleteGpadl(w->client.ch, handle);
    raw_end(w, h);
}

/* ---- what happens before PASSIVE has its turn ---------------------------- */

/* Broken, and started again before the channel could close. */
static void broken_and_started(struct world *w)
{
    struct raw_host *h = raw_pair(w, 0);
    KIRQL irql;

    raw_host_out(h)[0] = 12;
    KeRaiseIrql(DISPATCH_LEVEL, &irql);
    raw_host_signal(h);
    world_run(w); /* DISPATCH only */
    KeLowerIrql(irql);
    CHECK_EQ(kmcl_stats(w->kmcl)->bad_rings, 1);
    VmbChannelStart(w->client.ch);
    world_run(w);
    CHECK_EQ(kmcl_stats(w->kmcl)->bad_rings, 1);
    CHECK_TEXT(w->client.trace, "OSPXC");
    raw_end(w, h);
}

/* ---- attaching ----------------------------------------------------------- */

static void attach_to_nothing(struct world *w)
{
    struct kmcl_config no_seam = {.bus = world_bus(w)};
    struct kmcl_config no_bus = {.seam = world_seam(w)};
    struct raw_host *h;
    struct kmcl *k;

    CHECK_EQ(kmcl_attach(&no_seam, &k), -EINVAL);
    CHECK_EQ(kmcl_attach(&no_bus, &k), -EINVAL);
    CHECK(!k);
    /* What is detached is not told of offers any more. */
    no_seam.seam = world_seam(w);
    CHECK_EQ(kmcl_attach(&no_seam, &k), 0);
    kmcl_detach(k);
    h = raw_host_offer(w, &test_instance);
    world_run(w);
    raw_host_withdraw(h);
    no_bus.host = world_host(w);
    no_bus.server = &kmcl_server_half;
    world_fail_allocation(w, 1);
    CHECK_EQ(kmcl_attach(&no_bus, &k), -ENOMEM);
    world_fail_allocation(w, 0);
}

const struct test kmcl_tests_hosted[] = {
    {0, "kmcl_attach refuses a configuration without a platform or a bus",
     attach_to_nothing},
    {0, "a server refuses an open whose rings are invalid", spoilt_open},
    {0, "a packet that found no memory is delivered when a timer looks again",
     memory_comes_back},
    {0, "external data that the platform cannot map has no system address",
     unmappable},
    {0, "VmbChannelStart does not read a ring that was found broken",
     broken_and_started},
    {0, "a close that the host does not confirm ends, with a line in the log",
     silent_close},
    {0, NULL, NULL},
};
