/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Counts the memory that a tested world takes through the seam, and refuses it
 * on request. The image is linked so that each call of the seam's memory
 * functions comes here first (--wrap).
 */
#ifndef TEST_KMCL_ALLOCATIONS_H
#define TEST_KMCL_ALLOCATIONS_H

#include <stdint.h>

struct seam;

/* Counts the allocations of `s` from now on; those of others pass through. */
void allocations_watch(const struct seam *s);

/* Makes the nth allocation from now on fail, once. 0: no allocation fails. */
void allocations_fail(uint32_t nth);

/* Returns how many blocks of seam_alloc are not freed, frames not counted. */
uint64_t allocations_blocks(void);

#endif
