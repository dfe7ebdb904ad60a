/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Acceptance items H, first part (121..123): external data that came.
 */
#include "harness.h"

struct look {
    struct world *w;
    uint8_t *pages;
    NTSTATUS first;
    uint32_t calls;
};

/* The chain that a client sent: 300 bytes at page 0 + 4000, 50 at page 3. */
static void look_at_chain(struct endpoint *e, VMBPACKETCOMPLETION pc)
{
    struct look *l = e->context;
    PMDL mdl = NULL, again;

    l->calls++;
    CHECK_STATUS(VmbChannelPacketGetExternalData(pc, 2, &mdl),
                 STATUS_INVALID_PARAMETER_2);
    CHECK_STATUS(VmbChannelPacketGetExternalData(pc, 0, NULL),
                 STATUS_INVALID_PARAMETER_3);
    l->first = VmbChannelPacketGetExternalData(pc, 0, &mdl);
    if (l->first == STATUS_PENDING)
        return;
    CHECK_STATUS(l->first, STATUS_SUCCESS);
    CHECK_EQ(MmGetMdlByteCount(mdl), 300);
    CHECK_EQ(MmGetMdlByteOffset(mdl), 4000);
    CHECK_EQ((uintptr_t)MmGetMdlVirtualAddress(mdl), MmGetMdlByteOffset(mdl));
    CHECK_EQ(MmGetMdlPfnArray(mdl)[0], world_pfn(l->w, l->pages));
    CHECK_EQ(MmGetMdlPfnArray(mdl)[1], world_pfn(l->w, l->pages + 4096));
    CHECK_EQ(MmGetMdlByteCount(mdl->Next), 50);
    CHECK_EQ(MmGetMdlPfnArray(mdl->Next)[0],
             world_pfn(l->w, l->pages + 3 * 4096));
    CHECK(!mdl->Next->Next);
    CHECK_STATUS(VmbChannelPacketGetExternalData(pc, 0, &again),
                 STATUS_SUCCESS);
    CHECK(again == mdl);
    VmbChannelPacketComplete(pc, NULL, 0);
}

static void send_chain(struct world *w, struct look *l)
{
    PMDL a, b;
    struct sent s;

    l->w = w;
    l->pages = world_pages(w, 4);
    a = mdl_of(l->pages + 4000, 300);
    b = mdl_of(l->pages + 3 * 4096, 50);
    a->Next = b;
    pair_make(w);
    w->server.context = l;
    w->server.on_packet = look_at_chain;
    pair_run(w);
    sent_make(&w->client, &s);
    CHECK_STATUS(VmbPacketSend(s.packet, "x", 1, a, WAIT), STATUS_SUCCESS);
    world_run(w);
    CHECK_EQ(s.ended, 1);
    sent_free(&s);
    IoFreeMdl(a);
    IoFreeMdl(b);
    pair_end(w); /* and nothing of the server's MDLs is left */
}

static void item_121(struct world *w)
{
    struct look l = {0};

    send_chain(w, &l);
    CHECK_EQ(l.calls, 1);
}

static void item_122(struct world *w)
{
    struct look l = {0};

    kmcl_test_pend_external(w->kmcl, 1);
    send_chain(w, &l);
    CHECK_EQ(l.calls, 2);
}

/* GetExternalData of a packet that was held is not the callback's: it does not
 * pend, nor does the second call for one packet. */
static void pend_and_hold(struct endpoint *e, VMBPACKETCOMPLETION pc)
{
    PMDL mdl;

    if (!e->context) {
        kmcl_test_pend_external(e->w->kmcl, 2);
        CHECK_STATUS(VmbChannelPacketGetExternalData(pc, 0, &mdl),
                     STATUS_PENDING);
        CHECK_STATUS(VmbChannelPacketGetExternalData(pc, 0, &mdl),
                     STATUS_SUCCESS);
        e->context = e;
        return; /* comes again */
    }
    e->held[e->held_count++] = pc;
}

static PMDL lend(struct world *w, struct sent *s, UINT32 bytes)
{
    void *pages = world_pages(w, 1);
    PMDL mdl = mdl_of(pages, bytes);

    sent_make(&w->client, s);
    CHECK_STATUS(VmbPacketSend(s->packet, "x", 1, mdl, WAIT), STATUS_SUCCESS);
    world_run(w);
    return mdl;
}

static void item_122_once(struct world *w)
{
    struct sent s, t;
    PMDL a, b, mdl;

    pair_make(w);
    w->server.on_packet = pend_and_hold;
    pair_run(w);
    a = lend(w, &s, 100);
    b = lend(w, &t, 100);
    CHECK_EQ(w->server.held_count, 2);
    CHECK_STATUS(VmbChannelPacketGetExternalData(w->server.held[1], 0, &mdl),
                 STATUS_SUCCESS);
    kmcl_test_pend_external(w->kmcl, 0);
    VmbChannelPacketComplete(w->server.held[0], NULL, 0);
    VmbChannelPacketComplete(w->server.held[1], NULL, 0);
    world_run(w);
    CHECK(s.ended == 1 && t.ended == 1);
    sent_free(&s);
    sent_free(&t);
    IoFreeMdl(a);
    IoFreeMdl(b);
    pair_end(w);
}

/* Completed all the same, after STATUS_PENDING: it does not come again. */
static void pend_and_complete(struct endpoint *e, VMBPACKETCOMPLETION pc)
{
    PMDL mdl;

    kmcl_test_pend_external(e->w->kmcl, 1);
    CHECK_STATUS(VmbChannelPacketGetExternalData(pc, 0, &mdl), STATUS_PENDING);
    VmbChannelPacketComplete(pc, NULL, 0);
}

static void item_122_completed(struct world *w)
{
    struct sent s;
    PMDL a;

    pair_make(w);
    w->server.on_packet = pend_and_complete;
    pair_run(w);
    a = lend(w, &s, 100);
    CHECK_EQ(w->server.packets, 1);
    CHECK_EQ(s.ended, 1);
    sent_free(&s);
    IoFreeMdl(a);
    w->server.on_packet = NULL;
    CHECK_STATUS(send_plain(&w->client, "y", 1), STATUS_SUCCESS);
    world_run(w);
    CHECK_EQ(w->server.packets, 2);
    pair_end(w);
}

static void look_at_foreign(struct world *w, int fill)
{
    static uint64_t memory[64];
    PMDL mdl;

    memset(memory, fill, sizeof(memory));
    CHECK_ASSERTS(w, "not a packet",
                  VmbChannelPacketGetExternalData(
                      (VMBPACKETCOMPLETION)(void *)memory, 0, &mdl));
}

/* A handle is checked. */
static void item_121_misuse(struct world *w)
{
    struct sent s;
    PMDL a, mdl;

    for (int fill = 0; fill < 8; fill++)
        look_at_foreign(w, fill);
    CHECK_ASSERTS(w, "not a packet",
                  VmbChannelPacketGetExternalData(NULL, 0, &mdl));
    pair_make(w);
    w->server.hold = true;
    pair_run(w);
    a = lend(w, &s, 100);
    CHECK_STATUS(VmbChannelPacketGetExternalData(w->server.held[0], 0, &mdl),
                 STATUS_SUCCESS);
    VmbChannelPacketComplete(w->server.held[0], NULL, 0);
    CHECK_ASSERTS(w, "complete",
                  VmbChannelPacketGetExternalData(w->server.held[0], 0, &mdl));
    world_run(w);
    sent_free(&s);
    IoFreeMdl(a);
    pair_end(w);
}

/* The address of `mdl` for who asks at DISPATCH. */
static uint8_t *address_at_dispatch(PMDL mdl)
{
    uint8_t *address;
    KIRQL irql;

    KeRaiseIrql(DISPATCH_LEVEL, &irql);
    address = MmGetSystemAddressForMdlSafe(mdl, NormalPagePriority);
    KeLowerIrql(irql);
    return address;
}

/* Nothing is mapped at DISPATCH, not for a part either: the driver gets NULL,
 * as it may on Windows, and the log says what to do. A mapping that was made at
 * PASSIVE serves at DISPATCH. */
static void item_121_dispatch(struct world *w)
{
    struct sent s;
    PMDL a, mdl, part;
    uint8_t *address;
    PVOID at;

    pair_make(w);
    w->server.hold = true;
    pair_run(w);
    a = lend(w, &s, 100);
    CHECK_STATUS(VmbChannelPacketGetExternalData(w->server.held[0], 0, &mdl),
                 STATUS_SUCCESS);
    at = (PVOID)((uintptr_t)MmGetMdlVirtualAddress(mdl) + 8);
    part = IoAllocateMdl(at, 8, FALSE, FALSE, NULL);
    IoBuildPartialMdl(mdl, part, at, 8);
    CHECK(!address_at_dispatch(mdl));
    CHECK(!address_at_dispatch(part));
    CHECK(world_logged(w, "call VmbChannelPacketDeferToPassive first"));
    address = MmGetSystemAddressForMdlSafe(mdl, NormalPagePriority);
    CHECK(address);
    CHECK(address_at_dispatch(mdl) == address);
    CHECK(address_at_dispatch(part) == address + 8);
    IoFreeMdl(part);
    VmbChannelPacketComplete(w->server.held[0], NULL, 0);
    world_run(w);
    sent_free(&s);
    IoFreeMdl(a);
    pair_end(w);
}

static void look_for_nothing(struct endpoint *e, VMBPACKETCOMPLETION pc)
{
    PMDL mdl = (PMDL)(uintptr_t)8;

    CHECK_EQ(e->flags, 0);
    CHECK_STATUS(VmbChannelPacketGetExternalData(pc, 0, &mdl),
                 STATUS_INVALID_PARAMETER_1);
    CHECK(!mdl);
    VmbChannelPacketComplete(pc, NULL, 0);
}

static void item_123(struct world *w)
{
    pair_make(w);
    w->server.on_packet = look_for_nothing;
    pair_run(w);
    client_send(w);
    CHECK_EQ(w->server.packets, 1);
    pair_end(w);
}

const struct test kmcl_tests_external_in[] = {
    {121, "external data arrives as the MDL chain that was sent", item_121},
    {121, "asking for external data with a bad handle is asserted",
     item_121_misuse},
    {121, "mapping external data at DISPATCH gives NULL and a line in the log",
     item_121_dispatch},
    {122, "after STATUS_PENDING the packet comes again, and then it succeeds",
     item_122},
    {122, "STATUS_PENDING is given once per packet, inside its callback",
     item_122_once},
    {122, "a packet that is completed after STATUS_PENDING does not come again",
     item_122_completed},
    {123, "asking a packet without external data for it fails", item_123},
    {0, NULL, NULL},
};
