/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Many flows between two adapters, which have several channels: each flow keeps
 * its order, nothing is lost, and the channels are used both ways.
 */
#include "network.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "vmbare.h"

#define FLOWS 64u
#define EACH  8u
#define PORT  5001u

#define STEP_SECONDS    0.001
#define CHANNEL_SECONDS 60.0

static struct ends ends = {.from = {192, 0, 3, 0}, .to = {192, 0, 2, 2}};
/* Of each flow: the number that comes next. A flow is on one channel, and so on
 * one processor at a time. */
static uint32_t next[FLOWS];
static uint32_t out_of_order;

bool flows_await_channels(struct adapter *a, uint32_t count)
{
    uint64_t end = vmbare_after(CHANNEL_SECONDS);

    while (network_channels(&a->network) < count && vmbare_now() < end)
        vmbare_sleep(STEP_SECONDS);
    return network_channels(&a->network) == count;
}

/* A frame of this test; its data begin with its number. */
static bool is_flow(const uint8_t *b, uint32_t size)
{
    uint32_t flow, number;

    if (size < 46 || frame_get16(b + 12) != 0x0800 || b[23] != 17 ||
        memcmp(b + 26, ends.from, 3) || b[29] >= FLOWS)
        return false;
    /* The address says which flow it is, the data which frame of it. */
    flow = b[29];
    number = frame_get32(b + 42);
    if (number != next[flow])
        __atomic_fetch_add(&out_of_order, 1, __ATOMIC_RELAXED);
    next[flow] = number + 1;
    return true;
}

/* EACH frames of each flow, in turns. False: one is lost. */
static bool pass_round(struct adapter *a, struct adapter *b, uint32_t first)
{
    static struct frame f;
    const struct network_send_options o = {.more = true};

    __atomic_store_n(&b->inbox.count, 0, __ATOMIC_RELEASE);
    for (uint32_t i = 0; i < FLOWS * EACH; i++) {
        /* Address and port differ: hosts hash the ports of TCP alone. */
        uint16_t port = (uint16_t)(PORT + i % FLOWS);

        ends.from[3] = (uint8_t)(i % FLOWS);
        frame_put32(frame_udp(&f, &ends, port, PORT, 100), first + i / FLOWS);
        frame_udp_sum(&f);
        if (!NT_SUCCESS(adapter_send(a, &f, &o)))
            return false;
    }
    /* What still waits for another frame has none to wait for. */
    network_flush(&a->network);
    return adapter_await(b, FLOWS * EACH);
}

/* How many frames have gone and come on sub-channels. */
static void read_beside(struct adapter *a, struct adapter *b, uint64_t *sent,
                        uint64_t *received)
{
    struct network_statistics s;

    network_statistics(&a->network, &s);
    *sent = s.sent_beside;
    network_statistics(&b->network, &s);
    *received = s.received_beside;
}

/* The host tells us, and we tell it, of the channels when all are open; rounds
 * before that go on the primary. */
static bool pass_flows(struct adapter *a, struct adapter *b)
{
    uint64_t end = vmbare_after(CHANNEL_SECONDS), sent, received;
    uint32_t first = 0;

    do {
        if (!pass_round(a, b, first))
            return false;
        first += EACH;
        read_beside(a, b, &sent, &received);
    } while ((!sent || !received) && vmbare_now() < end);
    /* Only now no flow changes its channel any more. */
    out_of_order = 0;
    if (!pass_round(a, b, first))
        return false;
    read_beside(a, b, &sent, &received);
    printf("# network: on sub-channels %" PRIu64 " frames sent, %" PRIu64
           " received, %u out of order\n",
           sent, received, (unsigned)out_of_order);
    return sent && received && !out_of_order;
}

bool flows_talk(struct adapter *a, struct adapter *b, uint32_t channels)
{
    bool good =
        flows_await_channels(a, channels) && flows_await_channels(b, channels);

    memcpy(ends.mac_from, a->mac, 6);
    memcpy(ends.mac_to, b->mac, 6);
    /* From here on other frames do not count. */
    b->inbox.wants = is_flow;
    good = say_result(good, "both adapters have as many channels as expected");
    return say_result(pass_flows(a, b),
                      "64 flows arrive in their order on several channels") &&
           good;
}
