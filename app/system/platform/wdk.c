/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the companion for WDK source asks of the platform (wdk/platform.h). An
 * image without it contains none of this, because nothing else refers to it.
 */
#include "wdk/platform.h"

#include "app/system/platform/platform.h"
#include "arch/cpu/cpu.h"
#include "arch/time/clock.h"

struct seam *wdk_seam(void)
{
    return &the_platform.seam;
}

uint32_t wdk_processor(void)
{
    return this_cpu()->index;
}

int64_t wdk_system_time(void)
{
    return clock_wall() + UNITS_1601_TO_1970;
}
