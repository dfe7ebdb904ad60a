/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The two clocks of the machine, and the C library's. Both count units of 100
 * ns: the monotonic clock since an arbitrary start, the wall clock since
 * 1970-01-01 UTC. IRQL: any, unless noted.
 */
#ifndef ARCH_CLOCK_H
#define ARCH_CLOCK_H

#include <stdint.h>

#define CLOCK_UNITS_PER_S UINT64_C(10000000)

/** Register the source of monotonic time: hv/ with the hypervisor's reference
 * clock, or pm_clock.c. Replaces the one before. */
void clock_register(uint64_t (*now_100ns)(void));

/** Monotonic time; 0 before a source is registered. */
uint64_t clock_now(void);

/** Set the wall clock to @wall_100ns. Until this is called it starts at 0. */
void clock_set_wall(int64_t wall_100ns);

/** The wall clock, negative before 1970. */
int64_t clock_wall(void);

/**
 * Register how PASSIVE code waits: a function that returns at or after
 * @deadline of the monotonic clock and processes events meanwhile. Until then
 * sleeping spins.
 */
void clock_set_sleep(void (*sleep_until)(uint64_t deadline));

/** Sleep until the monotonic clock reaches @deadline. IRQL: PASSIVE. */
void clock_sleep_until(uint64_t deadline);

/* A date as UEFI's GetTime gives it. */
struct clock_date {
    uint16_t year;      /* 1900..9999 */
    uint8_t month, day; /* from 1 */
    uint8_t hour, minute, second;
    uint32_t nanosecond;
    int16_t zone; /* minutes west of UTC, CLOCK_ZONE_UNKNOWN: as UTC */
};

#define CLOCK_ZONE_UNKNOWN 0x7FF

/**
 * Convert a date to the wall clock. Pure. UTC = local time + zone [UEFI 8.3].
 *
 * @wall_100ns  receives the time, negative before 1970
 * @return      0; -EINVAL: the fields are no date
 */
int clock_from_date(const struct clock_date *date, int64_t *wall_100ns);

#endif
