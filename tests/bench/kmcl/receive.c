/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Measures what an in-band packet of the host's costs that the application's
 * callback answers at once: from the channel's event function to its return,
 * with the answer of 64 bytes written and committed. The callback itself does
 * nothing else.
 */
#include "bench.h"
#include "inside.h"
#include "vmbus/ring_wire.h"

static uint32_t answered;

static VOID answer(VMBCHANNEL ch, VMBPACKETCOMPLETION pc, PVOID buffer,
                   UINT32 size, UINT32 flags)
{
    (void)ch;
    (void)flags;
    answered++;
    VmbChannelPacketComplete(pc, buffer, size);
}

/* Configured before the channel is enabled. */
void bench_receive_configure(VMBCHANNEL ch)
{
    CHECK_EQ(VmbChannelInitSetProcessPacketCallbacks(ch, answer, NULL), 0);
}

void bench_receive(struct world *w, struct raw_host *h)
{
    static const uint8_t bytes[64];
    struct raw_packet got;

    (void)w;
    raw_host_in(h)[2] = 1; /* the host wants no signal */
    for (uint32_t i = 0; i < ROUNDS; i++) {
        CHECK_EQ(raw_host_send_quietly(h, RING_PACKET_IN_BAND,
                                       RING_FLAG_COMPLETION_REQUESTED, i + 1,
                                       bytes, sizeof(bytes)),
                 0);
        count_receive(w->client.ch);
        CHECK(raw_host_read(h, &got));
        CHECK_EQ(got.type, RING_PACKET_COMPLETION);
        CHECK_EQ(got.transaction, i + 1);
    }
    CHECK_EQ(answered, ROUNDS);
}
