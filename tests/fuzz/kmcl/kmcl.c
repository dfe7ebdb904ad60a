/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Fuzzer of KMCL: a hostile peer under a running application.
 *
 * The application, a client or a server, sends, waits, holds packets, pauses
 * and reconnects; its peer writes whatever the input says into the control
 * pages and the data of both rings, sends packets that are well and badly
 * formed, answers transactions that are and are not there, and vanishes. Each
 * accepted packet must end exactly once, nothing may be touched that is not
 * ours (the sanitizers see that), and all must be given back at the end.
 */
#include "fuzz_kmcl.h"

#include <stdio.h>
#include <stdlib.h>

#include "tests/kmcl/runner.h"

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

uint32_t take(struct fuzz *f, uint32_t bytes)
{
    uint32_t value = 0;

    for (uint32_t i = 0; i < bytes && f->in.left; i++, f->in.left--)
        value |= (uint32_t)*f->in.at++ << 8 * i;
    return value;
}

/* ---- one input ---------------------------------------------------------- */

static void step(struct fuzz *f)
{
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
        act(f, what);
    else if (there(f))
        provoke(f, what);
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
    f->parts = !f->server && *f->in.at & 0x40;
    if (f->parts)
        CHECK_EQ(kmcl_client_set_parts(f->e->ch, 1), 0);
    if (*f->in.at & 0x20)
        VmbChannelSetTransactionQuota(f->e->ch, 2);
    f->e->context = f;
    f->e->on_packet = look;
    f->e->on_suspend = complete_all;
    f->e->on_closed = unshare;
    f->page = world_pages(w, 1);
    f->mdl = mdl_of(f->page, 4096);
    appear(f);
}

static void end_crowd(struct fuzz *f)
{
    for (uint32_t i = 0; i < CROWD; i++)
        if (f->crowd[i])
            VmbPacketFree(f->crowd[i]);
}

/* Asserts that each accepted packet has ended or ends with the channel. */
static void end_packets(struct fuzz *f)
{
    for (uint32_t i = 0; i < SENT; i++) {
        struct fuzz_sent *s = &f->sent[i];

        if (!s->packet)
            continue;
        /* One that waits for an opening that never came ends with the
         * channel, and frees itself there. */
        s->last = s->ended < s->accepted;
        if (s->last)
            continue;
        CHECK_EQ(s->ended, s->accepted);
        VmbPacketFree(s->packet);
        s->packet = NULL;
    }
}

static void end(struct fuzz *f)
{
    complete_all(f->e);
    world_fail_allocation(f->w, 0);
    /* Closing once more ends what was sent after the last close. */
    appear(f);
    complete_all(f->e);
    VmbChannelDisable(f->e->ch);
    world_run(f->w);
    end_packets(f);
    end_crowd(f);
    if (f->g)
        raw_guest_close(f->g);
    IoFreeMdl(f->mdl);
    endpoint_end(f->e);
    for (uint32_t i = 0; i < SENT; i++)
        CHECK_EQ(f->sent[i].ended, f->sent[i].accepted);
    if (f->h)
        raw_host_withdraw(f->h);
    world_destroy(f->w);
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
    end(&f);
    return 0;
}
