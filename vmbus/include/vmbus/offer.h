/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Offers: what the host has for this guest, who is called when an offer comes
 * or goes, and who owns a channel. vmbus.h has the rules for all of it.
 */
#ifndef VMBUS_OFFER_H
#define VMBUS_OFFER_H

#include <stdbool.h>
#include <stdint.h>

#include "vmbus/guid.h"
#include "vmbus/protocol.h"

#ifdef __cplusplus
extern "C" {
#endif

struct vmbus_bus;
struct vmbus_channel;

/* All of an OFFERCHANNEL message. [openvmm proto], [linux hyperv.h] */
struct vmbus_offer {
    struct vmbus_guid type;
    struct vmbus_guid instance;
    uint16_t flags; /* VMBUS_OFFER_* */
    uint16_t mmio_megabytes;
    uint16_t mmio_megabytes_optional;
    uint16_t subchannel; /* 0: primary */
    uint32_t relid;
    uint32_t connection; /* the id to signal; 0.13 has none: 2 */
    uint8_t monitor;     /* its monitor bit, 0..127, only if monitored */
    bool monitored;
    bool dedicated; /* the channel has its own interrupt (from 1.1 on) */
    uint8_t user_data[VMBUS_USER_DATA_SIZE];
};

/** The offer of a channel; it lives as long as the channel. <= DISPATCH. */
const struct vmbus_offer *vmbus_channel_offer(const struct vmbus_channel *c);

/*
 * Functions that are called when offers come and go, at PASSIVE without a
 * lock. Each may be NULL.
 *
 * `offered` may claim the channel or leave it alone; a channel that is not
 * claimed is valid until the function returns. `rescinded` is called once for
 * each channel that `offered` was called for, also when it is claimed: its
 * owner then closes and unclaims it. `unclaimed` is called after
 * vmbus_channel_unclaim() of a channel whose offer still stands, unless
 * somebody has claimed it since: it may claim the channel as `offered` may.
 */
struct vmbus_observer {
    struct vmbus_observer *next;
    void (*offered)(void *arg, struct vmbus_channel *c);
    void (*rescinded)(void *arg, struct vmbus_channel *c);
    void (*unclaimed)(void *arg, struct vmbus_channel *c);
    void *arg;
    /* The bus's own: of the channels that were there before the observer, those
     * that vmbus_bus_observe() has yet to tell it of. */
    uint64_t telling, telling_end;
};

/**
 * Add an observer. Before it returns, `offered` is called for each offer that
 * is there already.
 *
 * @o  the bus uses this storage until vmbus_bus_unobserve(), which `offered`
 *     may call: then nothing more is reported
 *
 * PASSIVE.
 */
void vmbus_bus_observe(struct vmbus_bus *bus, struct vmbus_observer *o);

/**
 * Remove an observer; its storage is the caller's again. An observer that was
 * not added is ignored. PASSIVE, also from inside a function of this or another
 * observer.
 *
 * @o  as it was given to vmbus_bus_observe()
 */
void vmbus_bus_unobserve(struct vmbus_bus *bus, struct vmbus_observer *o);

/**
 * Walk the channels in the order of their offers, without the rescinded ones.
 *
 * @previous  the channel to continue after; NULL: begin
 * @return    the next channel, valid until the caller waits or returns from
 *            its callback, unless it is claimed; NULL: no more
 *
 * PASSIVE.
 */
struct vmbus_channel *vmbus_bus_next(struct vmbus_bus *bus,
                                     const struct vmbus_channel *previous);

/**
 * Find a channel that nobody has claimed.
 *
 * @type        interface type; NULL: any
 * @instance    interface instance; NULL: any
 * @subchannel  index of the sub-channel; 0: the primary channel
 * @return      the first that fits, valid as with vmbus_bus_next(); or NULL
 *
 * PASSIVE.
 */
struct vmbus_channel *vmbus_bus_find(struct vmbus_bus *bus,
                                     const struct vmbus_guid *type,
                                     const struct vmbus_guid *instance,
                                     uint16_t subchannel);

/**
 * Become a channel's owner: the pointer stays valid until it is unclaimed, and
 * only the owner opens it, closes it and makes its GPADLs.
 *
 * @return  0; -EBUSY: somebody else has claimed it; -ENODEV: it is rescinded
 *
 * PASSIVE.
 */
int vmbus_channel_claim(struct vmbus_channel *c);

/**
 * Give a channel up. A rescinded one is released to the host with
 * RELID_RELEASED, and the pointer is dead; any other can be claimed again,
 * which the observers are told.
 *
 * @c  closed, its GPADLs torn down, no request pending (asserted)
 *
 * PASSIVE.
 */
void vmbus_channel_unclaim(struct vmbus_channel *c);

/** True once the host has rescinded the channel or the bus was unloaded.
 * <= DISPATCH. */
bool vmbus_channel_rescinded(const struct vmbus_channel *c);

/** True once the host uses no memory of the channel any more, whatever it left
 * unanswered before: it has rescinded the channel, or answered UNLOAD. When the
 * connection ended without that answer, it never becomes true. <= DISPATCH. */
bool vmbus_channel_let_go(const struct vmbus_channel *c);

#ifdef __cplusplus
}
#endif

#endif
