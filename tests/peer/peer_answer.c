/* SPDX-License-Identifier: BSD-2-Clause */
/* The peer's answer to each message, and what the rules make of it. */
#include "peer_private.h"

#include <stdlib.h>
#include <string.h>

struct peer_gpadl *peer_gpadl(struct peer *p, uint32_t handle)
{
    for (uint32_t i = 0; i < PEER_GPADLS; i++)
        if (p->gpadls[i].handle == handle)
            return &p->gpadls[i];
    return NULL;
}

/* Answers with `count` dwords by the rule for `type`. `refused` is where the
 * status stands among them, or -1. */
static void answer(struct peer *p, uint32_t type, uint32_t relid,
                   uint32_t reply, uint32_t count, uint32_t *dwords,
                   int refused)
{
    const struct peer_rule *r = &p->rules[type];
    bool normal = p->seen[type] <= r->only_at;
    enum peer_answer how = normal ? PEER_ANSWER : r->answer;

    if (how == PEER_RESCIND || how == PEER_RESCIND_FIRST)
        peer_rescind(p, relid);
    if (how == PEER_SILENT || how == PEER_RESCIND)
        return;
    if (how == PEER_REFUSE && refused >= 0)
        dwords[refused] = r->status;
    peer_send_late(p, normal ? 0 : r->delay, reply, count, dwords);
    if (how == PEER_TWICE)
        peer_send_late(p, r->delay, reply, count, dwords);
    if (how == PEER_RESCIND_BEHIND)
        peer_rescind(p, relid);
}

static void on_contact(struct peer *p, const uint8_t *m, uint32_t size)
{
    const struct peer_rule *r = &p->rules[14];
    uint32_t version = peer_u32(m, 8);
    bool taken = version <= p->newest && version >= p->oldest;
    uint8_t b[40] = {0};
    uint32_t length = 16;

    (void)size;
    if (r->answer == PEER_SILENT || (p->knows && version > p->knows))
        return;
    peer_put32(b, 0, 15);
    b[8] = taken;
    b[9] = p->contact_state;
    peer_put32(b, 12, version);
    if (version >= 0x00050000)
        peer_put32(b, 12, p->connection);
    if (version >= 0x00060000) {
        peer_put32(b, 16, p->features & peer_u32(m, 20));
        length = 20;
    }
    if (taken)
        p->version = version;
    if (p->response_size)
        length = p->response_size;
    peer_send(p, b, length, r->delay);
    if (r->answer == PEER_TWICE)
        peer_send(p, b, length, r->delay);
}

static void on_request_offers(struct peer *p, const uint8_t *m, uint32_t size)
{
    (void)m;
    (void)size;
    for (struct peer_offer *o = p->offers; o; o = o->next)
        peer_send_offer(p, o);
    answer(p, 3, 0, 4, 0, NULL, -1);
}

static void on_open(struct peer *p, const uint8_t *m, uint32_t size)
{
    uint32_t d[3] = {peer_u32(m, 8), peer_u32(m, 12), 0};

    (void)size;
    answer(p, 5, d[0], 6, 3, d, 2);
}

static void gpadl_complete(struct peer *p, struct peer_gpadl *g)
{
    uint32_t d[3] = {g->relid, g->handle, 0};

    g->created = true;
    answer(p, 8, g->relid, 10, 3, d, 2);
}

static void take_pfns(struct peer *p, struct peer_gpadl *g, const uint8_t *m,
                      uint32_t from, uint32_t size)
{
    for (uint32_t at = from; at + 8 <= size && g->got < g->expected; at += 8)
        g->pfns[g->got++] = peer_u64(m, at);
    if (g->got == g->expected)
        gpadl_complete(p, g);
}

static void on_gpadl_header(struct peer *p, const uint8_t *m, uint32_t size)
{
    struct peer_gpadl *g = peer_gpadl(p, 0);

    g->relid = peer_u32(m, 8);
    g->handle = peer_u32(m, 12);
    g->expected = (peer_get16(m, 16) - 8u) / 8;
    g->byte_count = peer_u32(m, 20);
    g->byte_offset = peer_u32(m, 24);
    g->got = 0;
    g->created = false;
    g->pfns = calloc(g->expected + 1, sizeof(uint64_t));
    take_pfns(p, g, m, 28, size);
}

static void on_gpadl_body(struct peer *p, const uint8_t *m, uint32_t size)
{
    struct peer_gpadl *g = peer_gpadl(p, peer_u32(m, 12));

    if (g)
        take_pfns(p, g, m, 16, size);
}

static void on_teardown(struct peer *p, const uint8_t *m, uint32_t size)
{
    uint32_t d[1] = {peer_u32(m, 12)};
    struct peer_gpadl *g = peer_gpadl(p, d[0]);

    (void)size;
    if (g) {
        free(g->pfns);
        memset(g, 0, sizeof(*g));
    }
    answer(p, 11, peer_u32(m, 8), 12, 1, d, -1);
}

static void on_unload(struct peer *p, const uint8_t *m, uint32_t size)
{
    (void)m;
    (void)size;
    p->version = 0;
    answer(p, 16, 0, 17, 0, NULL, -1);
}

static void on_modify(struct peer *p, const uint8_t *m, uint32_t size)
{
    uint32_t d[2] = {peer_u32(m, 8), 0};

    (void)size;
    if (p->version >= 0x00050003)
        answer(p, 22, d[0], 24, 2, d, 1);
}

/* Success is an offer of the service with the endpoint as instance. */
static void on_connect(struct peer *p, const uint8_t *m, uint32_t size)
{
    const struct peer_rule *r = &p->rules[21];
    uint8_t b[44] = {0};
    struct peer_offer o = {0};

    (void)size;
    if (r->answer == PEER_SILENT)
        return;
    if (r->answer == PEER_REFUSE) {
        peer_put32(b, 0, 23);
        memcpy(b + 8, m + 8, 32);
        peer_put32(b, 40, r->status);
        peer_send(p, b, 44, r->delay);
        return;
    }
    peer_put32(o.bytes, 0, 1);
    memcpy(o.bytes + 8, m + 24, 16);
    memcpy(o.bytes + 24, m + 8, 16);
    peer_put16(o.bytes, 56, 0x2000);
    peer_put32(o.bytes, 184, 1500);
    o.bytes[190] = 1;
    peer_put32(o.bytes, 192, 0x2000 | 1500);
    peer_send(p, o.bytes, 196, r->delay);
}

static void (*const handlers[32])(struct peer *p, const uint8_t *m,
                                  uint32_t size) = {
    [3] = on_request_offers, [5] = on_open,      [8] = on_gpadl_header,
    [9] = on_gpadl_body,     [11] = on_teardown, [14] = on_contact,
    [16] = on_unload,        [21] = on_connect,  [22] = on_modify,
};

void peer_react(struct peer *p, const struct peer_message *m)
{
    uint32_t type = peer_u32(m->bytes, 0);

    if (handlers[type])
        handlers[type](p, m->bytes, m->size);
}
