/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the files of drivers/hvsock/ share with each other alone.
 *
 * A socket of this family is an end. An end is a listener, or a stream with a
 * channel of its own. State changes happen at PASSIVE on processor 0, where
 * code changes only while it waits; so only what packets and completions touch
 * (struct hvsock_input, `under_way`, `wants_room`) needs a lock or atomics.
 */
#ifndef DRIVERS_HVSOCK_PRIVATE_H
#define DRIVERS_HVSOCK_PRIVATE_H

#include "drivers/hvsock.h"
#include "vmbare_events.h"
#include "vmbuskernelmodeclientlibapi.h"

/* The largest packet that is sent: a page with its header. [linux] */
#define PACKET_MOST 4088u
/* Packets that are sent and not in the ring yet: 64 KiB. */
#define UNDER_WAY_MOST 16u
/* Packets that are delivered and not read: at most 256 KiB. */
#define HELD_MOST 16u
/* Data pages of each ring; hosts before VMBus 5.0 know one size only. */
#define RING_PAGES     16u
#define RING_PAGES_OLD 5u
/* Bytes kept of a stream whose host has withdrawn the channel. */
#define REST_MOST (2u << 20)
/* Until a connection is there, and until a host takes what a closed stream has
 * sent, as Linux. docs/timeouts.md */
#define CONNECT_SECONDS 30
#define LINGER_SECONDS  8
/* The next look whether all closed streams have gone. */
#define STEP_SECONDS 0.01
/* After a channel that did not open; each one more doubles it. */
#define AGAIN_SECONDS  0.1
#define DOUBLINGS_MOST 8u

enum hvsock_state {
    HVSOCK_FRESH,
    HVSOCK_LISTENING,
    HVSOCK_WAITING,    /* a listener's, for the host to connect */
    HVSOCK_CONNECTING, /* the host was asked */
    HVSOCK_OPEN,
    HVSOCK_GONE, /* its channel has closed, or did not open */
};

/* What holds for an end besides its state. */
enum hvsock_flag {
    HVSOCK_RELEASED = 1,   /* nobody has it any more */
    HVSOCK_OVER = 2,       /* ... and nothing is awaited for it */
    HVSOCK_ASKED = 4,      /* the host has not answered */
    HVSOCK_BOUND = 8,      /* it has a service of its own */
    HVSOCK_ACCEPTED = 16,  /* the host has connected */
    HVSOCK_CONNECTED = 32, /* the caller knows that it is open */
    HVSOCK_SAID_END = 64,  /* it sends no more */
    HVSOCK_PAUSES = 128,   /* a listener after a failure, until its timer */
};

/* Bytes that outlive their channel. */
struct hvsock_rest {
    struct hvsock_rest *next;
    uint32_t size, at;
    uint8_t bytes[];
};

/* A packet that is not read to its end. */
struct hvsock_held {
    VMBPACKETCOMPLETION packet;
    const uint8_t *bytes;
    uint32_t size, at;
};

/* How far the host's direction has come. */
enum hvsock_flow {
    HVSOCK_FLOWS,
    HVSOCK_ENDED,  /* the host sends no more */
    HVSOCK_BROKEN, /* bytes are missing, or came behind the end */
};

/* What has arrived; under `lock`. */
struct hvsock_input {
    struct vmbare_lock lock;
    struct hvsock_held held[HELD_MOST];
    uint32_t first, count;
    enum hvsock_flow flow;
    bool discard; /* nobody reads any more */
    /* At PASSIVE alone, after the packets that are held. */
    struct hvsock_rest *rest, *last;
    uint32_t rest_bytes;
};

struct net_end {
    struct net_end *next; /* of all */
    enum hvsock_state state;
    int s;          /* whom to wake; -1: nobody */
    int error;      /* a negative errno that ends all calls; 0 */
    uint32_t flags; /* enum hvsock_flag */
    GUID service, endpoint;
    VMBCHANNEL channel; /* NULL: none */
    VMBPACKET last;     /* the end of the stream, until it is sent */
    struct vmbare_timer timer;
    uint32_t under_way, wants_room; /* atomic */
    struct hvsock_input input;

    /* A listener's. */
    unsigned backlog, ready, failures;
    struct net_end *listener; /* a stream's, until it is accepted */
    uint64_t order;           /* in which streams came */
    /* What becomes of its channel, for the listener; NULL: nobody's. */
    void (*opened)(struct net_end *stream);
    void (*failed)(struct net_end *stream);
};

/* Does a flag hold? */
static inline bool hvsock_is(const struct net_end *end, enum hvsock_flag flag)
{
    return (end->flags & flag) != 0;
}

/* ---- address.c ----------------------------------------------------------- */

/**
 * The service that an address names.
 *
 * @address  a caller's
 * @service  receives it; a port of 0 stays 0
 * @return   0; -EAFNOSUPPORT; -EINVAL: the port is above HVSOCK_PORT_MOST
 */
int hvsock_address_in(const struct net_address *address, GUID *service);

/* A service or an end for a caller; its port, too, if it has one. */
void hvsock_address_out(const GUID *guid, struct net_address *address);

/* The port of a service; 0: it has none. */
uint32_t hvsock_port(const GUID *guid);

/* Is it the GUID of a port, of 0, too? */
bool hvsock_is_template(const GUID *guid);

/* The GUID of a port. */
GUID hvsock_guid(uint32_t port);

/* ---- ends.c -------------------------------------------------------------- */

/* The first of all ends, or the next after one. PASSIVE. */
struct net_end *hvsock_next(const struct net_end *after);

/* A new end in the list; NULL: no memory, or too many. PASSIVE. */
struct net_end *hvsock_new(int s);

/* Nobody has the end any more. `over`: it does not wait for its host. PASSIVE.
 */
void hvsock_release(struct net_end *end, bool over);

/* Takes an end out of the list; it is not counted any more. PASSIVE. */
void hvsock_take_out(struct net_end *end);

/* Has somebody look soon at all ends. <= DISPATCH. */
void hvsock_tend(void);

/* Says who does that; a second time nothing changes. PASSIVE. */
void hvsock_ends_start(uint64_t (*tend)(void *context));

/* Is that queued or running? PASSIVE. */
bool hvsock_is_tending(void);

/* ---- tend.c -------------------------------------------------------------- */

/* Begins to free ends that are over, and lets listeners wait for one more.
 * PASSIVE. */
void hvsock_tend_start(void);

/* Returns when no end is left that is released. PASSIVE. */
void hvsock_tend_stop(void);

/* ---- channel.c ----------------------------------------------------------- */

/**
 * Makes the channel of a stream for `service`, and enables it.
 *
 * @end     CONNECTING: for `endpoint`; WAITING: for any that the host asks for
 * @return  0; -ENOMEM
 *
 * PASSIVE.
 */
int hvsock_channel_start(struct net_end *end);

/* Closes the channel and frees it, if there is one. May wait. PASSIVE. */
void hvsock_channel_stop(struct net_end *end);

/* ---- connect.c, listen.c ------------------------------------------------- */

/* As struct net_operations has it. PASSIVE. */
int hvsock_connect(struct net_end *end, const struct net_address *to);

/* As struct net_operations has it. PASSIVE. */
int hvsock_bind(struct net_end *end, const struct net_address *address);

/* As struct net_operations has it. PASSIVE. */
int hvsock_listen(struct net_end *end, unsigned backlog);

/* As struct net_operations has it. PASSIVE. */
int hvsock_accept(struct net_end *end, int s, struct net_end **accepted);

/* Lets a listener wait for one more, if it has room. PASSIVE. */
void hvsock_listen_more(struct net_end *listener);

/* ---- receive.c ----------------------------------------------------------- */

EVT_VMB_CHANNEL_PROCESS_PACKET hvsock_packet;

/* What is held and what the host had sent moves to memory of the end's own, as
 * the channel goes. Inside EvtChannelSuspend. */
void hvsock_keep_rest(struct net_end *end);

/* Nothing is kept from now on; what is there goes. PASSIVE. */
void hvsock_discard(struct net_end *end);

/* Are there bytes to read? PASSIVE. */
bool hvsock_has_bytes(struct net_end *end);

/* Has the host ended its direction, and nothing is missing? PASSIVE. */
bool hvsock_all_came(struct net_end *end);

/* What reading gives next: 1, bytes; 0, the end of the stream; -EAGAIN; why
 * there will be no more. PASSIVE. */
int hvsock_read_next(struct net_end *end);

/* As struct net_operations has it; `from` is not used. */
ssize_t hvsock_recv(struct net_end *end, void *bytes, size_t size,
                    struct net_address *from);

/* ---- send.c -------------------------------------------------------------- */

/* As struct net_operations has it. PASSIVE. */
ssize_t hvsock_send(struct net_end *end, const void *bytes, size_t size,
                    const struct net_address *to);

/* Sends the end of the stream, once. PASSIVE. */
void hvsock_send_end(struct net_end *end);

/* The routine of packets without bytes of the caller's. */
EVT_VMB_PACKET_COMPLETION_ROUTINE hvsock_sent;

/* Would send() take some bytes? */
bool hvsock_has_room(struct net_end *end);

#endif
