/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What comes due first, of any number of things: a pairing heap.
 *
 * To add one and to know the first takes a constant time; to take one out grows
 * with the logarithm of their number. The storage is part of what comes due, so
 * nothing here fails. Pure, and without a lock: callers take turns.
 */
#ifndef ARCH_TIME_DUE_H
#define ARCH_TIME_DUE_H

#include <stdint.h>

/* Embedded in what comes due. The caller sets `at` before due_add(). */
struct due {
    uint64_t at;
    struct due *child; /* the first of those that come later */
    struct due *next;  /* the next child of the same parent */
    struct due **back; /* what points here */
};

/** Add @d, which is in no heap, to *@heap: the first of all, or NULL. */
void due_add(struct due **heap, struct due *d);

/** Take @d, which is in *@heap, out. */
void due_remove(struct due **heap, struct due *d);

#endif
