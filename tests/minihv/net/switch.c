/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The switch knows the address of each of its devices, so it learns nothing: a
 * frame for one of them goes there, all others go to every other port.
 *
 *   switch_send --> lost | now | doubled
 *                          |
 *        delay or late --> waiting, by due time --> switch_run
 */
#include "switch.h"

#include <stddef.h>

#include "heap.h"
#include "minihv.h"

/* A frame that waits, with its bytes behind it. */
struct waiting {
    struct waiting *next;
    uint64_t due;
    struct net_port *from;
    struct net_frame frame;
    uint8_t bytes[];
};

static struct switch_faults faults;
static uint64_t state;
static struct net_port *ports[SWITCH_PORTS];
static struct waiting *queue;
static uint32_t queued;
static struct switch_counts counts;

/* ---- ports --------------------------------------------------------------- */

void switch_prepare(const struct switch_faults *wanted)
{
    faults = *wanted;
    state = UINT64_C(0x9E3779B97F4A7C15) ^ faults.seed;
}

void switch_join(struct net_port *port)
{
    for (uint32_t i = 0; i < SWITCH_PORTS; i++)
        if (!ports[i]) {
            ports[i] = port;
            return;
        }
    minihv_failed("the switch has only %d ports", SWITCH_PORTS);
}

static bool is_for(const struct net_port *port, const uint8_t *frame)
{
    if (!port->mac)
        return false;
    for (uint32_t i = 0; i < 6; i++)
        if (frame[i] != port->mac[i])
            return false;
    return true;
}

static void deliver(struct net_port *from, const struct net_frame *frame)
{
    for (uint32_t i = 0; i < SWITCH_PORTS; i++)
        if (ports[i] && ports[i] != from && is_for(ports[i], frame->data)) {
            ports[i]->deliver(ports[i], frame);
            return;
        }
    for (uint32_t i = 0; i < SWITCH_PORTS; i++)
        if (ports[i] && ports[i] != from)
            ports[i]->deliver(ports[i], frame);
}

/* ---- waiting ------------------------------------------------------------- */

static void wait_until(uint64_t due, struct net_port *from,
                       const struct net_frame *frame)
{
    struct waiting **at = &queue, *w = NULL;

    if (queued < SWITCH_WAITING)
        w = heap_alloc(sizeof *w + frame->size);
    if (!w) {
        counts.dropped++;
        return;
    }
    w->due = due;
    w->from = from;
    w->frame = *frame;
    w->frame.data = w->bytes;
    memcpy(w->bytes, frame->data, frame->size);
    while (*at && (*at)->due <= due)
        at = &(*at)->next;
    w->next = *at;
    *at = w;
    queued++;
}

void switch_run(uint64_t now)
{
    struct waiting *w;

    while ((w = queue) && w->due <= now) {
        queue = w->next;
        queued--;
        deliver(w->from, &w->frame);
        heap_free(w);
    }
}

void switch_send(struct net_port *from, const struct net_frame *frame)
{
    struct switch_fate fate = switch_decide(&faults, &state);

    counts.passed++;
    counts.lost += !fate.copies;
    counts.doubled += fate.copies > 1;
    counts.late += fate.delay_us > faults.delay_us;
    while (fate.copies--) {
        if (fate.delay_us)
            wait_until(clock_now() + fate.delay_us * UINT64_C(10), from, frame);
        else
            deliver(from, frame);
    }
}

const struct switch_counts *switch_counted(void)
{
    return &counts;
}
