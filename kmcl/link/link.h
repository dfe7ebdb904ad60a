/*
 * A channel's transport: the guest half for a client (client.c), the
 * host half for a server (server.c), behind one table of operations.
 */
#ifndef KMCL_LINK_H
#define KMCL_LINK_H

#include <stdbool.h>
#include <stdint.h>

#include "kmcl/types.h"
#include "vmbus/pump.h"
#include "vmbus/ring.h"
#include "vmbus/seam.h"

struct vmbus_channel;
struct vmbus_host_channel;

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

extern const struct kmcl_link_ops kmcl_client_link;
extern const struct kmcl_link_ops kmcl_server_link;

struct kmcl_link {
    const struct kmcl_link_ops *ops;
    bool up;      /* rings attached */
    bool closing; /* close() was called, its end not yet told */
    int failed;   /* opening failed: negative errno */
    /* Client. */
    struct vmbus_channel *channel;
    bool host_keeps;  /* the close was not confirmed: the host may still use
                       * what it was lent */
    bool monitored;   /* signalled by the monitor page */
    bool latency_set; /* by the application: holds for each opening */
    uint16_t latency; /* of the monitor page, 100 ns */
    /* Server. */
    struct vmbus_host_channel *offered;
    struct ring_writer writer;
    struct ring_reader reader;
    bool close_due;             /* the guest closed and waits for the answer */
    bool withdraw_due;          /* closed without that: to be withdrawn */
    bool abandoned;             /* a restored open was refused: offer anew */
    struct pump pump;           /* calls kmcl_event() */
    struct seam_work rest_work; /* goes on with a close when it is at rest */
};

/* The links report to the state machine (advance.c) that opening ended, with 0
 * or a negative errno, and that closing ended: the rings are unmapped or will
 * be by the host half. PASSIVE. */
void kmcl_link_opened(VMBCHANNEL ch, int status);
void kmcl_link_closed(VMBCHANNEL ch);

/* The data path gets the rings and the pump of an opening channel, or loses
 * them when the pump is at rest. Takes the channel's lock. PASSIVE. */
void kmcl_link_attach(VMBCHANNEL ch, struct ring_reader *rx,
                      struct ring_writer *tx, struct pump *pump);
void kmcl_link_detach(VMBCHANNEL ch);

/* The observer's two functions of a client bus. */
struct vmbus_channel;
void kmcl_client_offered(void *root, struct vmbus_channel *c);
void kmcl_client_rescinded(void *root, struct vmbus_channel *c);

#endif
