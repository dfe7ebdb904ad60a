/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the world's platforms, the build machine and the guest, do alike: a
 * bus on a loopback, KMCL on both, and memory.
 */
#ifndef TESTS_KMCL_WORLD_BUS_H
#define TESTS_KMCL_WORLD_BUS_H

#include "runner.h"

struct loopback;

/* *bus: a bus on this loopback, connected. */
void world_connect(struct world *w, struct loopback *loopback,
                   struct vmbus_bus **bus);

/* KMCL on the world's bus and host half, as the default one; the default one
 * of before. */
struct kmcl *world_attach(struct world *w);

/* Ends KMCL, the bus and the loopback. `before`: the default KMCL again. */
void world_disconnect(struct world *w, struct loopback *loopback,
                      struct kmcl *before);

void world_free_pages(struct world *w);

/* Callbacks of endpoints that have begun and not returned. A test begins on the
 * stack that runs now, and callbacks of the test before are forgotten. */
void world_callbacks_begin(struct world *w);

/* Around each callback, and each call of world_call_later(). */
void world_callback_enter(struct world *w);
void world_callback_leave(struct world *w);

/* Whether who calls this may wait for callbacks on other stacks: it is the test
 * itself, and not inside a callback. */
bool world_callbacks_wait(struct world *w);

/* All callbacks on other stacks have returned. */
bool world_callbacks_ended(void);

/* The platform's: another default KMCL; the one of before. */
struct kmcl *world_set_default(struct kmcl *kmcl);

#endif
