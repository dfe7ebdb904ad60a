/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The guest's side of dynamic memory, on KMCL alone: version, capabilities,
 * pressure reports, balloon up and down, hot add.
 *
 *     start -> VERSION (2.0, 1.0, 0.3) -> CAPABILITIES -> RUNNING
 */
#ifndef DRIVERS_DYNAMIC_MEMORY_H
#define DRIVERS_DYNAMIC_MEMORY_H

#include <stdbool.h>
#include <stdint.h>

#include "vmbuskernelmodeclientlibapi.h"

#ifdef __cplusplus
extern "C" {
#endif

/* How far the talk with the host has come. */
enum dynmem_state {
    DYNMEM_CLOSED,
    DYNMEM_ASKING_VERSION,
    DYNMEM_ASKING_CAPABILITIES,
    DYNMEM_RUNNING,
    DYNMEM_REFUSED, /* the host accepts none of our versions, 2.0 to 0.3 */
    DYNMEM_FAILED,  /* the device is there and cannot be opened */
};

/* Zero before dynmem_start; read the counters at will. */
struct dynmem {
    VMBCHANNEL channel;
    enum dynmem_state state;
    uint32_t version;     /* asked last; accepted when RUNNING */
    NTSTATUS open_status; /* with DYNMEM_FAILED: why */
    uint32_t transaction;
    bool reports_wanted; /* the host has not waived pressure reports */

    uint64_t ballooned;  /* pages that the host has now */
    uint64_t added;      /* pages that were hot-added */
    uint64_t boot_pages; /* the allocator's, at start */
    uint64_t requests, responses, reports;
    uint64_t refused;     /* messages of the host that made no sense */
    uint64_t send_failed; /* no packet object, or the send was refused */
};

/**
 * Enables the channel: it opens when the host's offer is there.
 *
 * @d       zero, or stopped
 * @return  a success, or what VmbChannelAllocate or a later call of KMCL
 *          returned
 */
NTSTATUS dynmem_start(struct dynmem *d);

/**
 * Sends a pressure report; to be called about once a second.
 *
 * @d  started; nothing is sent unless it runs
 */
void dynmem_report(struct dynmem *d);

/**
 * Closes the channel. What the host has stays the host's.
 *
 * @d  started
 */
void dynmem_stop(struct dynmem *d);

#ifdef __cplusplus
}
#endif

#endif
