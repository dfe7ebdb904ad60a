/* SPDX-License-Identifier: BSD-2-Clause */
/* An adapter, as the folders of drivers/network/ know it, and what all of them
 * need. */
#ifndef DRIVERS_NETWORK_BASE_DRIVER_H
#define DRIVERS_NETWORK_BASE_DRIVER_H

#include "drivers/network.h"
#include "drivers/network/wire/frames.h"
#include "drivers/network/wire/protocol.h"
#include "drivers/network/wire/queues.h"
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

/* What the host calls the buffers. */
#define RECEIVE_BUFFER_ID 0xCAFEu
#define SEND_BUFFER_ID    0u

/* How long the host may take for the answer to one question. */
#define ANSWER_SECONDS 60

/* Where one packet's frames lie until the host has taken them: a section of the
 * send buffer, or pages of its own. */
struct send_slot {
    struct send_slot *next; /* free ones */
    struct network_driver *owner;
    struct network_queue *queue; /* on whose channel it goes */
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
    uint32_t under_way;                 /* packets that the host has */
    bool wants_room;
};

/* One channel of the adapter: the primary, which is number 0, or a
 * sub-channel. Packets of one channel are delivered one at a time. */
struct network_queue {
    struct network_driver *driver;
    VMBCHANNEL channel; /* NULL: none was made */
    uint32_t index;
    uint32_t open;     /* a sub-channel: frames pass on it; release, acquire */
    uint32_t wanted;   /* a sub-channel: the host has promised it; likewise */
    uint32_t inside;   /* calls that may be about to send; atomic */
    uint32_t failures; /* openings in a row that have not come to pass */
    struct vmbare_timer again; /* opens the channel when it was away */

    /* Sending, under the lock of all. */
    struct send_slot *filling; /* more frames may be added to it */
    uint32_t under_way;        /* packets that the host has */

    struct coalesce coalesce;
    VMBPACKETCOMPLETION kept[KEPT_MOST];
    uint32_t kept_count;
};

/* Which channels the host receives on: set again when their number changes. */
struct spread_state {
    uint8_t *page; /* two requests */
    PMDL mdl;
    uint32_t state;   /* enum spread_step; atomic */
    uint32_t shared;  /* requests that the host has; atomic */
    uint32_t entries; /* of its table */
    uint32_t is_on;   /* it was told of several; atomic */
};

enum spread_step {
    SPREAD_IDLE,
    SPREAD_BUSY,  /* the host has requests */
    SPREAD_AGAIN, /* the same, and the channels have changed since */
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
    VMBCHANNEL channel;           /* the primary: that of queues[0] */
    struct network_queue *queues; /* `queue_count`, 1 or more */
    uint32_t queue_count;
    uint32_t promised;    /* sub-channels, by the host; release, acquire */
    uint32_t open_queues; /* sub-channels that are open; atomic */
    uint8_t send_table[NVSP_SEND_ENTRIES]; /* each entry atomic */
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
    struct spread_state spread;
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

/* Whether frames can be sent on the channel; the primary's state is the phase.
 */
static inline bool network_queue_is_open(const struct network_queue *q)
{
    return !q->index || __atomic_load_n(&q->open, __ATOMIC_SEQ_CST);
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

#endif
