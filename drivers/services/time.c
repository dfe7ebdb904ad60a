/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Time synchronization: the host tells the time of day, and when it read it.
 *
 * Body [linux hv_util.c] [openvmm ic]:
 *
 *     before 4.0   host's time @0, two more times, flags @24
 *     from 4.0     host's time @0, the VM's reference time then @8, flags @16
 *
 * The host's time counts 100 ns since 1601, UTC; vmbare_now() is the reference
 * time. Before 4.0 nobody says how old a message is, so it counts as new.
 *
 * A sync is an order: the machine was started or restored, and its clock stood
 * still. A sample is information, a few seconds apart; it moves the clock only
 * where that is off by more than such messages are late. docs/services.md says
 * how SNTP and this live together.
 */
#include "drivers/services/private.h"

#define AT_TOLD          0u
#define AT_REFERENCE     8u
#define AT_FLAGS         16u
#define AT_FLAGS_BEFORE4 24u

enum flags { SYNC = 1, SAMPLE = 2 };

#define EPOCH INT64_C(116444736000000000) /* 1970 from 1601 */
#define LATEST                                                    \
    INT64_C(2650467743999999999) /* the year 9999 ends, from 1601 \
                                  */
#define LEAST INT64_C(500000)    /* 50 ms: what a sample must be off by */
#define AHEAD UINT64_C(10000000) /* 1 s: by which two clocks may differ */

static struct services_clock clock_facts;
static struct vmbare_lock lock;

void services_clock(struct services_clock *facts)
{
    vmbare_lock_take(&lock);
    *facts = clock_facts;
    vmbare_lock_give(&lock);
}

/* How long ago the host read its clock, 100 ns. False: that cannot be, or it
 * says, in the future. */
static bool find_age(const struct ic_request *r, int64_t *age)
{
    uint64_t now = vmbare_now(), reference;

    *age = 0;
    if (r->version.major < 4)
        return true;
    reference = ic_get64(r->body + AT_REFERENCE);
    if (reference > now)
        return reference - now <= AHEAD;
    *age = (int64_t)(now - reference);
    return *age >= 0;
}

/* Sets the clock where the message is of use. */
static void apply(int64_t wall, uint8_t flags)
{
    int64_t off = wall - vmbare_wall();
    bool moves = flags & SYNC || off >= LEAST || off <= -LEAST;

    if (moves)
        vmbare_wall_set(wall);
    vmbare_lock_take(&lock);
    clock_facts.syncs += (flags & SYNC) != 0;
    clock_facts.samples += !(flags & SYNC);
    clock_facts.moved += moves;
    clock_facts.last_off = off;
    vmbare_lock_give(&lock);
}

/* The clock is set before the answer goes. */
uint32_t time_handle(struct ic_request *r)
{
    uint32_t at_flags = r->version.major < 4 ? AT_FLAGS_BEFORE4 : AT_FLAGS;
    int64_t told, age;
    uint8_t flags;

    if (r->size < at_flags + 1)
        return IC_INVALID;
    told = (int64_t)ic_get64(r->body + AT_TOLD);
    flags = r->body[at_flags];
    /* Take no time that a calendar here cannot show. */
    if (told < EPOCH || told > LATEST || !find_age(r, &age))
        return IC_INVALID;
    if (age > LATEST - told)
        return IC_INVALID;
    /* Without one of these the host only wants an answer. */
    if (flags & (SYNC | SAMPLE))
        apply(told - EPOCH + age, flags);
    return IC_OK;
}
