/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Measures what a KMCL packet costs its client, from VmbPacketSend to the end
 * of its (empty) completion routine, and in receive.c and in_flight.c what
 * others cost. callgrind counts instructions. count.py takes those of the
 * functions count_NAME() of inside.c, callees included.
 *
 * The other end is a raw host that masks signals, so the figure has no work of
 * a peer. A lock only stores and restores a level, as on a single processor.
 */
#include <stdio.h>
#include <stdlib.h>

#include "bench.h"
#include "inside.h"

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

/* Counts the copied bytes of a packet with 256 KiB of external data. The ring
 * code and kmcl/ copy only by memcpy and memmove, and never from the data
 * itself. */
static void external(struct world *w, struct raw_host *h)
{
    VMBPACKET packet = VmbPacketAllocate(w->client.ch);
    uint32_t before = raw_host_in(h)[0], after;
    PMDL mdl = mdl_of(world_pages(w, 64), 64 * 4096);
    uint32_t wire = 16 + 8 + 8 + 64 * 8 + 64 + 8;
    uint8_t bytes[64] = {0};

    CHECK_EQ(VmbPacketSend(packet, bytes, 64, mdl, 1), 0);
    after = raw_host_in(h)[0];
    /* The bytes in the ring besides descriptor, frames and inline bytes. */
    figure("external_mdl.256k.copied_bytes",
           (after - before + (after < before ? 65536 : 0)) - wire, "bytes");
    VmbChannelDisable(w->client.ch); /* KMCL frees the packet */
    IoFreeMdl(mdl);
}

int main(void)
{
    struct world *w = world_create();
    struct raw_host *h = raw_host_offer(w, &test_instance);

    client_make(w, &w->client);
    bench_receive_configure(w->client.ch);
    CHECK_EQ(VmbChannelInitSetMaximumExternalData(w->client.ch, 1 << 20, 1), 0);
    CHECK_EQ(VmbClientChannelInitSetRingBufferPageCount(w->client.ch, 16, 16),
             0);
    CHECK_EQ(VmbChannelEnable(w->client.ch), 0);
    world_run(w);
    sends(w, h);
    bench_receive(w, h);
    bench_in_flight(w, h);
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
