/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Building one chunk of a saved state. A chunk is built as a whole and kept in
 * the session until it has been copied into a buffer of the application that
 * is large enough.
 *
 *   header         magic, version, kind, number, size, checksum
 *   of the head    how many chunks follow, next transaction, type, instance
 *   of a packet    sizes, LibBuf (its wire image if it is queued), SaveBuf
 *   of an answer   transaction, size, bytes
 */
#include "kmcl/save/save.h"
#include "vmbus/wire/crc32.h"

#include "version/number.h"

void kmcl_chunk_free(VMBCHANNEL ch, struct kmcl_save *s)
{
    if (s->chunk)
        kmcl_free(ch->root, s->chunk, s->chunk_size);
    s->chunk = NULL;
    s->chunk_size = 0;
}

/* Makes an empty chunk with room for `size` bytes of payload; NULL: no memory.
 */
static void *begin(VMBCHANNEL ch, struct kmcl_save *s, uint16_t kind,
                   uint32_t size)
{
    uint32_t whole = (uint32_t)sizeof(struct kmcl_chunk) + kmcl_padded(size);

    /* Zeroed, so padding and unused fields are 0. */
    s->chunk = kmcl_alloc(ch->root, whole);
    if (!s->chunk)
        return NULL;
    s->chunk_size = whole;
    *s->chunk = (struct kmcl_chunk){
        .magic = KMCL_CHUNK_MAGIC,
        .version = KMCL_CHUNK_VERSION,
        .kind = kind,
        .number = s->next,
        .size = kmcl_padded(size),
    };
    return s->chunk + 1;
}

/* Writes the checksum, which continues that of the chunk before. */
static NTSTATUS seal(struct kmcl_save *s)
{
    s->chunk->checksum = vmbus_crc32(s->checksum, s->chunk, s->chunk_size);
    return STATUS_SUCCESS;
}

/* Chunk 0: how many follow, and which channel they belong to. */
static NTSTATUS build_head(VMBCHANNEL ch, struct kmcl_save *s)
{
    struct kmcl_saved_head head = {
        .chunks = s->count,
        .writer = VMBARE_VERSION_NUMBER,
        .next_transaction = s->next_transaction,
    };
    void *payload = begin(ch, s, KMCL_CHUNK_HEAD, sizeof(head));

    if (!payload)
        return STATUS_INSUFFICIENT_RESOURCES;
    /* A state is only restored into a channel of the same device. */
    memcpy(head.type, &ch->set.type, sizeof(head.type));
    memcpy(head.instance, &ch->set.instance, sizeof(head.instance));
    memcpy(payload, &head, sizeof(head));
    return seal(s);
}

/* An answer to the guest that waits for room in the ring. */
static NTSTATUS build_completion(VMBCHANNEL ch, struct kmcl_save *s,
                                 const struct kmcl_out *out)
{
    struct kmcl_saved_completion saved = {
        .transaction = out->wire.transaction,
        .size = out->wire.size,
    };
    uint8_t *payload = begin(ch, s, KMCL_CHUNK_COMPLETION,
                             (uint32_t)sizeof(saved) + saved.size);

    if (!payload)
        return STATUS_INSUFFICIENT_RESOURCES;
    memcpy(payload, &saved, sizeof(saved));
    if (saved.size)
        memcpy(payload + sizeof(saved), out->body, saved.size);
    return seal(s);
}

/* What the driver wants saved with one packet; freed by the caller. */
struct driver_state {
    void *data;
    uint32_t size;
    size_t allocated;
};

/* The two-call protocol: success at the first call means nothing to save, and
 * any failure asks for room. */
static NTSTATUS ask_driver(VMBCHANNEL ch, VMBPACKET p, struct driver_state *d)
{
    UINT32 needed = 0;

    /* First call: no buffer. Success means that the driver has nothing to save.
     */
    if (!ch->set.save_packet ||
        NT_SUCCESS(ch->set.save_packet(ch, p, NULL, 0, &needed)))
        return STATUS_SUCCESS;
    /* A driver's number is no reason to take all memory. */
    if (needed > KMCL_SAVE_LIMIT)
        return STATUS_INSUFFICIENT_RESOURCES;
    /* Second call: with as many bytes as it asked for. It may have failed
     * without a number; then it gets 8 bytes, so that it has an address. */
    d->allocated = needed ? needed : 8;
    d->data = kmcl_alloc(ch->root, d->allocated);
    if (!d->data)
        return STATUS_INSUFFICIENT_RESOURCES;
    d->size = (uint32_t)d->allocated;
    return ch->set.save_packet(ch, p, d->data, d->size, &needed);
}

/* A packet that the server sent: what KMCL needs to go on with it, the wire
 * image if it has not left, and the bytes of the driver. */
static NTSTATUS write_packet(VMBCHANNEL ch, struct kmcl_save *s, VMBPACKET p,
                             const struct driver_state *d)
{
    struct kmcl_saved_packet saved = {
        .magic = KMCL_CHUNK_MAGIC,
        .type = p->out.wire.type,
        .queued = p->state == KMCL_PACKET_QUEUED,
        .waits = kmcl_packet_waits(p),
        .header_size = p->out.wire.header_size,
        .size = p->state == KMCL_PACKET_QUEUED ? p->out.wire.size : 0,
        .transaction = p->out.wire.transaction,
    };
    struct kmcl_saved_item item = {
        .lib_size = (uint32_t)sizeof(saved) + kmcl_padded(saved.size),
        .driver_size = d->size,
        .has_driver = d->data != NULL,
    };
    /* The bytes of a packet that is in the ring already are saved with the
     * ring. */
    uint8_t *at = begin(ch, s, KMCL_CHUNK_PACKET,
                        (uint32_t)sizeof(item) + item.lib_size + d->size);

    if (!at)
        return STATUS_INSUFFICIENT_RESOURCES;
    /* The sizes come first, so that the reader can check them together. */
    memcpy(at, &item, sizeof(item));
    at += sizeof(item);
    memcpy(at, &saved, sizeof(saved));
    if (saved.size)
        memcpy(at + sizeof(saved), p->out.body, saved.size);
    if (d->size)
        memcpy(at + item.lib_size, d->data, d->size);
    return seal(s);
}

/* Asks the driver, then writes; frees the bytes of the driver in any case. */
static NTSTATUS build_packet(VMBCHANNEL ch, struct kmcl_save *s, VMBPACKET p)
{
    struct driver_state d = {0};
    NTSTATUS status = ask_driver(ch, p, &d);

    if (NT_SUCCESS(status))
        status = write_packet(ch, s, p, &d);
    /* The chunk has its own copy by now. */
    if (d.data)
        kmcl_free(ch->root, d.data, d.allocated);
    return status;
}

NTSTATUS kmcl_chunk_build(VMBCHANNEL ch, struct kmcl_save *s)
{
    struct kmcl_out *out;

    /* The items were listed when the session began, and stay where they are. */
    if (!s->next)
        return build_head(ch, s);
    out = s->items[s->next - 1];
    if (out->release)
        return build_completion(ch, s, out);
    return build_packet(ch, s, kmcl_out_packet(out));
}
