/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * KMCL, both halves of the bus and the loopback between them, as the suites
 * threads, liveness and many put them on their platforms; and how such a
 * platform says something and fails.
 */
#ifndef TESTS_LOOPED_H
#define TESTS_LOOPED_H

#include <stdint.h>

#include "kmcl/kmcl.h"
#include "vmbus/loopback.h"
#include "vmbus/vmbus.h"

struct looped {
    struct seam *s;
    struct loopback *loopback;
    struct vmbus_bus *bus;
    struct kmcl *kmcl;
};

/* The platform's: messages and signals of `s` go to `loopback` from now on. */
void looped_route(struct seam *s, struct loopback *loopback);

/* Connects a bus over a new loopback and attaches KMCL with its server half.
 * What fails ends the program. PASSIVE. */
void looped_connect(struct looped *l, struct seam *s);

/* The opposite, in reverse; the bus may have been unloaded before. No channel
 * is left. PASSIVE. */
void looped_disconnect(struct looped *l);

/* The number in the environment variable `name`; `otherwise` if there is none.
 */
uint32_t looped_number(const char *name, uint32_t otherwise);

/* Prints `not ok` with this reason and ends the program. */
_Noreturn void looped_fail(const char *why);

#endif
