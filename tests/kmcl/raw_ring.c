/*
 * Packets of a raw end: raw_ring.h.
 */
#include "raw_ring.h"

bool raw_ring_read(struct ring_reader *r, struct raw_packet *p, bool *signal)
{
    uint32_t at = ring_reader_start(r);
    struct ring_packet packet;

    if (ring_read(r, &at, &packet, p->body, sizeof(p->body)))
        return false;
    p->type = packet.type;
    p->flags = packet.flags;
    p->transaction = packet.transaction;
    p->header_size = packet.header_size;
    p->size = packet.size;
    *signal = ring_reader_commit(r, at);
    return true;
}

int raw_ring_write(struct ring_writer *writer, const struct ring_packet *packet,
                   const void *body, bool *signal)
{
    uint32_t at = ring_writer_start(writer);
    int rc = ring_write(writer, &at, packet, body);

    *signal = !rc && ring_writer_commit(writer, at);
    return rc;
}
