/*
 * Acceptance items H, first part (121..123): external data that came.
 */
#include "harness.h"

#include "ring_wire.h"

#define WAIT VMBUS_CHANNEL_FORMAT_FLAG_WAIT_FOR_COMPLETION

struct look {
    struct world *w;
    uint8_t *pages;
    NTSTATUS first;
    uint32_t calls;
};

/* The chain that a client sent: 300 bytes at page 0 + 4000, 50 at page 3. */
static void look_at_chain(struct endpoint *e, VMBPACKETCOMPLETION pc,
                          PVOID buffer, UINT32 size, UINT32 flags)
{
    struct look *l = e->context;
    PMDL mdl = NULL, again;

    (void)buffer;
    (void)size;
    (void)flags;
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
    CHECK(!MmGetMdlVirtualAddress(mdl));
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
    a = IoAllocateMdl(l->pages + 4000, 300, FALSE, FALSE, NULL);
    b = IoAllocateMdl(l->pages + 3 * 4096, 50, FALSE, FALSE, NULL);
    MmBuildMdlForNonPagedPool(a);
    MmBuildMdlForNonPagedPool(b);
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

/* Transfer pages: parts of a GPADL that the client made. */
static void look_at_transfer(struct endpoint *e, VMBPACKETCOMPLETION pc,
                             PVOID buffer, UINT32 size, UINT32 flags)
{
    PMDL mdl;
    uint8_t *data;

    CHECK_EQ(flags, 1);
    CHECK_EQ(size, 8);
    CHECK(!memcmp(buffer, "inline..", 8));
    if (KeGetCurrentIrql() != PASSIVE_LEVEL) {
        VmbChannelPacketDeferToPassive(pc);
        return;
    }
    if (e->context == e) { /* outside what was shared */
        CHECK_STATUS(VmbChannelPacketGetExternalData(pc, 0, &mdl),
                     STATUS_DATA_ERROR);
        CHECK(!mdl);
    } else {
        CHECK_STATUS(VmbChannelPacketGetExternalData(pc, 0, &mdl),
                     STATUS_SUCCESS);
        CHECK_EQ(MmGetMdlByteCount(mdl), 16);
        data = MmGetSystemAddressForMdlSafe(mdl, NormalPagePriority);
        CHECK(data && !memcmp(data, "across the pages", 16));
        CHECK_EQ(MmGetMdlByteCount(mdl->Next), 4);
    }
    VmbChannelPacketComplete(pc, NULL, 0);
}

static void transfer(struct raw_host *h, uint16_t set, uint32_t offset)
{
    struct {
        struct ring_transfer_header header;
        struct ring_transfer_range ranges[2];
        char payload[8];
    } body = {
        .header = {.set_id = set, .range_count = 2},
        .ranges = {{16, offset}, {4, 0}},
        .payload = "inline.",
    };

    body.payload[7] = '.';
    CHECK_EQ(raw_host_send_header(h, RING_PACKET_TRANSFER_PAGES, 0, 1, 24,
                                  &body, sizeof(body)),
             0);
}

static void item_121_transfer(struct world *w)
{
    struct raw_host *h = raw_host_offer(w, &test_instance);
    uint8_t *pages = world_pages(w, 2);
    UINT32 handle;

    client_make(w, &w->client);
    w->client.on_packet = look_at_transfer;
    CHECK_STATUS(VmbChannelEnable(w->client.ch), STATUS_SUCCESS);
    world_run(w);
    CHECK_STATUS(
        VmbChannelCreateGpadlFromBuffer(w->client.ch, 0, pages, 8192, &handle),
        STATUS_SUCCESS);
    memcpy(pages + 4090, "across the pages", 16);
    transfer(h, (uint16_t)handle, 4090);
    transfer(h, 0xcafe, 4090); /* the protocol's own name for the set */
    world_run(w);
    CHECK_EQ(w->client.batched, 2);
    w->client.context = &w->client;
    transfer(h, (uint16_t)handle, 8180);
    transfer(h, (uint16_t)handle, 0xfffffff8);
    world_run(w);
    CHECK_EQ(w->client.batched, 4);
    VmbChannelDeleteGpadl(w->client.ch, handle);
    endpoint_end(&w->client);
    raw_host_withdraw(h);
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
static void pend_and_hold(struct endpoint *e, VMBPACKETCOMPLETION pc,
                          PVOID buffer, UINT32 size, UINT32 flags)
{
    PMDL mdl;

    (void)buffer;
    (void)size;
    (void)flags;
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
    PMDL mdl = IoAllocateMdl(pages, bytes, FALSE, FALSE, NULL);

    MmBuildMdlForNonPagedPool(mdl);
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
static void pend_and_complete(struct endpoint *e, VMBPACKETCOMPLETION pc,
                              PVOID buffer, UINT32 size, UINT32 flags)
{
    PMDL mdl;

    (void)buffer;
    (void)size;
    (void)flags;
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

/* A handle is checked; mapping is for PASSIVE. */
static void item_121_misuse(struct world *w)
{
    struct sent s;
    PMDL a, mdl;
    KIRQL irql;

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
    KeRaiseIrql(DISPATCH_LEVEL, &irql);
    CHECK_ASSERTS(w, "defer first",
                  MmGetSystemAddressForMdlSafe(mdl, NormalPagePriority));
    VmbChannelPacketComplete(w->server.held[0], NULL, 0);
    CHECK_ASSERTS(w, "complete",
                  VmbChannelPacketGetExternalData(w->server.held[0], 0, &mdl));
    world_run(w);
    sent_free(&s);
    IoFreeMdl(a);
    pair_end(w);
}

/* No memory for the second range: told, and the first is given back. */
static void look_without_memory(struct endpoint *e, VMBPACKETCOMPLETION pc,
                                PVOID buffer, UINT32 size, UINT32 flags)
{
    PMDL mdl;

    (void)buffer;
    (void)size;
    (void)flags;
    world_fail_allocation(e->w, 2);
    CHECK_STATUS(VmbChannelPacketGetExternalData(pc, 0, &mdl),
                 STATUS_INSUFFICIENT_RESOURCES);
    world_fail_allocation(e->w, 0);
    CHECK(!mdl);
    CHECK_STATUS(VmbChannelPacketGetExternalData(pc, 0, &mdl), STATUS_SUCCESS);
    VmbChannelPacketComplete(pc, NULL, 0);
}

static void item_121_memory(struct world *w)
{
    struct raw_host *h = raw_host_offer(w, &test_instance);
    UINT32 handle;

    client_make(w, &w->client);
    w->client.on_packet = look_without_memory;
    CHECK_STATUS(VmbChannelEnable(w->client.ch), STATUS_SUCCESS);
    world_run(w);
    CHECK_STATUS(VmbChannelCreateGpadlFromBuffer(
                     w->client.ch, 0, world_pages(w, 1), 4096, &handle),
                 STATUS_SUCCESS);
    transfer(h, (uint16_t)handle, 100);
    world_run(w);
    CHECK_EQ(w->client.packets, 1);
    VmbChannelDeleteGpadl(w->client.ch, handle);
    endpoint_end(&w->client);
    raw_host_withdraw(h);
}

static void look_for_nothing(struct endpoint *e, VMBPACKETCOMPLETION pc,
                             PVOID buffer, UINT32 size, UINT32 flags)
{
    PMDL mdl = (PMDL)(uintptr_t)8;

    (void)e;
    (void)buffer;
    (void)size;
    CHECK_EQ(flags, 0);
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
    CHECK_STATUS(send_plain(&w->client, "x", 1), STATUS_SUCCESS);
    world_run(w);
    CHECK_EQ(w->server.packets, 1);
    pair_end(w);
}

const struct test kmcl_tests_external_in[] = {
    {121, "external data comes as the MDL chain that was sent", item_121},
    {121, "transfer pages as parts of a GPADL, checked", item_121_transfer},
    {121, "no memory for it is told, and then it may come", item_121_memory},
    {121, "a bad handle and a bad level are asserted", item_121_misuse},
    {122, "STATUS_PENDING: called again, then it succeeds", item_122},
    {122, "once for a packet, and inside its callback", item_122_once},
    {122, "a packet completed after it is done", item_122_completed},
    {123, "without external data the call fails", item_123},
    {0, NULL, NULL},
};
