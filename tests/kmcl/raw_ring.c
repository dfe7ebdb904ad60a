/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Packets of a raw end: raw_ring.h.
 */
#include "raw_ring.h"

bool raw_ring_read(const struct raw_ring *r, struct raw_packet *p)
{
    uint32_t at = ring_reader_start(r->reader);
    struct ring_packet packet;

    if (ring_read(r->reader, &at, &packet, p->body, sizeof(p->body)))
        return false;
    p->type = packet.type;
    p->flags = packet.flags;
    p->transaction = packet.transaction;
    p->header_size = packet.header_size;
    p->size = packet.size;
    if (ring_reader_commit(r->reader, at))
        r->signal(r->end);
    return true;
}

int raw_ring_send(const struct raw_ring *r, uint16_t type, uint16_t flags,
                  uint64_t transaction, uint32_t header_size, const void *body,
                  uint32_t size)
{
    const struct ring_packet packet = {
        .type = type,
        .flags = flags,
        .header_size = header_size,
        .size = size,
        .transaction = transaction,
    };
    uint32_t at = ring_writer_start(r->writer);
    int rc = ring_write(r->writer, &at, &packet, body);

    if (!rc && ring_writer_commit(r->writer, at))
        r->signal(r->end);
    return rc;
}
