/* SPDX-License-Identifier: BSD-2-Clause */
/* What a stack answers to frames that are written by hand. */
#include "tests.h"

#include <stdlib.h>
#include <string.h>

#include "bytes.h"

/* A stack with the address 10.0.0.1, and what it sent last that fits. */
struct asker {
    struct end stack, end;
    bool (*fits)(const uint8_t *frame, uint32_t size);
    uint8_t frame[1600];
    uint32_t size; /* 0: nothing */
};

static const uint8_t mac[6] = {0x00, 0x15, 0x5d, 0x00, 0xab, 0x01};
static const uint8_t its[4] = {10, 0, 0, 1}, ours[4] = {10, 0, 0, 7};

static void take(struct end *end, const uint8_t *frame, uint32_t size)
{
    struct asker *asker = end->context;

    if (!asker->fits(frame, size) || size > sizeof(asker->frame))
        return;
    memcpy(asker->frame, frame, size);
    asker->size = size;
}

static void begin(struct asker *asker,
                  bool (*fits)(const uint8_t *frame, uint32_t size))
{
    struct ip_settings settings = fixed_settings(1);
    struct ip_link link;

    memset(asker, 0, sizeof(*asker));
    world_begin(1, NULL);
    asker->stack.side = &a_side;
    asker->end.take = take;
    asker->end.context = asker;
    asker->fits = fits;
    world_wire(&asker->stack, &asker->end);
    link = world_link(&asker->stack, 1);
    assert_int_equal(a_side.start(&link, &settings), 0);
}

/* RFC 826: who has 10.0.0.1? Tell 10.0.0.7 at 02:00:00:00:00:07. */
static const uint8_t arp_question[] = {
    255, 255, 255, 255, 255, 255, 2,  0, 0, 0, 0, 7, 8, 6, /* Ethernet */
    0,   1,   8,   0,   6,   4,   0,  1, 2, 0, 0, 0, 0, 7, 10, 0, 0, 7, /* */
    0,   0,   0,   0,   0,   0,   10, 0, 0, 1,
};
static const uint8_t arp_answer[] = {
    2,  0, 0, 0, 0, 7, 0x00, 0x15, 0x5d, 0x00, 0xab, 0x01, 8,    6,    /* */
    0,  1, 8, 0, 6, 4, 0,    2,    0x00, 0x15, 0x5d, 0x00, 0xab, 0x01, /* */
    10, 0, 0, 1, 2, 0, 0,    0,    0,    7,    10,   0,    0,    7,
};

static bool is_arp_answer(const uint8_t *frame, uint32_t size)
{
    return size >= 42 && get16(frame + 12) == 0x0806 && frame[21] == 2;
}

static void answers_arp(void **state)
{
    struct asker asker;

    (void)state;
    begin(&asker, is_arp_answer);
    world_send(&asker.end, arp_question, sizeof(arp_question));
    world_pass(0.01);
    assert_true(asker.size >= sizeof(arp_answer));
    assert_memory_equal(asker.frame, arp_answer, sizeof(arp_answer));
    a_side.stop();
}

static bool is_icmp(const uint8_t *frame, uint32_t size)
{
    return size >= 42 && get16(frame + 12) == 0x0800 && frame[23] == 1;
}

/* RFC 792: echo, number 0x1234, sequence 1, four bytes. `broken`: added to the
 * sum. */
static void ping(struct asker *asker, unsigned broken, bool verified)
{
    uint8_t frame[60] = {0}, *icmp = frame + ETHERNET + IPV4;
    uint32_t size;

    memcpy(icmp, (uint8_t[]){8, 0, 0, 0, 0x12, 0x34, 0, 1, 1, 2, 3, 4}, 12);
    put16(icmp + 2, bytes_sum(icmp, 12));
    size = bytes_ipv4(frame, mac, 1, ours, its, 12);
    put16(frame + ETHERNET + 10, get16(frame + ETHERNET + 10) + broken);
    world_send(&asker->end, arp_question, sizeof(arp_question));
    world_pass(0.01);
    a_side.frame(frame, size, verified);
    world_pass(0.01);
}

static void answers_ping(void **state)
{
    const uint8_t *icmp;
    struct asker asker;

    (void)state;
    begin(&asker, is_icmp);
    ping(&asker, 0, false);
    assert_true(asker.size >= 46);
    icmp = asker.frame + ETHERNET + IPV4;
    assert_int_equal(icmp[0], 0); /* echo reply */
    assert_memory_equal(icmp + 4, ((uint8_t[]){0x12, 0x34, 0, 1, 1, 2, 3, 4}),
                        8);
    assert_int_equal(bytes_sum(icmp, 12), 0);
    assert_int_equal(bytes_sum(asker.frame + ETHERNET, IPV4), 0);
    a_side.stop();
}

static void wrong_sum(void **state)
{
    struct asker asker;

    (void)state;
    begin(&asker, is_icmp);
    ping(&asker, 1, false);
    assert_int_equal(asker.size, 0);
    /* The adapter's word counts: it may have checked the sum before. */
    ping(&asker, 1, true);
    assert_true(asker.size >= 46);
    /* And only for that frame. */
    asker.size = 0;
    ping(&asker, 1, false);
    assert_int_equal(asker.size, 0);
    a_side.stop();
}

/* Nobody has filled these up to the 60 bytes of IEEE 802.3; the sanitizer
 * watches over what is behind them. */
static void short_frames(void **state)
{
    static const unsigned types[] = {0x0800, 0x0806, 0x8100, 0x86dd};
    uint8_t *frame;
    struct asker asker;

    (void)state;
    begin(&asker, is_arp_answer);
    for (unsigned i = 0; i < 4; i++)
        for (uint32_t size = 14; size < 60; size++) {
            frame = malloc(size);
            memset(frame, 0x45, size);
            memcpy(frame, mac, sizeof(mac));
            put16(frame + 12, types[i]);
            a_side.frame(frame, size, true);
            free(frame);
        }
    assert_int_equal(asker.size, 0);
    a_side.stop();
}

/* The first half of a datagram whose other half never comes. */
static void half_datagram(void **state)
{
    uint8_t frame[ETHERNET + IPV4 + 64] = {0};
    struct side_memory without, with;
    struct asker asker;
    uint32_t size = bytes_ipv4(frame, mac, 17, ours, its, 64);

    (void)state;
    put16(frame + ETHERNET + 6, 0x2000); /* more follows */
    begin(&asker, is_icmp);
    a_side.stop();
    a_side.memory(&without);
    begin(&asker, is_icmp);
    a_side.frame(frame, size, true);
    a_side.stop();
    a_side.memory(&with);
    assert_int_equal(with.heap, without.heap);
}

static bool is_mdns_answer(const uint8_t *frame, uint32_t size)
{
    return bytes_are_udp(frame, size, 5353) && frame[44] & 0x80;
}

/* RFC 6762: the address of vmbare-ab01.local, asked of everybody. */
static void answers_mdns(void **state)
{
    static const uint8_t question[] = {
        0,   0,   0,   0,   0,   1,   0,   0,   0,   0,   0,
        0, /* one question */
        11,  'v', 'm', 'b', 'a', 'r', 'e', '-', 'a', 'b', '0',
        '1',                                                 /* */
        5,   'l', 'o', 'c', 'a', 'l', 0,   0,   1,   0,   1, /* A, IN */
    };
    static const uint8_t record[] = {0, 1, 0x80, 1}; /* A, IN, mine alone */
    const uint8_t group_mac[6] = {0x01, 0x00, 0x5e, 0, 0, 0xfb};
    const uint8_t group[4] = {224, 0, 0, 251};
    uint8_t frame[ETHERNET + IPV4 + UDP + sizeof(question)];
    struct asker asker;
    bool found = false;

    (void)state;
    begin(&asker, is_mdns_answer);
    world_pass(10); /* it has asked whether the name is free, and said it */
    asker.size = 0;
    memcpy(frame + ETHERNET + IPV4 + UDP, question, sizeof(question));
    world_send(
        &asker.end, frame,
        bytes_udp(frame, group_mac, ours, 5353, group, 5353, sizeof(question)));
    world_pass(3);
    assert_true(asker.size > 60);
    for (uint32_t i = 42; i + 14 <= asker.size; i++)
        if (memcmp(asker.frame + i, record, 4) == 0 &&
            memcmp(asker.frame + i + 8, (uint8_t[]){0, 4, 10, 0, 0, 1}, 6) == 0)
            found = true;
    assert_true(found);
    a_side.stop();
}

int answers_tests(void)
{
    const struct CMUnitTest tests[] = {
        {"ARP is answered, byte by byte as RFC 826 says", answers_arp, 0, 0, 0},
        {"an echo request of ICMP is answered", answers_ping, 0, 0, 0},
        {"a frame with a wrong sum is dropped, unless the adapter has found it "
         "right",
         wrong_sum, 0, 0, 0},
        {"a frame that is shorter than its header is dropped", short_frames, 0,
         0, 0},
        {"a datagram that is not whole is dropped when the network stops",
         half_datagram, 0, 0, 0},
        {"mDNS answers for the machine's name", answers_mdns, 0, 0, 0},
    };

    return cmocka_run_group_tests_name("answers", tests, NULL, NULL);
}
