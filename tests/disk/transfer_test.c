/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of reads and writes: splitting, shapes, many at once, early ends. */
#include "app/disk/buffer.h"
#include "disk_world.h"
#include "drivers/storage/private.h"

#define PAGES 64u

static struct block_io whole_buffer(struct buffer *m, bool is_write,
                                    uint32_t count)
{
    return (struct block_io){
        .is_write = is_write, .count = count, .data = {.mdl = m->mdl}};
}

static void read_and_compare(struct bench *b, struct buffer *m,
                             struct block_io io)
{
    memset(m->bytes, 0, m->pages * 4096);
    CHECK_STATUS(block_transfer(b->disk, &io), 0);
    CHECK(!memcmp(m->bytes + io.data.offset, b->host->disk + io.lba * 512,
                  io.count * 512));
}

/* Reads by MDL and by page frames, in one piece and in many. */
static void pieces(struct bench *b)
{
    struct buffer m;
    struct block_io io;

    must_open(b);
    CHECK(buffer_make(&m, PAGES));
    io = whole_buffer(&m, false, 500);
    read_and_compare(b, &m, io);
    CHECK_EQ(b->host->commands[CDB_READ_10], 1);
    b->disk->piece_max = 8192;
    read_and_compare(b, &m, io);
    CHECK_EQ(b->host->commands[CDB_READ_10], 1 + 32);
    io.data = (struct vstor_data){.pfns = m.pfns};
    io.lba = 13;
    read_and_compare(b, &m, io);
    CHECK_EQ(b->host->external, 4096); /* the last piece has 4 blocks */
    io.is_long = true;
    read_and_compare(b, &m, io);
    CHECK_EQ(b->host->commands[CDB_READ_16], 32);
    buffer_free(&m);
}

/* A range of page frames covers whole pages, that of an MDL only the blocks. */
static void exact_ranges(struct bench *b)
{
    struct block_io io = {.count = 3};
    struct buffer m;

    must_open(b);
    CHECK(buffer_make(&m, 2));
    io.data.pfns = m.pfns;
    read_and_compare(b, &m, io);
    CHECK_EQ(b->host->external, 4096);
    io.data = (struct vstor_data){.mdl = m.mdl, .offset = 520};
    read_and_compare(b, &m, io);
    CHECK_EQ(b->host->external, 3 * 512);
    CHECK_EQ(b->disk->vstor.by_mdl, 4);
    CHECK_EQ(b->disk->vstor.by_pfns, 1);
    buffer_free(&m);
}

static void writing(struct bench *b)
{
    struct block_io io;
    struct buffer m;

    must_open(b);
    CHECK(buffer_make(&m, PAGES));
    buffer_pattern(m.bytes, PAGES * 4096, 0, 5);
    io = whole_buffer(&m, true, 300);
    io.lba = 77;
    CHECK_STATUS(block_transfer(b->disk, &io), 0);
    CHECK(!memcmp(m.bytes, b->host->disk + 77 * 512, 300 * 512));
    CHECK_EQ(b->host->last[22], 0); /* to the device */
    CHECK_EQ(b->host->last[52] & 0xc0, 0x80);
    io.is_write = false;
    CHECK_STATUS(block_transfer(b->disk, &io), 0);
    CHECK_EQ(b->host->last[22], 1);
    CHECK_EQ(b->host->last[52] & 0xc0, 0x40);
    buffer_free(&m);
}

/* Nothing is sent, and reads go on. */
static void read_only(struct bench *b)
{
    struct block_io io;
    struct buffer m;

    must_open(b);
    CHECK(buffer_make(&m, PAGES));
    block_read_only.number = 1;
    io = whole_buffer(&m, true, 300);
    CHECK_STATUS(block_transfer(b->disk, &io), STATUS_ACCESS_DENIED);
    must_say(b->disk, "expected a disk that may be written, found the option "
                      "storage.read-only");
    CHECK_EQ(b->host->commands[CDB_WRITE_10], 0);
    io.is_write = false;
    read_and_compare(b, &m, io);
    block_read_only.number = 0;
    io.is_write = true;
    CHECK_STATUS(block_transfer(b->disk, &io), 0);
    CHECK_EQ(b->host->commands[CDB_WRITE_10], 1);
    buffer_free(&m);
}

static void chains(struct bench *b)
{
    struct block_io io = {.count = 16};
    struct buffer m;
    PMDL head, tail;

    must_open(b);
    CHECK(buffer_make(&m, 4));
    head = IoAllocateMdl(m.bytes, 3 * 512, FALSE, FALSE, NULL);
    tail = IoAllocateMdl(m.bytes + 3 * 512, 20 * 512, FALSE, FALSE, NULL);
    MmBuildMdlForNonPagedPool(head);
    MmBuildMdlForNonPagedPool(tail);
    head->Next = tail;
    io.data.mdl = head;
    read_and_compare(b, &m, io);
    CHECK_EQ(b->host->commands[CDB_READ_10], 2);
    io.count = 24;
    CHECK_STATUS(block_transfer(b->disk, &io), STATUS_INVALID_PARAMETER);
    must_say(b->disk, "expected whole blocks of 512 bytes in each MDL");
    head->ByteCount -= 1;
    io.count = 16;
    CHECK_STATUS(block_transfer(b->disk, &io), STATUS_INVALID_PARAMETER);
    IoFreeMdl(head);
    IoFreeMdl(tail);
    buffer_free(&m);
}

/* The 20th of 128 pieces fails: those that were started end, and no further
 * piece starts. */
static void failure_in_the_middle(struct bench *b)
{
    struct block_io io;
    struct buffer m;

    must_open(b);
    CHECK(buffer_make(&m, 128));
    b->disk->piece_max = 4096;
    host_lie(b->host, (struct lie){.kind = LIE_SENSE,
                                   .operation = OP_SRB,
                                   .command = CDB_READ_10,
                                   .skip = 19,
                                   .times = 1,
                                   .value = 0x031100});
    io = whole_buffer(&m, false, 1024);
    CHECK_STATUS(block_transfer(b->disk, &io), STATUS_UNSUCCESSFUL);
    must_say(b->disk, "medium error, unrecovered read error");
    CHECK_EQ(b->disk->vstor.under_way, 0);
    CHECK_EQ(b->host->commands[CDB_READ_10], BLOCK_AT_ONCE + 19);
    read_and_compare(b, &m, io);
    buffer_free(&m);
}

/* ---- early ends --------------------------------------------------------- */

/* After 180 seconds without an answer the driver closes the channel, which ends
 * all requests. */
static void no_answer(struct bench *b)
{
    uint64_t begin;
    struct block_io io;
    struct buffer m;

    must_open(b);
    CHECK(buffer_make(&m, PAGES));
    b->disk->piece_max = 4096;
    host_lie(b->host, (struct lie){.kind = LIE_SILENCE,
                                   .operation = OP_SRB,
                                   .command = CDB_READ_10,
                                   .skip = 5,
                                   .times = 1});
    io = whole_buffer(&m, false, 64);
    begin = world_now(b->w);
    CHECK_STATUS(block_transfer(b->disk, &io), STATUS_IO_TIMEOUT);
    CHECK(world_now(b->w) - begin >= UINT64_C(1800000000));
    CHECK_EQ(b->disk->vstor.under_way, 0);
    CHECK_EQ(b->disk->vstor.state, VSTOR_CLOSED);
    must_open(b);
    read_and_compare(b, &m, io);
    buffer_free(&m);
}

/* The host withdraws the disk while 48 requests are under way. */
static void rescinded(struct bench *b)
{
    static struct block_io io[48];
    uint32_t removed = 0, good = 0;
    struct buffer m;

    must_open(b);
    CHECK(buffer_make(&m, 48));
    host_lie(b->host, (struct lie){.kind = LIE_WITHDRAW,
                                   .operation = OP_SRB,
                                   .command = CDB_READ_10,
                                   .skip = 10,
                                   .times = 1});
    host_lie(b->host, (struct lie){.kind = LIE_SILENCE,
                                   .operation = OP_SRB,
                                   .command = CDB_READ_10,
                                   .skip = 10});
    for (int i = 0; i < 48; i++) {
        io[i] = (struct block_io){.count = 8,
                                  .data = {.mdl = m.mdl, .offset = i * 4096u}};
        CHECK_STATUS(block_start(b->disk, &io[i]), 0);
    }
    for (int i = 0; i < 48; i++) {
        NTSTATUS status = block_wait(b->disk, &io[i]);

        removed += status == STATUS_DEVICE_REMOVED;
        good += status == STATUS_SUCCESS;
    }
    CHECK_EQ(good, 10);
    CHECK_EQ(removed, 38);
    must_say(b->disk, "that the channel closed (status 0xc00002b6)");
    CHECK_EQ(b->disk->vstor.under_way, 0);
    CHECK_STATUS(block_start(b->disk, &io[0]), STATUS_DEVICE_REMOVED);
    let_pass(b, 10);
    host_be_honest(b->host);
    host_offer(b->host);
    must_open(b);
    read_and_compare(b, &m, whole_buffer(&m, false, 64));
    buffer_free(&m);
}

/* The disk is closed before any answer: every request ends as removed. */
static void closed_under_way(struct bench *b)
{
    static struct block_io io[BLOCK_AT_ONCE];
    struct buffer m;

    must_open(b);
    CHECK(buffer_make(&m, BLOCK_AT_ONCE));
    for (uint32_t i = 0; i < BLOCK_AT_ONCE; i++) {
        io[i] = (struct block_io){.count = 8,
                                  .data = {.mdl = m.mdl, .offset = i * 4096}};
        CHECK_STATUS(block_start(b->disk, &io[i]), 0);
    }
    CHECK_EQ(b->disk->vstor.under_way, BLOCK_AT_ONCE);
    block_close(b->disk);
    for (uint32_t i = 0; i < BLOCK_AT_ONCE; i++) {
        CHECK(vstor_over(&io[i].request));
        CHECK_STATUS(io[i].request.status, STATUS_DEVICE_REMOVED);
    }
    buffer_free(&m);
}

static NTSTATUS submitted;

static void submit_late(void *arg)
{
    struct bench *b = arg;
    static struct vstor_request r = {.direction = VSTOR_NO_DATA};

    submitted = vstor_submit(&b->disk->vstor, &r);
}

/* A driver may send nothing between EvtChannelSuspend and EvtChannelClosed. */
static void submitted_while_closing(struct bench *b)
{
    must_open(b);
    submitted = STATUS_PENDING;
    world_call_later(b->w, 0, submit_late, b);
    block_close(b->disk);
    CHECK_STATUS(submitted, STATUS_DEVICE_REMOVED);
}

/* The ring has room for the largest requests, as many as may be under way. */
static void large_and_many(struct bench *b)
{
    static struct block_io io[BLOCK_AT_ONCE];
    const struct kmcl_stats *stats = kmcl_stats(b->w->kmcl);
    uint64_t queued = stats->packets_queued;
    struct buffer m;

    must_open(b);
    CHECK(buffer_make(&m, PAGES));
    for (uint32_t i = 0; i < BLOCK_AT_ONCE; i++) {
        io[i] = (struct block_io){.count = 512, .data = {.pfns = m.pfns}};
        CHECK_STATUS(block_start(b->disk, &io[i]), 0);
    }
    CHECK_EQ(stats->packets_queued, queued);
    for (uint32_t i = 0; i < BLOCK_AT_ONCE; i++)
        CHECK_STATUS(block_wait(b->disk, &io[i]), 0);
    buffer_free(&m);
}

static void many_openings(struct bench *b)
{
    struct buffer m;

    CHECK(buffer_make(&m, 4));
    for (int i = 0; i < 50; i++) {
        must_open(b);
        read_and_compare(b, &m, whole_buffer(&m, false, 32));
        block_close(b->disk);
    }
    buffer_free(&m);
}

const struct disk_test transfer_tests[] = {
    {"a transfer works in one piece and in many, by MDL and by frames", pieces},
    {"a range is as long as the transfer needs", exact_ranges},
    {"writes reach the disk and carry their direction flags", writing},
    {"with the option storage.read-only no write is sent", read_only},
    {"a chain of MDLs works, and one that splits a block is refused", chains},
    {"a piece that fails ends the transfer and no further piece starts",
     failure_in_the_middle},
    {"a request without an answer fails after 180 seconds", no_answer},
    {"requests under way end when the host withdraws the disk", rescinded},
    {"requests under way end when the disk is closed", closed_under_way},
    {"no request is sent while the disk is closed", submitted_while_closing},
    {"64 of the largest requests fit the ring at once", large_and_many},
    {"a disk can be opened and closed 50 times", many_openings},
    {0},
};
