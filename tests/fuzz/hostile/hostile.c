/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Fuzzer of a whole connection against a hostile host. The input chooses the
 * user's calls, and what the host does with each post and signal, with its own
 * answers, and with the shared pages.
 *
 *     byte 0        version; from 0xF0 on it ends in a crash
 *     then pairs: what the user does, then one of the host's tricks
 */
#include "tests/fuzz/bus_life/bus_life.h"

#include <errno.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void refuse_posts(struct peer *p, uint8_t how)
{
    static const int status[4] = {-EAGAIN, -ENOENT, -EIO, -EACCES};

    p->post_status = status[how & 3];
    p->post_misses = 1u << (how >> 2 & 15);
    p->post_after = how >> 6;
    p->signal_status = status[how & 3];
    p->signal_misses = how & 7;
}

static void spoil_answer(struct peer *p, uint8_t how)
{
    p->fault = (enum peer_fault)(how % PEER_FAULTS);
    p->fault_at = p->sent + 1 + how / PEER_FAULTS % 4;
}

/* Writes a dword into a page that the guest shares: a control page, data, or a
 * page of the connection. */
static void scribble(struct bus_life *l, struct steering *in)
{
    uint8_t which = steer(in);
    uint32_t at = (steer(in) | (uint32_t)steer(in) << 8) % 4093;
    uint32_t value = steer(in) | (uint32_t)steer(in) << 8;
    struct peer_gpadl *g = &l->p->gpadls[which % 8];
    uint8_t *page = NULL;

    if (which & 0x80)
        at %= 80; /* the words of a control page */
    if (g->handle && g->got)
        page = hosted_frame(l->s, g->pfns[(which >> 3) % g->got]);
    else if (peer_got(l->p, 14, 0))
        page = hosted_frame(
            l->s,
            peer_u64(peer_got(l->p, 14, 0)->bytes, 16 + which % 3 * 8) / 4096);
    if (page)
        memcpy(page + at, &value, 4);
}

/* Writes a packet with any header into the guest's incoming ring. */
static void feed(struct bus_life *l, struct steering *in)
{
    struct peer_gpadl *g = NULL;
    uint8_t *control, *data;
    uint32_t first;

    for (uint32_t i = 0; i < PEER_GPADLS && !g; i++)
        if (l->p->gpadls[i].handle && peer_got(l->p, 5, 0) &&
            l->p->gpadls[i].created)
            g = &l->p->gpadls[i];
    if (!g || g->got < 4)
        return;
    first = g->got - 2; /* rx has one data page in all lives */
    control = hosted_frame(l->s, g->pfns[first]);
    data = hosted_frame(l->s, g->pfns[first + 1]);
    if (!control || !data)
        return;
    for (int i = 0; i < 32; i++)
        data[i] = steer(in);
    control[0] = steer(in);
    peer_event(l->p, 1, 5);
    hosted_run(l->s);
}

static void trick(struct bus_life *l, struct steering *in)
{
    static const uint8_t requests[8] = {3, 5, 8, 11, 14, 16, 21, 22};
    uint8_t kind = steer(in), how;

    switch (kind % 8) {
    case 0:
        refuse_posts(l->p, steer(in));
        break;
    case 1:
    case 2:
        spoil_answer(l->p, steer(in));
        break;
    case 3:
        how = steer(in);
        l->p->rules[requests[how & 7]].answer =
            (enum peer_answer)((how >> 3) % 7);
        l->p->rules[requests[how & 7]].status = how;
        break;
    case 4:
        scribble(l, in);
        break;
    case 5:
        feed(l, in);
        break;
    case 6:
        peer_rescind(l->p, kind >> 3);
        break;
    default:
        l->s->fail_at = l->s->counts.allocations + 1 + (kind >> 3);
        break;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct steering in = {data, size};
    uint8_t version = steer(&in);
    struct bus_life l;

    bus_life_begin(&l, version);
    for (int steps = 0; in.size > 0 && steps < 64; steps++) {
        bus_life_act(&l, steer(&in));
        trick(&l, &in);
    }
    l.p->post_misses = l.p->post_misses < 64 ? l.p->post_misses : 64;
    if (version >= 0xF0)
        bus_life_crash(&l);
    else
        bus_life_end(&l);
    return 0;
}
