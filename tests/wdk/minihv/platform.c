/* SPDX-License-Identifier: BSD-2-Clause */
/* What the companion for WDK source asks of minihv (wdk/platform.h). */
#include "wdk/platform.h"

#include "bus.h"
#include "minihv.h"

struct seam *wdk_seam(void)
{
    return bus_seam();
}

/* The host half runs on one processor. */
uint32_t wdk_processor(void)
{
    return 0;
}

/* minihv knows no date; its clock begins with it. */
int64_t wdk_system_time(void)
{
    return (int64_t)clock_now();
}
