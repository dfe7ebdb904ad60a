/*
 * Fuzzer: a hostile peer under a live application.
 *
 * The application, a client or a server, sends, waits, holds packets, pauses
 * and reconnects; its peer writes whatever the input says into the control
 * pages and the data of both rings, sends packets that are well and badly
 * formed, answers transactions that are and are not there, and vanishes. Each
 * accepted packet must end exactly once, nothing may be touched that is not
 * ours (the sanitizers see that), and all must be given back at the end.
 */
#include <stdio.h>
#include <stdlib.h>

#include "raw.h"
#include "ring_wire.h"
#include "runner.h"

#define SENT 64u

/* The input, read to its end and then zeros. */
struct input {
    const uint8_t *at;
    size_t left;
};

struct fuzz {
    struct world *w;
    struct input in;
    bool server; /* the application is one */
    struct endpoint *e;
    struct raw_host *h;
    struct raw_guest *g;
    uint64_t transaction; /* last one seen */
    struct fuzz_sent {
        VMBPACKET packet;
        uint32_t accepted, ended;
        bool last; /* the routine frees it */
    } sent[SENT];
    void *page;
    PMDL mdl;
    UINT32 gpadl;
    bool shared;
    bool asking;
};

_Noreturn void check_failed(const char *file, int line, const char *what)
{
    fprintf(stderr, "%s:%d: assertion failed: %s\n", file, line, what);
    abort();
}

void check_equal(const char *file, int line, const char *what, long long found,
                 long long expected)
{
    if (found != expected)
        check_failed(file, line, what);
}

static uint32_t take(struct fuzz *f, uint32_t bytes)
{
    uint32_t value = 0;

    for (uint32_t i = 0; i < bytes && f->in.left; i++, f->in.left--)
        value |= (uint32_t)*f->in.at++ << 8 * i;
    return value;
}

/* ---- the application ---------------------------------------------------- */

static VOID ended(VMBPACKET packet, NTSTATUS status, PVOID buffer, UINT32 size)
{
    struct fuzz_sent *s = VmbPacketGetPointer(packet);
    volatile uint8_t sum = 0;

    (void)status;
    for (UINT32 i = 0; i < size; i++)
        sum += ((uint8_t *)buffer)[i];
    (void)sum;
    s->ended++;
    if (s->last)
        VmbPacketFree(packet);
}

static void request(struct fuzz *f);

static void look(struct endpoint *e, VMBPACKETCOMPLETION pc, PVOID buffer,
                 UINT32 size, UINT32 flags)
{
    struct fuzz *f = e->context;
    volatile uint8_t sum = 0;
    PMDL mdl;

    for (UINT32 i = 0; i < size; i++)
        sum += ((uint8_t *)buffer)[i];
    if (KeGetCurrentIrql() != PASSIVE_LEVEL && (flags || size == 24)) {
        VmbChannelPacketDeferToPassive(pc);
        return;
    }
    if (size == 40) {
        VmbChannelPacketFail(pc);
        return;
    }
    if (size == 32 && KeGetCurrentIrql() == PASSIVE_LEVEL && !f->asking) {
        f->asking = true; /* others run meanwhile */
        request(f);
        f->asking = false;
    }
    if (VmbChannelPacketGetExternalData(pc, size % 16 == 8, &mdl) ==
        STATUS_PENDING)
        return;
    for (; flags && mdl; mdl = mdl->Next) {
        uint8_t *data = MmGetSystemAddressForMdlSafe(mdl, NormalPagePriority);

        for (ULONG i = 0; data && i < MmGetMdlByteCount(mdl); i += 512)
            sum += data[i];
    }
    if (e->hold && e->held_count < HELD)
        e->held[e->held_count++] = pc;
    else
        VmbChannelPacketComplete(pc, buffer, size <= 1024 ? size : 8);
    (void)sum;
}

/* Without an end of batch. */
static VOID look_alone(VMBCHANNEL ch, VMBPACKETCOMPLETION pc, PVOID buffer,
                       UINT32 size, UINT32 flags)
{
    look(VmbChannelGetPointer(ch), pc, buffer, size, flags);
}

static void complete_all(struct endpoint *e)
{
    while (e->held_count)
        VmbChannelPacketComplete(e->held[--e->held_count], NULL, 0);
}

static void send_one(struct fuzz *f)
{
    static uint8_t bytes[1024];
    struct fuzz_sent *s = &f->sent[take(f, 1) % SENT];
    uint32_t size = take(f, 2) % 1025, how = take(f, 1);
    NTSTATUS status;

    if (!s->packet) {
        s->packet = VmbPacketAllocate(f->e->ch);
        if (!s->packet)
            return;
        VmbPacketSetPointer(s->packet, s);
        VmbPacketSetCompletionRoutine(s->packet, ended);
    }
    status =
        VmbPacketSend(s->packet, bytes, size, how & 2 ? f->mdl : NULL, how & 1);
    s->accepted += NT_SUCCESS(status);
}

static void request(struct fuzz *f)
{
    LARGE_INTEGER limit = {.QuadPart = -(int64_t)(take(f, 1) % 4) * 20000};
    uint8_t buffer[64];
    UINT32 size = sizeof(buffer);

    (void)VmbChannelSendSynchronousRequest(
        f->e->ch, buffer, 8, NULL, f->server ? 0 : 1, buffer, &size, &limit);
}

static void life(struct fuzz *f)
{
    VMBCHANNEL ch = f->e->ch;

    switch (take(f, 1) % 6) {
    case 0:
        VmbChannelPause(ch);
        break;
    case 1:
        if (VmbChannelEnable(ch) == STATUS_INVALID_DEVICE_STATE)
            VmbChannelStart(ch);
        break;
    case 2:
        VmbChannelDisable(ch);
        world_fail_allocation(f->w, 0);
        (void)VmbChannelEnable(ch);
        break;
    case 3:
        VmbChannelSetTransactionQuota(ch, 1 + take(f, 1) % 8);
        break;
    case 4:
        VmbChannelSetIncomingProcessingAtPassive(ch, take(f, 1) % 2);
        break;
    default:
        f->e->hold = !f->e->hold;
        break;
    }
}

/* All GPADLs are gone when the channel has closed. */
static void unshare(struct endpoint *e)
{
    struct fuzz *f = e->context;

    if (f->shared)
        VmbChannelDeleteGpadl(e->ch, f->gpadl);
    f->shared = false;
}

static void share(struct fuzz *f)
{
    if (f->server)
        return;
    if (f->shared)
        unshare(f->e);
    else
        f->shared = !VmbChannelCreateGpadlFromBuffer(f->e->ch, 0, f->page, 4096,
                                                     &f->gpadl);
    if (f->shared && f->h && raw_host_is_open(f->h))
        (void)raw_host_send_header(
            f->h, RING_PACKET_TRANSFER_PAGES, 0, 1, 16,
            (uint32_t[6]){f->gpadl & 0xffff, 1, take(f, 2), take(f, 2)}, 24);
}

/* ---- its peer ----------------------------------------------------------- */

static bool there(struct fuzz *f)
{
    return f->server ? f->g != NULL : f->h && raw_host_is_open(f->h);
}

/* A word of a control page. */
static void poke(struct fuzz *f)
{
    uint32_t which = take(f, 1), value = take(f, 4);
    volatile uint32_t *control;

    if (f->server)
        control = raw_guest_out(f->g);
    else
        control = which & 0x80 ? raw_host_in(f->h) : raw_host_out(f->h);
    control[which % 4] = which & 0x40 ? value % 16384 & ~7u : value;
}

static int deliver(struct fuzz *f, uint16_t type, uint16_t flags,
                   uint64_t transaction, const void *bytes, uint32_t size)
{
    return f->server
               ? raw_guest_send(f->g, type, flags, transaction, bytes, size)
               : raw_host_send(f->h, type, flags, transaction, bytes, size);
}

static void packet(struct fuzz *f)
{
    static const uint16_t types[] = {6, 6, 6, 11, 11, 7, 9, 10};
    uint32_t body[1024] = {0}, words = take(f, 1) % 64;
    uint16_t type = types[take(f, 1) % 8];
    uint16_t flags = take(f, 1) & 1;

    for (uint32_t i = 0; i < words && i < 8; i++)
        body[i] = take(f, i < 2 ? 1 : 2);
    if (words == 63) /* larger than what is usual */
        words = 256 + take(f, 2) % 700;
    (void)deliver(f, type, flags, f->transaction - take(f, 1) % 4, body,
                  words * 4);
}

/* External data that is well formed, or nearly. */
static void lend(struct fuzz *f)
{
    uint64_t pfn = world_pfn(f->w, f->page);
    struct {
        struct ring_gpa_header header;
        struct ring_gpa_range range;
        uint64_t pfns[2];
        uint64_t inline_bytes;
    } body = {
        .header = {.range_count = 1 + take(f, 1) / 250},
        .range = {.byte_count = take(f, 2) % 8192, .byte_offset = take(f, 2)},
        .pfns = {pfn, pfn + take(f, 1) % 2},
    };

    body.range.byte_offset %= 4200;
    if (f->server)
        (void)raw_guest_send_header(f->g, RING_PACKET_GPA_DIRECT, 1,
                                    f->transaction, 32, &body, sizeof(body));
}

static void no_memory(struct fuzz *f)
{
    world_fail_allocation(f->w, take(f, 1) % 8);
}

/* More than is delivered in one go. */
static void burst(struct fuzz *f)
{
    uint32_t count = 60 + take(f, 1) % 64;

    for (uint32_t i = 0; there(f) && i < count; i++)
        (void)deliver(f, i % 8 ? RING_PACKET_IN_BAND : RING_PACKET_COMPLETION,
                      0, i, NULL, 0);
}

/* Whatever bytes, with the write index behind them. */
static void raw_bytes(struct fuzz *f)
{
    uint8_t *data;
    uint32_t count = take(f, 1) % 64, at;

    if (f->server)
        return;
    data = raw_host_out_data(f->h);
    at = raw_host_out(f->h)[0] % 8192;
    for (uint32_t i = 0; i < count; i++)
        data[(at + i) % 8192] = (uint8_t)take(f, 1);
    raw_host_out(f->h)[0] = (at + (take(f, 1) & ~7u)) % 8192;
    raw_host_signal(f->h);
}

static void read_all(struct fuzz *f)
{
    struct raw_packet p;

    for (int i = 0; i < 40; i++) {
        if (!(f->server ? raw_guest_read(f->g, &p) : raw_host_read(f->h, &p)))
            return;
        f->transaction = p.transaction;
        if (p.flags && i % 2)
            (void)deliver(f, RING_PACKET_COMPLETION, 0, p.transaction, p.body,
                          p.size % 64 & ~7u);
    }
}

static void vanish(struct fuzz *f)
{
    world_fail_allocation(f->w, 0);
    if (f->server) {
        raw_guest_close(f->g);
        f->g = NULL;
    } else {
        raw_host_withdraw(f->h);
        f->h = NULL;
    }
    world_run(f->w);
}

static void appear(struct fuzz *f)
{
    NTSTATUS status = VmbChannelEnable(f->e->ch);

    if (f->server) {
        if (status == STATUS_INSUFFICIENT_RESOURCES)
            return;
        VmbChannelStart(f->e->ch);
        if (!f->g)
            f->g = raw_guest_try_open(f->w);
    } else if (!f->h) {
        world_fail_allocation(f->w, 0);
        f->h = raw_host_offer(f->w, &test_instance);
    }
    world_run(f->w);
}

/* ---- one input ---------------------------------------------------------- */

static void step(struct fuzz *f)
{
    static void (*const by_application[])(struct fuzz * f) = {
        send_one, send_one, burst, request, life, share, no_memory,
    };
    static void (*const by_peer[])(struct fuzz * f) = {
        packet, packet, packet, raw_bytes, poke, read_all, read_all, lend,
    };
    uint32_t what = take(f, 1);

    f->e->trace[0] = 0;
    if (what >= 0xf8)
        appear(f);
    else if (what >= 0xf0 && there(f))
        vanish(f);
    else if (what >= 0xe0)
        world_advance(f->w, what % 16);
    else if (what >= 0xd0)
        complete_all(f->e);
    else if (what < 0x60)
        by_application[what % 7](f);
    else if (there(f))
        by_peer[what % 8](f);
    if (what % 4 != 1)
        world_run(f->w);
}

static void make(struct fuzz *f)
{
    struct world *w = f->w;

    f->e = f->server ? &w->server : &w->client;
    if (f->server) {
        server_make(w, f->e, &test_instance);
    } else {
        client_make(w, f->e);
        CHECK_EQ(VmbClientChannelInitSetRingBufferPageCount(f->e->ch, 2, 2), 0);
    }
    if (*f->in.at & 2)
        CHECK_EQ(VmbChannelInitSetFlags(f->e->ch, 1), 0);
    if ((*f->in.at & 0x0c) == 4)
        CHECK_EQ(
            VmbChannelInitSetProcessPacketCallbacks(f->e->ch, look_alone, NULL),
            0);
    if (*f->in.at & 0x10)
        kmcl_test_pend_external(w->kmcl, 3);
    if (*f->in.at & 0x20)
        VmbChannelSetTransactionQuota(f->e->ch, 2);
    f->e->context = f;
    f->e->on_packet = look;
    f->e->on_suspend = complete_all;
    f->e->on_closed = unshare;
    f->page = world_pages(w, 1);
    f->mdl = IoAllocateMdl(f->page, 4096, FALSE, FALSE, NULL);
    MmBuildMdlForNonPagedPool(f->mdl);
    appear(f);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz f = {.in = {data, size}};

    if (!size)
        return 0;
    f.server = data[0] & 1;
    f.w = world_create();
    make(&f);
    take(&f, 1);
    for (uint32_t steps = 0; f.in.left && steps < 200; steps++)
        step(&f);
    complete_all(f.e);
    world_fail_allocation(f.w, 0);
    /* Closing once more ends what was sent after the last close. */
    appear(&f);
    complete_all(f.e);
    VmbChannelDisable(f.e->ch);
    world_run(f.w);
    for (uint32_t i = 0; i < SENT; i++) {
        if (!f.sent[i].packet)
            continue;
        /* One that waits for an opening that never came ends with the
         * channel, and frees itself there. */
        f.sent[i].last = f.sent[i].ended < f.sent[i].accepted;
        if (f.sent[i].last)
            continue;
        CHECK_EQ(f.sent[i].ended, f.sent[i].accepted);
        VmbPacketFree(f.sent[i].packet);
        f.sent[i].packet = NULL;
    }
    if (f.g)
        raw_guest_close(f.g);
    IoFreeMdl(f.mdl);
    endpoint_end(f.e);
    for (uint32_t i = 0; i < SENT; i++)
        CHECK_EQ(f.sent[i].ended, f.sent[i].accepted);
    if (f.h)
        raw_host_withdraw(f.h);
    world_destroy(f.w);
    return 0;
}
