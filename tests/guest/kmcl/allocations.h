/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The memory that a tested world takes through the seam: counted, and refused
 * on request. The image is linked so that each call of the seam's four memory
 * functions comes here first (--wrap).
 */
#ifndef TEST_KMCL_ALLOCATIONS_H
#define TEST_KMCL_ALLOCATIONS_H

#include <stdint.h>

struct seam;

/* From now on `s` is the one that is counted; others pass through. */
void allocations_watch(const struct seam *s);

/* The nth allocation from now on fails, once; 0: none does. */
void allocations_fail(uint32_t nth);

/* Blocks of seam_alloc that are not freed; frames are not among them. */
uint64_t allocations_blocks(void);

#endif
