/* SPDX-License-Identifier: BSD-2-Clause */
/* An echo server on B, and who connects to it (sockets.h). */
#include "tests/ip/sockets/sockets.h"

#include <errno.h>
#include <string.h>

#include "vmbare.h"

const struct net_address echo4 = {
    .family = NET_IPV4, .port = 7, .ipv4 = {10, 0, 0, 2}};
const struct net_address any4_7 = {.family = NET_IPV4, .port = 7};
const struct net_address any6_7 = {.family = NET_IPV6, .port = 7};

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

void echo_begin(const struct net_address *address)
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

void echo_end(void)
{
    world_each(NULL);
    if (echo.connection >= 0)
        assert_int_equal(B.close(echo.connection), 0);
    assert_int_equal(B.close(echo.listener), 0);
}

int connected(const struct net_address *to)
{
    int s = A.socket((int)to->family, NET_STREAM);

    assert_true(s >= 0);
    assert_int_equal(A.timeout(s, 600), 0);
    assert_int_equal(A.connect(s, to), 0);
    return s;
}

void echo_bytes(const struct net_address *to, size_t size)
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
