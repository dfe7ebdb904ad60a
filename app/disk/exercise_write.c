/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Writing to a disk, and closing it while requests are under way (exercise.h).
 *
 *     read and keep the old contents
 *     pattern 0: write by MDL, flush, read by page frames, compare
 *     pattern 1: write by page frames, flush, read by MDL, compare
 *     old contents: write, flush, read, compare (unless they are not to return)
 */
#include <stdio.h>
#include <string.h>

#include "buffer.h"
#include "exercise.h"
#include "vmbare.h"

#define WRITE_PAGES 96u /* a piece and a half */
#define MANY        48u

/* What is written, read back, and was there before; and where. */
struct write_test {
    struct block_device *d;
    struct buffer saved, work;
    uint64_t lba;
    uint32_t count; /* blocks */
    size_t size;    /* bytes */
};

/* Reads or writes the whole range by one of the two ways. */
static bool move(struct write_test *t, struct buffer *b, bool is_write,
                 bool is_by_pfns)
{
    struct block_io io = {.is_write = is_write,
                          .is_long = is_by_pfns,
                          .lba = t->lba,
                          .count = t->count};

    if (is_by_pfns)
        io.data.pfns = b->pfns;
    else
        io.data.mdl = b->mdl;
    if (NT_SUCCESS(block_transfer(t->d, &io)))
        return true;
    return exercise_failed(t->d, is_write ? "writing" : "reading back");
}

/* Writes what `work` holds one way, and reads it the other. */
static bool there_and_back(struct write_test *t, bool is_by_pfns,
                           const char *what)
{
    uint32_t crc = vmbare_crc32(0, t->work.bytes, t->size), found;

    if (!move(t, &t->work, true, is_by_pfns))
        return false;
    if (!NT_SUCCESS(block_flush(t->d)))
        return exercise_failed(t->d, "flushing");
    memset(t->work.bytes, 0, t->size);
    if (!move(t, &t->work, false, !is_by_pfns))
        return false;
    found = vmbare_crc32(0, t->work.bytes, t->size);
    if (found != crc) {
        printf("disk: %s: expected crc32 %08x to be read back, found %08x: do "
               "not trust this disk\n",
               what, (unsigned)crc, (unsigned)found);
        return false;
    }
    printf("# disk: wrote %u blocks from %llu on by %s, read back by %s: %s, "
           "crc32 %08x\n",
           (unsigned)t->count, (unsigned long long)t->lba,
           is_by_pfns ? "page frames" : "MDL",
           is_by_pfns ? "MDL" : "page frames", what, (unsigned)crc);
    return true;
}

/*
 * Pattern 0 and pattern 1 differ in every word, so a write that did nothing is
 * noticed.
 */
static bool write_pattern(struct write_test *t, uint64_t seed, bool is_by_pfns)
{
    buffer_pattern(t->work.bytes, t->size, t->lba * t->d->block_size, seed);
    return there_and_back(t, is_by_pfns, seed ? "pattern 1" : "pattern 0");
}

/* The old contents go back even when a pattern failed. */
static bool restore(struct write_test *t)
{
    memcpy(t->work.bytes, t->saved.bytes, t->size);
    return there_and_back(t, false, "as it was");
}

static bool run(struct write_test *t, bool is_kept)
{
    bool good;

    if (!move(t, &t->saved, false, true))
        return false;
    good = write_pattern(t, 0, false) && write_pattern(t, 1, true);
    if (is_kept)
        printf("# disk: pattern 1 stays in %u blocks from %llu on\n",
               (unsigned)t->count, (unsigned long long)t->lba);
    else
        good = restore(t) && good;
    return good;
}

/* A range in the middle, from an odd block on. */
bool exercise_write(struct block_device *d, bool is_kept)
{
    struct write_test t = {.d = d};
    bool good = false;

    t.count = WRITE_PAGES * PAGE_SIZE_4K / d->block_size;
    if (t.count > d->blocks / 2)
        t.count = (uint32_t)(d->blocks / 2);
    t.lba = ((d->blocks - t.count) / 2) | 1;
    t.size = (size_t)t.count * d->block_size;
    if (buffer_make(&t.saved, WRITE_PAGES)) {
        if (buffer_make(&t.work, WRITE_PAGES)) {
            good = run(&t, is_kept);
            buffer_free(&t.work);
        }
        buffer_free(&t.saved);
    }
    return good;
}

/* ---- closing under way --------------------------------------------------- */

/*
 * Every request must have ended: with success, or because the channel closed.
 */
static bool all_ended(const struct block_io *io, uint32_t begun)
{
    uint32_t good = 0, removed = 0, open = 0;

    for (uint32_t i = 0; i < begun; i++) {
        open += !vstor_over(&io[i].request);
        good += io[i].request.status == STATUS_SUCCESS;
        removed += io[i].request.status == STATUS_DEVICE_REMOVED;
    }
    printf("# disk: closed with %u requests under way: %u had ended, %u were "
           "removed, %u are still open\n",
           (unsigned)begun, (unsigned)good, (unsigned)removed, (unsigned)open);
    return good + removed == MANY;
}

/*
 * Starts as many requests as there are pages, waits for none, and closes. After
 * that the memory must be safe to free.
 */
bool exercise_close(struct block_device *d)
{
    static struct block_io io[MANY];
    struct buffer b;
    uint32_t begun = 0;
    bool good;

    if (!buffer_make(&b, MANY))
        return false;
    while (begun < MANY) {
        io[begun] = (struct block_io){
            .count = PAGE_SIZE_4K / d->block_size,
            .data = {.mdl = b.mdl, .offset = begun * PAGE_SIZE_4K}};
        if (!NT_SUCCESS(block_start(d, &io[begun])))
            break;
        begun++;
    }
    block_close(d);
    good = all_ended(io, begun);
    buffer_free(&b);
    return good;
}
