/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Computes on all processors while packets flow: counts prime numbers, checks
 * their count by another way, and shows what a counter without a lock loses.
 *
 *     make run HOST=minihv SMP=2 APP=compute
 */
#include <stdio.h>

#include "compute.h"
#include "vmbare.h"
#include "vmbare_events.h"

enum { ROUNDS = 100 };

static VMBARE_OPTION limit_option = {
    .group = "compute",
    .name = "limit",
    .type = VMBARE_NUMBER,
    .least = 10,
    .most = 10000000,
    .otherwise = "100000",
    .help = "count the prime numbers below this",
};

/* The count of packets is read on both sides of the work, so it is of those
 * that came back meanwhile. */
static bool compute(uint32_t limit)
{
    uint32_t before = packets_back(), expected = primes_by_sieve(limit);
    uint32_t primes = 0, flowed = 0;
    bool ended = false;

    /* Again where it was so short that no packet came back meanwhile. */
    for (unsigned round = 0; round < ROUNDS; round++) {
        ended = primes_count(limit, &primes);
        flowed = packets_back() - before;
        if (!ended || flowed > 0)
            break;
    }
    printf("compute: %u primes below %u on %u processors, while %u packets "
           "came back\n",
           (unsigned)primes, (unsigned)limit, vmbare_processors(),
           (unsigned)flowed);
    if (ended && primes != expected)
        printf("compute: expected %u primes, as a sieve counts them\n",
               (unsigned)expected);
    return ended && primes == expected && flowed > 0;
}

/* Everything is tried, also when a part has failed, because each part says
 * what is wrong with it. */
int main(void)
{
    bool good;

    if (!packets_start())
        return VMBARE_FAILED;
    good = compute((uint32_t)vmbare_option_number(&limit_option));
    good &= counters_compare();
    good &= packets_stop();
    return good ? VMBARE_PASSED : VMBARE_FAILED;
}
