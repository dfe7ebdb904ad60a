/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Looks at the guest's monitor page, where it has left the signals of channels
 * that may wait, while such a channel is open. The guest writes into that page
 * how long they may (the latency of each channel); without that the
 * configuration's time counts.
 */
#include "monitor.h"
#include "bus.h"
#include "minihv.h"

/* A guest cannot have minihv do nothing else. */
enum { US = 10, SHORTEST = 100 * US };

static uint64_t due; /* reference time; UINT64_MAX: no channel is open */

static bool is_on(void)
{
    return hv.config.monitor && bus_host() && vmbus_host_monitors(bus_host());
}

static uint64_t period(void)
{
    uint64_t wanted = vmbus_host_monitor_latency(bus_host());

    if (!wanted)
        wanted = hv.config.monitor * (uint64_t)US;
    return wanted < SHORTEST ? SHORTEST : wanted;
}

bool monitor_pump(void)
{
    uint64_t now = clock_now();
    uint32_t told;

    if (!is_on()) {
        due = UINT64_MAX;
        return false;
    }
    if (due != UINT64_MAX && now < due)
        return false;
    told = vmbus_host_monitor_poll(bus_host());
    hv.count[COUNT_MONITOR_SIGNALS] += told;
    due = now + period();
    return told != 0;
}

uint64_t monitor_next(void)
{
    return is_on() ? due : UINT64_MAX;
}
