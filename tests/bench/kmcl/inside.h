/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the benchmark needs of KMCL's inside.
 */
#ifndef TESTS_BENCH_KMCL_INSIDE_H
#define TESTS_BENCH_KMCL_INSIDE_H

#include <stddef.h>

#include "kmcl/types.h"

/* The channel's event function, as the bus calls it. */
void count_event(VMBCHANNEL ch);

size_t channel_bytes(void);

#endif
