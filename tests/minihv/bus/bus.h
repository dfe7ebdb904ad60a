/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Functions of the VMBus host that bus.c, the seam and the devices share. The
 * contract of the host half itself is vmbus/include/vmbus/host.h.
 */
#ifndef MINIHV_BUS_H
#define MINIHV_BUS_H

#include "vmbus/host.h"
#include "vmbus/packet.h"
#include "vmbus/pump.h"
#include "vmbus/seam.h"

/* ---- seam_work.c ------------------------------------------------------- */

/* Runs the next work of this level. Returns false if there is none. */
bool seam_work_run(uint8_t level);
bool seam_timers_run(void);
uint64_t seam_timers_next(void);

/* ---- channel.c: a channel on the host half itself ------------------------ */

struct channel;

struct channel_ops {
    /* One packet from the guest. `body` is a private copy; answers are
     * written to c->out at c->at. 0; -EAGAIN: channel_has_room said no, the
     * packet comes again once there is room. */
    int (*packet)(struct channel *c, const struct ring_packet *packet,
                  const void *body);
};

struct channel {
    struct vmbus_host_channel *channel;
    const struct channel_ops *ops;
    const char *name;
    uint32_t need; /* bytes after the descriptor that wait for room */
    bool open;
    struct pump pump; /* calls `packet` for what the guest writes */
    struct ring_reader in;
    struct ring_writer out;
    uint32_t at; /* where the next outgoing packet goes */
    uint64_t packets;
};

/* Publishes a channel; type, instance and flags are in `offer`. */
void channel_offer(struct channel *c, const struct vmbus_host_offer *offer,
                   const struct channel_ops *ops);

/* Returns true if an answer of `size` bytes after its descriptor fits. */
bool channel_has_room(struct channel *c, uint32_t size);

/* Stops a channel whose guest broke the device's protocol. With strict the run
 * ends in a report; otherwise the channel is no longer served. */
void channel_broken(struct channel *c, const char *why);

/* ---- bus.c, devices ---------------------------------------------------- */

struct vmbus_host *bus_host(void);
struct seam *bus_seam(void);

void echo_prepare(void);
void transfer_prepare(void); /* one of echo's modes */
void heartbeat_prepare(void);
void storage_prepare(void);

#endif
