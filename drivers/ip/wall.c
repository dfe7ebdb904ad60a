/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The time of day by SNTP (RFC 4330). vmbare's own clock is not set by it: that
 * belongs to the host, whose time synchronization sets it (docs/services.md).
 * SNTP's time is kept as a difference from the monotonic clock, so small
 * corrections of the own clock do not touch it.
 *
 * The monotonic clock stands still while a machine is saved or paused. The host
 * then orders its time, and the own clock jumps: what SNTP has said before is
 * as wrong as the clock was, and does not count until SNTP answers again.
 *
 * The server's answer is as old as its way back. That is some milliseconds, and
 * is not corrected.
 */
#include "drivers/ip.h"
#include "drivers/ip/private.h"
#include "vmbare.h"

#define SECOND      10000000 /* of vmbare_wall */
#define MICROSECOND 10

/* The host moves the clock by less only to correct it. */
#define JUMP SECOND

/* Under the stack's lock. */
static bool answered;
static int64_t difference; /* SNTP's time less the monotonic clock */
static int64_t own;        /* the own clock's difference at that moment */

static int64_t own_difference(void)
{
    return vmbare_wall() - (int64_t)vmbare_now();
}

/* lwIP calls it with the server's time, in seconds since 1970. */
void ip_time_arrived(uint32_t seconds, uint32_t microseconds)
{
    difference = (int64_t)seconds * SECOND +
                 (int64_t)microseconds * MICROSECOND - (int64_t)vmbare_now();
    own = own_difference();
    answered = true;
}

bool ip_time_known(void)
{
    int64_t moved = own_difference() - own;

    return answered && moved < JUMP && moved > -JUMP;
}

static int64_t time_of_day(void)
{
    return ip_time_known() ? (int64_t)vmbare_now() + difference : vmbare_wall();
}

/* lwIP puts it into its requests, and compares it with what comes back. */
void ip_time_now(uint32_t *seconds, uint32_t *microseconds)
{
    int64_t now = time_of_day();

    *seconds = (uint32_t)(now / SECOND);
    *microseconds = (uint32_t)(now % SECOND / MICROSECOND);
}

int64_t ip_wall(void)
{
    int64_t now;

    ip_enter();
    now = time_of_day();
    ip_leave();
    return now;
}
