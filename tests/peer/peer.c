/* SPDX-License-Identifier: BSD-2-Clause */
/* The peer's life, what it takes and what a test asks it: see peer.h. */
#include "peer_private.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
    peer_react(p, m);
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
    while ((b = peer_next_byte(&hex)) >= 0) {
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
    s->act = peer_act;
    s->next_act = peer_next_act;
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
