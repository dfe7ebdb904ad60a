/* SPDX-License-Identifier: BSD-2-Clause */
/* How connections and the network end, and what each call says of it. */
#include "tests/ip/sockets/sockets.h"

#include <errno.h>
#include <string.h>

#include "vmbare.h"

static void failures(void **state)
{
    struct net_address nobody = {
        .family = NET_IPV4, .port = 7, .ipv4 = {10, 0, 0, 77}};
    struct net_address far = {
        .family = NET_IPV4, .port = 7, .ipv4 = {192, 0, 2, 1}};
    struct pair pair;
    uint8_t byte;
    int s, peer, listener;

    (void)state;
    pair_start(&pair, 1, NULL);
    s = A.socket(NET_IPV4, NET_STREAM);
    assert_int_equal(A.recv(s, &byte, 1), -1);
    assert_int_equal(errno, ENOTCONN);
    assert_int_equal(A.connect(s, &echo4), -1); /* nobody listens */
    assert_int_equal(errno, ECONNREFUSED);
    assert_int_equal(A.close(s), 0);
    s = A.socket(NET_IPV4, NET_STREAM);
    assert_int_equal(A.timeout(s, 3), 0);
    assert_int_equal(A.connect(s, &nobody), -1);
    assert_int_equal(errno, ETIMEDOUT);
    assert_int_equal(A.close(s), 0);
    s = A.socket(NET_IPV4, NET_STREAM);
    assert_int_equal(A.connect(s, &nobody), -1); /* TCP gives up by itself */
    assert_int_equal(errno, ETIMEDOUT);
    assert_int_equal(A.close(s), 0);
    s = A.socket(NET_IPV4, NET_STREAM);
    assert_int_equal(A.connect(s, &far), -1); /* no gateway */
    assert_true(errno == EHOSTUNREACH || errno == ETIMEDOUT);
    assert_int_equal(A.close(s), 0);
    /* A peer that closes with unread data resets the connection. */
    listener = B.socket(NET_IPV4, NET_STREAM);
    assert_int_equal(B.bind(listener, &any4_7), 0);
    assert_int_equal(B.listen(listener, 1), 0);
    s = connected(&echo4);
    assert_int_equal(A.send(s, "abc", 3), 3);
    peer = B.accept(listener, NULL);
    world_pass(1);
    assert_int_equal(B.close(peer), 0);
    world_pass(1);
    assert_int_equal(A.recv(s, &byte, 1), -1);
    assert_int_equal(errno, ECONNRESET);
    assert_int_equal(A.close(s), 0);
    assert_int_equal(B.close(listener), 0);
    pair_stop(&pair);
}

/* The network stops under a call, and under sockets of every kind. */
static void stop_b(void)
{
    static unsigned steps;

    if (++steps == 5) {
        world_each(NULL);
        a_side.stop();
    }
}

static void network_stops(void **state)
{
    struct ip_settings settings = fixed_settings(1);
    int s, listener, datagrams;
    struct ip_link link;
    struct pair pair;
    uint8_t byte;

    (void)state;
    pair_start(&pair, 1, NULL);
    echo_begin(&any4_7);
    listener = A.socket(NET_IPV4, NET_STREAM);
    assert_int_equal(A.bind(listener, &any4_7), 0);
    assert_int_equal(A.listen(listener, 1), 0);
    datagrams = A.socket(NET_IPV4, NET_DATAGRAM);
    s = connected(&echo4);
    world_each(stop_b);
    assert_int_equal(A.recv(s, &byte, 1), -1);
    assert_int_equal(errno, ENETDOWN);
    assert_int_equal(A.accept(listener, NULL), -1);
    assert_int_equal(errno, ENETDOWN);
    assert_int_equal(A.recv(datagrams, &byte, 1), -1);
    assert_int_equal(errno, ENETDOWN);
    assert_int_equal(A.socket(NET_IPV4, NET_STREAM), -1);
    assert_int_equal(errno, ENETDOWN);
    assert_int_equal(A.close(s), 0);
    assert_int_equal(A.close(listener), 0);
    assert_int_equal(A.close(datagrams), 0);
    /* It can start again. */
    link = world_link(&pair.a, 1);
    assert_int_equal(a_side.start(&link, &settings), 0);
    echo_end();
    echo_begin(&any4_7);
    echo_bytes(&echo4, 1u << 16);
    echo_end();
    pair_stop(&pair);
}

/* The stack stops right after a close: what was sent still arrives. */
static void stop_after_close(void **state)
{
    static uint8_t block[1u << 17], back[1u << 17];
    struct ip_settings settings = fixed_settings(1);
    int s, listener, peer;
    struct ip_link link;
    struct pair pair;
    size_t got = 0;

    (void)state;
    pair_start(&pair, 1, NULL);
    listener = B.socket(NET_IPV4, NET_STREAM);
    assert_int_equal(B.bind(listener, &any4_7), 0);
    assert_int_equal(B.listen(listener, 1), 0);
    s = connected(&echo4);
    memset(block, 0x5a, sizeof(block));
    assert_int_equal(A.send(s, block, sizeof(block)), sizeof(block));
    assert_int_equal(A.close(s), 0);
    a_side.stop();
    peer = B.accept(listener, NULL);
    assert_int_equal(B.timeout(peer, 0), 0);
    while (got < sizeof(block)) {
        ssize_t n = B.recv(peer, back + got, sizeof(back) - got);

        assert_true(n > 0);
        got += (size_t)n;
    }
    assert_int_equal(B.recv(peer, back, 1), 0);
    assert_memory_equal(block, back, sizeof(block));
    /* The clock of TCP is kept until the stack's time passes again. */
    link = world_link(&pair.a, 1);
    assert_int_equal(a_side.start(&link, &settings), 0);
    assert_int_equal(B.close(peer), 0);
    assert_int_equal(B.close(listener), 0);
    pair_stop(&pair);
}

int ends_tests(void)
{
    const struct CMUnitTest tests[] = {
        {"each failure of a connection has its errno", failures, 0, 0, 0},
        {"sockets end with ENETDOWN when the network stops, which can start "
         "again",
         network_stops, 0, 0, 0},
        {"what was sent arrives although the stack stops after the close",
         stop_after_close, 0, 0, 0},
    };

    return cmocka_run_group_tests_name("ends", tests, NULL, NULL);
}
