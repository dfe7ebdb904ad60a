/*
 * Inside the page tables: what paging.c, paging_run.c and paging_identity.c
 * share. [Intel SDM 3A 4.5]
 */
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
#define LEVEL_TOP         4
#define LEVEL_SIZE(level) (UINT64_C(1) << (12 + TABLE_BITS * ((level)-1)))

/* ---- paging.c ---------------------------------------------------------- */

/* Makes an empty table on top. False: no frame for it. */
bool paging_begin(uint64_t (*take)(void));

/* The entry of `address` at `level`, with the tables above it made; NULL:
 * out of frames, or a larger page is in the way (*in_way). */
uint64_t *paging_entry(uint64_t address, int level, bool *in_way);

/* The present leaf entry of `address`, and its level; or NULL. */
uint64_t *paging_leaf(uint64_t address, int *level);

/* The bits of an entry beside its address. */
uint64_t paging_bits(enum paging_access access, enum paging_cache cache);

/* ---- paging_run.c ------------------------------------------------------ */

/* Maps from..to-1 where it lies, with the largest pages that fit; page zero
 * is left out. 0 or -ENOMEM. */
int paging_map_identity(uint64_t from, uint64_t to, enum paging_access access);

#endif
