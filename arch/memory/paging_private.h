/* SPDX-License-Identifier: BSD-2-Clause */
/* Inside the page tables: what paging.c, paging_run.c and paging_identity.c
 * share. [Intel SDM 3A 4.5] */
#ifndef ARCH_PAGING_PRIVATE_H
#define ARCH_PAGING_PRIVATE_H

#include "arch/memory/paging.h"

#define PTE_PRESENT       (UINT64_C(1) << 0)
#define PTE_WRITE         (UINT64_C(1) << 1)
#define PTE_PWT           (UINT64_C(1) << 3) /* PAT slot 1: write-combining */
#define PTE_PCD           (UINT64_C(1) << 4) /* with PWT PAT slot 3: uncached */
#define PTE_LARGE         (UINT64_C(1) << 7)
#define PTE_NX            (UINT64_C(1) << 63)
#define PTE_ADDRESS       UINT64_C(0x000ffffffffff000)
#define TABLE_BITS        9
#define TABLE_INDEX       511u
#define LEVEL_PAGE        1
#define LEVEL_SIZE(level) (UINT64_C(1) << (12 + TABLE_BITS * ((level)-1)))

/* ---- paging.c ---------------------------------------------------------- */

/**
 * Make an empty top table.
 *
 * @take    gives frames for tables; kept
 * @return  false: no frame for it
 */
bool paging_begin(uint64_t (*take)(void));

/**
 * Find the entry of an address, and make the tables above it.
 *
 * @level   LEVEL_PAGE for a page's entry; 2 and 3 for those of large pages
 * @in_way  receives true when a larger page is in the way
 * @return  the entry; NULL: out of frames, or *in_way
 */
uint64_t *paging_entry(uint64_t address, int level, bool *in_way);

/**
 * Find the present entry that maps an address.
 *
 * @level   receives the level that it was found at
 * @return  the entry; NULL: nothing is mapped
 */
uint64_t *paging_leaf(uint64_t address, int *level);

/** The bits of an entry beside its address. */
uint64_t paging_bits(enum paging_access access, enum paging_cache cache);

/* ---- paging_run.c ------------------------------------------------------ */

/**
 * Map @from to @to - 1 at its physical address, with the largest pages that
 * fit. Page zero is left out.
 *
 * @return  0; -ENOMEM: no frame for a table
 */
int paging_map_identity(uint64_t from, uint64_t to, enum paging_access access);

#endif
