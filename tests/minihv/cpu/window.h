/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A window of host addresses that maps frames of the guest contiguously, for
 * the rings and GPADLs of the host half.
 */
#ifndef MINIHV_WINDOW_H
#define MINIHV_WINDOW_H

#include <stdint.h>

enum { WINDOW_ROOT_SLOT = 1 };

/* Builds the window's page tables. Returns the address of the first one. */
uint64_t window_prepare(void);

/* Maps `count` frames at contiguous addresses, and those from `twice_from` on
 * once more after the last. Returns NULL if there is no room. */
void *window_map(const uint64_t *pfns, uint32_t count, uint32_t twice_from);
void window_unmap(void *mapping, uint32_t count, uint32_t twice_from);

#endif
