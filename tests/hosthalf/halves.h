/*
 * The guest half against the host half: a scenario runs at every version and
 * feature set, each run being a test of its own. Neither half may refuse
 * anything that the other sends (pair_end).
 */
#ifndef TESTS_HOSTHALF_HALVES_H
#define TESTS_HOSTHALF_HALVES_H

#include "pair.h"

struct scenario {
    const char *name;
    void (*run)(const struct terms *t);
};

#define SCENARIO(name) \
    {                  \
#name, name    \
    }

/* Runs `count` scenarios, at most 10, as the cmocka group `group`. Returns the
 * number of tests that failed. */
int halves_run(const char *group, const struct scenario *scenarios,
               unsigned count);

/* A pair that is connected, echo 0 offered as instance 1. */
struct pair *begin_offered(const struct terms *t);

/* ---- requests that are answered later */

struct outcome {
    bool done;
    int status;
    uint32_t host_status;
};

/* Claims the only channel and starts to open it; the echo holds its answer. */
struct vmbus_channel *start_open(struct pair *p, struct outcome *o);

/* Starts to close it; the echo holds its answer. */
void start_close(struct pair *p, struct vmbus_channel *c, struct outcome *o);

/* Starts to tear down a GPADL. */
void start_teardown(struct vmbus_channel *c, uint32_t handle,
                    struct outcome *o);

/* Waits until there is an outcome, which must be `status`. */
void await(struct pair *p, struct outcome *o, int status);

#endif
