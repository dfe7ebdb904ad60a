/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of app/disk's exercise: it passes on a good disk and fails on bad ones.
 */
#include "disk_world.h"
#include "app/disk/exercise.h"

static void honest(struct bench *b)
{
    uint8_t *before = b->host->disk;
    static uint8_t copy[sizeof(b->host->disk)];
    uint32_t crc, other;

    memcpy(copy, before, sizeof(copy));
    must_open(b);
    CHECK(exercise_checksum(b->disk, &crc));
    CHECK_EQ(b->disk->vstor.by_pfns, HOST_BLOCKS / 32);
    CHECK(exercise_shapes(b->disk));
    CHECK(exercise_limits(b->disk));
    b->disk->vstor.by_pfns = 0;
    CHECK(exercise_write(b->disk, false));
    CHECK_EQ(b->disk->vstor.by_pfns, 4); /* saved, and one way of three */
    CHECK(!memcmp(copy, before, sizeof(copy)));
    CHECK(exercise_checksum(b->disk, &other));
    CHECK_EQ(crc, other);
    CHECK(exercise_close(b->disk));
}

static void kept(struct bench *b)
{
    static uint8_t copy[sizeof(b->host->disk)];
    uint32_t changed = 0;

    memcpy(copy, b->host->disk, sizeof(copy));
    must_open(b);
    CHECK(exercise_write(b->disk, true));
    for (uint32_t i = 0; i < HOST_BLOCKS; i++)
        changed += !!memcmp(copy + i * 512, b->host->disk + i * 512, 512);
    CHECK_EQ(changed, HOST_BLOCKS / 2);
}

static void lie_about(struct bench *b, int command, enum lie_kind kind,
                      uint32_t skip, uint64_t value)
{
    host_be_honest(b->host);
    host_lie(b->host, (struct lie){.kind = kind,
                                   .operation = OP_SRB,
                                   .command = command,
                                   .skip = skip,
                                   .times = 1,
                                   .width = 1,
                                   .value = value});
}

static void other_bytes(struct bench *b)
{
    uint32_t crc;

    must_open(b);
    lie_about(b, CDB_READ_16, LIE_DATA, 3, 0x5a);
    CHECK(!exercise_checksum(b->disk, &crc));
    lie_about(b, CDB_READ_16, LIE_SENSE, 3, 0x031100);
    CHECK(!exercise_checksum(b->disk, &crc));
    for (uint32_t i = 0; i < 6; i++) {
        lie_about(b, CDB_READ_10, LIE_DATA, i, 0x5a);
        CHECK(!exercise_shapes(b->disk));
    }
}

static void lost_writes(struct bench *b)
{
    must_open(b);
    lie_about(b, CDB_WRITE_10, LIE_FORGET, 0, 0);
    CHECK(!exercise_write(b->disk, false));
    lie_about(b, CDB_WRITE_16, LIE_FORGET, 0, 0);
    CHECK(!exercise_write(b->disk, false));
    lie_about(b, CDB_WRITE_10, LIE_FORGET, 1, 0);
    CHECK(!exercise_write(b->disk, false));
    lie_about(b, CDB_SYNC, LIE_SENSE, 0, 0x040000);
    CHECK(!exercise_write(b->disk, false));
}

/* The disk accepts blocks past its end. */
static void no_limits(struct bench *b)
{
    static const int commands[] = {CDB_READ_10, CDB_READ_10, CDB_READ_16};

    must_open(b);
    for (uint32_t i = 0; i < 3; i++) {
        lie_about(b, commands[i], LIE_SENSE, i == 1, 0x030000);
        CHECK(!exercise_limits(b->disk));
    }
    host_be_honest(b->host);
    CHECK(exercise_limits(b->disk));
}

/* Each allocation fails once; the exercise must fail and change nothing. */
static void no_memory(struct bench *b)
{
    uint32_t crc, refused = 0;
    bool good;

    must_open(b);
    for (uint32_t n = 1; n < 40; n++) {
        world_fail_allocation(b->w, n);
        good = exercise_checksum(b->disk, &crc);
        world_fail_allocation(b->w, n);
        good = exercise_shapes(b->disk) && good;
        world_fail_allocation(b->w, n);
        good = exercise_limits(b->disk) && good;
        world_fail_allocation(b->w, n);
        good = exercise_write(b->disk, false) && good;
        world_fail_allocation(b->w, 0);
        refused += !good;
    }
    CHECK(refused > 4 && good);
}

/* The disk has fewer blocks than the exercise reads on larger disks. */
static void small_disk(struct bench *b)
{
    b->host->blocks = 10;
    must_open(b);
    CHECK_EQ(b->disk->blocks, 10);
    CHECK(exercise_shapes(b->disk));
    CHECK(exercise_limits(b->disk));
    CHECK(exercise_write(b->disk, false));
}

/* One of the requests that run at once cannot be started. */
static void not_all_begun(struct bench *b)
{
    must_open(b);
    world_fail_allocation(b->w, 30);
    CHECK(!exercise_close(b->disk));
    world_fail_allocation(b->w, 0);
    must_open(b);
    CHECK(exercise_close(b->disk));
}

const struct disk_test exercise_tests[] = {
    {"the exercise leaves an honest disk as it was", honest},
    {"a pattern that is kept fills half of the blocks", kept},
    {"the exercise finds bytes that differ", other_bytes},
    {"the exercise finds writes that were lost", lost_writes},
    {"the exercise without memory fails and changes nothing", no_memory},
    {"the exercise passes on a disk of 10 blocks", small_disk},
    {"the exercise finds a request that was never started", not_all_begun},
    {"the exercise finds a disk that accepts blocks past its end", no_limits},
    {0},
};
