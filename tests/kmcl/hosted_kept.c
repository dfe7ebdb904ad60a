/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Memory that a host may still write, because it confirmed no end: it does not
 * come back before the host lets go (items 56, 91, 100, 125, 127).
 */
#include "raw.h"

#include <setjmp.h>

#include "tests/peer/hosted.h"
#include "hosted_lost.h"
#include "runner.h"
#include "vmbus/vmbus.h"

static void rescind(void *host)
{
    raw_host_withdraw(host);
}

static void create_silent(struct world *w)
{
    struct raw_host *h = raw_pair(w, 2);
    void *page = world_pages(w, 1);
    uint64_t before = world_now(w);
    UINT32 handle = 0;

    lose_gpadl_messages(w);
    world_call_later(w, 200000, rescind, h);
    CHECK_STATUS(
        VmbChannelCreateGpadlFromBuffer(w->client.ch, 0, page, 4096, &handle),
        STATUS_DEVICE_REMOVED);
    CHECK(world_now(w) - before >= 200 * SEAM_S);
    CHECK(!handle);
    lose_nothing(w);
    world_run(w);
    CHECK_TEXT(w->client.trace, "OSPXC");
    endpoint_end(&w->client);
}

/* ---- an UNLOAD that is not answered -------------------------------------- */

static UINT32 handle;
static bool returned;
static jmp_buf out;

static void delete_when_closed(struct endpoint *e)
{
    VmbChannelDeleteGpadl(e->ch, handle);
    returned = true;
}

/* Out of a wait that nothing ends. */
static void leave(void *arg)
{
    (void)arg;
    longjmp(out, 1);
}

static void delete_after_unload(struct world *w)
{
    (void)raw_pair(w, 2);
    handle = gpadl_of(w, world_pages(w, 1), 4096);
    returned = false;
    w->client.on_closed = delete_when_closed;
    lose_ends(w);
    world_call_later(w, 3600 * 1000, leave, NULL);
    if (!setjmp(out)) {
        (void)vmbus_bus_unload(world_bus(w));
        world_advance(w, 2 * 3600 * 1000);
    }
    CHECK_TEXT(w->client.trace, "OSPXC"); /* EvtChannelClosed began */
    CHECK(!returned);
    world_abandon(w);
}

/* ---- external pages ------------------------------------------------------ */

struct lent {
    struct world *w;
    struct raw_host *h;
    struct sent plain, external;
};

static void check_still_lent(void *lent)
{
    struct lent *l = lent;

    CHECK_EQ(l->plain.ended, 1);
    CHECK_STATUS(l->plain.status, STATUS_DEVICE_REMOVED);
    CHECK_EQ(l->external.ended, 0);
    rescind(l->h);
}

static void close_unconfirmed(struct world *w)
{
    struct lent l = {.w = w, .h = raw_pair(w, 2)};
    PMDL mdl = mdl_of(world_pages(w, 1), 100);

    sent_make(&w->client, &l.plain);
    sent_make(&w->client, &l.external);
    CHECK_STATUS(VmbPacketSend(l.external.packet, NULL, 0, mdl, WAIT),
                 STATUS_SUCCESS);
    CHECK_STATUS(sent_send(&l.plain, "x", 1, true), STATUS_SUCCESS);
    lose_ends(w);
    world_call_later(w, 200000, check_still_lent, &l);
    VmbChannelDisable(w->client.ch);
    CHECK_EQ(l.external.ended, 1);
    CHECK_STATUS(l.external.status, STATUS_DEVICE_REMOVED);
    CHECK(world_logged(w, "packets with external data end when"));
    lose_nothing(w);
    IoFreeMdl(mdl);
    sent_free(&l.plain);
    sent_free(&l.external);
    endpoint_end(&w->client);
    world_abandon(w); /* the pages of the rings are lost */
}

static void break_ring(void *host)
{
    raw_host_out(host)[0] = 3;
    raw_host_signal(host);
}

/* The request lends a page, and its channel closes without confirmation. */
static void request_unconfirmed(struct world *w)
{
    struct raw_host *h = raw_pair(w, 2);
    PMDL mdl = mdl_of(world_pages(w, 1), 100);
    uint64_t before = world_now(w);

    lose_ends(w);
    world_call_later(w, 1, break_ring, h);
    world_call_later(w, 200000, rescind, h);
    CHECK_STATUS(VmbChannelSendSynchronousRequest(w->client.ch, "x", 1, mdl,
                                                  WAIT, NULL, NULL, NULL),
                 STATUS_DEVICE_REMOVED);
    CHECK(world_now(w) - before >= 200 * SEAM_S);
    lose_nothing(w);
    world_run(w);
    CHECK_TEXT(w->client.trace, "OSPXC");
    IoFreeMdl(mdl);
    endpoint_end(&w->client);
    world_abandon(w); /* the pages of the rings are lost */
}

const struct test kmcl_tests_kept[] = {
    {125, "creating a GPADL fails only when a silent host has let go of it",
     create_silent},
    {127, "deleting a GPADL does not return after an UNLOAD without an answer",
     delete_after_unload},
    {56, "after a close without an answer a lent page comes back with RESCIND",
     close_unconfirmed},
    {100, "a request whose channel closes keeps the page that the host may use",
     request_unconfirmed},
    {0, NULL, NULL},
};
