/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Fuzzer of the ring: both ends against a peer that writes whatever the input
 * says, even between two of our loads.
 *
 * The input is a list of operations, one byte each, followed by its arguments.
 * Memory outside the ring and the buffers must never be touched (each is its
 * own allocation). The fields of a packet must agree, positions must stay in
 * the ring, and a broken ring must stay broken.
 */
#include "fuzz_ring.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "vmbus/seam.h"

#define SIZE_MAX_PAGES 3u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

_Noreturn void seam_assert_failed(struct seam *s, const char *function,
                                  const char *expression, const char *hint)
{
    (void)s;
    fprintf(stderr, "panic: %s: %s: %s\n", function, expression, hint);
    abort();
}

static const uint8_t *feed;
static size_t feed_left;

uint32_t take(uint32_t bytes)
{
    uint32_t value = 0;

    for (; bytes > 0 && feed_left > 0; bytes--, feed_left--)
        value = value << 8 | *feed++;
    return value;
}

/* ---- the ring ------------------------------------------------------------ */

struct ring_area area;
struct ring_writer writer;
struct ring_reader reader;
uint32_t write_at, read_at;

static void attach(void)
{
    disarm();
    if (ring_writer_attach(&writer, &area) != 0 ||
        ring_reader_attach(&reader, &area) != 0) {
        memset(area.control, 0, sizeof(*area.control));
        CHECK(ring_writer_attach(&writer, &area) == 0);
        CHECK(ring_reader_attach(&reader, &area) == 0);
    }
    write_at = ring_writer_start(&writer);
    read_at = ring_reader_start(&reader);
}

/* ---- operations that are one step of an end ------------------------------ */

static void write_restart(void)
{
    write_at = ring_writer_start(&writer);
}

static void write_commit(void)
{
    ring_writer_commit(&writer, write_at);
    write_restart();
}

static void write_block(void)
{
    write_commit();
    ring_writer_block(&writer, take(2));
}

static void write_unblock(void)
{
    ring_writer_unblock(&writer);
    CHECK(ring_writer_free(&writer) <= area.size);
}

static void read_commit(void)
{
    ring_reader_commit(&reader, read_at);
    read_at = ring_reader_start(&reader);
}

static void read_mask(void)
{
    ring_reader_mask(&reader);
    ring_reader_unmask(&reader);
}

static void read_used(void)
{
    CHECK(ring_reader_used(&reader) < area.size);
}

static void read_all(void)
{
    area.control->read_index = area.control->write_index;
}

static void read_restart(void)
{
    read_at = ring_reader_start(&reader);
    if (take(1) > 200)
        attach();
}

/* The corpus depends on this order. */
static void operation(uint32_t which)
{
    static void (*const operations[])(void) = {
        write_packet,  write_typed,  reserve_in_place, write_commit,
        write_restart, write_block,  write_unblock,    read_packet,
        peek_packet,   read_commit,  read_mask,        read_used,
        spoil_control, spoil_data,   send_packet,      read_all,
        arm,           read_restart,
    };

    operations[which % (sizeof(operations) / sizeof(operations[0]))]();
}

/* ---- the whole ----------------------------------------------------------- */

/* The data is mapped twice, with an unmapped page after it, and kept between
 * inputs. */
static uint8_t *data_twice(uint32_t size)
{
    static uint8_t *mappings[SIZE_MAX_PAGES + 1];
    uint8_t **mapping = &mappings[size / 4096];
    int fd;

    if (*mapping != NULL)
        return *mapping;
    fd = memfd_create("ring", 0);
    CHECK(fd >= 0 && ftruncate(fd, size) == 0);
    *mapping = mmap(NULL, 2 * size + 4096, PROT_NONE,
                    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    for (uint32_t i = 0; i < 2; i++)
        CHECK(mmap(*mapping + i * size, size, PROT_READ | PROT_WRITE,
                   MAP_SHARED | MAP_FIXED, fd, 0) != MAP_FAILED);
    close(fd);
    return *mapping;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint32_t shape;

    feed = data;
    feed_left = size;
    shape = take(1);
    area.size = 4096 * (1 + shape % SIZE_MAX_PAGES);
    area.twice = shape & 0x80;
    area.control = aligned_alloc(4096, 4096);
    area.data =
        area.twice ? data_twice(area.size) : aligned_alloc(4096, area.size);
    memset(area.data, 0, area.size);
    memset(area.control, 0, sizeof(*area.control));
    area.control->write_index = area.control->read_index =
        (area.size - 8 * take(1)) % area.size;
    attach();
    while (feed_left > 0)
        operation(take(1));
    free(area.control);
    if (!area.twice)
        free(area.data);
    return 0;
}
