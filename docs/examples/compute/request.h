/* SPDX-License-Identifier: BSD-2-Clause */
/* What client and server say to each other. A real protocol would fix the order
 * of bytes, too. */
#ifndef COMPUTE_REQUEST_H
#define COMPUTE_REQUEST_H

#include <stdint.h>

/* Count the prime numbers from `from` on and below `to`. */
struct request {
    uint32_t from, to;
};

struct answer {
    uint32_t primes;
    uint32_t processor; /* that has counted them */
};

/* Requests that are under way at the same time, at most. */
enum { REQUESTS = 32 };

/* The numbers of one request, at most. */
enum { NUMBERS = 100000 };

#endif
