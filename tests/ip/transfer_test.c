/* SPDX-License-Identifier: BSD-2-Clause */
/* TCP and UDP between two stacks, over good wires and bad ones. */
#include "tests.h"

#include <stdio.h>

#define MEGABYTE (1u << 20)

static bool server_ended(void *context)
{
    (void)context;
    return b_side.results->ended || b_side.results->failed;
}

static bool one_datagram(void *context)
{
    (void)context;
    return b_side.results->datagrams != 0;
}

static void transfer(const char *address, uint32_t size, uint32_t seed,
                     const struct fate *fate)
{
    struct pair pair;

    pair_start(&pair, seed, fate);
    world_pass(5); /* the addresses of IPv6 are checked for a second owner */
    b_side.sink(7);
    a_side.pour(address, 7, size);
    assert_true(world_run(server_ended, NULL, 3600));
    assert_false(b_side.results->failed);
    assert_int_equal(b_side.results->received, size);
    assert_int_equal(a_side.results->sent, size);
    assert_int_equal(b_side.results->crc, a_side.results->sent_crc);
    pair_stop(&pair);
}

static void tcp_ipv4(void **state)
{
    (void)state;
    transfer("10.0.0.2", MEGABYTE, 1, NULL);
}

/* The address that follows from B's MAC address: RFC 4291, appendix A. */
#define LINK_LOCAL "fe80::215:5dff:fe00:ab02"

static void tcp_ipv6(void **state)
{
    (void)state;
    transfer(LINK_LOCAL, MEGABYTE, 1, NULL);
}

static void tcp_bad_wires(void **state)
{
    const struct fate bad = {5, 5, 20, SECOND / 100};

    (void)state;
    for (uint32_t seed = 1; seed <= 10; seed++)
        transfer(seed % 2 ? "10.0.0.2" : LINK_LOCAL, MEGABYTE / 4, seed, &bad);
}

static void tcp_full_adapter(void **state)
{
    struct pair pair;

    (void)state;
    pair_start(&pair, 1, NULL);
    b_side.sink(7);
    a_side.pour("10.0.0.2", 7, MEGABYTE);
    while (b_side.results->received < MEGABYTE / 4)
        world_pass(0.0001);
    pair.a.full = true;
    world_pass(0.01);
    assert_false(b_side.results->ended);
    pair.a.full = false;
    a_side.room();
    assert_true(world_run(server_ended, NULL, 60));
    assert_int_equal(b_side.results->crc, a_side.results->sent_crc);
    pair_stop(&pair);
}

static void datagram_of(const char *address, uint16_t size, unsigned seconds)
{
    struct pair pair;

    pair_start(&pair, 1, NULL);
    world_pass(5);
    b_side.listen_udp(9);
    a_side.datagram(address, 9, size);
    assert_true(world_run(one_datagram, NULL, seconds));
    assert_int_equal(b_side.results->datagram_size, size);
    assert_true(b_side.results->datagram_right);
    pair_stop(&pair);
}

static void udp_small(void **state)
{
    (void)state;
    datagram_of("10.0.0.2", 100, 1);
    datagram_of(LINK_LOCAL, 100, 1);
}

static void udp_in_fragments(void **state)
{
    (void)state;
    datagram_of("10.0.0.2", 5000, 1);
    datagram_of(LINK_LOCAL, 5000, 1);
}

/* One of four fragments never comes: what had come is given up. */
static void udp_missing_fragment(void **state)
{
    const struct fate bad = {40, 0, 0, 0};
    struct pair pair;

    (void)state;
    pair_start(&pair, 3, &bad);
    world_pass(5);
    b_side.listen_udp(9);
    for (unsigned i = 0; i < 100; i++) {
        a_side.datagram(i % 2 ? "10.0.0.2" : LINK_LOCAL, 9, 5000);
        world_pass(0.1);
    }
    assert_true(b_side.results->datagrams < 50);
    pair_stop(&pair);
}

int transfer_tests(void)
{
    const struct CMUnitTest tests[] = {
        {"a megabyte by TCP over IPv4 arrives unchanged", tcp_ipv4, 0, 0, 0},
        {"a megabyte by TCP over IPv6 arrives unchanged", tcp_ipv6, 0, 0, 0},
        {"TCP delivers over wires that lose, double and delay frames",
         tcp_bad_wires, 0, 0, 0},
        {"TCP goes on when a full adapter has room again", tcp_full_adapter, 0,
         0, 0},
        {"a datagram arrives, over IPv4 and IPv6", udp_small, 0, 0, 0},
        {"a datagram in fragments arrives, over IPv4 and IPv6",
         udp_in_fragments, 0, 0, 0},
        {"fragments without the others are given up, and their memory comes "
         "back",
         udp_missing_fragment, 0, 0, 0},
    };

    return cmocka_run_group_tests_name("transfer", tests, NULL, NULL);
}
