/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Calls from inside another call's wait: those that would wait for each other
 * are asserted with both names, and all others end (items 50, 51, 57, 58).
 */
#include "request.h"

#include <setjmp.h>

#include "hosted_lost.h"
#include "tests/peer/hosted.h"
#include "runner.h"

static void rescind(void *host)
{
    raw_host_withdraw(host);
}

/* ---- closing under a GPADL call ------------------------------------------ */

static uint32_t refused;

static void disable_inside_create(void *world)
{
    struct world *w = world;

    CHECK_ASSERTS(w, "VmbChannelDisable would wait for VmbChannelCreateGpadl",
                  VmbChannelDisable(w->client.ch));
    refused++;
}

static void disable_inside_delete(void *world)
{
    struct world *w = world;

    CHECK_ASSERTS(w, "VmbChannelDisable would wait for VmbChannelDeleteGpadl",
                  VmbChannelDisable(w->client.ch));
    refused++;
}

static void disable_under_gpadl(struct world *w)
{
    struct raw_host *h = raw_pair(w, 2);
    void *page = world_pages(w, 1);
    UINT32 handle = gpadl_of(w, page, 4096);

    lose_gpadl_messages(w);
    world_call_later(w, 1, disable_inside_delete, w);
    world_call_later(w, 200000, rescind, h);
    VmbChannelDeleteGpadl(w->client.ch, handle);
    lose_nothing(w);
    world_run(w);
    endpoint_end(&w->client);

    h = raw_pair(w, 2);
    lose_gpadl_messages(w);
    world_call_later(w, 1, disable_inside_create, w);
    world_call_later(w, 200000, rescind, h);
    CHECK_STATUS(
        VmbChannelCreateGpadlFromBuffer(w->client.ch, 0, page, 4096, &handle),
        STATUS_DEVICE_REMOVED);
    lose_nothing(w);
    CHECK_EQ(refused, 2);
    world_run(w);
    endpoint_end(&w->client);
}

/* ---- under a call of the channel's life ---------------------------------- */

static void complete_later(void *endpoint)
{
    endpoint_complete_all(endpoint);
}

/* A pair whose client holds a packet, so that it cannot be suspended yet. */
static struct raw_host *holding(struct world *w)
{
    struct raw_host *h = raw_pair(w, 2);

    w->client.hold = true;
    raw_host_give(h, 0, 1);
    world_run(w);
    CHECK_EQ(w->client.held_count, 1);
    return h;
}

static void start_again(void *world)
{
    VmbChannelStart(((struct world *)world)->client.ch);
}

static void start_under_pause(struct world *w)
{
    struct raw_host *h = holding(w);

    world_call_later(w, 5, start_again, w);
    VmbChannelPause(w->client.ch);
    CHECK_TEXT(w->client.trace, "OSPX"); /* it did not wait for the packet */
    endpoint_complete_all(&w->client);
    world_run(w);
    CHECK_TEXT(w->client.trace, "OSPXSP");
    raw_end(w, h);
}

static NTSTATUS enabled;

static void enable_again(void *world)
{
    enabled = VmbChannelEnable(((struct world *)world)->client.ch);
}

/* Disabled is reached inside the wait, and enabled again before it is seen. */
static void closed_and_enable(struct endpoint *e)
{
    world_call_later(e->w, 0, enable_again, e->w);
}

static void enable_under_disable(struct world *w)
{
    struct raw_host *h = holding(w);

    enabled = STATUS_SUCCESS;
    w->client.on_closed = closed_and_enable;
    world_call_later(w, 5, complete_later, &w->client);
    world_call_later(w, 4, enable_again, w);
    VmbChannelDisable(w->client.ch);
    CHECK_STATUS(enabled, STATUS_INVALID_DEVICE_STATE);
    raw_end(w, h);
}

static void disable_and_clean(void *world)
{
    struct world *w = world;

    complete_later(&w->client);
    VmbChannelDisable(w->client.ch);
    CHECK_ASSERTS(w, "VmbChannelPause of this channel is still on the stack",
                  VmbChannelCleanup(w->client.ch));
    refused++;
}

static void cleanup_under_pause(struct world *w)
{
    struct raw_host *h = holding(w);

    refused = 0;
    world_call_later(w, 5, disable_and_clean, w);
    VmbChannelPause(w->client.ch);
    CHECK_EQ(refused, 1);
    raw_end(w, h);
}

/* ---- over two channels --------------------------------------------------- */

static struct endpoint other;
static jmp_buf found;

/* On the stack of the packet callback of `other`: that waits for the client,
 * whose EvtChannelPostStarted waits for `other`. */
static void disable_client(void *world)
{
    struct world *w = world;

    world_seam(w)->strand = 2;
    CHECK_ASSERTS(w, "would wait for a callback of the channel",
                  VmbChannelDisable(w->client.ch));
    CHECK(world_logged(w, "waits in VmbChannelDisable"));
    longjmp(found, 1); /* the two would wait for ever */
}

static void disable_other(struct endpoint *e)
{
    world_call_later(e->w, 1, disable_client, e->w);
    VmbChannelDisable(other.ch);
}

/* The client opens while this callback waits, on a stack of its own. */
static void open_client(struct endpoint *e, VMBPACKETCOMPLETION pc)
{
    struct world *w = e->w;

    (void)pc;
    world_seam(w)->strand = 1;
    w->client.on_post_started = disable_other;
    endpoint_enable(&w->client);
    check_failed(__FILE__, __LINE__, "the client's callback returned");
}

static void circle_of_two(struct world *w)
{
    struct raw_host *h = raw_host_offer(w, &test_instance);
    struct raw_host *second;

    client_make(w, &other);
    VmbChannelSetIncomingProcessingAtPassive(other.ch, TRUE);
    endpoint_enable(&other);
    second = raw_host_offer(w, &other_instance);
    client_make(w, &w->client);
    other.on_packet = open_client;
    if (!setjmp(found)) {
        world_seam(w)->strand = 2;
        raw_host_give(h, 0, 1);
        world_run(w);
    }
    CHECK(second);
    world_abandon(w);
}

/* ---- time passes between two looks at the clock -------------------------- */

/* The wait lasts until the time of day that was given, or longer. */
static void absolute_is_never_early(struct world *w)
{
    struct raw_host *h = raw_pair(w, 2);
    struct seam *s = world_seam(w);
    uint64_t due = s->now + 100 * SEAM_MS;
    LARGE_INTEGER limit = {.QuadPart = TESTS_EPOCH + (int64_t)due};

    s->tick = 5 * SEAM_MS;
    CHECK_STATUS(ask(w->client.ch, WAIT, &limit), STATUS_CANCELLED);
    s->tick = 0;
    CHECK(s->now >= due);
    raw_end(w, h);
}

const struct test kmcl_tests_waits[] = {
    {51,
     "VmbChannelDisable in the wait of a GPADL call is asserted, with both "
     "names",
     disable_under_gpadl},
    {50, "VmbChannelStart in the wait of VmbChannelPause ends that wait",
     start_under_pause},
    {45, "VmbChannelEnable in the wait of VmbChannelDisable is refused",
     enable_under_disable},
    {57, "VmbChannelCleanup in the wait of VmbChannelPause is asserted",
     cleanup_under_pause},
    {58, "two callbacks that would wait for each other's channel are asserted",
     circle_of_two},
    {97, "a request with an absolute timeout does not end before that time",
     absolute_is_never_early},
    {0, NULL, NULL},
};
