/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The ring of log lines: see log_ring.h.
 *
 *     first                                   next
 *     | record | text.. | record | text ..... |
 *       16 bytes, then the text, padded to a multiple of 8
 */
#include "arch/console/log_ring.h"

#include <string.h>

/* What stands before each text. Positions only ever grow; a position's place in
 * the ring is its low bits, and records wrap around the end of the memory. */
struct record {
    uint64_t ns;
    uint16_t length;
    uint8_t level;
    uint8_t raw;
    uint32_t unused;
};

_Static_assert(sizeof(struct record) == 16, "no hidden bytes in a record");

static uint64_t record_size(const struct record *record)
{
    return (sizeof(*record) + record->length + 7u) & ~UINT64_C(7);
}

/* In two pieces where the bytes wrap around the end. */
static void copy_in(struct log_ring *ring, uint64_t position, const void *from,
                    size_t length)
{
    uint32_t at = (uint32_t)position & (ring->size - 1);
    size_t to_end = ring->size - at;
    size_t head = length < to_end ? length : to_end;

    memcpy(ring->bytes + at, from, head);
    memcpy(ring->bytes, (const char *)from + head, length - head);
}

/* The same in the other direction. */
static void copy_out(const struct log_ring *ring, uint64_t position, void *to,
                     size_t length)
{
    uint32_t at = (uint32_t)position & (ring->size - 1);
    size_t to_end = ring->size - at;
    size_t head = length < to_end ? length : to_end;

    memcpy(to, ring->bytes + at, head);
    memcpy((char *)to + head, ring->bytes, length - head);
}

/* Moves the cursor past one line. */
static void step_over(const struct log_ring *ring, struct log_cursor *cursor)
{
    struct record record;

    copy_out(ring, cursor->position, &record, sizeof(record));
    cursor->position += record_size(&record);
    cursor->line++;
}

void log_ring_append(struct log_ring *ring, uint64_t ns, enum log_level level,
                     bool raw, const char *text, size_t length)
{
    struct record record = {.ns = ns, .level = (uint8_t)level, .raw = raw};
    uint64_t size;

    /* Drop as many of the oldest lines as the new one needs room for. */
    record.length = (uint16_t)(length < LOG_TEXT_MAX ? length : LOG_TEXT_MAX);
    size = record_size(&record);
    while (ring->next.position + size - ring->first.position > ring->size)
        step_over(ring, &ring->first);
    copy_in(ring, ring->next.position, &record, sizeof(record));
    copy_in(ring, ring->next.position + sizeof(record), text, record.length);
    ring->next.position += size;
    ring->next.line++;
}

bool log_ring_read(const struct log_ring *ring, struct log_cursor *cursor,
                   struct log_line *line)
{
    struct record record;

    /* A reader that was too slow goes on with the oldest line that is still
     * there, and learns how many it has missed. */
    line->lost = 0;
    if (cursor->position < ring->first.position) {
        line->lost = ring->first.line - cursor->line;
        *cursor = ring->first;
    }
    /* Nothing has come since. */
    if (cursor->position >= ring->next.position)
        return false;
    copy_out(ring, cursor->position, &record, sizeof(record));
    /* After a crash in the middle of an append, lengths may be anything. */
    if (record.length > LOG_TEXT_MAX)
        record.length = LOG_TEXT_MAX;
    copy_out(ring, cursor->position + sizeof(record), line->text,
             record.length);
    line->text[record.length] = '\0';
    line->ns = record.ns;
    line->level = (enum log_level)record.level;
    line->raw = record.raw != 0;
    line->length = record.length;
    cursor->position += record_size(&record);
    cursor->line++;
    return true;
}

/* From the oldest line on, because records can only be walked forwards. */
void log_ring_seek_last(const struct log_ring *ring, struct log_cursor *cursor,
                        unsigned lines)
{
    *cursor = ring->first;
    while (cursor->position < ring->next.position &&
           ring->next.line - cursor->line > lines)
        step_over(ring, cursor);
}
