/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Saving a server channel: the session.
 *
 * What is saved is what KMCL holds: packets that the server sent and that are
 * not complete, and answers that wait for room. The rings and the offer are
 * saved with the host half of the bus.
 */
#include "kmcl/save/save.h"
#include "kmcl/send/send.h"

/* States in which neither a packet nor a callback is under way. */
static bool without_traffic(VMBCHANNEL ch)
{
    return ch->phase == KMCL_DISABLED || ch->phase == KMCL_ENABLED ||
           (ch->phase == KMCL_PAUSED && ch->activity == KMCL_IDLE);
}

/* Awaiting packets by transaction, then the queue: the order in which they
 * must be restored. Under the lock. */
static void list_items(VMBCHANNEL ch, struct kmcl_save *s)
{
    uint32_t n = 0;

    /* Sort by insertion: few packets are in flight when a server is saved. */
    for (uint32_t i = 0; i <= ch->sent.mask; i++) {
        for (VMBPACKET p = ch->sent.buckets[i]; p; p = p->hash_next) {
            uint32_t at = n++;

            for (; at &&
                   s->items[at - 1]->wire.transaction > p->out.wire.transaction;
                 at--)
                s->items[at] = s->items[at - 1];
            s->items[at] = &p->out;
        }
    }
    /* The queue is in order already. */
    for (struct kmcl_out *out = ch->queue.first; out; out = out->next)
        s->items[n++] = out;
    s->count = n;
}

/* While a session is open nothing leaves the channel, and advance.c stands
 * still: what the session has listed stays where it is. Under the lock. */
static void hold(VMBCHANNEL ch, struct kmcl_save *s)
{
    ch->save = s;
    ch->traffic =
        !s && ch->phase == KMCL_PAUSED ? KMCL_TRAFFIC_OUT : KMCL_TRAFFIC_OFF;
}

NTSTATUS VmbChannelSaveBegin(VMBCHANNEL Channel)
{
    VMBCHANNEL ch = Channel;
    struct kmcl_save *s;
    uint32_t count;
    uint8_t irql;
    size_t size;

    if (!kmcl_channel_ok(ch) || !ch->is_server)
        return STATUS_INVALID_PARAMETER_1;
    KMCL_CHECK_PASSIVE(ch->s);
    /* One session at a time, and no traffic during it. */
    if (ch->save || !without_traffic(ch))
        return STATUS_INVALID_DEVICE_STATE;
    irql = seam_lock(ch->s, &ch->lock);
    /* Under the lock from counting to listing: no packet may come in between.
     */
    count = ch->sent.count + ch->queue.count;
    size = sizeof(*s) + count * sizeof(s->items[0]);
    /* Allocating at DISPATCH is allowed; a failure changes nothing. */
    s = kmcl_alloc(ch->root, size);
    if (s) {
        s->allocated = size;
        s->next_transaction = ch->next_transaction;
        list_items(ch, s);
        hold(ch, s);
    }
    seam_unlock(ch->s, &ch->lock, irql);
    return s ? STATUS_SUCCESS : STATUS_INSUFFICIENT_RESOURCES;
}

/* What a call ends with when a chunk could not be built. The two statuses that
 * speak of SaveBuffer are KMCL's alone: an application that got one of them for
 * a driver's failure would enlarge its buffer for ever. */
static NTSTATUS build_failed(VMBCHANNEL ch, NTSTATUS status)
{
    seam_log(ch->s, SEAM_LOG_ERROR,
             "kmcl: %s: saving failed at chunk %u with status 0x%x: end the "
             "session",
             ch->set.name, ch->save->next, (unsigned)status);
    if (status == STATUS_BUFFER_OVERFLOW || status == STATUS_BUFFER_TOO_SMALL)
        return STATUS_UNSUCCESSFUL;
    return status;
}

NTSTATUS VmbChannelSaveContinue(VMBCHANNEL Channel, PVOID SaveBuffer,
                                ULONG SaveBufferSize, PULONG BytesFilled,
                                PULONG BytesRequired)
{
    VMBCHANNEL ch = Channel;
    struct kmcl_save *s;
    uint8_t *at = SaveBuffer;

    if (!kmcl_channel_ok(ch) || !ch->is_server)
        return STATUS_INVALID_PARAMETER_1;
    KMCL_CHECK_PASSIVE(ch->s);
    if (!SaveBuffer && SaveBufferSize)
        return STATUS_INVALID_PARAMETER_2;
    if (!BytesFilled)
        return STATUS_INVALID_PARAMETER_4;
    if (!BytesRequired)
        return STATUS_INVALID_PARAMETER_5;
    /* Both are valid after every result from here on. */
    *BytesFilled = 0;
    *BytesRequired = 0;
    s = ch->save;
    if (!s)
        return STATUS_INVALID_DEVICE_STATE;

    /* Fill the buffer with as many whole chunks as fit. */
    while (s->next <= s->count) {
        NTSTATUS status = s->chunk ? STATUS_SUCCESS : kmcl_chunk_build(ch, s);

        if (!NT_SUCCESS(status))
            return build_failed(ch, status);
        /* A chunk that does not fit is kept for the next call. The status says
         * whether this call made progress [D]. */
        if (s->chunk_size > SaveBufferSize - *BytesFilled) {
            *BytesRequired = s->chunk_size;
            return *BytesFilled ? STATUS_BUFFER_OVERFLOW
                                : STATUS_BUFFER_TOO_SMALL;
        }
        memcpy(at, s->chunk, s->chunk_size);
        at += s->chunk_size;
        *BytesFilled += s->chunk_size;
        s->checksum = s->chunk->checksum;
        s->next++;
        kmcl_chunk_free(ch, s);
    }
    return STATUS_SUCCESS;
}

VOID VmbChannelSaveEnd(VMBCHANNEL Channel)
{
    VMBCHANNEL ch = Channel;
    struct kmcl_save *s;
    uint8_t irql;

    SEAM_ASSERT(kmcl_seam(), kmcl_channel_ok(ch) && ch->is_server,
                "not a live server channel");
    KMCL_CHECK_PASSIVE(ch->s);
    s = ch->save;
    SEAM_ASSERT(ch->s, s, "no session is open: VmbChannelSaveBegin first");
    /* An unfinished session ends here, too. */
    kmcl_chunk_free(ch, s);
    kmcl_free(ch->root, s, s->allocated);
    /* Traffic goes on where it was. */
    irql = seam_lock(ch->s, &ch->lock);
    hold(ch, NULL);
    seam_unlock(ch->s, &ch->lock, irql);
    kmcl_flush(ch);
    kmcl_advance_soon(ch); /* an open or a close may have waited for us */
}
