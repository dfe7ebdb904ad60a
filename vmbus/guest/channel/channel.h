/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Channels, private part: their states, and what the files of channel/ call of
 * each other.
 */
#ifndef VMBUS_GUEST_CHANNEL_H
#define VMBUS_GUEST_CHANNEL_H

#include "vmbus/guest/bus.h"
#include "vmbus/ring.h"

struct gpadl;

/* What has become of the offer. */
enum offer_state {
    OFFER_STANDING,  /* the channel can be used */
    OFFER_RESCINDED, /* by the host, which awaits RELID_RELEASED */
    OFFER_RELEASING, /* RELID_RELEASED is on its way */
    OFFER_CUT_OFF,   /* the connection ended: nothing is sent for it any more */
    OFFER_ABANDONED, /* the same, but the host did not confirm the end: it may
                        use the channel's memory for ever */
};

/* What the observers know of the offer. */
enum offer_told {
    OFFER_TOLD_NOTHING,
    OFFER_TOLD,         /* offered() was called */
    OFFER_TOLD_STALE,   /* the same, but unclaimed() is to be called */
    OFFER_TOLD_RESCIND, /* and rescinded() as well */
};

/* open.c and close.c show the ways between these states. */
enum channel_state {
    CHANNEL_CLOSED,
    CHANNEL_SHARING, /* the rings' GPADL is being made */
    CHANNEL_OPENING, /* OPENCHANNEL sent */
    CHANNEL_OPEN,
    CHANNEL_DRAINING, /* closing, an event function still runs */
    CHANNEL_CLOSING,  /* CLOSECHANNEL sent, teardown awaited */
    CHANNEL_UNDOING,  /* the same, because opening failed: see channel_undo */
    CHANNEL_SETTLING, /* the host is done, the pages go back at PASSIVE */
};

/* What belongs to CHANNEL_UNDOING. */
struct channel_undo {
    int why; /* what open() ends with */
    uint32_t host_status;
    bool opened; /* the host may have opened it, so CLOSECHANNEL must follow */
    bool answered; /* and has said so meanwhile */
};

/* The pages of both rings; see rings.c. */
struct channel_rings {
    void *pages;
    uint64_t *pfns;
    uint32_t count;
    uint32_t tx_count; /* of them the outgoing ring's, with control page */
    void *tx_mapping;  /* doubly mapped, or NULL: `pages` is used */
    void *rx_mapping;
    struct ring_writer tx;
    struct ring_reader rx;
};

struct vmbus_channel {
    struct vmbus_channel *next, *previous; /* in the order of the offers */
    struct chain by_instance;              /* in bus->by_instance */
    struct vmbus_bus *bus;
    struct vmbus_offer offer;
    uint64_t number; /* grows along the list */

    /* offers.c, observe.c */
    enum offer_state offered;
    enum offer_told told;
    bool claimed;
    uint32_t holds;   /* observers are being called: it must not go away */
    struct chain due; /* in bus->due: there is something to report */
    struct post release;

    /* open.c, close.c */
    enum channel_state state;
    struct channel_undo undo;
    struct vmbus_open params;
    uint8_t user_data[VMBUS_USER_DATA_SIZE];
    uint32_t cpu;
    uint32_t open_id;
    uint32_t host_status;
    struct channel_rings rings;
    struct chain *gpadls; /* all of its GPADLs */
    struct gpadl *ring_gpadl;
    struct post open;
    struct post close;
    struct deadline deadline;
    struct op open_op;
    struct op close_op;

    /* modify.c */
    struct post modify;
    struct deadline modify_deadline;
    struct op modify_op;
    uint32_t modify_cpu;

    /* pump.c, signal.c */
    struct pump pump;  /* calls params.event */
    bool signal_again; /* the hypervisor could not take the last signal */
    bool fault_told;   /* a ring is broken */
    bool by_monitor;
    bool by_page; /* the host has an interrupt page, and wants bits in it */
};

/*
 * Where a channel and its offer stand changes under the lock only, and is read
 * without it where a signal is sent: on any processor, for each packet.
 */

/** Change where the channel stands. Lock held, or nobody else knows it. */
static inline void channel_set_state(struct vmbus_channel *c,
                                     enum channel_state state)
{
    __atomic_store_n(&c->state, state, __ATOMIC_RELEASE);
}

/** True while requests and signals may be sent. <= DISPATCH. */
static inline bool channel_is_open(const struct vmbus_channel *c)
{
    return __atomic_load_n(&c->state, __ATOMIC_ACQUIRE) == CHANNEL_OPEN;
}

/** Where the offer stands. <= DISPATCH. */
static inline enum offer_state channel_offered(const struct vmbus_channel *c)
{
    return __atomic_load_n(&c->offered, __ATOMIC_ACQUIRE);
}

/** Change where the offer stands. Lock held. */
static inline void channel_set_offered(struct vmbus_channel *c,
                                       enum offer_state offered)
{
    __atomic_store_n(&c->offered, offered, __ATOMIC_RELEASE);
}

/** True unless the offer still stands. <= DISPATCH. */
static inline bool channel_is_gone(const struct vmbus_channel *c)
{
    return channel_offered(c) != OFFER_STANDING;
}

/** True if the connection that the offer came by has ended. */
static inline bool channel_is_cut_off(const struct vmbus_channel *c)
{
    enum offer_state offered = channel_offered(c);

    return offered == OFFER_CUT_OFF || offered == OFFER_ABANDONED;
}

/** Can requests about this channel be sent? 0; -ENODEV: rescinded; -ENOTCONN:
 * not connected; -ENOSPC: the bus has stopped. Lock held. */
static inline int locked_channel_usable(const struct vmbus_channel *c)
{
    if (channel_is_gone(c))
        return channel_is_cut_off(c) ? -ENOTCONN : -ENODEV;
    return locked_usable(c->bus);
}

/* ---- table.c: which channels there are ---------------------------------- */

/** The channel of that relid, also a rescinded one; or NULL. Lock held. Inline,
 * because each event asks. */
static inline struct vmbus_channel *
vmbus_locked_channel_find(struct vmbus_bus *bus, uint32_t relid)
{
    const struct relid_room *room;

    /* The number comes from the host. */
    if (relid > VMBUS_RELID_MAX)
        return NULL;
    room = bus->by_relid[relid / ROOM_RELIDS];
    return room ? room->channel[relid % ROOM_RELIDS] : NULL;
}

/** Put a new channel at the end of the list, under its relid and under its
 * instance. Lock held. */
void vmbus_locked_channel_add(struct vmbus_channel *c);

/** The first of the channels that may have this instance, or the next one after
 * `previous`; NULL: no more. Others come as well. Lock held. */
struct vmbus_channel *
vmbus_locked_channel_candidate(struct vmbus_bus *bus,
                               const struct vmbus_guid *instance,
                               const struct vmbus_channel *previous);

/** Take a channel out of the list, and free it. Its relid must have been given
 * up before (vmbus_locked_relid_free). Lock held. */
void vmbus_locked_channel_remove(struct vmbus_channel *c);

/**
 * Make the room for a channel of that relid in the table. Lock held.
 *
 * @relid   1..VMBUS_RELID_MAX
 * @return  false: no memory
 */
bool vmbus_locked_channel_room(struct vmbus_bus *bus, uint32_t relid);

/** Free the table's rooms, at the end of the bus. */
void vmbus_channel_rooms_free(struct vmbus_bus *bus);

/** Give the channel's relid up: the host may use it for another one. Lock
 * held. */
void vmbus_locked_relid_free(struct vmbus_channel *c);

/** Free a channel that is in no list. */
void vmbus_channel_free(struct vmbus_channel *c);

/** Make a message of one step that is nothing but the channel's relid, for a
 * post.build. Returns its size; 0 after the first step. */
uint32_t vmbus_channel_build_relid(const struct vmbus_channel *c, uint32_t type,
                                   uint32_t step, void *message);

/* ---- offers.c, observe.c, tl_connect.c ---------------------------------- */

/* Handlers of messages. */
message_fn vmbus_locked_offer;
message_fn vmbus_locked_rescind;
message_fn vmbus_locked_tl_result;

/** The connection is over: each channel counts as rescinded. Unless `confirmed`
 * the host keeps the memory of open ones. Lock held. */
void vmbus_locked_channels_end(struct vmbus_bus *bus, bool confirmed);

/** Have the work item look whether there is something to report of the channel,
 * or whether it can be released. Lock held. */
void vmbus_locked_channel_due(struct vmbus_channel *c);

/** Release a channel if it is rescinded and nobody has claimed it or calls
 * observers about it: post RELID_RELEASED, and free it then. Lock held. */
void vmbus_locked_release(struct vmbus_channel *c);

/** Prepare the release of offers that there is no memory for. */
void vmbus_lost_init(struct vmbus_bus *bus);

/** Release `relid` (1..2047), whose offer there was no memory for. Lock held.
 */
void vmbus_locked_offer_lost(struct vmbus_bus *bus, uint32_t relid);

/** The connection ended: nothing has to be released any more. Lock held. */
void vmbus_locked_lost_forget(struct vmbus_bus *bus);

/** The bus's tell_channels: calls the observers for one offer or one rescind,
 * or releases one channel. PASSIVE. */
bool vmbus_tell_channels(struct vmbus_bus *bus);

/** An offer arrived: it ends the request that asked for it, if one did. Lock
 * held. */
void vmbus_locked_tl_offer(struct vmbus_bus *bus,
                           const struct vmbus_offer *offer);

/** End all requests for hv_sock connections with -ECANCELED. Lock held. */
void vmbus_locked_tl_end(struct vmbus_bus *bus);

/* ---- life.c, open.c, close.c, rings.c, modify.c -------------------------- */

/** Prepare all parts of a new channel. */
void vmbus_channel_init(struct vmbus_channel *c);

/** The host has let go of the channel: what awaits its answer ends with
 * `status`. Its GPADLs were ended before. Lock held. */
void vmbus_locked_channel_lost(struct vmbus_channel *c, int status);

/** Prepare opening. */
void vmbus_open_init(struct vmbus_channel *c);

/** Begin to open a channel in CHANNEL_SHARING, whose rings and parameters are
 * set. Lock held. */
void vmbus_locked_open_begin(struct vmbus_channel *c, vmbus_done_fn *done,
                             void *arg);

/** Undo an open in CHANNEL_OPENING, which then ends with `why`. Lock held. */
void vmbus_locked_open_undo(struct vmbus_channel *c, int why,
                            uint32_t host_status);

/** The gpadl.changed of a channel's rings. Lock held. */
void vmbus_locked_ring_changed(struct gpadl *g, int status,
                               uint32_t host_status);

/* Handlers of messages. */
message_fn vmbus_locked_open_result;
message_fn vmbus_locked_modify_response;

/** Prepare closing. */
void vmbus_close_init(struct vmbus_channel *c);

/** No event function runs any more: the close in CHANNEL_DRAINING goes on.
 * Lock held. */
void vmbus_locked_close_go(struct vmbus_channel *c);

/** Close what an open that failed has opened, as c->undo says. Lock held. */
void vmbus_locked_undo_go(struct vmbus_channel *c);

/** The host is done with the channel: `op` ends with `status`, and the pages go
 * back at PASSIVE. Lock held. */
void vmbus_locked_settle(struct vmbus_channel *c, struct op *op, int status,
                         uint32_t host_status);

/** Free rings and GPADL of a channel in CHANNEL_SETTLING; it can be opened
 * again. PASSIVE. */
void vmbus_channel_settle(struct vmbus_channel *c);

/** Allocate, map and attach the rings that `o` asks for. 0; -ENOMEM. PASSIVE.
 */
int vmbus_rings_alloc(struct vmbus_channel *c, const struct vmbus_open *o);

/** Free the rings; with `leak` not their pages. PASSIVE. */
void vmbus_rings_free(struct vmbus_channel *c, bool leak);

/** Prepare MODIFYCHANNEL. */
void vmbus_modify_init(struct vmbus_channel *c);

/** End a pending set_cpu with `status`. Lock held. */
void vmbus_locked_modify_lost(struct vmbus_channel *c, int status);

/* ---- pump.c, signal.c ---------------------------------------------------- */

/** Prepare the pump of a new channel; it is started when the channel opens and
 * stopped when it closes. */
void vmbus_channel_pump_init(struct vmbus_channel *c);

/** Settle which way an opening channel signals its host. Lock held. */
void vmbus_locked_signal_setup(struct vmbus_channel *c);

#endif
