/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The reference model: what may be said about every packet and every callback
 * without looking into KMCL.
 */
#ifndef TESTS_KMCL_MODEL_H
#define TESTS_KMCL_MODEL_H

#include "tests/kmcl/runner.h"

#define MODEL_PACKETS 4096u

/* A packet that a send has accepted. */
struct record {
    uint32_t serial; /* of its direction, 1.. */
    bool wait;
    bool received;
    bool restored; /* sent by a process that is no more */
    uint32_t ended;
    NTSTATUS status;
    uint32_t closes; /* of either end, when it was sent */
    VMBPACKET packet;
};

/* One end and the direction that it sends in. */
struct side {
    struct endpoint e;
    struct model *m;
    struct side *peer;
    bool is_server;
    bool enabled, active;
    bool lost; /* not enabled because the other side ended it */
    char last; /* last state-change callback: 0, O, S, P, X, C, F */
    bool hold;
    struct {
        VMBPACKETCOMPLETION pc;
        bool echo;
    } held[64];
    uint32_t held_count;
    struct record sent[MODEL_PACKETS];
    uint32_t sent_count;
    uint32_t last_received; /* serial of the peer's */
    bool in_packet;
};

/* Over all seeds. */
struct model_counters {
    uint64_t seeds, steps, packets, saves, closings;
};

struct model {
    struct world *w;
    void *page; /* to share */
    uint64_t random;
    uint64_t seed;
    uint32_t step;
    uint32_t closes;
    struct side client, server;
    struct model_counters counted;
};

uint32_t model_random(struct model *m, uint32_t below);

/* sides.c: endpoints whose callbacks check the rules. */
void side_make(struct model *m, struct side *s, bool server);
void side_end(struct side *s);
void side_send(struct side *s, uint32_t size, bool wait);
void side_complete(struct side *s, uint32_t which);
void side_complete_all(struct side *s);
void side_forget_ended(struct side *s);

/* Everything rests: what must be true of all packets then. */
void model_quiesce(struct model *m);

/* steps.c: one random step, legal or not. */
void model_step(struct model *m);

#endif
