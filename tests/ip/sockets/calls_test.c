/* SPDX-License-Identifier: BSD-2-Clause */
/* Misuse, datagrams, and addresses as text. */
#include "tests/ip/sockets/sockets.h"

#include <errno.h>
#include <string.h>

#include "vmbare.h"

static void misuse(void **state)
{
    struct net_address odd = {.family = NET_IPV4, .port = 65536};
    struct net_poll poll = {.socket = 5};
    int s, all[NET_SOCKETS_MOST + 1], made = 0;
    struct pair pair;

    (void)state;
    pair_start(&pair, 1, NULL);
    assert_int_equal(A.socket(NET_VSOCK, NET_STREAM), -1);
    assert_int_equal(errno, EAFNOSUPPORT);
    assert_int_equal(A.socket(NET_IPV4, 3), -1);
    assert_int_equal(errno, EOPNOTSUPP);
    for (s = -1; s < 200; s += 67) { /* none is open */
        assert_int_equal(A.close(s), -1);
        assert_int_equal(errno, EBADF);
        assert_int_equal(A.send(s, "", 1), -1);
        assert_int_equal(errno, EBADF);
    }
    assert_int_equal(A.poll(&poll, 1, 0), -1);
    assert_int_equal(errno, EBADF);
    assert_int_equal(A.poll(&poll, 0, 0), -1);
    assert_int_equal(errno, EINVAL);
    s = A.socket(NET_IPV4, NET_STREAM);
    assert_int_equal(A.bind(s, &odd), -1);
    assert_int_equal(errno, EINVAL);
    assert_int_equal(A.bind(s, &any6_7), -1);
    assert_int_equal(errno, EAFNOSUPPORT);
    assert_int_equal(A.listen(s, 1), -1); /* not bound */
    assert_int_equal(errno, EINVAL);
    assert_int_equal(A.accept(s, NULL), -1);
    assert_int_equal(errno, EINVAL);
    assert_int_equal(A.shutdown(s, NET_NO_SEND), -1);
    assert_int_equal(errno, ENOTCONN);
    assert_int_equal(A.bind(s, &any4_7), 0);
    assert_int_equal(A.bind(s, &any4_7), -1); /* twice */
    assert_int_equal(errno, EINVAL);
    assert_int_equal(A.listen(s, 0), -1);
    assert_int_equal(errno, EINVAL);
    assert_int_equal(A.listen(s, 1), 0);
    assert_int_equal(A.connect(s, &echo4), -1);
    assert_int_equal(errno, EINVAL);
    assert_int_equal(A.close(s), 0);
    s = A.socket(NET_IPV4, NET_DATAGRAM);
    assert_int_equal(A.listen(s, 1), -1);
    assert_int_equal(errno, EOPNOTSUPP);
    assert_int_equal(A.send(s, "x", 1), -1);
    assert_int_equal(errno, ENOTCONN);
    assert_int_equal(A.close(s), 0);
    while (made <= (int)NET_SOCKETS_MOST &&
           (all[made] = A.socket(NET_IPV4, NET_STREAM)) >= 0)
        made++;
    assert_true(errno == ENOBUFS || errno == EMFILE);
    assert_true(made >= 32);
    while (made--)
        assert_int_equal(A.close(all[made]), 0);
    pair_stop(&pair);
}

static void datagrams(void **state)
{
    struct net_address from,
        to = {.family = NET_IPV4, .port = 9, .ipv4 = {10, 0, 0, 2}};
    struct net_address any = {.family = NET_IPV4, .port = 9};
    static uint8_t large[65507], back[65507];
    struct pair pair;
    int a, b;

    (void)state;
    pair_start(&pair, 1, NULL);
    a = A.socket(NET_IPV4, NET_DATAGRAM);
    b = B.socket(NET_IPV4, NET_DATAGRAM);
    assert_int_equal(B.timeout(b, 5), 0);
    assert_int_equal(B.bind(b, &any), 0);
    assert_int_equal(A.sendto(a, "hello", 5, &to), 5);
    assert_int_equal(B.recvfrom(b, back, 3, &from), 3); /* the rest is lost */
    assert_memory_equal(back, "hel", 3);
    assert_memory_equal(from.ipv4, ((uint8_t[]){10, 0, 0, 1}), 4);
    assert_int_equal(B.sendto(b, "", 0, &from), 0);
    assert_int_equal(A.recv(a, back, 3), 0); /* an empty one */
    assert_int_equal(A.connect(a, &to), 0);
    assert_int_equal(A.send(a, large, sizeof(large)), sizeof(large));
    assert_int_equal(B.recv(b, back, sizeof(back)), sizeof(back));
    assert_int_equal(A.send(a, large, 65508), -1);
    assert_int_equal(errno, EMSGSIZE);
    /* A reader that is slow loses those that come last. */
    for (unsigned i = 0; i < 100; i++)
        assert_int_equal(A.send(a, &i, sizeof(i)), sizeof(i));
    world_pass(1);
    assert_int_equal(B.timeout(b, 0), 0);
    for (unsigned i = 0, got; i < 64; i++) {
        assert_int_equal(B.recv(b, &got, sizeof(got)), sizeof(got));
        assert_int_equal(got, i);
    }
    assert_int_equal(B.recv(b, back, 1), -1);
    assert_int_equal(errno, ETIMEDOUT);
    assert_int_equal(A.close(a), 0);
    assert_int_equal(B.close(b), 0);
    pair_stop(&pair);
}

static void texts(void **state)
{
    static const struct {
        const char *bytes, *text;
    } cases[] = {
        {"\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", "[::]:80"},
        {"\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1", "[::1]:80"},
        {"\xfe\x80\0\0\0\0\0\0\x02\x15\x5d\xff\xfe\0\xab\x02",
         "[fe80::215:5dff:fe00:ab02]:80"},
        {"\x20\1\xd\xb8\0\0\0\1\0\0\0\0\0\0\0\1", "[2001:db8:0:1::1]:80"},
        {"\x20\1\xd\xb8\0\1\0\1\0\1\0\1\0\0\0\0", "[2001:db8:1:1:1:1::]:80"},
        {"\x20\1\xd\xb8\0\0\0\1\0\1\0\1\0\1\0\1", "[2001:db8:0:1:1:1:1:1]:80"},
    };
    struct net_address a = {
        .family = NET_IPV4, .port = 80, .ipv4 = {10, 0, 255, 1}};
    char text[NET_TEXT_MAX];

    (void)state;
    assert_string_equal(A.text(&a, text), "10.0.255.1:80");
    a.family = NET_IPV6;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        memcpy(a.ipv6, cases[i].bytes, 16);
        assert_string_equal(A.text(&a, text), cases[i].text);
    }
}

int calls_tests(void)
{
    const struct CMUnitTest tests[] = {
        {"misuse of a socket changes nothing and has its errno", misuse, 0, 0,
         0},
        {"datagrams arrive whole, and a full queue drops", datagrams, 0, 0, 0},
        {"an address is written as RFC 5952 says", texts, 0, 0, 0},
    };

    return cmocka_run_group_tests_name("calls", tests, NULL, NULL);
}
