/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A window of host addresses in which frames of the guest are mapped
 * contiguously, for the host half's rings and GPADLs.
 */
#ifndef MINIHV_WINDOW_H
#define MINIHV_WINDOW_H

#include <stdint.h>

enum { WINDOW_ROOT_SLOT = 1 };

/* Builds the window's tables; the address of the first one. */
uint64_t window_prepare(void);

/* Maps `count` frames at contiguous addresses, those from `twice_from` on
 * once more behind the last. NULL: no room. */
void *window_map(const uint64_t *pfns, uint32_t count, uint32_t twice_from);
void window_unmap(void *mapping, uint32_t count, uint32_t twice_from);

#endif
