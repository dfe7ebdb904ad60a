/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Private state of the guest half: the bus itself. README.md shows its wings.
 * The public contract is vmbus.h.
 *
 * One lock, bus->lock, guards all state of a bus, its channels and its GPADLs.
 * A function with `locked` in its name is called with that lock held and never
 * calls anything outside of the bus but the seam. What is to be reported to a
 * user goes to a list that a work item at PASSIVE empties (control/notify.c).
 */
#ifndef VMBUS_GUEST_BUS_H
#define VMBUS_GUEST_BUS_H

#include <errno.h>

#include "vmbus/chain.h"
#include "vmbus/guest/control/complain.h"
#include "vmbus/guest/control/deadline.h"
#include "vmbus/guest/control/op.h"
#include "vmbus/guest/control/post.h"
#include "vmbus/vmbus.h"
#include "vmbus/wire/pages.h"
#include "vmbus/wire/wire.h"

struct gpadl;
struct tl_connect;

enum bus_state {
    BUS_DISCONNECTED,
    BUS_CONTACTING, /* INITIATE_CONTACT sent */
    BUS_OFFERS,     /* REQUESTOFFERS sent */
    BUS_CONNECTED,
    BUS_UNLOADING, /* UNLOAD sent */
    BUS_CRASHED,   /* for good: vmbus_bus_crash_unload() took over */
};

/* Whose the interrupt page and the monitor pages are. */
enum connection_pages {
    PAGES_NONE,   /* there are none */
    PAGES_SHARED, /* the host's, until the connection ends */
    PAGES_LOST,   /* the host's for ever: it did not confirm the end */
};

/* In vmbus_bus.page_users: nobody may begin to write the connection's pages. */
#define PAGES_CLOSED UINT32_C(0x80000000)

/* Of the indexes of channels, of GPADLs and of hv_sock requests. */
#define INSTANCE_BUCKETS 512u
#define GPADL_BUCKETS    512u
#define CONNECT_BUCKETS  64u

/* The table of channels by relid has a room for so many relids in a row, which
 * is made when the host offers the first of them. */
#define ROOM_RELIDS 64u
#define RELID_ROOMS ((VMBUS_RELID_MAX + 1) / ROOM_RELIDS)

struct relid_room {
    struct vmbus_channel *channel[ROOM_RELIDS];
};

/* Offers that there was no memory for (channel/lost.c). */
#define LOST_WORDS ((VMBUS_RELID_MAX + 1) / 32)
struct lost_offers {
    struct post release;
    uint32_t due[LOST_WORDS]; /* a bit for each relid to be released */
    uint32_t relid, step;     /* in the message that was built last */
};

struct vmbus_bus {
    struct seam *seam;
    struct vmbus_config config; /* without zeros */
    struct seam_lock lock;
    enum bus_state state;
    uint32_t version;    /* negotiated; 0: none */
    uint32_t features;   /* that both sides have */
    uint32_t connection; /* the id that messages are posted to */
    bool stopped;        /* more memory leaked than config.leak_limit */

    /* control/ */
    struct post_queue posts;
    struct deadlines deadlines;
    struct op *finished; /* outcomes to report, in order */
    struct op **finished_tail;
    struct seam_work notify;
    /* Reports one offer or rescind, or releases one channel; false: nothing is
     * left to do. Called at PASSIVE without the lock. */
    bool (*tell_channels)(struct vmbus_bus *bus);
    uint32_t reports; /* of those since the last outcome */
    uint64_t complaints[COMPLAINT_KINDS];

    uint32_t late_answers; /* that may come and nobody awaits any more */

    /* connection/ */
    uint32_t asking;      /* index of the version asked for */
    uint32_t unanswered;  /* contacts that were given up in this connect */
    bool no_connection_4; /* the host knows only the older message connection */
    enum connection_pages pages;
    uint32_t page_users; /* who writes them just now, or PAGES_CLOSED */
    struct wire_interrupt_page *interrupt_page;
    struct wire_monitor_page *monitor_pages; /* two: parent to child, child to
                                                parent; or NULL */
    uint64_t interrupt_pfn;
    uint64_t monitor_pfns[2];
    int connect_status; /* what a pending connect ends with at an unload */
    uint32_t connect_host_status; /* ... and what the host said, or 0 */
    struct post contact;
    struct post request_offers;
    struct deadline connect_deadline;
    struct op connect_op;
    struct post unload;
    struct deadline unload_deadline;
    uint64_t unload_wait; /* for its response, from when it is posted */
    struct op unload_op;
    /* What follows this UNLOAD; NULL: the end of the connection. */
    void (*unload_next)(struct vmbus_bus *bus);

    /* channel/ */
    struct vmbus_observer *observers;
    struct observer_walk *walks;    /* under way; see channel/observe.c */
    struct vmbus_channel *channels; /* in the order of the offers */
    struct vmbus_channel *last_channel;
    struct relid_room *by_relid[RELID_ROOMS];
    uint32_t last_relid; /* the highest that was ever in it */
    struct chain *by_instance[INSTANCE_BUCKETS];
    struct chain_queue due; /* channels with something to report */
    uint64_t next_number;   /* of the channel that comes next */
    struct lost_offers lost;
    uint32_t next_cpu;
    uint32_t next_open_id;
    struct chain *connects[CONNECT_BUCKETS]; /* by endpoint */

    /* gpadl/ */
    struct chain *gpadls[GPADL_BUCKETS]; /* by handle */
    uint32_t next_handle;

    struct vmbus_stats stats;
};

/* Handles one kind of message from the host. `message` is a private copy whose
 * size was checked against the table (wire/messages.c). Lock held. */
typedef void message_fn(struct vmbus_bus *bus, const void *message,
                        uint32_t size);

/** Can requests be sent? 0; -ENOTCONN: not connected; -ENOSPC: the bus has
 * stopped. Lock held. */
static inline int locked_usable(const struct vmbus_bus *bus)
{
    if (bus->state != BUS_CONNECTED && bus->state != BUS_OFFERS)
        return -ENOTCONN;
    return bus->stopped ? -ENOSPC : 0;
}

/** Begin to write the connection's pages, which stay until
 * vmbus_pages_leave(). False: they go, or are gone. <= DISPATCH. */
bool vmbus_pages_enter(struct vmbus_bus *bus);

/** End what vmbus_pages_enter() began. <= DISPATCH. */
void vmbus_pages_leave(struct vmbus_bus *bus);

#endif
