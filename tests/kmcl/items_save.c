/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Acceptance items I, first part (131..138): saving a server channel.
 */
#include "harness.h"
#include "save_rig.h"

/* A whole session, in which the driver fails. */
static void save_fails(struct world *w, NTSTATUS expected)
{
    ULONG filled, required;

    CHECK_STATUS(VmbChannelSaveBegin(w->server.ch), STATUS_SUCCESS);
    CHECK_STATUS(VmbChannelSaveContinue(w->server.ch, store.bytes[0], 4096,
                                        &filled, &required),
                 expected);
    VmbChannelSaveEnd(w->server.ch);
}

static void item_131(struct world *w)
{
    saved_traffic(w, true);
    save_all(w);
    CHECK_EQ(saver.first_calls, PACKETS);
    CHECK(!saver.first_had_buffer);
    for (int i = 0; i < PACKETS; i++)
        CHECK(saver.seen[i] == out[i].packet);
    saved_end(w);
}

static void item_132(struct world *w)
{
    saved_traffic(w, true);
    saver.nothing = true;
    save_all(w);
    CHECK_EQ(saver.first_calls, PACKETS);
    CHECK_EQ(saver.second_calls, 0);
    saved_end(w);
    saved_make(w, true);
    restorer.saved_nothing = true;
    restore_all(w);
    CHECK_EQ(restorer.calls, PACKETS);
    restored_end(w);
}

static void item_133(struct world *w)
{
    saved_traffic(w, true);
    saver.needed = 777;
    save_all(w);
    CHECK_EQ(saver.second_calls, PACKETS);
    saved_end(w);
}

static void item_134(struct world *w)
{
    saved_traffic(w, true);
    saver.second = STATUS_CANCELLED;
    save_fails(w, STATUS_CANCELLED);
    saved_end(w);
}

/* Two statuses speak of the buffer of VmbChannelSaveContinue: a driver's own
 * must not send the application round its loop for ever. */
static void item_134_buffer(struct world *w)
{
    saved_traffic(w, true);
    saver.second = STATUS_BUFFER_OVERFLOW;
    save_fails(w, STATUS_UNSUCCESSFUL);
    saver.first_calls = 0;
    saver.second = STATUS_BUFFER_TOO_SMALL;
    save_fails(w, STATUS_UNSUCCESSFUL);
    saved_end(w);
}

static void item_135(struct world *w)
{
    ULONG filled = 1, required = 0;
    VMBCHANNEL ch;

    saved_traffic(w, true);
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
    saved_end(w);
}

/* In steps of any size the same bytes come out. */
static void item_136(struct world *w)
{
    static uint8_t whole[4096], pieces[4096];
    ULONG filled, required, total, at = 0;
    NTSTATUS status;
    uint32_t steps = 0;

    saved_traffic(w, true);
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
    saved_end(w);
}

static void item_133_limit(struct world *w)
{
    saved_traffic(w, true);
    saver.needed = (16u << 20) + 1; /* what KMCL keeps for one packet */
    save_fails(w, STATUS_INSUFFICIENT_RESOURCES);
    CHECK_EQ(saver.second_calls, 0);
    saved_end(w);
}

static void item_137(struct world *w)
{
    ULONG filled, required;

    saved_traffic(w, true);
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
    saved_end(w);
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

    saved_traffic(w, true);
    before = world_blocks(w);
    CHECK_STATUS(VmbChannelSaveBegin(w->server.ch), STATUS_SUCCESS);
    CHECK_STATUS(
        VmbChannelSaveContinue(w->server.ch, NULL, 0, &filled, &required),
        STATUS_BUFFER_TOO_SMALL);
    CHECK(world_blocks(w) > before);
    VmbChannelSaveEnd(w->server.ch);
    CHECK_EQ(world_blocks(w), before);
    save_all(w);
    CHECK_EQ(world_blocks(w), before);
    saver.second = STATUS_UNSUCCESSFUL;
    save_fails(w, STATUS_UNSUCCESSFUL);
    CHECK_EQ(world_blocks(w), before);
    saved_end(w);
}

static void item_138_memory(struct world *w)
{
    saved_traffic(w, true);
    VmbChannelDisable(w->server.ch); /* what is queued stays, and is saved */
    save_with_little(w);
    saved_end(w);
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
    world_call_later(w, 10, client_disable, w);
    world_call_later(w, 40, end_session, w);
    world_advance(w, 100);
    CHECK_TEXT(w->server.trace, "OSPXC");
    pair_end(w);
}

const struct test kmcl_tests_save[] = {
    {131, "EvtSavePacket is asked for each packet in flight, first with size 0",
     item_131},
    {132, "success of the first EvtSavePacket saves nothing more of the packet",
     item_132},
    {133, "failure of the first EvtSavePacket leads to a second with room",
     item_133},
    {133, "a driver that wants more than 16 MiB for one packet is refused",
     item_133_limit},
    {134, "failure of the second EvtSavePacket ends the saving", item_134},
    {134,
     "a driver's status about a buffer does not read as one about SaveBuffer",
     item_134_buffer},
    {135, "VmbChannelSaveContinue reports how large a buffer must be",
     item_135},
    {136, "a state that is saved in pieces loses and repeats nothing",
     item_136},
    {137, "VmbChannelSaveContinue needs VmbChannelSaveBegin before it",
     item_137},
    {138, "VmbChannelSaveEnd frees all memory of the session", item_138},
    {138,
     "a save session without memory fails; a Disabled channel can be saved",
     item_138_memory},
    {138, "a guest's close waits for the end of the save session",
     item_138_close},
    {0, NULL, NULL},
};
