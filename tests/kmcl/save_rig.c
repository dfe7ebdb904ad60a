/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A driver that saves and restores its packets: save_rig.h.
 */
#include "save_rig.h"

#include "raw.h"

struct saver saver;
struct restorer restorer;
struct store store;
struct sent out[PACKETS];

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

void saved_make(struct world *w, bool callbacks)
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

/* Its name is what a packet says, and what its saving tells of it. */
static void send_named(struct sent *s, int i)
{
    char name[8] = "packet ";

    name[7] = (char)('0' + i);
    memcpy(s->bytes, name, 8);
    CHECK_STATUS(sent_send(s, name, 8, true), STATUS_SUCCESS);
}

void saved_traffic(struct world *w, bool callbacks)
{
    struct raw_guest *g;
    struct raw_packet got;
    struct sent idle;

    memset(&saver, 0, sizeof(saver));
    saver.needed = 20;
    saved_make(w, callbacks);
    server_start(&w->server);
    g = raw_guest_open(w);
    for (int i = 0; i < 2; i++) {
        sent_make(&w->server, &out[i]);
        send_named(&out[i], i);
        CHECK(raw_guest_read(g, &got));
    }
    sent_make(&w->server, &idle); /* not in flight: not saved */
    sent_free(&idle);
    VmbChannelPause(w->server.ch);
    raw_guest_close(g);
    world_run(w);
    /* Closing has ended those two; sent again, they queue. */
    for (int i = 0; i < PACKETS; i++) {
        if (i >= 2)
            sent_make(&w->server, &out[i]);
        out[i].ended = 0;
        send_named(&out[i], i);
    }
}

struct raw_guest *saved_awaiting(struct world *w, uint64_t transactions[])
{
    struct raw_guest *g;
    struct raw_packet got;

    saved_traffic(w, true);
    g = raw_guest_open(w); /* all four are in the ring now */
    for (int i = 0; i < PACKETS; i++) {
        CHECK(raw_guest_read(g, &got));
        transactions[i] = got.transaction;
    }
    return g;
}

static void free_when_ended(void)
{
    for (int i = 0; i < PACKETS; i++)
        out[i].free_inside = true;
}

void saved_end(struct world *w)
{
    free_when_ended();
    VmbChannelDisable(w->server.ch);
    VmbChannelCleanup(w->server.ch);
    for (int i = 0; i < PACKETS; i++)
        CHECK_EQ(out[i].ended, 1);
    w->server.ch = NULL;
}

void saved_awaiting_end(struct world *w, struct raw_guest *g)
{
    free_when_ended();
    raw_guest_close(g);
    saved_end(w);
}

void restored_end(struct world *w)
{
    for (uint32_t i = 0; i < restorer.calls; i++)
        restorer.sent[i].free_inside = true;
    endpoint_end(&w->server);
}

void save_all(struct world *w)
{
    ULONG filled, required;
    NTSTATUS status;

    memset(&store, 0, sizeof(store));
    CHECK_STATUS(VmbChannelSaveBegin(w->server.ch), STATUS_SUCCESS);
    do {
        status =
            VmbChannelSaveContinue(w->server.ch, NULL, 0, &filled, &required);
        if (status == STATUS_SUCCESS)
            break;
        CHECK_STATUS(status, STATUS_BUFFER_TOO_SMALL);
        status = VmbChannelSaveContinue(w->server.ch, store.bytes[store.units],
                                        required, &filled, &required);
        CHECK(status == STATUS_SUCCESS || status == STATUS_BUFFER_OVERFLOW);
        store.size[store.units++] = filled;
    } while (status != STATUS_SUCCESS);
    VmbChannelSaveEnd(w->server.ch);
}

void save_and_end(struct world *w, bool callbacks)
{
    saved_traffic(w, callbacks);
    save_all(w);
    saved_end(w);
}

NTSTATUS restore_unit(struct world *w, uint32_t n)
{
    return VmbChannelRestoreFromBuffer(w->server.ch, store.bytes[n],
                                       store.size[n]);
}

void restore_all(struct world *w)
{
    for (uint32_t i = 0; i < store.units; i++)
        CHECK_STATUS(restore_unit(w, i), i + 1 < store.units
                                             ? STATUS_MORE_PROCESSING_REQUIRED
                                             : STATUS_SUCCESS);
}

/* Nothing is left behind. */
void save_with_little(struct world *w)
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
