/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Measures one more request, and one more answer, while 10,000 requests wait
 * for theirs. The host answers in an order that is neither that of sending nor
 * its reverse.
 */
#include <stdlib.h>

#include "bench.h"
#include "inside.h"

#define IN_FLIGHT 10000u
/* Prime to 10,000, so that all are answered; not near 0 or 10,000. */
#define STRIDE 3907u

static VMBPACKET packets[IN_FLIGHT];
static uint64_t transactions[IN_FLIGHT];
static VMBPACKET ended;

static VOID note(VMBPACKET packet, NTSTATUS status, PVOID buffer, UINT32 size)
{
    (void)status;
    (void)buffer;
    (void)size;
    ended = packet;
}

/* Sends the packet at `at` and keeps the number that the host saw. */
static void send_one(struct raw_host *h, uint32_t at, bool counted)
{
    static uint8_t bytes[64];
    struct raw_packet got;

    CHECK_EQ(counted ? count_send_crowded(packets[at], bytes)
                     : VmbPacketSend(packets[at], bytes, 64, NULL, WAIT),
             0);
    CHECK(raw_host_read(h, &got));
    transactions[at] = got.transaction;
}

static void answer_one(struct world *w, struct raw_host *h, uint32_t at,
                       bool counted)
{
    static const uint8_t bytes[64];

    ended = NULL;
    raw_host_complete_quietly(h, transactions[at], bytes, sizeof(bytes));
    if (counted)
        count_event_crowded(w->client.ch);
    else
        count_nothing(w->client.ch);
    CHECK(ended == packets[at]);
}

void bench_in_flight(struct world *w, struct raw_host *h)
{
    uint32_t at = 0;

    for (uint32_t i = 0; i < IN_FLIGHT; i++) {
        packets[i] = VmbPacketAllocate(w->client.ch);
        CHECK(packets[i]);
        VmbPacketSetCompletionRoutine(packets[i], note);
        send_one(h, i, false);
    }
    for (uint32_t i = 0; i < ROUNDS; i++) {
        at = (at + STRIDE) % IN_FLIGHT;
        answer_one(w, h, at, true);
        send_one(h, at, true);
    }
    for (uint32_t i = 0; i < IN_FLIGHT; i++) {
        answer_one(w, h, i, false);
        VmbPacketFree(packets[i]);
    }
}
