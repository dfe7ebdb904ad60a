/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The sections of a receive buffer: which are free, and which a guest has that
 * was sent something in them. A guest may revoke the buffer at any time, and
 * give another of any size, while it still has sections of the first. So a
 * section is free only when it came back, and only if it lies in the buffer
 * that is there now.
 *
 *   free --sections_take--> busy --sections_give_back--> free
 */
#ifndef MINIHV_NET_SECTIONS_H
#define MINIHV_NET_SECTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "nvsp.h"

/* The first sections are kept for answers and indications. */
enum { SECTIONS_CONTROL = 16 };
enum sections_kind { SECTIONS_FOR_DATA, SECTIONS_FOR_CONTROL, SECTIONS_KINDS };

/* Those of one packet are a chain. */
struct section {
    struct section *next;
    uint32_t index; /* in the buffer */
    bool busy;      /* taken, and not given back */
};

/* All zero: there is no buffer. */
struct sections {
    struct section all[NVSP_RECV_SECTIONS];
    struct section *free[SECTIONS_KINDS];
    uint32_t count; /* of the buffer that is there; 0: none */
};

/**
 * The guest has given a buffer, or has revoked it.
 *
 * @count  sections that it has, 0..NVSP_RECV_SECTIONS; 0: it is revoked
 */
void sections_fill(struct sections *s, uint32_t count);

/**
 * Takes free sections.
 *
 * @count   1 and up
 * @return  a chain of `count` sections; NULL if so many are not free
 */
struct section *sections_take(struct sections *s, enum sections_kind kind,
                              uint32_t count);

/* Gives back a chain that sections_take() returned, whatever has become of the
 * buffer meanwhile. */
void sections_give_back(struct sections *s, struct section *chain);

#endif
