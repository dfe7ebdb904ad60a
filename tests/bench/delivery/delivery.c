/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the arrival of one lone packet of 64 bytes costs, from the interrupt
 * until the channel is at rest again.
 *
 * Three events are recorded, each on a channel that has handled the same
 * event twice before, so that nothing is done for the first time:
 *
 * packet   the host sends a packet; the client's packet callback is called
 * answer   the host completes a request; the client's completion routine is
 *          called
 * request  the guest sends a packet to a server of the host half; the
 *          server's packet callback is called
 *
 * The other end writes its ring directly, so that no work of a peer is in the
 * record. The application's routines call nothing: a packet is completed
 * after the record ends.
 */
#include <stdlib.h>

#include "counted.h"
#include "tests/kmcl/raw.h"
#include "tests/kmcl/runner.h"
#include "tests/peer/hosted.h"
#include "vmbus/host.h"
#include "vmbus/ring_wire.h"
#include "vmbus/vmbus.h"

#define WARM_UP 2u
#define SIZE    64u

static const uint8_t bytes[SIZE];

/* ---- the application's routines ----------------------------------------- */

static VMBPACKETCOMPLETION held;

static VOID packet_callback(VMBCHANNEL ch, VMBPACKETCOMPLETION pc, PVOID buffer,
                            UINT32 size, UINT32 flags)
{
    counted_routine();
    (void)ch;
    (void)buffer;
    (void)size;
    (void)flags;
    held = pc;
}

static VOID batch_callback(VMBCHANNEL ch, UINT32 packets)
{
    (void)ch;
    (void)packets;
}

static VOID answer_routine(VMBPACKET packet, NTSTATUS status, PVOID buffer,
                           UINT32 size)
{
    counted_routine();
    (void)packet;
    (void)status;
    (void)buffer;
    (void)size;
}

static void use_callbacks(VMBCHANNEL ch)
{
    CHECK_EQ(VmbChannelInitSetProcessPacketCallbacks(ch, packet_callback,
                                                     batch_callback),
             0);
}

static void complete_held(struct world *w)
{
    CHECK(held);
    VmbChannelPacketComplete(held, NULL, 0);
    held = NULL;
    world_run(w);
}

/* ---- the client --------------------------------------------------------- */

struct interrupt {
    struct vmbus_bus *bus;
    uint32_t relid;
};

static void interrupt(void *arg)
{
    const struct interrupt *i = arg;

    counted_start();
    vmbus_event_arrived(i->bus, i->relid);
}

/* Handles what was written to the ring of the only channel there is: from the
 * host's interrupt until nothing is left to do. */
static void handle(struct world *w)
{
    struct vmbus_channel *only = vmbus_bus_next(world_bus(w), NULL);
    struct interrupt i = {world_bus(w), vmbus_channel_offer(only)->relid};

    hosted_interrupt(world_seam(w), 0, interrupt, &i);
    world_run(w);
}

static void client_packet(struct world *w, struct raw_host *h)
{
    for (uint32_t i = 0; i <= WARM_UP; i++) {
        if (i)
            complete_held(w);
        CHECK_EQ(
            raw_host_send_quietly(h, RING_PACKET_IN_BAND, 0, 0, bytes, SIZE),
            0);
        handle(w);
    }
    counted_print("packet");
    complete_held(w);
}

static void client_answer(struct world *w, struct raw_host *h)
{
    VMBPACKET packet = VmbPacketAllocate(w->client.ch);
    struct raw_packet got;

    CHECK(packet);
    VmbPacketSetCompletionRoutine(packet, answer_routine);
    for (uint32_t i = 0; i <= WARM_UP; i++) {
        CHECK_EQ(
            VmbPacketSend(packet, (PVOID)(uintptr_t)bytes, SIZE, NULL, WAIT),
            0);
        world_run(w);
        CHECK(raw_host_read(h, &got));
        raw_host_complete_quietly(h, got.transaction, bytes, SIZE);
        handle(w);
    }
    counted_print("answer");
    VmbPacketFree(packet);
}

static void client_events(struct world *w)
{
    struct raw_host *h = raw_host_offer(w, &test_instance);

    client_make(w, &w->client);
    use_callbacks(w->client.ch);
    endpoint_enable(&w->client);
    CHECK(raw_host_is_open(h));
    client_packet(w, h);
    client_answer(w, h);
    raw_end(w, h);
}

/* ---- the server --------------------------------------------------------- */

static int (*signal_host)(void *peer, uint32_t connection, uint16_t flag);

/* The guest's signal, which reaches the host half. */
static int signalled(void *peer, uint32_t connection, uint16_t flag)
{
    counted_start();
    return signal_host(peer, connection, flag);
}

static void server_events(struct world *w)
{
    struct raw_guest *g;

    server_make(w, &w->server, &test_instance);
    use_callbacks(w->server.ch);
    server_start(&w->server);
    g = raw_guest_open(w);
    signal_host = world_seam(w)->signal;
    world_seam(w)->signal = signalled;
    for (uint32_t i = 0; i <= WARM_UP; i++) {
        if (i)
            complete_held(w);
        CHECK_EQ(raw_guest_send(g, RING_PACKET_IN_BAND, 0, 0, bytes, SIZE), 0);
        world_run(w);
    }
    counted_print("request");
    world_seam(w)->signal = signal_host;
    complete_held(w);
    raw_guest_end(w, g);
}

int main(void)
{
    struct world *w = world_create();

    client_events(w);
    server_events(w);
    world_destroy(w);
    return 0;
}
