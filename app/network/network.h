/* SPDX-License-Identifier: BSD-2-Clause */
/* What the files of app/network/ share. */
#ifndef APP_NETWORK_NETWORK_H
#define APP_NETWORK_NETWORK_H

#include <stdbool.h>
#include <stdint.h>

#include "drivers/network.h"
#include "vmbare_events.h"

#define FRAME_MOST 65536u

/* A frame that is built, or that was received. */
struct frame {
    uint32_t size;
    uint32_t good;     /* enum network_good, of a received one */
    uint16_t vlan;     /* likewise */
    uint16_t segments; /* likewise */
    uint8_t bytes[FRAME_MOST];
};

/* What an adapter has received, for one who waits for it. */
struct inbox {
    struct vmbare_lock lock; /* of `last`: frames of several channels come */
    bool (*wants)(const uint8_t *bytes, uint32_t size); /* NULL: nothing */
    uint32_t count; /* wanted ones that came; release, acquire */
    struct frame last;
    uint32_t links[6]; /* how often each enum network_link was told */
};

/* An open adapter. */
struct adapter {
    struct network network;
    struct inbox inbox;
    uint8_t mac[6];
};

/* ---- adapter.c ----------------------------------------------------------- */

/* Prints a line of TAP. Returns `good`. PASSIVE. */
bool say_result(bool good, const char *what);

/*
 * Opens an adapter and waits until it is up. `a` is zero. False: it is not, and
 * a line has said why. PASSIVE.
 */
bool adapter_open(struct adapter *a, const struct network_settings *settings);

/* Closes it and prints its counters as `name`; nothing if it was not opened.
 * PASSIVE. */
void adapter_close(struct adapter *a, const char *name);

/*
 * Sends a frame; waits for room if there is none. `options` may be NULL.
 * Returns network_send()'s status. PASSIVE.
 */
NTSTATUS adapter_send(struct adapter *a, const struct frame *f,
                      const struct network_send_options *options);

/* Waits until `count` wanted frames have come. False: a minute has passed.
 * PASSIVE. */
bool adapter_await(struct adapter *a, uint32_t count);

/* ---- frames.c ------------------------------------------------------------ */

/* Two addresses of IPv4, in the order of the wire. */
struct ends {
    uint8_t from[4], to[4];
    uint8_t mac_from[6], mac_to[6];
};

/* Begins a frame: Ethernet and IPv4 for `size` bytes of `protocol`. Returns
 * where these go. The header's sum is right. */
uint8_t *frame_ip(struct frame *f, const struct ends *e, uint8_t protocol,
                  uint32_t size);

/* The same with UDP; returns where the data go. The sum of UDP is missing. */
uint8_t *frame_udp(struct frame *f, const struct ends *e, uint16_t from,
                   uint16_t to, uint32_t size);

/* Fills in the sum of UDP, when the data are there. */
void frame_udp_sum(struct frame *f);

/* The same with TCP, whose sum is not filled in. */
uint8_t *frame_tcp(struct frame *f, const struct ends *e, uint32_t sequence,
                   uint32_t size);

/* An ARP request of e->from for e->to. */
void frame_arp(struct frame *f, const struct ends *e);

/* An ICMP echo request with `size` bytes of data. */
void frame_ping(struct frame *f, const struct ends *e, uint16_t number,
                uint32_t size);

/* True: the sums of IPv4, and of UDP or TCP behind it, are right. */
bool frame_sums_good(const uint8_t *bytes, uint32_t size);

/* Reads a big-endian number of 16 bits. */
uint32_t frame_get16(const uint8_t *at);

/* The same with 32 bits. */
uint32_t frame_get32(const uint8_t *at);

/* Writes a big-endian number of 16 bits. */
void frame_put16(uint8_t *at, uint32_t value);

/* The same with 32 bits. */
void frame_put32(uint8_t *at, uint32_t value);

/* ---- outside.c, pair.c --------------------------------------------------- */

/*
 * Talks with the network that the adapter is on: DHCP, ARP, `pings` echoes.
 * Each step prints a line of TAP. False: one has failed. PASSIVE.
 */
bool outside_talk(struct adapter *a, uint32_t pings);

/* Asks for echoes, while the link is up, until `is_over`. After outside_talk().
 * PASSIVE. */
void outside_load(struct adapter *a, bool (*is_over)(struct adapter *a));

/* Exchanges frames between two adapters of one switch. As above. */
bool pair_talk(struct adapter *a, struct adapter *b);

/* ---- flows.c ------------------------------------------------------------- */

/* Waits until the adapter has `count` channels. False: it has more, or a minute
 * has passed. PASSIVE. */
bool flows_await_channels(struct adapter *a, uint32_t count);

/* Sends many flows from one adapter to another, which have `channels` channels
 * each, 2 or more. As above. */
bool flows_talk(struct adapter *a, struct adapter *b, uint32_t channels);

#endif
