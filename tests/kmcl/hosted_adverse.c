/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What comes at the wrong moment: the end of a channel, of a guest or of a
 * save session while something else is half done.
 */
#include "raw.h"

#include <stdlib.h>

#include "runner.h"
#include "vmbus/vmbus.h"

static struct raw_guest *server_pair(struct world *w)
{
    server_start(&w->server);
    return raw_guest_open(w);
}

static void pause_server(void *world)
{
    VmbChannelPause(((struct world *)world)->server.ch);
}

/* ---- deferred packets with external data --------------------------------- */

/* Takes the data, maps it where that is allowed, and gives the packet back. */
static void defer_with_data(struct endpoint *e, VMBPACKETCOMPLETION pc)
{
    PMDL mdl;

    (void)e;
    CHECK_STATUS(VmbChannelPacketGetExternalData(pc, 0, &mdl), STATUS_SUCCESS);
    if (KeGetCurrentIrql() == PASSIVE_LEVEL)
        CHECK(MmGetSystemAddressForMdlSafe(mdl, NormalPagePriority));
    VmbChannelPacketDeferToPassive(pc);
}

static struct raw_guest *deferred_and_paused(struct world *w, const void *page)
{
    struct raw_guest *g;

    server_make(w, &w->server, &test_instance);
    g = server_pair(w);
    w->server.on_packet = defer_with_data;
    raw_guest_lend(g, 0, world_pfn(w, page));
    world_call_later(w, 0, pause_server, w);
    world_run(w);
    CHECK(w->server.packets > 1);
    CHECK_EQ(w->server.packet_irql, PASSIVE_LEVEL);
    return g;
}

/* The host half asserts what is still mapped, the world what is left. */
static void dropped_with_data(struct world *w)
{
    struct raw_guest *g = deferred_and_paused(w, world_pages(w, 1));

    VmbChannelDisable(w->server.ch);
    raw_guest_close(g);
    endpoint_end(&w->server);
}

static PFN_NUMBER seen_pfn;

static void look_at_pfn(struct endpoint *e, VMBPACKETCOMPLETION pc)
{
    PMDL mdl;

    (void)e;
    CHECK_STATUS(VmbChannelPacketGetExternalData(pc, 0, &mdl), STATUS_SUCCESS);
    seen_pfn = MmGetMdlPfnArray(mdl)[0];
    VmbChannelPacketComplete(pc, NULL, 0);
}

/* The packet of the next opening has its own data, not that of a dropped
 * one. */
static void next_has_its_own(struct world *w)
{
    uint8_t *pages = world_pages(w, 2);
    struct raw_guest *g = deferred_and_paused(w, pages);

    raw_guest_close(g);
    w->server.on_packet = look_at_pfn;
    VmbChannelStart(w->server.ch);
    g = raw_guest_open(w);
    raw_guest_lend(g, 0, world_pfn(w, pages + 4096));
    world_run(w);
    CHECK_EQ(seen_pfn, world_pfn(w, pages + 4096));
    raw_guest_close(g);
    endpoint_end(&w->server);
}

/* ---- a server that still maps memory of its guest ------------------------ */

/* The only channel that the guest has. */
static struct vmbus_channel *guests_channel(struct world *w)
{
    struct vmbus_channel *c = vmbus_bus_next(world_bus(w), NULL);

    CHECK(c);
    return c;
}

static UINT32 mapped;

static void unmap_when_closed(struct endpoint *e)
{
    VmbChannelUnmapGpadl(e->ch, mapped);
}

static struct raw_guest *mapping_pair(struct world *w, void *page)
{
    uint64_t pfn = world_pfn(w, page);
    struct vmbus_pages pages = {.pfns = &pfn, .count = 1, .bytes = 4096};
    struct raw_guest *g;
    PMDL mdl;

    server_make(w, &w->server, &test_instance);
    w->server.on_closed = unmap_when_closed;
    g = server_pair(w);
    CHECK_EQ(vmbus_gpadl_create(guests_channel(w), &pages, &mapped), 0);
    CHECK_STATUS(VmbChannelMapGpadl(w->server.ch, 0, mapped, &mdl),
                 STATUS_SUCCESS);
    return g;
}

/* EvtChannelClosed is the place to unmap. */
static void disable_mapped(struct world *w)
{
    struct raw_guest *g = mapping_pair(w, world_pages(w, 1));
    struct vmbus_channel *c = guests_channel(w);

    VmbChannelDisable(w->server.ch);
    CHECK_TEXT(w->server.trace, "OSPXC");
    world_run(w);
    CHECK(vmbus_channel_rescinded(c));
    CHECK_EQ(vmbus_gpadl_teardown(c, mapped), 0);
    raw_guest_close(g);
    endpoint_end(&w->server);
}

/* The guest cannot make the host assert. */
static void broken_mapped(struct world *w)
{
    struct raw_guest *g = mapping_pair(w, world_pages(w, 1));
    struct vmbus_channel *c = guests_channel(w);

    raw_guest_out(g)[0] = 3;
    raw_guest_signal(g);
    world_run(w);
    CHECK_TEXT(w->server.trace, "OSPXC");
    CHECK(vmbus_channel_rescinded(c));
    CHECK_EQ(vmbus_gpadl_teardown(c, mapped), 0);
    raw_guest_close(g);
    w->server.on_closed = NULL;
    g = raw_guest_open(w);
    CHECK_TEXT(w->server.trace, "OSPXCOSP");
    raw_guest_close(g);
    endpoint_end(&w->server);
}

static int closed;

static void close_done(void *arg, int status, uint32_t host_status)
{
    (void)arg, (void)host_status;
    closed = status;
}

/* The guest closes while the server, whose ring it broke, is in
 * EvtChannelClosed: it is answered, and its next opening is a fresh one. */
static void close_when_closed(struct endpoint *e)
{
    struct vmbus_channel *c = guests_channel(e->w);

    VmbChannelUnmapGpadl(e->ch, mapped);
    e->on_closed = NULL;
    CHECK_EQ(vmbus_gpadl_teardown(c, mapped), 0);
    closed = 1;
    CHECK_EQ(vmbus_channel_close_start(c, close_done, NULL), 0);
    world_run(e->w);
}

static void broken_and_closed(struct world *w)
{
    struct raw_guest *g = mapping_pair(w, world_pages(w, 1));
    struct vmbus_channel *c = guests_channel(w);

    w->server.on_closed = close_when_closed;
    raw_guest_out(g)[0] = 3;
    raw_guest_signal(g);
    world_run(w);
    CHECK_TEXT(w->server.trace, "OSPXC");
    CHECK_EQ(closed, 0);
    vmbus_channel_unclaim(c);
    free(g);
    g = raw_guest_open(w);
    CHECK_TEXT(w->server.trace, "OSPXCOSP");
    raw_guest_close(g);
    endpoint_end(&w->server);
}

/* ---- a guest that leaves while it is let in ------------------------------ */

static int unloaded;

static void unload_done(void *arg, int status, uint32_t host_status)
{
    (void)arg, (void)host_status;
    unloaded = status;
}

static void guest_unloads(struct endpoint *e)
{
    unloaded = 1;
    CHECK_EQ(vmbus_bus_unload_start(world_bus(e->w), unload_done, NULL), 0);
    world_run(e->w);
}

static void refused_and_gone(struct world *w)
{
    server_make(w, &w->server, &test_instance);
    w->server.on_opened = guest_unloads;
    w->server.open_status = STATUS_UNSUCCESSFUL;
    server_start(&w->server);
    CHECK(!raw_guest_try_open(w));
    world_run(w);
    CHECK_EQ(unloaded, 0);
    CHECK_EQ(vmbus_bus_connect(world_bus(w)), 0);
    w->server.on_opened = NULL;
    w->server.open_status = STATUS_SUCCESS;
    raw_guest_close(raw_guest_open(w));
    CHECK_TEXT(w->server.trace, "OOSPXC");
    endpoint_end(&w->server);
}

static void unload_later(void *world)
{
    guest_unloads(&((struct world *)world)->server);
}

static void end_session(void *world)
{
    VmbChannelSaveEnd(((struct world *)world)->server.ch);
}

/* Its open waits for the session's end; by then it has left. */
static void gone_while_saved(struct world *w)
{
    server_make(w, &w->server, &test_instance);
    server_start(&w->server);
    CHECK_STATUS(VmbChannelSaveBegin(w->server.ch), STATUS_SUCCESS);
    world_call_later(w, 20, unload_later, w);
    world_call_later(w, 40, end_session, w);
    CHECK(!raw_guest_try_open(w));
    world_advance(w, 50);
    CHECK_EQ(unloaded, 0);
    CHECK_EQ(vmbus_bus_connect(world_bus(w)), 0);
    CHECK_TEXT(w->server.trace, "");
    raw_guest_close(raw_guest_open(w));
    CHECK_TEXT(w->server.trace, "OSPXC");
    endpoint_end(&w->server);
}

const struct test kmcl_tests_adverse[] = {
    {0, "a deferred packet's mapping is undone when its channel closes",
     dropped_with_data},
    {0,
     "a packet after reopening gets its own external data, not a dropped "
     "packet's",
     next_has_its_own},
    {0, "a server that disables can unmap its GPADLs in EvtChannelClosed",
     disable_mapped},
    {0,
     "a server whose guest broke a ring can unmap its GPADLs in "
     "EvtChannelClosed",
     broken_mapped},
    {0,
     "a guest's close that crosses the withdrawal of its channel is answered",
     broken_and_closed},
    {0, "a guest that unloads while its open is refused can open again",
     refused_and_gone},
    {138, "a guest that unloads during a save session can open again",
     gone_while_saved},
    {0, NULL, NULL},
};
