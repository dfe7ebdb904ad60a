/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A save session, and a restore under way.
 */
#ifndef KMCL_SAVE_H
#define KMCL_SAVE_H

#include <stdbool.h>

#include "kmcl/base/channel.h"
#include "kmcl/save/format.h"

/* What one driver may have saved for one packet. */
#define KMCL_SAVE_LIMIT (16u << 20)

struct kmcl_save {
    uint32_t count; /* of items */
    uint32_t next;  /* chunk to write: 0 is the head */
    uint32_t checksum;
    uint64_t next_transaction; /* when the session was opened */
    struct kmcl_chunk *chunk;  /* built, did not fit yet */
    uint32_t chunk_size;
    size_t allocated;
    struct kmcl_out *items[];
};

struct kmcl_restore {
    uint32_t chunks; /* behind the head */
    uint32_t next;
    uint32_t checksum;
    uint64_t next_transaction;
    uint64_t last_transaction;
    void *lib; /* inside EvtRestorePacket: its LibBuf */
    uint32_t lib_size;
    bool taken; /* VmbPacketRestore was called for it */
};

/* ---- chunk.c ------------------------------------------------------ */

/**
 * Builds chunk `s->next` of a session into s->chunk; it stays there until
 * kmcl_chunk_free().
 *
 * @return  STATUS_SUCCESS; STATUS_INSUFFICIENT_RESOURCES: no memory, or the
 *          driver wants more than KMCL_SAVE_LIMIT; a failing status of the
 *          driver's second EvtSavePacket as it is
 *
 * PASSIVE.
 */
NTSTATUS kmcl_chunk_build(VMBCHANNEL ch, struct kmcl_save *s);

/* Frees the chunk that was built, if there is one. PASSIVE. */
void kmcl_chunk_free(VMBCHANNEL ch, struct kmcl_save *s);

/* ---- restore_packet.c -------------------------------------------------- */

/**
 * Restores one packet from the payload of its chunk.
 *
 * @payload  a private copy, `size` bytes; its checksum is right
 * @return   STATUS_SUCCESS; STATUS_DATA_ERROR: the payload breaks the format;
 *           STATUS_NOT_SUPPORTED: it has a state of the driver, and there is no
 *           EvtRestorePacket; or what the driver or VmbPacketRestore said
 *
 * PASSIVE.
 */
NTSTATUS kmcl_restore_item(VMBCHANNEL ch, void *payload, uint32_t size);
/* The same for an answer that had waited for room. PASSIVE. */
NTSTATUS kmcl_restore_completion(VMBCHANNEL ch, void *payload, uint32_t size);

/* ---- restore.c --------------------------------------------------------- */

/* Frees what a restore left. */
void kmcl_restore_end(VMBCHANNEL ch);

#endif
