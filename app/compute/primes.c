/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Prime numbers below a limit, by trial division. Each processor takes the next
 * piece until none is left, so a slow one does not keep the others waiting.
 */
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "compute.h"
#include "vmbare_events.h"

enum { PIECE = 1000, PROCESSORS = 256, SECONDS = 120 };

static atomic_uint_fast32_t next; /* the first number that nobody has taken */
static uint32_t end;
static struct vmbare_work parts[PROCESSORS];
static uint32_t pieces[PROCESSORS];

/* Odd divisors up to the root; the limit keeps the square in 32 bits. */
static bool is_prime(uint32_t number)
{
    if (number < 4 || number % 2 == 0)
        return number == 2 || number == 3;
    for (uint32_t i = 3; i * i <= number; i += 2) {
        if (number % i == 0)
            return false;
    }
    return true;
}

/* On its processor: pieces until none is left. Returns the primes in them. */
static uint64_t count(void *context)
{
    uint32_t *taken = context;
    uint64_t primes = 0;

    for (;;) {
        uint32_t from = (uint32_t)atomic_fetch_add(&next, PIECE);

        if (from >= end)
            return primes;
        ++*taken;
        for (uint32_t n = from; n < end && n < from + PIECE; n++)
            primes += is_prime(n);
    }
}

/* Adds the parts up. All are waited for, also when one is late. */
static bool collect(uint32_t *primes)
{
    bool good = true;

    *primes = 0;
    for (unsigned i = 0; i < vmbare_processors(); i++) {
        uint64_t part = 0;

        if (vmbare_work_result(&parts[i], vmbare_after(SECONDS), &part) !=
            VMBARE_OK) {
            printf("compute: processor %u did not end its part in %u s\n", i,
                   (unsigned)SECONDS);
            good = false;
        }
        printf("# compute: processor %u: %u pieces, %u primes\n", i,
               (unsigned)pieces[i], (unsigned)part);
        *primes += (uint32_t)part;
    }
    return good;
}

/* Processor 0 takes its part while main waits for the results. */
bool primes_count(uint32_t limit, uint32_t *primes)
{
    atomic_store(&next, 0);
    end = limit;
    /* One piece of work for each processor, this one included. */
    for (unsigned i = 0; i < vmbare_processors(); i++) {
        pieces[i] = 0;
        vmbare_work_init(&parts[i], "primes", count, &pieces[i]);
        vmbare_work_queue(&parts[i], i);
    }
    return collect(primes);
}

/* Crosses out the multiples of each number that is left. */
uint32_t primes_by_sieve(uint32_t limit)
{
    uint8_t *crossed = calloc(limit, 1);
    uint32_t primes = 0;

    if (!crossed)
        return 0;
    for (uint32_t n = 2; n < limit; n++) {
        if (crossed[n])
            continue;
        primes++;
        for (uint64_t m = (uint64_t)n * n; m < limit; m += n)
            crossed[m] = 1;
    }
    free(crossed);
    return primes;
}
