/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The companion for WDK source on the build machine: a platform in which time
 * stands still until somebody waits, with the sanitizers on.
 */
#include <string.h>

#include "hosted.h"
#include "wdk/platform.h"

struct seam *the_seam;

struct seam *wdk_seam(void)
{
    return the_seam;
}

uint32_t wdk_processor(void)
{
    return the_seam->cpu;
}

/* The date is the clock, an hour late. */
int64_t wdk_system_time(void)
{
    return (int64_t)(seam_now(the_seam) + 3600 * SEAM_S);
}

/* No bus is attached in these tests. */
void *seam_root(void)
{
    return NULL;
}

int hosted_start(void **state)
{
    (void)state;
    the_seam = hosted_create(2);
    the_seam->quiet = true;
    return 0;
}

int hosted_end(void **state)
{
    (void)state;
    hosted_destroy(the_seam, 0);
    return 0;
}

int main(void)
{
    int failures = run_objects();

    return (failures + run_runtime()) != 0;
}
