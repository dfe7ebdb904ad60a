/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A host for the network driver on real threads: the functions of KMCL and of
 * the platform that its data path calls. Packets go into a list, which a thread
 * of the host's empties.
 */
#ifndef UNIT_NETVSC_RACE_H
#define UNIT_NETVSC_RACE_H

#include <stdbool.h>
#include <stdint.h>

#include "drivers/network/base/driver.h"

#define HOST_QUEUES 3u

/* The adapter, with HOST_QUEUES channels; only the primary is open. */
struct network_driver *host_begin(void);

/* Starts and ends the thread that completes packets. host_end() completes all
 * that are left. */
void host_start(void);
void host_end(void);

/* Completes packets without a thread, until there are none. */
void host_work(void);

/* Opens sub-channel `index`, or closes it; as KMCL calls the driver. */
void host_open(uint32_t index);
void host_close(uint32_t index);

/* What the host was told last: a bit for each channel that it receives on. */
uint32_t host_receives_on(void);

/* Packets that were sent on a channel which was closed. */
uint32_t host_mistakes(void);

/* Data packets that were completed, on sub-channels and at all. */
uint64_t host_completed(uint64_t *beside);

#endif
