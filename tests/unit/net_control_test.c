/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * minihv's network: NVSP and RNDIS control messages, whose bytes were written
 * by hand from the tables of the protocols and from a dialogue of Linux 6.1
 * with another host.
 */
#include "unit.h"

#include <string.h>

#include "nvsp.h"
#include "oid.h"
#include "rndis.h"

static uint8_t memory[1 << 20];
static uint32_t mapped, memory_size;

static bool map(void *context, uint32_t gpadl, uint8_t **base, uint32_t *size)
{
    (void)context;
    if (gpadl != 0xE1E10)
        return false;
    *base = memory;
    *size = memory_size;
    mapped++;
    return true;
}

static void unmap(void *context, uint32_t gpadl)
{
    (void)context;
    assert_int_equal(gpadl, 0xE1E10);
    mapped--;
}

static struct nvsp n;
static struct nvsp_answer a;
static struct rndis r;
static struct rndis_answer answer;

static int begin(void **state)
{
    static const struct nvsp_ops ops = {map, unmap};

    (void)state;
    n = (struct nvsp){.ops = &ops, .newest = NVSP_V61, .channels = 2};
    nvsp_reset(&n);
    memset(&r, 0, sizeof r);
    memcpy(r.mac, (uint8_t[]){0x00, 0x15, 0x5D, 1, 2, 3}, 6);
    r.link = true;
    rndis_reset(&r);
    r.queues = 2;
    mapped = 0;
    memory_size = sizeof memory;
    return 0;
}

#define TAKE(...) nvsp_take(&n, (const uint8_t[40]){__VA_ARGS__}, 40, &a)

#define INIT(major, minor) \
    TAKE(1, 0, 0, 0, minor, 0, major, 0, minor, 0, major, 0)
#define CONFIG      TAKE(125, 0, 0, 0, 0xEA, 5, 0, 0, 0, 0, 0, 0, 0xAC)
#define NDIS        TAKE(100, 0, 0, 0, 6, 0, 0, 0, 30)
#define RECV_BUFFER TAKE(101, 0, 0, 0, 0x10, 0x1E, 0x0E, 0, 0xFE, 0xCA)
#define SEND_BUFFER TAKE(104, 0, 0, 0, 0x10, 0x1E, 0x0E, 0, 0, 0)

static void to_buffers(void)
{
    assert_null(INIT(6, 1));
    assert_null(CONFIG);
    assert_null(NDIS);
    assert_null(RECV_BUFFER);
    assert_null(SEND_BUFFER);
}

static void versions(void **state)
{
    static const uint8_t agreed[16] = {2,  0, 0, 0, 1, 0, 6, 0,
                                       34, 0, 0, 0, 1, 0, 0, 0};
    static const uint8_t refused[16] = {2,  0, 0, 0, 1, 0, 6, 0,
                                        34, 0, 0, 0, 0, 0, 0, 0};

    (void)state;
    n.newest = NVSP_V5;
    assert_null(INIT(6, 1));
    assert_int_equal(a.size, 28);
    assert_memory_equal(a.bytes, refused, 16);
    assert_null(INIT(5, 0));
    assert_int_equal(n.version, NVSP_V5);
    assert_string_equal(INIT(5, 0), "a second INIT");
    n.newest = NVSP_V61;
    nvsp_reset(&n);
    assert_null(INIT(5, 1)); /* nobody's version */
    assert_int_equal(n.version, 0);
    assert_null(INIT(6, 1));
    assert_true(a.needed);
    assert_int_equal(a.size, 40);
    assert_memory_equal(a.bytes, agreed, 16);
}

static void receive_buffer(void **state)
{
    /* Sections of 256 + 1514 + 36 bytes, a multiple of 8: 579 of them. */
    static const uint8_t wanted[28] = {102,  0, 0, 0, 1,    0,    0,    0, 1, 0,
                                       0,    0, 0, 0, 0,    0,    0x10, 7, 0, 0,
                                       0x43, 2, 0, 0, 0x30, 0xF9, 0x0F, 0};

    (void)state;
    to_buffers();
    assert_int_equal(n.recv.id, 0xCAFE);
    assert_int_equal(n.capabilities, 0x88);
    begin(NULL);
    INIT(6, 1);
    CONFIG;
    NDIS;
    assert_null(RECV_BUFFER);
    assert_memory_equal(a.bytes, wanted, 28);
    assert_string_equal(RECV_BUFFER, "a second receive buffer");
    assert_null(TAKE(103, 0, 0, 0, 0xFE, 0xCA));
    assert_int_equal(mapped, 0);
    assert_non_null(TAKE(103, 0, 0, 0, 0xFE, 0xCA));
}

static void send_buffer(void **state)
{
    static const uint8_t wanted[12] = {105, 0, 0, 0, 1, 0, 0, 0, 0, 0x18};

    (void)state;
    to_buffers();
    assert_memory_equal(a.bytes, wanted, 12);
    assert_int_equal(n.send.count, 170);
    assert_string_equal(SEND_BUFFER, "a second send buffer");
    assert_non_null(TAKE(106, 0, 0, 0, 1, 0));
    assert_null(TAKE(106, 0, 0, 0, 0, 0));
    nvsp_release(&n);
    assert_int_equal(mapped, 0);
}

/* A buffer that cannot be taken is answered with a status. */
static void bad_buffers(void **state)
{
    (void)state;
    INIT(6, 1);
    CONFIG;
    NDIS;
    assert_null(TAKE(101, 0, 0, 0, 0x11, 0x1E, 0x0E, 0, 1, 0));
    assert_int_equal(a.bytes[4], NVSP_FAILED);
    memory_size = 1807; /* less than one section */
    assert_null(RECV_BUFFER);
    assert_int_equal(a.bytes[4], NVSP_FAILED);
    memory_size = (31 << 20) + 1;
    assert_null(RECV_BUFFER);
    assert_int_equal(a.bytes[4], NVSP_FAILED);
    assert_int_equal(mapped, 0);
    assert_null(n.recv.base);
}

static void order(void **state)
{
    (void)state;
    assert_non_null(NDIS); /* no version yet */
    INIT(6, 1);
    assert_non_null(RECV_BUFFER);
    assert_null(NDIS);
    assert_non_null(RECV_BUFFER); /* NDIS_CONFIG is missing */
    assert_null(CONFIG);
    assert_non_null(SEND_BUFFER);
    assert_non_null(CONFIG);
    assert_non_null(NDIS);
    assert_null(RECV_BUFFER);
    assert_non_null(TAKE(99));
    assert_non_null(nvsp_take(&n, (const uint8_t[]){1, 0, 0}, 3, &a));
    assert_non_null(nvsp_take(&n, (const uint8_t[9]){104, 0, 0, 0}, 9, &a));
    /* Version 1 has no NDIS_CONFIG. */
    begin(NULL);
    INIT(0, 2);
    assert_non_null(CONFIG);
    assert_null(NDIS);
    assert_null(RECV_BUFFER);
    assert_int_equal(a.size, 28);
}

static void subchannels(void **state)
{
    static const uint8_t good[12] = {133, 0, 0, 0, 1, 0, 0, 0, 1};

    (void)state;
    to_buffers();
    assert_null(TAKE(133, 0, 0, 0, 1, 0, 0, 0, 2)); /* of 2 queues */
    assert_int_equal(a.bytes[4], NVSP_FAILED);
    assert_int_equal(n.subchannels, 0);
    assert_null(TAKE(133, 0, 0, 0, 1, 0, 0, 0, 1));
    assert_memory_equal(a.bytes, good, 12);
    assert_non_null(TAKE(133, 0, 0, 0, 1, 0, 0, 0, 1));
    assert_null(TAKE(129, 0, 0, 0, 0)); /* stays on the synthetic path */
    assert_true(a.needed && !a.size);
    assert_non_null(TAKE(129, 0, 0, 0, 1));
}

#define RNDIS(...) \
    nvsp_rndis(&n, (const uint8_t[16]){107, 0, 0, 0, __VA_ARGS__}, 16, &m)

static void sections(void **state)
{
    struct nvsp_rndis m;

    (void)state;
    assert_non_null(RNDIS(0, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF)); /* too early */
    to_buffers();
    assert_null(RNDIS(1, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF, 9));
    assert_true(m.control && m.section == NVSP_NO_SECTION);
    assert_null(RNDIS(0, 0, 0, 0, 169, 0, 0, 0, 0, 0x18));
    assert_int_equal(m.size, 6144);
    assert_non_null(RNDIS(0, 0, 0, 0, 170, 0, 0, 0, 1));
    assert_non_null(RNDIS(0, 0, 0, 0, 0, 0, 0, 0, 1, 0x18));
    assert_non_null(RNDIS(2, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF));
    assert_non_null(nvsp_rndis(&n, (const uint8_t[15]){107}, 15, &m));
}

/* ---- RNDIS --------------------------------------------------------------- */

#define ASK(size, ...) \
    rndis_take(&r, (const uint8_t[256]){__VA_ARGS__}, size, &answer)
#define RINIT                                                               \
    ASK(24, 2, 0, 0, 0, 24, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, \
        0x40)
#define QUERY(o0, o1, o2, o3) \
    ASK(28, 4, 0, 0, 0, 28, 0, 0, 0, 7, 0, 0, 0, o0, o1, o2, o3, 0, 0, 0, 0, 20)
#define SET(size, bytes, o0, o1, o2, o3, ...)                                  \
    ASK(size, 5, 0, 0, 0, size, 0, 0, 0, 8, 0, 0, 0, o0, o1, o2, o3, bytes, 0, \
        0, 0, 20, 0, 0, 0, 0, 0, 0, 0, __VA_ARGS__)

static uint32_t status(void)
{
    uint32_t value;

    memcpy(&value, answer.bytes + 12, 4);
    return value;
}

static void rndis_begins(void **state)
{
    static const uint8_t wanted[52] = {
        2, 0, 0, 0x80, 52, 0, 0,    0,    1,    0,    0, 0, 0, 0, 0,
        0, 1, 0, 0,    0,  0, 0,    0,    0,    1,    0, 0, 0, 0, 0,
        0, 0, 8, 0,    0,  0, 0xFF, 0xFF, 0xFF, 0x0E, 3, 0, 0, 0};

    (void)state;
    assert_non_null(QUERY(1, 1, 1, 1));
    assert_null(RINIT);
    assert_int_equal(answer.size, 52);
    assert_memory_equal(answer.bytes, wanted, 52);
    assert_non_null(RINIT);
    assert_null(ASK(12, 8, 0, 0, 0, 12, 0, 0, 0, 5)); /* keepalive */
    assert_int_equal(answer.size, 16);
    assert_int_equal(answer.bytes[3], 0x80);
    assert_null(ASK(12, 3, 0, 0, 0, 12, 0, 0, 0, 6)); /* halt */
    assert_int_equal(answer.size, 0);
    assert_false(r.ready);
}

static void rndis_sizes(void **state)
{
    (void)state;
    RINIT;
    assert_non_null(ASK(7, 4));
    assert_non_null(ASK(28, 4, 0, 0, 0, 29)); /* longer than it is */
    assert_non_null(ASK(28, 4, 0, 0, 0, 27)); /* too short */
    assert_non_null(ASK(28, 6, 0, 0, 0, 28)); /* RESET */
    assert_non_null(ASK(28, 5, 0, 0, 0, 28, 0, 0, 0, 1, 0, 0, 0, 0x0E, 1, 1, 0,
                        4, 0, 0, 0, 20)); /* 4 bytes that are not there */
    assert_non_null(ASK(32, 5, 0, 0, 0, 32, 0, 0, 0, 1, 0, 0, 0, 0x0E, 1, 1, 0,
                        4, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF));
    assert_non_null(ASK(32, 5, 0, 0, 0, 32, 0, 0, 0, 1, 0, 0, 0, 0x0E, 1, 1, 0,
                        4, 0, 0, 0, 19)); /* in the header */
}

static void queries(void **state)
{
    static const uint8_t mac[30] = {4,  0, 0, 0x80, 30, 0,    0,    0, 7, 0,
                                    0,  0, 0, 0,    0,  0,    6,    0, 0, 0,
                                    16, 0, 0, 0,    0,  0x15, 0x5D, 1, 2, 3};

    (void)state;
    RINIT;
    assert_null(QUERY(1, 1, 1, 1));
    assert_int_equal(answer.size, 30);
    assert_memory_equal(answer.bytes, mac, 30);
    assert_null(QUERY(6, 1, 1, 0)); /* frame size */
    assert_memory_equal(answer.bytes + 24, "\xDC\x05\0\0", 4);
    assert_null(QUERY(0x14, 1, 1, 0)); /* the link is up */
    assert_memory_equal(answer.bytes + 24, "\0\0\0\0", 4);
    assert_null(QUERY(0x99, 1, 1, 0));
    assert_int_equal(answer.size, 24);
    assert_int_equal(status(), 0xC00000BB);
    assert_null(QUERY(3, 2, 1, 0)); /* RSS */
    assert_int_equal(answer.bytes[24], 0x88);
    assert_int_equal(answer.bytes[24 + 12], 2);
    assert_int_equal(answer.bytes[24 + 16], 128);
    assert_int_equal(answer.size, 24 + 18);
}

#define QUERY_OFFLOADS(revision, size)                                         \
    ASK(32, 4, 0, 0, 0, 32, 0, 0, 0, 7, 0, 0, 0, 0x0D, 2, 1, 0xFC, 4, 0, 0, 0, \
        20, 0, 0, 0, 0, 0, 0, 0, 0xA7, revision, size)

/* Linux refuses more bytes than it has asked for. */
static void offload_sizes(void **state)
{
    (void)state;
    RINIT;
    assert_null(QUERY_OFFLOADS(3, 156));
    assert_int_equal(answer.size, 24 + 156);
    assert_memory_equal(answer.bytes + 24, "\xA7\x03\x9C\0\x02\0\0\0\x55\x01",
                        10);
    assert_memory_equal(answer.bytes + 24 + 80, "\x02\0\0\0\x3C\xF5\0\0\x02",
                        9);
    assert_int_equal(answer.bytes[24 + 144], 0); /* RSC was not agreed */
    r.rsc = true;
    assert_null(QUERY_OFFLOADS(3, 156));
    assert_int_equal(answer.bytes[24 + 144], 1);
    assert_null(QUERY_OFFLOADS(2, 144));
    assert_int_equal(answer.size, 24 + 144);
    assert_int_equal(answer.bytes[25], 2);
    assert_null(QUERY_OFFLOADS(1, 112));
    assert_int_equal(answer.size, 24 + 112);
    assert_null(QUERY(0x0D, 2, 1, 0xFC)); /* without input */
    assert_int_equal(answer.size, 24 + 112);
}

static void filter(void **state)
{
    (void)state;
    RINIT;
    assert_null(SET(32, 4, 0x0E, 1, 1, 0, 0x0D));
    assert_int_equal(answer.size, 16);
    assert_int_equal(status(), 0);
    assert_int_equal(r.filter, 0x0D);
    assert_null(SET(31, 3, 0x0E, 1, 1, 0, 0));
    assert_int_not_equal(status(), 0);
    assert_int_equal(r.filter, 0x0D);
}

static void offloads(void **state)
{
    (void)state;
    RINIT;
    r.rsc = true;
    assert_null(SET(56, 28, 0x0C, 2, 1, 0xFC, 0x80, 3, 28, 0, 1, 4, 2, 3, 0, 0,
                    0, 2, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 2));
    assert_int_equal(status(), 0);
    assert_int_equal(r.offloads.ip, 0);
    assert_int_equal(r.offloads.tcp4, 3);
    assert_int_equal(r.offloads.udp4, 1);
    assert_int_equal(r.offloads.tcp6, 2);
    assert_true(r.offloads.lso4 && !r.offloads.lso6 && r.offloads.rsc4);
    r.rsc = false; /* now it may not be set */
    assert_null(SET(56, 28, 0x0C, 2, 1, 0xFC, 0x80, 3, 28, 0, 4, 4, 2, 3, 0, 0,
                    0, 2, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0));
    assert_int_not_equal(status(), 0);
    assert_int_equal(r.offloads.ip, 0);
    assert_null(SET(56, 28, 0x0C, 2, 1, 0xFC, 0x80, 3, 28, 0, 5));
    assert_int_not_equal(status(), 0);
    assert_null(SET(49, 21, 0x0C, 2, 1, 0xFC, 0x80, 3, 28, 0, 1));
    assert_int_not_equal(status(), 0);
}

static void address(void **state)
{
#define W(c) (c), 0
    (void)state;
    RINIT;
    assert_null(SET(100, 72, 0x1B, 2, 1, 0, 20, 0, 0, 0, 28, 0, 0, 0, 2, 0, 0,
                    0, 48, 0, 0, 0, 24, 0, 0, 0, W('N'), W('e'), W('t'), W('w'),
                    W('o'), W('r'), W('k'), W('A'), W('d'), W('d'), W('r'),
                    W('e'), W('s'), W('s'), W('0'), W('2'), W('A'), W('b'),
                    W('0'), W('0'), W('0'), W('0'), W('0'), W('1'), W('f'),
                    W('F')));
    assert_int_equal(status(), 0);
    assert_memory_equal(r.mac, "\x02\xAB\0\0\x01\xFF", 6);
    /* A value that lies outside. */
    assert_null(SET(100, 72, 0x1B, 2, 1, 0, 20, 0, 0, 0, 28, 0, 0, 0, 2, 0, 0,
                    0, 49, 0, 0, 0, 24));
    assert_int_not_equal(status(), 0);
#undef W
}

static uint8_t rss[28 + 40 + 8 + 40];

static void put_rss(uint8_t entry, uint8_t flags)
{
    static const uint8_t head[] = {
        5,  0, 0, 0, sizeof rss, 0, 0, 0, 8, 0, 0, 0, 4,    2, 1,  0,
        88, 0, 0, 0, 20,         0, 0, 0, 0, 0, 0, 0, 0x89, 2, 40, 0};

    memset(rss, 0, sizeof rss);
    memcpy(rss, head, sizeof head);
    rss[28 + 4] = flags;
    rss[28 + 12] = 8; /* two entries, */
    rss[28 + 16] = 40;
    rss[28 + 20] = 40; /* and the key */
    rss[28 + 24] = 48;
    rss[28 + 44] = entry;
    rss[28 + 48] = 0x6D;
    assert_null(rndis_take(&r, rss, sizeof rss, &answer));
}

static void receive_scaling(void **state)
{
    (void)state;
    RINIT;
    put_rss(1, 0);
    assert_int_equal(status(), 0);
    assert_true(r.rss.on);
    assert_int_equal(r.rss.entries, 2);
    assert_int_equal(r.rss.table[1], 1);
    assert_int_equal(r.rss.key[0], 0x6D);
    put_rss(2, 0); /* of two queues */
    assert_int_not_equal(status(), 0);
    put_rss(0, 0x10);
    assert_int_equal(status(), 0);
    assert_false(r.rss.on);
}

static void indication(void **state)
{
    static const uint8_t wanted[20] = {7, 0, 0,    0, 20, 0,
                                       0, 0, 0x0B, 0, 1,  0x40};
    uint8_t bytes[20];

    (void)state;
    assert_int_equal(rndis_indicate(0x4001000B, bytes), 20);
    assert_memory_equal(bytes, wanted, 20);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(versions, begin),
        cmocka_unit_test_setup(receive_buffer, begin),
        cmocka_unit_test_setup(send_buffer, begin),
        cmocka_unit_test_setup(bad_buffers, begin),
        cmocka_unit_test_setup(order, begin),
        cmocka_unit_test_setup(subchannels, begin),
        cmocka_unit_test_setup(sections, begin),
        cmocka_unit_test_setup(rndis_begins, begin),
        cmocka_unit_test_setup(rndis_sizes, begin),
        cmocka_unit_test_setup(queries, begin),
        cmocka_unit_test_setup(offload_sizes, begin),
        cmocka_unit_test_setup(filter, begin),
        cmocka_unit_test_setup(offloads, begin),
        cmocka_unit_test_setup(address, begin),
        cmocka_unit_test_setup(receive_scaling, begin),
        cmocka_unit_test_setup(indication, begin),
    };

    return cmocka_run_group_tests_name("minihv's network: control", tests, NULL,
                                       NULL);
}
