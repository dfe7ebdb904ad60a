/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Endpoints that record, and packets that record: the portable part of the
 * tests' world.
 */
#include "harness.h"
#include "vmbus/seam.h"
#include "world_bus.h"

#include <stdlib.h>

const GUID test_type = {0x6b6d636c, 0x7465, 0x7374, {1, 2, 3, 4, 5, 6, 7, 8}};
const GUID test_instance = {0x11111111, 1, 1, {1, 1, 1, 1, 1, 1, 1, 1}};
const GUID other_instance = {0x22222222, 2, 2, {2, 2, 2, 2, 2, 2, 2, 2}};

uint32_t sent_order;

/* ---- recording ----------------------------------------------------------- */

static void note(struct endpoint *e, char letter)
{
    size_t length = strlen(e->trace);

    if (e->silent)
        return;
    CHECK(length < TRACE_SIZE - 1);
    e->trace[length] = letter;
    e->trace[length + 1] = 0;
}

/* Callbacks that have begun and not returned, on other stacks than the test's
 * and on the test's own: what main calls may call back. */
static uint32_t elsewhere, here;
static uintptr_t tests_strand;

void world_callbacks_begin(struct world *w)
{
    elsewhere = 0;
    here = 0;
    tests_strand = seam_strand(world_seam(w));
}

bool world_callbacks_wait(struct world *w)
{
    return here == 0 && seam_strand(world_seam(w)) == tests_strand;
}

bool world_callbacks_ended(void)
{
    return __atomic_load_n(&elsewhere, __ATOMIC_ACQUIRE) == 0;
}

/* Which of the two a callback counts for. */
static uint32_t *counter(struct world *w)
{
    bool own = KeGetCurrentIrql() == PASSIVE_LEVEL &&
               seam_strand(world_seam(w)) == tests_strand;

    return own ? &here : &elsewhere;
}

void world_callback_enter(struct world *w)
{
    __atomic_add_fetch(counter(w), 1, __ATOMIC_RELAXED);
}

void world_callback_leave(struct world *w)
{
    __atomic_sub_fetch(counter(w), 1, __ATOMIC_RELEASE);
}

static void leave(struct endpoint *e)
{
    world_callback_leave(e->w);
}

static struct endpoint *state_change(VMBCHANNEL ch, char letter)
{
    struct endpoint *e = VmbChannelGetPointer(ch);

    world_callback_enter(e->w);
    note(e, letter);
    if (KeGetCurrentIrql() != PASSIVE_LEVEL)
        e->not_passive = true;
    return e;
}

static NTSTATUS opened(VMBCHANNEL ch)
{
    struct endpoint *e = state_change(ch, 'O');

    if (e->on_opened)
        e->on_opened(e);
    leave(e);
    return e->open_status;
}

static VOID closed(VMBCHANNEL ch)
{
    struct endpoint *e = state_change(ch, 'C');

    if (e->on_closed)
        e->on_closed(e);
    leave(e);
}

static VOID suspend(VMBCHANNEL ch)
{
    struct endpoint *e = state_change(ch, 'X');

    if (e->on_suspend)
        e->on_suspend(e);
    leave(e);
}

static VOID started(VMBCHANNEL ch)
{
    struct endpoint *e = state_change(ch, 'S');

    if (e->on_started)
        e->on_started(e);
    leave(e);
}

static VOID post_started(VMBCHANNEL ch)
{
    struct endpoint *e = state_change(ch, 'P');

    if (e->on_post_started)
        e->on_post_started(e);
    leave(e);
}

static VOID pnp_failure(VMBCHANNEL ch, NTSTATUS status)
{
    struct endpoint *e = state_change(ch, 'F');

    e->pnp_status = status;
    leave(e);
}

static VOID process_packet(VMBCHANNEL ch, VMBPACKETCOMPLETION pc, PVOID buffer,
                           UINT32 size, UINT32 flags)
{
    struct endpoint *e = VmbChannelGetPointer(ch);

    e->packets++;
    e->packet_irql = KeGetCurrentIrql();
    e->flags = flags;
    e->size = size;
    e->buffer = buffer;
    memcpy(e->bytes, buffer, size < sizeof(e->bytes) ? size : sizeof(e->bytes));
    if (e->on_packet) {
        world_callback_enter(e->w);
        e->on_packet(e, pc);
        leave(e);
    } else if (e->hold) {
        CHECK(e->held_count < HELD);
        e->held[e->held_count++] = pc;
    } else {
        VmbChannelPacketComplete(pc, e->echo ? buffer : NULL,
                                 e->echo ? size : 0);
    }
}

static VOID processing_complete(VMBCHANNEL ch, UINT32 packets)
{
    struct endpoint *e = VmbChannelGetPointer(ch);

    e->batches++;
    e->batched += packets;
    e->last_batch = packets;
    e->batch_irql = KeGetCurrentIrql();
}

/* ---- making -------------------------------------------------------------- */

VMBCHANNEL channel_make(struct world *w, bool server)
{
    VMBCHANNEL ch = NULL;

    CHECK_STATUS(VmbChannelAllocate(w->device, server, &ch), STATUS_SUCCESS);
    CHECK(ch);
    return ch;
}

static void configure(struct world *w, struct endpoint *e)
{
    VMB_CHANNEL_STATE_CHANGE_CALLBACKS callbacks;

    e->w = w;
    VMB_CHANNEL_STATE_CHANGE_CALLBACKS_INIT(&callbacks);
    callbacks.EvtChannelOpened = opened;
    callbacks.EvtChannelClosed = closed;
    callbacks.EvtChannelSuspend = suspend;
    callbacks.EvtChannelStarted = started;
    callbacks.EvtChannelPostStarted = post_started;
    VmbChannelSetPointer(e->ch, e);
    CHECK_STATUS(VmbChannelInitSetStateChangeCallbacks(e->ch, &callbacks), 0);
    CHECK_STATUS(VmbChannelInitSetProcessPacketCallbacks(e->ch, process_packet,
                                                         processing_complete),
                 0);
    CHECK_STATUS(VmbChannelInitSetMaximumPacketSize(e->ch, 1024), 0);
    CHECK_STATUS(VmbChannelInitSetMaximumExternalData(e->ch, 16 * 4096, 4), 0);
}

void client_make(struct world *w, struct endpoint *e)
{
    e->ch = channel_make(w, false);
    configure(w, e);
    CHECK_STATUS(
        VmbClientChannelInitSetTargetPnp(e->ch, &test_type, NULL, pnp_failure),
        0);
}

void server_make(struct world *w, struct endpoint *e, const GUID *instance)
{
    e->ch = channel_make(w, true);
    configure(w, e);
    CHECK_STATUS(
        VmbServerChannelInitSetTargetInterfaceId(e->ch, test_type, *instance),
        0);
}

void pair_make(struct world *w)
{
    server_make(w, &w->server, &test_instance);
    client_make(w, &w->client);
}

void pair_run(struct world *w)
{
    if (!w->server.ch)
        pair_make(w);
    CHECK_STATUS(VmbChannelEnable(w->server.ch), 0);
    VmbChannelStart(w->server.ch);
    CHECK_STATUS(VmbChannelEnable(w->client.ch), 0);
    world_run(w);
    CHECK_TEXT(w->server.trace, "OSP");
    CHECK_TEXT(w->client.trace, "OSP");
}

void endpoint_enable(struct endpoint *e)
{
    CHECK_STATUS(VmbChannelEnable(e->ch), STATUS_SUCCESS);
    world_run(e->w);
}

void server_start(struct endpoint *e)
{
    CHECK_STATUS(VmbChannelEnable(e->ch), STATUS_SUCCESS);
    VmbChannelStart(e->ch);
}

void client_disable(void *world)
{
    struct world *w = world;

    VmbChannelDisable(w->client.ch);
}

void endpoint_end(struct endpoint *e)
{
    if (!e->ch)
        return;
    VmbChannelDisable(e->ch);
    VmbChannelCleanup(e->ch);
    e->ch = NULL;
    world_run(e->w); /* the other side learns of it */
}

void pair_end(struct world *w)
{
    endpoint_end(&w->client);
    endpoint_end(&w->server);
}

/* ---- outgoing packets ---------------------------------------------------- */

static VOID sent_done(VMBPACKET packet, NTSTATUS status, PVOID buffer,
                      UINT32 size)
{
    struct sent *s = VmbPacketGetPointer(packet);

    CHECK(size <= sizeof(s->bytes));
    s->ended++;
    s->order = ++sent_order;
    s->status = status;
    s->size = size;
    s->buffer_given = buffer != NULL;
    s->irql = KeGetCurrentIrql();
    if (size)
        memcpy(s->bytes, buffer, size);
    if (s->free_inside)
        VmbPacketFree(packet);
}

void sent_make(struct endpoint *e, struct sent *s)
{
    memset(s, 0, sizeof(*s));
    s->packet = VmbPacketAllocate(e->ch);
    CHECK(s->packet);
    VmbPacketSetPointer(s->packet, s);
    VmbPacketSetCompletionRoutine(s->packet, sent_done);
}

NTSTATUS sent_send(struct sent *s, const void *bytes, UINT32 size, bool wait)
{
    return VmbPacketSend(s->packet, (PVOID)(uintptr_t)bytes, size, NULL,
                         wait ? VMBUS_CHANNEL_FORMAT_FLAG_WAIT_FOR_COMPLETION
                              : 0);
}

void sent_free(struct sent *s)
{
    VmbPacketFree(s->packet);
    s->packet = NULL;
}

VOID sent_ignore(VMBPACKET packet, NTSTATUS status, PVOID buffer, UINT32 size)
{
    (void)packet;
    (void)status;
    (void)buffer;
    (void)size;
}

NTSTATUS send_plain(struct endpoint *e, const void *bytes, UINT32 size)
{
    VMBPACKET packet = VmbPacketAllocate(e->ch);
    NTSTATUS status;

    CHECK(packet);
    status = VmbPacketSend(packet, (PVOID)(uintptr_t)bytes, size, NULL, 0);
    if (!NT_SUCCESS(status))
        VmbPacketFree(packet);
    return status;
}

void client_send(struct world *w)
{
    CHECK_STATUS(send_plain(&w->client, "x", 1), STATUS_SUCCESS);
    world_run(w);
}

VMBPACKET packet_own(VMBCHANNEL ch)
{
    UINT32 size = VmbChannelSizeofPacket(ch);
    VMBPACKET p = malloc(size);

    CHECK(p);
    CHECK_STATUS(VmbPacketInitialize(ch, p, size), STATUS_SUCCESS);
    return p;
}

void endpoint_complete_all(struct endpoint *e)
{
    for (uint32_t i = 0; i < e->held_count; i++)
        VmbChannelPacketComplete(e->held[i], NULL, 0);
    e->held_count = 0;
}

/* ---- memory that is lent ------------------------------------------------- */

PMDL mdl_of(void *address, ULONG size)
{
    PMDL mdl = IoAllocateMdl(address, size, FALSE, FALSE, NULL);

    CHECK(mdl);
    MmBuildMdlForNonPagedPool(mdl);
    return mdl;
}

UINT32 gpadl_of(struct world *w, void *memory, UINT32 bytes)
{
    UINT32 handle = 0;

    CHECK_STATUS(VmbChannelCreateGpadlFromBuffer(w->client.ch, 0, memory, bytes,
                                                 &handle),
                 STATUS_SUCCESS);
    return handle;
}
