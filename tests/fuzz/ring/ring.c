/*
 * Fuzzer of the ring: both ends against a peer that writes what it likes,
 * also between two of our loads.
 *
 * The input is a list of operations, one byte each, with their arguments
 * behind. What must hold: memory outside the ring and the buffers is never
 * touched (each is its own allocation), what a packet says of itself fits
 * together, positions stay in the ring, and a broken ring stays broken.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "ambush_access.h"
#include "packet.h"
#include "seam.h"

#define SIZE_MAX_PAGES 3u
#define CHECK(holds)                                              \
    do {                                                          \
        if (!(holds)) {                                           \
            fprintf(stderr, "panic: %s: %s\n", __func__, #holds); \
            abort();                                              \
        }                                                         \
    } while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

_Noreturn void seam_assert_failed(struct seam *s, const char *function,
                                  const char *expression, const char *hint)
{
    (void)s;
    fprintf(stderr, "panic: %s: %s: %s\n", function, expression, hint);
    abort();
}

/* ---- the input ---------------------------------------------------------- */

static const uint8_t *feed;
static size_t feed_left;

static uint32_t take(uint32_t bytes)
{
    uint32_t value = 0;

    for (; bytes > 0 && feed_left > 0; bytes--, feed_left--)
        value = value << 8 | *feed++;
    return value;
}

/* ---- the ring and who ambushes it --------------------------------------- */

static struct ring_area area;
static struct ring_writer writer;
static struct ring_reader reader;
static uint32_t write_at, read_at;

static struct {
    uint32_t accesses; /* until it happens; 0: not armed */
    uint8_t *at;
    uint32_t value;
    uint32_t size;
} armed;

void ambush(void)
{
    if (armed.accesses == 0 || --armed.accesses != 0)
        return;
    memcpy(armed.at, &armed.value, armed.size);
}

/* A word of the control page, or a unit of the data near the read index. */
static uint8_t *victim(uint32_t which)
{
    static const uint8_t words[] = {0, 4, 8, 12, 64};
    uint32_t unit = read_at + 8 * (which / 8) + 2 * (which % 4);

    if (which % 8 < sizeof(words))
        return (uint8_t *)area.control + words[which % 8];
    return area.data + unit % area.size;
}

static uint32_t index_near(uint32_t around)
{
    uint32_t how = take(1);

    if (how >= 240)
        return take(4);
    return (around + how * 8) % area.size;
}

static void arm(void)
{
    uint32_t which;

    armed.accesses = take(1) % 8 + 1;
    which = take(1);
    armed.at = victim(which);
    armed.size = which % 8 < 5 ? 4 : 2;
    armed.value = take(1) & 1 ? take(4) : index_near(read_at);
}

/* ---- our ends ----------------------------------------------------------- */

static void check_writer(int status)
{
    CHECK(write_at < area.size && write_at % 8 == 0);
    CHECK((status == -EPROTO) == (writer.fault.kind != RING_FAULT_NONE));
    if (status == -EPROTO)
        CHECK(ring_fault_text(writer.fault.kind) != NULL);
}

static uint8_t source[3 * 4096];

static void write_packet(void)
{
    struct ring_packet packet = {.type = (uint16_t)take(1),
                                 .flags = (uint16_t)take(1)};

    packet.size = take(2) % (sizeof(source) + 100);
    if (packet.size > sizeof(source))
        packet.size = UINT32_MAX - packet.size;
    check_writer(ring_write(&writer, &write_at, &packet, source));
}

static void write_typed(void)
{
    static const uint64_t pfns[4];
    struct packet_gpa_range gpa[2] = {{take(2), take(2), pfns},
                                      {take(1), take(1), pfns}};
    struct ring_transfer_range transfer[4] = {{1, 2}};
    uint32_t kind = take(1), size = take(1), count = take(1);
    int status;

    gpa[0].byte_count %= 12288;
    switch (kind % 6) {
    case 0:
        status = packet_write_in_band(&writer, &write_at, 1, count & 1, source,
                                      size);
        break;
    case 1:
        status = packet_write_completion(&writer, &write_at, 2, source, size);
        break;
    case 2:
        status = packet_write_cancel(&writer, &write_at, 3);
        break;
    case 3:
        status =
            packet_write_gpa_direct(&writer, &write_at, 4, true, gpa, count % 3,
                                    source, size == 255 ? UINT32_MAX : size);
        break;
    case 4:
        status = packet_write_transfer_pages(
            &writer, &write_at, 5, false, 6, transfer,
            count == 255 ? UINT32_MAX : count % 5, source,
            size == 255 ? UINT32_MAX : size);
        break;
    default:
        status = packet_write_pipe(&writer, &write_at, 7, true, source,
                                   size == 255 ? 16385 : size);
    }
    if (status != -EINVAL && status != -EMSGSIZE)
        check_writer(status);
}

static void reserve_in_place(void)
{
    struct ring_packet packet = {.type = 6, .size = take(2) % 5000};
    void *body;
    int status = ring_reserve(&writer, write_at, packet.size, &body);

    check_writer(status);
    if (status != 0)
        return;
    if (body != NULL)
        memset(body, 0x55, packet.size);
    else
        ring_fill(&writer, write_at, packet.size / 2, source,
                  packet.size - packet.size / 2);
    ring_seal(&writer, &write_at, &packet);
    CHECK(write_at < area.size && write_at % 8 == 0);
}

/* Every byte, so that a sanitizer sees them. */
static void touch(const void *from, size_t size)
{
    for (size_t i = 0; i < size; i++)
        (void)((const volatile uint8_t *)from)[i];
}

static void parse(const struct ring_packet *packet, const void *body)
{
    struct packet_gpa gpa;
    struct packet_gpa_range range;
    struct packet_transfer transfer;
    struct packet_pipe pipe;

    if (packet_parse_gpa_direct(packet, body, &gpa) == 0)
        while (packet_gpa_next(&gpa, &range))
            touch(range.pfns,
                  8 * packet_gpa_frames(range.byte_offset, range.byte_count));
    if (packet_parse_transfer_pages(packet, body, sizeof(source), &transfer) ==
        0)
        for (uint32_t i = 0; i < transfer.range_count; i++)
            touch(source + transfer.ranges[i].byte_offset,
                  transfer.ranges[i].byte_count);
    if (packet_parse_pipe(packet, body, &pipe) == 0)
        touch(pipe.data, pipe.size);
}

static void check_packet(uint32_t before, const struct ring_packet *packet)
{
    CHECK(packet->size % 8 == 0 && packet->header_size % 8 == 0);
    CHECK(packet->header_size <= packet->size);
    CHECK(ring_footprint(packet->size) < area.size);
    CHECK(read_at ==
          (before + (uint32_t)ring_footprint(packet->size)) % area.size);
}

static void read_packet(void)
{
    uint32_t capacity = take(2) % 4097, before = read_at;
    struct ring_packet packet;
    uint8_t *body = malloc(capacity + 1);
    int status = ring_read(&reader, &read_at, &packet, body, capacity);

    CHECK((status == -EPROTO) == (reader.fault.kind != RING_FAULT_NONE));
    if (status == 0 || status == -EMSGSIZE)
        check_packet(before, &packet);
    else
        CHECK(read_at == before);
    if (status == 0) {
        uint8_t *exact = malloc(packet.size + (packet.size == 0));

        CHECK(packet.size <= capacity);
        memcpy(exact, body, packet.size);
        parse(&packet, exact);
        free(exact);
    }
    free(body);
}

static void peek_packet(void)
{
    uint32_t before = read_at;
    struct ring_packet packet;
    const void *body;
    int status = ring_peek(&reader, &read_at, &packet, &body);

    CHECK((status == -EPROTO) == (reader.fault.kind != RING_FAULT_NONE));
    if (status != 0)
        return;
    check_packet(before, &packet);
    touch(body, packet.size);
}

/* ---- the other side ----------------------------------------------------- */

static void spoil_data(void)
{
    uint32_t at = index_near(read_at) % area.size;

    for (uint32_t count = take(1) % 64; count > 0; count--)
        area.data[at++ % area.size] = (uint8_t)take(1);
}

/* A packet as it should be, but for what the input makes of it. */
static void send_packet(void)
{
    uint32_t at = area.control->write_index % area.size & ~7u;
    uint32_t length = take(1), offset = take(1) % 8;
    const uint16_t descriptor[] = {(uint16_t)take(1), (uint16_t)offset,
                                   (uint16_t)length, 0};

    memcpy(area.data + at, descriptor, sizeof(descriptor));
    at = (at + 16) % area.size;
    for (uint32_t count = take(1) % 32; count > 0; count--)
        area.data[at++ % area.size] = (uint8_t)take(1);
    area.control->write_index =
        (area.control->write_index + length * 8 + 8) % area.size;
}

/* ---- the whole ---------------------------------------------------------- */

static void attach(void)
{
    armed.accesses = 0;
    if (ring_writer_attach(&writer, &area) != 0 ||
        ring_reader_attach(&reader, &area) != 0) {
        ring_control_clear(area.control);
        CHECK(ring_writer_attach(&writer, &area) == 0);
        CHECK(ring_reader_attach(&reader, &area) == 0);
    }
    write_at = ring_writer_start(&writer);
    read_at = ring_reader_start(&reader);
}

static void operation(uint32_t which)
{
    switch (which % 18) {
    case 0:
        write_packet();
        break;
    case 1:
        write_typed();
        break;
    case 2:
        reserve_in_place();
        break;
    case 3:
        ring_writer_commit(&writer, write_at);
        write_at = ring_writer_start(&writer);
        break;
    case 4:
        write_at = ring_writer_start(&writer);
        break;
    case 5:
        ring_writer_commit(&writer, write_at);
        write_at = ring_writer_start(&writer);
        ring_writer_block(&writer, take(2));
        break;
    case 6:
        ring_writer_unblock(&writer);
        CHECK(ring_writer_free(&writer) <= area.size);
        break;
    case 7:
        read_packet();
        break;
    case 8:
        peek_packet();
        break;
    case 9:
        ring_reader_commit(&reader, read_at);
        read_at = ring_reader_start(&reader);
        break;
    case 10:
        ring_reader_mask(&reader);
        ring_reader_unmask(&reader);
        break;
    case 11:
        CHECK(ring_reader_used(&reader) < area.size);
        break;
    case 12:
        *(uint32_t *)(void *)victim(take(1) % 5) = index_near(read_at);
        break;
    case 13:
        spoil_data();
        break;
    case 14:
        send_packet();
        break;
    case 15:
        area.control->read_index = area.control->write_index;
        break;
    case 16:
        arm();
        break;
    default:
        read_at = ring_reader_start(&reader);
        if (take(1) > 200)
            attach();
    }
}

/* The data mapped twice, with nothing mapped behind; kept between inputs. */
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
    ring_control_clear(area.control);
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
