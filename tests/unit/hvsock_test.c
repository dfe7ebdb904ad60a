/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * hv_sock of the guest, without a channel: names of services against bytes by
 * hand, and what a host may send that no honest one does (drivers/hvsock).
 */
#include "unit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "drivers/hvsock/private.h"
#include "kmcl/sockets.h"

/* ---- in place of KMCL and of the system ---------------------------------- */

struct packet {
    uint8_t *bytes; /* of their own, so that a read too far is seen */
    uint32_t size;
    bool given, completed;
};

static struct packet packets[64];
static unsigned made, completed, locks;
static unsigned rest_from; /* the packets of kmcl_client_rest() */
static struct net_end end;

enum vmbare_status vmbare_lock_take(struct vmbare_lock *lock)
{
    assert_false(lock->taken);
    lock->taken = 1;
    locks++;
    return VMBARE_OK;
}

enum vmbare_status vmbare_lock_give(struct vmbare_lock *lock)
{
    assert_true(lock->taken);
    lock->taken = 0;
    return VMBARE_OK;
}

void net_wake(int s)
{
    assert_int_equal(s, 5);
}

PVOID VmbChannelGetPointer(VMBCHANNEL Channel)
{
    (void)Channel;
    return &end;
}

/* The buffer is gone from here on. */
VOID VmbChannelPacketComplete(VMBPACKETCOMPLETION Packet, PVOID Buffer,
                              UINT32 Size)
{
    struct packet *p = (struct packet *)(void *)Packet;

    assert_false(end.input.lock.taken);
    assert_true(p->given && !p->completed && !Buffer && !Size);
    p->completed = true;
    free(p->bytes);
    completed++;
}

BOOLEAN kmcl_client_rest(VMBCHANNEL channel, struct kmcl_rest *rest)
{
    struct packet *p = &packets[rest_from];

    (void)channel;
    if (rest_from >= made)
        return FALSE;
    rest_from++;
    p->given = true;
    *rest =
        (struct kmcl_rest){(VMBPACKETCOMPLETION)(void *)p, p->bytes, p->size};
    return TRUE;
}

/* ---- a stream ------------------------------------------------------------ */

static int begin(void **state)
{
    (void)state;
    memset(&end, 0, sizeof(end));
    memset(packets, 0, sizeof(packets));
    made = completed = 0;
    end.s = 5;
    end.state = HVSOCK_OPEN;
    return 0;
}

static int finish(void **state)
{
    (void)state;
    hvsock_discard(&end);
    assert_int_equal(completed, made); /* each packet once */
    return 0;
}

/* A packet of bytes `from`, `from` + 1, ... */
static struct packet *make(uint32_t size, uint8_t from)
{
    struct packet *p = &packets[made++];

    p->size = size;
    p->bytes = malloc(size + !size);
    assert_non_null(p->bytes);
    for (uint32_t i = 0; i < size; i++)
        p->bytes[i] = (uint8_t)(from + i);
    return p;
}

static void deliver(uint32_t size, uint8_t from)
{
    struct packet *p = make(size, from);

    p->given = true;
    hvsock_packet(NULL, (VMBPACKETCOMPLETION)(void *)p, p->bytes, size, 0);
}

static ssize_t receive(uint8_t *to, size_t size)
{
    return hvsock_recv(&end, to, size, NULL);
}

/* ---- reading ------------------------------------------------------------- */

static void reads_across_packets(void **state)
{
    uint8_t got[10] = {0};

    (void)state;
    assert_int_equal(receive(got, 10), -EAGAIN);
    deliver(3, 1);
    deliver(4, 4);
    assert_int_equal(receive(got, 5), 5);
    assert_memory_equal(got, "\1\2\3\4\5", 5);
    assert_int_equal(completed, 1);
    assert_int_equal(receive(got, 10), 2);
    assert_memory_equal(got, "\6\7", 2);
    assert_int_equal(receive(got, 10), -EAGAIN);
    deliver(0, 0);
    assert_int_equal(receive(got, 10), 0);
    assert_true(hvsock_all_came(&end));
}

static void bytes_behind_the_end(void **state)
{
    uint8_t got[10];

    (void)state;
    deliver(2, 1);
    deliver(0, 0);
    deliver(0, 0); /* a second end says nothing new */
    assert_true(hvsock_all_came(&end));
    deliver(3, 7);
    assert_int_equal(receive(got, 10), 2);
    assert_int_equal(receive(got, 10), -ECONNRESET);
    assert_false(hvsock_all_came(&end));
}

/* KMCL keeps to the quota; one that did not would not be believed. */
static void more_than_the_quota(void **state)
{
    uint8_t got[64];

    (void)state;
    for (unsigned i = 0; i < HELD_MOST + 1; i++)
        deliver(1, (uint8_t)i);
    assert_int_equal(completed, 1);
    assert_int_equal(receive(got, 64), HELD_MOST);
    assert_int_equal(receive(got, 64), -EAGAIN);
}

static void nobody_reads(void **state)
{
    uint8_t got[4];

    (void)state;
    deliver(3, 1);
    hvsock_discard(&end);
    assert_int_equal(completed, 1);
    deliver(3, 1);
    assert_int_equal(completed, 2);
    assert_int_equal(receive(got, 4), 0);
}

/* ---- the rest ------------------------------------------------------------ */

static void rest_is_read_behind(void **state)
{
    uint8_t got[16];

    (void)state;
    deliver(4, 1);
    assert_int_equal(receive(got, 1), 1);
    rest_from = made;
    (void)make(2, 5);
    (void)make(0, 0);
    hvsock_keep_rest(&end);
    assert_int_equal(completed, made); /* the channel may go */
    end.state = HVSOCK_GONE;
    assert_int_equal(receive(got, 16), 5);
    assert_memory_equal(got, "\2\3\4\5\6", 5);
    assert_int_equal(receive(got, 16), 0);
}

/* A host that goes on writing: what is kept has a bound, and no end. */
static void rest_is_bounded(void **state)
{
    static uint8_t got[REST_MOST + 1];

    (void)state;
    rest_from = 0;
    for (unsigned i = 0; i < 40; i++)
        (void)make(65536, 0);
    hvsock_keep_rest(&end);
    assert_int_equal(completed, REST_MOST / 65536 + 1);
    assert_false(hvsock_all_came(&end));
    assert_int_equal(receive(got, sizeof(got)), REST_MOST);
    assert_int_equal(receive(got, sizeof(got)), -ECONNRESET);
    for (unsigned i = completed; i < made; i++)
        free(packets[i].bytes);
    made = completed;
}

/* ---- names --------------------------------------------------------------- */

/* Port 0x1234 and a GUID, byte for byte. */
static void services_have_names(void **state)
{
    static const uint8_t port[] = {0x34, 0x12, 0,    0, 0xcb, 0xfa, 0xe6, 0x11,
                                   0xbd, 0x58, 0x64, 0, 0x6a, 0x79, 0x86, 0xd3};
    static const uint8_t other[] = {
        0xc4, 0xc1, 0xb1, 0xa1, 0xd2, 0xd1, 0xe2, 0xe1, 1, 2, 3, 4, 5, 6, 7, 8};
    struct net_address a;
    GUID guid;

    (void)state;
    assert_true(hvsock_service("4660", &a));
    assert_int_equal(hvsock_address_in(&a, &guid), 0);
    assert_memory_equal(&guid, port, 16);
    assert_true(hvsock_service("a1b1c1c4-D1D2-e1e2-0102-030405060708", &a));
    assert_memory_equal(a.vsock, other, 16);
    assert_int_equal(hvsock_address_in(&a, &guid), 0);
    assert_int_equal(hvsock_port(&guid), 0);
    assert_true(hvsock_service("00001234-facb-11e6-bd58-64006a7986d3", &a));
    assert_int_equal(a.port, 0x1234);
}

static void no_names(void **state)
{
    static const char *const wrong[] = {"",
                                        "0",
                                        "-1",
                                        "+5",
                                        " 5",
                                        "5 ",
                                        "2147483648",
                                        "99999999999999999999",
                                        "0x10",
                                        "a1b1c1c4-D1D2-e1e2-0102-03040506070",
                                        "a1b1c1c4-D1D2-e1e2-0102-0304050607088",
                                        "a1b1c1c4+D1D2-e1e2-0102-030405060708",
                                        "a1b1c1g4-D1D2-e1e2-0102-030405060708"};
    struct net_address a = {.family = NET_VSOCK, .port = 0x80000000u};
    GUID guid;

    (void)state;
    for (unsigned i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        struct net_address b = {.port = 77};

        assert_false(hvsock_service(wrong[i], &b));
        assert_int_equal(b.port, 77);
    }
    assert_int_equal(hvsock_address_in(&a, &guid), -EINVAL);
    a.family = NET_IPV4;
    assert_int_equal(hvsock_address_in(&a, &guid), -EAFNOSUPPORT);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(reads_across_packets, begin, finish),
        cmocka_unit_test_setup_teardown(bytes_behind_the_end, begin, finish),
        cmocka_unit_test_setup_teardown(more_than_the_quota, begin, finish),
        cmocka_unit_test_setup_teardown(nobody_reads, begin, finish),
        cmocka_unit_test_setup_teardown(rest_is_read_behind, begin, finish),
        cmocka_unit_test_setup_teardown(rest_is_bounded, begin, finish),
        cmocka_unit_test(services_have_names),
        cmocka_unit_test(no_names),
    };

    return cmocka_run_group_tests_name("hvsock", tests, NULL, NULL);
}
