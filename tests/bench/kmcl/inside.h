/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The functions of KMCL's inside that the benchmark calls.
 */
#ifndef TESTS_BENCH_KMCL_INSIDE_H
#define TESTS_BENCH_KMCL_INSIDE_H

#include <stddef.h>

#include "kmcl/types.h"

/* Calls the channel's event function as the bus does. */
void count_event(VMBCHANNEL ch);

size_t channel_bytes(void);

#endif
