/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A stream and its channel to the guest, which is a KMCL server. All functions
 * are PASSIVE.
 */
#ifndef MINIHV_SOCK_SOCKET_H
#define MINIHV_SOCK_SOCKET_H

#include "device.h"
#include "stream.h"
#include "vmbus/host.h"

enum { SOCKET_PARCELS = 4 };

struct socket;

/* A packet on its way into the guest's ring. */
struct parcel {
    struct socket *socket;
    uint32_t size;
    bool used;
};

struct socket {
    struct device device; /* first */
    struct stream stream;
    struct vmbus_host_connect request; /* of the guest */
    uint64_t deadline;                 /* until it is open */
    struct parcel parcel[SOCKET_PARCELS];

    /* The guest's packet that has not gone out whole. */
    VMBPACKETCOMPLETION held;
    const uint8_t *held_bytes;
    uint32_t held_size, held_at;

    bool has_channel;
    bool counted;            /* among those that were opened */
    bool guest_left;         /* it has closed, or broken a rule */
    bool refuse_due;         /* the guest's request is to be refused */
    uint64_t received, sent; /* bytes from and to the guest */
};

/* Offers the channel of a stream that is STREAM_OFFERED. Returns false if that
 * is impossible: the host has no channel left, or no memory. */
bool socket_offer(struct socket *s);

/* Withdraws the channel, if there is one: the guest sees a RESCIND. */
void socket_remove(struct socket *s);

/* Moves bytes and frames in both directions as far as there is room. */
void socket_move(struct socket *s);

/* Both directions have ended, and the guest has everything in its ring. */
bool socket_is_over(const struct socket *s);

#endif
