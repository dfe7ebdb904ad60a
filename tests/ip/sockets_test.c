/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Sockets between two stacks. A waits in its calls, as an application does; B
 * is a server that looks after each thing that happens, without waiting.
 */
#include "tests.h"

#include <errno.h>
#include <string.h>

#include "vmbare.h"

#define A (a_side.net)
#define B (b_side.net)

static const struct net_address echo4 = {
    .family = NET_IPV4, .port = 7, .ipv4 = {10, 0, 0, 2}};
static const struct net_address any4_7 = {.family = NET_IPV4, .port = 7};
static const struct net_address any6_7 = {.family = NET_IPV6, .port = 7};

/* ---- B: an echo server --------------------------------------------------- */

static struct {
    int listener, connection;
    uint8_t kept[4096]; /* not sent back yet */
    ssize_t size, sent;
    bool over;
} echo;

/* A call that cannot go on now says ETIMEDOUT. */
static void echo_step(void)
{
    if (echo.connection < 0) {
        echo.connection = B.accept(echo.listener, NULL);
        if (echo.connection >= 0)
            assert_int_equal(B.timeout(echo.connection, 0), 0);
    }
    while (echo.connection >= 0 && !echo.over) {
        if (echo.sent < echo.size) {
            ssize_t n = B.send(echo.connection, echo.kept + echo.sent,
                               (size_t)(echo.size - echo.sent));

            if (n < 0)
                return;
            echo.sent += n;
            continue;
        }
        echo.sent = 0;
        echo.size = B.recv(echo.connection, echo.kept, sizeof(echo.kept));
        echo.over = !echo.size;
        if (echo.over)
            assert_int_equal(B.shutdown(echo.connection, NET_NO_SEND), 0);
        if (echo.size <= 0)
            echo.size = 0;
        if (!echo.size)
            return;
    }
}

static void echo_begin(const struct net_address *address)
{
    memset(&echo, 0, sizeof(echo));
    echo.connection = -1;
    echo.listener = B.socket((int)address->family, NET_STREAM);
    assert_true(echo.listener >= 0);
    assert_int_equal(B.timeout(echo.listener, 0), 0);
    assert_int_equal(B.bind(echo.listener, address), 0);
    assert_int_equal(B.listen(echo.listener, 4), 0);
    world_each(echo_step);
}

static void echo_end(void)
{
    world_each(NULL);
    if (echo.connection >= 0)
        assert_int_equal(B.close(echo.connection), 0);
    assert_int_equal(B.close(echo.listener), 0);
}

/* ---- streams ------------------------------------------------------------- */

static int connected(const struct net_address *to)
{
    int s = A.socket((int)to->family, NET_STREAM);

    assert_true(s >= 0);
    assert_int_equal(A.timeout(s, 600), 0);
    assert_int_equal(A.connect(s, to), 0);
    return s;
}

/* Sends `size` bytes in pieces, receives as many, closes by halves. */
static void echo_bytes(const struct net_address *to, size_t size)
{
    static uint8_t out[16384], in[16384];
    int s = connected(to);
    uint32_t crc_out = 0, crc_in = 0;
    struct net_address other;

    assert_int_equal(A.name(s, true, &other), 0);
    assert_int_equal(other.port, 7);
    for (size_t done = 0; done < size; done += sizeof(out)) {
        size_t got = 0;

        for (size_t i = 0; i < sizeof(out); i++)
            out[i] = (uint8_t)((done + i) * 2654435761u >> 24);
        assert_int_equal(A.send(s, out, sizeof(out)), sizeof(out));
        while (got < sizeof(in)) {
            ssize_t n = A.recv(s, in + got, sizeof(in) - got);

            assert_true(n > 0);
            got += (size_t)n;
        }
        crc_out = vmbare_crc32(crc_out, out, sizeof(out));
        crc_in = vmbare_crc32(crc_in, in, sizeof(in));
    }
    assert_int_equal(crc_in, crc_out);
    assert_int_equal(A.shutdown(s, NET_NO_SEND), 0);
    assert_int_equal(A.recv(s, in, sizeof(in)), 0);
    assert_int_equal(A.send(s, out, 1), -1);
    assert_int_equal(errno, EPIPE);
    assert_int_equal(A.close(s), 0);
}

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

/* ---- misuse -------------------------------------------------------------- */

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

/* ---- datagrams, several sockets, names ----------------------------------- */

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

int sockets_tests(void)
{
    const struct CMUnitTest tests[] = {
        {"what goes to an echo server comes back, over good and bad wires",
         streams, 0, 0, 0},
        {"a send ends when the window stays full, and nothing is lost",
         full_window, 0, 0, 0},
        {"each failure of a connection has its errno", failures, 0, 0, 0},
        {"a full backlog refuses, and a server that closes drops it", backlog,
         0, 0, 0},
        {"misuse of a socket changes nothing and has its errno", misuse, 0, 0,
         0},
        {"sockets end with ENETDOWN when the network stops, which can start "
         "again",
         network_stops, 0, 0, 0},
        {"what was sent arrives although the stack stops after the close",
         stop_after_close, 0, 0, 0},
        {"datagrams arrive whole, and a full queue drops", datagrams, 0, 0, 0},
        {"a poll tells which of several sockets is ready", several, 0, 0, 0},
        {"an address is written as RFC 5952 says", texts, 0, 0, 0},
    };

    return cmocka_run_group_tests_name("sockets", tests, NULL, NULL);
}
