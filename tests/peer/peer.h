/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The scripted peer: a VMBus host for tests of the guest half whose bytes are
 * written by hand from the protocol's description. It includes none of the
 * project's wire headers and uses none of its encoders: every number here is
 * an offset of the description, so a mistake of ours is not shared.
 *
 * By itself it answers each request at once and correctly. A rule for one
 * message type makes it slow, silent, refusing, repeating or rescinding. What
 * it got is kept byte for byte.
 */
#ifndef TESTS_PEER_H
#define TESTS_PEER_H

#include "hosted.h"
#include "vmbus/vmbus.h"

#define PEER_KEPT   16384u
#define PEER_GPADLS 64u

enum peer_answer {
    PEER_ANSWER,
    PEER_SILENT,
    PEER_REFUSE,         /* with `status` */
    PEER_TWICE,          /* answers two times */
    PEER_RESCIND,        /* rescinds the channel and does not answer */
    PEER_RESCIND_FIRST,  /* rescinds, then answers all the same */
    PEER_RESCIND_BEHIND, /* answers, then rescinds */
};

/* What to do on a message of one type. */
struct peer_rule {
    enum peer_answer answer;
    uint32_t status;  /* of a refusal */
    uint64_t delay;   /* of the answer, 100 ns */
    uint32_t only_at; /* this often it is answered normally first */
};

/* What happens to one message on its way to the guest. */
enum peer_fault {
    PEER_FAULT_DROP,
    PEER_FAULT_TWICE,
    PEER_FAULT_LATE,    /* by 65 s, beyond every deadline of 60 s */
    PEER_FAULT_CUT,     /* the last byte is missing */
    PEER_FAULT_RESCIND, /* relid 5 is rescinded before it */
    PEER_FAULT_GARBAGE, /* all behind the type is 0xFF */
    PEER_FAULTS
};

struct peer_message {
    uint32_t connection;
    uint32_t size;
    uint8_t bytes[240];
};

struct peer_gpadl {
    uint32_t handle; /* 0: free */
    uint32_t relid;
    uint32_t expected; /* pages */
    uint32_t got;
    uint32_t byte_count;
    uint32_t byte_offset;
    uint64_t *pfns;
    bool created;
};

struct peer {
    struct seam *s;
    struct vmbus_bus *bus;

    uint32_t newest;        /* the highest version it accepts */
    uint32_t oldest;        /* the lowest */
    uint32_t knows;         /* the highest that it answers at all; 0: any */
    uint32_t features;      /* what it has at 6.0 */
    bool no_multi;          /* knows no connection id 4 */
    bool only_multi;        /* knows no id 1 */
    uint32_t connection;    /* to adopt from 5.0 on; 0: none is sent */
    uint32_t response_size; /* of VERSION_RESPONSE; 0: by version */
    uint8_t contact_state;  /* byte 9 of VERSION_RESPONSE */
    struct peer_rule rules[32];

    int post_status;      /* what the next posts get ... */
    uint32_t post_misses; /* ... this many of them */
    uint32_t post_after;  /* after this many that are taken */
    int signal_status;
    uint32_t signal_misses;

    uint32_t fault_at; /* the message of this number (1..) to the guest */
    enum peer_fault fault;
    uint32_t sent; /* messages to the guest so far */

    struct peer_message in[PEER_KEPT]; /* all that came, in order */
    uint32_t in_count;
    uint32_t version;  /* accepted, 0: none */
    uint32_t seen[32]; /* by type */
    uint32_t signals;
    uint32_t last_signal; /* connection id */
    struct peer_gpadl gpadls[PEER_GPADLS];

    struct peer_offer *offers; /* sent when they are asked for */
    struct peer_out *out;
};

/* Who answers on `s` from now on; the bus is set with p->bus. */
struct peer *peer_create(struct seam *s);
void peer_destroy(struct peer *p);

/* An offer for the list, or (when the list was sent) at once. `flags16` and
 * the rest are raw fields. relid etc. as in the message. */
struct peer_offer {
    struct peer_offer *next;
    uint8_t bytes[196];
};

/* Makes a dedicated offer of `relid` with connection id 0x2000 | relid, type
 * bytes 11 11 .., instance bytes xx xx .. of `instance`; returned for changes
 * by hand before it goes out with the list. */
struct peer_offer *peer_offer(struct peer *p, uint32_t relid, uint8_t instance,
                              uint16_t subchannel);

/* Sends an offer now, list or not. */
void peer_send_offer(struct peer *p, const struct peer_offer *o);

/* Sends raw bytes to the guest `delay` from now. */
void peer_send(struct peer *p, const void *bytes, uint32_t size,
               uint64_t delay);

/* The same from text: "02 00 00 00 ..", blanks are ignored. */
void peer_send_hex(struct peer *p, const char *hex);

/* Short messages of `count` dwords behind the header. */
void peer_send_dwords(struct peer *p, uint32_t type, uint32_t count, ...);

void peer_rescind(struct peer *p, uint32_t relid);

/* Refuses messages of `type` with `status` from now on. */
void peer_refuse(struct peer *p, uint32_t type, uint32_t status);

/* Takes none of the next `count` messages: their posts end with `status`.
 * p->post_after are taken before. */
void peer_post_fails(struct peer *p, int status, uint32_t count);

/* Event flag on a processor. */
void peer_event(struct peer *p, uint32_t cpu, uint32_t relid);

/* The n-th message of `type` that came (0: first), or NULL. */
const struct peer_message *peer_got(const struct peer *p, uint32_t type,
                                    uint32_t n);

/* True if that message has exactly these bytes; ".." matches any byte. */
bool peer_got_hex(const struct peer *p, uint32_t type, uint32_t n,
                  const char *hex);

/* Position of the n-th message of `type` in the order of arrival; -1. */
int peer_position(const struct peer *p, uint32_t type, uint32_t n);

struct peer_gpadl *peer_gpadl(struct peer *p, uint32_t handle);

uint32_t peer_u32(const void *bytes, uint32_t at);
uint64_t peer_u64(const void *bytes, uint32_t at);

#endif
