/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The host half of VMBus: what stands behind a server endpoint.
 *
 * One `struct vmbus_host` is the VMBus that one guest sees. It is a state
 * machine without threads. The platform feeds it what the guest sends
 * (vmbus_host_message, vmbus_host_event, vmbus_host_monitor_poll) and gives it
 * two operations towards the guest (post a message, signal a flag). Servers
 * publish offers and are told of opens and closes by callbacks. Everything
 * else it needs (pages of the guest, memory, log, time) comes from the seam.
 *
 * The guest is not trusted: each field is read once, checked, then used; what
 * a guest may make us hold is bounded; each rule that a guest breaks is
 * counted and named (vmbus_host_rule_text) and changes nothing else.
 *
 * Contract of levels and nesting
 *  - Control functions (all but those marked "<= DISPATCH") are called at
 *    PASSIVE, one at a time. A callback may call control functions, also of
 *    its own channel, and may wait (seam_wait) so that others run meanwhile:
 *    a callback is always the last thing that the caller does with a channel.
 *  - Callbacks come at PASSIVE, from inside a control function, but
 *    `signalled`, which comes at DISPATCH with the host's lock held.
 *  - The platform's operations `post` and `signal` must not call back into
 *    the host half.
 *
 * Statuses are 0 or a negative errno.
 */
#ifndef VMBUS_HOST_H
#define VMBUS_HOST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vmbus/guid.h"
#include "vmbus/protocol.h"
#include "vmbus/ring.h"

#ifdef __cplusplus
extern "C" {
#endif

struct seam;
struct vmbus_host;
struct vmbus_host_channel;

/* Target VP that means "never signal me". [openvmm proto] */
#define VMBUS_HOST_NO_INTERRUPT UINT32_MAX

/* The VMBUS_FEATURE_* of 6.0 that this host half implements: all but
 * confidential channels. [openvmm proto] */
#define VMBUS_HOST_FEATURES                                               \
    (VMBUS_FEATURE_SIGNAL_PARAMETERS | VMBUS_FEATURE_REDIRECT_INTERRUPT | \
     VMBUS_FEATURE_MODIFY_CONNECTION | VMBUS_FEATURE_CLIENT_ID |          \
     VMBUS_FEATURE_PAUSE_RESUME | VMBUS_FEATURE_SERVER_MONITOR |          \
     VMBUS_FEATURE_PIN_PAGES)

/* The VMBUS_OFFER_* that a server may ask for; PIN_EXTERNAL is sent where
 * VMBUS_FEATURE_PIN_PAGES was negotiated. */
#define VMBUS_HOST_OFFER_FLAGS                                             \
    (VMBUS_OFFER_ENUMERATE | VMBUS_OFFER_PIN_EXTERNAL | VMBUS_OFFER_PIPE | \
     VMBUS_OFFER_LOOPBACK | VMBUS_OFFER_PARENT | VMBUS_OFFER_MONITORED |   \
     VMBUS_OFFER_TLNPI)

/* ---- rules a guest can break ------------------------------------------ */

/* The texts stand in one table, vmbus/host/rules.c. */
enum vmbus_host_rule {
    VMBUS_HOST_RULE_SHORT_MESSAGE,
    VMBUS_HOST_RULE_UNKNOWN_MESSAGE,
    VMBUS_HOST_RULE_WRONG_DIRECTION,
    VMBUS_HOST_RULE_NOT_NEGOTIATED,
    VMBUS_HOST_RULE_NOT_CONNECTED,
    VMBUS_HOST_RULE_WRONG_CONNECTION,
    VMBUS_HOST_RULE_PAUSED,
    VMBUS_HOST_RULE_NOT_PAUSED,
    VMBUS_HOST_RULE_UNLOADING,
    VMBUS_HOST_RULE_CONTACT_FIELDS,
    VMBUS_HOST_RULE_MONITOR_PAGES,
    VMBUS_HOST_RULE_INTERRUPT_PAGE,
    VMBUS_HOST_RULE_OFFERS_TWICE,
    VMBUS_HOST_RULE_UNKNOWN_RELID,
    VMBUS_HOST_RULE_RELEASE_OPEN,
    VMBUS_HOST_RULE_RELEASE_GPADL,
    VMBUS_HOST_RULE_OPEN_STATE,
    VMBUS_HOST_RULE_OPEN_RING,
    VMBUS_HOST_RULE_OPEN_TARGET,
    VMBUS_HOST_RULE_OPEN_SIGNAL,
    VMBUS_HOST_RULE_CLOSE_STATE,
    VMBUS_HOST_RULE_CLOSE_ORDER,
    VMBUS_HOST_RULE_MODIFY_STATE,
    VMBUS_HOST_RULE_MODIFY_TARGET,
    VMBUS_HOST_RULE_MODIFY_TWICE,
    VMBUS_HOST_RULE_GPADL_HANDLE,
    VMBUS_HOST_RULE_GPADL_RANGES,
    VMBUS_HOST_RULE_GPADL_LIMIT,
    VMBUS_HOST_RULE_GPADL_BODY,
    VMBUS_HOST_RULE_TEARDOWN_UNKNOWN,
    VMBUS_HOST_RULE_TEARDOWN_STATE,
    VMBUS_HOST_RULE_TEARDOWN_RING,
    VMBUS_HOST_RULE_RESERVED_CHANNEL,
    VMBUS_HOST_RULE_EVENT_CLOSED,
    VMBUS_HOST_RULE_COUNT,
};

/**
 * One sentence that says what the rule demands; never NULL.
 *
 * @return  a constant text
 */
const char *vmbus_host_rule_text(enum vmbus_host_rule rule);

/* ---- the platform's side ---------------------------------------------- */

/* What the guest asked for with TL_CONNECT_REQUEST. */
struct vmbus_host_connect {
    struct vmbus_guid endpoint;
    struct vmbus_guid service;
    struct vmbus_guid silo; /* zero below 5.2 */
};

/* What the platform does for a host half. */
struct vmbus_host_ops {
    /*
     * Posts one channel message of `size` bytes (<= 240) as SynIC message
     * type 1 to the slot of `sint` on virtual processor `vp` of the guest.
     * 0: taken (copied). -EAGAIN: the slot is full; the host half keeps the
     * message and the platform calls vmbus_host_pump when there is room.
     * Anything else: the message is lost, which is logged.
     */
    int (*post)(void *context, uint32_t vp, uint8_t sint, const void *payload,
                uint32_t size);

    /* Sets event flag `flag` of `sint` on `vp` and raises the interrupt. May
     * be called at <= DISPATCH on any processor. 0 or a negative errno. */
    int (*signal)(void *context, uint32_t vp, uint8_t sint, uint16_t flag);

    /*
     * A guest wants to reach an hv_sock service. 0: a channel is or will be
     * offered (or vmbus_host_connect_refuse comes later). Negative: refused,
     * TL_CONNECT_RESULT is sent where the version knows it. NULL: there is
     * no such service here, each request is refused. It may publish the
     * channel, but must not wait.
     */
    int (*connect)(void *context, const struct vmbus_host_connect *request);

    /* A rule was broken, in a message of `type` (0: by an event), about
     * channel `relid` (0: none). For tests and tracers; may be NULL. It is
     * told after counting and logging and must not call the host half. */
    void (*rule_broken)(void *context, enum vmbus_host_rule rule, uint32_t type,
                        uint32_t relid);
};

/* What a host half offers and allows. Zero means the default. */
struct vmbus_host_config {
    uint32_t min_version;     /* oldest version answered; 0: 0.13 */
    uint32_t max_version;     /* newest version answered; 0: 6.0 */
    uint32_t features;        /* of VMBUS_HOST_FEATURES, granted at 6.0 */
    uint32_t vp_count;        /* VPs 0..n-1 may be targets; 0: any */
    uint32_t max_channels;    /* relids 1..max_channels, <= 2047; 0: 2047 */
    uint32_t max_gpadls;      /* of one connection; 0: 4096 */
    uint32_t max_gpadl_pages; /* sum of one connection; 0: 262144 (1 GiB) */
    /* GPAs of the server's monitor pages, parent-to-child first; only with
     * VMBUS_FEATURE_SERVER_MONITOR. */
    uint64_t monitor_gpa[2];
};

/*
 * Creates a host half for one guest. `s` maps the guest's frames and gives
 * memory; `ops` and `config` are copied; `context` is handed to each
 * operation. PASSIVE.
 * 0: *host is the caller's, to end with vmbus_host_destroy. -EINVAL: a version
 * that does not exist, min above max, a limit out of range, monitor GPAs
 * missing or not page-aligned, no post or no signal. -ENOTSUP: a feature that
 * is not implemented. -ENOMEM.
 */
int vmbus_host_create(struct seam *s, const struct vmbus_host_ops *ops,
                      void *context, const struct vmbus_host_config *config,
                      struct vmbus_host **host);

/* Ends it. Every channel must have been withdrawn (asserted); what the guest
 * has not released and what is not delivered is dropped. PASSIVE. */
void vmbus_host_destroy(struct vmbus_host *host);

/*
 * The guest posted `size` bytes of `payload` (a SynIC message of type 1) to
 * `connection`. The bytes are copied before they are looked at. PASSIVE.
 * 0: taken; whatever was wrong with it is in the rules' counters. -EAGAIN: too
 * many replies are undelivered, or no memory: not taken, the guest shall try
 * again (hypercall status 0x0013). -ENOENT: no such connection (0x0012; id 4
 * exists when the newest version is 5.0 or more). -EMSGSIZE: over 240 bytes.
 */
int vmbus_host_message(struct vmbus_host *host, uint32_t connection,
                       const void *payload, uint32_t size);

/**
 * Can the guest post to `connection`? Any level.
 *
 * @return  true: vmbus_host_message() would not refuse it with -ENOENT
 */
bool vmbus_host_serves(const struct vmbus_host *host, uint32_t connection);

/*
 * The guest signalled event `flag` of `connection`. <= DISPATCH.
 * 0: the channel's server was told. -ENOENT: no open channel has this
 * connection (0x0012). -EINVAL: flag is not 0 (0x0011).
 */
int vmbus_host_event(struct vmbus_host *host, uint32_t connection,
                     uint16_t flag);

/* Looks at the guest's monitor page, takes the bits that are set and tells
 * their servers. Returns how many. To be called about every 100 us while
 * vmbus_host_monitors is true. <= DISPATCH, one caller at a time. */
uint32_t vmbus_host_monitor_poll(struct vmbus_host *host);

/* True: there are monitor pages and an open channel that has a monitor. */
bool vmbus_host_monitors(const struct vmbus_host *host);

/* Returns the shortest latency, in 100 ns and at most 65535, that the guest has
 * written for an open channel with a monitor, or 0 if it has written none. It
 * is a wish: the caller decides how often it polls. <= DISPATCH. */
uint32_t vmbus_host_monitor_latency(struct vmbus_host *host);

/* The platform can take messages again: delivers what waits, as far as `post`
 * takes it. PASSIVE. */
void vmbus_host_pump(struct vmbus_host *host);

/* The guest was reset: all its channels are closed (servers are told), its
 * GPADLs forgotten, nothing is delivered any more. PASSIVE. */
void vmbus_host_reset(struct vmbus_host *host);

/* Answers an hv_sock request that `connect` had taken, with refusal
 * (0xC0000236). PASSIVE. 0; -ENOTCONN: nobody is there; -ENOTSUP: the
 * version has no TL_CONNECT_RESULT; -EAGAIN: 64 messages are undelivered: once
 * more when the guest has taken some, or never; -ENOMEM. */
int vmbus_host_connect_refuse(struct vmbus_host *host,
                              const struct vmbus_host_connect *request);

/* ---- what there is to see --------------------------------------------- */

/* How the host half stands. */
struct vmbus_host_status {
    bool connected;
    uint32_t version;  /* major<<16 | minor; 0: not connected */
    uint32_t features; /* negotiated */
    uint32_t channels; /* published, withdrawn but unreleased ones included */
    uint32_t open_channels;
    uint32_t gpadls;
    uint32_t gpadl_pages;
    uint32_t undelivered; /* messages that wait for the guest's slot */
    struct vmbus_guid client_id;
};

/**
 * Fill in how the host half stands. PASSIVE.
 *
 * @status  filled
 */
void vmbus_host_status(const struct vmbus_host *host,
                       struct vmbus_host_status *status);

/**
 * How often the guest broke `rule`.
 *
 * @return  since vmbus_host_create()
 */
uint64_t vmbus_host_rule_count(const struct vmbus_host *host,
                               enum vmbus_host_rule rule);

/* ---- servers ---------------------------------------------------------- */

/* What a server publishes. */
struct vmbus_host_offer {
    struct vmbus_guid type;
    struct vmbus_guid instance;
    uint16_t subchannel; /* 0: primary */
    uint16_t flags;
    uint16_t mmio_megabytes;
    uint16_t mmio_megabytes_optional;
    uint8_t user_data[120];
    bool monitor;          /* give it a monitor id, if one of 128 is left */
    bool shared_interrupt; /* leave the dedicated bit clear (tests) */
};

/* An open channel as its server sees it. */
struct vmbus_host_open {
    uint32_t open_id;
    uint32_t target_vp;   /* VMBUS_HOST_NO_INTERRUPT: do not signal */
    struct ring_area in;  /* the guest writes, the server reads */
    struct ring_area out; /* the server writes, the guest reads */
    bool restored;        /* see vmbus_host_restore */
    uint8_t user_data[120];
};

/* What a server is told. `signalled` may be NULL only for a server that
 * polls; all others may be NULL: then opens are accepted and closes are
 * completed at once. `context` is vmbus_host_offer's. */
struct vmbus_host_server {
    /*
     * The guest wants to open the channel. The rings are mapped until the
     * server has answered a close. `open` is valid during the call only.
     * The server answers with vmbus_host_open_answer, now or later.
     */
    void (*opened)(void *context, struct vmbus_host_channel *channel,
                   const struct vmbus_host_open *open);

    /*
     * The guest closed the channel, or left. The server finishes what it
     * does with the rings, unmaps external memory (asserted) and calls
     * vmbus_host_close_answer, now or later. Mapped GPADLs may stay until
     * gpadl_teardown. It also comes when an open was not yet answered; that
     * answer is then no longer due.
     */
    void (*closed)(void *context, struct vmbus_host_channel *channel);

    /* The guest signalled: packets, room, or nothing. At DISPATCH with the
     * host's lock held: the server only queues work and calls nothing of
     * this header. Never called before `opened`, nor after the answer to a
     * close. */
    void (*signalled)(void *context, struct vmbus_host_channel *channel);

    /* GPADL `handle` of this channel can be mapped from now on. */
    void (*gpadl_created)(void *context, struct vmbus_host_channel *channel,
                          uint32_t handle);

    /*
     * The guest wants the memory of GPADL `handle` back (teardown, unload,
     * reset), which the server has mapped: it calls vmbus_host_gpadl_unmap,
     * now or later; only then is the guest answered.
     */
    void (*gpadl_teardown)(void *context, struct vmbus_host_channel *channel,
                           uint32_t handle);
};

/**
 * Publishes a channel; the guest is told now if it asked for offers, else
 * when it does. `offer` and `server` are copied. After vmbus_host_restore the
 * same type, instance and sub-channel index claims the restored channel
 * instead: if it was open, `opened` comes from inside this call. PASSIVE.
 * 0: *channel is valid until vmbus_host_withdraw. -EEXIST: type, instance and
 * sub-channel are published already. -EINVAL: an unknown or confidential flag,
 * or a claim whose flags differ from what was saved. -ENOSPC: all relids are
 * in use. -EFAULT: the rings of the restored channel cannot be mapped; it stays
 * unclaimed. -ENOMEM.
 *
 * @context  handed to each function of `server`
 */
int vmbus_host_offer(struct vmbus_host *host,
                     const struct vmbus_host_offer *offer,
                     const struct vmbus_host_server *server, void *context,
                     struct vmbus_host_channel **channel);

/*
 * Takes the channel away in any state: the guest gets RESCIND if it was told
 * of the offer. The server must have unmapped GPADLs and external memory
 * (asserted) and no longer touches the rings; no callback comes after it and
 * `channel` is invalid. The relid stays taken until the guest releases it.
 * A sub-channel is withdrawn before its primary (asserted). PASSIVE.
 */
void vmbus_host_withdraw(struct vmbus_host_channel *channel);

/**
 * Tells the guest that the channel goes (RESCIND) while the server still serves
 * it: a guest may need answers before it closes. Its close is told by `closed`
 * as ever; it cannot open again. vmbus_host_withdraw follows, before or after
 * that. A save meanwhile forgets that the guest was told. PASSIVE.
 *
 * @channel  open, and not told before (asserted)
 */
void vmbus_host_rescind(struct vmbus_host_channel *channel);

/*
 * Answers `opened`. `status` 0: the channel is open when this returns. Other
 * values go to the guest as they are (OPENCHANNEL_RESULT) and the rings are
 * unmapped. When the open was restored, 0 sends nothing and any other value
 * leads to a RESCIND, after which the server withdraws as usual. An answer
 * after `closed` came, or when the guest has left, is ignored. PASSIVE.
 */
void vmbus_host_open_answer(struct vmbus_host_channel *channel,
                            uint32_t status);

/* Answers `closed`: the server has let go; the rings are unmapped. The offer
 * stays and the guest may open again. PASSIVE. */
void vmbus_host_close_answer(struct vmbus_host_channel *channel);

/* Signals the guest: sets the channel's event flag on its target processor
 * (below 2.4 also its bit in the interrupt page). The ring decides when.
 * <= DISPATCH. 0, -ENOTCONN: not open, or what `signal` returned. */
int vmbus_host_signal(struct vmbus_host_channel *channel);

/* How a channel stands. */
struct vmbus_host_channel_info {
    uint32_t relid;
    uint32_t connection; /* id that the guest signals */
    uint16_t event_flag; /* flag that the guest is signalled with */
    uint32_t target_vp;
    uint8_t monitor; /* id, or 0xFF */
    bool offered;    /* the guest knows of it */
    bool open;
    bool rescinded; /* vmbus_host_rescind was called, or it was restored and its
                     * answer was a refusal */
};

/**
 * Fill in how a channel stands. PASSIVE.
 *
 * @channel  not withdrawn
 * @info     filled
 */
void vmbus_host_channel_info(const struct vmbus_host_channel *channel,
                             struct vmbus_host_channel_info *info);

/* ---- save and restore ------------------------------------------------- */

/*
 * Writes the whole state (connection, offers, GPADLs, open channels, messages
 * not yet delivered) to `buffer`; the guest's memory is not part of it. The
 * guest must not run. Servers keep running or are withdrawn: saving changes
 * nothing. PASSIVE.
 * 0: *needed bytes were written. -ENOSPC: `size` is under *needed (buffer may
 * then be NULL). The format is described in vmbus/host/image.h.
 */
int vmbus_host_save(struct vmbus_host *host, void *buffer, size_t size,
                    size_t *needed);

/**
 * Restores a saved state into a host half that was just created with a config
 * that allows it, before any offer and any message. Until
 * vmbus_host_restore_end nothing is delivered and no message is taken. Then
 * each server publishes its offers as ever (which claims the restored channels;
 * where a channel was open, `opened` comes with `restored` set and rings as the
 * guest left them) and at the end vmbus_host_restore_end is called. What
 * servers had not let go of at the time of saving counts as let go. PASSIVE. 0.
 * -EBUSY: the host half was used before. -EBADMSG: not a saved state,
 * truncated, corrupted or contradicting itself. -ENOTSUP: of another format
 * version, or the config does not allow it (versions, features, limits).
 * -EFAULT: the guest's monitor or interrupt page cannot be mapped. -ENOMEM.
 * After a failure the host half is as new.
 *
 * @buffer  what vmbus_host_save() wrote, copied as far as needed
 * @size    its bytes
 */
int vmbus_host_restore(struct vmbus_host *host, const void *buffer,
                       size_t size);

/* Ends the restoring: rescinds channels that no server claimed and goes on
 * delivering messages. PASSIVE. */
void vmbus_host_restore_end(struct vmbus_host *host);

#ifdef __cplusplus
}
#endif

#include "vmbus/host_memory.h"

#endif
