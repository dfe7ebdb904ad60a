/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A client on a raw host, with 4 pages in MDLs of its own making.
 */
#ifndef TESTS_KMCL_EXTERNAL_RIG_H
#define TESTS_KMCL_EXTERNAL_RIG_H

#include "harness.h"
#include "raw.h"

struct rig {
    struct raw_host *h;
    struct sent s;
    uint8_t *pages;
    PMDL first, second;
    struct raw_packet got;
};

/* The MDLs: 100 bytes into page 0, 5000 bytes; page 2 from 0, 6000 bytes. */
void rig_make(struct world *w, struct rig *r);
void rig_end(struct world *w, struct rig *r);

/* Takes the packet from the ring into r->got, and ends it. */
void rig_take(struct world *w, struct rig *r);

/* Sends a window of the two MDLs; flags beside WAIT. */
NTSTATUS rig_window(struct rig *r, UINT32 offset, UINT32 length, UINT32 flags);

#endif
