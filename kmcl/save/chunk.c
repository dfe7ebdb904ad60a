/*
 * Building one saved chunk.
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

/* An empty chunk with room for `size` bytes of payload; NULL: no memory. */
static void *begin(VMBCHANNEL ch, struct kmcl_save *s, uint16_t kind,
                   uint32_t size)
{
    uint32_t whole = (uint32_t)sizeof(struct kmcl_chunk) + kmcl_padded(size);

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

static NTSTATUS seal(struct kmcl_save *s)
{
    s->chunk->checksum = vmbus_crc32(s->checksum, s->chunk, s->chunk_size);
    return STATUS_SUCCESS;
}

static NTSTATUS build_head(VMBCHANNEL ch, struct kmcl_save *s)
{
    struct kmcl_saved_head head = {
        .chunks = s->count,
        .writer = VMBARE_VERSION_NUMBER,
        .next_transaction = ch->next_transaction,
    };
    void *payload = begin(ch, s, KMCL_CHUNK_HEAD, sizeof(head));

    if (!payload)
        return STATUS_INSUFFICIENT_RESOURCES;
    memcpy(head.type, &ch->set.type, sizeof(head.type));
    memcpy(head.instance, &ch->set.instance, sizeof(head.instance));
    memcpy(payload, &head, sizeof(head));
    return seal(s);
}

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

    if (!ch->set.save_packet ||
        NT_SUCCESS(ch->set.save_packet(ch, p, NULL, 0, &needed)))
        return STATUS_SUCCESS;
    if (needed > KMCL_SAVE_LIMIT)
        return STATUS_INSUFFICIENT_RESOURCES;
    d->allocated = needed ? needed : 8;
    d->data = kmcl_alloc(ch->root, d->allocated);
    if (!d->data)
        return STATUS_INSUFFICIENT_RESOURCES;
    d->size = (uint32_t)d->allocated;
    return ch->set.save_packet(ch, p, d->data, d->size, &needed);
}

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
    uint8_t *at = begin(ch, s, KMCL_CHUNK_PACKET,
                        (uint32_t)sizeof(item) + item.lib_size + d->size);

    if (!at)
        return STATUS_INSUFFICIENT_RESOURCES;
    memcpy(at, &item, sizeof(item));
    at += sizeof(item);
    memcpy(at, &saved, sizeof(saved));
    if (saved.size)
        memcpy(at + sizeof(saved), p->out.body, saved.size);
    if (d->size)
        memcpy(at + item.lib_size, d->data, d->size);
    return seal(s);
}

static NTSTATUS build_packet(VMBCHANNEL ch, struct kmcl_save *s, VMBPACKET p)
{
    struct driver_state d = {0};
    NTSTATUS status = ask_driver(ch, p, &d);

    if (NT_SUCCESS(status))
        status = write_packet(ch, s, p, &d);
    if (d.data)
        kmcl_free(ch->root, d.data, d.allocated);
    return status;
}

NTSTATUS kmcl_chunk_build(VMBCHANNEL ch, struct kmcl_save *s)
{
    struct kmcl_out *out;

    if (!s->next)
        return build_head(ch, s);
    out = s->items[s->next - 1];
    if (out->is_completion)
        return build_completion(ch, s, out);
    return build_packet(ch, s, kmcl_out_packet(out));
}
