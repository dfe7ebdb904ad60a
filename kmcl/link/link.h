/*
 * A channel's transport: the guest half for a client (client.c), the
 * host half for a server (server.c), behind one table of operations.
 */
#ifndef KMCL_LINK_H
#define KMCL_LINK_H

#include <stdbool.h>
#include <stdint.h>

#include "kmcl/types.h"
#include "vmbus/ring.h"
#include "vmbus/seam.h"

struct vmbus_channel;
struct vmbus_host_channel;

/* What kmcl_event answers. */
enum kmcl_event {
    KMCL_EVENT_DRAINED, /* ring empty: may be unmasked */
    KMCL_EVENT_MORE,    /* budget used up */
    KMCL_EVENT_LEFT,    /* blocked with packets in the ring */
};

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

    /* The three of vmbus.h; <= DISPATCH. */
    void (*signal)(VMBCHANNEL ch);
    void (*await_room)(VMBCHANNEL ch);
    void (*kick)(VMBCHANNEL ch);
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
    bool close_due;    /* the guest closed and waits for the answer */
    bool withdraw_due; /* closed without that: to be withdrawn */
    bool abandoned;    /* a restored open was refused: offer anew */
    struct seam_work event_work;
    struct seam_timer room_timer;
    uint32_t room_runs; /* of its function that are to come or under way */
};

/* Told by the links to advance.c. PASSIVE. */
void kmcl_link_opened(VMBCHANNEL ch, int status);
void kmcl_link_closed(VMBCHANNEL ch);

/* The observer's two functions of a client bus. */
struct vmbus_channel;
void kmcl_client_offered(void *root, struct vmbus_channel *c);
void kmcl_client_rescinded(void *root, struct vmbus_channel *c);

#endif
