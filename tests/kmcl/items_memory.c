/*
 * Memory that is shared: the edges of MDLs, GPADLs, MMIO space, and what a
 * peer may say of external data.
 */
#include "harness.h"

#include "ring_wire.h"

static PMDL mdl_of(void *address, ULONG size)
{
    PMDL mdl = IoAllocateMdl(address, size, FALSE, FALSE, NULL);

    CHECK(mdl);
    MmBuildMdlForNonPagedPool(mdl);
    return mdl;
}

static NTSTATUS from_mdl(struct world *w, PMDL mdl, UINT32 *handle)
{
    return VmbChannelCreateGpadlFromMdl(w->client.ch, 0, mdl, 0, 0, handle);
}

/* ---- MDLs -----------------------------------------------------------------
 */

static void mdl_allocate(struct world *w)
{
    uint8_t *page = world_pages(w, 1);
    MDL own;

    CHECK(!IoAllocateMdl(page, 0, FALSE, FALSE, NULL));
    world_fail_allocation(w, 1);
    CHECK(!IoAllocateMdl(page, 8, FALSE, FALSE, NULL));
    world_fail_allocation(w, 0);
    CHECK_ASSERTS(w, "no IRPs",
                  (void)IoAllocateMdl(page, 8, TRUE, FALSE, NULL));
    CHECK_ASSERTS(w, "no IRPs",
                  (void)IoAllocateMdl(page, 8, FALSE, FALSE, page));
    MmInitializeMdl(&own, NULL, 0);
    CHECK(!MmGetSystemAddressForMdlSafe(&own, NormalPagePriority));
    CHECK_ASSERTS(w, "only an MDL from IoAllocateMdl", IoFreeMdl(&own));
    CHECK_ASSERTS(w, "only an MDL from IoAllocateMdl", IoFreeMdl(NULL));
}

static void mdl_part(struct world *w)
{
    uint8_t *pages = world_pages(w, 4);
    PMDL whole = mdl_of(pages + 100, 3 * 4096 - 100);
    PMDL part = IoAllocateMdl(pages + 4096, 4096, FALSE, FALSE, NULL);

    CHECK_ASSERTS(w, "VirtualAddress must lie inside",
                  IoBuildPartialMdl(whole, part, pages + 99, 8));
    CHECK_ASSERTS(w, "VirtualAddress must lie inside",
                  IoBuildPartialMdl(whole, part, pages + 3 * 4096 + 1, 0));
    CHECK_ASSERTS(w, "part must lie inside",
                  IoBuildPartialMdl(whole, part, pages + 2 * 4096, 4097));
    CHECK_ASSERTS(w, "too few frames",
                  IoBuildPartialMdl(whole, part, pages + 4095, 8));
    IoBuildPartialMdl(whole, part, pages + 2 * 4096 + 8, 0); /* to the end */
    CHECK_EQ(MmGetMdlByteCount(part), 4096 - 8);
    CHECK_EQ(MmGetMdlByteOffset(part), 8);
    CHECK_EQ(MmGetMdlPfnArray(part)[0], world_pfn(w, pages + 2 * 4096));
    IoFreeMdl(part);
    IoFreeMdl(whole);
}

/* ---- GPADLs ---------------------------------------------------------------
 */

static void gpadl_start(struct world *w)
{
    struct raw_host *h = raw_pair(w, 0);
    uint8_t *pages = world_pages(w, 2), *seen;
    PMDL mdl = mdl_of(pages + 100, 4096);
    UINT32 handle;

    pages[100] = 0x64;
    CHECK_STATUS(from_mdl(w, mdl, &handle), STATUS_SUCCESS);
    seen = raw_host_map(h, handle);
    CHECK(seen && seen[100] == 0x64);
    raw_host_unmap(h, handle);
    VmbChannelDeleteGpadl(w->client.ch, handle);
    IoFreeMdl(mdl);
    raw_end(w, h);
}

static void gpadl_hole(struct world *w)
{
    struct raw_host *h = raw_pair(w, 0);
    uint8_t *a = world_pages(w, 1), *b = world_pages(w, 1);
    PMDL first = mdl_of(a, 4096), second = mdl_of(b + 8, 100);
    UINT32 handle;

    first->Next = second; /* ends with its page, goes on inside one */
    CHECK_STATUS(from_mdl(w, first, &handle), STATUS_INVALID_PARAMETER_3);
    IoFreeMdl(first);
    IoFreeMdl(second);
    raw_end(w, h);
}

/* Lengths that no memory of the test has: refused before they are looked at. */
static void gpadl_length(struct world *w)
{
    struct raw_host *h = raw_pair(w, 0);
    uint8_t *a = world_pages(w, 1), *b = world_pages(w, 2);
    PMDL first = mdl_of(a, 4096), second = mdl_of(b, 8192);
    UINT32 handle;

    first->Next = second;
    first->ByteCount = 0xfffff000; /* 4 GiB and a page with the second */
    CHECK_STATUS(from_mdl(w, first, &handle), STATUS_INVALID_PARAMETER_5);
    first->Next = NULL;
    first->ByteCount = 8191 * 4096;
    CHECK_STATUS(from_mdl(w, first, &handle), STATUS_INVALID_PARAMETER_5);
    first->ByteCount = 4096;
    CHECK_STATUS(
        VmbChannelCreateGpadlFromMdl(w->client.ch, 2, first, 0, 0, &handle),
        STATUS_INVALID_PARAMETER_2);
    world_fail_allocation(w, 1);
    CHECK_STATUS(from_mdl(w, first, &handle), STATUS_INSUFFICIENT_RESOURCES);
    world_fail_allocation(w, 0);
    VmbChannelDisable(w->client.ch);
    CHECK_STATUS(from_mdl(w, first, &handle), STATUS_INVALID_DEVICE_STATE);
    IoFreeMdl(first);
    IoFreeMdl(second);
    raw_end(w, h);
}

static UINT32 kept;

static void go_away(void *arg)
{
    raw_host_unmap(arg, kept);
    raw_host_withdraw(arg);
}

/* The host lets go when nobody asks it any more: as long as the device is
 * there, delete does not return. */
static void gpadl_kept(struct world *w)
{
    uint32_t minutes = world_is_virtual(w) ? 10 * 60 * 1000 : 300;
    struct raw_host *h = raw_pair(w, 0);
    uint64_t before;

    CHECK_STATUS(VmbChannelCreateGpadlFromBuffer(
                     w->client.ch, 0, world_pages(w, 1), 4096, &kept),
                 STATUS_SUCCESS);
    CHECK(raw_host_map(h, kept));
    world_call_later(w, minutes, go_away, h);
    before = world_now(w);
    VmbChannelDeleteGpadl(w->client.ch, kept);
    CHECK(world_now(w) - before >= minutes * UINT64_C(10000));
    endpoint_end(&w->client);
}

/* ---- transfer pages: which GPADL a set is ---------------------------------
 */

struct seen {
    NTSTATUS status;
    uint64_t pfn;
};

static void look(struct endpoint *e, VMBPACKETCOMPLETION pc, PVOID buffer,
                 UINT32 size, UINT32 flags)
{
    struct seen *s = e->context;
    PMDL mdl;

    (void)buffer;
    (void)size;
    CHECK_EQ(flags, 1);
    if (KeGetCurrentIrql() != PASSIVE_LEVEL) {
        VmbChannelPacketDeferToPassive(pc);
        return;
    }
    s->status = VmbChannelPacketGetExternalData(pc, 0, &mdl);
    s->pfn = 0;
    if (NT_SUCCESS(s->status)) {
        void *data = MmGetSystemAddressForMdlSafe(mdl, NormalPagePriority);

        s->pfn = MmGetMdlPfnArray(mdl)[0];
        CHECK(data); /* mapped once */
        CHECK(MmGetSystemAddressForMdlSafe(mdl, NormalPagePriority) == data);
    }
    VmbChannelPacketComplete(pc, NULL, 0);
}

static NTSTATUS transfer(struct world *w, struct raw_host *h, uint32_t set,
                         uint32_t offset, uint32_t bytes)
{
    struct {
        struct ring_transfer_header header;
        struct ring_transfer_range range;
    } body = {
        .header = {.set_id = (uint16_t)set, .range_count = 1},
        .range = {bytes, offset},
    };
    struct seen *s = w->client.context;

    s->status = STATUS_PENDING;
    CHECK_EQ(raw_host_send_header(h, RING_PACKET_TRANSFER_PAGES, 0, 1,
                                  sizeof(body), &body, sizeof(body)),
             0);
    world_run(w);
    return s->status;
}

static void transfer_sets(struct world *w)
{
    struct raw_host *h = raw_pair(w, 0);
    uint8_t *pages = world_pages(w, 4);
    UINT32 small, large, larger;
    struct seen s = {0};

    w->client.context = &s;
    w->client.on_packet = look;
    CHECK_STATUS(transfer(w, h, 1, 0, 8), STATUS_DATA_ERROR); /* no GPADL */
    CHECK_STATUS(
        VmbChannelCreateGpadlFromBuffer(w->client.ch, 0, pages, 4096, &small),
        STATUS_SUCCESS);
    CHECK_STATUS(VmbChannelCreateGpadlFromBuffer(w->client.ch, 0, pages + 4096,
                                                 8192, &large),
                 STATUS_SUCCESS);
    CHECK_STATUS(
        VmbChannelCreateGpadlFromBuffer(w->client.ch, 0, pages, 16384, &larger),
        STATUS_SUCCESS);
    /* By its handle, also when others are older. */
    CHECK_STATUS(transfer(w, h, large, 0, 8), STATUS_SUCCESS);
    CHECK_EQ(s.pfn, world_pfn(w, pages + 4096));
    /* One that is too small is not replaced by another. */
    CHECK_STATUS(transfer(w, h, small, 4096, 8), STATUS_DATA_ERROR);
    /* By nobody's: the first that is large enough. */
    CHECK_STATUS(transfer(w, h, 0xcafe, 4096, 8), STATUS_SUCCESS);
    CHECK_EQ(s.pfn, world_pfn(w, pages + 8192));
    CHECK_STATUS(transfer(w, h, 0xcafe, 16384, 8), STATUS_DATA_ERROR);
    CHECK_STATUS(transfer(w, h, large, 0, 0), STATUS_DATA_ERROR);
    VmbChannelDeleteGpadl(w->client.ch, small);
    VmbChannelDeleteGpadl(w->client.ch, large);
    VmbChannelDeleteGpadl(w->client.ch, larger);
    raw_end(w, h);
}

static void map_twice(struct world *w)
{
    uint8_t *page = world_pages(w, 1);
    UINT32 handle;
    PMDL mdl;

    pair_make(w);
    CHECK_STATUS(VmbChannelMapGpadl(w->server.ch, 0, 1, &mdl),
                 STATUS_INVALID_DEVICE_STATE); /* no guest */
    pair_run(w);
    CHECK_STATUS(
        VmbChannelCreateGpadlFromBuffer(w->client.ch, 0, page, 4096, &handle),
        STATUS_SUCCESS);
    CHECK_STATUS(VmbChannelMapGpadl(w->server.ch,
                                    VMBUS_CHANNEL_GPADL_FLAG_READ_ONLY, handle,
                                    &mdl),
                 STATUS_SUCCESS);
    /* That this mapping only reads says nothing of what the client made. */
    CHECK_STATUS(VmbChannelMapGpadl(w->server.ch, 0, handle, &mdl),
                 STATUS_INVALID_DEVICE_STATE);
    VmbChannelUnmapGpadl(w->server.ch, handle);
    VmbChannelDeleteGpadl(w->client.ch, handle);
    pair_end(w);
}

/* ---- packets with what they must not have ---------------------------------
 */

struct gpa {
    struct ring_gpa_header header;
    uint64_t rest[30];
};

/* `count` ranges of `bytes` each, which begin with a page. */
static uint32_t gpa_fill(struct gpa *g, uint32_t count, uint32_t bytes)
{
    uint32_t n = 0;

    *g = (struct gpa){.header = {.range_count = count}};
    for (uint32_t i = 0; i < count; i++) {
        struct ring_gpa_range range = {.byte_count = bytes};

        memcpy(&g->rest[n++], &range, sizeof(range));
        for (uint32_t page = 0; page * 4096 < bytes; page++)
            g->rest[n++] = 0x1000 + page;
    }
    return (uint32_t)sizeof(g->header) + n * 8;
}

static struct raw_guest *server_run(struct world *w, UINT32 flags)
{
    server_make(w, &w->server, &test_instance);
    CHECK_STATUS(VmbChannelInitSetFlags(w->server.ch, flags), STATUS_SUCCESS);
    CHECK_STATUS(VmbChannelEnable(w->server.ch), STATUS_SUCCESS);
    VmbChannelStart(w->server.ch);
    return raw_guest_open(w);
}

static void guest_gives(struct world *w, struct raw_guest *g, uint16_t type,
                        const void *body, uint32_t size)
{
    CHECK_EQ(raw_guest_send_header(g, type, 0, 1, size, body, size), 0);
    world_run(w);
}

static void host_gives(struct world *w, struct raw_host *h, uint16_t type,
                       const void *body, uint32_t size)
{
    CHECK_EQ(raw_host_send_header(h, type, 0, 1, size, body, size), 0);
    world_run(w);
}

/* The server takes 16 pages in 4 ranges. */
static void too_much_external(struct world *w)
{
    struct raw_guest *g = server_run(w, 0);
    struct gpa gpa;
    uint32_t size;

    size = gpa_fill(&gpa, 4, 8);
    guest_gives(w, g, RING_PACKET_GPA_DIRECT, &gpa, size);
    CHECK_EQ(w->server.packets, 1);
    size = gpa_fill(&gpa, 1, 16 * 4096);
    guest_gives(w, g, RING_PACKET_GPA_DIRECT, &gpa, size);
    CHECK_EQ(w->server.packets, 2);
    size = gpa_fill(&gpa, 5, 8);
    guest_gives(w, g, RING_PACKET_GPA_DIRECT, &gpa, size);
    CHECK_EQ(kmcl_stats(w->kmcl)->bad_packets, 1);
    size = gpa_fill(&gpa, 1, 16 * 4096 + 8);
    guest_gives(w, g, RING_PACKET_GPA_DIRECT, &gpa, size);
    CHECK_EQ(kmcl_stats(w->kmcl)->bad_packets, 2);
    CHECK_EQ(w->server.packets, 2);
    raw_guest_close(g);
    endpoint_end(&w->server);
}

/* Who lends nothing cannot send it: a host no GPA ranges, a guest no transfer
 * pages, and nobody either of them over a pipe. */
static void wrong_kind(struct world *w)
{
    struct ring_transfer_header pages[2] = {{.range_count = 1}};
    struct raw_guest *g = server_run(w, 0);
    struct raw_host *h;
    struct gpa gpa;
    uint32_t size = gpa_fill(&gpa, 1, 8);

    guest_gives(w, g, RING_PACKET_TRANSFER_PAGES, pages, sizeof(pages));
    CHECK_EQ(kmcl_stats(w->kmcl)->unknown_packets, 1);
    raw_guest_close(g);
    endpoint_end(&w->server);
    g = server_run(w, VMBUS_CHANNEL_INIT_FLAG_IS_PIPE);
    guest_gives(w, g, RING_PACKET_GPA_DIRECT, &gpa, size);
    CHECK_EQ(kmcl_stats(w->kmcl)->unknown_packets, 2);
    raw_guest_close(g);
    endpoint_end(&w->server);
    h = raw_pair(w, 0);
    host_gives(w, h, RING_PACKET_GPA_DIRECT, &gpa, size);
    CHECK_EQ(kmcl_stats(w->kmcl)->unknown_packets, 3);
    VmbChannelDisable(w->client.ch);
    CHECK_STATUS(
        VmbChannelInitSetFlags(w->client.ch, VMBUS_CHANNEL_INIT_FLAG_IS_PIPE),
        STATUS_SUCCESS);
    CHECK_STATUS(VmbChannelEnable(w->client.ch), STATUS_SUCCESS);
    world_run(w);
    host_gives(w, h, RING_PACKET_TRANSFER_PAGES, pages, sizeof(pages));
    CHECK_EQ(kmcl_stats(w->kmcl)->unknown_packets, 4);
    CHECK_EQ(w->client.packets + w->server.packets, 0);
    CHECK_EQ(kmcl_stats(w->kmcl)->bad_packets, 0);
    raw_end(w, h);
}

static void bad_transfer(struct world *w)
{
    struct ring_transfer_header pages[2] = {{.range_count = 2}};
    struct raw_host *h = raw_pair(w, 0);

    host_gives(w, h, RING_PACKET_TRANSFER_PAGES, pages, sizeof(pages));
    CHECK_EQ(kmcl_stats(w->kmcl)->bad_packets, 1);
    CHECK_EQ(w->client.packets, 0);
    raw_end(w, h);
}

/* ---- MMIO space -----------------------------------------------------------
 */

struct space {
    struct endpoint server, client;
    UINT64 address, size;
};

static void space_take(struct world *w, struct space *s, uint32_t number,
                       uint16_t megabytes, uint16_t optional)
{
    GUID instance = test_instance;

    memset(s, 0, sizeof(*s));
    instance.Data1 = number;
    server_make(w, &s->server, &instance);
    CHECK_STATUS(
        VmbServerChannelInitSetMmioMegabytes(s->server.ch, megabytes, optional),
        STATUS_SUCCESS);
    CHECK_STATUS(VmbChannelEnable(s->server.ch), STATUS_SUCCESS);
    client_make(w, &s->client);
    CHECK_STATUS(VmbChannelEnable(s->client.ch), STATUS_SUCCESS);
    world_run(w);
    VmbChannelGetMmioSpace(s->client.ch, &s->address, &s->size);
    if (s->size)
        s->address = (s->address - UINT64_C(0x1000000000)) >> 20;
    s->size >>= 20;
}

static void space_give(struct space *s)
{
    endpoint_end(&s->client);
    endpoint_end(&s->server);
}

/* Of 64 MiB. */
static void mmio_fit(struct world *w)
{
    static struct space a, b, c, d, e;

    space_take(w, &a, 1, 30, 0);
    space_take(w, &b, 2, 0, 20); /* optional alone is given as well */
    space_take(w, &c, 3, 10, 10);
    CHECK_EQ(a.address, 0);
    CHECK_EQ(a.size, 30);
    CHECK_EQ(b.address, 30);
    CHECK_EQ(b.size, 20);
    CHECK_EQ(c.address, 50); /* without its optional part */
    CHECK_EQ(c.size, 10);
    space_give(&b);
    space_take(w, &d, 4, 20, 0); /* the hole that this leaves */
    CHECK_EQ(d.address, 30);
    CHECK_EQ(d.size, 20);
    space_take(w, &e, 5, 0, 5); /* 4 are left, and it can do without */
    CHECK_EQ(e.size, 0);
    CHECK_EQ(e.address, 0);
    CHECK(!strchr(e.client.trace, 'F'));
    space_give(&a);
    space_give(&c);
    space_give(&d);
    space_give(&e);
}

const struct test kmcl_tests_memory[] = {
    {85, "MDLs: what cannot be allocated or freed", mdl_allocate},
    {85, "MDLs: a part lies inside the whole", mdl_part},
    {121, "a transfer-page set is found by handle, else by size",
     transfer_sets},
    {121, "more external data than configured is refused", too_much_external},
    {121, "so are pages from who has none to lend", wrong_kind},
    {121, "so are transfer ranges beyond their header", bad_transfer},
    {126, "from an MDL that starts inside a page", gpadl_start},
    {126, "an MDL that goes on inside a page is a hole", gpadl_hole},
    {126, "lengths beyond a GPADL's, and no memory, are told", gpadl_length},
    {127, "delete waits for a host that never lets go", gpadl_kept},
    {130, "a server's own mapping is not the client's rule", map_twice},
    {144, "MMIO space: first fit, holes, the optional part", mmio_fit},
    {0, NULL, NULL},
};
