/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A save session (items 137, 138): until it ends the channel stands still,
 * whatever the guest and the driver do.
 */
#include "raw.h"

#define SENT 40

static struct sent sent[SENT];

static void fill_ring(struct world *w)
{
    static uint8_t bytes[1000];

    for (int i = 0; i < SENT; i++) {
        sent_make(&w->server, &sent[i]);
        CHECK_STATUS(sent_send(&sent[i], bytes, sizeof(bytes), false),
                     STATUS_SUCCESS);
    }
}

static uint32_t ended(void)
{
    uint32_t n = 0;

    for (int i = 0; i < SENT; i++)
        n += sent[i].ended;
    return n;
}

static uint32_t read_all(struct world *w, struct raw_guest *g)
{
    struct raw_packet got;
    uint32_t n = 0;

    while (raw_guest_read(g, &got))
        n++;
    world_advance(w, 50); /* the server's timer looks, too */
    return n;
}

static void save_into(struct world *w, uint8_t *buffer, ULONG size)
{
    ULONG filled, required;

    CHECK_STATUS(
        VmbChannelSaveContinue(w->server.ch, buffer, size, &filled, &required),
        STATUS_SUCCESS);
}

/* What waited for room when the session began is saved, and so must not be
 * transmitted meanwhile; afterwards it is. */
static void queue_stays(struct world *w)
{
    static uint8_t buffer[SENT * 2048];
    struct raw_guest *g;
    uint32_t before;

    server_make(w, &w->server, &test_instance);
    server_start(&w->server);
    g = raw_guest_open(w);
    VmbChannelPause(w->server.ch);
    fill_ring(w);
    before = ended();
    CHECK(before > 0 && before < SENT);
    CHECK_STATUS(VmbChannelSaveBegin(w->server.ch), STATUS_SUCCESS);
    CHECK_EQ(read_all(w, g), before);
    CHECK_EQ(ended(), before);
    save_into(w, buffer, sizeof(buffer));
    VmbChannelSaveEnd(w->server.ch);
    CHECK(read_all(w, g) > 0);
    while (read_all(w, g))
        continue;
    CHECK_EQ(ended(), SENT);
    for (int i = 0; i < SENT; i++)
        sent_free(&sent[i]);
    raw_guest_close(g);
    endpoint_end(&w->server);
}

static void not_enabled(struct world *w)
{
    server_make(w, &w->server, &test_instance);
    CHECK_STATUS(VmbChannelSaveBegin(w->server.ch), STATUS_SUCCESS);
    CHECK_STATUS(VmbChannelEnable(w->server.ch), STATUS_INVALID_DEVICE_STATE);
    CHECK_ASSERTS(w, "VmbChannelSaveEnd", VmbChannelCleanup(w->server.ch));
    VmbChannelSaveEnd(w->server.ch);
    endpoint_end(&w->server);
}

static void end_session(void *world)
{
    struct world *w = world;

    CHECK_TEXT(w->server.trace, "");
    VmbChannelSaveEnd(w->server.ch);
}

static void open_waits(struct world *w)
{
    server_make(w, &w->server, &test_instance);
    server_start(&w->server);
    CHECK_STATUS(VmbChannelSaveBegin(w->server.ch), STATUS_SUCCESS);
    world_call_later(w, 40, end_session, w);
    raw_guest_close(raw_guest_open(w));
    CHECK_TEXT(w->server.trace, "OSPXC");
    endpoint_end(&w->server);
}

const struct test kmcl_tests_session[] = {
    {138, "queued packets stay in the queue until a save session ends",
     queue_stays},
    {137, "a save session keeps its channel from being enabled or cleaned up",
     not_enabled},
    {138, "a guest's open waits for the end of a save session", open_waits},
    {0, NULL, NULL},
};
