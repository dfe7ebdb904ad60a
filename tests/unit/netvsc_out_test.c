/* SPDX-License-Identifier: BSD-2-Clause */
/* Frames that the network driver sends (netvsc.h). */
#include "netvsc.h"

#include "drivers/network/wire/frames.h"

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        TITLED("pseudo-header sums are prepared", sums),
        TITLED("a large send has lengths of 0", large),
        TITLED("headers that are others are refused", no_sums),
        TITLED("the RNDIS header has the bytes of the table", send_header),
    };

    return cmocka_run_group_tests_name("frames that are sent", tests, NULL,
                                       NULL);
}
