/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A switch between the network devices of the guest and the outside, which can
 * lose, double, delay and reorder frames by a seed.
 */
#ifndef MINIHV_NET_SWITCH_H
#define MINIHV_NET_SWITCH_H

#include "rndis.h"

enum { SWITCH_PORTS = 3, SWITCH_WAITING = 512 };

/* Shares are in thousandths of all frames. */
struct switch_faults {
    uint32_t seed;
    uint32_t loss, twice;
    uint32_t late; /* share that waits for `late_us` more: it is overtaken */
    uint32_t late_us;
    uint32_t delay_us; /* of every frame */
};

/* What happens to one frame. */
struct switch_fate {
    uint32_t copies; /* 0: lost */
    uint32_t delay_us;
};

/* Decides by *random, which it moves on. */
struct switch_fate switch_decide(const struct switch_faults *faults,
                                 uint64_t *random);

struct net_port {
    const uint8_t *mac; /* NULL: the outside, which has many */
    /* Takes a frame, which is read only, with all but its large sum right. */
    void (*deliver)(struct net_port *port, const struct net_frame *frame);
};

void switch_prepare(const struct switch_faults *faults);
void switch_join(struct net_port *port);

/* Sends a frame from a port to those whom it concerns, now or later. */
void switch_send(struct net_port *from, const struct net_frame *frame);

/* Delivers the frames that are due at `now` (reference time, 100 ns). */
void switch_run(uint64_t now);

/* Frames lost, doubled and overtaken on purpose, and those that found no
 * memory to wait in. */
struct switch_counts {
    uint64_t passed, lost, doubled, late, dropped;
};
const struct switch_counts *switch_counted(void);

#endif
