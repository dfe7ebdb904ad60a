/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Acceptance item 145: interrupt latency.
 */
#include "harness.h"
#include "raw.h"

static void latency_works(struct endpoint *e)
{
    UINT16 original = 0;

    CHECK_STATUS(VmbChannelSetInterruptLatency(e->ch, 500, &original),
                 STATUS_SUCCESS);
    CHECK_STATUS(VmbChannelSetInterruptLatency(e->ch, 700, &original),
                 STATUS_SUCCESS);
    CHECK_EQ(original, 500);
    CHECK_STATUS(VmbChannelSetInterruptLatency(e->ch, 500, NULL),
                 STATUS_SUCCESS);
    e->context = (uint8_t *)e->context + 1;
}

static void item_145(struct world *w)
{
    struct raw_host *h;

    raw_host_monitor(NULL);
    h = raw_host_offer(w, &test_instance);
    client_make(w, &w->client);
    CHECK_STATUS(VmbChannelSetInterruptLatency(w->client.ch, 1, NULL),
                 STATUS_INVALID_DEVICE_STATE);
    w->client.on_opened = latency_works;
    w->client.on_started = latency_works;
    w->client.on_suspend = latency_works;
    w->client.on_closed = latency_works;
    endpoint_enable(&w->client);
    latency_works(&w->client);
    VmbChannelDisable(w->client.ch);
    CHECK_EQ((uintptr_t)w->client.context, 5);
    CHECK_STATUS(VmbChannelSetInterruptLatency(w->client.ch, 1, NULL),
                 STATUS_INVALID_DEVICE_STATE);
    raw_end(w, h);
}

static void change_when_closed(struct endpoint *e)
{
    CHECK_STATUS(VmbChannelSetInterruptLatency(e->ch, 900, NULL),
                 STATUS_SUCCESS);
}

/* What was set last holds for the next opening, though the page had 300. */
static void item_145_again(struct world *w)
{
    UINT16 original = 0;
    struct raw_host *h;

    raw_host_monitor(NULL);
    h = raw_host_offer(w, &test_instance);
    client_make(w, &w->client);
    w->client.on_closed = change_when_closed;
    endpoint_enable(&w->client);
    CHECK_STATUS(VmbChannelSetInterruptLatency(w->client.ch, 300, NULL),
                 STATUS_SUCCESS);
    VmbChannelDisable(w->client.ch);
    endpoint_enable(&w->client);
    CHECK_STATUS(VmbChannelSetInterruptLatency(w->client.ch, 1, &original),
                 STATUS_SUCCESS);
    CHECK_EQ(original, 900);
    raw_end(w, h);
}

static void item_145_none(struct world *w)
{
    pair_run(w);
    CHECK_STATUS(VmbChannelSetInterruptLatency(w->client.ch, 1, NULL),
                 STATUS_NOT_SUPPORTED);
    CHECK_STATUS(VmbChannelSetInterruptLatency(w->server.ch, 1, NULL),
                 STATUS_NOT_SUPPORTED);
    CHECK_STATUS(VmbChannelSetInterruptLatency(NULL, 1, NULL),
                 STATUS_INVALID_PARAMETER_1);
    pair_end(w);
}

static void latency_at_close(struct endpoint *e)
{
    CHECK_STATUS(VmbChannelSetInterruptLatency(e->ch, 500, NULL),
                 STATUS_NOT_SUPPORTED);
    e->context = e;
}

static void latency(struct world *w)
{
    pair_make(w);
    CHECK_STATUS(VmbChannelSetInterruptLatency(w->server.ch, 500, NULL),
                 STATUS_NOT_SUPPORTED); /* not a matter of state */
    w->client.on_closed = latency_at_close;
    pair_run(w);
    VmbChannelDisable(w->client.ch);
    CHECK(w->client.context);
    pair_end(w);
}

const struct test kmcl_tests_latency[] = {
    {145, "the interrupt latency can be set from Opened to Closed", item_145},
    {145, "the latency that was set last holds for the next opening",
     item_145_again},
    {145, "setting a latency without a monitor is not supported",
     item_145_none},
    {145, "a server, and a client without a monitor, refuse a latency",
     latency},
    {0, NULL, NULL},
};
