/* SPDX-License-Identifier: BSD-2-Clause */
/* Pages with their MDL and frames, and the pattern that is in them. */
#ifndef DISK_BUFFER_H
#define DISK_BUFFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vmbuskernelmodeclientlibapi.h"

struct buffer {
    uint8_t *bytes; /* zeroed pages in a row */
    uint32_t pages;
    PMDL mdl;         /* of all bytes */
    PPFN_NUMBER pfns; /* the MDL's */
};

/* False: no memory, which is told; nothing is to be freed. */
bool buffer_make(struct buffer *b, uint32_t pages);

/* Not while a request has its pages. */
void buffer_free(struct buffer *b);

/*
 * Fills `size` bytes (a multiple of 8) that begin at byte `at` of a disk:
 * word number w of the disk, little-endian, is (w + seed) times the odd
 * number nearest to 2^64 by the golden ratio. So a block in the wrong place
 * is seen, and anybody can compute the same.
 */
void buffer_pattern(uint8_t *bytes, size_t size, uint64_t at, uint64_t seed);

#endif
