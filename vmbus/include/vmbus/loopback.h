/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Loopback: both halves of VMBus in one image, over real rings.
 *
 *     guest half (vmbus.h)                       host half (host.h)
 *       | seam_post_message  -> vmbus_loopback_post  ->  vmbus_host_message
 *       | seam_signal_event  -> vmbus_loopback_signal -> vmbus_host_event
 *       guest.message <- queue, deferred work  <-  ops.post
 *       guest.event   <- bits, deferred work   <-  ops.signal
 *
 * A message is never delivered from inside the call that sent it: those to
 * the host half run as PASSIVE work, those to the guest half as DISPATCH work
 * on processor 0, events of the guest half on their target processor. Events
 * to the host half are told at once, since a server's `signalled` only queues
 * work.
 *
 * What a platform provides: a `struct seam` of a kind "loopback" that holds a
 * pointer to the loopback. Its seam_post_message ends in vmbus_loopback_post,
 * its seam_signal_event in vmbus_loopback_signal, all else is as on the real
 * bus (the frames of seam_pfn are frames that seam_map takes). In this order:
 *
 *     vmbus_loopback_create(s, &config, &lb)   s: the context being made
 *     s->loopback = lb                   the platform's own field
 *     create the guest half's bus on s
 *     vmbus_loopback_attach(lb, &guest, bus)   guest: where arrivals go
 *
 * and backwards at the end. A real bus has its own context and does not
 * notice; servers publish on vmbus_loopback_host(lb).
 */
#ifndef VMBUS_LOOPBACK_H
#define VMBUS_LOOPBACK_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct loopback;
struct seam;
struct vmbus_host;
struct vmbus_host_config;

/* Where the guest half takes what arrives; called at DISPATCH. */
struct loopback_guest {
    /* A SynIC message of type 1 came; `payload` is the callee's to read
     * during the call. */
    void (*message)(void *context, const void *payload, uint32_t size);

    /* Event flag `flag` was set for processor `cpu`, which calls this from
     * deferred work. `first`: of the events of one turn of that. */
    void (*event)(void *context, uint32_t cpu, uint16_t flag, bool first);
};

/*
 * Creates the host half of `config` (vp_count 0 is meant) and the queues. `s`
 * may be the context that the guest half will use: of it only memory, time,
 * work, locks and log are called. PASSIVE.
 * 0: *loopback is the caller's. Else what vmbus_host_create returns.
 */
int vmbus_loopback_create(struct seam *s,
                          const struct vmbus_host_config *config,
                          struct loopback **loopback);

/* All channels must have been withdrawn and the guest half detached. What is
 * still queued is dropped. PASSIVE. */
void vmbus_loopback_destroy(struct loopback *loopback);

/**
 * From now on arrivals go to `guest` (copied). NULL detaches: what arrives is
 * dropped, and the host half sees a reset guest. PASSIVE.
 *
 * @context  handed to each function of `guest`
 */
void vmbus_loopback_attach(struct loopback *loopback,
                           const struct loopback_guest *guest, void *context);

/**
 * Puts a new host half of `config` in the place of the old one, as when a
 * host's process ends and its successor starts: the guest is not told. What is
 * queued on either way stays. Before it: vmbus_host_save if wanted, then
 * vmbus_host_reset and the withdrawal of every channel; after it
 * vmbus_host_restore. PASSIVE. 0, or what vmbus_host_create returns: then the
 * old one is still there.
 *
 * @return  0: the new host half is in place; else what vmbus_host_create()
 *          returns
 */
int vmbus_loopback_restart(struct loopback *loopback,
                           const struct vmbus_host_config *config);

/**
 * The host half, to publish offers on; another one after a restart.
 *
 * @return  the host half, which stays the loopback's
 */
struct vmbus_host *vmbus_loopback_host(struct loopback *loopback);

/**
 * What seam_post_message does on such a context; same statuses: -EAGAIN with
 * 16 messages queued or no memory, -ENOENT for an id that the host half does
 * not know, -EIO for a type that is not 1 or a size over 240. <= DISPATCH.
 *
 * @connection  the id that the guest half posts to
 * @payload     copied
 * @return      0: queued; else as said above
 */
int vmbus_loopback_post(struct loopback *loopback, uint32_t connection,
                        uint32_t type, const void *payload, uint32_t size);

/**
 * What seam_signal_event does: 0, -ENOENT, or -EIO for a flag that is not 0.
 * <= DISPATCH.
 *
 * @connection  the id that the guest half signals
 * @return      0: the server was told; else as said above
 */
int vmbus_loopback_signal(struct loopback *loopback, uint32_t connection,
                          uint16_t flag);

#ifdef __cplusplus
}
#endif

#endif
