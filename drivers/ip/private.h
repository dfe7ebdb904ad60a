/* SPDX-License-Identifier: BSD-2-Clause */
/* What the files of drivers/ip/ share with each other alone. */
#ifndef DRIVERS_IP_PRIVATE_H
#define DRIVERS_IP_PRIVATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "drivers/ip.h"
#include <lwip/autoip.h>
#include <lwip/netif.h>
#include "vmbare_events.h"

/* The interface, as long as the stack runs; under the stack's lock. */
struct ip_interface {
    bool running;
    struct ip_link link;
    struct ip_settings settings;
    struct netif netif;
    struct autoip autoip;
    char name[IP_NAME_MAX];
    uint64_t started;   /* or when the link came: of vmbare_now() */
    uint32_t announced; /* the IPv4 address that others were told of */
    uint64_t frames_in, frames_out, frames_lost;
    /* The addresses or the link have changed. */
    struct vmbare_event changed;
};

extern struct ip_interface ip_interface;

/* ---- context.c ----------------------------------------------------------- */

/** Initialize lwIP, once, and let its time pass from now on. PASSIVE. */
void ip_context_start(void);

/** Stop its time. What runs has ended when this returns. PASSIVE. */
void ip_context_stop(void);

/* ---- random.c ------------------------------------------------------------ */

/**
 * SipHash-2-4 of some bytes. Any IRQL.
 *
 * @secret  128 bits
 * @bytes   what to hash, `size` of them
 * @return  64 bits that nobody without the secret can tell
 */
uint64_t ip_siphash(const uint64_t secret[2], const void *bytes, size_t size);

/**
 * Mix the processor's random numbers, the clocks and `own` into the secret that
 * the stack's random numbers come from.
 *
 * @own   what differs between machines, `size` bytes
 *
 * IRQL: any, under the stack's lock.
 */
void ip_random_seed(const void *own, size_t size);

/* ---- frames.c ------------------------------------------------------------ */

/**
 * Make lwIP's interface for ip_interface.link; netif_add() calls it.
 *
 * @netif   ip_interface.netif
 * @return  ERR_OK
 *
 * Under the stack's lock.
 */
err_t ip_frames_init(struct netif *netif);

/* ---- configure.c --------------------------------------------------------- */

/** Begin with the addresses, names and time that the settings ask for. Under
 * the stack's lock; the interface exists. */
void ip_configure(void);

/** Give all of it back. Under the stack's lock. */
void ip_unconfigure(void);

/** The link came: ask again for what a network gives. Under the lock. */
void ip_configure_again(void);

/** Has the interface an address that others can reach? Under the lock. */
bool ip_has_address(void);

/* ---- wall.c -------------------------------------------------------------- */

/** Has SNTP answered? Under the stack's lock. */
bool ip_time_known(void);

#endif
