/*
 * Both halves over the loopback: one seam, a host half with one echo server
 * per channel, a guest half.
 *
 * The echo answers each in-band packet with a completion of the same bytes,
 * each GPA-direct packet with a completion that holds the sum of the bytes it
 * describes.
 */
#ifndef TESTS_HOSTHALF_PAIR_H
#define TESTS_HOSTHALF_PAIR_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/peer/hosted.h"
#include "vmbus/host.h"
#include "vmbus/loopback.h"
#include "vmbus/packet.h"
#include "vmbus/vmbus.h"

#define PACKET_MAX 512u

/* One way of being connected; the tests run for each. */
struct terms {
    uint32_t version;
    uint32_t features; /* of both halves; what comes out is the common part */
};

struct echo {
    struct pair *pair;
    struct vmbus_host_channel *channel;
    struct ring_reader in;
    struct ring_writer out;
    struct seam_work work;
    uint8_t instance;
    uint16_t index;
    bool open;
    bool hold_open, hold_close; /* answered by the test */
    unsigned opens, closes, restores, packets, events;
    uint32_t gpadl; /* the last one told of */
    bool mapped;    /* by the test: given back when asked */
};

struct pair {
    struct terms terms;
    struct seam *s;
    struct vmbus_host_config host_config;
    struct loopback *lb;
    struct vmbus_bus *bus;
    struct vmbus_observer observer;
    bool starved; /* the guest half may refuse a message for lack of memory */
    bool monitor; /* offers have a monitor */
    bool sending; /* the guest half is inside a seam call */
    unsigned offered, rescinded;
    struct echo echo[4];

    /* the guest's end of its channel */
    struct vmbus_channel *c;
    unsigned events;
    uint32_t event_cpu;
    unsigned answers, wanted;
    uint64_t last_transaction;
    uint8_t last[PACKET_MAX];
    uint32_t last_size;
};

/* Makes both halves, not yet connected. `terms` is copied. */
struct pair *pair_begin(const struct terms *terms);

/* Ends them. Nobody may have broken a rule or refused a message. */
void pair_end(struct pair *p);

void pair_connect(struct pair *p);

/* What the echo of instance byte `instance` and this index offers. */
struct vmbus_host_offer pair_offer(uint8_t instance, uint16_t index);

/* Echo number `n`: instance byte `instance`, sub-channel `index`. */
void pair_publish(struct pair *p, unsigned n, uint8_t instance, uint16_t index);
void pair_withdraw(struct pair *p, unsigned n);

/* How pair_open opens: `pages` and one more, the echo's answers counted. */
struct vmbus_open pair_parameters(struct pair *p, uint32_t pages, uint32_t cpu);

/* Claims and opens `pages` + `pages` on processor `cpu`. */
struct vmbus_channel *pair_open(struct pair *p, uint8_t instance,
                                uint16_t index, uint32_t pages, uint32_t cpu);
void pair_close(struct pair *p, struct vmbus_channel *c);

/* Lets go of a channel that is closed, or not open yet. */
void pair_unclaim(struct pair *p, struct vmbus_channel *c);

/* Sends `count` packets of different sizes through p->c and checks every
 * answer. */
void pair_echo(struct pair *p, unsigned count);

/* One GPA-direct packet over `bytes` at `offset` of `pages`. */
void pair_send_pages(struct pair *p, uint8_t *pages, uint32_t offset,
                     uint32_t bytes);

struct vmbus_host *pair_host(struct pair *p);
struct vmbus_host_status pair_status(struct pair *p);

/* Saves the host half and restores it into a new one; echoes claim theirs. */
void pair_move(struct pair *p);

#endif
