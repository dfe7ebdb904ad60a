/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A channel's transport: the guest half for a client (client.c), the
 * host half for a server (server.c), behind one table of operations.
 */
#ifndef KMCL_BASE_LINK_H
#define KMCL_BASE_LINK_H

#include <stdbool.h>
#include <stdint.h>

#include "kmcl/types.h"
#include "vmbus/pump.h"
#include "vmbus/ring.h"
#include "vmbus/seam.h"

struct vmbus_channel;
struct vmbus_host_channel;
struct vmbus_host_server;

enum kmcl_link_state {
    KMCL_LINK_DOWN,
    KMCL_LINK_UP,      /* the rings are attached */
    KMCL_LINK_CLOSING, /* the same, and close() was called */
};

/* What becomes of a server's offer when its channel has closed. */
enum kmcl_offer {
    KMCL_OFFER_KEPT,    /* it stays: the guest may open it again */
    KMCL_OFFER_LEAVES,  /* it is withdrawn, because its guest did not close */
    KMCL_OFFER_WAITS,   /* the same, once its sub-channels are withdrawn */
    KMCL_OFFER_FOLLOWS, /* a sub-channel: it is withdrawn before its primary,
                         * and published again after it */
};

/* A server's guest. */
enum kmcl_guest {
    KMCL_GUEST_NONE, /* it has not opened the channel, or is answered: closed */
    KMCL_GUEST_OPEN, /* it has opened the channel */
    KMCL_GUEST_LEAVES,  /* it has closed, and waits for the answer */
    KMCL_GUEST_REFUSED, /* its restored open was refused: it gets a new offer */
};

/* The byte of a socket's offer data that says who connects: 1 is the host.
 * [linux hyperv_transport] */
enum { KMCL_HOST_CONNECTS = 4 };

struct kmcl_link_ops {
    /* Publishes (server) or looks for the offer (client); 0 or errno. */
    int (*enable)(VMBCHANNEL ch);

    /* The opposite, from KMCL_ENABLED. */
    void (*disable)(VMBCHANNEL ch);

    /* Client: opens the offer that was found; kmcl_link_opened() follows. */
    void (*open)(VMBCHANNEL ch);

    /* Closes the transport; kmcl_link_closed() follows, maybe from inside. */
    void (*close)(VMBCHANNEL ch);

    /* After EvtChannelOpened: tells a guest how its open ended. */
    void (*opened)(VMBCHANNEL ch, NTSTATUS status);

    /* After EvtChannelClosed: a client gives its offer back, a server
     * withdraws what it did not close. */
    void (*release)(VMBCHANNEL ch);
};

struct kmcl_link {
    const struct kmcl_link_ops *ops;
    enum kmcl_link_state state;
    int failed;                 /* opening failed: negative errno */
    struct seam_work rest_work; /* goes on with a close that had to wait */
    /* Client. */
    struct seam_timer again; /* when a close is tried again */
    struct vmbus_channel *channel;
    bool host_keeps;  /* the close was not confirmed: the host may still use
                       * what it was lent */
    bool monitored;   /* signalled by the monitor page */
    bool latency_set; /* by the application: holds for each opening */
    uint16_t latency; /* of the monitor page, 100 ns */
    /* Server. */
    const struct vmbus_host_server *server; /* who hears of the guest */
    struct vmbus_host_channel *offered;
    struct ring_writer writer;
    struct ring_reader reader;
    enum kmcl_guest guest;
    enum kmcl_offer offer;
    struct pump pump; /* calls kmcl_event() */
};

#endif
