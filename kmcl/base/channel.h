/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The channel object, and what its parts call of each other.
 *
 * Who may touch what:
 *  - lifecycle fields (phase, wants, link): PASSIVE on processor 0 only, no
 *    lock. advance.c alone changes the phase.
 *  - data-path fields: under `lock`, at <= DISPATCH.
 *  - the incoming ring belongs to the pump's run (kmcl_event), which never runs
 *    twice at a time; the outgoing ring to whoever holds `lock`.
 *  - packet callbacks are called by whoever owns `delivery`.
 * No callback of the application is ever called with the lock held.
 */
#ifndef KMCL_CHANNEL_H
#define KMCL_CHANNEL_H

#include <stdbool.h>

#include "vmbuskernelmodeclientlibapi.h"
#include "kmcl/base/incoming.h"
#include "kmcl/base/link.h"
#include "kmcl/base/outgoing.h"
#include "kmcl/base/root.h"
#include "kmcl/base/wait.h"
#include "vmbus/seam.h"
#include "kmcl/base/transactions.h"

#define KMCL_CHANNEL_MAGIC 0x43766d4bu /* "KmvC" */

/* Where a channel stands on the connection axis and, when open, the flow's. */
enum kmcl_phase {
    KMCL_DISABLED,
    KMCL_ENABLED,    /* waiting: for an offer (client), for a guest (server) */
    KMCL_OPENING,    /* client: the host was asked */
    KMCL_CONNECTED,  /* rings are there, EvtChannelOpened not yet called */
    KMCL_PAUSED,     /* open, the incoming queue off */
    KMCL_RUNNING,    /* open, the incoming queue on */
    KMCL_SUSPENDING, /* EvtChannelSuspend ran, delivered packets are out */
    KMCL_UNDOING,    /* the same as CLOSING, but EvtChannelOpened has not
                      * succeeded, so EvtChannelClosed is not called */
    KMCL_CLOSING,    /* the transport is being closed */
};

/* What the application asked for last. */
enum kmcl_wish {
    KMCL_WISH_DISABLED, /* nothing yet, or VmbChannelDisable */
    KMCL_WISH_ENABLED,  /* VmbChannelEnable */
    KMCL_WISH_LOST,     /* the same, but the other side has ended the channel:
                         * it is Disabled until VmbChannelEnable */
};

/* ... and of the incoming queue. */
enum kmcl_flow {
    KMCL_FLOW_DEFAULT, /* nothing: a client starts by itself, a server not */
    KMCL_FLOW_PAUSED,  /* VmbChannelPause */
    KMCL_FLOW_ACTIVE,  /* VmbChannelStart */
};

/* What may go through the rings of an open channel. */
enum kmcl_traffic {
    KMCL_TRAFFIC_OFF,  /* nothing: not open, closing, or a save session */
    KMCL_TRAFFIC_OUT,  /* what is queued may be sent; nothing is received */
    KMCL_TRAFFIC_BOTH, /* incoming packets may be read as well: running */
};

/* What became of the other side. */
enum kmcl_peer {
    KMCL_PEER_THERE,
    KMCL_PEER_BROKEN, /* a ring holds what it must not: to be closed */
    KMCL_PEER_GONE,   /* it has rescinded or closed, or was found broken */
};

/* Whether the channel serves the calls of the application. */
enum kmcl_service {
    KMCL_SERVING,
    KMCL_SERVICE_FAILED, /* VmbChannelPacketFail: nothing is delivered, and no
                          * request may wait */
    KMCL_SERVICE_ENDING, /* the channel closes: no request may wait */
};

/* How far VmbChannelRestoreFromBuffer has come. */
enum kmcl_restoring {
    KMCL_NOT_RESTORED,
    KMCL_RESTORING,      /* `restore` has the progress */
    KMCL_RESTORE_FAILED, /* the same, but no chunk is taken any more */
    KMCL_RESTORED,       /* for good: a state is restored once */
};

/* What advance.c does for the channel, as long as it is on the stack. */
enum kmcl_activity {
    KMCL_IDLE,      /* it is not on the stack */
    KMCL_ADVANCING, /* it is, and in none of these callbacks: */
    KMCL_IN_OPENED,
    KMCL_IN_STARTED,
    KMCL_IN_POST_STARTED,
    KMCL_IN_SUSPEND,
    KMCL_IN_CLOSED,
    KMCL_IN_CLEANUP, /* the channel's last: nothing may begin any more */
};

/* Who gives packets to the application. There is one owner at a time, and only
 * the owner takes packets from the list `in`. */
enum kmcl_delivery {
    KMCL_DELIVERY_FREE,        /* nobody; the next run of the pump may */
    KMCL_DELIVERY_DISPATCH,    /* the run of the pump that is under way */
    KMCL_DELIVERY_PASSIVE_DUE, /* the passive work item, which is queued */
    KMCL_DELIVERY_PASSIVE,     /* the passive work item that has begun */
    KMCL_DELIVERY_QUOTA,       /* nobody until a packet is completed */
};

/* What the run of the pump knows about the incoming ring between two runs. */
struct kmcl_reader {
    bool begun;     /* the queue was on since the channel opened */
    bool waits;     /* it left packets in the ring: kick it when it may read */
    uint32_t ahead; /* bytes from the read index on that were looked at only for
                     * their completions, which are done */
    uint32_t at;    /* the position after them */
    uint64_t limit; /* bytes of memory that may be read ahead */
};

/* What the packet callback that is running asked for. */
enum kmcl_verdict {
    KMCL_TAKEN,
    KMCL_DEFER, /* VmbChannelPacketDeferToPassive */
    KMCL_PEND,  /* STATUS_PENDING was returned for its external data */
};

/* How a channel names its device. */
enum kmcl_target {
    KMCL_TARGET_NONE,     /* not at all: it cannot be enabled */
    KMCL_TARGET_TYPE,     /* by `type`; any instance will do */
    KMCL_TARGET_INSTANCE, /* by `type` and `instance` */
};

/* Set by the configuration functions while Disabled. */
struct kmcl_settings {
    uint32_t flags;
    uint32_t server_flags;
    uint32_t context_size;
    uint32_t max_packet;
    uint32_t max_external;
    uint32_t max_chain;
    uint32_t max_parts;      /* client: of a packet; 0: the two maxima above */
    uint32_t incoming_pages; /* 0: as large as needed */
    uint32_t outgoing_pages;
    enum kmcl_target target;
    GUID type;
    GUID instance;
    uint16_t mmio_megabytes;
    uint16_t mmio_megabytes_optional;
    uint16_t subchannel; /* index of the offer, 0: primary */
    bool monitored;      /* server: the guest may signal by monitor page */
    uint8_t target_vtl;
    bool host_connects; /* a socket's: the host connects, the guest accepts */
    PFN_VMB_CHANNEL_PROCESS_PACKET process_packet;
    PFN_VMB_CHANNEL_PROCESSING_COMPLETE processing_complete;
    VMB_CHANNEL_STATE_CHANGE_CALLBACKS state;
    PFN_VMB_CHANNEL_PNP_FAILURE pnp_failure;
    PFN_VMB_CHANNEL_SAVE_PACKET save_packet;
    PFN_VMB_CHANNEL_RESTORE_PACKET restore_packet;
    char name[48];
};

struct kmcl_gpadl;
struct kmcl_save;
struct kmcl_restore;

struct VMBCHANNEL__ {
    uint32_t magic;
    bool is_server;
    bool pipe; /* pipe framing in both directions */
    struct seam *s;
    struct kmcl *root;
    struct VMBCHANNEL__ *next, *previous; /* on the root's list */
    struct chain by_instance;             /* instances.c */

    /* ---- data path, under `lock` ---- */
    struct seam_lock lock;
    enum kmcl_traffic traffic;
    enum kmcl_peer peer;
    enum kmcl_service service;
    bool awaiting_room; /* the ring was full: pending send size is set */
    bool require_passive;
    enum kmcl_delivery delivery;
    uintptr_t delivery_strand; /* of a PASSIVE owner: seam_strand() */
    struct kmcl_reader reader;
    struct pump *pump; /* NULL: not open */
    struct ring_writer *tx;
    struct ring_reader *rx;
    struct kmcl_queue queue;       /* outgoing, not yet in the ring */
    struct kmcl_transactions sent; /* in the ring, completion awaited */
    uint64_t next_transaction;
    uint32_t quota;
    uint32_t outstanding;         /* delivered, not completed */
    struct kmcl_incoming_list in; /* read, not delivered */
    VMBPACKETCOMPLETION spare;    /* the next packet is read into it */
    VMBPACKETCOMPLETION free_incoming;
    uint32_t free_incoming_count;
    VMBPACKETCOMPLETION current; /* its callback is running */
    enum kmcl_verdict verdict;
    PMDL dead_mdls; /* of completed packets, to be unmapped */
    uint32_t batch; /* delivered since the last processing-complete */
    VMBPACKET free_packets;
    uint32_t free_packets_count;
    uint32_t packets_out; /* allocated and not freed */
    PVOID pointer;

    /* ---- lifecycle, PASSIVE ---- */
    enum kmcl_phase phase;
    enum kmcl_activity activity; /* set by kmcl_set_activity() */
    uintptr_t activity_strand;   /* the stack that advance.c is on */
    enum kmcl_wish wish;
    enum kmcl_flow flow;
    struct kmcl_wait *waits; /* calls that wait, the last one first */
    struct kmcl_link link;
    struct seam_work passive_work;
    struct kmcl_gpadl *gpadls; /* a client's: changed under `lock` */
    uint64_t mmio_address;
    uint64_t mmio_size;
    struct kmcl_save *save;
    struct kmcl_restore *restore;
    enum kmcl_restoring restoring;
    struct kmcl_settings set;
};

/* A live channel, as far as that can be told. */
static inline bool kmcl_channel_ok(VMBCHANNEL ch)
{
    return ch && ch->magic == KMCL_CHANNEL_MAGIC;
}

/* Says what runs for the channel. PASSIVE; a send at DISPATCH on another
 * processor looks whether it is KMCL_IN_CLEANUP. */
static inline void kmcl_set_activity(VMBCHANNEL ch, enum kmcl_activity activity)
{
    __atomic_store_n(&ch->activity, activity, __ATOMIC_RELAXED);
}

/* What a function that may wait or call back at PASSIVE requires. */
#define KMCL_CHECK_PASSIVE(s)                      \
    SEAM_ASSERT((s), seam_irql(s) == SEAM_PASSIVE, \
                "only at PASSIVE_LEVEL: lower the IRQL first")

/* ---- soon.c ------------------------------------------------------------ */

/* Queues the passive work item of the channel, which lets the state machine
 * look at it and then delivers what waits for PASSIVE. <= DISPATCH. */
void kmcl_advance_soon(VMBCHANNEL ch);

/* ---- the rings --------------------------------------------------------- */

/* Kicks the pump, if the channel is open. Under the lock or at PASSIVE. */
static inline void kmcl_kick(VMBCHANNEL ch)
{
    if (ch->pump)
        vmbus_pump_kick(ch->pump);
}

/* Gives the lock back, to `irql`, and signals the peer. In reader.c. */
void kmcl_unlock_and_signal(VMBCHANNEL ch, uint8_t irql);

/* The same, where the peer is to be signalled only if that is `wanted`. */
static inline void kmcl_unlock(VMBCHANNEL ch, bool wanted, uint8_t irql)
{
    if (wanted)
        kmcl_unlock_and_signal(ch, irql);
    else
        seam_unlock(ch->s, &ch->lock, irql);
}

/* A guest that reads no answers gets none of its packets read any more: what
 * it makes us keep is bounded. Clients go on: if both ends stopped, neither
 * would make room for the other. */
static inline bool kmcl_answers_wait(VMBCHANNEL ch)
{
    return ch->is_server && ch->queue.answer_bytes >= ch->reader.limit;
}

/* Whether packets may be taken out of the incoming ring now. Under the lock. */
static inline bool kmcl_may_read(VMBCHANNEL ch)
{
    return ch->traffic == KMCL_TRAFFIC_BOTH &&
           ch->service != KMCL_SERVICE_FAILED && !kmcl_answers_wait(ch) &&
           ch->in.bytes < ch->reader.limit;
}

/* The packet is in the ring and awaits its completion. Under the lock. */
static inline void kmcl_await_completion(VMBCHANNEL ch, VMBPACKET packet)
{
    packet->state = KMCL_PACKET_AWAITING;
    kmcl_transaction_add(&ch->sent, packet);
    /* No signal comes for a completion behind packets that may not be read. */
    if (ch->reader.waits)
        vmbus_pump_kick_later(ch->pump, PUMP_LOOK_AGAIN);
}

/* Something that may have kept packets in the ring has changed: kicks the pump
 * if it did. Under the lock. */
void kmcl_wake_reader(VMBCHANNEL ch);

/* The peer is beyond help: says so once and lets the channel close. Under the
 * lock. */
void kmcl_give_up(VMBCHANNEL ch, const char *what, const char *why);

/* ---- sizes.c ----------------------------------------------------------- */

/* The largest body (behind the descriptor) that the settings allow. */
uint32_t kmcl_largest_body(const struct kmcl_settings *set);

/* Bytes of GPA-direct header for the settings' external maxima; 64 bits, for
 * checking them. */
uint64_t kmcl_external_header(uint32_t data_size, uint32_t chain);

#endif
