/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Callbacks that wait, and what goes on meanwhile: other channels open, close
 * and are disabled, and messages of the guest are handled.
 */
#include "kmcl/types.h"
#include "raw.h"
#include "runner.h"
#include "vmbus/vmbus.h"

static struct {
    struct endpoint second;
    uint32_t step; /* how many looks were taken */
} d;

/* A guest that reads nothing. */
static enum vmbus_event_result read_nothing(void *arg)
{
    (void)arg;
    return VMBUS_EVENT_LEFT;
}

static void make_both(struct world *w)
{
    memset(&d, 0, sizeof(d));
    client_make(w, &w->client);
    client_make(w, &d.second);
    CHECK_STATUS(VmbClientChannelInitSetTargetPnp(w->client.ch, &test_type,
                                                  &test_instance, NULL),
                 STATUS_SUCCESS);
    CHECK_STATUS(VmbClientChannelInitSetTargetPnp(d.second.ch, &test_type,
                                                  &other_instance, NULL),
                 STATUS_SUCCESS);
    world_run(w);
}

/* With a host that does not answer. */
static void ask_in_vain(struct endpoint *e)
{
    LARGE_INTEGER limit = {.QuadPart = -(int64_t)(60 * SEAM_S)};
    uint64_t v = 1;

    CHECK_STATUS(VmbChannelSendSynchronousRequest(e->ch, &v, 8, NULL, WAIT,
                                                  NULL, NULL, &limit),
                 STATUS_CANCELLED);
}

static void look_at_second(void *arg)
{
    (void)arg;
    CHECK_TEXT(d.second.trace, "OSP");
    d.step++;
}

/* Two clients open, and both opens are answered together. The first one runs
 * `post_started`; `look` is called a second later, if it is not NULL. Exactly
 * one of these two functions counts a step. */
static void open_both(struct world *w, void (*post_started)(struct endpoint *e),
                      void (*look)(void *arg))
{
    struct raw_host *h1 = raw_host_offer(w, &test_instance);
    struct raw_host *h2 = raw_host_offer(w, &other_instance);

    make_both(w);
    w->client.on_post_started = post_started;
    CHECK_STATUS(VmbChannelEnable(w->client.ch), STATUS_SUCCESS);
    CHECK_STATUS(VmbChannelEnable(d.second.ch), STATUS_SUCCESS);
    if (look)
        world_call_later(w, 1000, look, NULL);
    world_run(w);
    CHECK_EQ(d.step, 1);
    endpoint_end(&d.second);
    endpoint_end(&w->client);
    raw_host_withdraw(h1);
    raw_host_withdraw(h2);
}

/* The first client waits in its EvtChannelPostStarted for a host that does not
 * answer. */
static void waiting_callback_and_opens(struct world *w)
{
    open_both(w, ask_in_vain, look_at_second);
}

static void disable_second(struct endpoint *e)
{
    (void)e;
    VmbChannelDisable(d.second.ch);
    d.step++;
}

static void waiting_callback_and_disable(struct world *w)
{
    open_both(w, disable_second, NULL);
}

static bool never(void *arg)
{
    (void)arg;
    return false;
}

static void wait_long(struct endpoint *e)
{
    struct seam *s = world_seam(e->w);

    (void)seam_wait(s, never, NULL, seam_now(s) + 30 * SEAM_S, "something");
}

static void look_at_server(void *arg)
{
    (void)arg;
    CHECK_TEXT(d.second.trace, "OSP");
    d.step++;
}

static void opened(void *arg, int status, uint32_t host_status)
{
    (void)arg, (void)host_status;
    CHECK_EQ(status, 0);
}

/* A guest closes one channel and opens another at once; the first server waits
 * in its EvtChannelSuspend. */
static void waiting_server_and_messages(struct world *w)
{
    struct vmbus_open open = {.tx_pages = 1,
                              .rx_pages = 1,
                              .event = read_nothing,
                              .timeout = 100 * SEAM_S};
    struct vmbus_channel *a, *b;

    memset(&d, 0, sizeof(d));
    server_make(w, &w->server, &test_instance);
    server_make(w, &d.second, &other_instance);
    server_start(&w->server);
    server_start(&d.second);
    world_run(w);
    a = vmbus_bus_next(world_bus(w), NULL);
    b = vmbus_bus_next(world_bus(w), a);
    CHECK(!vmbus_channel_claim(a) && !vmbus_channel_claim(b));
    CHECK_EQ(vmbus_channel_open(a, &open), 0);
    w->server.on_suspend = wait_long;
    CHECK_EQ(vmbus_channel_close_start(a, opened, NULL), 0);
    CHECK_EQ(vmbus_channel_open_start(b, &open, opened, NULL), 0);
    world_call_later(w, 1000, look_at_server, NULL);
    world_run(w);
    world_advance(w, 1000);
    CHECK_EQ(d.step, 1);
    CHECK_EQ(vmbus_channel_close(b), 0);
    vmbus_channel_unclaim(a);
    vmbus_channel_unclaim(b);
    endpoint_end(&d.second);
    endpoint_end(&w->server);
}

const struct test kmcl_tests_callbacks[] = {
    {38, "a callback that waits keeps no other channel from opening",
     waiting_callback_and_opens},
    {51, "a state callback can disable another channel that is opening",
     waiting_callback_and_disable},
    {46, "a server that waits keeps no message of the guest's from another",
     waiting_server_and_messages},
    {0, NULL, NULL},
};
