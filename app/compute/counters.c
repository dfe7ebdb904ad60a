/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What concurrency does to a counter: all processors add to one without a lock,
 * and to one under a lock. An addition reads, adds and writes; what another
 * processor writes in between is lost.
 */
#include <stdatomic.h>
#include <stdio.h>

#include "compute.h"
#include "vmbare.h"
#include "vmbare_events.h"

enum { ADDITIONS = 300000, PROCESSORS = 256, SECONDS = 60 };

static volatile uint32_t bare;
static uint32_t guarded; /* under the lock */
static struct vmbare_lock lock;
static struct vmbare_work adders[PROCESSORS];

static atomic_uint begun; /* adders, which begin together */

/* Others may be busy with packets; one second is enough. */
static void begin_together(void)
{
    uint64_t end = vmbare_after(1);

    atomic_fetch_add(&begun, 1);
    while (atomic_load(&begun) < vmbare_processors() && vmbare_now() < end)
        ;
}

/* Volatile makes the compiler read and write each time; it does not keep
 * others out in between. */
static uint64_t add_bare(void *context)
{
    (void)context;
    begin_together();
    for (uint32_t i = 0; i < ADDITIONS; i++)
        bare = bare + 1;
    return 0;
}

/* The same under the lock. */
static uint64_t add_guarded(void *context)
{
    (void)context;
    begin_together();
    for (uint32_t i = 0; i < ADDITIONS; i++) {
        vmbare_lock_take(&lock);
        guarded++;
        vmbare_lock_give(&lock);
    }
    return 0;
}

/* On all processors at once. False: one does not end. */
static bool run_on_all(uint64_t (*add)(void *context))
{
    bool good = true;

    atomic_store(&begun, 0);
    for (unsigned i = 0; i < vmbare_processors(); i++) {
        vmbare_work_init(&adders[i], "additions", add, NULL);
        vmbare_work_queue(&adders[i], i);
    }
    for (unsigned i = 0; i < vmbare_processors(); i++)
        good &= vmbare_work_result(&adders[i], vmbare_after(SECONDS), NULL) ==
                VMBARE_OK;
    return good;
}

/* What is lost without the lock differs from run to run, and may be nothing:
 * only the counter under the lock decides. */
bool counters_compare(void)
{
    uint32_t expected = ADDITIONS * vmbare_processors();

    /* One after the other: both at once would disturb each other's figures. */
    if (!run_on_all(add_bare) || !run_on_all(add_guarded)) {
        printf("compute: additions did not end in %u s\n", (unsigned)SECONDS);
        return false;
    }
    printf("compute: of %u additions %u were lost without a lock, %u with it\n",
           (unsigned)expected, (unsigned)(expected - bare),
           (unsigned)(expected - guarded));
    return guarded == expected;
}
