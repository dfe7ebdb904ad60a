/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MINIHV_MONITOR_H
#define MINIHV_MONITOR_H

#include <stdbool.h>
#include <stdint.h>

/* Looks at the monitor page if it is time to. Returns true if a channel was
 * signalled there. On the processor of the host half. */
bool monitor_pump(void);

/* Returns the reference time of the next look, or UINT64_MAX if no channel
 * needs one. */
uint64_t monitor_next(void);

#endif
