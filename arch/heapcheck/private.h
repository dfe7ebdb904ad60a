/* SPDX-License-Identifier: BSD-2-Clause */
/* What the files of this folder share: the records of blocks. */
#ifndef ARCH_HEAPCHECK_PRIVATE_H
#define ARCH_HEAPCHECK_PRIVATE_H

#include "arch/heapcheck/heapcheck.h"

struct record {
    struct record *next;  /* in its list of the table, or of the unused ones */
    struct record *newer; /* in quarantine: the one that was freed after it */
    void *base;           /* what memory.take() returned */
    struct heapcheck_block block;
};

/* The caller's memory. */
extern struct heapcheck_memory heapcheck_memory;

/* ---- the table (table.c) ---- */

/** Forget all records. */
void table_clear(void);

/** A record that is in no list yet; NULL: no memory. */
struct record *table_new(void);

/** Give back a record that is in no list. */
void table_unused(struct record *r);

/** Put a record into the table, by its block's address. */
void table_add(struct record *r);

/** Take a record of the table out of it. */
void table_remove(struct record *r);

/** The record of the block that begins at this address, or NULL. */
struct record *table_find(const void *address);

/**
 * Go through the table.
 *
 * @r       the one before; NULL for the first
 * @return  the next one; NULL: no more
 */
struct record *table_next(const struct record *r);

/* ---- checks (zones.c) ---- */

/** Fill the zones of a block. */
void zones_fill(const struct heapcheck_block *block);

/** Check them, and the bytes of a block that is freed. HEAPCHECK_FINE, or the
 * fault, whose `kind`, `block` and bytes are set. */
enum heapcheck_kind zones_check(const struct heapcheck_block *block,
                                struct heapcheck_fault *fault);

/* ---- quarantine (quarantine.c) ---- */

/** Empty it, without giving anything back. */
void quarantine_clear(void);

/** Put a block into it that was freed; it stays in the table. Older ones leave
 * it for that and are checked, and the first fault is kept in @fault. */
void quarantine_put(struct record *r, struct heapcheck_fault *fault);

#endif
