/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Functions of the VMBus host that bus.c, the seam and the devices share. The
 * contract of the host half itself is vmbus/include/vmbus/host.h.
 */
#ifndef MINIHV_BUS_H
#define MINIHV_BUS_H

#include "vmbus/host.h"
#include "vmbus/seam.h"

/* ---- seam_work.c ------------------------------------------------------- */

/* Runs the next work of this level. Returns false if there is none. */
bool seam_work_run(uint8_t level);
bool seam_timers_run(void);
uint64_t seam_timers_next(void);

/* ---- bus.c, devices ---------------------------------------------------- */

struct vmbus_host *bus_host(void);
struct seam *bus_seam(void);

void echo_prepare(void);
void transfer_prepare(void); /* one of echo's modes */
void storage_prepare(void);

#endif
