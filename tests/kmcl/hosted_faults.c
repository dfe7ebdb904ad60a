/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Fault injection: the same life of a pair again and again, and each time
 * another allocation of it fails. Whatever fails must be told by a status or by
 * the PnP callback; afterwards the same pair must work, and nothing may be
 * left. Hosted, as only that world counts the bus's allocations, too.
 */
#include "harness.h"

struct life {
    struct world *w;
    uint32_t accepted, ended;
    uint8_t *pages;
    PMDL mdl;
};

static VOID count_end(VMBPACKET packet, NTSTATUS status, PVOID buffer,
                      UINT32 size)
{
    struct life *l = VmbPacketGetPointer(packet);

    (void)status;
    (void)buffer;
    (void)size;
    l->ended++;
    VmbPacketFree(packet);
}

static void send(struct life *l, struct endpoint *e, PMDL mdl)
{
    VMBPACKET packet = VmbPacketAllocate(e->ch);

    if (!packet)
        return;
    VmbPacketSetPointer(packet, l);
    VmbPacketSetCompletionRoutine(packet, count_end);
    CHECK_STATUS(VmbPacketSend(packet, "question", 8, mdl, WAIT),
                 STATUS_SUCCESS); /* a send needs no memory */
    l->accepted++;
}

/* Maps what it was lent, if it can. */
static void use(struct endpoint *e, VMBPACKETCOMPLETION pc)
{
    PMDL mdl;

    if (e->flags && KeGetCurrentIrql() != PASSIVE_LEVEL) {
        VmbChannelPacketDeferToPassive(pc);
        return;
    }
    if (e->flags && NT_SUCCESS(VmbChannelPacketGetExternalData(pc, 0, &mdl)))
        (void)MmGetSystemAddressForMdlSafe(mdl, NormalPagePriority);
    VmbChannelPacketComplete(pc, e->buffer, e->size);
}

static void share(struct life *l)
{
    UINT32 handle;
    PMDL mdl;

    if (!NT_SUCCESS(VmbChannelCreateGpadlFromBuffer(
            l->w->client.ch, 0, l->pages, 2 * 4096, &handle)))
        return;
    if (NT_SUCCESS(VmbChannelMapGpadl(l->w->server.ch, 0, handle, &mdl)))
        VmbChannelUnmapGpadl(l->w->server.ch, handle);
    VmbChannelDeleteGpadl(l->w->client.ch, handle);
}

static void save(struct life *l)
{
    static uint8_t state[8192];
    ULONG filled, required;

    VmbChannelPause(l->w->server.ch);
    if (VmbChannelSaveBegin(l->w->server.ch))
        return;
    (void)VmbChannelSaveContinue(l->w->server.ch, state, sizeof(state), &filled,
                                 &required);
    VmbChannelSaveEnd(l->w->server.ch);
}

static void live(struct life *l)
{
    LARGE_INTEGER limit = {.QuadPart = -100 * 10000};
    struct world *w = l->w;

    if (VmbChannelEnable(w->server.ch))
        return;
    VmbChannelStart(w->server.ch);
    if (!VmbChannelEnable(w->client.ch)) {
        world_advance(w, 50);
        for (int i = 0; i < 3; i++)
            send(l, &w->client, NULL);
        send(l, &w->client, l->mdl);
        send(l, &w->server, NULL);
        world_advance(w, 50);
        (void)VmbChannelSendSynchronousRequest(w->client.ch, "question", 8,
                                               NULL, WAIT, NULL, NULL, &limit);
        share(l);
        save(l);
        VmbChannelDisable(w->client.ch);
    }
    world_advance(w, 50);
    VmbChannelDisable(w->server.ch);
    world_advance(w, 50);
}

/* True: the failure came; there may be a later one. */
static bool fail_at(struct world *w, uint32_t nth)
{
    struct life l = {.w = w};
    uint64_t before;
    uint32_t accepted;

    l.pages = world_pages(w, 2);
    l.mdl = mdl_of(l.pages + 100, 6000);
    pair_make(w);
    w->client.on_packet = w->server.on_packet = use;
    w->client.silent = w->server.silent = true;
    before = world_allocations(w);
    world_fail_allocation(w, nth);
    live(&l);
    world_fail_allocation(w, 0);
    before = world_allocations(w) - before;
    /* And now as if nothing had been; what was sent and could not go out
     * before goes out now. */
    accepted = l.accepted;
    live(&l);
    CHECK_EQ(l.accepted, accepted + 5);
    CHECK_EQ(l.ended, l.accepted);
    pair_end(w);
    IoFreeMdl(l.mdl);
    return nth <= before;
}

static void each_allocation(struct world *w)
{
    uint32_t nth = 1;

    while (fail_at(w, nth))
        nth++;
    CHECK(nth > 40); /* the life has that many, and more */
}

const struct test kmcl_tests_faults[] = {
    {0, "when any one allocation of a pair's life fails, nothing is leaked",
     each_allocation},
    {0, NULL, NULL},
};
