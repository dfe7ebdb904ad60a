/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A server that tells its guest where it has written into a GPADL:
 * kmcl_server_send_parts(), before a guest without KMCL and before a client.
 */
#include "harness.h"
#include "raw.h"
#include "save_rig.h"

#include <stdlib.h>

#include "vmbus/ring_wire.h"

static const struct kmcl_part two[2] = {{16, 4090}, {0x102, 0x10203}};

static NTSTATUS send_parts(struct sent *s, const struct kmcl_part *parts,
                           UINT32 count, UINT32 flags)
{
    return kmcl_server_send_parts(s->packet, 0xcafe, parts, count,
                                  (PVOID)(uintptr_t) "inline..", 8, flags);
}

/* By hand from the packet's table: set id, owner, range count, ranges. */
static void check_packet(const struct raw_packet *got)
{
    static const uint8_t wanted[] = {
        0xfe, 0xca, 0x00, 0x00, 0x02, 0x00, 0x00, 0x00, 0x10, 0x00, 0x00,
        0x00, 0xfa, 0x0f, 0x00, 0x00, 0x02, 0x01, 0x00, 0x00, 0x03, 0x02,
        0x01, 0x00, 'i',  'n',  'l',  'i',  'n',  'e',  '.',  '.'};

    CHECK_EQ(got->type, 7);
    CHECK_EQ(got->flags, 1);
    CHECK_EQ(got->header_size, 24);
    CHECK_EQ(got->size, sizeof(wanted));
    CHECK(!memcmp(got->body, wanted, sizeof(wanted)));
}

static void to_raw_guest(struct world *w)
{
    static const uint8_t answer[8] = {108, 0, 0, 0, 1, 0, 0, 0};
    struct raw_guest *g = raw_guest_pair(w);
    struct raw_packet got;
    struct sent s;

    sent_make(&w->server, &s);
    CHECK_STATUS(send_parts(&s, two, 2, WAIT), STATUS_SUCCESS);
    CHECK(raw_guest_read(g, &got));
    check_packet(&got);
    CHECK_EQ(s.ended, 0); /* the parts are the guest's until it answers */
    CHECK_EQ(raw_guest_send(g, RING_PACKET_COMPLETION, 0, got.transaction,
                            answer, 8),
             0);
    world_run(w);
    CHECK_EQ(s.ended, 1);
    CHECK_STATUS(s.status, STATUS_SUCCESS);
    CHECK(s.size == 8 && !memcmp(s.bytes, answer, 8));
    sent_free(&s);
    raw_guest_end(w, g);
}

/* ---- to a client --------------------------------------------------------- */

/* The places as they stand in the packet, at any level. */
static void look_at_parts(VMBPACKETCOMPLETION pc)
{
    struct kmcl_parts parts;

    CHECK(kmcl_packet_parts(pc, &parts));
    CHECK_EQ(parts.count, 1);
    CHECK_EQ(parts.parts[0].bytes, 9);
    CHECK_EQ(parts.parts[0].offset, 4090);
}

static void look(struct endpoint *e, VMBPACKETCOMPLETION pc)
{
    const uint8_t *data;
    PMDL mdl;

    look_at_parts(pc);
    CHECK_EQ(e->flags, 1);
    CHECK(e->size == 8 && !memcmp(e->buffer, "inline..", 8));
    if (KeGetCurrentIrql() != PASSIVE_LEVEL) {
        VmbChannelPacketDeferToPassive(pc);
        return;
    }
    CHECK_STATUS(VmbChannelPacketGetExternalData(pc, 0, &mdl), STATUS_SUCCESS);
    CHECK_EQ(MmGetMdlByteCount(mdl), 9);
    data = MmGetSystemAddressForMdlSafe(mdl, NormalPagePriority);
    CHECK(data && !memcmp(data, "two pages", 9));
    CHECK(!mdl->Next);
    VmbChannelPacketComplete(pc, "seen it.", 8);
}

static void to_client(struct world *w)
{
    struct kmcl_part part = {.bytes = 9, .offset = 4090};
    uint8_t *pages = world_pages(w, 2);
    struct sent s;
    UINT32 handle;
    PMDL mdl;

    pair_run(w);
    w->client.on_packet = look;
    handle = gpadl_of(w, pages, 8192);
    CHECK_STATUS(VmbChannelMapGpadl(w->server.ch, 0, handle, &mdl),
                 STATUS_SUCCESS);
    memcpy((uint8_t *)MmGetSystemAddressForMdlSafe(mdl, 0) + 4090, "two pages",
           9);
    VmbChannelUnmapGpadl(w->server.ch, handle);
    sent_make(&w->server, &s);
    CHECK_STATUS(kmcl_server_send_parts(s.packet, (UINT16)handle, &part, 1,
                                        (PVOID)(uintptr_t) "inline..", 8, WAIT),
                 STATUS_SUCCESS);
    world_run(w);
    CHECK_EQ(w->client.batched, 1);
    CHECK_EQ(s.ended, 1);
    CHECK(s.size == 8 && !memcmp(s.bytes, "seen it.", 8));
    sent_free(&s);
    VmbChannelDeleteGpadl(w->client.ch, handle);
    pair_end(w);
}

/* ---- what is refused ----------------------------------------------------- */

/* Both ends have 16 pages in 4 MDLs as their maxima. */
static void refused(struct world *w)
{
    static const struct kmcl_part all = {16 * 4096, 0};
    static const struct kmcl_part more[2] = {{16 * 4096, 0}, {1, 0}};
    static const struct kmcl_part five[5] = {{1, 0}};
    static const struct kmcl_part wraps[2] = {{~0u, 0}, {2, 0}};
    struct sent s;

    pair_run(w);
    sent_make(&w->server, &s);
    CHECK_STATUS(send_parts(&s, two, 0, WAIT), STATUS_INVALID_PARAMETER_4);
    CHECK_STATUS(send_parts(&s, NULL, 1, WAIT), STATUS_INVALID_PARAMETER_4);
    CHECK_STATUS(send_parts(&s, five, 5, WAIT), STATUS_INVALID_PARAMETER_4);
    CHECK_STATUS(send_parts(&s, more, 2, WAIT), STATUS_INVALID_PARAMETER_4);
    CHECK_STATUS(send_parts(&s, wraps, 2, WAIT), STATUS_INVALID_PARAMETER_4);
    CHECK_STATUS(send_parts(&s, two, 2, 0), STATUS_INVALID_PARAMETER_7);
    CHECK_STATUS(kmcl_server_send_parts(s.packet, 1, two, 2, NULL, 1, WAIT),
                 STATUS_INVALID_PARAMETER_2);
    world_run(w);
    CHECK_EQ(w->client.packets, 0);
    /* The client keeps the packet, so it is still under way when it is sent
     * again. */
    w->client.hold = true;
    CHECK_STATUS(send_parts(&s, &all, 1, WAIT), STATUS_SUCCESS);
    CHECK_STATUS(send_parts(&s, &all, 1, WAIT), STATUS_INVALID_PARAMETER_1);
    world_run(w);
    CHECK_EQ(w->client.packets, 1);
    VmbChannelPacketComplete(w->client.held[0], NULL, 0);
    world_run(w);
    sent_free(&s);
    sent_make(&w->client, &s);
    CHECK_STATUS(send_parts(&s, two, 2, WAIT), STATUS_NOT_SUPPORTED);
    sent_free(&s);
    pair_end(w);
}

static void refused_by_pipe(struct world *w)
{
    struct sent s;

    server_make(w, &w->server, &test_instance);
    CHECK_STATUS(
        VmbServerChannelInitSetFlags(
            w->server.ch, VMBUS_SERVER_CHANNEL_INIT_FLAG_OFFER_AS_PIPE),
        STATUS_SUCCESS);
    sent_make(&w->server, &s);
    CHECK_STATUS(send_parts(&s, two, 2, WAIT), STATUS_NOT_SUPPORTED);
    sent_free(&s);
    VmbChannelCleanup(w->server.ch);
    w->server.ch = NULL;
}

/* The packet has the room of its time. */
static void raised_maxima(struct world *w)
{
    static const struct kmcl_part many[40] = {{1, 0}};
    VMBPACKET packet;

    server_make(w, &w->server, &test_instance);
    packet = packet_own(w->server.ch);
    VmbPacketSetCompletionRoutine(packet, sent_ignore);
    CHECK_STATUS(VmbChannelInitSetMaximumExternalData(w->server.ch, 4096, 40),
                 STATUS_SUCCESS);
    CHECK_STATUS(kmcl_server_send_parts(packet, 1, many, 40, NULL, 0, WAIT),
                 STATUS_INVALID_PARAMETER_4);
    free(packet);
    VmbChannelCleanup(w->server.ch);
    w->server.ch = NULL;
}

/* ---- queued, saved ------------------------------------------------------- */

/* Sent before a guest is there, saved, restored by a server that has no
 * callbacks: the guest that comes gets the same bytes. */
static void saved(struct world *w)
{
    struct raw_packet got;
    struct raw_guest *g;
    struct sent s;

    saved_make(w, false);
    server_start(&w->server);
    VmbChannelPause(w->server.ch);
    sent_make(&w->server, &s);
    CHECK_STATUS(send_parts(&s, two, 2, WAIT), STATUS_SUCCESS);
    save_all(w);
    s.free_inside = true;
    endpoint_end(&w->server);

    saved_make(w, false);
    restore_all(w);
    server_start(&w->server);
    g = raw_guest_open(w);
    CHECK(raw_guest_read(g, &got));
    check_packet(&got);
    raw_guest_end(w, g);
}

const struct test kmcl_tests_server_parts[] = {
    {121, "a guest gets the parts that its server sends, byte for byte",
     to_raw_guest},
    {121, "a client sees what its server wrote into the parts", to_client},
    {121, "parts that a client could not take are refused", refused},
    {121, "a pipe has no parts", refused_by_pipe},
    {121, "parts do not pass the room of an older packet", raised_maxima},
    {141, "queued parts are saved, restored and sent", saved},
    {0, NULL, NULL},
};
