/* SPDX-License-Identifier: BSD-2-Clause */

#include "place.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "vmbus/seam.h"

jmp_buf assert_jump;
bool assert_expected;

_Noreturn void seam_assert_failed(struct seam *s, const char *function,
                                  const char *expression, const char *hint)
{
    (void)s;
    if (assert_expected)
        longjmp(assert_jump, 1);
    fprintf(stderr, "%s: %s: %s\n", function, expression, hint);
    abort();
}

static uint8_t *map_twice(uint32_t size)
{
    int fd = memfd_create("ring", 0);
    uint8_t *both;

    assert_true(fd >= 0);
    assert_int_equal(ftruncate(fd, size), 0);
    both = mmap(NULL, 2 * (size_t)size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS,
                -1, 0);
    assert_ptr_not_equal(both, MAP_FAILED);
    for (uint32_t i = 0; i < 2; i++)
        assert_ptr_not_equal(mmap(both + i * (size_t)size, size,
                                  PROT_READ | PROT_WRITE,
                                  MAP_SHARED | MAP_FIXED, fd, 0),
                             MAP_FAILED);
    close(fd);
    return both;
}

struct place *place_new(uint32_t size, bool twice)
{
    struct place *p = calloc(1, sizeof(*p));

    p->size = size;
    p->control = aligned_alloc(4096, sizeof(*p->control));
    memset(p->control, 0, sizeof(*p->control));
    p->area.control = p->control;
    p->area.data = twice ? map_twice(size) : aligned_alloc(4096, size);
    p->area.size = size;
    p->area.twice = twice;
    memset(p->area.data, 0xee, size);
    return p;
}

struct place *place_at(uint32_t size, bool twice, uint32_t index)
{
    struct place *p = place_new(size, twice);

    p->control->write_index = p->control->read_index = index;
    assert_int_equal(ring_writer_attach(&p->writer, &p->area), 0);
    assert_int_equal(ring_reader_attach(&p->reader, &p->area), 0);
    return p;
}

void place_free(struct place *p)
{
    if (p->area.twice)
        munmap(p->area.data, 2 * (size_t)p->size);
    else
        free(p->area.data);
    free(p->control);
    free(p);
}

uint32_t bytes_of(const char *hex, uint8_t *bytes, uint32_t capacity)
{
    uint32_t count = 0;
    int used;

    for (; sscanf(hex, " %2hhx%n", &bytes[count], &used) == 1; hex += used) {
        count++;
        assert_true(count < capacity);
    }
    return count;
}

static void expect_at(const uint8_t *base, uint32_t size, uint32_t offset,
                      const char *hex)
{
    uint8_t bytes[512];
    uint32_t count = bytes_of(hex, bytes, sizeof(bytes));

    for (uint32_t i = 0; i < count; i++)
        if (base[(offset + i) % size] != bytes[i])
            fail_msg("byte %u from 0x%x: expected %02x, found %02x", i, offset,
                     bytes[i], base[(offset + i) % size]);
}

static void put_at(uint8_t *base, uint32_t size, uint32_t offset,
                   const char *hex)
{
    uint8_t bytes[512];
    uint32_t count = bytes_of(hex, bytes, sizeof(bytes));

    for (uint32_t i = 0; i < count; i++)
        base[(offset + i) % size] = bytes[i];
}

void put_data(struct place *p, uint32_t offset, const char *hex)
{
    put_at(p->area.data, p->size, offset, hex);
}

void expect_data(struct place *p, uint32_t offset, const char *hex)
{
    expect_at(p->area.data, p->size, offset, hex);
}

void put_control(struct place *p, uint32_t offset, const char *hex)
{
    put_at((uint8_t *)p->control, 4096, offset, hex);
}

void expect_control(struct place *p, uint32_t offset, const char *hex)
{
    expect_at((const uint8_t *)p->control, 4096, offset, hex);
}

int write_counted(struct place *p, uint32_t *at, uint32_t size)
{
    static uint8_t body[RING_BODY_LIMIT];
    struct ring_packet packet = {.type = 6, .size = size, .transaction = size};

    for (uint32_t i = 0; i < size; i++)
        body[i] = (uint8_t)i;
    return ring_write(&p->writer, at, &packet, body);
}

bool send_counted(struct place *p, uint32_t size)
{
    uint32_t at = ring_writer_start(&p->writer);

    assert_int_equal(write_counted(p, &at, size), 0);
    return ring_writer_commit(&p->writer, at);
}

bool drain(struct place *p, uint32_t count)
{
    static uint8_t body[RING_BODY_LIMIT];
    struct ring_packet packet;
    uint32_t at = ring_reader_start(&p->reader);

    while (count-- > 0) {
        assert_int_equal(
            ring_read(&p->reader, &at, &packet, body, sizeof(body)), 0);
        for (uint32_t i = 0; i < packet.transaction; i++)
            assert_int_equal(body[i], (uint8_t)i);
    }
    return ring_reader_commit(&p->reader, at);
}

const struct ring_packet n4 = {6, 1, 0, 12, 7};

struct got read_one(struct place *p, uint32_t at, uint32_t capacity)
{
    struct got got = {.at = at};

    memset(got.body, 0xdd, sizeof(got.body));
    got.status =
        ring_read(&p->reader, &got.at, &got.packet, got.body, capacity);
    return got;
}

void expect_n4(const struct got *got)
{
    assert_int_equal(got->status, 0);
    assert_int_equal(got->packet.type, 6);
    assert_int_equal(got->packet.flags, 1);
    assert_int_equal(got->packet.header_size, 0);
    assert_int_equal(got->packet.size, 16);
    assert_int_equal(got->packet.transaction, 7);
    assert_memory_equal(got->body, "ABCDEFGHIJKL\0\0\0\0\xdd", 17);
}

void around_the_end(bool twice, void (*check)(struct place *p, uint32_t start))
{
    for (uint32_t back = 0; back <= 48; back += 8) {
        uint32_t start = (12288 - back) % 12288;
        struct place *p = place_at(12288, twice, start);

        check(p, start);
        place_free(p);
    }
}
