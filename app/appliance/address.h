/* SPDX-License-Identifier: BSD-2-Clause */
/* What a person wants to read of the network, the address first. */
#ifndef APPLIANCE_ADDRESS_H
#define APPLIANCE_ADDRESS_H

#include <stdbool.h>
#include <stdint.h>

#include "drivers/ip.h"

#define ADDRESS_LINES 7u  /* an address, a reason, four of IPv6, the adapter */
#define ADDRESS_WIDTH 68u /* of a line, the final zero included */

/* What is known of the network at one moment. */
struct address_facts {
    bool bus;          /* is there a VMBus that could offer an adapter? */
    unsigned adapters; /* that the host offers */
    bool chosen;       /* does net.adapter name one of them? */
    bool open;         /* does the stack run? Then `ip` is filled in. */
    struct ip_facts ip;
    char problem[IP_PROBLEM_MAX]; /* why it does not run; "" for none */
    uint32_t silent;              /* seconds since somebody looked */
};

/* Lines of text without newlines. */
struct address_words {
    unsigned count;
    char line[ADDRESS_LINES][ADDRESS_WIDTH];
};

/**
 * Say what is known: the address of IPv4 and the machine's name, or why there
 * is none; then the others of IPv6, and which adapter it is. Pure.
 *
 * @facts  what is known
 * @words  receives one line at least
 */
void address_say(const struct address_facts *facts,
                 struct address_words *words);

/**
 * What a wait has come to, for those who tell of changes: 10 s, a minute, ten
 * minutes and an hour without an address are worth another line. Pure.
 *
 * @seconds  so long
 * @return   the last of these that is over; 0: none
 */
uint32_t address_milestone(uint32_t seconds);

#endif
