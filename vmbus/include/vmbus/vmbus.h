/*
 * VMBus, guest half: the whole contract.
 *
 * A bus is one connection to one VMBus host. It is a state machine without
 * threads: the platform feeds it with vmbus_message_arrived() and
 * vmbus_event_arrived(); it acts through the seam (seam.h) and nothing else,
 * so several buses (a real one, a loopback) live beside each other.
 *
 * Two kinds of calls. The `_start` ones send a request and return; the
 * outcome comes to a `done` function. The ones without suffix do the same and
 * wait for it with seam_wait(). Each request has a deadline, and each ends in
 * exactly one outcome:
 *
 *   0           the host did it
 *   -ETIMEDOUT  no answer before the deadline; the request has been undone
 *   -ENODEV     the host rescinded the channel; its memory is ours again
 *   -ECANCELED  the bus was unloaded meanwhile; memory is ours again
 *   -EIO        the host refused; its own status is passed beside it
 *   -ESTALE     neither the request nor its undo was answered: the host may
 *               use the memory for ever; it counts as leaked, do not reuse it
 *   -ENOTCONN   the bus is not connected
 *   -ENOSPC     more memory leaked on purpose than the cap allows: the bus has
 *               stopped (see struct vmbus_config)
 *   others      named at the function
 *
 * Where functions are called: `done` functions and observers run at PASSIVE on
 * processor 0, never with a lock held, and may call anything here, blocking
 * calls too. A channel's `event` function runs at DISPATCH on the channel's
 * processor and may call what is marked "<= DISPATCH".
 *
 * What the host sends is not trusted. Each message is a private copy that is
 * checked once; a bad one (unknown, not of the negotiated version, too short,
 * wrong state, unknown relid or handle, a second answer) changes nothing,
 * counts in struct vmbus_stats and gives one rate-limited line.
 */
#ifndef VMBUS_VMBUS_H
#define VMBUS_VMBUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vmbus/guid.h"
#include "vmbus/seam.h"

struct vmbus_bus;
struct vmbus_channel;
struct ring_writer;
struct ring_reader;

/* ---- versions and features -------------------------------------------- */

/* major << 16 | minor. [linux hyperv.h], [openvmm proto] */
#define VMBUS_VERSION_0_13 UINT32_C(0x0000000D)
#define VMBUS_VERSION_1_1  UINT32_C(0x00010001)
#define VMBUS_VERSION_2_4  UINT32_C(0x00020004)
#define VMBUS_VERSION_3_0  UINT32_C(0x00030000)
#define VMBUS_VERSION_4_0  UINT32_C(0x00040000)
#define VMBUS_VERSION_4_1  UINT32_C(0x00040001)
#define VMBUS_VERSION_5_0  UINT32_C(0x00050000)
#define VMBUS_VERSION_5_1  UINT32_C(0x00050001)
#define VMBUS_VERSION_5_2  UINT32_C(0x00050002)
#define VMBUS_VERSION_5_3  UINT32_C(0x00050003)
#define VMBUS_VERSION_6_0  UINT32_C(0x00060000)

/* Feature flags of 6.0. [openvmm proto] */
#define VMBUS_FEATURE_SIGNAL_PARAMETERS  0x01u
#define VMBUS_FEATURE_REDIRECT_INTERRUPT 0x02u
#define VMBUS_FEATURE_MODIFY_CONNECTION  0x04u
#define VMBUS_FEATURE_CLIENT_ID          0x08u
#define VMBUS_FEATURE_CONFIDENTIAL       0x10u
#define VMBUS_FEATURE_PAUSE_RESUME       0x20u
#define VMBUS_FEATURE_SERVER_MONITOR     0x40u
#define VMBUS_FEATURE_PIN_PAGES          0x80u

/* Those that this half implements; the others are never asked for. */
#define VMBUS_FEATURES_IMPLEMENTED \
    (VMBUS_FEATURE_SIGNAL_PARAMETERS | VMBUS_FEATURE_CLIENT_ID)

/* relids are 1..2047. [linux hyperv.h] */
#define VMBUS_RELID_MAX 2047u

/* ---- the bus ---------------------------------------------------------- */

/* What is zero takes the default in parentheses. */
struct vmbus_config {
    uint32_t newest;   /* first version to ask for (6.0) */
    uint32_t oldest;   /* last one (0.13); newest == oldest forces it */
    uint32_t features; /* 6.0 features to ask (all implemented); what is not
                          implemented is left out and named in the log */
    bool no_features;  /* ask for none */
    bool no_monitor;   /* give the host no monitor pages */
    bool unload_first; /* somebody may have left a connection: the first connect
                          begins with UNLOAD and waits contact_timeout for its
                          response, which a host without one need not send */
    uint32_t cpu;      /* processor that gets the host's messages (0) */
    struct vmbus_guid client_id; /* sent with VMBUS_FEATURE_CLIENT_ID; zero:
                                    the feature is not asked */
    uint64_t contact_timeout;    /* for each version asked (10 s) */
    uint64_t offers_timeout;     /* for the list of offers (10 s) */
    uint64_t request_timeout;    /* for GPADL, open, modify, connect (10 s) */
    uint64_t unload_timeout;     /* for UNLOAD (100 s, [linux connection.c]) */
    uint64_t post_timeout; /* how long a full queue or a throttling host is
                              tried again (20 s) */
    uint32_t leak_limit;   /* pages leaked on purpose before the bus stops
                              (4,096: 16 MiB) */
};

/* Counters since creation; they are read without a lock. */
struct vmbus_stats {
    uint64_t messages_in;
    uint64_t messages_out;
    uint64_t messages_refused; /* by us, see the head of this file */
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
    uint64_t pages_leaked;
    uint64_t rings_bad; /* channels stopped for a bad ring */
};

/* Outcome of a request: `status` as at the head of this file, `host_status`
 * is the host's own value with -EIO and 0 otherwise. PASSIVE, processor 0. */
typedef void vmbus_done_fn(void *arg, int status, uint32_t host_status);

/*
 * Makes a bus over `s`, disconnected. `config` is copied, NULL: all defaults.
 * 0: *bus is the caller's to give to vmbus_bus_destroy. -ENOMEM. -EINVAL: a
 * version that does not exist, newest < oldest, or cpu out of range. PASSIVE.
 */
int vmbus_bus_create(struct seam *s, const struct vmbus_config *config,
                     struct vmbus_bus **bus);

/*
 * Frees a bus and all its offers. The platform must feed it no more, and it
 * must be disconnected with no channel claimed; else an assertion. PASSIVE.
 */
void vmbus_bus_destroy(struct vmbus_bus *bus);

/*
 * INITIATE_CONTACT from the newest version down, then REQUESTOFFERS; done when
 * ALLOFFERS_DELIVERED has come. May be called again after
 * vmbus_bus_unload(). PASSIVE.
 *
 * 0; -EPROTONOSUPPORT: the host speaks none of the versions allowed; -EACCES:
 * posting is denied; -EISCONN: connected or on the way already; -EIO: the host
 * accepts the version but cannot connect (host_status: connection state 1 or
 * 2); -ENOMEM; -ETIMEDOUT: which answer is in the log. After a failure the bus
 * is disconnected. [openvmm proto], [linux connection.c]
 */
int vmbus_bus_connect(struct vmbus_bus *bus);
int vmbus_bus_connect_start(struct vmbus_bus *bus, vmbus_done_fn *done,
                            void *arg);

/*
 * Ends the connection: every pending request ends with -ECANCELED, UNLOAD is
 * posted and its response awaited, other messages are thrown away. Then each
 * channel counts as rescinded (observers are told); owners still close and
 * unclaim theirs. Versions below 3.0 get UNLOAD too, without waiting longer
 * than a second [linux connection.c], [ipxe].
 *
 * 0. -ENOTCONN: was not connected. -ETIMEDOUT: no response; the bus is
 * disconnected all the same, and ring pages of open channels are leaked, as the
 * host may still write them. PASSIVE.
 */
int vmbus_bus_unload(struct vmbus_bus *bus);
int vmbus_bus_unload_start(struct vmbus_bus *bus, vmbus_done_fn *done,
                           void *arg);

/*
 * UNLOAD from a crash: takes no lock, allocates nothing, changes nothing of
 * the bus but that it refuses all further work. poll(arg, payload) looks at the
 * message slots without interrupts, copies the next channel message (at most
 * 240 bytes) and returns its size; 0: none now. Every message but
 * UNLOAD_RESPONSE is thrown away.
 *
 * 0; -ENOTCONN: nothing to unload; -ETIMEDOUT: no response within `limit` of
 * 100 ns (seam_now is read); -EACCES, -EIO: from posting. Any IRQL.
 */
int vmbus_bus_crash_unload(struct vmbus_bus *bus, uint64_t limit,
                           uint32_t (*poll)(void *arg, uint8_t payload[240]),
                           void *arg);

/* The negotiated version and features; 0 while not connected. <= DISPATCH. */
uint32_t vmbus_bus_version(const struct vmbus_bus *bus);
uint32_t vmbus_bus_features(const struct vmbus_bus *bus);
bool vmbus_bus_connected(const struct vmbus_bus *bus);
const struct vmbus_stats *vmbus_bus_stats(const struct vmbus_bus *bus);
struct seam *vmbus_bus_seam(const struct vmbus_bus *bus);

/* "6.0" into `text`, which it returns. Any IRQL. */
char *vmbus_version_format(uint32_t version, char text[12]);

/* ---- what the platform feeds ------------------------------------------ */

/*
 * A channel message came. `payload` is a private copy of `size` bytes (any
 * size; beyond 240 is refused), the caller's afterwards. At DISPATCH, one call
 * at a time, in the order of arrival, and never from inside
 * seam_post_message() or seam_signal_event(): a loopback queues.
 */
void vmbus_message_arrived(struct vmbus_bus *bus, const void *payload,
                           uint32_t size);

/*
 * Event flag `relid` was set (the platform has cleared it). At DISPATCH on the
 * processor that took the interrupt; several processors may call at once. Below
 * version 2.4 flag 0 means: look into the interrupt page.
 */
void vmbus_event_arrived(struct vmbus_bus *bus, uint32_t relid);

/* ---- offers ----------------------------------------------------------- */

#define VMBUS_OFFER_ENUMERATE    0x0001u
#define VMBUS_OFFER_CONF_RING    0x0002u /* only with FEATURE_CONFIDENTIAL */
#define VMBUS_OFFER_CONF_MEMORY  0x0004u
#define VMBUS_OFFER_PIN_EXTERNAL 0x0008u
#define VMBUS_OFFER_PIPE         0x0010u
#define VMBUS_OFFER_LOOPBACK     0x0100u
#define VMBUS_OFFER_PARENT       0x0200u
#define VMBUS_OFFER_MONITORED    0x0400u
#define VMBUS_OFFER_TLNPI        0x2000u /* hv_sock */

/* All of an OFFERCHANNEL message. [openvmm proto], [linux hyperv.h] */
struct vmbus_offer {
    struct vmbus_guid type;
    struct vmbus_guid instance;
    uint16_t flags; /* VMBUS_OFFER_* */
    uint16_t mmio_megabytes;
    uint16_t mmio_megabytes_optional;
    uint16_t subchannel; /* 0: primary */
    uint32_t relid;
    uint32_t connection; /* for signals; 0.13 has none: 2 */
    uint8_t monitor;     /* only if monitored */
    bool monitored;
    bool dedicated; /* has its own interrupt (from 1.1 on) */
    uint8_t user_data[120];
};

/* The offer behind a channel; lives as long as the channel. <= DISPATCH. */
const struct vmbus_offer *vmbus_channel_offer(const struct vmbus_channel *c);

/*
 * Told of offers and rescinds; the storage is the caller's until
 * vmbus_bus_unobserve(). Either function may be NULL. In `offered` the channel
 * may be claimed or left alone; one that is not claimed is valid until the
 * function returns. `rescinded` comes once for each channel told of, also when
 * it is claimed: its owner then closes and unclaims it. PASSIVE.
 */
struct vmbus_observer {
    struct vmbus_observer *next;
    void (*offered)(void *arg, struct vmbus_channel *c);
    void (*rescinded)(void *arg, struct vmbus_channel *c);
    void *arg;
};

/* From now on `o` is told; first of all offers that are there, from inside
 * this call. PASSIVE. */
void vmbus_bus_observe(struct vmbus_bus *bus, struct vmbus_observer *o);
void vmbus_bus_unobserve(struct vmbus_bus *bus, struct vmbus_observer *o);

/*
 * The channel after `previous` (NULL: the first) in the order of the offers;
 * NULL: no more. Rescinded ones are left out. The pointer is valid until the
 * caller waits or returns from its callback, unless claimed. PASSIVE.
 */
struct vmbus_channel *vmbus_bus_next(struct vmbus_bus *bus,
                                     const struct vmbus_channel *previous);

/* The first channel of `type` (NULL: any) and `instance` (NULL: any) with
 * sub-channel index `subchannel` that nobody claimed, or NULL. PASSIVE. */
struct vmbus_channel *vmbus_bus_find(struct vmbus_bus *bus,
                                     const struct vmbus_guid *type,
                                     const struct vmbus_guid *instance,
                                     uint16_t subchannel);

/*
 * Makes the caller the channel's owner: the pointer stays valid, and only the
 * owner calls what follows. 0; -EBUSY: claimed; -ENODEV: rescinded. PASSIVE.
 */
int vmbus_channel_claim(struct vmbus_channel *c);

/*
 * Gives the channel up: it must be closed, its GPADLs torn down, and no request
 * pending (else an assertion). If it is rescinded RELID_RELEASED goes out and
 * the pointer is dead; else it can be claimed again. PASSIVE.
 */
void vmbus_channel_unclaim(struct vmbus_channel *c);

bool vmbus_channel_rescinded(const struct vmbus_channel *c);

/* ---- opening and closing ---------------------------------------------- */

#define VMBUS_CPU_ANY UINT32_MAX

/* What a channel's event function answers. */
enum vmbus_event_result {
    /* The rx ring is empty: its mask is cleared, the ring checked again, and
     * if something came in between the function is called again. */
    VMBUS_EVENT_DRAINED,
    /* Budget used up: call again after the others had their turn. */
    VMBUS_EVENT_MORE,
    /* Packets are left in the rx ring on purpose (the receiver is paused or
     * at its quota): the mask stays set, and the function is called again by
     * vmbus_channel_kick(), by vmbus_channel_await_room()'s timer, or by a
     * signal that the host sends for room. */
    VMBUS_EVENT_LEFT,
};

struct vmbus_open {
    uint32_t tx_pages; /* data pages guest to host, >= 1; control not counted */
    uint32_t rx_pages; /* data pages host to guest, >= 1; both together with
                          two control pages at most 8,190 */
    uint32_t cpu;      /* whose event function runs; VMBUS_CPU_ANY: spread.
                          Below 2.4 always the bus's own */
    bool low_latency;  /* never signal by monitor page */
    const void *user_data; /* 120 bytes for the device, or NULL: zero */
    /* The host signalled, or room may have come: look at both rings. Returns
     * one of enum vmbus_event_result. DISPATCH. */
    enum vmbus_event_result (*event)(void *arg);
    void *arg;
    uint64_t timeout; /* for each answer of the host; 0: request_timeout */
};

/*
 * Allocates the rings, makes their GPADL, sends OPENCHANNEL. `o` is copied. A
 * failure undoes all: what the host had is torn down, pages it may still write
 * are leaked and counted.
 *
 * As at the head; -EBUSY: open or on the way; -EINVAL: page counts, cpu, or
 * other than five data pages each way for hv_sock below 5.0;
 * -E2BIG: more than 8,190 pages; -ENOMEM. -EIO: host_status is that of
 * OPENCHANNEL_RESULT or GPADL_CREATED. PASSIVE.
 */
int vmbus_channel_open(struct vmbus_channel *c, const struct vmbus_open *o);
int vmbus_channel_open_start(struct vmbus_channel *c,
                             const struct vmbus_open *o, vmbus_done_fn *done,
                             void *arg);

/*
 * Stops events (no event function runs when it returns or when `done` runs),
 * sends CLOSECHANNEL, tears the ring GPADL down, frees the pages. Sub-channels
 * of the same instance must be closed first. Legal on a rescinded channel,
 * where nothing is awaited.
 *
 * 0; -ENOTCONN: was not open; -EBUSY: a sub-channel is open or a request of
 * this channel is pending; -ESTALE: closed, but the host did not confirm: the
 * ring pages are leaked. PASSIVE.
 */
int vmbus_channel_close(struct vmbus_channel *c);
int vmbus_channel_close_start(struct vmbus_channel *c, vmbus_done_fn *done,
                              void *arg);

bool vmbus_channel_is_open(const struct vmbus_channel *c);

/* The host's own status of the last request that ended in -EIO. */
uint32_t vmbus_channel_host_status(const struct vmbus_channel *c);

/*
 * Sends the host's interrupts to another processor (MODIFYCHANNEL). Below 4.1
 * -ENOTSUP; up to 5.2 there is no answer: 0 means sent, and events may still
 * come on the old processor; they are handed on. -EBUSY: not open or one is
 * under way; -EINVAL: no such processor. PASSIVE.
 */
int vmbus_channel_set_cpu(struct vmbus_channel *c, uint32_t cpu);
int vmbus_channel_set_cpu_start(struct vmbus_channel *c, uint32_t cpu,
                                vmbus_done_fn *done, void *arg);
uint32_t vmbus_channel_cpu(const struct vmbus_channel *c);

/* The rings of an open channel (ring.h). Who uses them from several places
 * locks. <= DISPATCH. */
struct ring_writer *vmbus_channel_tx(struct vmbus_channel *c);
struct ring_reader *vmbus_channel_rx(struct vmbus_channel *c);

/*
 * Tells the host to look: after a commit that answered 'signal'. By the
 * monitor page where the offer has one and the owner takes its latency, else by
 * HvSignalEvent. A call that the hypervisor cannot take now is tried again by
 * timer. Not open: nothing. <= DISPATCH. [linux connection.c]
 */
void vmbus_channel_signal(struct vmbus_channel *c);

/*
 * The tx ring has no room: the event function will be called when there may be
 * some, by the host's signal or, as hosts lose it [qemu vmbus.c], by a timer
 * of 10 ms. Calling it again restarts the timer. The caller has set the pending
 * send size in the ring. <= DISPATCH.
 */
void vmbus_channel_await_room(struct vmbus_channel *c);

/* Calls the event function soon, on the channel's processor, as if the host
 * had signalled. <= DISPATCH. */
void vmbus_channel_kick(struct vmbus_channel *c);

/*
 * The monitor latency in units of 100 ns, which the host reads from the page.
 * -ENOTSUP: not signalled by monitor; -EBUSY: not open. *old (may be NULL)
 * gets the value before. <= DISPATCH.
 */
int vmbus_channel_set_latency(struct vmbus_channel *c, uint16_t latency,
                              uint16_t *old);

/* ---- GPADLs ----------------------------------------------------------- */

/* The u16 length field allows 8,190 pages in one range [TLFS]. */
#define VMBUS_GPADL_PAGES_MAX 8190u

struct vmbus_pages {
    const uint64_t *pfns;
    uint32_t count;
    uint32_t offset;
    uint32_t bytes;
};

/*
 * Shows `count` pages of the caller to the host as one range of `bytes` from
 * `offset` (< 4096) in the first; offset 0 and whole pages suit every host
 * [qemu vmbus.c]. The frame numbers are copied. The channel is claimed, open or
 * not. On 0 (and only then) *handle is set, before `done` runs.
 *
 * -E2BIG: more than 8,190 pages; -EINVAL: count 0 or offset and bytes do not
 * fit the count; -ENOMEM; else as at the head: after -ESTALE the pages are
 * the host's, after any other failure the caller's. PASSIVE.
 */

int vmbus_gpadl_create(struct vmbus_channel *c, const struct vmbus_pages *p,
                       uint32_t *handle);
int vmbus_gpadl_create_start(struct vmbus_channel *c,
                             const struct vmbus_pages *p, uint32_t *handle,
                             vmbus_done_fn *done, void *arg);

/*
 * Takes them back. 0: the host has let go (also when rescinded or unloaded):
 * the pages are the caller's. -ESTALE: they are the host's for ever. -ENOENT:
 * no such handle of this channel. -EBUSY: being made or torn down. PASSIVE.
 */
int vmbus_gpadl_teardown(struct vmbus_channel *c, uint32_t handle);
int vmbus_gpadl_teardown_start(struct vmbus_channel *c, uint32_t handle,
                               vmbus_done_fn *done, void *arg);

/* ---- hv_sock ---------------------------------------------------------- */

/*
 * Asks the host to connect `endpoint` (made by the caller, fresh) to its
 * `service`. 0: the channel of type `service` and instance `endpoint` is
 * offered; find and claim it. -ECONNREFUSED: the host said no, host_status is
 * its status; -ENOTSUP: version below 4.0; -EBUSY: this endpoint is asked
 * already; -ETIMEDOUT: hosts below 4.1 do not tell a refusal. `silo` may be
 * NULL and goes out from 5.2 on. PASSIVE. [openvmm proto]
 */
int vmbus_tl_connect(struct vmbus_bus *bus, const struct vmbus_guid *endpoint,
                     const struct vmbus_guid *service,
                     const struct vmbus_guid *silo);
int vmbus_tl_connect_start(struct vmbus_bus *bus,
                           const struct vmbus_guid *endpoint,
                           const struct vmbus_guid *service,
                           const struct vmbus_guid *silo, vmbus_done_fn *done,
                           void *arg);

#endif
