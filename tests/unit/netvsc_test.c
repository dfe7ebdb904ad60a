/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The pure part of drivers/network/: each message of a host is written by hand
 * from the tables of the protocol, good ones first, then with one byte changed;
 * each message of the driver is compared with bytes by hand.
 */
#include "unit.h"

#include <string.h>

#include "drivers/network/protocol.h"

static uint64_t room[160];
static uint8_t *const m = (uint8_t *)room;

static void put(const uint8_t *bytes, size_t size)
{
    memset(room, 0xEE, sizeof(room));
    memcpy(m, bytes, size);
}

struct change {
    uint8_t at, value;
};

/* ---- NVSP ---------------------------------------------------------------- */

static const uint8_t init[] = {2,  0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF,
                               34, 0, 0, 0, 1,    0,    0,    0};

static void versions(void **state)
{
    (void)state;
    put(init, sizeof(init));
    assert_int_equal(nvsp_judge_init(m, 28), NVSP_ACCEPTED);
    assert_int_equal(nvsp_judge_init(m, 16), NVSP_ACCEPTED);
    assert_int_equal(nvsp_judge_init(m, 15), NVSP_NONSENSE);
    m[12] = 0; /* OpenVMM's refusal, then hv-net's */
    assert_int_equal(nvsp_judge_init(m, 28), NVSP_REFUSED);
    m[12] = 2;
    assert_int_equal(nvsp_judge_init(m, 28), NVSP_REFUSED);
    m[0] = 3;
    assert_int_equal(nvsp_judge_init(m, 28), NVSP_NONSENSE);
}

/* OpenVMM's numbers: 1,161 suballocations of 1,806 bytes in 2 MiB. */
static const uint8_t receive[] = {102,  0, 0, 0, 1,    0,    0,    0, 1, 0,
                                  0,    0, 0, 0, 0,    0,    0x0E, 7, 0, 0,
                                  0x89, 4, 0, 0, 0x7E, 0xFE, 0x1F, 0};

static void receive_buffer(void **state)
{
    static const struct change bad[] = {
        {0, 105}, /* another type */
        {4, 2},   /* refused */
        {8, 0},   /* no section */
        {17, 0},  /* 14 bytes each */
        {18, 1},  /* 67,342 bytes each */
        {21, 5},  /* more than the buffer has */
        {15, 1},  /* from 16 MiB on */
    };

    (void)state;
    put(receive, sizeof(receive));
    assert_null(nvsp_judge_receive(m, 40, 2 << 20));
    assert_null(nvsp_judge_receive(m, 28, 1161 * 1806));
    assert_non_null(nvsp_judge_receive(m, 27, 2 << 20));
    assert_non_null(nvsp_judge_receive(m, 28, 1161 * 1806 - 1));
    for (size_t i = 0; i < COUNT(bad); i++) {
        put(receive, sizeof(receive));
        m[bad[i].at] = bad[i].value;
        assert_non_null(nvsp_judge_receive(m, 28, 2 << 20));
    }
    put(receive, sizeof(receive));
    m[8] = 3; /* more sections than one need not be in the answer */
    assert_null(nvsp_judge_receive(m, 28, 2 << 20));
}

static void send_buffer(void **state)
{
    static const uint8_t answer[] = {105, 0, 0, 0, 1, 0, 0, 0, 0, 0x18, 0, 0};
    uint32_t section;

    (void)state;
    put(answer, sizeof(answer));
    assert_null(nvsp_judge_send(m, 12, 1 << 20, &section));
    assert_int_equal(section, 6144);
    assert_non_null(nvsp_judge_send(m, 11, 1 << 20, &section));
    assert_int_equal(section, 0);
    assert_non_null(nvsp_judge_send(m, 12, 6143, &section));
    assert_int_equal(section, 0);
    m[4] = 2; /* a refusal is no fault */
    assert_null(nvsp_judge_send(m, 12, 1 << 20, &section));
    assert_int_equal(section, 0);
    m[4] = 1;
    m[8] = 1; /* hv-net: no sections */
    m[9] = 0;
    assert_null(nvsp_judge_send(m, 12, 1 << 20, &section));
    assert_int_equal(section, 0);
    m[0] = 102;
    assert_non_null(nvsp_judge_send(m, 12, 1 << 20, &section));
}

/* ---- RNDIS control ------------------------------------------------------- */

static void requests(void **state)
{
    static const uint8_t initialize[] = {2, 0, 0, 0, 24, 0,    0, 0,
                                         9, 0, 0, 0, 1,  0,    0, 0,
                                         0, 0, 0, 0, 0,  0x40, 0, 0};
    static const uint8_t query[] = {4, 0, 0, 0, 28, 0, 0,  0, 7, 0, 0, 0, 1, 1,
                                    1, 1, 0, 0, 0,  0, 20, 0, 0, 0, 0, 0, 0, 0};
    static const uint8_t set[] = {5, 0,  0, 0, 32, 0, 0,  0, 8, 0,  0,
                                  0, 14, 1, 1, 0,  4, 0,  0, 0, 20, 0,
                                  0, 0,  0, 0, 0,  0, 13, 0, 0, 0};
    static const uint8_t alive[] = {8, 0, 0, 0x80, 16, 0, 0, 0,
                                    5, 0, 0, 0,    0,  0, 0, 0};
    const uint32_t filter = RNDIS_FILTER;

    (void)state;
    assert_int_equal(rndis_write_initialize(m, 9), sizeof(initialize));
    assert_memory_equal(m, initialize, sizeof(initialize));
    assert_int_equal(
        rndis_write_request(m, RNDIS_QUERY, 7, RNDIS_OID_ADDRESS, NULL, 0),
        sizeof(query));
    assert_memory_equal(m, query, sizeof(query));
    assert_int_equal(
        rndis_write_request(m, RNDIS_SET, 8, RNDIS_OID_FILTER, &filter, 4),
        sizeof(set));
    assert_memory_equal(m, set, sizeof(set));
    assert_int_equal(rndis_write_keepalive(m, 5), sizeof(alive));
    assert_memory_equal(m, alive, sizeof(alive));
}

/* The address, as OpenVMM answers: 30 bytes. */
static const uint8_t address[] = {4,  0, 0, 0x80, 30, 0,    0,    0, 7, 0,
                                  0,  0, 0, 0,    0,  0,    6,    0, 0, 0,
                                  16, 0, 0, 0,    0,  0x15, 0x5D, 1, 2, 3};

static void answers(void **state)
{
    static const struct change bad[] = {
        {4, 31},  /* longer than its memory */
        {4, 7},   /* shorter than type and length */
        {16, 7},  /* data that end outside */
        {20, 15}, /* data in the fixed part */
        {20, 23}, /* data that begin outside */
        {23, 255}, {19, 255},
    };
    struct rndis_control c;

    (void)state;
    put(address, sizeof(address));
    assert_null(rndis_read_control(m, 30, &c));
    assert_int_equal(c.kind, RNDIS_IS_ANSWER);
    assert_int_equal(c.id, 7);
    assert_int_equal(c.status, 0);
    assert_int_equal(c.size, 6);
    assert_ptr_equal(c.data, m + 24);
    m[12] = 1; /* a failed query has no data */
    m[16] = 255;
    assert_null(rndis_read_control(m, 30, &c));
    assert_null(c.data);
    for (size_t i = 0; i < COUNT(bad); i++) {
        put(address, sizeof(address));
        m[bad[i].at] = bad[i].value;
        assert_non_null(rndis_read_control(m, 30, &c));
    }
    put(address, sizeof(address));
    assert_non_null(rndis_read_control(m, 29, &c));
    m[4] = 20; /* an old host counts no data: they lie in the memory */
    assert_null(rndis_read_control(m, 30, &c));
    assert_ptr_equal(c.data, m + 24);
    m[4] = 8;
    assert_non_null(rndis_read_control(m, 20, &c));
    assert_non_null(rndis_read_control(m, 7, &c));
}

static void indications(void **state)
{
    static const uint8_t down[] = {7, 0,    0, 0, 20, 0, 0, 0, 12, 0,
                                   1, 0x40, 0, 0, 0,  0, 0, 0, 0,  0};
    static const uint8_t alive[] = {8, 0, 0, 0, 12, 0, 0, 0, 3, 0, 0, 0};
    struct rndis_control c;

    (void)state;
    put(down, sizeof(down));
    assert_null(rndis_read_control(m, 20, &c));
    assert_int_equal(c.kind, RNDIS_IS_INDICATION);
    assert_int_equal(c.status, RNDIS_MEDIA_DISCONNECT);
    m[4] = 11;
    assert_non_null(rndis_read_control(m, 11, &c));
    put(alive, sizeof(alive));
    assert_null(rndis_read_control(m, 12, &c));
    assert_int_equal(c.kind, RNDIS_IS_KEEPALIVE);
    assert_int_equal(c.id, 3);
    m[0] = 99;
    assert_null(rndis_read_control(m, 12, &c));
    assert_int_equal(c.kind, RNDIS_IS_OTHER);
}

static void limits(void **state)
{
    static const uint8_t answer[] = {
        2,   0,   0,   0x80, 52, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0,
        0,   0,   0,   0,    0,  0, 1, 0, 0, 0, 0, 0, 0, 0, 8, 0, 0, 0,
        255, 255, 255, 14,   3,  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
    struct rndis_limits l;

    (void)state;
    put(answer, sizeof(answer));
    assert_null(rndis_read_limits(m, 52, &l));
    assert_int_equal(l.max_packets, 8);
    assert_int_equal(l.alignment, 8);
    assert_int_equal(l.max_transfer, 0x0EFFFFFF);
    assert_non_null(rndis_read_limits(m, 51, &l));
    m[32] = 0;
    m[40] = 0;
    assert_null(rndis_read_limits(m, 52, &l));
    assert_int_equal(l.max_packets, 1);
    assert_int_equal(l.alignment, 1);
    m[32] = 8;
    m[40] = 7; /* 128 bytes are no alignment */
    assert_null(rndis_read_limits(m, 52, &l));
    assert_int_equal(l.max_packets, 1);
    m[12] = 1;
    assert_non_null(rndis_read_limits(m, 52, &l));
    m[12] = 0;
    m[38] = m[39] = 0;
    m[37] = 4; /* 1,279 bytes */
    assert_non_null(rndis_read_limits(m, 52, &l));
    put(answer, sizeof(answer));
    m[0] = 4;
    assert_non_null(rndis_read_limits(m, 52, &l));
}

/* ---- received frames ----------------------------------------------------- */

/* As OpenVMM lays it out: info at 36, the frame at 248, both from the body, and
 * a length of the whole suballocation. */
static const uint8_t packet[] = {
    1, 0, 0, 0, 0x0E, 7, 0,  0, 248, 0, 0,  0, 60, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0,    0, 36, 0, 0,   0, 32, 0, 0,  0, 0, 0, 0, 0, 0, 0, 0, 0};

static const char *layout(struct change c, uint32_t size,
                          struct rndis_layout *l)
{
    struct rndis_packet p;

    put(packet, sizeof(packet));
    m[c.at] = c.value;
    memcpy(&p, m, sizeof(p));
    return rndis_read_layout(&p, size, l);
}

static void layouts(void **state)
{
    static const struct change bad[] = {
        {0, 2},    /* no packet */
        {8, 35},   /* the frame in the header */
        {9, 7},    /* it begins outside */
        {13, 8},   /* it ends outside */
        {15, 255}, /* the end wraps */
        {11, 255}, /* the beginning wraps */
        {28, 35},  /* info in the header */
        {29, 8},   /* info outside */
        {35, 255}, /* its end wraps */
        {33, 1},   /* 288 bytes of it */
    };
    const struct change none = {0, 1};
    struct rndis_layout l;

    (void)state;
    assert_null(layout(none, 316, &l));
    assert_int_equal(l.data, 256);
    assert_int_equal(l.data_size, 60);
    assert_int_equal(l.info, 44);
    assert_int_equal(l.info_size, 32);
    assert_non_null(layout(none, 315, &l));
    assert_non_null(layout(none, 43, &l));
    for (size_t i = 0; i < COUNT(bad); i++)
        assert_non_null(layout(bad[i], 1806, &l));
    assert_non_null(layout((struct change){12, 0}, 1806, &l)); /* nothing */
    assert_null(layout((struct change){32, 0}, 1806, &l));
    assert_int_equal(l.info_size, 0);
    assert_non_null(layout((struct change){14, 1}, 1 << 20, &l)); /* 64 KiB */
}

/* A checksum (TCP and IP good), a VLAN (priority 5, id 7), a part (2: first).
 */
static const uint8_t infos[] = {
    16, 0, 0, 0, 0, 0, 0, 0,    12, 0, 0, 0, 0x28, 0, 0,    0,
    16, 0, 0, 0, 6, 0, 0, 0,    12, 0, 0, 0, 0x75, 0, 0,    0,
    16, 0, 0, 0, 1, 0, 0, 0x80, 12, 0, 0, 0, 1,    3, 0x34, 0x12};

static void per_packet_info(void **state)
{
    struct rndis_beside b;

    (void)state;
    put(infos, sizeof(infos));
    assert_null(rndis_read_info(m, sizeof(infos), &b));
    assert_int_equal(b.good, NETWORK_IP_GOOD | NETWORK_TCP_GOOD);
    assert_int_equal(b.vlan, 7);
    assert_int_equal(b.priority, 5);
    assert_int_equal(b.part, RNDIS_PART_ANY | RNDIS_PART_FIRST);
    assert_int_equal(b.part_id, 0x1234);
    m[12] = 0x17; /* UDP good; three failed: nothing is said of them */
    assert_null(rndis_read_info(m, 16, &b));
    assert_int_equal(b.good, NETWORK_UDP_GOOD);
    assert_int_equal(b.vlan, 0);
    assert_null(rndis_read_info(m, 0, &b));
    assert_int_equal(b.good, 0);
    m[4] = 99; /* unknown: passed over */
    assert_null(rndis_read_info(m, 48, &b));
    assert_int_equal(b.vlan, 7);
    m[8] = 13; /* a value that is not all inside: no value */
    m[4] = 0;
    m[13] = 0x38;
    assert_null(rndis_read_info(m, 16, &b));
    assert_int_equal(b.good, 0);
    m[8] = 17;
    assert_null(rndis_read_info(m, 16, &b));
}

static void bad_info(void **state)
{
    static const struct change bad[] = {
        {0, 0},            /* a loop without end */
        {0, 11},           /* shorter than its header */
        {0, 49},           /* longer than there is */
        {3, 255}, {0, 40}, /* what is left is no entry */
        {44, 2},           /* a part of an unknown version */
    };
    struct rndis_beside b;

    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++) {
        put(infos, sizeof(infos));
        m[bad[i].at] = bad[i].value;
        assert_non_null(rndis_read_info(m, sizeof(infos), &b));
    }
    put(infos, sizeof(infos));
    assert_non_null(rndis_read_info(m, 11, &b));
}

static struct coalesce c;

static enum coalesce_step next(uint8_t part, uint16_t id, uint32_t size,
                               uint32_t *at)
{
    const struct rndis_beside b = {.part = part, .part_id = id, .vlan = part};

    return coalesce_next(&c, size, &b, at);
}

static void coalescing(void **state)
{
    uint32_t at;

    (void)state;
    c.going = false;
    assert_int_equal(next(0, 0, 60, &at), COALESCE_DONE);
    assert_int_equal(at, 0);
    assert_int_equal(c.size, 60);
    assert_int_equal(c.count, 1);
    assert_int_equal(next(3, 9, 1514, &at), COALESCE_MORE);
    assert_int_equal(at, 0);
    assert_int_equal(next(1, 9, 1460, &at), COALESCE_MORE);
    assert_int_equal(at, 1514);
    assert_int_equal(next(5, 9, 100, &at), COALESCE_DONE);
    assert_int_equal(at, 2974);
    assert_int_equal(c.size, 3074);
    assert_int_equal(c.count, 3);
    assert_int_equal(c.first_size, 1514);
    assert_int_equal(c.beside.vlan, 3); /* of the first */
    assert_int_equal(next(7, 9, 100, &at), COALESCE_DONE);
    assert_int_equal(c.count, 1);
}

static void bad_coalescing(void **state)
{
    uint32_t at;

    (void)state;
    c.going = false;
    assert_int_equal(next(1, 9, 10, &at), COALESCE_WRONG); /* no first */
    assert_int_equal(next(5, 9, 10, &at), COALESCE_WRONG);
    assert_int_equal(next(3, 9, 10, &at), COALESCE_MORE);
    assert_int_equal(next(3, 9, 10, &at), COALESCE_WRONG); /* two firsts */
    assert_int_equal(next(1, 9, 10, &at), COALESCE_WRONG); /* forgotten */
    assert_int_equal(next(3, 9, 10, &at), COALESCE_MORE);
    assert_int_equal(next(1, 8, 10, &at), COALESCE_WRONG); /* another frame */
    assert_int_equal(next(3, 9, 10, &at), COALESCE_MORE);
    assert_int_equal(next(0, 0, 10, &at), COALESCE_WRONG); /* a whole frame */
    assert_int_equal(next(3, 9, 65535, &at), COALESCE_MORE);
    assert_int_equal(next(1, 9, 1, &at), COALESCE_WRONG); /* 64 KiB */
    assert_int_equal(next(3, 9, 0, &at), COALESCE_MORE);
    for (uint32_t i = 1; i < 562; i++)
        assert_int_equal(next(1, 9, 1, &at), COALESCE_MORE);
    assert_int_equal(next(5, 9, 1, &at), COALESCE_WRONG); /* the 563rd */
}

/* ---- frames that are sent ------------------------------------------------ */

/* TCP over IPv4 with 6 bytes of data, from 10.0.0.1 to 10.0.0.2. */
static const uint8_t tcp4[] = {
    1,  2,    3,    4, 5, 6,    7,    8,  9, 10,   11,   12, 8, 0, 0x45,
    0,  0,    46,   0, 0, 0,    0,    64, 6, 0xAA, 0xAA, 10, 0, 0, 1,
    10, 0,    0,    2, 0, 80,   0,    81, 0, 0,    0,    1,  0, 0, 0,
    2,  0x50, 0x10, 0, 0, 0xBB, 0xBB, 0,  0, 1,    2,    3,  4, 5, 6};
/* UDP over IPv6 with 2 bytes of data, from ::1 to ::2. */
static const uint8_t udp6[] = {
    1, 2, 3, 4,  5,  6,  7, 8,  9, 10, 11, 12, 0x86, 0xDD, 0x60, 0,
    0, 0, 0, 10, 17, 64, 0, 0,  0, 0,  0,  0,  0,    0,    0,    0,
    0, 0, 0, 0,  0,  1,  0, 0,  0, 0,  0,  0,  0,    0,    0,    0,
    0, 0, 0, 0,  0,  2,  0, 53, 0, 54, 0,  10, 0xCC, 0xCC, 1,    2};

static struct frame_out f;

static void frame(const uint8_t *bytes, uint32_t size)
{
    memset(&f, 0, sizeof(f));
    f.size = f.head_size = size;
    memcpy(f.head, bytes, size);
}

static void sums(void **state)
{
    (void)state;
    frame(tcp4, sizeof(tcp4));
    assert_true(frame_prepare(&f, NETWORK_FILL_IP | NETWORK_FILL_TCP, 0));
    assert_int_equal(f.infos, FRAME_HAS_CHECKSUM);
    assert_int_equal(f.checksum, 34 << 16 | 0x15);
    /* 0x0a00 + 1 + 0x0a00 + 2 + 6 + 26 */
    assert_int_equal(f.head[50] << 8 | f.head[51], 0x1423);
    assert_int_equal(f.head[24] | f.head[25], 0);
    assert_int_equal(f.head[17], 46);
    frame(udp6, sizeof(udp6));
    assert_true(frame_prepare(&f, NETWORK_FILL_UDP, 0));
    assert_int_equal(f.checksum, 54 << 16 | 0x0A);
    assert_int_equal(f.head[60] << 8 | f.head[61], 1 + 2 + 17 + 10);
    frame(tcp4, sizeof(tcp4));
    assert_true(frame_prepare(&f, NETWORK_FILL_IP, 0));
    assert_int_equal(f.checksum, 0x11);
    assert_int_equal(f.head[50], 0xBB);
    frame(tcp4, sizeof(tcp4));
    assert_true(frame_prepare(&f, 0, 0));
    assert_int_equal(f.infos, 0);
    assert_memory_equal(f.head, tcp4, sizeof(tcp4));
    f.size += 4; /* padding behind IP's length does not count */
    assert_true(frame_prepare(&f, NETWORK_FILL_TCP, 0));
    assert_int_equal(f.head[50] << 8 | f.head[51], 0x1423);
}

static void large(void **state)
{
    (void)state;
    frame(tcp4, sizeof(tcp4));
    assert_true(frame_prepare(&f, 0, 1400));
    assert_int_equal(f.infos, FRAME_HAS_LARGE);
    assert_int_equal(f.large, 0x40000000u | 34 << 20 | 1400);
    /* Without the length: 0x0a00 + 1 + 0x0a00 + 2 + 6 */
    assert_int_equal(f.head[50] << 8 | f.head[51], 0x1409);
    assert_int_equal(f.head[16] | f.head[17] | f.head[24] | f.head[25], 0);
    frame(udp6, sizeof(udp6));
    assert_false(frame_prepare(&f, 0, 1400)); /* no TCP */
    f.head[20] = 6;
    f.head[19] = 20;
    f.size = f.head_size = 74;
    assert_true(frame_prepare(&f, 0, 1400));
    assert_int_equal(f.large, 0xC0000000u | 54u << 20 | 1400);
    assert_int_equal(f.head[18] | f.head[19], 0);
}

static void no_sums(void **state)
{
    static const struct change bad[] = {
        {12, 9},    /* no IP */
        {14, 0x55}, /* of another version */
        {14, 0x44}, /* a header of 16 bytes */
        {14, 0x4F}, /* a header of 60 bytes, past IP's length */
        {17, 47},   /* longer than the frame */
        {17, 39},   /* TCP's header is cut */
        {17, 19},   /* IP's header is cut */
        {23, 17},   /* UDP */
    };

    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++) {
        frame(tcp4, sizeof(tcp4));
        f.head[bad[i].at] = bad[i].value;
        assert_false(frame_prepare(&f, NETWORK_FILL_TCP, 0));
    }
    frame(tcp4, sizeof(tcp4));
    assert_false(frame_prepare(&f, NETWORK_FILL_TCP | NETWORK_FILL_UDP, 0));
    f.head_size = 53; /* TCP's header is not all in the head */
    assert_false(frame_prepare(&f, NETWORK_FILL_TCP, 0));
    frame(tcp4, 33);
    assert_false(frame_prepare(&f, NETWORK_FILL_IP, 0));
    frame(udp6, 53);
    assert_false(frame_prepare(&f, NETWORK_FILL_UDP, 0));
    frame(udp6, sizeof(udp6));
    f.head[19] = 11;
    assert_false(frame_prepare(&f, NETWORK_FILL_UDP, 0));
    frame(udp6, sizeof(udp6));
    f.head[14] = 0x40;
    assert_false(frame_prepare(&f, NETWORK_FILL_UDP, 0));
}

static void send_header(void **state)
{
    static const uint8_t plain[] = {
        1, 0, 0, 0, 104, 0, 0, 0, 36, 0, 0, 0, 60, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        0, 0, 0, 0, 0,   0, 0, 0, 0,  0, 0, 0, 0,  0, 0, 0, 0, 0, 0, 0, 0, 0};
    static const uint8_t all[] = {
        1,  0, 0, 0, 152, 0, 0, 0, 84,   0, 0, 0, 60,   0, 0, 0, 0,    0, 0, 0,
        0,  0, 0, 0, 0,   0, 0, 0, 36,   0, 0, 0, 48,   0, 0, 0, 0,    0, 0, 0,
        0,  0, 0, 0, 16,  0, 0, 0, 0,    0, 0, 0, 12,   0, 0, 0, 0x11, 0, 0, 0,
        16, 0, 0, 0, 2,   0, 0, 0, 12,   0, 0, 0, 0x22, 0, 0, 0, 16,   0, 0, 0,
        6,  0, 0, 0, 12,  0, 0, 0, 0x75, 0, 0, 0};

    (void)state;
    frame(tcp4, sizeof(tcp4));
    assert_int_equal(frame_write_header(&f, m), sizeof(plain));
    assert_memory_equal(m, plain, sizeof(plain));
    f.infos = FRAME_HAS_CHECKSUM | FRAME_HAS_LARGE | FRAME_HAS_VLAN;
    f.checksum = 0x11;
    f.large = 0x22;
    f.vlan = 0x75;
    assert_int_equal(frame_write_header(&f, m), sizeof(all));
    assert_int_equal(sizeof(all), RNDIS_SEND_HEADER);
    assert_memory_equal(m, all, sizeof(all));
}

/* ---- offloads ------------------------------------------------------------ */

static void offload_messages(void **state)
{
    static const uint8_t off[] = {0x80, 3, 28, 0, 1, 1, 1, 1, 1, 0, 0, 1, 1, 0,
                                  0,    0, 0,  0, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0};
    struct rndis_offload_capabilities q;
    struct offload_choice choice = {0};
    struct rndis_offload_set s;

    (void)state;
    assert_int_equal(offload_write_query(NVSP_VERSION_2, &q), 112);
    assert_int_equal(q.type, 0xA7);
    assert_int_equal(q.revision, 1);
    assert_int_equal(offload_write_query(NVSP_VERSION_4, &q), 144);
    assert_int_equal(q.revision, 2);
    assert_int_equal(offload_write_query(NVSP_VERSION_6_1, &q), 156);
    assert_int_equal(q.revision, 3);
    assert_int_equal(q.size, 156);
    assert_int_equal(offload_write_set(NVSP_VERSION_5, &choice, &s), 28);
    assert_memory_equal(&s, off, sizeof(off));
    choice.offloads = NETWORK_OFFLOADS;
    assert_int_equal(offload_write_set(NVSP_VERSION_6_1, &choice, &s), 28);
    assert_int_equal(s.tcp6, 4);
    assert_int_equal(s.large4, 2);
    assert_int_equal(s.rsc6, 2);
    choice.offloads = NETWORK_RX_CHECKSUM;
    assert_int_equal(offload_write_set(NVSP_VERSION_4, &choice, &s), 22);
    assert_int_equal(s.size, 22);
    assert_int_equal(s.ip4, 3);
    assert_int_equal(s.rsc4, 0);
    choice.offloads = NETWORK_TX_CHECKSUM;
    offload_write_set(NVSP_VERSION_5, &choice, &s);
    assert_int_equal(s.udp4, 2);
}

/* OpenVMM's and minihv's capabilities, by their offsets. */
static void put_capabilities(void)
{
    memset(room, 0, sizeof(room));
    m[0] = 0xA7;
    m[1] = 3;
    m[2] = 156;
    for (uint32_t at = 4; at < 36; at += 8) {
        m[at] = 2;
        m[at + 4] = at < 20 ? 0x55 : 0x54;
        m[at + 5] = at < 20;
    }
    for (uint32_t at = 80; at < 104; at += 12) {
        m[at] = 2;
        m[at + 4] = 0x3C;
        m[at + 5] = 0xF5;
        m[at + 8] = 2;
    }
    m[144] = m[145] = 1;
}

static uint32_t chosen(struct change change, uint32_t size)
{
    struct offload_choice choice;

    put_capabilities();
    m[change.at] = change.value;
    (void)offload_choose(m, size, NETWORK_OFFLOADS, &choice);
    return choice.offloads;
}

static void offload_choices(void **state)
{
    const struct change none = {0, 0xA7};
    struct offload_choice choice;

    (void)state;
    put_capabilities();
    assert_null(offload_choose(m, 156, NETWORK_OFFLOADS, &choice));
    assert_int_equal(choice.offloads, NETWORK_OFFLOADS);
    assert_int_equal(choice.large_max, 61440);
    assert_null(offload_choose(m, 156, NETWORK_RSC, &choice));
    assert_int_equal(choice.offloads, NETWORK_RSC);
    assert_int_equal(chosen(none, 112), 7); /* revision 1 has no RSC */
    assert_int_equal(chosen(none, 111), 0);
    assert_int_equal(chosen((struct change){0, 0xA8}, 156), 0);
    assert_int_equal(chosen((struct change){1, 0}, 156), 0);
    assert_int_equal(chosen((struct change){2, 111}, 156), 0);
    assert_int_equal(chosen((struct change){9, 0}, 156), 10); /* no IP sum */
    assert_int_equal(chosen((struct change){24, 0x10}, 156), 10);
    assert_int_equal(chosen((struct change){32, 0}, 156), 13);
    assert_int_equal(chosen((struct change){92, 0}, 156), 11); /* IPv6 only */
    assert_int_equal(chosen((struct change){85, 1}, 156), 11); /* 316 bytes */
    assert_int_equal(chosen((struct change){145, 0}, 156), 7);
    memset(m + 4, 0, 152); /* hv-net: none */
    assert_null(offload_choose(m, 112, NETWORK_OFFLOADS, &choice));
    assert_int_equal(choice.offloads, 0);
}

#define TITLED(title, test)           \
    {                                 \
        title, test, NULL, NULL, NULL \
    }

int main(void)
{
    const struct CMUnitTest tests[] = {
        TITLED("a version is accepted by its status alone", versions),
        TITLED("a receive buffer is refused whose sections do not fit",
               receive_buffer),
        TITLED("a send buffer without sections is not used", send_buffer),
        TITLED("requests have the bytes of the tables", requests),
        TITLED("answers are read, and none past its end", answers),
        TITLED("indications and KEEPALIVE are told apart", indications),
        TITLED("the host's limits are made safe", limits),
        TITLED("a frame lies inside of its message", layouts),
        TITLED("per-packet info is read", per_packet_info),
        TITLED("per-packet info that is broken is refused", bad_info),
        TITLED("fragments become one frame", coalescing),
        TITLED("fragments that do not follow are refused", bad_coalescing),
        TITLED("pseudo-header sums are prepared", sums),
        TITLED("a large send has lengths of 0", large),
        TITLED("headers that are others are refused", no_sums),
        TITLED("the RNDIS header has the bytes of the table", send_header),
        TITLED("offloads are asked for and switched", offload_messages),
        TITLED("offloads are used where the host has all of one",
               offload_choices),
    };

    return cmocka_run_group_tests_name("the network driver", tests, NULL, NULL);
}
