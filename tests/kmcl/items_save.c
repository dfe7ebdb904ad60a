/*
 * Acceptance items I (131..143): save and restore of a server channel.
 */
#include "harness.h"

#include <stdlib.h>

#include "ring_wire.h"

#define PACKETS 4
#define CHUNKS  (PACKETS + 1) /* the head is one */

/* What a save gave: one unit per call of VmbChannelSaveContinue. */
struct store {
    uint8_t bytes[32][4096];
    ULONG size[32];
    uint32_t units;
};

/* What the driver of the tests saves: a text, or nothing. */
static struct {
    bool nothing;    /* the first call succeeds */
    NTSTATUS second; /* what the second call returns */
    UINT32 needed;   /* asked for at the first call */
    uint32_t first_calls, second_calls;
    bool first_had_buffer;
    VMBPACKET seen[PACKETS * 2];
} saver;

static NTSTATUS save_packet(VMBCHANNEL ch, VMBPACKET packet, PVOID buffer,
                            UINT32 size, PUINT32 needed)
{
    struct sent *s = VmbPacketGetPointer(packet);

    (void)ch;
    CHECK_EQ(KeGetCurrentIrql(), PASSIVE_LEVEL);
    if (!size) {
        saver.first_had_buffer |= buffer != NULL;
        saver.seen[saver.first_calls++] = packet;
        *needed = saver.needed;
        return saver.nothing ? STATUS_SUCCESS : STATUS_UNSUCCESSFUL;
    }
    saver.second_calls++;
    CHECK(size >= saver.needed);
    memset(buffer, 'd', size);
    memcpy(buffer, s->bytes, 8); /* the request's own name */
    return saver.second;
}

static struct {
    struct world *w;
    struct sent sent[PACKETS * 2];
    uint32_t calls;
    bool lazy; /* does not call VmbPacketRestore */
    NTSTATUS status;
    UINT32 lib_size;
    bool saved_nothing;
} restorer;

static NTSTATUS restore_packet(VMBCHANNEL ch, PVOID lib, UINT32 lib_size,
                               PVOID buffer, UINT32 size)
{
    struct sent *s = &restorer.sent[restorer.calls++];
    NTSTATUS status;

    CHECK_EQ(KeGetCurrentIrql(), PASSIVE_LEVEL);
    if (!NT_SUCCESS(restorer.status) || restorer.lazy)
        return restorer.status;
    if (restorer.saved_nothing) {
        CHECK(!buffer && !size);
    } else {
        CHECK(buffer && size >= saver.needed);
        CHECK_EQ(((uint8_t *)buffer)[size - 1], 'd');
    }
    sent_make(&restorer.w->server, s);
    CHECK(VmbPacketGetChannel(s->packet) == ch);
    CHECK_STATUS(VmbPacketRestore(s->packet, lib, lib_size - 8),
                 STATUS_INVALID_PARAMETER_3);
    CHECK_STATUS(VmbPacketRestore(s->packet, &lib, lib_size),
                 STATUS_INVALID_PARAMETER_2);
    status = VmbPacketRestore(s->packet, lib, lib_size);
    if (NT_SUCCESS(status))
        CHECK_STATUS(VmbPacketRestore(s->packet, lib, lib_size),
                     STATUS_INVALID_PARAMETER_1); /* in flight now */
    if (buffer)
        memcpy(s->bytes, buffer, 8);
    restorer.lib_size = lib_size;
    return status;
}

static void configure(struct world *w, bool callbacks)
{
    server_make(w, &w->server, &test_instance);
    memset(&restorer, 0, sizeof(restorer));
    restorer.w = w;
    CHECK_STATUS(VmbServerChannelInitSetSaveRestorePacketCallbacks(
                     w->server.ch, callbacks ? save_packet : NULL,
                     callbacks ? restore_packet : NULL),
                 STATUS_SUCCESS);
    w->server.silent = true;
}

static struct sent out[PACKETS];
static uint64_t transactions[PACKETS];

/* A paused server with four packets that queue. */
static void make_traffic(struct world *w, bool callbacks)
{
    struct raw_guest *g;
    struct raw_packet got;
    struct sent idle;

    memset(&saver, 0, sizeof(saver));
    saver.needed = 20;
    configure(w, callbacks);
    CHECK_STATUS(VmbChannelEnable(w->server.ch), STATUS_SUCCESS);
    VmbChannelStart(w->server.ch);
    g = raw_guest_open(w);
    for (int i = 0; i < 2; i++) {
        char name[8] = "packet ";

        name[7] = (char)('0' + i);
        sent_make(&w->server, &out[i]);
        memcpy(out[i].bytes, name, 8);
        CHECK_STATUS(sent_send(&out[i], name, 8, true), STATUS_SUCCESS);
        CHECK(raw_guest_read(g, &got));
        transactions[i] = got.transaction;
    }
    sent_make(&w->server, &idle); /* not in flight: not saved */
    sent_free(&idle);
    VmbChannelPause(w->server.ch);
    raw_guest_close(g);
    world_run(w);
    /* Closing has ended those two; sent again, they queue. */
    for (int i = 0; i < PACKETS; i++) {
        char name[8] = "packet ";

        name[7] = (char)('0' + i);
        if (i >= 2)
            sent_make(&w->server, &out[i]);
        out[i].ended = 0;
        memcpy(out[i].bytes, name, 8);
        CHECK_STATUS(sent_send(&out[i], name, 8, true), STATUS_SUCCESS);
    }
}

static void finish(struct world *w)
{
    VmbChannelDisable(w->server.ch);
    VmbChannelCleanup(w->server.ch);
    for (int i = 0; i < PACKETS; i++)
        CHECK_EQ(out[i].ended, 1);
    w->server.ch = NULL;
}

/* Frees the packets when they have ended with the channel. */
static void end_channel(struct world *w)
{
    for (int i = 0; i < PACKETS; i++)
        out[i].free_inside = true;
    finish(w);
}

/* Saves chunk by chunk, each one unit. */
static void save_all(struct world *w, struct store *store)
{
    ULONG filled, required;
    NTSTATUS status;

    memset(store, 0, sizeof(*store));
    CHECK_STATUS(VmbChannelSaveBegin(w->server.ch), STATUS_SUCCESS);
    do {
        status =
            VmbChannelSaveContinue(w->server.ch, NULL, 0, &filled, &required);
        if (status == STATUS_SUCCESS)
            break;
        CHECK_STATUS(status, STATUS_BUFFER_TOO_SMALL);
        status =
            VmbChannelSaveContinue(w->server.ch, store->bytes[store->units],
                                   required, &filled, &required);
        CHECK(status == STATUS_SUCCESS || status == STATUS_BUFFER_OVERFLOW);
        store->size[store->units++] = filled;
    } while (status != STATUS_SUCCESS);
    VmbChannelSaveEnd(w->server.ch);
}

static NTSTATUS restore_unit(struct world *w, struct store *store, uint32_t n)
{
    return VmbChannelRestoreFromBuffer(w->server.ch, store->bytes[n],
                                       store->size[n]);
}

static void restore_all(struct world *w, struct store *store)
{
    for (uint32_t i = 0; i < store->units; i++)
        CHECK_STATUS(restore_unit(w, store, i),
                     i + 1 < store->units ? STATUS_MORE_PROCESSING_REQUIRED
                                          : STATUS_SUCCESS);
}

static struct store store;

static void item_131(struct world *w)
{
    make_traffic(w, true);
    save_all(w, &store);
    CHECK_EQ(saver.first_calls, PACKETS);
    CHECK(!saver.first_had_buffer);
    for (int i = 0; i < PACKETS; i++)
        CHECK(saver.seen[i] == out[i].packet);
    end_channel(w);
}

static void item_132(struct world *w)
{
    make_traffic(w, true);
    saver.nothing = true;
    save_all(w, &store);
    CHECK_EQ(saver.first_calls, PACKETS);
    CHECK_EQ(saver.second_calls, 0);
    end_channel(w);
    configure(w, true);
    restorer.saved_nothing = true;
    restore_all(w, &store);
    CHECK_EQ(restorer.calls, PACKETS);
    for (int i = 0; i < PACKETS; i++)
        restorer.sent[i].free_inside = true;
    endpoint_end(&w->server);
}

static void item_133(struct world *w)
{
    make_traffic(w, true);
    saver.needed = 777;
    save_all(w, &store);
    CHECK_EQ(saver.second_calls, PACKETS);
    end_channel(w);
}

static void item_134(struct world *w)
{
    ULONG filled, required;

    make_traffic(w, true);
    saver.second = STATUS_CANCELLED;
    CHECK_STATUS(VmbChannelSaveBegin(w->server.ch), STATUS_SUCCESS);
    CHECK_STATUS(VmbChannelSaveContinue(w->server.ch, store.bytes[0], 4096,
                                        &filled, &required),
                 STATUS_CANCELLED);
    VmbChannelSaveEnd(w->server.ch);
    end_channel(w);
}

static void item_135(struct world *w)
{
    ULONG filled = 1, required = 0;
    VMBCHANNEL ch;

    make_traffic(w, true);
    ch = w->server.ch;
    CHECK_STATUS(VmbChannelSaveBegin(ch), STATUS_SUCCESS);
    CHECK_STATUS(
        VmbChannelSaveContinue(ch, store.bytes[0], 8, &filled, &required),
        STATUS_BUFFER_TOO_SMALL);
    CHECK_EQ(filled, 0);
    CHECK(required > 8);
    CHECK_STATUS(VmbChannelSaveContinue(ch, store.bytes[0], required - 1,
                                        &filled, &required),
                 STATUS_BUFFER_TOO_SMALL);
    CHECK_STATUS(VmbChannelSaveContinue(ch, store.bytes[0], required, &filled,
                                        &required),
                 STATUS_BUFFER_OVERFLOW);
    CHECK_STATUS(VmbChannelSaveContinue(ch, NULL, 1, &filled, &required),
                 STATUS_INVALID_PARAMETER_2);
    CHECK_STATUS(VmbChannelSaveContinue(ch, NULL, 0, NULL, &required),
                 STATUS_INVALID_PARAMETER_4);
    CHECK_STATUS(VmbChannelSaveContinue(ch, NULL, 0, &filled, NULL),
                 STATUS_INVALID_PARAMETER_5);
    VmbChannelSaveEnd(ch);
    end_channel(w);
}

/* In steps of any size the same bytes come out. */
static void item_136(struct world *w)
{
    static uint8_t whole[4096], pieces[4096];
    ULONG filled, required, total, at = 0;
    NTSTATUS status;
    uint32_t steps = 0;

    make_traffic(w, true);
    CHECK_STATUS(VmbChannelSaveBegin(w->server.ch), STATUS_SUCCESS);
    CHECK_STATUS(VmbChannelSaveContinue(w->server.ch, whole, sizeof(whole),
                                        &total, &required),
                 STATUS_SUCCESS);
    VmbChannelSaveEnd(w->server.ch);
    CHECK_STATUS(VmbChannelSaveBegin(w->server.ch), STATUS_SUCCESS);
    do {
        status = VmbChannelSaveContinue(w->server.ch, pieces + at, 240, &filled,
                                        &required);
        CHECK(filled > 0);
        at += filled;
        steps++;
    } while (status == STATUS_BUFFER_OVERFLOW);
    CHECK_STATUS(status, STATUS_SUCCESS);
    VmbChannelSaveEnd(w->server.ch);
    CHECK(steps > 1 && steps < CHUNKS);
    CHECK_EQ(at, total);
    CHECK(!memcmp(whole, pieces, total));
    end_channel(w);
}

static void item_137(struct world *w)
{
    ULONG filled, required;

    make_traffic(w, true);
    CHECK_STATUS(VmbChannelSaveContinue(w->server.ch, store.bytes[0], 4096,
                                        &filled, &required),
                 STATUS_INVALID_DEVICE_STATE);
    CHECK_ASSERTS(w, "VmbChannelSaveBegin first",
                  VmbChannelSaveEnd(w->server.ch));
    CHECK_STATUS(VmbChannelSaveBegin(w->server.ch), STATUS_SUCCESS);
    CHECK_STATUS(VmbChannelSaveBegin(w->server.ch),
                 STATUS_INVALID_DEVICE_STATE);
    CHECK_ASSERTS(w, "VmbChannelSaveEnd first",
                  VmbChannelDisable(w->server.ch));
    VmbChannelSaveEnd(w->server.ch);
    end_channel(w);
    /* Not while running, and not a client. */
    w->server.silent = false;
    pair_run(w);
    CHECK_STATUS(VmbChannelSaveBegin(w->server.ch),
                 STATUS_INVALID_DEVICE_STATE);
    CHECK_STATUS(VmbChannelSaveBegin(w->client.ch), STATUS_INVALID_PARAMETER_1);
    pair_end(w);
}

static void item_138(struct world *w)
{
    ULONG filled, required;
    uint64_t before;

    make_traffic(w, true);
    before = world_blocks(w);
    CHECK_STATUS(VmbChannelSaveBegin(w->server.ch), STATUS_SUCCESS);
    CHECK_STATUS(
        VmbChannelSaveContinue(w->server.ch, NULL, 0, &filled, &required),
        STATUS_BUFFER_TOO_SMALL);
    CHECK(world_blocks(w) > before);
    VmbChannelSaveEnd(w->server.ch);
    CHECK_EQ(world_blocks(w), before);
    save_all(w, &store);
    CHECK_EQ(world_blocks(w), before);
    saver.second = STATUS_UNSUCCESSFUL;
    CHECK_STATUS(VmbChannelSaveBegin(w->server.ch), STATUS_SUCCESS);
    CHECK_STATUS(VmbChannelSaveContinue(w->server.ch, store.bytes[0], 4096,
                                        &filled, &required),
                 STATUS_UNSUCCESSFUL);
    VmbChannelSaveEnd(w->server.ch);
    CHECK_EQ(world_blocks(w), before);
    end_channel(w);
}

/* In each round one allocation more is there; nothing is left behind. */
static void save_with_little(struct world *w)
{
    static uint8_t bytes[4096];
    uint64_t before = world_blocks(w);
    ULONG filled, required;
    NTSTATUS status;
    uint32_t n = 0;

    do {
        CHECK_STATUS(VmbChannelSaveBegin(w->server.ch), STATUS_SUCCESS);
        saver.first_calls = 0;
        world_fail_allocation(w, ++n);
        status = VmbChannelSaveContinue(w->server.ch, bytes, sizeof(bytes),
                                        &filled, &required);
        world_fail_allocation(w, 0);
        CHECK(status == STATUS_SUCCESS ||
              status == STATUS_INSUFFICIENT_RESOURCES);
        VmbChannelSaveEnd(w->server.ch);
        CHECK_EQ(world_blocks(w), before);
    } while (status != STATUS_SUCCESS);
    CHECK(n > 2);
}

static void item_138_memory(struct world *w)
{
    make_traffic(w, true);
    VmbChannelDisable(w->server.ch); /* what is queued stays, and is saved */
    save_with_little(w);
    end_channel(w);
}

static void item_133_limit(struct world *w)
{
    ULONG filled, required;

    make_traffic(w, true);
    saver.needed = (16u << 20) + 1; /* what KMCL keeps for one packet */
    CHECK_STATUS(VmbChannelSaveBegin(w->server.ch), STATUS_SUCCESS);
    CHECK_STATUS(VmbChannelSaveContinue(w->server.ch, store.bytes[0], 4096,
                                        &filled, &required),
                 STATUS_INSUFFICIENT_RESOURCES);
    VmbChannelSaveEnd(w->server.ch);
    CHECK_EQ(saver.second_calls, 0);
    end_channel(w);
}

static void item_139(struct world *w)
{
    make_traffic(w, true);
    save_all(w, &store);
    CHECK_EQ(store.units, CHUNKS);
    end_channel(w);
    configure(w, true);
    restore_all(w, &store);
    CHECK_STATUS(restore_unit(w, &store, 0), STATUS_INVALID_DEVICE_STATE);
    CHECK_STATUS(VmbChannelRestoreFromBuffer(w->server.ch, NULL, 8),
                 STATUS_INVALID_PARAMETER_2);
    CHECK_STATUS(VmbChannelRestoreFromBuffer(w->server.ch, store.bytes[0], 0),
                 STATUS_INVALID_PARAMETER_3);
    for (int i = 0; i < PACKETS; i++)
        restorer.sent[i].free_inside = true;
    endpoint_end(&w->server);
}

static void item_140(struct world *w)
{
    make_traffic(w, true);
    save_all(w, &store);
    end_channel(w);
    configure(w, true);
    restore_all(w, &store);
    CHECK_EQ(restorer.calls, PACKETS);
    for (int i = 0; i < PACKETS; i++) {
        CHECK_EQ(restorer.sent[i].bytes[7], '0' + i);
        restorer.sent[i].free_inside = true;
    }
    endpoint_end(&w->server);
}

/* Queued packets are sent to the guest that opens the restored channel, in
 * order and under their old transactions; awaiting ones complete. */
static void item_141(struct world *w)
{
    struct raw_guest *g;
    struct raw_packet got;

    make_traffic(w, true);
    CHECK_STATUS(VmbChannelEnable(w->server.ch), STATUS_INVALID_DEVICE_STATE);
    g = raw_guest_open(w); /* all four are in the ring now */
    for (int i = 0; i < PACKETS; i++) {
        CHECK(raw_guest_read(g, &got));
        transactions[i] = got.transaction;
    }
    save_all(w, &store); /* four that await an answer */
    for (int i = 0; i < PACKETS; i++)
        out[i].free_inside = true;
    raw_guest_close(g);
    end_channel(w);

    configure(w, true);
    restore_all(w, &store);
    CHECK_STATUS(VmbChannelEnable(w->server.ch), STATUS_SUCCESS);
    VmbChannelStart(w->server.ch);
    g = raw_guest_open(w);
    CHECK(!raw_guest_read(g, &got)); /* they are not sent again */
    for (int i = PACKETS - 1; i >= 0; i--) {
        CHECK_EQ(raw_guest_send(g, RING_PACKET_COMPLETION, 0, transactions[i],
                                "answered", 8),
                 0);
        world_run(w);
        CHECK_EQ(restorer.sent[i].ended, 1);
        CHECK_STATUS(restorer.sent[i].status, STATUS_SUCCESS);
        CHECK(!memcmp(restorer.sent[i].bytes, "answered", 8));
        sent_free(&restorer.sent[i]);
    }
    /* What is sent now has a transaction of its own. */
    CHECK_STATUS(send_plain(&w->server, "new", 3), STATUS_SUCCESS);
    CHECK(raw_guest_read(g, &got));
    CHECK(got.transaction > transactions[PACKETS - 1]);
    raw_guest_close(g);
    endpoint_end(&w->server);
}

/* With FORCE_NEW_CHANNEL the old connection is gone, and what it was to answer
 * ends when the new channel is enabled. */
static void item_141_new_channel(struct world *w)
{
    struct raw_guest *g;
    struct raw_packet got;

    make_traffic(w, true);
    g = raw_guest_open(w);
    while (raw_guest_read(g, &got))
        continue;
    save_all(w, &store);
    for (int i = 0; i < PACKETS; i++)
        out[i].free_inside = true;
    raw_guest_close(g);
    end_channel(w);

    configure(w, true);
    CHECK_STATUS(
        VmbServerChannelInitSetFlags(
            w->server.ch, VMBUS_SERVER_CHANNEL_INIT_FLAG_FORCE_NEW_CHANNEL),
        STATUS_SUCCESS);
    restore_all(w, &store);
    CHECK_EQ(restorer.sent[0].ended, 0);
    CHECK_STATUS(VmbChannelEnable(w->server.ch), STATUS_SUCCESS);
    for (int i = 0; i < PACKETS; i++) {
        CHECK_EQ(restorer.sent[i].ended, 1);
        CHECK_STATUS(restorer.sent[i].status, STATUS_DEVICE_REMOVED);
        sent_free(&restorer.sent[i]);
    }
    raw_guest_close(raw_guest_open(w));
    endpoint_end(&w->server);
}

static void item_141_queued(struct world *w)
{
    struct raw_guest *g;
    struct raw_packet got;

    make_traffic(w, true);
    save_all(w, &store);
    end_channel(w);
    configure(w, true);
    restore_all(w, &store);
    CHECK_STATUS(VmbChannelEnable(w->server.ch), STATUS_SUCCESS);
    VmbChannelStart(w->server.ch);
    g = raw_guest_open(w);
    for (int i = 0; i < PACKETS; i++) {
        CHECK(raw_guest_read(g, &got));
        CHECK_EQ(got.body[7], '0' + i);
        CHECK_EQ(raw_guest_send(g, RING_PACKET_COMPLETION, 0, got.transaction,
                                NULL, 0),
                 0);
        world_run(w);
        CHECK_EQ(restorer.sent[i].ended, 1);
        sent_free(&restorer.sent[i]);
    }
    raw_guest_close(g);
    endpoint_end(&w->server);
}

/* A completion that waited for room is part of the state. */
static void item_141_completion(struct world *w)
{
    static uint8_t bytes[1024];
    struct raw_guest *g;
    struct raw_packet got;

    configure(w, true);
    w->server.hold = true;
    CHECK_STATUS(VmbChannelEnable(w->server.ch), STATUS_SUCCESS);
    VmbChannelStart(w->server.ch);
    g = raw_guest_open(w);
    CHECK_EQ(raw_guest_send(g, RING_PACKET_IN_BAND,
                            RING_FLAG_COMPLETION_REQUESTED, 4711, "x", 0),
             0);
    world_run(w);
    while (kmcl_stats(w->kmcl)->packets_queued == 0)
        CHECK_STATUS(send_plain(&w->server, bytes, sizeof(bytes)),
                     STATUS_SUCCESS);
    VmbChannelPacketComplete(w->server.held[0], "answered", 8);
    VmbChannelPause(w->server.ch);
    saver.nothing = true;
    CHECK_STATUS(VmbServerChannelInitSetSaveRestorePacketCallbacks(w->server.ch,
                                                                   NULL, NULL),
                 STATUS_INVALID_PARAMETER_1);
    save_with_little(w);
    save_all(w, &store);
    CHECK_EQ(store.units, 3);
    endpoint_end(&w->server);
    world_run(w);
    raw_guest_close(g);

    configure(w, false);
    restore_all(w, &store);
    CHECK_STATUS(VmbChannelEnable(w->server.ch), STATUS_SUCCESS);
    g = raw_guest_open(w);
    CHECK(raw_guest_read(g, &got));
    CHECK_EQ(got.size, 1024);
    CHECK(raw_guest_read(g, &got));
    CHECK_EQ(got.type, RING_PACKET_COMPLETION);
    CHECK_EQ(got.transaction, 4711);
    CHECK(!memcmp(got.body, "answered", 8));
    raw_guest_close(g);
    endpoint_end(&w->server);
}

static void must_refuse(struct world *w, uint8_t *bytes, ULONG size)
{
    NTSTATUS status;

    configure(w, true);
    restorer.calls = 0;
    status = VmbChannelRestoreFromBuffer(w->server.ch, bytes, size);
    CHECK(!NT_SUCCESS(status));
    CHECK(status != STATUS_MORE_PROCESSING_REQUIRED);
    CHECK_STATUS(VmbChannelEnable(w->server.ch), STATUS_INVALID_DEVICE_STATE);
    CHECK_STATUS(VmbChannelRestoreFromBuffer(w->server.ch, bytes, size),
                 STATUS_INVALID_DEVICE_STATE);
    for (uint32_t i = 0; i < restorer.calls; i++)
        restorer.sent[i].free_inside = true;
    VmbChannelCleanup(w->server.ch);
}

/* Each byte, each length, each order: on exact heap copies, so that a look
 * past the end is seen. */
static void item_142(struct world *w)
{
    uint8_t *bytes;
    ULONG size = 0, filled, required;

    make_traffic(w, true);
    bytes = malloc(4096);
    CHECK_STATUS(VmbChannelSaveBegin(w->server.ch), STATUS_SUCCESS);
    CHECK_STATUS(
        VmbChannelSaveContinue(w->server.ch, bytes, 4096, &filled, &required),
        STATUS_SUCCESS);
    size = filled;
    VmbChannelSaveEnd(w->server.ch);
    save_all(w, &store);
    end_channel(w);
    for (ULONG i = 0; i < size; i++) {
        bytes[i] ^= (uint8_t)(1u << i % 8);
        must_refuse(w, bytes, size);
        bytes[i] ^= (uint8_t)(1u << i % 8);
    }
    for (ULONG cut = 1; cut < size; cut += 7) {
        uint8_t *copy = malloc(cut);
        ULONG at = 0;
        bool whole = false;

        memcpy(copy, bytes, cut);
        for (uint32_t i = 0; i < store.units; i++) {
            at += store.size[i];
            whole |= at == cut;
        }
        if (!whole)
            must_refuse(w, copy, cut);
        free(copy);
    }
    must_refuse(w, store.bytes[1], store.size[1]); /* not the head first */
    memcpy(bytes + size, store.bytes[1], store.size[1]);
    must_refuse(w, bytes, size + store.size[1]); /* more than was saved */
    free(bytes);
    w->server.ch = NULL;
}

static void item_142_order(struct world *w)
{
    make_traffic(w, true);
    save_all(w, &store);
    end_channel(w);
    configure(w, true);
    CHECK_STATUS(restore_unit(w, &store, 0), STATUS_MORE_PROCESSING_REQUIRED);
    CHECK_STATUS(restore_unit(w, &store, 2), STATUS_DATA_ERROR);
    CHECK(world_logged(w, "chunk 1 expected, found 2"));
    CHECK_STATUS(restore_unit(w, &store, 1), STATUS_INVALID_DEVICE_STATE);
    endpoint_end(&w->server);
    configure(w, true); /* another device's state */
    CHECK_STATUS(VmbServerChannelInitSetTargetInterfaceId(
                     w->server.ch, other_instance, test_instance),
                 STATUS_SUCCESS);
    CHECK_STATUS(restore_unit(w, &store, 0), STATUS_DATA_ERROR);
    endpoint_end(&w->server);
    configure(w, true); /* the driver's own failure must not read as more */
    restorer.status = STATUS_MORE_PROCESSING_REQUIRED;
    CHECK_STATUS(restore_unit(w, &store, 0), STATUS_MORE_PROCESSING_REQUIRED);
    CHECK_STATUS(restore_unit(w, &store, 1), STATUS_UNSUCCESSFUL);
    endpoint_end(&w->server);
    configure(w, true);
    restorer.status = STATUS_SUCCESS;
    restorer.lazy = true;
    CHECK_STATUS(restore_unit(w, &store, 0), STATUS_MORE_PROCESSING_REQUIRED);
    CHECK_STATUS(restore_unit(w, &store, 1), STATUS_INVALID_DEVICE_STATE);
    endpoint_end(&w->server);
}

static void item_143(struct world *w)
{
    make_traffic(w, false);
    save_all(w, &store);
    CHECK_EQ(saver.first_calls, 0);
    CHECK_EQ(store.units, CHUNKS);
    end_channel(w);
    configure(w, false); /* no driver state: KMCL restores them alone */
    restore_all(w, &store);
    endpoint_end(&w->server);
}

static void item_143_state(struct world *w)
{
    make_traffic(w, true);
    save_all(w, &store);
    end_channel(w);
    configure(w, false);
    CHECK_STATUS(restore_unit(w, &store, 0), STATUS_MORE_PROCESSING_REQUIRED);
    CHECK_STATUS(restore_unit(w, &store, 1), STATUS_NOT_SUPPORTED);
    endpoint_end(&w->server);
}

static void disable_client(void *world)
{
    struct world *w = world;

    VmbChannelDisable(w->client.ch);
}

static void end_session(void *world)
{
    struct world *w = world;

    CHECK_TEXT(w->server.trace, "OSPX");
    VmbChannelSaveEnd(w->server.ch);
}

/* A session is not disturbed: the guest's close is answered after it. */
static void item_138_close(struct world *w)
{
    pair_run(w);
    VmbChannelPause(w->server.ch);
    CHECK_STATUS(VmbChannelSaveBegin(w->server.ch), STATUS_SUCCESS);
    world_call_later(w, 10, disable_client, w);
    world_call_later(w, 40, end_session, w);
    world_advance(w, 100);
    CHECK_TEXT(w->server.trace, "OSPXC");
    pair_end(w);
}

const struct test kmcl_tests_save[] = {
    {131, "each packet in flight is asked for, first with size 0", item_131},
    {132, "success at the first call: nothing saved, no second", item_132},
    {133, "failure at the first call: a second with room", item_133},
    {134, "failure at the second call ends the saving", item_134},
    {135, "a buffer that is too small is told what is needed", item_135},
    {136, "in pieces nothing is lost or repeated", item_136},
    {137, "begin comes first", item_137},
    {133, "more than 16 MiB for one packet is refused", item_133_limit},
    {138, "end releases all memory", item_138},
    {138, "also when there is not enough; a Disabled channel too",
     item_138_memory},
    {138, "a guest's close waits for the end", item_138_close},
    {139, "restore: more processing for each chunk but the last", item_139},
    {140, "each packet comes back with what was saved for it", item_140},
    {141, "an awaiting packet completes by its old transaction", item_141},
    {141, "unless a new channel is forced", item_141_new_channel},
    {141, "a queued packet is sent", item_141_queued},
    {141, "a queued completion is sent", item_141_completion},
    {142, "truncated or corrupted chunks are refused", item_142},
    {142, "chunks out of order are refused", item_142_order},
    {143, "without callbacks packets without state are restored", item_143},
    {143, "and one with state is refused", item_143_state},
    {0, NULL, NULL},
};
