/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * KMCL for the composition root: attaching the library to a bus.
 *
 * One `struct kmcl` joins a bus's halves: the guest half for client channels,
 * the host half for server channels; either may be missing. The platform
 * attaches at start, answers seam_root() with the instance that calls
 * without a device mean, and detaches at the end.
 *
 * Several instances live beside each other (a real bus, a loopback): a
 * PDEVICE_OBJECT given to VmbChannelAllocate names one, or one device on it.
 * Statuses are 0 or a negative errno. All PASSIVE.
 */
#ifndef KMCL_H
#define KMCL_H

#include <stdbool.h>
#include <stdint.h>

#include "kmcl/device.h"
#include "kmcl/types.h"

#ifdef __cplusplus
extern "C" {
#endif

struct kmcl;
struct seam;
struct vmbus_bus;
struct vmbus_host;
struct kmcl_server_half;

/* The code of server channels. Who does not name it does not link it. */
extern const struct kmcl_server_half kmcl_server_half;

/* What is zero or NULL is not there. */
struct kmcl_config {
    struct seam *seam;
    struct vmbus_bus *bus;                 /* guest half: client channels */
    struct vmbus_host *host;               /* host half: server channels ... */
    const struct kmcl_server_half *server; /* ... then &kmcl_server_half */
    /* Guest-physical range from which offers that ask for MMIO get it. */
    uint64_t mmio_base;
    uint64_t mmio_size;
    /* 100 ns since 1 January 1601, for absolute timeouts; NULL: such a
     * timeout gets STATUS_NOT_SUPPORTED. */
    int64_t (*system_time)(void *context);
    void *context;
};

/**
 * 0: *kmcl is the caller's to give to kmcl_detach; the halves must live as
 * long. -EINVAL: no seam, neither half, or only one of host and server.
 * -ENOMEM.
 *
 * @config  copied
 * @kmcl    receives the instance, with 0 only
 */
int kmcl_attach(const struct kmcl_config *config, struct kmcl **kmcl);

/**
 * Names the instance that serves in place of a host half, beside a bus that has
 * none: where `kmcl` is the default instance, a server that names no device
 * gets `servers`, and so does a query for the server's interface.
 *
 * @kmcl     without a host half
 * @servers  with one, and detached after `kmcl`; NULL: none any more
 *
 * Another combination asserts. PASSIVE.
 */
void kmcl_set_servers(struct kmcl *kmcl, struct kmcl *servers);

/* All channels must have been cleaned up and all interfaces and handles given
 * back, and it must not serve for another instance (asserted). */
void kmcl_detach(struct kmcl *kmcl);

/**
 * The bus itself; valid until kmcl_detach.
 *
 * @return  the device object, which belongs to the instance
 */
PDEVICE_OBJECT kmcl_bus_device(struct kmcl *kmcl);

/**
 * Fills *device so that a client allocated with it binds that offer, without
 * VmbClientChannelInitSetTargetPnp.
 *
 * @type      interface type of the offer, copied
 * @instance  its instance, copied
 */
void kmcl_offer_device(struct kmcl *kmcl, LPCGUID type, LPCGUID instance,
                       PDEVICE_OBJECT device);

/* Counters since kmcl_attach; read without a lock. */
struct kmcl_stats {
    uint64_t channels;            /* alive */
    uint64_t packets_sent;        /* put into a ring, completions too */
    uint64_t packets_delivered;   /* given to a packet callback */
    uint64_t packets_queued;      /* sends that found no room */
    uint64_t unknown_completions; /* no such transaction (item 76) */
    uint64_t unknown_packets;     /* of a type we do not know, skipped */
    uint64_t bad_packets;         /* refused for what they hold */
    uint64_t bad_rings;           /* channels closed for a broken ring */
    uint64_t undelivered_dropped; /* read, not delivered, channel closed */
    uint64_t external_bytes;      /* described by sends, never copied */
    uint64_t allocations;         /* seam_alloc calls of kmcl/ */
};

/**
 * The counters of an instance. Any IRQL.
 *
 * @return  the counters, which go on counting
 */
const struct kmcl_stats *kmcl_stats(const struct kmcl *kmcl);

/* ---- what a host needs and the documented API has no name for ---------- */

/**
 * Makes a Disabled server channel the sub-channel `index` (1..65535; 0: the
 * primary again) of the primary with the same type and instance. It is
 * disabled before its primary is (asserted by the host half). When a guest
 * breaks a ring of the primary, both leave and are offered again: the
 * sub-channel closes first, and the primary waits for it.
 *
 *   STATUS_SUCCESS              set
 *   STATUS_INVALID_PARAMETER_1  bad handle, not Disabled, or a client
 */
NTSTATUS kmcl_server_set_subchannel(VMBCHANNEL channel, UINT16 index);

/**
 * Says in the offer of a Disabled server channel with
 * VMBUS_SERVER_CHANNEL_INIT_FLAG_TLNPI_PROVIDER_OFFER, a connection of hv_sock,
 * who has asked for it. Other offers do not say it.
 *
 * @host_connects  TRUE: the host, to the service that is the interface's type;
 *                 FALSE, as at first: the guest, whose endpoint is the instance
 *
 *   STATUS_SUCCESS              set
 *   STATUS_INVALID_PARAMETER_1  bad handle, not Disabled, or a client
 */
NTSTATUS kmcl_server_set_connects(VMBCHANNEL channel, BOOLEAN host_connects);

/**
 * Lets the guest signal a Disabled server channel by a bit of its monitor page
 * from the next offer on, if one of the bus's 128 monitor ids is left then.
 * Whoever runs the host half polls that page (vmbus_host_monitor_poll).
 *
 * @monitored  FALSE: by hypercall only, as by default
 *
 *   STATUS_SUCCESS              set
 *   STATUS_INVALID_PARAMETER_1  bad handle, not Disabled, or a client
 */
NTSTATUS kmcl_server_set_monitored(VMBCHANNEL channel, BOOLEAN monitored);

/**
 * Tells the guest that an open channel goes, and serves it until the guest has
 * closed it: EvtChannelSuspend and EvtChannelClosed come then. A guest may wait
 * for answers before it closes, and VmbChannelDisable alone reads no more of
 * its packets. The guest cannot open the channel again. VmbChannelDisable
 * follows, later, or earlier for a guest that does not close.
 *
 * IRQL: PASSIVE.
 *   STATUS_SUCCESS               the guest was told
 *   STATUS_INVALID_PARAMETER_1   bad handle, or a client
 *   STATUS_INVALID_DEVICE_STATE  no guest has it open, or it was told before:
 *                                only VmbChannelDisable remains
 */
NTSTATUS kmcl_server_rescind(VMBCHANNEL channel);

/* A place in memory that a guest shares as a GPADL. */
struct kmcl_part {
    uint32_t bytes;
    uint32_t offset; /* from the GPADL's first byte */
};

/**
 * Tells a client where the server has written into a GPADL of the client's: a
 * transfer-page packet, as a network host sends it. The client gets the parts
 * by VmbChannelPacketGetExternalData, and they are its own until it completes
 * the packet. Otherwise as VmbPacketSend.
 *
 * @PacketObject  idle, with a completion routine; of a server channel that is
 *                no pipe
 * @SetId         what the device's protocol calls the GPADL; a KMCL client
 *                knows one by the low 16 bits of its handle
 * @Parts         `Count` of them, copied; not compared with the GPADL's size
 * @Count         1 up to the channel's maximum chain
 * @Buffer        the inline bytes, copied; NULL with length 0
 * @BufferLength  bytes at Buffer, at most the maximum packet size
 * @Flags         VMBUS_CHANNEL_FORMAT_FLAG_WAIT_FOR_COMPLETION
 *
 * IRQL: <= DISPATCH.
 *   STATUS_SUCCESS              accepted
 *   STATUS_NOT_SUPPORTED        a client channel, or a pipe
 *   STATUS_INVALID_PARAMETER_4  Parts is NULL, Count is 0 or above the maximum
 *                               chain, or the bytes are above the maximum
 *                               external data, now or when the packet was made
 *   STATUS_INVALID_PARAMETER_7  other Flags
 *   others                      as VmbPacketSend
 */
NTSTATUS kmcl_server_send_parts(VMBPACKET PacketObject, UINT16 SetId,
                                const struct kmcl_part *Parts, UINT32 Count,
                                PVOID Buffer, UINT32 BufferLength,
                                UINT32 Flags);

/* What the sender's descriptor says of a delivered packet. A driver needs
 * none of it: VmbChannelPacketComplete answers whom it has to. */
struct kmcl_wire {
    uint64_t transaction;
    bool asks_completion;
};

/* Fills *wire; a packet that is not delivered asserts. <= DISPATCH. */
void kmcl_packet_wire(VMBPACKETCOMPLETION packet, struct kmcl_wire *wire);

/* What a transfer-page packet says. */
struct kmcl_parts {
    uint16_t set_id; /* as the device's protocol calls the shared memory */
    uint32_t count;
    const struct kmcl_part *parts; /* in the packet, until it is completed */
};

/**
 * Tells a client where the server has written, without an MDL for each part:
 * for a driver that has the memory mapped anyway. No part is compared with any
 * memory: the driver does that, for on a sub-channel the memory belongs to the
 * primary.
 *
 * @packet  delivered, of a client; otherwise asserts
 * @parts   filled with true only; a private copy, which does not change
 * @return  false: the packet has no transfer pages
 *
 * IRQL: <= DISPATCH.
 */
bool kmcl_packet_parts(VMBPACKETCOMPLETION packet, struct kmcl_parts *parts);

/**
 * Lets a client receive up to `count` parts with a packet, of any size. They no
 * longer count against the maximum external data, which then is only about what
 * is sent; so packets to send need no room for what may be received.
 *
 * @channel  a client, Disabled
 * @count    1..32768; 0: the maxima of external data hold again
 *
 * IRQL: PASSIVE.
 *   STATUS_SUCCESS              set
 *   STATUS_INVALID_PARAMETER_1  bad handle, a server, or not Disabled
 *   STATUS_INVALID_PARAMETER_2  more than 32768: the wire ends there
 */
NTSTATUS kmcl_client_set_parts(VMBCHANNEL channel, UINT32 count);

/**
 * Makes a Disabled client wait for the sub-channel `index` of the primary with
 * the same type and instance, instead of the primary. A host offers it when the
 * device's protocol has asked for it, so the client is enabled then; when the
 * host withdraws it, the client is disabled as any other. It is disabled before
 * the primary is (asserted by the bus). When the host takes the primary away,
 * that one's EvtChannelClosed waits until its sub-channels are closed, so
 * whoever owns them disables them in EvtChannelSuspend of the primary.
 * GPADLs belong to the channel they were made on: parts that lie in one of the
 * primary's are read by kmcl_packet_parts.
 *
 * @channel  a client, Disabled. Its target must name an instance, or
 *           VmbChannelEnable returns STATUS_INVALID_DEVICE_STATE
 * @index    1..65535; 0: the primary again
 *
 * IRQL: PASSIVE.
 *   STATUS_SUCCESS              set
 *   STATUS_INVALID_PARAMETER_1  bad handle, a server, or not Disabled
 */
NTSTATUS kmcl_client_set_subchannel(VMBCHANNEL channel, UINT16 index);

/* Test hook (item 122): the next `count` calls of
 * VmbChannelPacketGetExternalData give STATUS_PENDING, as a system with paged
 * memory would. */
void kmcl_test_pend_external(struct kmcl *kmcl, uint32_t count);

#ifdef __cplusplus
}
#endif

#endif
