/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A channel of the guest half: opening, closing, its rings, signals both ways.
 * Only the channel's owner calls these functions (offer.h). vmbus.h has the
 * rules for all requests.
 */
#ifndef VMBUS_CHANNEL_H
#define VMBUS_CHANNEL_H

#include <stdbool.h>
#include <stdint.h>

#include "vmbus/bus.h"
#include "vmbus/pump.h"

#ifdef __cplusplus
extern "C" {
#endif

struct ring_reader;
struct ring_writer;
struct vmbus_channel;

/* ---- opening and closing ------------------------------------------------ */

/* Let the bus choose the channel's processor. */
#define VMBUS_CPU_ANY UINT32_MAX

/* How to open a channel. */
struct vmbus_open {
    uint32_t tx_pages; /* data pages guest to host, >= 1; control not counted */
    uint32_t rx_pages; /* data pages host to guest, >= 1; both together with
                          two control pages at most 8,190 */
    uint32_t cpu;      /* the processor whose event function runs, or
                          VMBUS_CPU_ANY to spread channels. Below 2.4 always
                          the bus's own */
    bool low_latency;  /* never signal by monitor page */
    const void *user_data; /* 120 bytes for the device, or NULL: zeros */
    /* The host signalled, or room may have come: look at both rings. Called at
     * DISPATCH on the channel's processor, one call at a time. Returns one of
     * enum vmbus_event_result. */
    enum vmbus_event_result (*event)(void *arg);
    void *arg;
    uint64_t timeout; /* for each answer of the host, in units of 100 ns; 0: the
                         bus's request_timeout */
};

/**
 * Open a channel: allocate the rings, make their GPADL, send OPENCHANNEL. A
 * failure undoes all of it: what the host had is torn down, and pages that it
 * may still write are leaked and counted.
 *
 * @o       copied
 * @return  0; -EBUSY: open or on its way; -EINVAL: page counts, processor, or
 *          other than five data pages each way for hv_sock below 5.0; -E2BIG:
 *          more than 8,190 pages; -ENOMEM; -EIO: host_status is that of
 *          OPENCHANNEL_RESULT or GPADL_CREATED; else as in vmbus.h
 *
 * PASSIVE.
 */
int vmbus_channel_open(struct vmbus_channel *c, const struct vmbus_open *o);

/** As vmbus_channel_open(), without waiting: `done` gets the outcome. PASSIVE.
 * @return  0: on its way; anything else: `done` will not be called */
int vmbus_channel_open_start(struct vmbus_channel *c,
                             const struct vmbus_open *o, vmbus_done_fn *done,
                             void *arg);

/**
 * Close a channel: stop its events (no event function runs when it returns or
 * when `done` runs), send CLOSECHANNEL, tear the rings' GPADL down, free the
 * pages. Sub-channels of the same instance must be closed first. Legal on a
 * rescinded channel, where no answer is awaited.
 *
 * @return  0; -ENOTCONN: was not open; -EBUSY: a sub-channel is open or a
 *          request of this channel is pending; -ESTALE: closed, but the host
 *          did not confirm: the ring pages are leaked
 *
 * PASSIVE.
 */
int vmbus_channel_close(struct vmbus_channel *c);

/** As vmbus_channel_close(), without waiting: `done` gets the outcome. PASSIVE.
 * @return  0: on its way; -ENOTCONN, -EBUSY: `done` will not be called */
int vmbus_channel_close_start(struct vmbus_channel *c, vmbus_done_fn *done,
                              void *arg);

/** True from OPENCHANNEL_RESULT until the close begins. <= DISPATCH. */
bool vmbus_channel_is_open(const struct vmbus_channel *c);

/** The host's own status of the last request of this channel that ended with
 * -EIO; 0: none did. <= DISPATCH. */
uint32_t vmbus_channel_host_status(const struct vmbus_channel *c);

/* ---- the processor ------------------------------------------------------ */

/**
 * Send the host's interrupts to another processor: MODIFYCHANNEL. Up to 5.2 the
 * host does not answer: 0 means sent, and events may still come on the old
 * processor; they are handed on.
 *
 * @cpu     0 .. seam_cpu_count() - 1
 * @return  0; -ENOTSUP: version below 4.1; -EBUSY: the channel is not open or
 *          such a request is pending; -EINVAL: there is no such processor; else
 *          as in vmbus.h
 *
 * PASSIVE.
 */
int vmbus_channel_set_cpu(struct vmbus_channel *c, uint32_t cpu);

/** As vmbus_channel_set_cpu(), without waiting: `done` gets the outcome.
 * PASSIVE.
 * @return  0: on its way; anything else: `done` will not be called */
int vmbus_channel_set_cpu_start(struct vmbus_channel *c, uint32_t cpu,
                                vmbus_done_fn *done, void *arg);

/** The processor on which the event function runs. <= DISPATCH. */
uint32_t vmbus_channel_cpu(const struct vmbus_channel *c);

/* ---- the rings of an open channel --------------------------------------- */

/** The outgoing ring (ring.h). Users on several processors need a lock of
 * their own. <= DISPATCH. */
struct ring_writer *vmbus_channel_tx(struct vmbus_channel *c);

/** The incoming ring (ring.h). As vmbus_channel_tx(). <= DISPATCH. */
struct ring_reader *vmbus_channel_rx(struct vmbus_channel *c);

/**
 * Signal the host, after a commit that returned true: by the monitor page if
 * the offer has one and the owner accepts its latency, else by HvSignalEvent. A
 * call that the hypervisor cannot take now is repeated by a timer. Does nothing
 * if the channel is not open. <= DISPATCH. [linux connection.c]
 */
void vmbus_channel_signal(struct vmbus_channel *c);

/**
 * The outgoing ring has no room: have the event function called when there may
 * be some, by the host's signal or, because hosts lose it [qemu vmbus.c], by a
 * timer of 10 ms. Calling it again changes nothing. The caller has set the
 * pending send size in the ring (ring_writer_block). <= DISPATCH.
 */
void vmbus_channel_await_room(struct vmbus_channel *c);

/**
 * Have the event function called soon, on the channel's processor, as if the
 * host had signalled. <= DISPATCH.
 */
void vmbus_channel_kick(struct vmbus_channel *c);

/* The channel's pump: started while the channel is open. Its owner may kick it,
 * hold it and ring its bell (pump.h). <= DISPATCH. */
struct pump *vmbus_channel_pump(struct vmbus_channel *c);

/**
 * Set the monitor latency, which the host reads from the monitor page.
 *
 * @latency  in units of 100 ns
 * @old      receives the value before; may be NULL
 * @return   0; -ENOTSUP: this channel does not signal by monitor page; -EBUSY:
 *           it is not open
 *
 * <= DISPATCH.
 */
int vmbus_channel_set_latency(struct vmbus_channel *c, uint16_t latency,
                              uint16_t *old);

#ifdef __cplusplus
}
#endif

#endif
