/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A small VMBus client for the guests that test devices. It has one channel at
 * a time, builds messages from the wire formats, and uses the rings of vmbus/.
 */
#ifndef MINIHV_GUEST_BUS_H
#define MINIHV_GUEST_BUS_H

#include "guest.h"
#include "vmbus/packet.h"
#include "vmbus/wire/wire.h"

/* Pages of each ring, control page included. Two rings fit one GPADL message,
 * and 32 packets of 1472 bytes fit a ring. */
enum { RING_PAGES = 13 };

struct client {
    struct wire_offer offer;
    uint32_t gpadl;
    uint8_t *rings; /* 2 * RING_PAGES pages */
    struct ring_writer out;
    struct ring_reader in;
    uint32_t at;
};

/* Connects with `version` and asks for the offers. */
void bus_connect(uint32_t version);

/* Finds the offer of this interface type and, if not 0, last instance byte. */
bool bus_find(const struct vmbus_guid *type, uint8_t last,
              struct wire_offer *offer);

/* Shares `count` pages from `pages` on. Returns the GPADL's handle. */
uint32_t bus_share(uint32_t relid, const void *pages, uint32_t count);
void bus_unshare(uint32_t relid, uint32_t gpadl);

void bus_open(struct client *c);
void bus_close(struct client *c);

/* Writes a packet with a payload at c->at whose external data is `size` bytes
 * from `data` on. Returns false if it cannot be written. */
bool bus_write_pages(struct client *c, uint64_t transaction, bool completion,
                     const void *data, uint32_t size, const void *payload,
                     uint32_t payload_size);

/* Publishes the packets written up to c->at. */
void bus_send(struct client *c);

/* Waits in HLT for the next packet; the check fails after 3 s without one. */
bool bus_receive(struct client *c, struct ring_packet *packet, void *body,
                 uint32_t capacity);

/* Writes a ring index that is no multiple of 8, and signals. */
void bus_break_ring(const struct client *c);

void bus_leave(void);

#endif
