/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Saved states made by hand: forged_state.h.
 */
#include "forged_state.h"

#include "vmbus/ring_wire.h"
#include "vmbus/wire/crc32.h"

void forged_put(struct forged *f, uint32_t at, uint32_t value)
{
    memcpy(f->bytes + at, &value, sizeof(value));
}

/* A chunk with `size` bytes, which are the caller's to fill. */
static void *add(struct forged *f, uint16_t kind, uint32_t size)
{
    struct kmcl_chunk c = {
        .magic = KMCL_CHUNK_MAGIC,
        .version = KMCL_CHUNK_VERSION,
        .kind = kind,
        .number = f->chunks,
        .size = size,
    };
    uint8_t *payload = f->bytes + f->size + sizeof(c);

    memcpy(f->bytes + f->size, &c, sizeof(c));
    f->starts[f->chunks++] = f->size;
    f->size += (uint32_t)sizeof(c) + size;
    return payload;
}

void forged_head(struct forged *f, uint32_t size, uint32_t chunks)
{
    struct kmcl_saved_head head = {.chunks = chunks, .next_transaction = 10};

    memcpy(head.type, &test_type, sizeof(head.type));
    memcpy(head.instance, &test_instance, sizeof(head.instance));
    memcpy(add(f, KMCL_CHUNK_HEAD, size), &head, sizeof(head));
}

void forged_packet(struct forged *f, int32_t more)
{
    struct {
        struct kmcl_saved_item item;
        struct kmcl_saved_packet packet;
    } saved = {
        .item = {.lib_size = sizeof(saved.packet)},
        .packet = {.magic = KMCL_CHUNK_MAGIC,
                   .type = RING_PACKET_IN_BAND,
                   .waits = 1,
                   .transaction = 5},
    };

    memcpy(add(f, KMCL_CHUNK_PACKET, (uint32_t)((int32_t)sizeof(saved) + more)),
           &saved, sizeof(saved));
}

void forged_completion(struct forged *f, uint32_t bytes, uint32_t said)
{
    struct kmcl_saved_completion saved = {.transaction = 7, .size = said};

    memcpy(add(f, KMCL_CHUNK_COMPLETION, (uint32_t)sizeof(saved) + bytes),
           &saved, sizeof(saved));
}

void forged_seal(struct forged *f)
{
    uint32_t checksum = 0;

    for (uint32_t n = 0; n < f->chunks; n++) {
        uint32_t end = n + 1 < f->chunks ? f->starts[n + 1] : f->size;
        uint32_t at =
            f->starts[n] + (uint32_t)offsetof(struct kmcl_chunk, checksum);

        forged_put(f, at, 0);
        checksum =
            vmbus_crc32(checksum, f->bytes + f->starts[n], end - f->starts[n]);
        forged_put(f, at, checksum);
    }
}
