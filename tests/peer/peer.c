/* The scripted peer: see peer.h. All offsets are those of the protocol. */
#include "peer.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct peer_out {
    struct peer_out *next;
    uint64_t at;
    uint32_t size;
    uint8_t bytes[];
};

/* ---- bytes -------------------------------------------------------------- */

uint32_t peer_u32(const void *bytes, uint32_t at)
{
    const uint8_t *b = (const uint8_t *)bytes + at;

    return b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 |
           (uint32_t)b[3] << 24;
}

uint64_t peer_u64(const void *bytes, uint32_t at)
{
    return peer_u32(bytes, at) | (uint64_t)peer_u32(bytes, at + 4) << 32;
}

static uint16_t get16(const uint8_t *b, uint32_t at)
{
    return (uint16_t)(b[at] | b[at + 1] << 8);
}

static void put16(uint8_t *b, uint32_t at, uint16_t v)
{
    b[at] = (uint8_t)v;
    b[at + 1] = (uint8_t)(v >> 8);
}

static void put32(uint8_t *b, uint32_t at, uint32_t v)
{
    put16(b, at, (uint16_t)v);
    put16(b, at + 2, (uint16_t)(v >> 16));
}

static int nibble(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return -1;
}

/* Next byte of hex text; -1: the end; 256: "..", any. */
static int next_byte(const char **hex)
{
    int value;

    while (**hex == ' ' || **hex == '\n')
        (*hex)++;
    if (**hex == '\0')
        return -1;
    if ((*hex)[0] == '.')
        value = 256;
    else
        value = nibble((*hex)[0]) << 4 | nibble((*hex)[1]);
    *hex += 2;
    return value;
}

/* ---- sending ------------------------------------------------------------ */

static void queue(struct peer *p, const void *bytes, uint32_t size,
                  uint64_t delay)
{
    struct peer_out *o = calloc(1, sizeof(*o) + size), **at = &p->out;

    o->at = p->s->now + delay;
    o->size = size;
    memcpy(o->bytes, bytes, size);
    while (*at && (*at)->at <= o->at)
        at = &(*at)->next;
    o->next = *at;
    *at = o;
}

/* The message whose turn it is to go wrong. */
static void queue_faulty(struct peer *p, const void *bytes, uint32_t size,
                         uint64_t delay)
{
    static const uint8_t rescind[12] = {2, 0, 0, 0, 0, 0, 0, 0, 5};
    uint8_t copy[1024];

    memcpy(copy, bytes, size);
    switch (p->fault) {
    case PEER_FAULT_DROP:
        return;
    case PEER_FAULT_TWICE:
        queue(p, copy, size, delay);
        break;
    case PEER_FAULT_LATE:
        delay += 15 * SEAM_S;
        break;
    case PEER_FAULT_CUT:
        size--;
        break;
    case PEER_FAULT_RESCIND:
        queue(p, rescind, sizeof(rescind), delay);
        break;
    default:
        if (size > 8)
            memset(copy + 8, 0xFF, size - 8);
        break;
    }
    queue(p, copy, size, delay);
}

void peer_send(struct peer *p, const void *bytes, uint32_t size, uint64_t delay)
{
    if (++p->sent == p->fault_at)
        queue_faulty(p, bytes, size, delay);
    else
        queue(p, bytes, size, delay);
}

void peer_send_hex(struct peer *p, const char *hex)
{
    uint8_t bytes[1024];
    uint32_t size = 0;
    int b;

    while ((b = next_byte(&hex)) >= 0)
        bytes[size++] = (uint8_t)b;
    peer_send(p, bytes, size, 0);
}

static void send_dwords(struct peer *p, uint64_t delay, uint32_t type,
                        uint32_t count, const uint32_t *dwords)
{
    uint8_t b[240] = {0};

    put32(b, 0, type);
    for (uint32_t i = 0; i < count; i++)
        put32(b, 8 + 4 * i, dwords[i]);
    peer_send(p, b, 8 + 4 * count, delay);
}

void peer_send_dwords(struct peer *p, uint32_t type, uint32_t count, ...)
{
    uint32_t dwords[16];
    va_list args;

    va_start(args, count);
    for (uint32_t i = 0; i < count; i++)
        dwords[i] = va_arg(args, uint32_t);
    va_end(args);
    send_dwords(p, 0, type, count, dwords);
}

void peer_rescind(struct peer *p, uint32_t relid)
{
    peer_send_dwords(p, 2, 1, relid);
}

struct event {
    struct peer *p;
    uint32_t relid;
};

static void deliver_event(void *arg)
{
    struct event *e = arg;

    vmbus_event_arrived(e->p->bus, e->relid);
}

void peer_event(struct peer *p, uint32_t cpu, uint32_t relid)
{
    struct event e = {p, relid};

    hosted_interrupt(p->s, cpu, deliver_event, &e);
}

static void deliver(void *arg)
{
    struct peer *p = arg;
    struct peer_out *o = p->out;

    p->out = o->next;
    vmbus_message_arrived(p->bus, o->bytes, o->size);
    free(o);
}

static bool act(void *arg)
{
    struct peer *p = arg;

    if (!p->out || p->out->at > p->s->now)
        return false;
    hosted_interrupt(p->s, 0, deliver, p);
    return true;
}

static uint64_t next_act(void *arg)
{
    struct peer *p = arg;

    return p->out ? p->out->at : SEAM_FOREVER;
}

/* ---- offers ------------------------------------------------------------- */

void peer_send_offer(struct peer *p, const struct peer_offer *o)
{
    /* 0.13 ends before the dedicated flag and the connection id. */
    peer_send(p, o->bytes, p->version == 0x0000000D ? 190 : 196, 0);
}

struct peer_offer *peer_offer(struct peer *p, uint32_t relid, uint8_t instance,
                              uint16_t subchannel)
{
    struct peer_offer *o = calloc(1, sizeof(*o)), **at = &p->offers;

    put32(o->bytes, 0, 1);
    memset(o->bytes + 8, 0x11, 16);
    memset(o->bytes + 24, instance, 16);
    put16(o->bytes, 180, subchannel);
    put32(o->bytes, 184, relid);
    o->bytes[190] = 1;
    put32(o->bytes, 192, 0x2000 | relid);
    while (*at)
        at = &(*at)->next;
    *at = o;
    return o;
}

/* ---- receiving ---------------------------------------------------------- */

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
    send_dwords(p, normal ? 0 : r->delay, reply, count, dwords);
    if (how == PEER_TWICE)
        send_dwords(p, r->delay, reply, count, dwords);
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
    if (r->answer == PEER_SILENT)
        return;
    put32(b, 0, 15);
    b[8] = taken;
    b[9] = p->contact_state;
    put32(b, 12, version);
    if (version >= 0x00050000)
        put32(b, 12, p->connection);
    if (version >= 0x00060000) {
        put32(b, 16, p->features & peer_u32(m, 20));
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
    g->expected = (get16(m, 16) - 8u) / 8;
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
        put32(b, 0, 23);
        memcpy(b + 8, m + 8, 32);
        put32(b, 40, r->status);
        peer_send(p, b, 44, r->delay);
        return;
    }
    put32(o.bytes, 0, 1);
    memcpy(o.bytes + 8, m + 24, 16);
    memcpy(o.bytes + 24, m + 8, 16);
    put16(o.bytes, 56, 0x2000);
    put32(o.bytes, 184, 1500);
    o.bytes[190] = 1;
    put32(o.bytes, 192, 0x2000 | 1500);
    peer_send(p, o.bytes, 196, r->delay);
}

static void (*const handlers[32])(struct peer *p, const uint8_t *m,
                                  uint32_t size) = {
    [3] = on_request_offers, [5] = on_open,      [8] = on_gpadl_header,
    [9] = on_gpadl_body,     [11] = on_teardown, [14] = on_contact,
    [16] = on_unload,        [21] = on_connect,  [22] = on_modify,
};

static int post(void *arg, uint32_t connection, uint32_t type,
                const void *payload, uint32_t size)
{
    struct peer *p = arg;
    struct peer_message *m = &p->in[p->in_count];
    uint32_t number = peer_u32(payload, 0);

    if (p->post_misses && p->post_after == 0) {
        p->post_misses--;
        return p->post_status;
    }
    if (p->post_after)
        p->post_after--;
    if ((p->no_multi && connection == 4) || (p->only_multi && connection == 1))
        return -ENOENT;
    if (type != 1 || p->in_count >= PEER_KEPT || number >= 32)
        return -EIO;
    m->connection = connection;
    m->size = size;
    memcpy(m->bytes, payload, size);
    p->in_count++;
    p->seen[number]++;
    if (handlers[number])
        handlers[number](p, m->bytes, size);
    return 0;
}

static int take_signal(void *arg, uint32_t connection, uint16_t flag)
{
    struct peer *p = arg;

    if (p->signal_misses) {
        p->signal_misses--;
        return p->signal_status;
    }
    if (flag != 0)
        return -EIO;
    p->signals++;
    p->last_signal = connection;
    return 0;
}

/* ---- misbehaving -------------------------------------------------------- */

void peer_refuse(struct peer *p, uint32_t type, uint32_t status)
{
    p->rules[type].answer = PEER_REFUSE;
    p->rules[type].status = status;
}

void peer_post_fails(struct peer *p, int status, uint32_t count)
{
    p->post_status = status;
    p->post_misses = count;
}

/* ---- looking ------------------------------------------------------------ */

int peer_position(const struct peer *p, uint32_t type, uint32_t n)
{
    for (uint32_t i = 0; i < p->in_count; i++)
        if (peer_u32(p->in[i].bytes, 0) == type && n-- == 0)
            return (int)i;
    return -1;
}

const struct peer_message *peer_got(const struct peer *p, uint32_t type,
                                    uint32_t n)
{
    int at = peer_position(p, type, n);

    return at < 0 ? NULL : &p->in[at];
}

bool peer_got_hex(const struct peer *p, uint32_t type, uint32_t n,
                  const char *hex)
{
    const struct peer_message *m = peer_got(p, type, n);
    uint32_t i = 0;
    int b;

    if (!m)
        return false;
    while ((b = next_byte(&hex)) >= 0) {
        if (i >= m->size || (b != 256 && b != m->bytes[i])) {
            fprintf(stderr, "# byte %u: expected %02x, found %02x of %u\n", i,
                    b, i < m->size ? m->bytes[i] : 0, m->size);
            return false;
        }
        i++;
    }
    return i == m->size;
}

/* ---- life --------------------------------------------------------------- */

struct peer *peer_create(struct seam *s)
{
    struct peer *p = calloc(1, sizeof(*p));

    p->s = s;
    p->newest = 0x00060000;
    p->features = 0xFF;
    p->connection = 4;
    s->post = post;
    s->signal = take_signal;
    s->act = act;
    s->next_act = next_act;
    s->peer = p;
    return p;
}

void peer_destroy(struct peer *p)
{
    while (p->out) {
        struct peer_out *o = p->out;

        p->out = o->next;
        free(o);
    }
    while (p->offers) {
        struct peer_offer *o = p->offers;

        p->offers = o->next;
        free(o);
    }
    for (uint32_t i = 0; i < PEER_GPADLS; i++)
        free(p->gpadls[i].pfns);
    p->s->post = NULL;
    p->s->signal = NULL;
    p->s->act = NULL;
    p->s->next_act = NULL;
    free(p);
}
