/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Private state of the guest half: what the files bus*.c, offers.c, gpadl.c,
 * open.c ... share. The public contract is vmbus.h.
 *
 * One lock, bus->lock, guards all of it. Functions named locked_* are called
 * with it held; they never call out of the bus. What is to be told to somebody
 * goes to a list that deferred work at PASSIVE empties (notify.c).
 */
#ifndef VMBUS_GUEST_BUS_H
#define VMBUS_GUEST_BUS_H

#include "vmbus/ring.h"
#include "vmbus/vmbus.h"
#include "vmbus/wire/wire.h"

/* ---- outgoing messages (post.c) ---------------------------------------- */

/*
 * A message, or a row of them, waiting to be posted; embedded in its owner,
 * so that no undo ever lacks memory. build() makes message number `step` and
 * returns its size, or 0 behind the last one; sent() tells the end: 0 or why
 * posting failed. Both are called with the lock held.
 */
struct post {
    struct post *next;
    uint32_t (*build)(void *owner, uint32_t step, void *message);
    void (*sent)(void *owner, int status); /* may be NULL */
    void *owner;
    uint32_t type; /* for the log */
    uint32_t step; /* messages that went out already */
    bool queued;
};

struct post_queue {
    struct post *head;
    struct post **tail;
    struct seam_timer timer;
    uint64_t first_try; /* when the head was tried first; 0: not yet */
    uint64_t delay;
    bool draining;
};

/* ---- deadlines (deadline.c) -------------------------------------------- */

struct deadline {
    struct deadline *next;
    uint64_t due;
    void (*expired)(void *owner); /* lock held */
    void *owner;
    bool armed;
};

struct deadlines {
    struct deadline *list;
    struct seam_timer timer;
};

/* ---- outcomes (notify.c) ----------------------------------------------- */

enum op_state { OP_IDLE, OP_PENDING, OP_FINISHED };

/* A request of the user. settle() runs at PASSIVE without the lock before
 * `done`, for what may only be undone there. */
struct op {
    struct op *next;
    enum op_state state;
    void (*settle)(struct op *op);
    void *owner;
    vmbus_done_fn *done;
    void *arg;
    int status;
    uint32_t host_status;
};

/* ---- GPADLs (gpadl.c) -------------------------------------------------- */

enum gpadl_state {
    GPADL_CREATING, /* header and bodies on their way, or answer awaited */
    GPADL_LIVE,
    GPADL_TEARING, /* TEARDOWN on its way, or answer awaited */
    GPADL_GONE,    /* the host has let go */
    GPADL_LEAKED,  /* the host may use the pages for ever */
};

struct gpadl {
    struct gpadl *next;
    struct vmbus_bus *bus;
    struct vmbus_channel *channel;
    enum gpadl_state state;
    uint32_t relid;
    uint32_t handle;
    uint32_t count;
    uint32_t offset;
    uint32_t bytes;
    uint64_t *pfns; /* `count`, ours */
    int why;        /* TEARING as an undo: what create() ends with */
    uint32_t why_host;
    bool ring;   /* a channel's own rings, not the user's */
    bool doomed; /* freed as soon as its TEARDOWN is out */
    struct post create;
    struct post teardown;
    struct deadline deadline;
    uint64_t timeout;
    /* End of creating or of tearing down; lock held. */
    void (*changed)(struct gpadl *g, int status, uint32_t host_status);
    struct op op; /* GPADLs of the user */
    uint32_t *handle_out;
};

/* ---- channels ---------------------------------------------------------- */

enum channel_state {
    CHANNEL_CLOSED,
    CHANNEL_SHARING, /* the rings' GPADL is being made */
    CHANNEL_OPENING, /* OPENCHANNEL sent */
    CHANNEL_OPEN,
    CHANNEL_DRAINING, /* closing, an event function still runs */
    CHANNEL_CLOSING,  /* CLOSECHANNEL sent, teardown awaited; also the undo */
    CHANNEL_SETTLING, /* the host is done, pages go back at PASSIVE */
    CHANNEL_STATES
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
    struct vmbus_channel *next; /* in the order of the offers */
    struct vmbus_bus *bus;
    struct vmbus_offer offer;

    /* offers.c */
    bool told;         /* observers know the offer */
    bool told_rescind; /* and that it is gone */
    bool claimed;
    bool rescinded;  /* by the host, or the connection ended */
    bool host_gone;  /* no connection: nothing is to be sent for it */
    bool host_keeps; /* and the host did not confirm that it ended: it may use
                      * the channel's memory for ever */
    bool releasing;  /* RELID_RELEASED is on its way */
    uint32_t holds;  /* observers are being told, it must not go away */
    struct post release;

    /* open.c, close.c */
    enum channel_state state;
    struct vmbus_open params;
    uint8_t user_data[120];
    uint32_t cpu;
    uint32_t open_id;
    uint32_t host_status;
    bool undo; /* CLOSING and SETTLING end open(), with `why` */
    int why;
    uint32_t why_host;
    bool host_open; /* OPENCHANNEL went out, so CLOSECHANNEL must */
    struct channel_rings rings;
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

    /* pump.c */
    struct seam_work pump;
    bool pump_busy;  /* queued or running */
    bool pump_again; /* signalled meanwhile */
    struct seam_timer room;
    uint32_t room_runs; /* of its function that are to come or under way: one on
                         * another processor does not keep it from being set */
    bool signal_again;  /* the hypervisor would not take it */
    bool fault_told;    /* a ring is broken */
    bool by_monitor;
};

/* ---- hv_sock (tl_connect.c) -------------------------------------------- */

struct tl_connect {
    struct tl_connect *next;
    struct vmbus_bus *bus;
    struct wire_tl_connect message;
    struct post post;
    struct deadline deadline;
    struct op op;
};

/* ---- the bus ----------------------------------------------------------- */

enum bus_state {
    BUS_DISCONNECTED,
    BUS_CONTACTING,
    BUS_OFFERS, /* REQUESTOFFERS sent */
    BUS_CONNECTED,
    BUS_UNLOADING,
    BUS_CRASHED,
    BUS_STATES
};

/* Kinds of complaints about the host, each limited in its rate by itself. */
enum complaint_kind {
    COMPLAINT_MESSAGE,
    COMPLAINT_OFFER,
    COMPLAINT_ANSWER,
    COMPLAINT_EVENT,
    COMPLAINT_RING,
    COMPLAINT_POST,
    COMPLAINT_KINDS
};

struct vmbus_bus {
    struct seam *seam;
    struct vmbus_config config;
    struct seam_lock lock;
    enum bus_state state;
    uint32_t version;  /* 0: not negotiated */
    uint32_t features; /* 6.0: both sides have them */
    uint32_t connection;
    bool stopped; /* leaked past the cap */

    struct post_queue posts;
    struct deadlines deadlines;

    struct op *finished;
    struct op **finished_tail;
    struct seam_work notify;
    struct vmbus_observer *observers;

    /* contact.c */
    uint32_t asking; /* index in the table of versions */
    bool plain_only; /* the host knows no connection id 4 */
    bool plain_new;  /* and so gets >= 5.0 on id 1 */
    struct wire_interrupt_page *interrupt_page;
    struct wire_monitor_page *monitor_pages; /* parent to child, child to p. */
    uint64_t interrupt_pfn;
    uint64_t monitor_pfns[2];
    bool pages_lost; /* the host may use them for ever */
    int connect_why; /* UNLOADING after a failed connect: its status */
    bool clearing;   /* UNLOADING what somebody else left, then contact */
    struct post contact;
    struct post request_offers;
    struct deadline connect_deadline;
    struct op connect_op;

    /* unload.c */
    struct post unload;
    struct deadline unload_deadline;
    struct op unload_op;

    /* offers.c */
    struct vmbus_channel *channels;
    struct vmbus_channel **by_relid; /* VMBUS_RELID_MAX + 1 */
    uint32_t next_cpu;
    uint32_t next_open_id;
    uint32_t next_handle;

    struct gpadl *gpadls;
    uint32_t late_torndowns; /* answers that nobody waits for any more */
    struct tl_connect *connects;

    struct vmbus_stats stats;
    uint64_t complaints[COMPLAINT_KINDS];
};

/* ---- complain.c --------------------------------------------------------- */

/* One line about the host: the first ten of a kind are logged, then every
 * thousandth. */
#define complain(bus, kind, ...)                                            \
    do {                                                                    \
        if (complaint_is_due((bus), (kind)))                                \
            seam_log((bus)->seam, SEAM_LOG_WARNING, "vmbus: " __VA_ARGS__); \
    } while (0)
bool complaint_is_due(struct vmbus_bus *bus, enum complaint_kind kind);

/* `pages` are the host's for ever; past the cap the bus stops. */
void locked_leak(struct vmbus_bus *bus, uint32_t pages, const char *what);

/* Adds to a counter that several processors may change. */
static inline void count(uint64_t *counter, uint64_t n)
{
    __atomic_fetch_add(counter, n, __ATOMIC_RELAXED);
}

/* ---- post.c ------------------------------------------------------------- */

void post_init(struct post *p, uint32_t type, void *owner,
               uint32_t (*build)(void *owner, uint32_t step, void *message),
               void (*sent)(void *owner, int status));

/* Queues `p`, which must not be queued, behind the others. sent() may be
 * called from inside. */
void locked_post(struct vmbus_bus *bus, struct post *p);

/* Takes it out without a word; p->step says how many messages have gone. */
void locked_post_cancel(struct vmbus_bus *bus, struct post *p);
void locked_post_cancel_all(struct vmbus_bus *bus);
void post_queue_init(struct vmbus_bus *bus);

/* ---- deadline.c --------------------------------------------------------- */

void deadline_init(struct deadline *d, void *owner, void (*expired)(void *));
void locked_deadline_set(struct vmbus_bus *bus, struct deadline *d,
                         uint64_t from_now);
void locked_deadline_clear(struct vmbus_bus *bus, struct deadline *d);
void deadlines_init(struct vmbus_bus *bus);

/* ---- notify.c ----------------------------------------------------------- */

void op_init(struct op *op, void *owner, void (*settle)(struct op *op));
void locked_op_start(struct vmbus_bus *bus, struct op *op, vmbus_done_fn *done,
                     void *arg);
void locked_op_finish(struct vmbus_bus *bus, struct op *op, int status,
                      uint32_t host_status);
void notify_init(struct vmbus_bus *bus);
void locked_notify(struct vmbus_bus *bus);

/* What the blocking calls wait for. */
struct waiter {
    bool finished;
    int status;
};
void waiter_done(void *arg, int status, uint32_t host_status);
/* `started` is what the _start function returned. */
int bus_wait(struct vmbus_bus *bus, int started, struct waiter *w,
             const char *what);

/* ---- contact.c, connection_pages.c, features.c, unload.c, message.c ----- */

void contact_init(struct vmbus_bus *bus);
int connection_pages_alloc(struct vmbus_bus *bus);
void log_features(struct vmbus_bus *bus, uint32_t asked);
/* Asks the newest version that the configuration allows. */
void locked_contact(struct vmbus_bus *bus);
void unload_init(struct vmbus_bus *bus);
void bus_settle(struct op *op);
void locked_unload_begin(struct vmbus_bus *bus, uint64_t timeout);

/* The messages of these names; `size` was checked against the table. */
typedef void message_fn(struct vmbus_bus *bus, const void *message,
                        uint32_t size);
message_fn locked_version_response;
message_fn locked_all_offers_delivered;
message_fn locked_unload_response;
message_fn locked_offer;
message_fn locked_rescind;
message_fn locked_open_result;
message_fn locked_gpadl_created;
message_fn locked_gpadl_torndown;
message_fn locked_modify_response;
message_fn locked_tl_result;

/* Fills type and padding of a message; returns `size`. */
uint32_t wire_begin(void *message, uint32_t type, uint32_t size);

/* Can requests be sent? 0, -ENOTCONN or -ENOSPC. */
int locked_usable(const struct vmbus_bus *bus);

/* ---- offers.c, observe.c ------------------------------------------------ */

struct vmbus_channel *locked_channel(struct vmbus_bus *bus, uint32_t relid);
bool tell_offer(struct vmbus_bus *bus);
bool tell_rescind(struct vmbus_bus *bus);
bool reap_channel(struct vmbus_bus *bus);
/* The connection is over; without `confirmed` the host keeps its memory. */
void locked_channels_end(struct vmbus_bus *bus, bool confirmed);
void channel_free(struct vmbus_channel *c);

/* ---- gpadl.c, gpadl_wire.c ---------------------------------------------- */

uint32_t gpadl_build_create(void *owner, uint32_t step, void *message);
uint32_t gpadl_build_teardown(void *owner, uint32_t step, void *message);
struct gpadl *gpadl_new(struct vmbus_channel *c, const struct vmbus_pages *p);
void locked_gpadl_create(struct gpadl *g, uint64_t timeout);
void locked_gpadl_teardown(struct gpadl *g);
/* Unlinks and frees it, now or when its last message is out. */
void locked_gpadl_drop(struct gpadl *g);
/* No answer will come any more: `status` for who waits for it. */
void locked_gpadl_lost(struct gpadl *g, int status, bool leaked);
bool locked_channel_has_gpadls(const struct vmbus_channel *c);

/* ---- open.c, open_api.c, close.c, rings.c ------------------------------- */

void channel_init(struct vmbus_channel *c);
/* Rescinded or disconnected: ends what waits, with `status`. */
void locked_channel_lost(struct vmbus_channel *c, int status);
/* Undoes an open on its way; open() will end with `why`. */
void locked_open_undo(struct vmbus_channel *c, int why, uint32_t host_status);
/* The rings' GPADL is there or gone. */
void locked_ring_changed(struct gpadl *g, int status, uint32_t host_status);
void locked_close_go(struct vmbus_channel *c);
void channel_settle(struct vmbus_channel *c);
void locked_settle(struct vmbus_channel *c, int status, uint32_t host_status);
void close_init(struct vmbus_channel *c);
int rings_alloc(struct vmbus_channel *c, const struct vmbus_open *o);
void rings_free(struct vmbus_channel *c, bool leak);

/* ---- modify.c, tl_connect.c, pump.c, signal.c --------------------------- */

void modify_init(struct vmbus_channel *c);
void locked_modify_lost(struct vmbus_channel *c, int status);
void locked_tl_offer(struct vmbus_bus *bus, const struct vmbus_offer *offer);
void locked_tl_end(struct vmbus_bus *bus);
void pump_init(struct vmbus_channel *c);
void locked_pump(struct vmbus_channel *c);
/* True: nothing of ours runs or will run for this channel. */
bool locked_pump_stop(struct vmbus_channel *c);
void locked_signal_setup(struct vmbus_channel *c);
/* Tries the signal again by timer. */
void signal_later(struct vmbus_channel *c);

#endif
