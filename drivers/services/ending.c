/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The end that a host has asked for: work at PASSIVE, which begins when main()
 * or other work waits.
 *
 *     the host reads the answer       a second
 *     the application ends its own    settings.ending
 *     channels closed, UNLOAD, power off or reset
 */
#include "drivers/services/private.h"

#include <stdio.h>

/*
 * Nothing tells a client that the host has read a packet, and the end of the
 * channel would take an unread answer along. So the answer gets this time.
 */
#define READ_SECONDS 1.0

static uint32_t begun; /* 1: there is no way back; atomic */
static enum services_end how;
static struct services_settings settings;
static struct vmbare_work work;
static struct vmbare_event asked;

struct vmbare_source *services_ending(void)
{
    return &asked.source;
}

static enum vmbare_verdict verdict_of_application(void)
{
    struct vmbare_facts facts;

    if (settings.ending)
        return settings.ending(settings.context, how);
    vmbare_facts(&facts);
    return facts.verdict;
}

static uint64_t end(void *context)
{
    enum vmbare_verdict verdict;

    (void)context;
    vmbare_sleep(READ_SECONDS);
    verdict = verdict_of_application();
    if (how == SERVICES_POWER_OFF)
        vmbare_end(verdict);
    /* The reset runs no handlers of atexit(). */
    fflush(NULL);
    vmbare_reset();
}

/* The end that has begun goes on even if the services were stopped. */
void ending_init(const struct services_settings *with)
{
    if (__atomic_load_n(&begun, __ATOMIC_RELAXED))
        return;
    settings = *with;
    (void)vmbare_event_init(&asked, "the end", VMBARE_ALL_WAITS);
    (void)vmbare_work_init(&work, "services: the end", end, NULL);
}

/* A second request changes nothing any more. */
void ending_begin(enum services_end wanted)
{
    if (__atomic_exchange_n(&begun, 1, __ATOMIC_RELAXED))
        return;
    how = wanted;
    (void)vmbare_event_set(&asked);
    (void)vmbare_work_queue(&work, 0);
}
