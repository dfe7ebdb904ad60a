/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Acceptance items I, second part (139..143): restoring what was saved.
 */
#include "harness.h"
#include "raw.h"
#include "save_rig.h"

#include <stdlib.h>

#include "vmbus/ring_wire.h"

static void item_139(struct world *w)
{
    saved_traffic(w, true);
    save_all(w);
    CHECK_EQ(store.units, CHUNKS);
    saved_end(w);
    saved_make(w, true);
    restore_all(w);
    CHECK_STATUS(restore_unit(w, 0), STATUS_INVALID_DEVICE_STATE);
    CHECK_STATUS(VmbChannelRestoreFromBuffer(w->server.ch, NULL, 8),
                 STATUS_INVALID_PARAMETER_2);
    CHECK_STATUS(VmbChannelRestoreFromBuffer(w->server.ch, store.bytes[0], 0),
                 STATUS_INVALID_PARAMETER_3);
    restored_end(w);
}

static void item_140(struct world *w)
{
    save_and_end(w, true);
    saved_make(w, true);
    restore_all(w);
    CHECK_EQ(restorer.calls, PACKETS);
    for (int i = 0; i < PACKETS; i++)
        CHECK_EQ(restorer.sent[i].bytes[7], '0' + i);
    restored_end(w);
}

/* Queued packets are sent to the guest that opens the restored channel, in
 * order and under their old transactions; awaiting ones complete. */
static void item_141(struct world *w)
{
    uint64_t transactions[PACKETS];
    struct raw_guest *g = saved_awaiting(w, transactions);
    struct raw_packet got;

    CHECK_STATUS(VmbChannelEnable(w->server.ch), STATUS_INVALID_DEVICE_STATE);
    save_all(w); /* four that await an answer */
    saved_awaiting_end(w, g);

    saved_make(w, true);
    restore_all(w);
    server_start(&w->server);
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
    raw_guest_end(w, g);
}

/* With FORCE_NEW_CHANNEL the old connection is gone, and what it was to answer
 * ends when the new channel is enabled. */
static void item_141_new_channel(struct world *w)
{
    uint64_t transactions[PACKETS];
    struct raw_guest *g = saved_awaiting(w, transactions);

    save_all(w);
    saved_awaiting_end(w, g);

    saved_make(w, true);
    CHECK_STATUS(
        VmbServerChannelInitSetFlags(
            w->server.ch, VMBUS_SERVER_CHANNEL_INIT_FLAG_FORCE_NEW_CHANNEL),
        STATUS_SUCCESS);
    restore_all(w);
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

    save_and_end(w, true);
    saved_make(w, true);
    restore_all(w);
    server_start(&w->server);
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
    raw_guest_end(w, g);
}

#define NEW 8

/* What is sent while chunks are still coming has numbers of its own: the
 * guest's answers find the packet that it means. */
static void item_141_between(struct world *w)
{
    struct sent sent[NEW];
    uint64_t seen[NEW + PACKETS];
    struct raw_guest *g;
    struct raw_packet got;
    uint32_t n = 0;

    save_and_end(w, true);
    saved_make(w, true);
    CHECK_STATUS(restore_unit(w, 0), STATUS_MORE_PROCESSING_REQUIRED);
    for (int i = 0; i < NEW; i++) {
        sent_make(&w->server, &sent[i]);
        CHECK_STATUS(sent_send(&sent[i], "new", 3, true), STATUS_SUCCESS);
    }
    for (uint32_t i = 1; i < store.units; i++)
        (void)restore_unit(w, i);
    server_start(&w->server);
    g = raw_guest_open(w);
    while (raw_guest_read(g, &got)) {
        for (uint32_t i = 0; i < n; i++)
            CHECK(seen[i] != got.transaction);
        seen[n++] = got.transaction;
    }
    CHECK_EQ(n, NEW + PACKETS);
    raw_guest_close(g);
    for (int i = 0; i < NEW; i++)
        sent_free(&sent[i]);
    for (int i = 0; i < PACKETS; i++)
        sent_free(&restorer.sent[i]);
    endpoint_end(&w->server);
}

/* What was sent before has numbers that the saved ones may have, too. */
static void item_139_sent(struct world *w)
{
    struct sent s;

    save_and_end(w, true);
    saved_make(w, true);
    sent_make(&w->server, &s);
    CHECK_STATUS(sent_send(&s, "x", 1, true), STATUS_SUCCESS);
    CHECK_STATUS(restore_unit(w, 0), STATUS_INVALID_DEVICE_STATE);
    s.free_inside = true;
    endpoint_end(&w->server);
    CHECK_EQ(s.ended, 1);
}

/* A completion that waited for room is part of the state. */
static void item_141_completion(struct world *w)
{
    static uint8_t bytes[1024];
    struct raw_guest *g;
    struct raw_packet got;

    saved_make(w, true);
    w->server.hold = true;
    server_start(&w->server);
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
    save_all(w);
    CHECK_EQ(store.units, 3);
    endpoint_end(&w->server);
    world_run(w);
    raw_guest_close(g);

    saved_make(w, false);
    restore_all(w);
    CHECK_STATUS(VmbChannelEnable(w->server.ch), STATUS_SUCCESS);
    g = raw_guest_open(w);
    CHECK(raw_guest_read(g, &got));
    CHECK_EQ(got.size, 1024);
    CHECK(raw_guest_read(g, &got));
    CHECK_EQ(got.type, RING_PACKET_COMPLETION);
    CHECK_EQ(got.transaction, 4711);
    CHECK(!memcmp(got.body, "answered", 8));
    raw_guest_end(w, g);
}

static void must_refuse(struct world *w, uint8_t *bytes, ULONG size)
{
    NTSTATUS status;

    saved_make(w, true);
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

    saved_traffic(w, true);
    bytes = malloc(4096);
    CHECK_STATUS(VmbChannelSaveBegin(w->server.ch), STATUS_SUCCESS);
    CHECK_STATUS(
        VmbChannelSaveContinue(w->server.ch, bytes, 4096, &filled, &required),
        STATUS_SUCCESS);
    size = filled;
    VmbChannelSaveEnd(w->server.ch);
    save_all(w);
    saved_end(w);
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
    save_and_end(w, true);
    saved_make(w, true);
    CHECK_STATUS(restore_unit(w, 0), STATUS_MORE_PROCESSING_REQUIRED);
    CHECK_STATUS(restore_unit(w, 2), STATUS_DATA_ERROR);
    CHECK(world_logged(w, "chunk 1 expected, found 2"));
    CHECK_STATUS(restore_unit(w, 1), STATUS_INVALID_DEVICE_STATE);
    endpoint_end(&w->server);
    saved_make(w, true); /* another device's state */
    CHECK_STATUS(VmbServerChannelInitSetTargetInterfaceId(
                     w->server.ch, other_instance, test_instance),
                 STATUS_SUCCESS);
    CHECK_STATUS(restore_unit(w, 0), STATUS_DATA_ERROR);
    endpoint_end(&w->server);
    saved_make(w, true); /* the driver's own failure must not read as more */
    restorer.status = STATUS_MORE_PROCESSING_REQUIRED;
    CHECK_STATUS(restore_unit(w, 0), STATUS_MORE_PROCESSING_REQUIRED);
    CHECK_STATUS(restore_unit(w, 1), STATUS_UNSUCCESSFUL);
    endpoint_end(&w->server);
    saved_make(w, true);
    restorer.status = STATUS_SUCCESS;
    restorer.lazy = true;
    CHECK_STATUS(restore_unit(w, 0), STATUS_MORE_PROCESSING_REQUIRED);
    CHECK_STATUS(restore_unit(w, 1), STATUS_INVALID_DEVICE_STATE);
    endpoint_end(&w->server);
}

static void item_143(struct world *w)
{
    saved_traffic(w, false);
    save_all(w);
    CHECK_EQ(saver.first_calls, 0);
    CHECK_EQ(store.units, CHUNKS);
    saved_end(w);
    saved_make(w, false); /* no driver state: KMCL restores them alone */
    restore_all(w);
    endpoint_end(&w->server);
}

static void item_143_state(struct world *w)
{
    save_and_end(w, true);
    saved_make(w, false);
    CHECK_STATUS(restore_unit(w, 0), STATUS_MORE_PROCESSING_REQUIRED);
    CHECK_STATUS(restore_unit(w, 1), STATUS_NOT_SUPPORTED);
    endpoint_end(&w->server);
}

const struct test kmcl_tests_restore[] = {
    {139, "a restore returns MORE_PROCESSING for each chunk but the last",
     item_139},
    {140, "each restored packet comes with what was saved for it", item_140},
    {141, "a restored packet completes by its old transaction", item_141},
    {141, "FORCE_NEW_CHANNEL ends the restored packets that await an answer",
     item_141_new_channel},
    {141, "a restored packet that was queued is sent", item_141_queued},
    {141, "a packet sent between two chunks gets a new transaction",
     item_141_between},
    {139, "a channel that has packets queued refuses a restore", item_139_sent},
    {141, "a restored completion that was queued is sent", item_141_completion},
    {142, "truncated or corrupted chunks are refused", item_142},
    {142, "chunks out of order are refused", item_142_order},
    {143, "packets without a driver's state are restored without callbacks",
     item_143},
    {143, "a packet with a driver's state is refused without callbacks",
     item_143_state},
    {0, NULL, NULL},
};
