/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Restoring a server channel: taking chunks, in order and unbroken. The bytes
 * come from outside; everything is checked on a private copy, also what the
 * checksum has approved.
 *
 *   chunk 0        the head: which channel, how many chunks follow
 *   chunks 1..n    packets that await a completion, by transaction; then what
 *                  was queued, packets and completions, in the order of the
 *                  queue
 * Each checksum continues the one before.
 */
#include "kmcl/save/save.h"
#include "vmbus/wire/crc32.h"

/* One chunk's header at `at`, if a whole chunk lies in `left` bytes. */
static NTSTATUS check_header(struct seam *s, const struct kmcl_restore *r,
                             const struct kmcl_chunk *c, uint32_t left)
{
    /* Not a chunk at all. */
    if (c->magic != KMCL_CHUNK_MAGIC)
        return STATUS_DATA_ERROR;
    if (c->version != KMCL_CHUNK_VERSION)
        return STATUS_REVISION_MISMATCH;
    /* The caller has checked that a header fits, so this cannot wrap. */
    if (c->size > left - sizeof(*c))
        return STATUS_DATA_ERROR;
    /* Chunks are numbered, so that a lost or repeated one is found. */
    if (c->number != r->next) {
        seam_log(s, SEAM_LOG_ERROR,
                 "kmcl: saved chunk %u expected, found %u: feed the chunks in "
                 "the order of saving",
                 r->next, c->number);
        return STATUS_DATA_ERROR;
    }
    /* Chunk 0 is the head, and no other is. */
    if ((c->kind == KMCL_CHUNK_HEAD) != !c->number)
        return STATUS_DATA_ERROR;
    return STATUS_SUCCESS;
}

/* The head says which channel was saved and how many chunks follow. */
static NTSTATUS take_head(struct kmcl_restore *r, VMBCHANNEL ch,
                          const void *payload, uint32_t size)
{
    struct kmcl_saved_head head;

    /* The payload of a head has one size. */
    if (size != sizeof(head))
        return STATUS_DATA_ERROR;
    memcpy(&head, payload, sizeof(head));
    seam_log(ch->s, SEAM_LOG_DEBUG,
             "kmcl: restoring a channel that vmbare %u.%u.%u saved",
             head.writer >> 16, head.writer >> 8 & 0xff, head.writer & 0xff);
    if (!head.next_transaction || head.chunks == UINT32_MAX ||
        memcmp(head.type, &ch->set.type, sizeof(head.type)) ||
        memcmp(head.instance, &ch->set.instance, sizeof(head.instance)))
        return STATUS_DATA_ERROR;
    /* After this many the state is complete. */
    r->chunks = head.chunks;
    r->next_transaction = head.next_transaction;
    /* From now on: what is sent between two chunks is none of theirs. */
    ch->next_transaction = head.next_transaction;
    return STATUS_SUCCESS;
}

/* Hands a checked chunk to the function of its kind. */
static NTSTATUS take(VMBCHANNEL ch, struct kmcl_restore *r,
                     struct kmcl_chunk *c)
{
    switch (c->kind) {
    case KMCL_CHUNK_HEAD:
        return take_head(r, ch, c + 1, c->size);
    case KMCL_CHUNK_PACKET:
        return kmcl_restore_item(ch, c + 1, c->size);
    case KMCL_CHUNK_COMPLETION:
        return kmcl_restore_completion(ch, c + 1, c->size);
    default:
        return STATUS_DATA_ERROR;
    }
}

/* Takes the chunk at `at`; *used is its length. */
static NTSTATUS take_one(VMBCHANNEL ch, const uint8_t *at, uint32_t left,
                         uint32_t *used)
{
    struct kmcl_restore *r = ch->restore;
    struct kmcl_chunk header, *copy;
    uint32_t checksum;
    NTSTATUS status;

    /* A buffer that ends inside a chunk is refused as a whole [P]. */
    if (left < sizeof(header))
        return STATUS_DATA_ERROR;
    /* Copy the header before it is checked: the buffer is the application's,
     * and another thread may write to it. */
    memcpy(&header, at, sizeof(header));
    status = check_header(ch->s, r, &header, left);
    if (!NT_SUCCESS(status))
        return status;
    *used = (uint32_t)sizeof(header) + header.size;
    /* A private copy: what was checked must be what is used. */
    copy = kmcl_alloc(ch->root, *used);
    if (!copy)
        return STATUS_INSUFFICIENT_RESOURCES;
    memcpy(copy, at, *used);
    *copy = header; /* what was checked, should the buffer have changed */
    /* The checksum covers the chunk with its own field 0. */
    checksum = header.checksum;
    copy->checksum = 0;
    if (vmbus_crc32(r->checksum, copy, *used) != checksum)
        status = STATUS_DATA_ERROR;
    else
        status = take(ch, r, copy);
    kmcl_free(ch->root, copy, *used);
    r->checksum = checksum;
    /* The chunk is used up, whether it was taken or not. */
    r->next++;
    return status;
}

/* The first call for a channel makes the object that keeps the progress. */
static NTSTATUS begin(VMBCHANNEL ch)
{
    if (ch->restoring == KMCL_RESTORING)
        return STATUS_SUCCESS;
    if (ch->restoring != KMCL_NOT_RESTORED)
        return STATUS_INVALID_DEVICE_STATE;
    if (ch->queue.first) /* under numbers that may be saved ones, too */
        return STATUS_INVALID_DEVICE_STATE;
    /* Freed when the state is complete, or with the channel. */
    ch->restore = kmcl_alloc(ch->root, sizeof(*ch->restore));
    if (!ch->restore)
        return STATUS_INSUFFICIENT_RESOURCES;
    ch->restoring = KMCL_RESTORING;
    return STATUS_SUCCESS;
}

/* After a failure the channel takes no further chunk: what it has is half a
 * state. */
static NTSTATUS fail(VMBCHANNEL ch, NTSTATUS status)
{
    seam_log(ch->s, SEAM_LOG_ERROR,
             "kmcl: %s: restore failed at chunk %u with status 0x%x: restore "
             "into a new channel",
             ch->set.name, ch->restore->next, (unsigned)status);
    ch->restoring = KMCL_RESTORE_FAILED;
    /* A driver's own status must not read as progress. */
    return status == STATUS_MORE_PROCESSING_REQUIRED ? STATUS_UNSUCCESSFUL
                                                     : status;
}

NTSTATUS VmbChannelRestoreFromBuffer(VMBCHANNEL Channel, PVOID Buffer,
                                     ULONG BufferSize)
{
    VMBCHANNEL ch = Channel;
    const uint8_t *at = Buffer;
    NTSTATUS status;

    if (!kmcl_channel_ok(ch) || !ch->is_server)
        return STATUS_INVALID_PARAMETER_1;
    KMCL_CHECK_PASSIVE(ch->s);
    if (!Buffer)
        return STATUS_INVALID_PARAMETER_2;
    if (!BufferSize)
        return STATUS_INVALID_PARAMETER_3;
    if (ch->phase != KMCL_DISABLED)
        return STATUS_INVALID_DEVICE_STATE;
    status = begin(ch);
    if (!NT_SUCCESS(status))
        return status;

    /* One call may bring several chunks, but only whole ones. */
    for (uint32_t left = BufferSize, used = 0; left; left -= used) {
        /* More bytes than the head announced. */
        if (ch->restore->next > ch->restore->chunks)
            return fail(ch, STATUS_DATA_ERROR);
        status = take_one(ch, at, left, &used);
        if (!NT_SUCCESS(status))
            return fail(ch, status);
        at += used;
    }
    if (ch->restore->next <= ch->restore->chunks)
        return STATUS_MORE_PROCESSING_REQUIRED;
    /* The state is complete: VmbChannelEnable may follow. */
    kmcl_restore_end(ch);
    ch->restoring = KMCL_RESTORED;
    return STATUS_SUCCESS;
}

void kmcl_restore_end(VMBCHANNEL ch)
{
    if (ch->restore)
        kmcl_free(ch->root, ch->restore, sizeof(*ch->restore));
    ch->restore = NULL;
}
