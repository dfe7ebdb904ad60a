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

/* The platform's: another default KMCL; the one of before. */
struct kmcl *world_set_default(struct kmcl *kmcl);

#endif
