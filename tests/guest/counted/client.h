/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The scenarios that tests/bench/image counts. Each marks ROUNDS rounds as
 * PHASE_ROUNDS and returns true if all went well.
 */
#ifndef TESTS_GUEST_CLIENT_H
#define TESTS_GUEST_CLIENT_H

#include <stdbool.h>
#include <stdint.h>

#include "vmbuskernelmodeclientlibapi.h"

/* As often each scenario happens; tests/bench/image/bench.py divides by it. */
#define ROUNDS 512u

/* ROUNDS packets of `size` bytes, so many at once, each answered by minihv's
 * echo device. */
bool counted_echo(uint32_t size, uint32_t at_once);

/* ROUNDS packets that come from the host: PHASE_AWAITS before each, and from
 * the callback's first to its last instruction PHASE_CALLBACK. */
bool counted_interrupts(void);

/* ROUNDS packets of 64 bytes to a server in this image. */
bool counted_loopback(void);

/* ROUNDS reads of 4 KiB from minihv's disk. */
bool counted_reads(void);

/* Sleeps until *counter is `goal`; false after 10 s. */
bool counted_wait(const volatile uint32_t *counter, uint32_t goal);

/* A client of the instance on this bus (NULL: the usual one), open; `callback`
 * gets its packets. NULL: there is none. */
VMBCHANNEL counted_open(PDEVICE_OBJECT bus, const GUID *type,
                        const GUID *instance,
                        PFN_VMB_CHANNEL_PROCESS_PACKET callback);
void counted_close(VMBCHANNEL channel);

#endif
