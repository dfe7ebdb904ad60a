/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a KMCL packet costs its client: VmbPacketSend to the end of its
 * (empty) completion routine. callgrind counts; count.py takes what
 * count_send() and the channel's event function spent with all below them.
 *
 * The other end is a raw host that masks signals, so that no peer's work is in
 * the figure. Locks and levels cost what a single processor needs for them:
 * a level stored and given back.
 */
#include <stdio.h>
#include <stdlib.h>

#include "inside.h"
#include "tests/kmcl/raw.h"
#include "tests/kmcl/runner.h"

#define ROUNDS     2000u
#define NOT_INLINE __attribute__((noinline))

/* ---- what is counted --------------------------------------------------------
 */

static uint32_t ended;

static VOID nothing(VMBPACKET packet, NTSTATUS status, PVOID buffer,
                    UINT32 size)
{
    (void)packet;
    (void)status;
    (void)buffer;
    (void)size;
    ended++;
}

NOT_INLINE NTSTATUS count_send(VMBPACKET packet, PVOID buffer)
{
    return VmbPacketSend(packet, buffer, 64, NULL,
                         VMBUS_CHANNEL_FORMAT_FLAG_WAIT_FOR_COMPLETION);
}

static void figure(const char *name, unsigned long long value, const char *unit)
{
    printf("kmcl.%s\t%llu\t%s\n", name, value, unit);
}

static void sends(struct world *w, struct raw_host *h)
{
    VMBPACKET packet = VmbPacketAllocate(w->client.ch);
    static uint8_t answer[64];
    struct raw_packet got;
    uint64_t before;

    VmbPacketSetCompletionRoutine(packet, nothing);
    raw_host_in(h)[2] = 1;
    before = world_allocations(w);
    for (uint32_t i = 0; i < ROUNDS; i++) {
        CHECK_EQ(count_send(packet, answer), 0);
        CHECK(raw_host_read(h, &got));
        raw_host_complete_quietly(h, got.transaction, answer, 64);
        count_event(w->client.ch);
    }
    CHECK_EQ(ended, ROUNDS);
    figure("allocations_per_send", world_allocations(w) - before, "calls");
    VmbPacketFree(packet);
}

/* 256 KiB lent: what of it was copied. The ring code and kmcl/ copy only by
 * memcpy's kin; the data itself is never given to them as a source. */
static void external(struct world *w, struct raw_host *h)
{
    VMBPACKET packet = VmbPacketAllocate(w->client.ch);
    uint32_t before = raw_host_in(h)[0], after;
    PMDL mdl = mdl_of(world_pages(w, 64), 64 * 4096);
    uint32_t wire = 16 + 8 + 8 + 64 * 8 + 64 + 8;
    uint8_t bytes[64] = {0};

    CHECK_EQ(VmbPacketSend(packet, bytes, 64, mdl, 1), 0);
    after = raw_host_in(h)[0];
    /* What went into the ring beyond descriptor, frames and inline bytes. */
    figure("external_mdl.256k.copied_bytes",
           (after - before + (after < before ? 65536 : 0)) - wire, "bytes");
    VmbChannelDisable(w->client.ch); /* the packet frees itself */
    IoFreeMdl(mdl);
}

int main(void)
{
    struct world *w = world_create();
    struct raw_host *h = raw_host_offer(w, &test_instance);

    client_make(w, &w->client);
    CHECK_EQ(VmbChannelInitSetMaximumExternalData(w->client.ch, 1 << 20, 1), 0);
    CHECK_EQ(VmbClientChannelInitSetRingBufferPageCount(w->client.ch, 16, 16),
             0);
    CHECK_EQ(VmbChannelEnable(w->client.ch), 0);
    world_run(w);
    sends(w, h);
    external(w, h);
    figure("channel.bytes", channel_bytes(), "bytes");
    CHECK_EQ(VmbChannelInitSetMaximumExternalData(w->client.ch, 4096, 1), 0);
    CHECK_EQ(VmbChannelInitSetMaximumPacketSize(w->client.ch, 64), 0);
    figure("packet.64.bytes", VmbChannelSizeofPacket(w->client.ch), "bytes");
    endpoint_end(&w->client);
    raw_host_withdraw(h);
    world_destroy(w);
    return 0;
}
