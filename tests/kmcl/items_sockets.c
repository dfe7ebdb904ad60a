/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Clients of hv_sock (kmcl/sockets.h): asking for a connection, taking those of
 * the host, and what a host that has withdrawn the channel had sent.
 */
#include "harness.h"
#include "raw.h"

#include "kmcl/sockets.h"
#include "vmbus/ring_wire.h"

static unsigned answers;
static NTSTATUS answer;

static VOID answered(PVOID context, NTSTATUS status)
{
    CHECK(context == &answers);
    answers++;
    answer = status;
}

static void pipe_client(struct world *w, const GUID *instance)
{
    answers = 0;
    client_make(w, &w->client);
    CHECK_STATUS(
        VmbChannelInitSetFlags(w->client.ch, VMBUS_CHANNEL_INIT_FLAG_IS_PIPE),
        STATUS_SUCCESS);
    if (instance)
        CHECK_STATUS(VmbClientChannelInitSetTargetPnp(w->client.ch, &test_type,
                                                      instance, NULL),
                     STATUS_SUCCESS);
}

static void socket_server(struct world *w, bool host_connects)
{
    server_make(w, &w->server, &test_instance);
    CHECK_STATUS(
        VmbServerChannelInitSetFlags(
            w->server.ch, VMBUS_SERVER_CHANNEL_INIT_FLAG_TLNPI_PROVIDER_OFFER),
        STATUS_SUCCESS);
    CHECK_STATUS(
        VmbChannelInitSetFlags(w->server.ch, VMBUS_CHANNEL_INIT_FLAG_IS_PIPE),
        STATUS_SUCCESS);
    CHECK_STATUS(kmcl_server_set_connects(w->server.ch, host_connects),
                 STATUS_SUCCESS);
}

static NTSTATUS ask(struct world *w)
{
    return kmcl_client_ask(w->client.ch, answered, &answers);
}

/* ---- asking -------------------------------------------------------------- */

/* The host of the tests has no services. */
static void refused(struct world *w)
{
    pipe_client(w, &test_instance);
    endpoint_enable(&w->client);
    CHECK_STATUS(ask(w), STATUS_SUCCESS);
    CHECK_STATUS(ask(w), STATUS_INVALID_DEVICE_STATE); /* not twice at a time */
    world_run(w);
    CHECK_EQ(answers, 1);
    CHECK_STATUS(answer, STATUS_CONNECTION_REFUSED);
    CHECK_STATUS(ask(w), STATUS_SUCCESS);
    endpoint_end(&w->client); /* the answer does not need it */
    CHECK_EQ(answers, 2);
    CHECK_TEXT(w->client.trace, "");
}

/* The offer is on its way when the guest asks: it is the answer. Where time
 * goes by, the offer may have arrived before that, and then the host refuses.
 */
static void granted(struct world *w)
{
    if (!world_is_virtual(w))
        return;
    pipe_client(w, &test_instance);
    CHECK_STATUS(VmbChannelEnable(w->client.ch), STATUS_SUCCESS);
    socket_server(w, false);
    server_start(&w->server);
    CHECK_STATUS(ask(w), STATUS_SUCCESS);
    world_run(w);
    CHECK_EQ(answers, 1);
    CHECK_STATUS(answer, STATUS_SUCCESS);
    CHECK_TEXT(w->client.trace, "OSP");
    pair_end(w);
}

static void cannot_ask(struct world *w)
{
    pair_make(w);
    CHECK_STATUS(ask(w), STATUS_INVALID_PARAMETER_1); /* any instance */
    CHECK_STATUS(kmcl_client_ask(w->server.ch, answered, NULL),
                 STATUS_INVALID_PARAMETER_1);
    CHECK_STATUS(kmcl_client_ask(NULL, answered, NULL),
                 STATUS_INVALID_PARAMETER_1);
    CHECK_STATUS(VmbClientChannelInitSetTargetPnp(w->client.ch, &test_type,
                                                  &test_instance, NULL),
                 STATUS_SUCCESS);
    world_fail_allocation(w, 1);
    CHECK_STATUS(ask(w), STATUS_INSUFFICIENT_RESOURCES);
    world_fail_allocation(w, 0);
    pair_end(w);
}

/* ---- accepting ----------------------------------------------------------- */

/* Connections that the guest asked for are of the same type, and not taken,
 * whether they were there before the client or come after it. */
static void accepts(struct world *w, bool before, bool host_connects)
{
    pipe_client(w, NULL);
    CHECK_STATUS(kmcl_client_set_accepts(w->client.ch, TRUE), STATUS_SUCCESS);
    socket_server(w, host_connects);
    if (!before)
        CHECK_STATUS(VmbChannelEnable(w->client.ch), STATUS_SUCCESS);
    server_start(&w->server);
    world_run(w);
    if (before)
        CHECK_STATUS(VmbChannelEnable(w->client.ch), STATUS_SUCCESS);
    world_run(w);
    CHECK_TEXT(w->client.trace, host_connects ? "OSP" : "");
    pair_end(w);
}

static void accepts_after(struct world *w)
{
    accepts(w, false, true);
}

static void accepts_before(struct world *w)
{
    accepts(w, true, true);
}

static void leaves_after(struct world *w)
{
    accepts(w, false, false);
}

static void leaves_before(struct world *w)
{
    accepts(w, true, false);
}

/* Another device of the type says nothing of connections. */
static void leaves_device(struct world *w)
{
    pair_make(w);
    CHECK_STATUS(kmcl_client_set_accepts(w->server.ch, TRUE),
                 STATUS_INVALID_PARAMETER_1);
    CHECK_STATUS(kmcl_client_set_accepts(w->client.ch, TRUE), STATUS_SUCCESS);
    CHECK_STATUS(kmcl_server_set_connects(w->server.ch, TRUE), STATUS_SUCCESS);
    server_start(&w->server);
    endpoint_enable(&w->client);
    CHECK_TEXT(w->client.trace, "");
    CHECK_STATUS(kmcl_client_set_accepts(w->client.ch, FALSE),
                 STATUS_INVALID_PARAMETER_1); /* enabled */
    VmbChannelDisable(w->client.ch);
    CHECK_STATUS(kmcl_client_set_accepts(w->client.ch, FALSE), STATUS_SUCCESS);
    endpoint_enable(&w->client);
    CHECK_TEXT(w->client.trace, "OSP");
    pair_end(w);
}

/* ---- what was not delivered ---------------------------------------------- */

#define SENT 300u /* more than KMCL reads ahead */

static unsigned found;
static bool wrong;

/* The packets continue where delivery had stopped. */
static void take_rest(struct endpoint *e)
{
    struct kmcl_rest rest;
    uint32_t number;

    /* Completes what it held, as every driver must. */
    endpoint_complete_all(e);
    while (kmcl_client_rest(e->ch, &rest)) {
        memcpy(&number, rest.buffer, sizeof(number));
        wrong |= rest.size != sizeof(number) || number != e->packets + found;
        found++;
        VmbChannelPacketComplete(rest.packet, NULL, 0);
    }
}

static uint32_t send_many(struct raw_host *h, uint32_t count)
{
    uint32_t number = 0;

    for (; number < count; number++) {
        const uint32_t frame[4] = {1, 4, number, 0};

        if (raw_host_send(h, RING_PACKET_IN_BAND, 0, 0, frame, 16))
            break;
    }
    return number;
}

/* A client that holds packets to its quota, and a host that goes. */
static uint32_t withdrawn(struct world *w, uint32_t count)
{
    struct raw_host *h = raw_host_offer(w, &test_instance);
    uint32_t sent;

    found = 0;
    wrong = false;
    pipe_client(w, NULL);
    CHECK_STATUS(
        VmbClientChannelInitSetRingBufferPageCount(w->client.ch, 16, 2),
        STATUS_SUCCESS);
    w->client.hold = true;
    w->client.on_suspend = take_rest;
    VmbChannelSetTransactionQuota(w->client.ch, 2);
    endpoint_enable(&w->client);
    sent = send_many(h, count);
    raw_host_withdraw(h);
    world_run(w);
    CHECK(!wrong);
    CHECK_TEXT(w->client.trace, "OSPXC");
    endpoint_end(&w->client);
    return sent;
}

static void rest_of_all(struct world *w)
{
    CHECK_EQ(withdrawn(w, SENT), SENT);
    CHECK_EQ(w->client.packets, 2);
    CHECK_EQ(found, SENT - 2);
}

static void rest_of_nothing(struct world *w)
{
    CHECK_EQ(withdrawn(w, 1), 1);
    CHECK_EQ(w->client.packets, 1);
    CHECK_EQ(found, 0);
}

/* It is the client that goes, so the host may still write. */
static void rest_of_disable(struct world *w)
{
    struct raw_host *h = raw_host_offer(w, &test_instance);

    found = 0;
    pipe_client(w, NULL);
    w->client.hold = true;
    w->client.on_suspend = take_rest;
    VmbChannelSetTransactionQuota(w->client.ch, 2);
    endpoint_enable(&w->client);
    CHECK_EQ(send_many(h, 10), 10);
    world_run(w);
    VmbChannelDisable(w->client.ch);
    CHECK_EQ(found, 0);
    raw_end(w, h);
}

static void rest_outside(struct world *w)
{
    struct kmcl_rest rest;

    pipe_client(w, NULL);
    CHECK_ASSERTS(w, "inside EvtChannelSuspend",
                  (void)kmcl_client_rest(w->client.ch, &rest));
    world_abandon(w);
}

const struct test kmcl_tests_sockets[] = {
    {0, "a connection that the host refuses ends with its status", refused},
    {0, "an offer grants a connection, and its client opens", granted},
    {0, "only a client of one instance asks for a connection", cannot_ask},
    {0, "a client takes a connection that the host asks for", accepts_after},
    {0, "... also one that was there before the client", accepts_before},
    {0, "a client leaves connections that the guest asked for", leaves_after},
    {0, "... also one that was there before the client", leaves_before},
    {0, "a client that accepts leaves other devices of the type",
     leaves_device},
    {0, "what a host sent before it withdrew the channel can be read",
     rest_of_all},
    {0, "nothing is left of a withdrawn channel that was read",
     rest_of_nothing},
    {0, "a client that leaves by itself reads nothing", rest_of_disable},
    {0, "what is left can be read inside EvtChannelSuspend only", rest_outside},
    {0, NULL, NULL},
};
