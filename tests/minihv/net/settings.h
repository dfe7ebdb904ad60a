/* SPDX-License-Identifier: BSD-2-Clause */
/* The keys of opt/minihv.conf that begin with `net.`; README.md has the list.
 */
#ifndef MINIHV_NET_SETTINGS_H
#define MINIHV_NET_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

#include "switch.h"

enum { NET_DEVICES = 2, NET_EVENTS = 8 };

enum net_what {
    NET_DOWN,   /* the link goes down, and up again after a second */
    NET_CHANGE, /* the port has moved to another network */
    NET_REPLUG, /* the device goes, and comes back after a second */
    NET_PULL,   /* the same at once, while the guest sends */
};

/* Something that happens when the first device has sent so many frames. */
struct net_event {
    enum net_what what;
    uint32_t frames;
};

struct net_settings {
    uint32_t devices; /* 1 or 2, all on one switch */
    uint32_t version; /* newest NVSP version */
    uint32_t queues;  /* receive queues, 1 to 4; above 1: RSS */
    uint32_t link;    /* 0: no device has a link */
    struct switch_faults faults;
    uint32_t events;
    struct net_event event[NET_EVENTS];
};

void net_settings_default(struct net_settings *s);

/* Reads a key and its value, behind `net.`. Returns false if it is not
 * understood. Moves *text past what it has read. */
bool net_settings_take(const char **text, struct net_settings *s);

#endif
