/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The functions that the files of the bus's user share.
 */
#ifndef TESTS_FUZZ_BUS_LIFE_PARTS_H
#define TESTS_FUZZ_BUS_LIFE_PARTS_H

#include "bus_life.h"

/* ---- bus_life.c ---------------------------------------------------------- */

/* Counts a request that was accepted; its outcome comes to `done`. */
void started(struct bus_life *l, int status);
void done(void *arg, int status, uint32_t host_status);

/* ---- bus_life_channel.c
 * -------------------------------------------------------------
 */

/* The event function of a channel: reads and answers each packet. */
enum vmbus_event_result answer(void *bus_life);

/* l->c is the first channel, claimed, or NULL. */
void claim(struct bus_life *l);

void open_sub(struct bus_life *l);
void close_sub(struct bus_life *l);

void act_on_channel(struct bus_life *l, uint8_t what);

/* Releases the channel from any state. */
void leave(struct bus_life *l);

/* ---- bus_life_bus.c
 * -----------------------------------------------------------------
 */

/* Starts or stops observing the offers. */
void observe(struct bus_life *l);

void act_on_bus(struct bus_life *l, uint8_t what);

#endif
