/* SPDX-License-Identifier: BSD-2-Clause */
/* What the parts of app/compute do. */
#ifndef COMPUTE_H
#define COMPUTE_H

#include <stdbool.h>
#include <stdint.h>

/* ---- primes.c: work on all processors ------------------------------------ */

/**
 * Count the prime numbers below a limit, on all processors at once.
 *
 * @limit    2 or more
 * @primes   receives their number
 * @return   false: a processor did not end its part in time, which is printed
 */
bool primes_count(uint32_t limit, uint32_t *primes);

/**
 * Count them by a sieve, on this processor alone.
 *
 * @limit   2 or more; so many bytes are needed
 * @return  their number; 0: no memory
 */
uint32_t primes_by_sieve(uint32_t limit);

/* ---- counters.c: what a lock is for -------------------------------------- */

/**
 * Let all processors add to two counters, one of them without a lock, and print
 * what was lost.
 *
 * @return  false: an addition under the lock was lost, or a processor hangs
 */
bool counters_compare(void);

/* ---- packets.c: a channel on the loopback -------------------------------- */

/**
 * Open a channel to a server of this image, which sends each packet back, and
 * keep packets under way on it from then on.
 *
 * @return  false: it could not be opened, which is printed
 */
bool packets_start(void);

/** How many packets have come back by now. */
uint32_t packets_back(void);

/**
 * Send no more, wait for what is under way, and close the channel.
 *
 * @return  false: one is missing or came back changed, which is printed
 */
bool packets_stop(void);

#endif
