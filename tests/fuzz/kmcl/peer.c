/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A peer that writes and answers whatever the input says, and disappears.
 */
#include "fuzz_kmcl.h"

#include "vmbus/ring_wire.h"

bool there(struct fuzz *f)
{
    return f->server ? f->g != NULL : f->h && raw_host_is_open(f->h);
}

/* Changes a word of a control page. */
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

/* Writes external data that is well formed, or nearly. */
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

void burst(struct fuzz *f)
{
    uint32_t count = 60 + take(f, 1) % 64;

    for (uint32_t i = 0; there(f) && i < count; i++)
        (void)deliver(f, i % 8 ? RING_PACKET_IN_BAND : RING_PACKET_COMPLETION,
                      0, i, NULL, 0);
}

/* Writes any bytes and moves the write index past them. */
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

void vanish(struct fuzz *f)
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

void appear(struct fuzz *f)
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

void provoke(struct fuzz *f, uint32_t what)
{
    static void (*const operations[])(struct fuzz * f) = {
        packet, packet, packet, raw_bytes, poke, read_all, read_all, lend,
    };

    operations[what % 8](f);
}
