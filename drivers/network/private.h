/* SPDX-License-Identifier: BSD-2-Clause */
/* What the files of drivers/network/ share with each other alone. */
#ifndef DRIVERS_NETWORK_PRIVATE_H
#define DRIVERS_NETWORK_PRIVATE_H

#include "drivers/network.h"
#include "drivers/network/protocol.h"
#include "vmbare.h"
#include "vmbare_events.h"

/* Buffers in pages: received frames, sections of small sends. */
#define RECEIVE_PAGES       512u
#define RECEIVE_PAGES_JUMBO 1024u
#define SEND_PAGES          256u
/* Sections that are used at most, and frames in pages of their own. */
#define SECTIONS_MOST 256u
#define LARGE_MOST    16u
/* A large send with its headers, or a frame of the largest MTU. */
#define LARGE_PAGES 16u
/* Received packets that are kept until the end of the batch. */
#define KEPT_MOST 32u

/* How long the host may take for the answer to one question. */
#define ANSWER_SECONDS 60

/* Where one packet's frames lie until the host has taken them: a section of the
 * send buffer, or pages of its own. */
struct send_slot {
    struct send_slot *next; /* free ones */
    struct network_driver *owner;
    uint8_t *bytes;
    PMDL mdl;         /* NULL: a section */
    uint32_t section; /* its number */
    uint32_t size;    /* bytes that are filled */
    uint32_t last;    /* where the last message begins */
    uint32_t frames;
    VMBPACKET packet;
};

/* What is sent; under `lock`. */
struct send_state {
    struct vmbare_lock lock;
    uint32_t section_size; /* 0: there are none */
    struct send_slot slots[SECTIONS_MOST + LARGE_MOST];
    struct send_slot *sections, *large; /* free ones */
    struct send_slot *open;             /* more frames may be added to it */
    uint32_t under_way;                 /* packets that the host has */
    uint32_t inside; /* calls that may be about to send; atomic */
    bool wants_room;
};

/* One request at a time, and its answer. */
struct control_state {
    uint8_t *page; /* the request; the host's while `shared` */
    PMDL mdl;
    uint8_t *answer_page; /* to a KEEPALIVE of the host's */
    PMDL answer_mdl;
    uint32_t shared, answer_shared; /* 1: the host's; release, acquire */
    uint32_t id;                    /* of the last request */
    uint32_t wait;                  /* enum control_wait; release, acquire */
    struct rndis_control answer;
    uint32_t message[RNDIS_CONTROL_MOST / 4]; /* what `answer` points into */
    uint32_t message_size;                    /* bytes */
    uint32_t incoming[RNDIS_CONTROL_MOST / 4];
};

enum control_wait {
    CONTROL_IDLE,
    CONTROL_WAITING, /* for the answer */
    CONTROL_FAILED,  /* the host has not taken the request */
};

/* Everything of an adapter. */
struct network_driver {
    VMBCHANNEL channel;
    struct network_settings settings;
    struct network_events events;
    struct network_statistics statistics;
    char problem[240];

    enum network_link link;
    uint32_t phase;    /* enum network_phase */
    uint32_t media;    /* enum network_media */
    uint32_t leaving;  /* 1: network_close() has begun */
    uint32_t failures; /* openings in a row that did not become ready */
    uint32_t version;
    uint32_t mtu;
    uint8_t mac[NETWORK_MAC_SIZE];
    struct rndis_limits limits;
    struct offload_choice offload;

    uint8_t *receive, *send; /* the shared buffers */
    uint32_t receive_pages;
    UINT32 receive_gpadl, send_gpadl; /* 0: none */

    struct send_state sending;
    struct control_state control;
    struct coalesce coalesce;
    VMBPACKETCOMPLETION kept[KEPT_MOST];
    uint32_t kept_count;
    struct vmbare_timer again; /* opens the channel when it was away */
};

/* How far an opening has come. */
enum network_phase {
    PHASE_AWAY,     /* the channel is not open */
    PHASE_AGREEING, /* the host is asked */
    PHASE_READY,    /* frames pass */
};

/* What the host has said of the cable. */
enum network_media { MEDIA_UNKNOWN, MEDIA_CONNECTED, MEDIA_DISCONNECTED };

/* The phase, as another processor may have set it. */
static inline uint32_t network_phase(const struct network_driver *d)
{
    return __atomic_load_n(&d->phase, __ATOMIC_ACQUIRE);
}

/* A counter that several processors raise. */
static inline void network_count(uint64_t *counter, uint64_t more)
{
    __atomic_fetch_add(counter, more, __ATOMIC_RELAXED);
}

/* ---- report.c ------------------------------------------------------------ */

/*
 * The link is something else now: stores it and tells the application, unless
 * it was that before. <= DISPATCH.
 */
void network_tell(struct network_driver *d, enum network_link link);

/* Tells what the host has said of the cable, once frames pass. <= DISPATCH. */
void network_tell_media(struct network_driver *d);

/*
 * The adapter is of no use: stores the text and reports NETWORK_REFUSED.
 * PASSIVE.
 */
__attribute__((format(printf, 2, 3))) void
network_refuse(struct network_driver *d, const char *format, ...);

/* Counts something of the host's that makes no sense, and keeps the constant
 * text. <= DISPATCH. */
void network_nonsense(struct network_driver *d, const char *what);

/* ---- memory.c ------------------------------------------------------------ */

/*
 * Allocates buffers, pages and MDLs for the settings. False: no memory; what
 * there is goes with network_memory_free(). PASSIVE.
 */
bool network_memory_alloc(struct network_driver *d);

/* Gives all of it back. The host has none of it. PASSIVE. */
void network_memory_free(struct network_driver *d);

/* ---- offers.c ------------------------------------------------------------ */

/*
 * The instance of an adapter that is offered now.
 *
 * @index  0 for the first, in the order of the offers
 * @return false: there are not so many
 *
 * PASSIVE.
 */
bool network_offered(uint32_t index, GUID *instance);

/* ---- channel.c ----------------------------------------------------------- */

/*
 * Makes a channel for the adapter of this instance, or of any, and enables it.
 *
 * @instance  NULL: the first that is offered
 * @return    STATUS_SUCCESS, or KMCL's; then there is no channel
 *
 * PASSIVE.
 */
NTSTATUS network_channel_start(struct network_driver *d, LPCGUID instance);

/* Closes the channel and frees it, if there is one. PASSIVE. */
void network_channel_stop(struct network_driver *d);

/* ---- agree.c ------------------------------------------------------------- */

/*
 * Agrees with the host, from its version to the packet filter. Ends with
 * PHASE_READY and the link told, or with network_refuse(). PASSIVE.
 */
void network_agree(struct network_driver *d);

/* ---- control.c ----------------------------------------------------------- */

/*
 * Sends a request and waits for its answer.
 *
 * @type    RNDIS_INITIALIZE, RNDIS_QUERY or RNDIS_SET
 * @input   `size` bytes that go along
 * @return  true: d->control.answer has it, whatever its status; false: none
 *          came within ANSWER_SECONDS, or the channel has closed
 *
 * PASSIVE, not while another request is under way.
 */
bool network_ask(struct network_driver *d, uint32_t type, uint32_t oid,
                 const void *input, uint32_t size);

/*
 * Takes a control message of `size` bytes, a private copy: an answer, an
 * indication or a KEEPALIVE. <= DISPATCH, where packets are delivered.
 */
void network_take_control(struct network_driver *d, const uint32_t *message,
                          uint32_t size);

/* ---- receive.c ----------------------------------------------------------- */

EVT_VMB_CHANNEL_PROCESS_PACKET network_packet;
EVT_VMB_CHANNEL_PROCESSING_COMPLETE network_batch_end;

/* ---- send.c, slots.c ----------------------------------------------------- */

/* What the host calls the buffers. */
#define RECEIVE_BUFFER_ID 0xCAFEu
#define SEND_BUFFER_ID    0u

/*
 * Makes the slots free for an opening, with sections of this size; 0: none.
 * Nothing is under way. PASSIVE.
 */
void network_slots_begin(struct network_driver *d, uint32_t section_size);

/* After the phase has changed: returns when no call is about to send any more,
 * and frees the slot that is open, whose frames are lost. PASSIVE. */
void network_slots_end(struct network_driver *d);

/*
 * A free slot for a packet of `size` bytes; NULL: there is none. Under the
 * lock.
 */
struct send_slot *network_slot_take(struct network_driver *d, uint32_t size);

/* A call begins that looks at the phase and may send: the channel does not end
 * before the other one. <= DISPATCH. */
static inline void network_enter(struct network_driver *d)
{
    __atomic_fetch_add(&d->sending.inside, 1, __ATOMIC_SEQ_CST);
}

/* The call has sent what it wanted. <= DISPATCH. */
static inline void network_leave(struct network_driver *d)
{
    __atomic_fetch_sub(&d->sending.inside, 1, __ATOMIC_RELEASE);
}

/* Gives a slot back. Under the lock. */
void network_slot_give(struct network_driver *d, struct send_slot *slot);

/*
 * Sends a filled slot. The slot comes back by itself. <= DISPATCH, without the
 * lock.
 */
void network_slot_send(struct network_driver *d, struct send_slot *slot);

/* The slot that was open, if so few packets are under way that it must not
 * wait; NULL: none is to be sent now. Under the lock. */
struct send_slot *network_slot_due(struct network_driver *d, bool at_once);

#endif
