/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * minihv's network: messages that carry frames, sums, large sends, the hash,
 * and what the switch decides. Frames and headers were written by hand; the
 * hash is compared with the values that Microsoft publishes for its test key.
 */
#include "unit.h"

#include <string.h>

#include "hash.h"
#include "large.h"
#include "switch.h"

static uint8_t m[256];
static struct net_frame f;
static uint32_t length;

/* An RNDIS packet with 16 bytes of frame behind a checksum's info. */
static void put(void)
{
    static const uint8_t bytes[] = {
        1, 0, 0, 0, 76, 0, 0, 0, 52, 0, 0, 0, 16, 0, 0, 0, 0, 0, 0,    0,
        0, 0, 0, 0, 0,  0, 0, 0, 36, 0, 0, 0, 16, 0, 0, 0, 0, 0, 0,    0,
        0, 0, 0, 0, 16, 0, 0, 0, 0,  0, 0, 0, 12, 0, 0, 0, 5, 0, 0x22, 0};

    memset(m, 0xEE, sizeof m);
    memcpy(m, bytes, sizeof bytes);
}

static const char *read_with(uint32_t at, uint8_t value)
{
    put();
    m[at] = value;
    return packet_read(m, 76, &length, &f);
}

static void packet(void **state)
{
    (void)state;
    assert_null(read_with(0, 1));
    assert_int_equal(length, 76);
    assert_int_equal(f.size, 16);
    assert_ptr_equal(f.data, m + 60);
    assert_true(f.has_checksum && !f.has_vlan && !f.has_large);
    assert_int_equal(f.checksum, 0x220005);
    assert_null(read_with(48, 6));
    assert_true(f.has_vlan && f.vlan == 0x220005);
    assert_null(read_with(48, 99)); /* not known, skipped */
    assert_false(f.has_checksum);
}

static void bad_packets(void **state)
{
    static const struct {
        uint8_t at, value;
    } bad[] = {
        {0, 2},                        /* another type */
        {4, 77},                       /* longer than there is */
        {4, 43},                       /* shorter than its fields */
        {8, 35},                       /* frame in the fields, */
        {8, 53},                       /* past the end, */
        {11, 0x80}, {12, 13},          /* without a header, */
        {15, 0xFF}, {16, 1},           /* out-of-band data */
        {28, 35},                      /* info in the fields, */
        {28, 60},                      /* past the end */
        {31, 0xFF}, {32, 40}, {44, 0}, /* an entry without size, */
        {44, 11},   {44, 17},          /* larger than all of it */
        {48, 2},                       /* a large send of version 1 */
    };

    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++)
        if (!read_with(bad[i].at, bad[i].value))
            fail_msg("byte %u as %u is taken", bad[i].at, bad[i].value);
    put();
    assert_non_null(packet_read(m, 43, &length, &f));
    /* The value of an entry may not lie behind it. */
    assert_null(read_with(52, 13));
    assert_false(f.has_checksum);
}

static void written(void **state)
{
    static const uint8_t alone[44] = {1, 0,    0, 0, 0x0A, 1, 0,
                                      0, 0xF8, 0, 0, 0,    10};
    static const uint8_t part[16] = {16, 0, 0, 0, 1, 0, 0,    0x80,
                                     12, 0, 0, 0, 1, 7, 0x34, 0x12};
    struct net_frame frame = {.has_vlan = true, .vlan = 0x55};
    uint8_t out[256];

    (void)state;
    packet_write(out, 256, &(struct net_frame){0}, 10, PART_ALONE, 0);
    assert_memory_equal(out, alone, 44);
    packet_write(out, 256, &frame, 10, PART_ANY | PART_FIRST | PART_LAST,
                 0x1234);
    assert_int_equal(out[28], 36);
    assert_int_equal(out[32], 32);
    assert_int_equal(out[48], 6);
    assert_int_equal(out[56], 0x55);
    assert_memory_equal(out + 60, part, 16);
    /* Only the first part says what belongs to the whole frame. */
    packet_write(out, 256, &frame, 10, PART_ANY | PART_LAST, 0x1234);
    assert_int_equal(out[32], 16);
}

/* ---- sums ---------------------------------------------------------------- */

/* 192.168.0.1 to 192.168.0.199 by UDP, an example of the IPv4 header sum that
 * is widely known (0xB861), its length 0x73. */
static const uint8_t ip4[] = {2,    0, 0,    0,    0,    1,    2,    0,    0,
                              0,    0, 2,    8,    0,    0x45, 0,    0,    0x73,
                              0,    0, 0x40, 0,    0x40, 0x11, 0xB8, 0x61, 0xC0,
                              0xA8, 0, 1,    0xC0, 0xA8, 0,    0xC7};

static uint8_t frame[14 + 0x73];

static void put_udp(void)
{
    memset(frame, 0, sizeof frame);
    memcpy(frame, ip4, sizeof ip4);
    frame[34 + 5] = 0x5F; /* UDP length */
    /* The pseudo header's sum: C0A8+0001+C0A8+00C7+0011+005F, folded. */
    frame[34 + 6] = 0x82;
    frame[34 + 7] = 0x89;
}

static void checksums(void **state)
{
    struct net_frame u = {.data = frame, .size = sizeof frame};

    (void)state;
    put_udp();
    assert_int_equal(sum_check(frame, sizeof frame), RX_IP_GOOD | RX_UDP_BAD);
    u.has_checksum = true;
    u.checksum = TX_IP4 | TX_UDP;
    assert_null(sum_complete(&u));
    /* 0x8289 + length 0x005F, complemented. */
    assert_int_equal(frame[40] << 8 | frame[41], 0x7D17);
    assert_int_equal(sum_check(frame, sizeof frame), RX_IP_GOOD | RX_UDP_GOOD);
    frame[60] ^= 1;
    assert_int_equal(sum_check(frame, sizeof frame), RX_IP_GOOD | RX_UDP_BAD);
    frame[25] ^= 1;
    assert_true(sum_check(frame, sizeof frame) & RX_IP_BAD);
    u.checksum = TX_IP4 | TX_IP_HEADER;
    assert_null(sum_complete(&u));
    assert_memory_equal(frame + 24, "\xB8\x61", 2);
    /* TCP is asked for, and it is UDP. */
    u.checksum = TX_IP4 | TX_TCP;
    assert_non_null(sum_complete(&u));
    u.size = 40; /* ends before the IP packet does */
    assert_non_null(sum_complete(&u));
    assert_int_equal(sum_check(frame, 40), 0);
}

/* ---- large sends --------------------------------------------------------- */

enum { HEADERS = 14 + 20 + 20, MSS = 100, PAYLOAD = 250 };

static uint8_t large[HEADERS + PAYLOAD];
static uint32_t segments, bytes;

static void put_tcp(void)
{
    memset(large, 0, sizeof large);
    memcpy(large, ip4, 34);
    large[16] = large[17] = 0; /* length and sum are the device's to fill in */
    large[24] = large[25] = 0;
    large[19] = 9;        /* id */
    large[23] = 6;        /* TCP */
    large[34 + 7] = 0xF0; /* sequence number */
    large[34 + 12] = 5 << 4;
    large[34 + 13] = 0x80 | 0x10 | 8 | 1; /* CWR ACK PSH FIN */
    for (uint32_t i = 0; i < PAYLOAD; i++)
        large[HEADERS + i] = (uint8_t)i;
}

static void segment(void *context, struct net_frame *s)
{
    static const uint8_t flags[] = {0x90, 0x10, 0x19};
    uint32_t size = bytes + MSS > PAYLOAD ? PAYLOAD - bytes : MSS;

    (void)context;
    assert_int_equal(s->size, HEADERS + size);
    assert_memory_equal(s->data + HEADERS, large + HEADERS + bytes, size);
    assert_int_equal(sum_check(s->data, s->size), RX_IP_GOOD | RX_TCP_GOOD);
    assert_int_equal(s->data[19], 9 + segments);
    assert_int_equal(s->data[40] << 8 | s->data[41], 0xF0 + bytes);
    assert_int_equal(s->data[47], flags[segments]);
    assert_false(s->has_large);
    segments++;
    bytes += size;
}

static void cut(void **state)
{
    struct net_frame l = {.data = large,
                          .size = sizeof large,
                          .has_large = true,
                          .large = LARGE_V2 | 34u << 20 | MSS};
    uint8_t work[HEADERS + MSS];

    (void)state;
    put_tcp();
    segments = bytes = 0;
    assert_null(large_cut(&l, work, sizeof work, segment, NULL));
    assert_int_equal(segments, 3);
    assert_int_equal(bytes, PAYLOAD);
    assert_non_null(large_cut(&l, work, sizeof work - 1, segment, NULL));
    assert_null(large_whole(&l));
    assert_int_equal(large[16] << 8 | large[17], 40 + PAYLOAD);
    assert_true(sum_check(large, sizeof large) & RX_IP_GOOD);
    l.large = LARGE_V2 | 35u << 20 | MSS; /* TCP is not there */
    assert_non_null(large_whole(&l));
    l.large = LARGE_IP6 | LARGE_V2 | 34u << 20 | MSS;
    assert_non_null(large_whole(&l));
    put_tcp();
    l.large = LARGE_V2 | 34u << 20 | MSS;
    large[34 + 12] = 15 << 4;
    l.size = 80;
    assert_non_null(large_whole(&l)); /* no payload */
}

/* ---- the hash ------------------------------------------------------------ */

static const uint8_t key[40] = {0x6D, 0x5A, 0x56, 0xDA, 0x25, 0x5B, 0x0E, 0xC2,
                                0x41, 0x67, 0x25, 0x3D, 0x43, 0xA3, 0x8F, 0xB0,
                                0xD0, 0xCA, 0x2B, 0xCB, 0xAE, 0x7B, 0x30, 0xB4,
                                0x77, 0xCB, 0x2D, 0xA3, 0x80, 0x30, 0xF2, 0x0C,
                                0x6A, 0x42, 0xB7, 0x3B, 0xBE, 0xAC, 0x01, 0xFA};

static void hash(void **state)
{
    /* 66.9.149.187:2794 to 161.142.100.80:1766 */
    static const uint8_t flow[] = {66,  9,  149,  187,  161,  142,
                                   100, 80, 0x0A, 0xEA, 0x06, 0xE6};
    struct net_frame l = {.data = large, .size = sizeof large};
    struct rndis r = {.rss = {.on = true, .entries = 2, .table = {0, 1}}};

    (void)state;
    assert_int_equal(hash_toeplitz(key, flow, 12), 0x51CCC178);
    assert_int_equal(hash_toeplitz(key, flow, 8), 0x323E8FC2);
    put_tcp();
    large[16] = (40 + PAYLOAD) >> 8;
    large[17] = (40 + PAYLOAD) & 0xFF;
    memcpy(large + 26, flow, 12);
    memcpy(r.rss.key, key, 40);
    assert_int_equal(hash_queue(&r, &l), 0);
    assert_true(l.has_hash && l.hash == 0x51CCC178);
    r.rss.table[0] = 1;
    assert_int_equal(hash_queue(&r, &l), 1);
    r.rss.on = false;
    assert_int_equal(hash_queue(&r, &l), 0);
}

/* ---- the switch ---------------------------------------------------------- */

static void fate(void **state)
{
    struct switch_faults faults = {
        .loss = 100, .twice = 200, .late = 300, .late_us = 7, .delay_us = 5};
    uint64_t random = 77, again = 77;
    uint32_t lost = 0, twice = 0, late = 0;

    (void)state;
    for (int i = 0; i < 10000; i++) {
        struct switch_fate one = switch_decide(&faults, &random);
        struct switch_fate same = switch_decide(&faults, &again);

        assert_memory_equal(&one, &same, sizeof one);
        lost += !one.copies;
        twice += one.copies == 2;
        late += one.delay_us == 12;
        assert_true(one.delay_us == 12 || one.delay_us == 5);
    }
    /* Shares of 10, 18 and 30 percent: 10,000 are far from luck. */
    assert_in_range(lost, 800, 1200);
    assert_in_range(twice, 1600, 2000);
    assert_in_range(late, 2700, 3300);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(packet),  cmocka_unit_test(bad_packets),
        cmocka_unit_test(written), cmocka_unit_test(checksums),
        cmocka_unit_test(cut),     cmocka_unit_test(hash),
        cmocka_unit_test(fate),
    };

    return cmocka_run_group_tests_name("minihv's network: frames", tests, NULL,
                                       NULL);
}
