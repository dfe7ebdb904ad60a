/*
 * The two clocks of the machine, and libc's. Both count units of 100 ns:
 * the monotonic one since an arbitrary start, the wall clock since
 * 1970-01-01 UTC. Any IRQL unless noted.
 */
#ifndef ARCH_CLOCK_H
#define ARCH_CLOCK_H

#include <stdint.h>

#define CLOCK_UNITS_PER_S UINT64_C(10000000)

/* The source of monotonic time (hv/: the reference clock). */
void clock_register(uint64_t (*now_100ns)(void));

/* Monotonic time; 0 before a source is registered. */
uint64_t clock_now(void);

/* It is `wall` now. Until this is called the wall clock starts at 0. */
void clock_set_wall(int64_t wall_100ns);
int64_t clock_wall(void);

/*
 * Registers how PASSIVE code waits: returns at or after `deadline` of the
 * monotonic clock, processing events meanwhile. Before, sleeping spins.
 */
void clock_set_sleep(void (*sleep_until)(uint64_t deadline));
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

/*
 * Pure. 0 and *wall_100ns (negative before 1970), or -EINVAL: not a date.
 * UTC = local time + zone [UEFI 8.3].
 */
int clock_from_date(const struct clock_date *date, int64_t *wall_100ns);

#endif
