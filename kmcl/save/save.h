/*
 * A save session, and a restore under way.
 */
#ifndef KMCL_SAVE_H
#define KMCL_SAVE_H

#include <stdbool.h>

#include "kmcl/channel/channel.h"
#include "kmcl/save/format.h"

/* What one driver may have saved for one packet. */
#define KMCL_SAVE_LIMIT (16u << 20)

struct kmcl_save {
    uint32_t count; /* of items */
    uint32_t next;  /* chunk to write: 0 is the head */
    uint32_t checksum;
    struct kmcl_chunk *chunk; /* built, did not fit yet */
    uint32_t chunk_size;
    size_t allocated;
    struct kmcl_out *items[];
};

struct kmcl_restore {
    bool failed;
    bool over;
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

/* Builds chunk `s->next` into s->chunk. A failing status of the driver's
 * second call comes back as it is. */
NTSTATUS kmcl_chunk_build(VMBCHANNEL ch, struct kmcl_save *s);

void kmcl_chunk_free(VMBCHANNEL ch, struct kmcl_save *s);

/* ---- restore_packet.c -------------------------------------------------- */

/* Takes one checked chunk's payload. */
NTSTATUS kmcl_restore_item(VMBCHANNEL ch, void *payload, uint32_t size);
NTSTATUS kmcl_restore_completion(VMBCHANNEL ch, void *payload, uint32_t size);

#endif
