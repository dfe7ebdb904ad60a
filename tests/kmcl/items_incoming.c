/*
 * Acceptance items G (104..120): incoming packets.
 */
#include "harness.h"

#include "ring_wire.h"

#define WAIT RING_FLAG_COMPLETION_REQUESTED

static struct raw_host *raw_pair(struct world *w)
{
    struct raw_host *h = raw_host_offer(w, &test_instance);

    client_make(w, &w->client);
    CHECK_STATUS(VmbClientChannelInitSetRingBufferPageCount(w->client.ch, 2, 2),
                 STATUS_SUCCESS);
    CHECK_STATUS(VmbChannelEnable(w->client.ch), STATUS_SUCCESS);
    world_run(w);
    return h;
}

static void raw_end(struct world *w, struct raw_host *h)
{
    endpoint_end(&w->client);
    raw_host_withdraw(h);
}

static void give(struct raw_host *h, uint16_t flags, uint64_t number)
{
    CHECK_EQ(
        raw_host_send(h, RING_PACKET_IN_BAND, flags, 1000 + number, &number, 8),
        0);
}

static void complete_all(struct endpoint *e)
{
    for (uint32_t i = 0; i < e->held_count; i++)
        VmbChannelPacketComplete(e->held[i], NULL, 0);
    e->held_count = 0;
}

static uint64_t order[64];

static void note_order(struct endpoint *e, VMBPACKETCOMPLETION pc, PVOID buffer,
                       UINT32 size, UINT32 flags)
{
    (void)flags;
    CHECK_EQ(size, 8);
    memcpy(&order[e->packets - 1], buffer, 8);
    VmbChannelPacketComplete(pc, NULL, 0);
}

static void item_104(struct world *w)
{
    struct raw_host *h = raw_pair(w);

    w->client.on_packet = note_order;
    for (uint64_t i = 0; i < 30; i++)
        give(h, 0, i);
    world_run(w);
    CHECK_EQ(w->client.packets, 30);
    for (uint64_t i = 0; i < 30; i++)
        CHECK_EQ(order[i], i);
    raw_end(w, h);
}

/* A pipe's frame header is not shown, and its length is exact. */
static void item_104_pipe(struct world *w)
{
    VMBPACKET p;

    pair_make(w);
    CHECK_STATUS(
        VmbChannelInitSetFlags(w->client.ch, VMBUS_CHANNEL_INIT_FLAG_IS_PIPE),
        STATUS_SUCCESS);
    CHECK_STATUS(
        VmbServerChannelInitSetFlags(
            w->server.ch, VMBUS_SERVER_CHANNEL_INIT_FLAG_OFFER_AS_PIPE),
        STATUS_SUCCESS);
    pair_run(w);
    CHECK_STATUS(send_plain(&w->client, "seven b", 7), STATUS_SUCCESS);
    world_run(w);
    CHECK_EQ(w->server.size, 7);
    CHECK(!memcmp(w->server.bytes, "seven b", 7));
    CHECK_STATUS(send_plain(&w->server, "abc", 3), STATUS_SUCCESS);
    world_run(w);
    CHECK_EQ(w->client.size, 3);
    p = VmbPacketAllocate(w->client.ch); /* no transactions in a pipe */
    CHECK_STATUS(VmbPacketSend(p, "x", 1, NULL,
                               VMBUS_CHANNEL_FORMAT_FLAG_WAIT_FOR_COMPLETION),
                 STATUS_INVALID_PARAMETER_5);
    VmbPacketFree(p);
    pair_end(w);
}

/* A frame that is no data, or says more than there is, is not delivered. */
static void item_104_bad_pipe(struct world *w)
{
    static const uint32_t frames[][2] = {{9, 4}, {1, 100}, {1, 0xffffffff}};
    struct raw_host *h = raw_host_offer(w, &test_instance);
    uint32_t good[4] = {1, 4, 0x64636261, 0};

    client_make(w, &w->client);
    CHECK_STATUS(
        VmbChannelInitSetFlags(w->client.ch, VMBUS_CHANNEL_INIT_FLAG_IS_PIPE),
        STATUS_SUCCESS);
    CHECK_STATUS(VmbChannelEnable(w->client.ch), STATUS_SUCCESS);
    world_run(w);
    for (int i = 0; i < 3; i++)
        CHECK_EQ(raw_host_send(h, RING_PACKET_IN_BAND, 0, 0, frames[i], 8), 0);
    world_run(w);
    CHECK_EQ(w->client.packets, 0);
    CHECK_EQ(kmcl_stats(w->kmcl)->bad_packets, 3);
    CHECK_EQ(raw_host_send(h, RING_PACKET_IN_BAND, 0, 0, good, 16), 0);
    world_run(w);
    CHECK_EQ(w->client.packets, 1);
    CHECK(!memcmp(w->client.bytes, "abcd", 4));
    raw_end(w, h);
}

/* Larger than what we send ourselves: read all the same. */
static void item_104_large(struct world *w)
{
    static uint8_t bytes[5000];
    struct raw_host *h = raw_pair(w);

    memset(bytes, 0x77, sizeof(bytes));
    CHECK_EQ(raw_host_send(h, RING_PACKET_IN_BAND, 0, 0, bytes, 5000), 0);
    world_run(w);
    CHECK_EQ(w->client.size, 5000);
    CHECK_EQ(w->client.bytes[4999], 0x77);
    raw_end(w, h);
}

/* No memory for it now: it stays in the ring, and a timer looks again. */
static void item_104_memory(struct world *w)
{
    static uint8_t bytes[5000];
    struct raw_host *h = raw_pair(w);

    give(h, 0, 1);
    world_run(w);
    world_fail_allocation(w, 1);
    CHECK_EQ(raw_host_send(h, RING_PACKET_IN_BAND, 0, 0, bytes, 5000), 0);
    world_run(w);
    world_fail_allocation(w, 0);
    world_advance(w, 15);
    CHECK_EQ(w->client.packets, 2);
    CHECK_EQ(w->client.size, 5000);
    raw_end(w, h);
}

/* What nobody knows is skipped, and not even answered. */
static void item_104_unknown(struct world *w)
{
    struct raw_host *h = raw_pair(w);
    struct raw_packet got;

    CHECK_EQ(raw_host_send(h, 0x77, WAIT, 5, "x", 1), 0);
    give(h, 0, 1);
    world_run(w);
    CHECK_EQ(w->client.packets, 1);
    CHECK_EQ(kmcl_stats(w->kmcl)->unknown_packets, 1);
    CHECK_EQ(kmcl_stats(w->kmcl)->bad_packets, 0);
    CHECK(!raw_host_read(h, &got));
    raw_end(w, h);
}

static void item_105(struct world *w)
{
    void *page = world_pages(w, 1);
    PMDL mdl = IoAllocateMdl(page, 100, FALSE, FALSE, NULL);
    struct sent s;

    MmBuildMdlForNonPagedPool(mdl);
    pair_run(w);
    sent_make(&w->client, &s);
    CHECK_STATUS(sent_send(&s, "x", 1, true), STATUS_SUCCESS);
    world_run(w);
    CHECK_EQ(w->server.flags, 0);
    CHECK_STATUS(VmbPacketSend(s.packet, "x", 1, mdl, 1), STATUS_SUCCESS);
    world_run(w);
    CHECK_EQ(w->server.flags, 1);
    sent_free(&s);
    IoFreeMdl(mdl);
    pair_end(w);
}

static void item_106(struct world *w)
{
    struct raw_host *h = raw_pair(w);
    struct raw_packet got;

    w->client.echo = true;
    give(h, 0, 1);
    world_run(w);
    CHECK(!raw_host_read(h, &got));
    give(h, WAIT, 2);
    world_run(w);
    CHECK(raw_host_read(h, &got));
    CHECK_EQ(got.type, RING_PACKET_COMPLETION);
    CHECK_EQ(got.flags, 0);
    CHECK_EQ(got.transaction, 1002);
    CHECK_EQ(got.size, 8);
    CHECK_EQ(got.body[0], 2);
    CHECK(!raw_host_read(h, &got));
    raw_end(w, h);
}

static void item_107(struct world *w)
{
    struct raw_host *h = raw_pair(w);
    struct raw_packet got;

    give(h, WAIT, 1);
    world_run(w);
    CHECK(raw_host_read(h, &got));
    CHECK_EQ(got.size, 0);
    raw_end(w, h);
}

static void item_108(struct world *w)
{
    struct raw_host *h = raw_pair(w);
    struct raw_packet got;
    KIRQL irql;

    w->client.hold = true;
    for (uint64_t i = 0; i < 3; i++)
        give(h, WAIT, i);
    world_run(w);
    CHECK_EQ(w->client.held_count, 3);
    VmbChannelPacketComplete(w->client.held[1], "at level", 8);
    KeRaiseIrql(DISPATCH_LEVEL, &irql);
    VmbChannelPacketComplete(w->client.held[2], "dispatch", 8);
    KeLowerIrql(irql);
    VmbChannelPacketComplete(w->client.held[0], NULL, 0);
    for (int i = 0; i < 3; i++) {
        static const uint64_t expected[] = {1001, 1002, 1000};

        CHECK(raw_host_read(h, &got));
        CHECK_EQ(got.transaction, expected[i]);
    }
    CHECK_ASSERTS(w, "complete it once",
                  VmbChannelPacketComplete(w->client.held[0], NULL, 0));
    CHECK_ASSERTS(w, "complete it once",
                  VmbChannelPacketComplete(NULL, NULL, 0));
    raw_end(w, h);
}

static void complete_foreign(struct world *w, int fill)
{
    static uint64_t memory[64];

    memset(memory, fill, sizeof(memory));
    CHECK_ASSERTS(
        w, "complete it once",
        VmbChannelPacketComplete((VMBPACKETCOMPLETION)(void *)memory, NULL, 0));
}

static void item_108_misuse(struct world *w)
{
    static uint8_t bytes[1025];
    struct raw_host *h = raw_pair(w);
    struct kmcl_wire wire;

    for (int fill = 0; fill < 8; fill++)
        complete_foreign(w, fill);
    CHECK_ASSERTS(w, "complete it once", VmbChannelPacketDeferToPassive(NULL));
    CHECK_ASSERTS(w, "complete it once", VmbChannelPacketFail(NULL));
    CHECK_ASSERTS(w, "not a packet", kmcl_packet_wire(NULL, &wire));
    w->client.hold = true;
    give(h, WAIT, 1);
    world_run(w);
    CHECK_ASSERTS(w, "maximum packet size",
                  VmbChannelPacketComplete(w->client.held[0], bytes, 1025));
    CHECK_ASSERTS(w, "needs a buffer",
                  VmbChannelPacketComplete(w->client.held[0], NULL, 8));
    complete_all(&w->client);
    raw_end(w, h);
}

/* A host that reads nothing, as it waits for the client to read: it does. */
static void item_109_unread(struct world *w)
{
    struct raw_host *h = raw_pair(w);

    for (uint64_t i = 0; i < 600; i++) { /* the ring holds 255 answers */
        give(h, WAIT, i);
        world_run(w);
        CHECK_EQ(w->client.packets, i + 1);
    }
    raw_end(w, h);
}

/* The ring is full to the last completion, and nothing waits yet. */
static void item_109_first(struct world *w)
{
    static uint8_t bytes[1000];
    struct raw_host *h = raw_pair(w);
    struct raw_packet got = {0};

    w->client.hold = true;
    give(h, WAIT, 1);
    world_run(w);
    for (int i = 0; i < 7; i++) /* 1,024 bytes of ring each, of 8,192 */
        CHECK_STATUS(send_plain(&w->client, bytes, 1000), STATUS_SUCCESS);
    for (int i = 0; i < 31; i++) /* 32 each */
        CHECK_STATUS(send_plain(&w->client, bytes, 8), STATUS_SUCCESS);
    CHECK_EQ(kmcl_stats(w->kmcl)->packets_queued, 0);
    VmbChannelPacketComplete(w->client.held[0], "response", 8);
    CHECK_EQ(kmcl_stats(w->kmcl)->packets_queued, 1);
    world_run(w);
    for (int i = 0; i < 38; i++)
        CHECK(raw_host_read(h, &got));
    world_run(w);
    CHECK(raw_host_read(h, &got));
    CHECK_EQ(got.type, RING_PACKET_COMPLETION);
    CHECK(!memcmp(got.body, "response", 8));
    raw_end(w, h);
}

static void item_109(struct world *w)
{
    static uint8_t bytes[1024];
    struct raw_host *h = raw_pair(w);
    struct raw_packet got;
    uint32_t packets = 0, completions = 0;

    w->client.echo = true;
    for (int i = 0; i < 8; i++) /* one more than the ring holds */
        CHECK_STATUS(send_plain(&w->client, bytes, sizeof(bytes)),
                     STATUS_SUCCESS);
    for (uint64_t i = 0; i < 5; i++)
        give(h, WAIT, i);
    world_run(w);
    CHECK_EQ(w->client.packets, 5);
    while (raw_host_read(h, &got)) {
        if (got.type == RING_PACKET_COMPLETION) {
            CHECK_EQ(got.transaction, 1000 + completions);
            CHECK_EQ(got.body[0], completions);
            completions++;
        } else {
            packets++;
        }
        world_run(w);
    }
    CHECK_EQ(packets, 8);
    CHECK_EQ(completions, 5);
    raw_end(w, h);
}

static const uint8_t *kept;

static void keep(struct endpoint *e, VMBPACKETCOMPLETION pc, PVOID buffer,
                 UINT32 size, UINT32 flags)
{
    (void)size;
    (void)flags;
    kept = buffer;
    e->held[e->held_count++] = pc;
}

static void item_110(struct world *w)
{
    struct raw_host *h = raw_pair(w);

    w->client.on_packet = keep;
    give(h, 0, 0x5a);
    world_run(w);
    memset(raw_host_out_data(h), 0xff, 8192);
    CHECK_EQ(kept[0], 0x5a);
    CHECK_EQ(kept[1], 0);
    complete_all(&w->client);
    raw_end(w, h);
}

static uint32_t deferred;

static void defer_first(struct endpoint *e, VMBPACKETCOMPLETION pc,
                        PVOID buffer, UINT32 size, UINT32 flags)
{
    (void)flags;
    if (KeGetCurrentIrql() != PASSIVE_LEVEL && *(uint8_t *)buffer == 1) {
        deferred++;
        VmbChannelPacketDeferToPassive(pc);
        return;
    }
    CHECK_EQ(size, 8);
    memcpy(&order[e->held_count++], buffer, 8);
    if (*(uint8_t *)buffer == 1)
        CHECK_EQ(KeGetCurrentIrql(), PASSIVE_LEVEL);
    VmbChannelPacketComplete(pc, NULL, 0);
}

static void item_111(struct world *w)
{
    struct raw_host *h = raw_pair(w);

    deferred = 0;
    w->client.on_packet = defer_first;
    give(h, 0, 1);
    world_run(w);
    CHECK_EQ(deferred, 1);
    CHECK_EQ(w->client.packets, 2);
    CHECK_EQ(order[0], 1);
    CHECK_EQ(w->client.batched, 1); /* it counts once */
    raw_end(w, h);
}

static void defer_late(struct endpoint *e)
{
    CHECK_ASSERTS(e->w, "directly inside",
                  VmbChannelPacketDeferToPassive(e->held[0]));
}

static void item_111_late(struct world *w)
{
    struct raw_host *h = raw_pair(w);

    w->client.hold = true;
    give(h, 0, 1);
    world_run(w);
    defer_late(&w->client);
    complete_all(&w->client);
    raw_end(w, h);
}

/* Another packet is completed first; that does not end the callback's own. */
static void complete_other_and_defer(struct endpoint *e, VMBPACKETCOMPLETION pc,
                                     PVOID buffer, UINT32 size, UINT32 flags)
{
    (void)buffer;
    (void)size;
    (void)flags;
    if (e->packets == 1) {
        e->held[0] = pc;
    } else if (e->packets == 2) {
        VmbChannelPacketComplete(e->held[0], NULL, 0);
        VmbChannelPacketDeferToPassive(pc);
    } else {
        VmbChannelPacketComplete(pc, NULL, 0);
    }
}

static void item_111_other(struct world *w)
{
    struct raw_host *h = raw_pair(w);

    w->client.on_packet = complete_other_and_defer;
    give(h, 0, 1);
    give(h, 0, 2);
    world_run(w);
    CHECK_EQ(w->client.packets, 3);
    CHECK_EQ(w->client.packet_irql, PASSIVE_LEVEL);
    raw_end(w, h);
}

static void defer_and_complete(struct endpoint *e, VMBPACKETCOMPLETION pc,
                               PVOID buffer, UINT32 size, UINT32 flags)
{
    (void)buffer;
    (void)size;
    (void)flags;
    if (e->packets == 1)
        VmbChannelPacketDeferToPassive(pc);
    VmbChannelPacketComplete(pc, NULL, 0);
}

static void item_111_completed(struct world *w)
{
    struct raw_host *h = raw_pair(w);

    w->client.on_packet = defer_and_complete;
    give(h, 0, 1);
    world_run(w);
    CHECK_EQ(w->client.packets, 1);
    give(h, 0, 2);
    world_run(w);
    CHECK_EQ(w->client.packets, 2);
    raw_end(w, h);
}

static void item_112(struct world *w)
{
    struct raw_host *h = raw_pair(w);

    deferred = 0;
    w->client.on_packet = defer_first;
    for (uint64_t i = 0; i < 5; i++)
        give(h, 0, i);
    world_run(w);
    CHECK_EQ(deferred, 1);
    CHECK_EQ(w->client.held_count, 5);
    for (uint64_t i = 0; i < 5; i++)
        CHECK_EQ(order[i], i);
    raw_end(w, h);
}

static void item_113(struct world *w)
{
    struct raw_host *h = raw_pair(w);

    give(h, 0, 1);
    world_run(w);
    CHECK_EQ(w->client.packet_irql, DISPATCH_LEVEL);
    CHECK_EQ(w->client.batch_irql, DISPATCH_LEVEL);
    VmbChannelSetIncomingProcessingAtPassive(w->client.ch, TRUE);
    for (uint64_t i = 0; i < 20; i++) {
        give(h, 0, i);
        world_run(w);
        CHECK_EQ(w->client.packets, i + 2);
        CHECK_EQ(w->client.packet_irql, PASSIVE_LEVEL);
        CHECK_EQ(w->client.batch_irql, PASSIVE_LEVEL);
    }
    VmbChannelSetIncomingProcessingAtPassive(w->client.ch, FALSE);
    give(h, 0, 1);
    world_run(w);
    CHECK_EQ(w->client.packet_irql, DISPATCH_LEVEL);
    raw_end(w, h);
}

/* More than is read ahead, before anybody looks: the ring stays masked until
 * PASSIVE has delivered, and then a signal is seen again. */
static void item_113_many(struct world *w)
{
    struct raw_host *h = raw_host_offer(w, &test_instance);
    KIRQL irql;

    client_make(w, &w->client);
    VmbChannelSetIncomingProcessingAtPassive(w->client.ch, TRUE);
    CHECK_STATUS(VmbChannelEnable(w->client.ch), STATUS_SUCCESS);
    world_run(w);
    KeRaiseIrql(DISPATCH_LEVEL, &irql);
    for (uint64_t i = 0; i < 300; i++)
        give(h, 0, i);
    KeLowerIrql(irql);
    world_run(w);
    CHECK_EQ(w->client.packets, 300);
    give(h, 0, 300);
    world_run(w);
    CHECK_EQ(w->client.packets, 301);
    raw_end(w, h);
}

/* The callback waits, and the next packet comes meanwhile: it has to wait. */
static void wait_inside(struct endpoint *e, VMBPACKETCOMPLETION pc,
                        PVOID buffer, UINT32 size, UINT32 flags)
{
    (void)buffer;
    (void)size;
    (void)flags;
    if (e->packets == 1) {
        give(e->context, 0, 2);
        world_run(e->w);
        CHECK_EQ(e->packets, 1);
    }
    VmbChannelPacketComplete(pc, NULL, 0);
}

static void item_113_wait(struct world *w)
{
    struct raw_host *h = raw_pair(w);

    VmbChannelSetIncomingProcessingAtPassive(w->client.ch, TRUE);
    w->client.on_packet = wait_inside;
    w->client.context = h;
    give(h, 0, 1);
    world_run(w);
    CHECK_EQ(w->client.packets, 2);
    raw_end(w, h);
}

/* ... or the host takes the channel away. */
static void vanish_inside(struct endpoint *e, VMBPACKETCOMPLETION pc,
                          PVOID buffer, UINT32 size, UINT32 flags)
{
    (void)buffer;
    (void)size;
    (void)flags;
    VmbChannelPacketComplete(pc, NULL, 0);
    world_run(e->w);
    raw_host_withdraw(e->context);
    world_run(e->w);
    CHECK_TEXT(e->trace, "OSP"); /* no suspend while a callback runs */
}

static void item_113_vanish(struct world *w)
{
    struct raw_host *h = raw_pair(w);

    VmbChannelSetIncomingProcessingAtPassive(w->client.ch, TRUE);
    w->client.on_packet = vanish_inside;
    w->client.context = h;
    give(h, 0, 1);
    world_run(w);
    CHECK_TEXT(w->client.trace, "OSPXC");
    endpoint_end(&w->client);
}

/* What comes while the ring is masked comes without a signal: more completions
 * than one go takes, and a packet behind them. */
static void write_more(struct endpoint *e, VMBPACKETCOMPLETION pc, PVOID buffer,
                       UINT32 size, UINT32 flags)
{
    (void)buffer;
    (void)size;
    (void)flags;
    if (e->packets == 1) {
        for (uint32_t i = 0; i < 100; i++)
            raw_host_complete_quietly(e->context, i, NULL, 0);
        give(e->context, 0, 2);
    }
    VmbChannelPacketComplete(pc, NULL, 0);
}

static void item_113_masked(struct world *w)
{
    struct raw_host *h = raw_pair(w);

    w->client.on_packet = write_more;
    w->client.context = h;
    give(h, 0, 1);
    world_run(w);
    CHECK_EQ(kmcl_stats(w->kmcl)->unknown_completions, 100);
    CHECK_EQ(w->client.packets, 2);
    raw_end(w, h);
}

/* A server reads on by itself when there is more than one go takes. */
static void item_113_server(struct world *w)
{
    struct raw_guest *g;
    KIRQL irql;

    server_make(w, &w->server, &test_instance);
    CHECK_STATUS(VmbChannelEnable(w->server.ch), STATUS_SUCCESS);
    VmbChannelStart(w->server.ch);
    g = raw_guest_open(w);
    KeRaiseIrql(DISPATCH_LEVEL, &irql);
    for (uint64_t i = 0; i < 300; i++)
        CHECK_EQ(raw_guest_send(g, RING_PACKET_IN_BAND, 0, i, &i, 8), 0);
    KeLowerIrql(irql);
    world_run(w);
    CHECK_EQ(w->server.packets, 300);
    raw_guest_close(g);
    endpoint_end(&w->server);
}

static void fail_second(struct endpoint *e, VMBPACKETCOMPLETION pc,
                        PVOID buffer, UINT32 size, UINT32 flags)
{
    (void)buffer;
    (void)size;
    (void)flags;
    if (e->packets == 2)
        VmbChannelPacketFail(pc);
    else
        VmbChannelPacketComplete(pc, NULL, 0);
}

static void item_114(struct world *w)
{
    struct raw_host *h = raw_pair(w), *other;
    struct endpoint second = {0};
    uint32_t read;

    other = raw_host_offer(w, &other_instance);
    client_make(w, &second);
    CHECK_STATUS(VmbChannelEnable(second.ch), STATUS_SUCCESS);
    w->client.on_packet = fail_second;
    for (uint64_t i = 0; i < 5; i++)
        give(h, 0, i);
    world_advance(w, 100);
    CHECK_EQ(w->client.packets, 2);
    read = raw_host_out(h)[1];
    give(h, 0, 9);
    world_advance(w, 100);
    CHECK_EQ(w->client.packets, 2);
    CHECK_EQ(raw_host_out(h)[1], read); /* it stays in the ring */
    CHECK_EQ(raw_host_send(other, 6, 0, 0, "x", 1), 0);
    world_run(w);
    CHECK_EQ(second.packets, 1);
    w->client.on_packet = NULL;
    VmbChannelDisable(w->client.ch);
    CHECK_STATUS(VmbChannelEnable(w->client.ch), STATUS_SUCCESS);
    world_run(w);
    give(h, 0, 9);
    world_run(w);
    CHECK_EQ(w->client.packets, 3);
    endpoint_end(&second);
    raw_host_withdraw(other);
    raw_end(w, h);
}

/* Deferred before it is failed: it does not come again. */
static void defer_and_fail(struct endpoint *e, VMBPACKETCOMPLETION pc,
                           PVOID buffer, UINT32 size, UINT32 flags)
{
    (void)e;
    (void)buffer;
    (void)size;
    (void)flags;
    VmbChannelPacketDeferToPassive(pc);
    VmbChannelPacketFail(pc);
}

static void item_114_deferred(struct world *w)
{
    struct raw_host *h = raw_pair(w);

    w->client.on_packet = defer_and_fail;
    give(h, 0, 1);
    world_run(w);
    CHECK_EQ(w->client.packets, 1);
    raw_end(w, h);
}

/* All at once, before anybody looks. */
static void give_many(struct raw_host *h, uint32_t count)
{
    KIRQL irql;

    KeRaiseIrql(DISPATCH_LEVEL, &irql);
    for (uint64_t i = 0; i < count; i++)
        give(h, 0, i);
    KeLowerIrql(irql);
}

static void item_115(struct world *w)
{
    struct raw_host *h = raw_pair(w);

    give_many(h, 7);
    world_run(w);
    CHECK_EQ(w->client.packets, 7);
    CHECK_EQ(w->client.batches, 1);
    CHECK_EQ(w->client.last_batch, 7);
    /* At the quota delivery pauses, which ends a batch. */
    w->client.hold = true;
    VmbChannelSetTransactionQuota(w->client.ch, 3);
    give_many(h, 4);
    world_run(w);
    CHECK_EQ(w->client.batches, 2);
    CHECK_EQ(w->client.last_batch, 3);
    complete_all(&w->client);
    world_run(w);
    CHECK_EQ(w->client.batches, 3);
    CHECK_EQ(w->client.last_batch, 1);
    complete_all(&w->client);
    raw_end(w, h);
}

static void item_116(struct world *w)
{
    struct raw_host *h = raw_pair(w);

    for (uint64_t i = 0; i < 9; i++) {
        give(h, 0, i);
        world_run(w);
        CHECK_EQ(w->client.batches, i + 1);
        CHECK_EQ(w->client.last_batch, 1);
    }
    raw_host_signal(h); /* nothing there */
    world_run(w);
    raw_host_complete(h, 77, NULL, 0); /* nothing to deliver */
    world_run(w);
    CHECK_EQ(w->client.batches, 9);
    raw_end(w, h);
}

static void item_117(struct world *w)
{
    struct raw_host *h = raw_pair(w);

    w->client.hold = true;
    VmbChannelSetTransactionQuota(w->client.ch, 3);
    for (uint64_t i = 0; i < 10; i++)
        give(h, 0, i);
    world_run(w);
    CHECK_EQ(w->client.packets, 3);
    for (uint32_t i = 0; i < 7; i++) {
        VmbChannelPacketComplete(w->client.held[i], NULL, 0);
        world_run(w);
        CHECK_EQ(w->client.packets, i + 4);
    }
    for (uint32_t i = 7; i < 10; i++)
        VmbChannelPacketComplete(w->client.held[i], NULL, 0);
    raw_end(w, h);
}

/* While nothing can be delivered 256 packets are read, no more. */
static void item_117_held_back(struct world *w)
{
    struct raw_host *h = raw_pair(w);

    VmbChannelSetTransactionQuota(w->client.ch, 1);
    w->client.hold = true;
    for (int i = 0; i < 2; i++) {
        give_many(h, 150);
        world_run(w);
    }
    CHECK_EQ(w->client.packets, 1);
    /* 300 - 1 - 256 packets of 32 bytes. */
    CHECK_EQ((raw_host_out(h)[0] - raw_host_out(h)[1]) & 8191, 43 * 32);
    w->client.hold = false;
    complete_all(&w->client);
    world_run(w);
    CHECK_EQ(w->client.packets, 300);
    raw_end(w, h);
}

static void item_118(struct world *w)
{
    struct raw_host *h = raw_pair(w);

    w->client.hold = true;
    VmbChannelSetTransactionQuota(w->client.ch, 4);
    for (uint64_t i = 0; i < 10; i++)
        give(h, 0, i);
    world_run(w);
    CHECK_EQ(w->client.packets, 4);
    VmbChannelSetTransactionQuota(w->client.ch, 2);
    for (uint32_t i = 0; i < 2; i++) { /* down to the new quota: none yet */
        VmbChannelPacketComplete(w->client.held[i], NULL, 0);
        world_run(w);
        CHECK_EQ(w->client.packets, 4);
    }
    VmbChannelPacketComplete(w->client.held[2], NULL, 0);
    world_run(w);
    CHECK_EQ(w->client.packets, 5);
    VmbChannelSetTransactionQuota(w->client.ch, 100);
    give(h, 0, 10); /* and a signal comes */
    world_advance(w, 100);
    CHECK_EQ(w->client.packets, 5);
    VmbChannelPacketComplete(w->client.held[3], NULL, 0);
    world_run(w);
    CHECK_EQ(w->client.packets, 11);
    for (uint32_t i = 4; i < 11; i++)
        VmbChannelPacketComplete(w->client.held[i], NULL, 0);
    raw_end(w, h);
}

static void item_119(struct world *w)
{
    client_make(w, &w->client);
    CHECK_ASSERTS(w, "at least 1",
                  VmbChannelSetTransactionQuota(w->client.ch, 0));
    pair_end(w);
}

static void item_120(struct world *w)
{
    pair_run(w);
    for (UINT32 size = 0; size <= 32; size++) {
        CHECK_STATUS(
            send_plain(&w->client, "0123456789abcdef0123456789abcdef", size),
            STATUS_SUCCESS);
        world_run(w);
        CHECK(w->server.size >= size && w->server.size <= size + 7);
        CHECK_EQ(w->server.size % 8, 0);
    }
    pair_end(w);
}

/* As many objects are kept for reuse, no more. */
static void item_104_kept(struct world *w)
{
    struct raw_host *h = raw_pair(w);
    uint64_t before;

    w->client.hold = true;
    give(h, 0, 0);
    world_run(w);
    before = world_blocks(w);
    for (uint64_t i = 1; i < 200; i++) {
        give(h, 0, i);
        world_run(w);
    }
    CHECK(world_blocks(w) > before + 190);
    complete_all(&w->client);
    CHECK(world_blocks(w) < before + 70);
    raw_end(w, h);
}

/* Context bytes are reserved, though no V1 function reaches them. */
static void item_104_context(struct world *w)
{
    pair_make(w);
    CHECK_STATUS(VmbChannelInitSetClientContextSize(w->server.ch, 4096), 0);
    pair_run(w);
    CHECK_STATUS(send_plain(&w->client, "x", 1), STATUS_SUCCESS);
    world_run(w);
    CHECK_EQ(w->server.packets, 1);
    pair_end(w);
}

const struct test kmcl_tests_incoming[] = {
    {104, "each packet is delivered once, in ring order", item_104},
    {104, "in pipe mode without the frame header", item_104_pipe},
    {104, "bad pipe frames are refused, good ones go on", item_104_bad_pipe},
    {104, "packets above our own maximum are read", item_104_large},
    {104, "also with a client context", item_104_context},
    {104, "without memory as soon as there is some", item_104_memory},
    {104, "an unknown type is skipped", item_104_unknown},
    {104, "few objects are kept for the next ones", item_104_kept},
    {105, "the external data flag tells of external data", item_105},
    {106, "a completion is sent if and only if asked for", item_106},
    {107, "an empty completion is valid", item_107},
    {108, "completing later, out of order, at DISPATCH; once", item_108},
    {108, "a bad handle, size or buffer is asserted", item_108_misuse},
    {109, "one that is the first to wait, too", item_109_first},
    {109, "answers that wait do not keep a client from reading",
     item_109_unread},
    {109, "a completion waits for room and is not dropped", item_109},
    {110, "the buffer stays what it was until completion", item_110},
    {111, "a deferred packet comes again at PASSIVE", item_111},
    {111, "deferring outside the callback is asserted", item_111_late},
    {111, "also when another is completed before", item_111_other},
    {111, "but not when it was completed", item_111_completed},
    {112, "a deferred packet is not overtaken", item_112},
    {113, "passive processing keeps both callbacks at PASSIVE", item_113},
    {113, "also for more than is read ahead", item_113_many},
    {113, "one at a time, when the callback waits", item_113_wait},
    {113, "a callback that waits holds the suspend up", item_113_vanish},
    {113, "what comes during a callback is found", item_113_masked},
    {113, "at DISPATCH a server takes any number", item_113_server},
    {114, "a failed packet stops its channel, no other", item_114},
    {114, "one that was deferred before does not come again",
     item_114_deferred},
    {115, "the end of a batch is told once, with its size", item_115},
    {116, "each time the ring goes empty, never with 0", item_116},
    {117, "at the quota one completion lets one packet through", item_117},
    {117, "meanwhile the ring holds the peer back", item_117_held_back},
    {118, "a changed quota waits for completions", item_118},
    {119, "a quota of 0 is asserted", item_119},
    {120, "lengths are padded by at most 7 bytes", item_120},
    {0, NULL, NULL},
};
