/*
 * What comes at the wrong moment: the end of a channel, of a guest or of a
 * save session while something else is half done.
 */
#include "raw.h"

#include <stdlib.h>

#include "ring_wire.h"
#include "runner.h"
#include "vmbus.h"

static struct raw_guest *server_pair(struct world *w)
{
    CHECK_STATUS(VmbChannelEnable(w->server.ch), STATUS_SUCCESS);
    VmbChannelStart(w->server.ch);
    return raw_guest_open(w);
}

static void pause_server(void *world)
{
    VmbChannelPause(((struct world *)world)->server.ch);
}

/* ---- deferred packets with external data --------------------------------- */

static void send_page(struct world *w, struct raw_guest *g, const void *page)
{
    struct {
        struct ring_gpa_header header;
        struct ring_gpa_range range;
        uint64_t pfn;
    } body = {.header = {.range_count = 1},
              .range = {.byte_count = 100},
              .pfn = world_pfn(w, page)};

    CHECK_EQ(raw_guest_send_header(g, RING_PACKET_GPA_DIRECT, 0, 5,
                                   sizeof(body), &body, sizeof(body)),
             0);
}

/* Takes the data, maps it where that is allowed, and gives the packet back. */
static void defer_with_data(struct endpoint *e, VMBPACKETCOMPLETION pc,
                            PVOID buffer, UINT32 size, UINT32 flags)
{
    PMDL mdl;

    (void)e, (void)buffer, (void)size, (void)flags;
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
    send_page(w, g, page);
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

static void look_at_pfn(struct endpoint *e, VMBPACKETCOMPLETION pc,
                        PVOID buffer, UINT32 size, UINT32 flags)
{
    PMDL mdl;

    (void)e, (void)buffer, (void)size, (void)flags;
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
    send_page(w, g, pages + 4096);
    world_run(w);
    CHECK_EQ(seen_pfn, world_pfn(w, pages + 4096));
    raw_guest_close(g);
    endpoint_end(&w->server);
}

const struct test kmcl_tests_adverse[] = {
    {0, "a deferred packet's mapping goes with its channel", dropped_with_data},
    {0, "a dropped packet's data is not the next one's", next_has_its_own},
    {0, NULL, NULL},
};
