/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A bus, the guest's connection to one VMBus host: making it, connecting,
 * unloading, and what the platform feeds into it. vmbus.h has the rules that
 * hold for all requests.
 */
#ifndef VMBUS_BUS_H
#define VMBUS_BUS_H

#include <stdbool.h>
#include <stdint.h>

#include "vmbus/guid.h"
#include "vmbus/protocol.h"

#ifdef __cplusplus
extern "C" {
#endif

struct seam;
struct vmbus_bus;

/* The features of 6.0 that the guest half implements. It asks for no other. */
#define VMBUS_FEATURES_IMPLEMENTED \
    (VMBUS_FEATURE_SIGNAL_PARAMETERS | VMBUS_FEATURE_CLIENT_ID)

/* ---- making a bus ------------------------------------------------------- */

/* How a bus behaves. Timeouts are in units of 100 ns, and begin when the host
 * has taken the message (docs/timeouts.md). A member that is zero takes the
 * default in parentheses. */
struct vmbus_config {
    uint32_t newest;   /* the first version to ask for (6.0) */
    uint32_t oldest;   /* the last one (0.13); newest == oldest forces it */
    uint32_t features; /* features of 6.0 to ask for (all implemented ones);
                          others are left out and named in the log */
    bool no_features;  /* ask for no feature */
    bool no_monitor;   /* give the host no monitor pages */
    bool unload_first; /* an earlier program may have left a connection: the
                          first connect begins with UNLOAD and waits
                          clear_timeout for the response, which a host
                          without such a connection need not send */
    uint32_t cpu;      /* the processor that gets the host's messages (0) */
    struct vmbus_guid client_id; /* sent with VMBUS_FEATURE_CLIENT_ID; zero:
                                    that feature is not asked for */
    uint64_t contact_timeout;    /* for each version asked for (60 s) */
    uint64_t offers_timeout;     /* for the list of offers (60 s) */
    uint64_t request_timeout;    /* for GPADL, open, modify, connect (60 s) */
    uint64_t unload_timeout; /* for UNLOAD (100 s, [linux channel_mgmt.c]) */
    uint64_t clear_timeout;  /* for UNLOAD where the host may have nothing to
                                end: before the first contact, and after a
                                connect that failed (10 s) */
    uint64_t post_timeout;   /* for posting one message, while the host's queue
                                is full or it throttles (170 s,
                                [linux connection.c]) */
    uint32_t leak_limit;     /* pages leaked on purpose before the bus stops
                                (4,096: 16 MiB) */
};

/* Counters since the bus was made. They are read without a lock. */
struct vmbus_stats {
    uint64_t messages_in;
    uint64_t messages_out;
    uint64_t messages_refused; /* bad ones from the host, see vmbus.h */
    uint64_t post_retries;
    uint64_t posts_failed;
    uint64_t events_in;
    uint64_t events_refused; /* for a relid that is not open */
    uint64_t signals_out;    /* HvSignalEvent */
    uint64_t monitor_signals_out;
    uint64_t signals_failed;
    uint64_t offers;
    uint64_t rescinds;
    uint64_t releases;
    uint64_t timeouts;
    uint64_t answers_late; /* to requests that were given up */
    uint64_t pages_leaked;
    uint64_t rings_bad; /* channels stopped because of a bad ring */
};

/**
 * The outcome of a request, reported once.
 *
 * @arg          as it was given with the request
 * @status       0 or a negative errno; vmbus.h lists them
 * @host_status  the host's own value with -EIO, and 0 otherwise
 *
 * Called at PASSIVE on processor 0, without a lock.
 */
typedef void vmbus_done_fn(void *arg, int status, uint32_t host_status);

/**
 * Make a bus; it is disconnected.
 *
 * @s       the platform's context, which must outlive the bus
 * @config  copied; NULL: all defaults
 * @bus     receives the bus, which the caller gives to vmbus_bus_destroy()
 * @return  0; -ENOMEM; -EINVAL: a version that does not exist, newest < oldest,
 *          or a processor out of range. *bus is set only with 0.
 *
 * PASSIVE.
 */
int vmbus_bus_create(struct seam *s, const struct vmbus_config *config,
                     struct vmbus_bus **bus);

/**
 * Free a bus with all its offers.
 *
 * @bus  disconnected, with no channel claimed (asserted); the platform feeds
 *       it no more
 *
 * PASSIVE, not from inside a `done` function or an observer.
 */
void vmbus_bus_destroy(struct vmbus_bus *bus);

/* ---- connecting and unloading ------------------------------------------- */

/**
 * Connect: INITIATE_CONTACT from the newest version down, then REQUESTOFFERS,
 * until ALLOFFERS_DELIVERED has arrived. Legal again after vmbus_bus_unload().
 * A host that is silent for contact_timeout is asked once more, for the next
 * older version: it may not understand the message of the newer one.
 *
 * @return  0; -EPROTONOSUPPORT: the host speaks none of the versions allowed;
 *          -EACCES: the hypervisor denies posting; -EISCONN: the bus is
 *          connected or connecting; -EIO: the host accepts the version but
 *          cannot connect (host_status is its connection state, 1 or 2);
 *          -ENOMEM; -ETIMEDOUT: the log says which answer is missing. After a
 *          failure the bus is disconnected.
 *
 * PASSIVE. [openvmm proto], [linux connection.c]
 */
int vmbus_bus_connect(struct vmbus_bus *bus);

/** As vmbus_bus_connect(), without waiting: `done` gets the outcome. PASSIVE.
 * @return  0: on its way; -EISCONN, -ENOMEM: `done` will not be called */
int vmbus_bus_connect_start(struct vmbus_bus *bus, vmbus_done_fn *done,
                            void *arg);

/**
 * End the connection: end every pending request with -ECANCELED, post UNLOAD
 * and await its response, dropping other messages meanwhile. Then each channel
 * counts as rescinded (observers are called); owners still close and unclaim
 * theirs. Versions below 3.0 get UNLOAD too, with at most one second for the
 * response. [linux connection.c], [ipxe]
 *
 * @return  0; -ENOTCONN: was not connected; -ETIMEDOUT: no response. Then the
 *          bus is disconnected all the same, and the ring pages of open
 *          channels are leaked, because the host may still write them.
 *
 * PASSIVE.
 */
int vmbus_bus_unload(struct vmbus_bus *bus);

/** As vmbus_bus_unload(), without waiting: `done` gets the outcome. PASSIVE.
 * @return  0: on its way; -ENOTCONN: `done` will not be called */
int vmbus_bus_unload_start(struct vmbus_bus *bus, vmbus_done_fn *done,
                           void *arg);

/**
 * Unload from a crash: takes no lock, allocates nothing, and changes nothing
 * of the bus but that it refuses all further work. Messages other than
 * UNLOAD_RESPONSE are dropped.
 *
 * @limit   how long to try, in units of 100 ns; seam_now() is read
 * @poll    looks at the message slots without interrupts: copies the next
 *          channel message, of at most 240 bytes, to `payload` and returns its
 *          size; 0: none now
 * @arg     given to `poll`
 * @return  0; -ENOTCONN: there is nothing to unload; -ETIMEDOUT: no response
 *          within the limit; -EACCES, -EIO: from posting
 *
 * Any IRQL.
 */
int vmbus_bus_crash_unload(struct vmbus_bus *bus, uint64_t limit,
                           uint32_t (*poll)(void *arg, uint8_t payload[240]),
                           void *arg);

/* ---- looking at a bus --------------------------------------------------- */

/** The negotiated version; 0 while none is. <= DISPATCH. */
uint32_t vmbus_bus_version(const struct vmbus_bus *bus);

/** The highest relid that the host has ever offered; 0: none. The platform need
 * look for no event of a higher one. <= DISPATCH. */
uint32_t vmbus_bus_last_relid(const struct vmbus_bus *bus);

/** The negotiated features, VMBUS_FEATURE_*; 0 below 6.0. <= DISPATCH. */
uint32_t vmbus_bus_features(const struct vmbus_bus *bus);

/** True from ALLOFFERS_DELIVERED until the unload begins. <= DISPATCH. */
bool vmbus_bus_connected(const struct vmbus_bus *bus);

/** The counters; they live as long as the bus and go on counting. Any IRQL. */
const struct vmbus_stats *vmbus_bus_stats(const struct vmbus_bus *bus);

/* ---- what the platform feeds -------------------------------------------- */

/**
 * A channel message arrived.
 *
 * @payload  a private copy, which stays the caller's
 * @size     its bytes; more than 240 are refused like any other bad message
 *
 * DISPATCH; one call at a time, in the order of arrival, and never from inside
 * seam_post_message() or seam_signal_event(): a loopback queues.
 */
void vmbus_message_arrived(struct vmbus_bus *bus, const void *payload,
                           uint32_t size);

/**
 * The host set an event flag, which the platform has cleared.
 *
 * @relid  the flag's number. Below version 2.4 the host sets flag 0 for all
 *         channels, and the interrupt page says which are meant
 *
 * DISPATCH, on the processor that took the interrupt; several processors may
 * call at once.
 */
void vmbus_event_arrived(struct vmbus_bus *bus, uint32_t relid);

/**
 * The same, and a channel whose work belongs on the running processor has its
 * turn before this returns: its packets are read and delivered. For one event
 * in each turn of deferred work: others have their turns afterwards.
 *
 * @relid  as for vmbus_event_arrived()
 * @cpu    the running processor, 0..seam_cpu_count-1
 *
 * DISPATCH, from deferred work that holds no lock.
 */
void vmbus_event_now(struct vmbus_bus *bus, uint32_t relid, uint32_t cpu);

#ifdef __cplusplus
}
#endif

#endif
