/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The host half's own state: connection, channels, GPADLs, replies.
 *
 * Who writes what: control functions (PASSIVE, one at a time) change
 * everything. What the DISPATCH paths read (table, state and signal
 * parameters of channels, mapped pages, monitors) changes under `lock` only.
 */
#ifndef VMBUS_HOST_OBJECTS_H
#define VMBUS_HOST_OBJECTS_H

#include <errno.h>

#include "vmbus/chain.h"
#include "vmbus/host.h"
#include "vmbus/wire/messages.h"
#include "vmbus/seam.h"
#include "vmbus/wire/pages.h"
#include "vmbus/wire/rate.h"
#include "vmbus/wire/wire.h"

#define HOST_RELIDS   2048u /* event flags of one SINT; 0 is not used */
#define HOST_MONITORS 128u

/* Of the indexes of channels and of GPADLs. */
#define HOST_INSTANCE_BUCKETS 1024u
#define HOST_GPADL_BUCKETS    1024u

#define HOST_NO_MONITOR   0xffu
#define HOST_REPLIES_HIGH 64u /* undelivered; from here on guests must wait */

/* SINT of redirected channel interrupts. [openvmm proto] */
#define HOST_REDIRECT_SINT 7u

/* Connection id of channel `relid`, as OpenVMM builds it. */
#define HOST_CONNECTION(relid) ((WIRE_SINT << 12) | (relid))

/* Statuses that go to the guest; NTSTATUS values as Windows has them, the
 * GPADL's as OpenVMM. */
#define HOST_STATUS_GPADL     0x8000ffffu
#define HOST_STATUS_PARAMETER 0xc000000du
#define HOST_STATUS_RESOURCES 0xc000009au
#define HOST_STATUS_STATE     0xc0000184u
#define HOST_STATUS_REFUSED   0xc0000236u

/* Connection states in VERSION_RESPONSE. [openvmm proto] */
enum host_connection_state {
    HOST_CONNECTION_OK,
    HOST_CONNECTION_RESOURCES,
    HOST_CONNECTION_UNKNOWN,
};

/* A message to the guest. Its storage is reserved when the request is taken,
 * so that answering later never fails. */
struct host_reply {
    struct host_reply *next;
    uint32_t size;
    uint8_t payload[WIRE_MESSAGE_MAX];
};

enum host_channel_state {
    HOST_CLOSED,
    HOST_OPENING, /* the server has not answered `opened` */
    HOST_OPEN,
    HOST_CLOSING, /* the server has not answered `closed` */
};

/* A ring's mapping. */
struct host_mapping {
    void *base;
    uint32_t pages;
    uint32_t twice_from; /* == pages: mapped once */
};

/* Who stands behind a channel. */
enum host_owner {
    HOST_UNCLAIMED, /* restored; its server has not offered it again yet */
    HOST_OWNED,     /* a server */
    HOST_WITHDRAWN, /* nobody for good; it waits for RELID_RELEASED */
};

/* What the connected guest knows of a channel. */
enum host_known {
    HOST_UNOFFERED, /* nothing */
    HOST_OFFERED,   /* its relid */
    HOST_RELEASED,  /* it gave the relid up, and is not offered it again */
};

struct vmbus_host_channel {
    struct vmbus_host *host;
    struct vmbus_host_channel *next, *previous; /* in the order of publishing */
    struct chain by_instance;                   /* in host->by_instance */
    struct chain *gpadls;                       /* all of its GPADLs */
    struct vmbus_host_offer offer;
    struct vmbus_host_server server;
    void *context;
    enum host_channel_state state;
    enum host_owner owner;
    enum host_known known;
    bool rescinded; /* RESCIND was queued */
    uint32_t relid;
    uint8_t monitor; /* or HOST_NO_MONITOR */

    /* since OPENCHANNEL */
    uint32_t open_id;
    uint32_t gpadl;
    uint32_t downstream_page;
    uint32_t target_vp;
    uint32_t connection;
    uint16_t event_flag;
    uint8_t sint;
    uint8_t user_data[120];
    struct host_mapping in;
    struct host_mapping out;

    struct host_reply *open_reply; /* due for OPENING, or for a waiting open */
    bool open_waits;               /* OPENCHANNEL came while CLOSING: */
    struct wire_open waiting_open;
    struct host_reply *rescind_reply;
    uint32_t memory_maps; /* external memory that the server has mapped */
};

enum host_gpadl_state {
    HOST_GPADL_COLLECTING, /* frames are still arriving */
    HOST_GPADL_READY,
    HOST_GPADL_TEARING, /* answered when the server has let go */
};

struct host_gpadl {
    struct host_gpadl *next, *previous;
    struct chain by_handle;  /* in host->by_handle */
    struct chain of_channel; /* in channel->gpadls */
    struct vmbus_host_channel *channel;
    uint32_t handle;
    enum host_gpadl_state state;
    bool dead; /* its channel is rescinded: frames are only counted */
    bool told; /* the server was asked to unmap it */
    uint16_t range_count;
    uint32_t words;  /* announced: per range one, and one per frame */
    uint32_t filled; /* words that have arrived */
    uint32_t page_count;
    uint64_t *buffer; /* `words` words; once complete: the frames */
    struct vmbus_host_range *ranges;
    struct host_reply *reply; /* of CREATED or TORNDOWN, if one is due */
    void *base;               /* mapped by the server, or NULL */
};

/* INITIATE_CONTACT, taken apart. */
struct host_contact {
    uint32_t version;
    uint32_t target_vp;
    uint64_t target; /* interrupt page, or SINT, VTL and features */
    uint64_t monitor[2];
    struct vmbus_guid client_id;
    bool has_client_id;
};

/* Why all channels are being closed. */
enum host_drain {
    HOST_DRAIN_NONE,
    HOST_DRAIN_RESET,
    HOST_DRAIN_CONTACT, /* then answer `contact` */
    HOST_DRAIN_UNLOAD,  /* then UNLOAD_RESPONSE */
};

/*
 * What lower files call in upper ones, so that calls otherwise point down only.
 * host.c registers the functions when it creates a host half.
 */
struct host_upper {
    void (*pump)(struct vmbus_host *h);       /* pump.c: deliver what is due */
    void (*drain_step)(struct vmbus_host *h); /* drain.c: a server let go */
    void (*contact_answer)(struct vmbus_host *h, struct host_reply *r);
};

/* Kinds of lines that a guest can bring about, each limited in its rate. */
enum host_line {
    HOST_LINE_CONTACT,
    HOST_LINE_PAGES,
    HOST_LINE_LEFT,
    HOST_LINE_LOST,
    HOST_LINE_RINGS,
    HOST_LINES
};

/* Logs such a line, if it is due. */
#define host_log(h, kind, level, ...)                  \
    do {                                               \
        if (line_is_due(&(h)->lines[(kind)]))          \
            seam_log((h)->seam, (level), __VA_ARGS__); \
    } while (0)

/* The guest's request for the offers. */
enum host_offers {
    HOST_OFFERS_UNASKED,
    HOST_OFFERS_DUE,  /* ALL_OFFERS_DELIVERED is not delivered yet */
    HOST_OFFERS_TOLD, /* it is; what is published from now on is offered, too */
};

/* Whether the guest takes messages. */
enum host_flow {
    HOST_FLOWING,
    HOST_PAUSING, /* up to PAUSE_RESPONSE, which is not delivered yet */
    HOST_PAUSED,  /* none until it sends RESUME */
};

struct vmbus_host {
    struct seam *seam;
    const struct host_upper *upper;
    struct vmbus_host_ops ops;
    void *context;
    struct vmbus_host_config config;
    struct seam_lock lock;
    bool used;      /* something was published or a message came */
    bool restoring; /* between restore and restore_end */

    /* the connection */
    uint32_t version; /* 0: not connected */
    uint32_t features;
    uint32_t message_vp;
    uint8_t message_sint;
    enum host_offers offers;
    enum host_flow flow;
    struct vmbus_guid client_id;
    uint64_t monitor_gpa[2]; /* as in use; 0: none */
    uint64_t interrupt_gpa;
    struct wire_monitor_page *monitor_page; /* child to parent */
    struct wire_interrupt_page *interrupt_page;

    enum host_drain drain;
    bool draining; /* vmbus_host_drain_step is running */
    struct host_contact contact;
    struct host_reply *drain_reply;

    struct vmbus_host_channel *channels;
    struct vmbus_host_channel *last_channel;
    struct vmbus_host_channel *offer_from; /* none before it can be offered */
    struct vmbus_host_channel *relids[HOST_RELIDS];
    uint32_t free_from; /* all relids below are in use */
    struct vmbus_host_channel *monitors[HOST_MONITORS];
    struct chain *by_instance[HOST_INSTANCE_BUCKETS];
    struct host_gpadl *gpadls;
    struct chain *by_handle[HOST_GPADL_BUCKETS];
    uint32_t gpadl_count;
    uint32_t gpadl_pages;

    struct host_reply *first; /* to the guest, in order */
    struct host_reply *last;
    uint32_t reply_count;
    struct host_reply *spare;

    uint64_t rules[VMBUS_HOST_RULE_COUNT];
    uint64_t lines[HOST_LINES];
};

/* A message from the guest while it is handled: a private copy. */
struct host_message {
    const struct vmbus_message_info *info;
    uint32_t connection; /* that it was posted to */
    uint32_t type;
    uint32_t size;
    union {
        uint8_t bytes[WIRE_MESSAGE_MAX];
        struct wire_header header;
        struct wire_open open;
        struct wire_relid relid;
        struct wire_gpadl_header gpadl_header;
        struct wire_gpadl_body gpadl_body;
        struct wire_gpadl_teardown gpadl_teardown;
        struct wire_initiate_contact contact;
        struct wire_tl_connect tl_connect;
        struct wire_modify_channel modify;
        struct wire_modify_connection modify_connection;
    };
};

#endif
