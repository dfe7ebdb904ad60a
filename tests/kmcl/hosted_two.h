/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Two processors: the test is the first, the second a thread that runs only
 * while the first waits for it, so that each is stopped where the test wants.
 */
#ifndef TESTS_KMCL_HOSTED_TWO_H
#define TESTS_KMCL_HOSTED_TWO_H

#include "harness.h"

/* The second will run the events that are queued then, at DISPATCH. */
void two_begin(struct world *w);

/* On the first: lets the second run until it stops or ends. */
void two_run_second(void);

/* On the second: stops; goes on at the next two_run_second. */
void two_stop(void);

/* Has the second ended? */
bool two_ended(void);

/* It has; asserted. */
void two_end(void);

#endif
