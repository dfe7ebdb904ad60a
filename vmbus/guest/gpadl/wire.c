/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The messages that make a GPADL and take it back: one header, as many bodies
 * as its frames need, one teardown. [linux channel.c]
 *
 *   GPADL_HEADER  relid, handle, byte count and offset, frames 0 .. 25
 *   GPADL_BODY    handle, frames 26 .. 53
 *   GPADL_BODY    handle, frames 54 .. 81
 *   ...
 */
#include "vmbus/guest/gpadl/gpadl.h"
#include "vmbus/wire/memory.h"
#include "vmbus/wire/messages.h"

static void copy_pfns(void *to, const struct gpadl *g, uint32_t from,
                      uint32_t n)
{
    memcpy(to, &g->pfns[from], n * sizeof(uint64_t));
}

static uint32_t build_header(const struct gpadl *g, struct wire_gpadl_header *m)
{
    uint32_t n = g->count < WIRE_HEADER_PFNS ? g->count : WIRE_HEADER_PFNS;
    uint32_t size = sizeof(*m) + n * (uint32_t)sizeof(uint64_t);

    vmbus_message_begin(m, WIRE_GPADL_HEADER, size);
    m->relid = g->relid;
    m->gpadl = g->handle;
    /* Describe all frames, also those that follow in bodies: the host knows
     * from this number how many bodies to await. */
    m->range_bytes = (uint16_t)(8 + 8 * g->count);
    m->range_count = 1;
    m->byte_count = g->bytes;
    m->byte_offset = g->offset;
    copy_pfns(m->pfns, g, 0, n);
    return size;
}

/* Step 0 is the header, steps 1... are bodies. */
uint32_t vmbus_gpadl_build_create(void *owner, uint32_t step, void *message)
{
    const struct gpadl *g = owner;
    struct wire_gpadl_body *m = message;
    uint32_t from, n, size;

    if (step == 0)
        return build_header(g, message);
    from = WIRE_HEADER_PFNS + (step - 1) * WIRE_BODY_PFNS;
    if (from >= g->count)
        return 0;
    n = g->count - from < WIRE_BODY_PFNS ? g->count - from : WIRE_BODY_PFNS;
    size = sizeof(*m) + n * (uint32_t)sizeof(uint64_t);
    /* Leave the body's number zero: hosts go by the order of arrival. */
    vmbus_message_begin(m, WIRE_GPADL_BODY, size);
    m->gpadl = g->handle;
    copy_pfns(m->pfns, g, from, n);
    return size;
}

uint32_t vmbus_gpadl_build_teardown(void *owner, uint32_t step, void *message)
{
    const struct gpadl *g = owner;
    struct wire_gpadl_teardown *m = message;
    uint32_t size = sizeof(*m);

    if (step)
        return 0;
    vmbus_message_begin(m, WIRE_GPADL_TEARDOWN, size);
    m->relid = g->relid;
    m->gpadl = g->handle;
    return size;
}
