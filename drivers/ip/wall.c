/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The time of day by SNTP (RFC 4330). vmbare's own clock is not set by it,
 * which belongs to the host; the difference is kept, and ip_wall() adds it.
 *
 * The server's answer is as old as its way back. That is some milliseconds, and
 * is not corrected.
 */
#include "drivers/ip.h"
#include "drivers/ip/private.h"
#include "vmbare.h"

#define SECOND      10000000 /* of vmbare_wall */
#define MICROSECOND 10

/* Under the stack's lock. */
static bool known;
static int64_t difference;

/* 100 ns since 1970: of the firmware, or of the host's time synchronization. */
static int64_t own_time(void)
{
    return vmbare_wall();
}

/* lwIP calls it with the server's time, in seconds since 1970. */
void ip_time_arrived(uint32_t seconds, uint32_t microseconds)
{
    difference = (int64_t)seconds * SECOND +
                 (int64_t)microseconds * MICROSECOND - own_time();
    known = true;
}

/* lwIP puts it into its requests, and compares it with what comes back. */
void ip_time_now(uint32_t *seconds, uint32_t *microseconds)
{
    int64_t now = own_time() + difference;

    *seconds = (uint32_t)(now / SECOND);
    *microseconds = (uint32_t)(now % SECOND / MICROSECOND);
}

bool ip_time_known(void)
{
    return known;
}

int64_t ip_wall(void)
{
    int64_t now;

    ip_enter();
    now = own_time() + difference;
    ip_leave();
    return now;
}
