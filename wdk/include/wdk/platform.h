/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the companion needs of the platform beside vmbus/seam.h. Whoever links
 * the companion implements these: the guest does in
 * app/system/platform/wdk.c, a test on the build machine by itself.
 */
#ifndef WDK_PLATFORM_H
#define WDK_PLATFORM_H

#include <stdint.h>

struct seam;

/**
 * The context for timers, work, locks, waits and memory; also where no bus is.
 * Any level.
 *
 * @return  the context, never NULL
 */
struct seam *wdk_seam(void);

/**
 * The number of the running processor. Any level.
 *
 * @return  0 to seam_cpu_count() - 1
 */
uint32_t wdk_processor(void);

/**
 * The date. Any level.
 *
 * @return  100 ns units since 1 January 1601 UTC
 */
int64_t wdk_system_time(void);

#endif
