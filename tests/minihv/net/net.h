/* SPDX-License-Identifier: BSD-2-Clause */
/* The network of the guest: devices, the switch between them, the outside. */
#ifndef MINIHV_NET_NET_H
#define MINIHV_NET_NET_H

/* Creates what opt/minihv.conf asks for. */
void net_prepare(void);

/* Take the first device away, as the event `replug` does, and bring it back.
 * `done` is called when it is away. Return NULL, or why that cannot be.
 * DISPATCH or PASSIVE. */
const char *net_unplug(void (*done)(void));
const char *net_plug(void);

/* Prints what has passed, at the end of a run. */
void net_say_counts(void);

#endif
