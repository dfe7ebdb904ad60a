/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The scenarios of KMCL's benchmark. Each gets a client that is open on a raw
 * host with 16 pages of ring in each direction, and leaves it as it was.
 */
#ifndef TESTS_BENCH_KMCL_BENCH_H
#define TESTS_BENCH_KMCL_BENCH_H

#include "tests/kmcl/raw.h"
#include "tests/kmcl/runner.h"

/* As often each scenario happens; count.py is told. */
#define ROUNDS     2000u
#define NOT_INLINE __attribute__((noinline))

/* A packet of the host's comes alone and the callback answers it; the callback
 * is configured before the channel is enabled. */
void bench_receive_configure(VMBCHANNEL ch);
void bench_receive(struct world *w, struct raw_host *h);

/* One more request and one more answer with 10,000 requests unanswered. */
void bench_in_flight(struct world *w, struct raw_host *h);

#endif
