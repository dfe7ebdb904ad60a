/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reading a disk (exercise.h): the same blocks by both ways of sending, into
 * many shapes of memory, and outside of the disk.
 */
#include <stdio.h>
#include <string.h>

#include "buffer.h"
#include "exercise.h"
#include "drivers/sense.h"
#include "vmbare.h"

#define CHECKSUM_BYTES (16u << 20)
#define CHUNK_PAGES    256u /* of one block_transfer */
#define SHAPE_PAGES    16u

/* block_*() left the reason in d->problem. */
bool exercise_failed(const struct block_device *d, const char *what)
{
    printf("disk: %s: %s\n", what, d->problem);
    return false;
}

/* ---- checksum ------------------------------------------------------------ */

/* The whole disk, or its first 16 MiB. */
static uint64_t checksum_blocks(const struct block_device *d)
{
    uint64_t most = CHECKSUM_BYTES / d->block_size;

    return d->blocks < most ? d->blocks : most;
}

/*
 * One pass over the disk with one buffer. By page frames, the long form of READ
 * is used as well, so that both forms are tried.
 */
static bool sum_up(struct block_device *d, struct buffer *b, bool is_by_pfns,
                   uint32_t *crc)
{
    uint64_t left = checksum_blocks(d);
    uint32_t chunk = b->pages * PAGE_SIZE_4K / d->block_size;
    struct block_io io = {.is_long = is_by_pfns};

    *crc = 0;
    if (is_by_pfns)
        io.data.pfns = b->pfns;
    else
        io.data.mdl = b->mdl;
    while (left) {
        io.count = left < chunk ? (uint32_t)left : chunk;
        if (!NT_SUCCESS(block_transfer(d, &io)))
            return exercise_failed(d, "the checksum");
        *crc = vmbare_crc32(*crc, b->bytes, (size_t)io.count * d->block_size);
        io.lba += io.count;
        left -= io.count;
    }
    printf("# disk: crc32 %08x of %llu blocks, read by %s\n", (unsigned)*crc,
           (unsigned long long)io.lba, is_by_pfns ? "page frames" : "MDL");
    return true;
}

/*
 * The second pass is cut into small pieces, so that 64 requests are under way
 * at once.
 */
bool exercise_checksum(struct block_device *d, uint32_t *crc)
{
    uint32_t other;
    struct buffer b;
    bool good;

    if (!buffer_make(&b, CHUNK_PAGES))
        return false;
    good = sum_up(d, &b, false, crc);
    d->piece_max = 4 * PAGE_SIZE_4K; /* 64 requests at once */
    good = good && sum_up(d, &b, true, &other);
    d->piece_max = d->vstor.max_transfer;
    buffer_free(&b);
    if (!good || *crc == other)
        return good;
    printf("disk: expected one checksum by both ways, found two\n");
    return false;
}

/* ---- shapes -------------------------------------------------------------- */

/* Reads `count` blocks from 0 on into the window and compares them. */
static bool try_shape(struct block_device *d, const char *name,
                      struct vstor_data data, const uint8_t *window,
                      uint32_t count, const uint8_t *expected)
{
    struct block_io io = {.count = count, .data = data};

    if (!NT_SUCCESS(block_transfer(d, &io)))
        return exercise_failed(d, name);
    if (memcmp(window, expected, (size_t)count * d->block_size)) {
        printf("disk: %s: expected what page frames gave, found other bytes\n",
               name);
        return false;
    }
    printf("# disk: %u blocks read by %s\n", (unsigned)count, name);
    return true;
}

/* A chain of two MDLs over the buffer: `first` bytes, then the rest. */
static bool make_chain(struct buffer *b, uint32_t first, PMDL *chain)
{
    uint32_t rest = b->pages * PAGE_SIZE_4K - first;
    PMDL head = IoAllocateMdl(b->bytes, first, FALSE, FALSE, NULL);
    PMDL tail = IoAllocateMdl(b->bytes + first, rest, FALSE, FALSE, NULL);

    if (!head || !tail) {
        if (head)
            IoFreeMdl(head);
        if (tail)
            IoFreeMdl(tail);
        return false;
    }
    MmBuildMdlForNonPagedPool(head);
    MmBuildMdlForNonPagedPool(tail);
    head->Next = tail;
    *chain = head;
    return true;
}

/* The first MDL ends inside a page, between two blocks. */
static bool try_chain(struct block_device *d, struct buffer *b, uint32_t count,
                      const uint8_t *expected)
{
    uint32_t first = PAGE_SIZE_4K + d->block_size;
    struct vstor_data whole = {0}, second = {.offset = first};
    PMDL chain, tail;
    bool good;

    if (!make_chain(b, first, &chain)) {
        printf("disk: no memory for two MDLs\n");
        return false;
    }
    tail = chain->Next;
    whole.mdl = second.mdl = chain;
    good = try_shape(d, "a chain of two MDLs, in two pieces", whole, b->bytes,
                     count, expected);
    memset(b->bytes, 0, (size_t)b->pages * PAGE_SIZE_4K);
    good = good && try_shape(d, "the second MDL of a chain", second,
                             b->bytes + first, count / 2, expected);
    IoFreeMdl(chain);
    IoFreeMdl(tail);
    return good;
}

/* An MDL of one byte that is said to reach to its page's end. */
/*
 * KMCL normally limits a transfer to the MDL's length. With forced length the
 * data reach to the end of its last page, whatever the MDL says.
 */
static bool try_forced(struct block_device *d, struct buffer *b,
                       const uint8_t *expected)
{
    struct vstor_data data = {.forced = true};
    bool good;

    data.mdl = IoAllocateMdl(b->bytes, 1, FALSE, FALSE, NULL);
    if (!data.mdl) {
        printf("disk: no memory for an MDL\n");
        return false;
    }
    MmBuildMdlForNonPagedPool(data.mdl);
    good = try_shape(d, "an MDL of 1 byte with forced length", data, b->bytes,
                     PAGE_SIZE_4K / d->block_size, expected);
    IoFreeMdl(data.mdl);
    return good;
}

/*
 * Each shape gets a buffer of zeroes, so bytes of the shape before cannot pass
 * for an answer.
 */
static bool try_shapes(struct block_device *d, struct buffer *b,
                       const uint8_t *expected, uint32_t count)
{
    size_t size = (size_t)b->pages * PAGE_SIZE_4K;
    struct vstor_data window = {.mdl = b->mdl, .offset = 520};
    bool good;

    good = try_shape(d, "a window that starts inside a page", window,
                     b->bytes + 520, count, expected);
    memset(b->bytes, 0, size);
    good = good && try_chain(d, b, count, expected);
    memset(b->bytes, 0, size);
    return good && try_forced(d, b, expected);
}

/* What page frames gave is what every other shape must give. */
bool exercise_shapes(struct block_device *d)
{
    uint32_t count = SHAPE_PAGES * PAGE_SIZE_4K / 2 / d->block_size;
    struct buffer b, expected;
    struct block_io io;
    bool good;

    if (d->blocks < count)
        count = (uint32_t)d->blocks;
    if (!buffer_make(&b, SHAPE_PAGES))
        return false;
    if (!buffer_make(&expected, SHAPE_PAGES)) {
        buffer_free(&b);
        return false;
    }
    io = (struct block_io){.count = count, .data = {.pfns = expected.pfns}};
    good =
        NT_SUCCESS(block_transfer(d, &io)) || exercise_failed(d, "page frames");
    good = good && try_shapes(d, &b, expected.bytes, count);
    buffer_free(&b);
    buffer_free(&expected);
    return good;
}

/* ---- outside ------------------------------------------------------------- */

/*
 * True: the disk refused the read as an illegal request, which is the only
 * right answer.
 */
static bool is_refused(struct block_device *d, struct buffer *b, uint64_t lba,
                       uint32_t count, bool is_long)
{
    struct block_io io = {.is_long = is_long,
                          .lba = lba,
                          .count = count,
                          .data = {.mdl = b->mdl}};
    struct sense sense = {0};
    NTSTATUS status = block_start(d, &io);

    if (NT_SUCCESS(status))
        status = block_wait(d, &io);
    sense_decode(io.request.sense, io.request.sense_length, &sense);
    if (sense.key != SENSE_ILLEGAL_REQUEST) {
        printf("disk: expected ILLEGAL REQUEST for block %llu, found status "
               "0x%08x, sense key %u\n",
               (unsigned long long)lba, (unsigned)status, sense.key);
        return false;
    }
    printf("# disk: block %llu is refused: %s\n", (unsigned long long)lba,
           d->problem);
    return true;
}

/*
 * The first block after the end; two blocks of which one is outside; and the
 * largest number that the long form can carry.
 */
bool exercise_limits(struct block_device *d)
{
    struct buffer b;
    bool good;

    if (!buffer_make(&b, 2))
        return false;
    good = is_refused(d, &b, d->blocks, 1, false) &&
           is_refused(d, &b, d->blocks - 1, 2, false) &&
           is_refused(d, &b, UINT64_MAX, 1, true);
    buffer_free(&b);
    return good;
}
