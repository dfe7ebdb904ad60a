/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a runner of the tests has beside the harness: the halves of the bus.
 */
#ifndef TESTS_KMCL_RUNNER_H
#define TESTS_KMCL_RUNNER_H

#include "harness.h"

struct vmbus_host;
struct vmbus_bus;

struct vmbus_host *world_host(struct world *w);
struct vmbus_bus *world_bus(struct world *w);
struct seam *world_seam(struct world *w);

/* Hosted only: bytes of seam_alloc that are not freed. */
uint64_t world_bytes(struct world *w);

/* Hosted only: the host half is saved and restored into a new one, and KMCL
 * attached anew, as in another process; the guest half notices nothing. In
 * `down` all channels end, in `up` they come back. */
void world_move_host(struct world *w, void (*down)(struct world *w),
                     void (*up)(struct world *w));

/* A world on a connected loopback bus; everything is given back at the end,
 * which is checked. */
struct world *world_create(void);
void world_destroy(struct world *w);

#endif
