/* SPDX-License-Identifier: BSD-2-Clause */
/* net_lookup() against a server whose bytes are written by hand (RFC 1035). */
#include "tests.h"

#include <errno.h>
#include <string.h>

#include "bytes.h"

#define A       (a_side.net)
#define MESSAGE (ETHERNET + IPV4 + UDP)

/* The server at 10.0.0.3. It knows one name and its address, is silent about
 * another one, and refuses the rest. */
static struct {
    struct end stack, end;
    unsigned questions;
} dns;

static const uint8_t its[4] = {10, 0, 0, 3}, stack[4] = {10, 0, 0, 1};
static const uint8_t mac[6] = {0x00, 0x15, 0x5d, 0x00, 0xab, 0x01};
static const char good_name[] = "\3box\7example";
static const char silent_name[] = "\4mute\7example";

/* Copies the question with its name, adds a record of 16 bytes. */
static void answer(const uint8_t *frame, uint32_t size, bool known)
{
    static const uint8_t record[] = {0xc0, 12, 0, 1, 0,  1, 0, 0,
                                     0,    60, 0, 4, 10, 0, 0, 99};
    uint8_t out[600];
    uint32_t length = size - MESSAGE;

    memcpy(out + MESSAGE, frame + MESSAGE, length);
    out[MESSAGE + 2] = 0x81; /* an answer, recursion was asked for */
    out[MESSAGE + 3] = known ? 0x80 : 0x83; /* or: no such name */
    if (known) {
        put16(out + MESSAGE + 6, 1);
        memcpy(out + MESSAGE + length, record, sizeof(record));
        length += sizeof(record);
    }
    world_send(&dns.end, out,
               bytes_udp(out, mac, its, 53, stack,
                         get16(frame + ETHERNET + IPV4), length));
}

static void take(struct end *end, const uint8_t *frame, uint32_t size)
{
    uint8_t arp[42];

    if (get16(frame + 12) == 0x0806 && frame[21] == 1 &&
        memcmp(frame + 38, its, 4) == 0) {
        memcpy(arp, frame, sizeof(arp));
        arp[21] = 2;
        memcpy(arp, frame + 6, 6);
        memcpy(arp + 6, (uint8_t[]){2, 0, 0, 0, 0, 7}, 6);
        memcpy(arp + 22, arp + 6, 6);
        memcpy(arp + 28, its, 4);
        memcpy(arp + 32, frame + 22, 10);
        world_send(end, arp, sizeof(arp));
    }
    if (!bytes_are_udp(frame, size, 53) || size > 500)
        return;
    dns.questions++;
    if (memcmp(frame + MESSAGE + 12, silent_name, sizeof(silent_name)))
        answer(frame, size,
               !memcmp(frame + MESSAGE + 12, good_name, sizeof(good_name)));
}

static void begin(void)
{
    struct ip_settings settings = fixed_settings(1);
    struct ip_link link;

    memset(&dns, 0, sizeof(dns));
    world_begin(1, NULL);
    dns.stack.side = &a_side;
    dns.end.take = take;
    world_wire(&dns.stack, &dns.end);
    strcpy(settings.dns[0], "10.0.0.3");
    link = world_link(&dns.stack, 1);
    assert_int_equal(a_side.start(&link, &settings), 0);
}

static void known_name(void **state)
{
    struct net_address a;

    (void)state;
    begin();
    assert_int_equal(A.lookup("box.example", NET_IPV4, 80, &a, 10), 0);
    assert_int_equal(a.family, NET_IPV4);
    assert_int_equal(a.port, 80);
    assert_memory_equal(a.ipv4, ((uint8_t[]){10, 0, 0, 99}), 4);
    assert_int_equal(dns.questions, 1);
    /* Its answer is kept for a minute. */
    assert_int_equal(A.lookup("box.example", NET_IPV4, 81, &a, 0), 0);
    assert_int_equal(a.port, 81);
    assert_int_equal(dns.questions, 1);
    /* An address needs no server. */
    assert_int_equal(A.lookup("192.0.2.7", 0, 1, &a, 0), 0);
    assert_memory_equal(a.ipv4, ((uint8_t[]){192, 0, 2, 7}), 4);
    assert_int_equal(A.lookup("2001:db8::7", 0, 1, &a, 0), 0);
    assert_int_equal(a.family, NET_IPV6);
    a_side.stop();
}

static void unknown_name(void **state)
{
    struct net_address a;
    char name[300];

    (void)state;
    begin();
    assert_int_equal(A.lookup("other.example", NET_IPV4, 80, &a, 60), -1);
    assert_int_equal(errno, ENOENT);
    assert_int_equal(A.lookup("", NET_IPV4, 80, &a, 60), -1);
    assert_int_equal(errno, EINVAL);
    assert_int_equal(A.lookup("x", NET_IPV4, 65536, &a, 60), -1);
    assert_int_equal(errno, EINVAL);
    memset(name, 'a', sizeof(name) - 1);
    name[sizeof(name) - 1] = 0;
    assert_int_equal(A.lookup(name, NET_IPV4, 80, &a, 60), -1);
    assert_int_equal(errno, EINVAL);
    a_side.stop();
    assert_int_equal(A.lookup("box.example", NET_IPV4, 80, &a, 60), -1);
    assert_int_equal(errno, ENETDOWN);
}

/* Whoever asked has gone when lwIP gives up; its memory comes back all the
 * same, which the leak sanitizer sees. */
static void silent_server(void **state)
{
    struct net_address a;

    (void)state;
    begin();
    assert_int_equal(A.lookup("mute.example", NET_IPV4, 80, &a, 0.5), -1);
    assert_int_equal(errno, ETIMEDOUT);
    world_pass(120);
    assert_true(dns.questions > 1);
    assert_int_equal(A.lookup("mute.example", NET_IPV4, 80, &a, 120), -1);
    assert_int_equal(errno, ENOENT);
    a_side.stop();
}

int names_tests(void)
{
    const struct CMUnitTest tests[] = {
        {"a name is asked for once, an address not at all", known_name, 0, 0,
         0},
        {"a name that is not there, or cannot be, has its errno", unknown_name,
         0, 0, 0},
        {"a silent server ends in ETIMEDOUT, and keeps no memory",
         silent_server, 0, 0, 0},
    };

    return cmocka_run_group_tests_name("names", tests, NULL, NULL);
}
