/*
 * The guest's side of dynamic memory, on KMCL alone: version, capabilities,
 * pressure reports, balloon up and down, hot add.
 *
 *     start -> VERSION (2.0, 1.0, 0.3) -> CAPABILITIES -> RUNNING
 */
#ifndef BALLOON_DYNMEM_H
#define BALLOON_DYNMEM_H

#include <stdbool.h>
#include <stdint.h>

#include "vmbuskernelmodeclientlibapi.h"

enum dynmem_state {
    DYNMEM_CLOSED,
    DYNMEM_ASKING_VERSION,
    DYNMEM_ASKING_CAPABILITIES,
    DYNMEM_RUNNING,
    DYNMEM_REFUSED, /* the host accepts none of our versions */
};

/* Zero before dynmem_start; read the counters at will. */
struct dynmem {
    VMBCHANNEL channel;
    enum dynmem_state state;
    uint32_t version; /* asked last; accepted when RUNNING */
    uint32_t transaction;
    bool reports_wanted; /* the host has not waived pressure reports */

    uint64_t ballooned;  /* pages that the host has now */
    uint64_t added;      /* pages that were hot-added */
    uint64_t boot_pages; /* the allocator's, at start */
    uint64_t requests, responses, reports;
    uint64_t refused;     /* messages of the host that made no sense */
    uint64_t send_failed; /* no packet object, or the send was refused */
};

/* Enables the channel: it opens when the host's offer is there. */
NTSTATUS dynmem_start(struct dynmem *d);

/* Sends a pressure report; to be called about once a second. */
void dynmem_report(struct dynmem *d);

/* Closes the channel. What the host has stays the host's. */
void dynmem_stop(struct dynmem *d);

/* Shared by the files of this folder. */

/* Sends `size` bytes in a packet of KMCL's, which frees itself. */
bool dynmem_send(struct dynmem *d, void *message, uint16_t type,
                 uint32_t transaction, uint32_t size);

/* The host's requests. Each gets the message's private copy. */
void dynmem_balloon(struct dynmem *d, const void *message, uint32_t size);
void dynmem_unballoon(struct dynmem *d, const void *message, uint32_t size);
void dynmem_hot_add(struct dynmem *d, const void *message, uint32_t size);

#endif
