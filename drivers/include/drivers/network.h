/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A network adapter: the contract of drivers/network/. Ethernet frames go out
 * and come in; the host may check, fill in and cut them (offloads). On KMCL
 * alone; NVSP 6.1 down to 1, RNDIS.
 *
 *     closed -> ABSENT -> OPENING -> UP <-> DOWN
 *                 ^          |        |
 *                 |          v        v the host takes the adapter away
 *                 |       REFUSED   ABSENT
 *                 +--- it comes back: OPENING again, by itself
 *
 * Frames are without a VLAN tag and without a checksum behind them:
 * destination, source, type, data. A tag travels beside its frame.
 */
#ifndef DRIVERS_NETWORK_H
#define DRIVERS_NETWORK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vmbuskernelmodeclientlibapi.h"

#ifdef __cplusplus
extern "C" {
#endif

/* network_send() has no room now; Windows' number. */
#ifndef STATUS_DEVICE_BUSY
#define STATUS_DEVICE_BUSY ((NTSTATUS)0x80000011)
#endif

#define NETWORK_MAC_SIZE    6u
#define NETWORK_HEADER_SIZE 14u   /* of Ethernet, before the data */
#define NETWORK_MTU         1500u /* bytes of IP, where nothing else is said */
#define NETWORK_MTU_LEAST   576u
#define NETWORK_MTU_MOST    9000u

/* What the host does for the guest; each can be left out. */
enum network_offload {
    NETWORK_TX_CHECKSUM = 1, /* fills in the sums of what is sent */
    NETWORK_RX_CHECKSUM = 2, /* says which sums of what is received are right */
    NETWORK_LARGE_SEND = 4,  /* cuts a TCP segment of up to 60 KB */
    NETWORK_RSC = 8,         /* coalesces TCP segments that are received */
    NETWORK_OFFLOADS = 0xF,  /* all of them */
    /*
     * Several channels, one for each processor that the host has one for: then
     * `received` and `batch` come on several processors at a time.
     */
    NETWORK_SUBCHANNELS = 0x10,
};

/* Which of several adapters. */
enum network_which {
    NETWORK_FIRST,  /* the one that is offered first, now or later */
    NETWORK_INDEX,  /* number `index` in the order of the offers, from 0 on */
    NETWORK_BY_MAC, /* the one with the address `mac` */
};

/* What is asked of an adapter. */
struct network_settings {
    enum network_which which;
    uint32_t index;
    uint8_t mac[NETWORK_MAC_SIZE];
    uint16_t vlan;     /* 1..4094: only its frames come and go; 0: none */
    uint32_t mtu;      /* NETWORK_MTU_LEAST..MOST; 0: NETWORK_MTU. The host may
                          allow less: network_mtu() */
    uint32_t offloads; /* enum network_offload: those that are wanted */
};

/* What of a frame the host has found right. */
enum network_good {
    NETWORK_IP_GOOD = 1,  /* the header sum of IPv4 */
    NETWORK_TCP_GOOD = 2, /* the sum; of a coalesced frame the sum before, so
                             the field itself may be wrong */
    NETWORK_UDP_GOOD = 4,
};

/* A received frame. */
struct network_frame {
    const uint8_t *bytes; /* from the Ethernet header on */
    uint32_t size;
    uint32_t good;     /* enum network_good; what is not set must be checked */
    uint16_t vlan;     /* 0: none, or the one of the settings */
    uint8_t priority;  /* of the VLAN tag, 0..7 */
    uint16_t segments; /* coalesced ones; 1: the frame is as it was sent */
    uint32_t segment_size; /* bytes of the first one's data; 0 with 1 segment */
};

/* What has become of the adapter. */
enum network_link {
    NETWORK_ABSENT,  /* the host offers none, or not this one */
    NETWORK_OPENING, /* it is offered: the agreement with the host is going on
                      */
    NETWORK_DOWN,    /* the cable is out */
    NETWORK_UP,      /* frames pass */
    NETWORK_CHANGED, /* still up, on another network: ask for an address again,
                        announce it. A moment only; network_link() says UP */
    NETWORK_REFUSED, /* offered and of no use: network_problem() says why */
};

/* What the driver reports. Each may be NULL. */
struct network_events {
    void *context;
    /*
     * A frame, whose memory is the driver's again when this returns. From
     * deferred work at DISPATCH (or PASSIVE), never twice at a time, but
     * with NETWORK_SUBCHANNELS on several processors, each of which has flows
     * of its own. It may send.
     */
    void (*received)(void *context, const struct network_frame *frame);
    /*
     * The end of a batch of frames, as above: what was put off until now is to
     * be done.
     */
    void (*batch)(void *context);
    /*
     * The link. <= DISPATCH, and maybe while `received` runs on another
     * processor: note it, and do the work elsewhere.
     */
    void (*link)(void *context, enum network_link link);
    /*
     * network_send() has said STATUS_DEVICE_BUSY, and has room
     * again. From deferred work at DISPATCH. It may send.
     */
    void (*room)(void *context);
};

/* Counters since network_open(), over all openings of the channel. */
struct network_statistics {
    uint64_t frames_sent, bytes_sent;
    uint64_t packets_sent;       /* VMBus packets with frames: several go
                                    in one when many are sent */
    uint64_t sent_by_pages;      /* of them: too large for a section */
    uint64_t sent_beside;        /* frames on sub-channels */
    uint64_t sends_failed;       /* which the host did not take */
    uint64_t sends_without_room; /* refused by network_send() */
    uint64_t frames_received, bytes_received;
    uint64_t received_beside;  /* frames on sub-channels */
    uint64_t packets_received; /* VMBus packets with frames */
    uint64_t coalesced;        /* frames of several segments */
    uint64_t segments;         /* that these had */
    uint64_t other_vlan;       /* frames of another VLAN, dropped */
    uint64_t refused;          /* what the host sent that makes no sense */
    uint64_t link_changes, openings; /* indications; times it became ready */
    const char *last_refused;        /* why; NULL: never */
};

struct network_driver;

/* Zero before network_open. */
struct network {
    struct network_driver *driver; /* the driver's own */
};

/**
 * Looks for the adapter and opens it. Without an adapter it waits for one, and
 * `link` reports what comes of it; with NETWORK_BY_MAC all adapters that are
 * offered now are asked for their address, and the call returns when one has
 * it. Allocates all memory that the driver uses.
 *
 * @n         zero, or freed
 * @settings  copied
 * @events    copied; called from now on until network_close() returns
 *
 *   STATUS_SUCCESS                 it is open, opens, or is waited for
 *   STATUS_INVALID_PARAMETER_2     a setting is out of its range
 *   STATUS_OBJECT_NAME_NOT_FOUND   no adapter has this address or index now
 *   STATUS_INSUFFICIENT_RESOURCES  no memory
 *   others                         KMCL's
 *
 * IRQL: PASSIVE.
 */
NTSTATUS network_open(struct network *n,
                      const struct network_settings *settings,
                      const struct network_events *events);

/**
 * Waits until the adapter is up, down or refused.
 *
 * @n        open
 * @seconds  at most so long
 * @return   what it is then
 *
 * IRQL: PASSIVE, not in a callback.
 */
enum network_link network_wait(struct network *n, double seconds);

/**
 * Closes: the filter is cleared, frames under way end, the buffers come back.
 * No event comes any more. network_open() cannot follow, network_free() must.
 *
 * @n  open
 *
 * IRQL: PASSIVE, not in a callback.
 */
void network_close(struct network *n);

/**
 * Gives all memory back; closes first if it is open.
 *
 * @n  as network_open() left it, whatever it returned
 *
 * IRQL: PASSIVE, not in a callback.
 */
void network_free(struct network *n);

/* A piece of a frame. */
struct network_segment {
    const void *bytes;
    uint32_t size;
};

/* What the host is to fill in; the fields' contents before do not matter. */
enum network_fill {
    NETWORK_FILL_IP = 1, /* header sum of IPv4 */
    NETWORK_FILL_TCP = 2,
    NETWORK_FILL_UDP = 4,
};

/* How a frame is sent. */
struct network_send_options {
    uint32_t fill;    /* enum network_fill */
    uint32_t mss;     /* 0, or the data bytes of each segment that the host cuts
                         this TCP frame into; all sums are filled in then */
    uint16_t vlan;    /* 0: that of the settings */
    uint8_t priority; /* of the VLAN tag */
    bool more;        /* another frame or network_flush() follows soon, so this
                         one may wait for it */
};

/* The most that a frame with `mss` may have. */
#define NETWORK_LARGE_MOST 61440u

/**
 * Sends a frame. Its bytes are copied before this returns. While many frames
 * are under way, small ones wait for the next completion and then go together.
 *
 * @n        open
 * @parts    `count` pieces of the frame, in order
 * @options  NULL: none
 *
 *   STATUS_SUCCESS                          it is under way
 *   STATUS_DEVICE_BUSY                      no room: `room` will be called
 *   STATUS_DEVICE_REMOVED                   the adapter is neither up nor down
 *   STATUS_INVALID_PARAMETER                shorter than an Ethernet header,
 *                                           longer than the MTU (or, with an
 *                                           mss, than NETWORK_LARGE_MOST), or
 *                                           not the headers that `options`
 *                                           speaks of
 *   STATUS_NOT_SUPPORTED                    an offload that is not on:
 *                                           network_offloads()
 *   STATUS_INSUFFICIENT_RESOURCES           no packet object
 *
 * IRQL: <= DISPATCH, any processor. Frames of one caller at a time keep their
 * order; with NETWORK_SUBCHANNELS those of one flow (addresses and ports) do,
 * until a channel comes or goes.
 */
NTSTATUS network_send(struct network *n, const struct network_segment *parts,
                      uint32_t count,
                      const struct network_send_options *options);

/**
 * Sends what waits because of `more`. IRQL: <= DISPATCH.
 *
 * @n  open
 */
void network_flush(struct network *n);

/* ---- queries: any IRQL --------------------------------------------------- */

/**
 * The adapter's state now; never NETWORK_CHANGED.
 *
 * @n       open
 * @return  see enum network_link
 */
enum network_link network_link(const struct network *n);

/**
 * Its address; zeros until it was up or down once.
 *
 * @n    open
 * @mac  receives it
 */
void network_mac(const struct network *n, uint8_t mac[NETWORK_MAC_SIZE]);

/**
 * The bytes of IP that a frame may have, as agreed with the host.
 *
 * @n       open
 * @return  at most that of the settings
 */
uint32_t network_mtu(const struct network *n);

/**
 * The offloads that are wanted and that the host has.
 *
 * @n       open
 * @return  enum network_offload; may differ after NETWORK_OPENING. Of
 *          NETWORK_SUBCHANNELS network_channels() tells
 */
uint32_t network_offloads(const struct network *n);

/**
 * The protocol's version, as 0x60001 for 6.1.
 *
 * @n       open
 * @return  0: not agreed yet
 */
uint32_t network_version(const struct network *n);

/**
 * The channels that frames pass on: more come with NETWORK_SUBCHANNELS, soon
 * after the adapter is up, if the host has them.
 *
 * @n       open
 * @return  1 or more
 */
uint32_t network_channels(const struct network *n);

/**
 * The counters.
 *
 * @n    open
 * @out  receives them; each is right, and they may be from different moments
 */
void network_statistics(const struct network *n,
                        struct network_statistics *out);

/**
 * Why the adapter is refused or absent: expected, found, what to do.
 *
 * @n       open, or what network_open() left after a failure
 * @return  "" if there is nothing to say; valid until network_free()
 */
const char *network_problem(const struct network *n);

#ifdef __cplusplus
}
#endif

#endif
