/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Messages that get lost: hosted_lost.h.
 */
#include "hosted_lost.h"

#include "tests/peer/hosted.h"
#include "runner.h"
#include "vmbus/wire/wire.h"

static int (*post_before)(void *peer, uint32_t connection, uint32_t type,
                          const void *payload, uint32_t size);
static uint32_t lost[2];

static int post_some(void *peer, uint32_t connection, uint32_t type,
                     const void *payload, uint32_t size)
{
    const struct wire_header *header = payload;

    if (header->type == lost[0] || header->type == lost[1])
        return 0;
    return post_before(peer, connection, type, payload, size);
}

static void lose(struct world *w, uint32_t one, uint32_t other)
{
    struct seam *s = world_seam(w);

    if (s->post != post_some)
        post_before = s->post;
    s->post = post_some;
    lost[0] = one;
    lost[1] = other;
}

void lose_gpadl_messages(struct world *w)
{
    lose(w, WIRE_GPADL_HEADER, WIRE_GPADL_TEARDOWN);
}

void lose_ends(struct world *w)
{
    lose(w, WIRE_GPADL_TEARDOWN, WIRE_UNLOAD);
}

void lose_nothing(struct world *w)
{
    world_seam(w)->post = post_before;
}
