/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Endpoints of the model. Each callback checks that it is allowed now; each
 * packet carries its serial number, and whoever receives it checks the order.
 */
#include "model.h"

#include <stdlib.h>

/* ---- state changes ------------------------------------------------------- */

/* What may follow what. */
static bool legal(char last, char next)
{
    switch (next) {
    case 'O':
        return last == 0 || last == 'C' || last == 'F';
    case 'S':
        return last == 'O' || last == 'X';
    case 'P':
        return last == 'S';
    case 'X':
        return last == 'P';
    case 'C':
        return last == 'X' || last == 'O';
    case 'F':
        return last == 0 || last == 'C' || last == 'F';
    default:
        return false;
    }
}

static struct side *change(VMBCHANNEL ch, char next)
{
    struct side *s = VmbChannelGetPointer(ch);

    CHECK_EQ(KeGetCurrentIrql(), PASSIVE_LEVEL);
    CHECK(legal(s->last, next));
    CHECK(!s->in_packet);
    s->last = next;
    return s;
}

static NTSTATUS opened(VMBCHANNEL ch)
{
    change(ch, 'O');
    return STATUS_SUCCESS;
}

static VOID started(VMBCHANNEL ch)
{
    struct side *s = change(ch, 'S');

    if (!model_random(s->m, 3))
        side_send(s, 8 + model_random(s->m, 100), true);
}

static VOID post_started(VMBCHANNEL ch)
{
    change(ch, 'P');
}

static VOID suspend(VMBCHANNEL ch)
{
    struct side *s = change(ch, 'X');

    side_complete_all(s);
}

static VOID closed(VMBCHANNEL ch)
{
    struct side *s = change(ch, 'C');

    s->m->closes++;
    s->m->counted.closings++;
    if (!s->is_server) {
        s->enabled = false;
        s->lost = true;
    }
    if (!model_random(s->m, 4)) /* queues for the next opening */
        side_send(s, 8, model_random(s->m, 2));
}

static VOID pnp_failure(VMBCHANNEL ch, NTSTATUS status)
{
    struct side *s = change(ch, 'F');

    CHECK(!NT_SUCCESS(status));
    s->enabled = false;
    s->lost = true;
}

/* ---- packets ------------------------------------------------------------ */

static void answer(struct side *s, VMBPACKETCOMPLETION pc, bool echo)
{
    uint64_t serial = 0;

    (void)s;
    VmbChannelPacketComplete(pc, echo ? &serial : NULL, echo ? 8 : 0);
}

static VOID packet(VMBCHANNEL ch, VMBPACKETCOMPLETION pc, PVOID buffer,
                   UINT32 size, UINT32 flags)
{
    struct side *s = VmbChannelGetPointer(ch);
    uint32_t serial;

    (void)flags;
    CHECK(s->last == 'S' || s->last == 'P');
    CHECK(!s->in_packet);
    CHECK(size >= 8);
    if (KeGetCurrentIrql() != PASSIVE_LEVEL && !model_random(s->m, 8)) {
        VmbChannelPacketDeferToPassive(pc);
        return;
    }
    s->in_packet = true;
    memcpy(&serial, buffer, 4);
    CHECK(serial > s->last_received);
    s->last_received = serial;
    CHECK(serial <= s->peer->sent_count);
    CHECK(!s->peer->sent[serial - 1].received);
    s->peer->sent[serial - 1].received = true;
    s->m->counted.packets++;
    if (s->hold && s->held_count < 64) {
        s->held[s->held_count].pc = pc;
        s->held[s->held_count++].echo = serial % 2;
    } else {
        answer(s, pc, serial % 2);
    }
    s->in_packet = false;
}

void side_complete(struct side *s, uint32_t which)
{
    VMBPACKETCOMPLETION pc = s->held[which].pc;
    bool echo = s->held[which].echo;

    s->held[which] = s->held[--s->held_count];
    answer(s, pc, echo);
}

void side_complete_all(struct side *s)
{
    while (s->held_count)
        side_complete(s, s->held_count - 1);
}

static VOID sent_done(VMBPACKET p, NTSTATUS status, PVOID buffer, UINT32 size)
{
    struct record *r = VmbPacketGetPointer(p);

    CHECK_EQ(r->ended, 0);
    CHECK(status == STATUS_SUCCESS || status == STATUS_DEVICE_REMOVED);
    CHECK(!r->wait || status || r->received);
    CHECK_EQ(size, r->wait && !status && r->serial % 2 ? 8 : 0);
    CHECK(!buffer == !size);
    r->ended++;
    r->status = status;
    r->packet = NULL;
    VmbPacketFree(p);
}

void side_send(struct side *s, uint32_t size, bool wait)
{
    uint8_t bytes[1024] = {0};
    VMBPACKET p = VmbPacketAllocate(s->e.ch);
    struct record *r;

    if (!p || s->sent_count == MODEL_PACKETS) {
        if (p)
            VmbPacketFree(p);
        return;
    }
    r = &s->sent[s->sent_count++];
    *r = (struct record){
        .serial = s->sent_count,
        .wait = wait,
        .closes = s->m->closes,
        .packet = p,
    };
    memcpy(bytes, &r->serial, 4);
    VmbPacketSetPointer(p, r);
    VmbPacketSetCompletionRoutine(p, sent_done);
    CHECK_STATUS(
        VmbPacketSend(p, bytes, size, NULL,
                      wait ? VMBUS_CHANNEL_FORMAT_FLAG_WAIT_FOR_COMPLETION : 0),
        STATUS_SUCCESS);
}

/* ---- save and restore: the driver's part -------------------------------- */

static NTSTATUS save_packet(VMBCHANNEL ch, VMBPACKET p, PVOID buffer,
                            UINT32 size, PUINT32 needed)
{
    struct record *r = VmbPacketGetPointer(p);

    (void)ch;
    *needed = sizeof(r->serial);
    if (size < sizeof(r->serial))
        return STATUS_BUFFER_TOO_SMALL;
    memcpy(buffer, &r->serial, sizeof(r->serial));
    return STATUS_SUCCESS;
}

/* The packet's old incarnation ended with the old channel; now it lives. */
static NTSTATUS restore_packet(VMBCHANNEL ch, PVOID lib, UINT32 lib_size,
                               PVOID buffer, UINT32 size)
{
    struct side *s = VmbChannelGetPointer(ch);
    VMBPACKET p = VmbPacketAllocate(ch);
    struct record *r;
    uint32_t serial;
    NTSTATUS status;

    CHECK(p && buffer && size >= 4);
    memcpy(&serial, buffer, 4);
    CHECK(serial && serial <= s->sent_count);
    r = &s->sent[serial - 1];
    VmbPacketSetPointer(p, r);
    VmbPacketSetCompletionRoutine(p, sent_done);
    status = VmbPacketRestore(p, lib, lib_size);
    if (NT_SUCCESS(status)) {
        CHECK_EQ(r->ended, 1);
        CHECK_STATUS(r->status, STATUS_DEVICE_REMOVED);
        r->ended = 0;
        r->restored = true;
        r->packet = p;
        r->closes = s->m->closes;
    }
    return status;
}

/* ---- making ------------------------------------------------------------- */

static void configure(struct side *s)
{
    VMB_CHANNEL_STATE_CHANGE_CALLBACKS callbacks;
    VMBCHANNEL ch = s->e.ch;

    VMB_CHANNEL_STATE_CHANGE_CALLBACKS_INIT(&callbacks);
    callbacks.EvtChannelOpened = opened;
    callbacks.EvtChannelClosed = closed;
    callbacks.EvtChannelSuspend = suspend;
    callbacks.EvtChannelStarted = started;
    callbacks.EvtChannelPostStarted = post_started;
    VmbChannelSetPointer(ch, s);
    CHECK_EQ(VmbChannelInitSetStateChangeCallbacks(ch, &callbacks), 0);
    CHECK_EQ(VmbChannelInitSetProcessPacketCallbacks(ch, packet, NULL), 0);
    CHECK_EQ(VmbChannelInitSetMaximumExternalData(ch, 4096, 1), 0);
    if (s->is_server) {
        CHECK_EQ(VmbServerChannelInitSetTargetInterfaceId(ch, test_type,
                                                          test_instance),
                 0);
        CHECK_EQ(VmbServerChannelInitSetSaveRestorePacketCallbacks(
                     ch, save_packet, restore_packet),
                 0);
    } else {
        CHECK_EQ(
            VmbClientChannelInitSetTargetPnp(ch, &test_type, NULL, pnp_failure),
            0);
        CHECK_EQ(VmbClientChannelInitSetRingBufferPageCount(ch, 1, 2), 0);
    }
}

void side_make(struct model *m, struct side *s, bool server)
{
    s->m = m;
    s->is_server = server;
    s->peer = server ? &m->client : &m->server;
    s->enabled = s->active = s->lost = false;
    s->last = 0;
    CHECK_EQ(VmbChannelAllocate(m->w->device, server, &s->e.ch), 0);
    configure(s);
}

void side_end(struct side *s)
{
    side_complete_all(s);
    VmbChannelDisable(s->e.ch);
    VmbChannelCleanup(s->e.ch);
    s->e.ch = NULL;
}

/* The record array starts anew when nothing is in flight. */
void side_forget_ended(struct side *s)
{
    for (uint32_t i = 0; i < s->sent_count; i++) {
        if (!s->sent[i].ended)
            return;
    }
    s->sent_count = 0;
    s->peer->last_received = 0;
}
