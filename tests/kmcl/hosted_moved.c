/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A host half that is saved and restored into another process: its servers
 * come back, and their guest notices nothing or finds a new offer.
 */
#include "raw.h"

#include "forged_state.h"
#include "hosted_peek.h"
#include "vmbus/ring_wire.h"
#include "runner.h"
#include "vmbus/vmbus.h"

static UINT32 server_flags;

static void leave(struct world *w)
{
    endpoint_end(&w->server);
}

static void come_back(struct world *w)
{
    server_make(w, &w->server, &test_instance);
    CHECK_STATUS(VmbServerChannelInitSetFlags(w->server.ch, server_flags),
                 STATUS_SUCCESS);
    server_start(&w->server);
}

static struct raw_guest *moved(struct world *w, UINT32 flags)
{
    struct raw_guest *g;

    server_flags = flags;
    come_back(w);
    g = raw_guest_open(w);
    CHECK_TEXT(w->server.trace, "OSP");
    world_move_host(w, leave, come_back);
    world_run(w);
    return g;
}

/* The guest has noticed nothing. */
static void moved_open(struct world *w)
{
    struct raw_guest *g = moved(w, 0);

    CHECK_TEXT(w->server.trace, "OSPXCOSP");
    CHECK_EQ(raw_guest_send(g, RING_PACKET_IN_BAND, 0, 1, "x", 1), 0);
    world_run(w);
    CHECK_EQ(w->server.packets, 1);
    raw_guest_end(w, g);
}

/* The guest loses its channel, and finds another. */
static void moved_anew(struct world *w)
{
    struct raw_guest *g =
        moved(w, VMBUS_SERVER_CHANNEL_INIT_FLAG_FORCE_NEW_CHANNEL);

    CHECK_TEXT(w->server.trace, "OSPXC");
    CHECK_EQ(vmbus_bus_stats(world_bus(w))->rescinds, 1);
    raw_guest_close(g);
    g = raw_guest_open(w);
    CHECK_TEXT(w->server.trace, "OSPXCOSP");
    raw_guest_end(w, g);
}

/* A guest whose restored channel cannot be served any more loses it, and
 * finds another. */
static struct raw_guest *moving;

static void come_back_refusing(struct world *w)
{
    w->server.open_status = STATUS_UNSUCCESSFUL;
    come_back(w);
}

static void leave_spoilt(struct world *w)
{
    leave(w);
    raw_guest_out(moving)[0] = 3;
}

static void moved_and_lost(struct world *w, void (*down)(struct world *w),
                           void (*up)(struct world *w), const char *trace)
{
    server_flags = 0;
    come_back(w);
    moving = raw_guest_open(w);
    world_move_host(w, down, up);
    world_run(w);
    CHECK_TEXT(w->server.trace, trace);
    CHECK_EQ(vmbus_bus_stats(world_bus(w))->rescinds, 1);
    w->server.open_status = STATUS_SUCCESS;
    w->server.trace[0] = 0;
    raw_guest_close(moving);
    raw_guest_close(raw_guest_open(w));
    CHECK_TEXT(w->server.trace, "OSPXC");
    endpoint_end(&w->server);
}

static void moved_refused(struct world *w)
{
    moved_and_lost(w, leave, come_back_refusing, "OSPXCO");
}

/* With a packet that its guest had not answered: that ends. */
static void come_back_sent(struct world *w)
{
    static struct forged f;

    forged_head(&f, sizeof(struct kmcl_saved_head), 1);
    forged_packet(&f, 0);
    forged_seal(&f);
    server_make(w, &w->server, &test_instance);
    CHECK_STATUS(VmbChannelRestoreFromBuffer(w->server.ch, f.bytes, f.size),
                 STATUS_SUCCESS);
    server_start(&w->server);
    CHECK_EQ(peek_sent(w->server.ch), 0);
}

static void moved_spoilt(struct world *w)
{
    moved_and_lost(w, leave_spoilt, come_back_sent, "OSPXC");
}

/* A primary that comes back after its sub-channel and finds its rings spoilt.
 */
static struct endpoint sub, late;

static void make_numbered(struct world *w, struct endpoint *e, uint16_t index)
{
    server_make(w, e, &test_instance);
    CHECK_STATUS(kmcl_server_set_subchannel(e->ch, index), STATUS_SUCCESS);
    server_start(e);
}

static void make_sub(struct world *w)
{
    make_numbered(w, &sub, 1);
}

static void leave_both_spoilt(struct world *w)
{
    endpoint_end(&sub);
    leave_spoilt(w);
}

static void come_back_in_reverse(struct world *w)
{
    make_sub(w);
    come_back(w);
}

static void moved_spoilt_primary(struct world *w)
{
    struct raw_guest *g;

    server_flags = 0;
    memset(&sub, 0, sizeof(sub));
    come_back(w);
    make_sub(w);
    moving = raw_guest_open(w);
    g = raw_guest_open_subchannel(w, 1);
    world_move_host(w, leave_both_spoilt, come_back_in_reverse);
    world_run(w);
    CHECK_TEXT(sub.trace, "OSPXCOSPXC");
    CHECK_EQ(vmbus_bus_stats(world_bus(w))->rescinds, 2);
    raw_guest_close(g);
    raw_guest_close(moving);
    moving = raw_guest_open(w);
    raw_guest_close(raw_guest_open_subchannel(w, 1));
    raw_guest_close(moving);
    endpoint_end(&sub);
    endpoint_end(&w->server);
}

/* A sub-channel with spoilt rings, which is to follow its primary. All of it
 * ends before the restore does. */
static struct raw_guest *of_late;

static void leave_three_spoilt(struct world *w)
{
    endpoint_end(&late);
    raw_guest_out(of_late)[0] = 3;
    leave_both_spoilt(w);
}

static void come_back_at_last(struct world *w)
{
    come_back_in_reverse(w);
    make_numbered(w, &late, 2);
    world_run(w);
}

static void moved_spoilt_follower(struct world *w)
{
    struct raw_guest *g;

    server_flags = 0;
    memset(&sub, 0, sizeof(sub));
    memset(&late, 0, sizeof(late));
    come_back(w);
    make_sub(w);
    make_numbered(w, &late, 2);
    moving = raw_guest_open(w);
    g = raw_guest_open_subchannel(w, 1);
    of_late = raw_guest_open_subchannel(w, 2);
    world_move_host(w, leave_three_spoilt, come_back_at_last);
    world_run(w);
    CHECK_EQ(vmbus_bus_stats(world_bus(w))->rescinds, 3);
    raw_guest_close(of_late);
    raw_guest_close(g);
    raw_guest_close(moving);
    moving = raw_guest_open(w);
    late.trace[0] = 0;
    raw_guest_close(raw_guest_open_subchannel(w, 2));
    CHECK_TEXT(late.trace, "OSPXC");
    raw_guest_close(moving);
    endpoint_end(&late);
    endpoint_end(&sub);
    endpoint_end(&w->server);
}

const struct test kmcl_tests_moved[] = {
    {0, "an open channel goes on after its host half was saved and restored",
     moved_open},
    {0, "FORCE_NEW_CHANNEL abandons a restored channel and offers a new one",
     moved_anew},
    {0, "a restored channel that EvtChannelOpened refuses is offered anew",
     moved_refused},
    {0, "a restored channel whose rings are invalid is offered anew",
     moved_spoilt},
    {0, "a restored primary with spoilt rings leaves after its sub-channel",
     moved_spoilt_primary},
    {0, "a restored sub-channel with spoilt rings follows its primary anew",
     moved_spoilt_follower},
    {0, NULL, NULL},
};
