/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The GPADLs of a channel: a client's own, or those a server has mapped.
 */
#ifndef KMCL_GPADL_H
#define KMCL_GPADL_H

#include <stdbool.h>

#include "kmcl/base/channel.h"

struct kmcl_gpadl {
    struct kmcl_gpadl *next;
    uint32_t handle;
    uint32_t flags;
    uint32_t offset; /* of the first byte in the first frame */
    uint32_t bytes;
    uint32_t frames;
    size_t allocated;
    uint64_t *pfns; /* client: the frames, behind this structure */
    void *mapping;  /* server: the host half's */
    MDL mdl;        /* server: what VmbChannelMapGpadl gave; has frames */
};

/* A piece of a client's GPADL. */
struct kmcl_gpadl_part {
    const uint64_t *pfns; /* the frame of the first byte */
    uint32_t offset;      /* in it */
};

/*
 * The link of ch->gpadls that points to the GPADL of this handle, so that the
 * caller can take it out of the list; it points to NULL when there is none.
 * PASSIVE: only there the list changes.
 */
struct kmcl_gpadl **kmcl_gpadl_at(VMBCHANNEL ch, uint32_t handle);

/*
 * The GPADL that a transfer-page set means, and `bytes` at `offset` in it.
 * The wire names sets by 16 bits that the device's own protocol assigned:
 * the GPADL whose handle ends in them, else the first that is large enough.
 * Under the channel's lock, as long as `part` is looked at.
 */
bool kmcl_gpadl_find(VMBCHANNEL ch, uint16_t set_id, uint32_t offset,
                     uint32_t bytes, struct kmcl_gpadl_part *part);

/* Returns when the host has let go of the memory of all GPADLs of a channel
 * that has ended, which may be never. PASSIVE. */
void kmcl_gpadl_await_end(VMBCHANNEL ch);

/* After EvtChannelClosed: GPADLs left over are asserted. */
void kmcl_gpadls_check(VMBCHANNEL ch);

#endif
