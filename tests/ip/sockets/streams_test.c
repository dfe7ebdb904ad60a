/* SPDX-License-Identifier: BSD-2-Clause */
/* Streams: what is sent arrives, and who does not read stops the sender. */
#include "tests/ip/sockets/sockets.h"

#include <errno.h>
#include <string.h>

#include "vmbare.h"

static void streams(void **state)
{
    const struct fate bad = {5, 5, 20, SECOND / 100};
    struct net_address link_local = {.family = NET_IPV6, .port = 7};
    struct pair pair;

    (void)state;
    memcpy(link_local.ipv6,
           "\xfe\x80\0\0\0\0\0\0\x02\x15\x5d\xff\xfe\0\xab\x02", 16);
    for (unsigned i = 0; i < 4; i++) {
        pair_start(&pair, i, i < 2 ? NULL : &bad);
        world_pass(5);
        /* A server of IPv6 takes connections of IPv4, too. */
        echo_begin(i % 2 ? &any6_7 : &any4_7);
        if (i % 2)
            echo_bytes(&link_local, 1u << 18);
        else
            echo_bytes(&echo4, 1u << 18);
        echo_end();
        pair_stop(&pair);
    }
    pair_start(&pair, 9, NULL);
    world_pass(5);
    echo_begin(&any6_7);
    echo_bytes(&echo4, 1u << 16);
    echo_end();
    pair_stop(&pair);
}

/* What nobody reads fills the window; then a send ends with what it has sent.
 */
static void full_window(void **state)
{
    static uint8_t block[1u << 20], back[1u << 20];
    struct pair pair;
    ssize_t sent, got = 0;
    int s, listener, peer;

    (void)state;
    pair_start(&pair, 1, NULL);
    for (size_t i = 0; i < sizeof(block); i++)
        block[i] = (uint8_t)(i * 2654435761u >> 24);
    listener = B.socket(NET_IPV4, NET_STREAM);
    assert_int_equal(B.bind(listener, &any4_7), 0);
    assert_int_equal(B.listen(listener, 1), 0);
    s = connected(&echo4);
    assert_int_equal(A.timeout(s, 5), 0);
    sent = A.send(s, block, sizeof(block));
    assert_true(sent >= 262144 && sent < (ssize_t)sizeof(block));
    assert_int_equal(A.send(s, block, 1), -1);
    assert_int_equal(errno, ETIMEDOUT);
    peer = B.accept(listener, NULL);
    assert_true(peer >= 0);
    while (got < sent) {
        ssize_t n = B.recv(peer, back + got, sizeof(back) - (size_t)got);

        assert_true(n > 0);
        got += n;
    }
    assert_memory_equal(block, back, (size_t)sent);
    assert_int_equal(A.close(s), 0);
    assert_int_equal(B.recv(peer, back, 1), 0);
    assert_int_equal(B.close(peer), 0);
    assert_int_equal(B.close(listener), 0);
    pair_stop(&pair);
}

/* Connections that nobody has accepted when the server closes. */
static void backlog(void **state)
{
    struct pair pair;
    int listener, s[3];
    uint8_t byte;

    (void)state;
    pair_start(&pair, 1, NULL);
    listener = B.socket(NET_IPV4, NET_STREAM);
    assert_int_equal(B.bind(listener, &any4_7), 0);
    assert_int_equal(B.listen(listener, 2), 0);
    for (unsigned i = 0; i < 2; i++)
        s[i] = connected(&echo4);
    s[2] = A.socket(NET_IPV4, NET_STREAM);
    assert_int_equal(A.timeout(s[2], 2), 0);
    assert_int_equal(A.connect(s[2], &echo4), -1);
    assert_int_equal(errno, ETIMEDOUT);
    assert_int_equal(A.close(s[2]), 0);
    assert_int_equal(B.close(listener), 0);
    for (unsigned i = 0; i < 2; i++) {
        assert_true(A.recv(s[i], &byte, 1) <= 0);
        assert_int_equal(A.close(s[i]), 0);
    }
    pair_stop(&pair);
}

static void several(void **state)
{
    struct net_poll polls[2] = {{.wanted = NET_READABLE},
                                {.wanted = NET_READABLE}};
    uint64_t before;
    struct pair pair;

    (void)state;
    pair_start(&pair, 1, NULL);
    echo_begin(&any4_7);
    polls[0].socket = A.socket(NET_IPV4, NET_DATAGRAM);
    polls[1].socket = connected(&echo4);
    before = vmbare_now();
    assert_int_equal(A.poll(polls, 2, 2), 0);
    assert_true(vmbare_now() - before == 2 * SECOND);
    assert_int_equal(A.send(polls[1].socket, "x", 1), 1);
    assert_int_equal(A.poll(polls, 2, -1), 1);
    assert_int_equal(polls[0].ready, 0);
    assert_int_equal(polls[1].ready, NET_READABLE);
    polls[0].wanted = NET_WRITABLE;
    assert_int_equal(A.poll(polls, 2, 0), 2);
    assert_int_equal(polls[0].ready, NET_WRITABLE);
    assert_int_equal(A.close(polls[0].socket), 0);
    assert_int_equal(A.close(polls[1].socket), 0);
    echo_end();
    pair_stop(&pair);
}

int streams_tests(void)
{
    const struct CMUnitTest tests[] = {
        {"what goes to an echo server comes back, over good and bad wires",
         streams, 0, 0, 0},
        {"a send ends when the window stays full, and nothing is lost",
         full_window, 0, 0, 0},
        {"a full backlog refuses, and a server that closes drops it", backlog,
         0, 0, 0},
        {"a poll tells which of several sockets is ready", several, 0, 0, 0},
    };

    return cmocka_run_group_tests_name("streams", tests, NULL, NULL);
}
