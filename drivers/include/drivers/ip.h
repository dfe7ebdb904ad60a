/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The IP stack: lwIP on one Ethernet adapter, with IPv4 and IPv6, DHCP, address
 * autoconfiguration, names (DNS, mDNS) and time (SNTP).
 *
 * An application starts it, waits for an address, and opens sockets
 * (sockets.h). What it does not call is not in its image. docs/network.md has
 * an example.
 *
 * All of the stack runs under one lock, at DISPATCH: frames in deferred work,
 * time in a timer. So it answers while the application computes. lwIP's own raw
 * interface ("lwip/tcp.h" and so on) may be called between ip_enter() and
 * ip_leave(); its callbacks are called there.
 *
 * Results are 0 or a negative errno.
 */
#ifndef DRIVERS_IP_H
#define DRIVERS_IP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Characters of a text here, the final zero included. */
#define IP_TEXT_MAX    46u  /* an address */
#define IP_NAME_MAX    64u  /* a host name: 63 characters, as DNS has it */
#define IP_PROBLEM_MAX 200u /* what was expected, found, and is to be done */
#define IP_DNS_MAX     3u   /* servers for names */

/* ---- the adapter --------------------------------------------------------- */

/* A piece of a frame. */
struct ip_part {
    const void *bytes;
    uint32_t size;
};

/* Sums that an adapter can fill in. */
enum ip_fill {
    IP_FILL_TCP = 1,
};

/* What carries Ethernet frames: an adapter's driver fills it in. */
struct ip_link {
    void *context; /* passed to send() */
    /* Sends one frame, copied before it returns: `count` pieces, 1 to
     * IP_PARTS_MAX, from the Ethernet header to the last byte of data. `fill`:
     * enum ip_fill; these sums are not in the frame, the adapter fills them in.
     * The stack's lock is held: <= DISPATCH. 0, or a negative errno: the frame
     * is not sent (-EAGAIN: no room; ip_link_room() says when there is). */
    int (*send)(void *context, const struct ip_part *parts, unsigned count,
                uint32_t fill);
    uint8_t mac[6];
    uint16_t mtu;   /* bytes behind the Ethernet header: 576 to 9216; IPv6 asks
                       for 1280 and is left out with less */
    bool up;        /* is there a link at the start? */
    uint32_t fills; /* enum ip_fill: what send() may be asked for */
};

#define IP_PARTS_MAX 16u

/**
 * A frame has arrived. It is copied.
 *
 * @frame     from the Ethernet header on; no check has to precede
 * @size      in bytes; frames under 14 or over 65,535 are dropped
 * @verified  the adapter found the sums of IP, TCP and UDP right
 *
 * IRQL: <= DISPATCH, any processor, without the stack's lock.
 */
void ip_link_frame(const void *frame, uint32_t size, bool verified);

/**
 * The link came or went, or the adapter was moved to another network (first
 * false, then true). The address is asked for again.
 *
 * @up  is there a link?
 *
 * IRQL: <= DISPATCH, any processor, without the stack's lock.
 */
void ip_link_state(bool up);

/**
 * The adapter has room again: what TCP could not send goes out now.
 *
 * IRQL: <= DISPATCH, any processor, without the stack's lock.
 */
void ip_link_room(void);

/**
 * The adapter's offloads have changed.
 *
 * @fills  enum ip_fill: what send() may be asked for from now on
 *
 * IRQL: <= DISPATCH, any processor, without the stack's lock.
 */
void ip_link_fills(uint32_t fills);

/* ---- settings ------------------------------------------------------------ */

/* How the interface is configured. All zero but `dhcp`: as usual. */
struct ip_settings {
    bool dhcp; /* ask for the address; else it is the one below */
    uint8_t address[4], prefix, gateway[4]; /* gateway 0.0.0.0: none */
    bool ipv6;                              /* link-local and by routers */
    uint8_t address6[16];                   /* one more; zeros: none */
    char dns[IP_DNS_MAX][IP_TEXT_MAX];      /* "": not given */
    char name[IP_NAME_MAX]; /* "": vmbare- and the end of the MAC address */
    char time[IP_NAME_MAX]; /* SNTP: a server; "": whom DHCP names; "off" */
    uint8_t mac[6]; /* of the adapter that is to be used; zeros: the first */
    uint16_t mtu;   /* 0: the adapter's */
    uint16_t vlan;  /* 0: no tag; 1 to 4094 */
};

/**
 * Read the options net.address, net.gateway and so on (docs/network.md).
 *
 * @settings  filled with 0 only
 * @problem   receives what is wrong, IP_PROBLEM_MAX characters
 * @return    0; -EINVAL: an option has a value that cannot be
 *
 * IRQL: PASSIVE.
 */
int ip_settings_read(struct ip_settings *settings, char *problem);

/* ---- the stack ----------------------------------------------------------- */

/**
 * Read the options, open the host's adapter that they ask for (network.h), and
 * start the stack on it.
 *
 * @problem  receives why not, IP_PROBLEM_MAX characters
 * @return   0; -EINVAL: an option has a value that cannot be; -ENODEV: there is
 *           no such adapter, or none that is of use; -EALREADY; -ENOMEM
 *
 * IRQL: PASSIVE on processor 0.
 */
int ip_open(char *problem);

/**
 * Stop the stack and close the adapter of ip_open().
 *
 * IRQL: PASSIVE on processor 0.
 */
void ip_close(void);

/**
 * Start the stack on whatever carries frames; ip_open() does that.
 *
 * @link      copied; its context is used until ip_stop()
 * @settings  copied
 * @return    0; -EALREADY: it runs; -EINVAL: a setting cannot be; -ENOMEM
 *
 * IRQL: PASSIVE.
 */
int ip_start(const struct ip_link *link, const struct ip_settings *settings);

/**
 * Stop it: the address is given back to a DHCP server that can be reached.
 * Connections that were closed have 10 s to send what they have; others are
 * reset, calls of sockets that wait end with ENETDOWN. Frames
 * that arrive later are dropped.
 *
 * IRQL: PASSIVE. Without ip_start() nothing happens.
 */
void ip_stop(void);

/**
 * The settings that the stack works with.
 *
 * @settings  filled with true only
 * @return    false: it does not run
 *
 * IRQL: <= DISPATCH, without the stack's lock.
 */
bool ip_settings_now(struct ip_settings *settings);

/**
 * Work with other settings from now on: the address is given back, connections
 * from it end, and the new one is asked for or set. The adapter, MTU and VLAN
 * stay.
 *
 * @settings  copied
 * @return    0; -ENETDOWN: the stack does not run
 *
 * IRQL: <= DISPATCH, without the stack's lock.
 */
int ip_change(const struct ip_settings *settings);

/**
 * Wait until the interface has an IPv4 address, or a global one of IPv6.
 *
 * @deadline  of vmbare_now(); VMBARE_NOW, VMBARE_FOREVER
 * @return    0; -ETIMEDOUT: ip_facts() says what is missing; -ENETDOWN: the
 *            stack does not run
 *
 * IRQL: PASSIVE on processor 0.
 */
int ip_wait(uint64_t deadline);

/* Where the IPv4 address came from. */
enum ip_origin {
    IP_NO_ADDRESS,
    IP_FIXED,     /* the settings */
    IP_FROM_DHCP, /* a server */
    IP_OWN_CHOICE /* 169.254/16, because no server answered */
};

/* How far the stack has come. */
enum ip_state {
    IP_STOPPED, /* ip_start() was not called, or ip_stop() was */
    IP_NO_LINK, /* it runs on an adapter without a link */
    IP_LINK     /* frames pass */
};

/* What is known of the interface; addresses as text, "" for none. */
struct ip_facts {
    enum ip_state state;
    uint8_t mac[6];
    uint16_t mtu;
    enum ip_origin origin;
    char address[IP_TEXT_MAX], gateway[IP_TEXT_MAX];
    uint8_t prefix;
    unsigned address6_count;
    char address6[4][IP_TEXT_MAX]; /* those that may be used */
    char dns[IP_DNS_MAX][IP_TEXT_MAX];
    char name[IP_NAME_MAX]; /* NAME.local is answered by mDNS */
    bool time_known;        /* SNTP has answered */
    uint32_t seconds;       /* since the start, or since the link came */
    /* Without an address: why. */
    char problem[IP_PROBLEM_MAX];
    uint64_t frames_in, frames_out, frames_lost;
};

/**
 * Say what is known now.
 *
 * @facts  filled in
 *
 * IRQL: <= DISPATCH, without the stack's lock.
 */
void ip_facts(struct ip_facts *facts);

/**
 * The time of day: by SNTP once that has answered, until the host moves the own
 * clock by a second or more; else as vmbare_wall().
 *
 * @return  units of 100 ns since 1970-01-01 UTC
 *
 * IRQL: PASSIVE.
 */
int64_t ip_wall(void);

/* ---- lwIP's raw interface ------------------------------------------------ */

/**
 * Take the stack's lock, before calls of lwIP's raw interface. The level rises
 * to DISPATCH. Not twice, and not in a callback of lwIP, which is inside.
 *
 * IRQL: <= DISPATCH, any processor.
 */
void ip_enter(void);

/**
 * Give the lock back. What was sent to the stack's own addresses arrives first.
 */
void ip_leave(void);

#ifdef __cplusplus
}
#endif

#endif
