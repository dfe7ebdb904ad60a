/* SPDX-License-Identifier: BSD-2-Clause */
/* What the network driver lets the host do (netvsc.h). */
#include "netvsc.h"

#include "drivers/network/wire/protocol.h"

static void offload_messages(void **state)
{
    static const uint8_t off[] = {0x80, 3, 28, 0, 1, 1, 1, 1, 1, 0, 0, 1, 1, 0,
                                  0,    0, 0,  0, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0};
    struct rndis_offload_capabilities q;
    struct offload_choice choice = {0};
    struct rndis_offload_set s;

    (void)state;
    assert_int_equal(offload_write_query(NVSP_VERSION_2, &q), 112);
    assert_int_equal(q.type, 0xA7);
    assert_int_equal(q.revision, 1);
    assert_int_equal(offload_write_query(NVSP_VERSION_4, &q), 144);
    assert_int_equal(q.revision, 2);
    assert_int_equal(offload_write_query(NVSP_VERSION_6_1, &q), 156);
    assert_int_equal(q.revision, 3);
    assert_int_equal(q.size, 156);
    assert_int_equal(offload_write_set(NVSP_VERSION_5, &choice, &s), 28);
    assert_memory_equal(&s, off, sizeof(off));
    choice.offloads = NETWORK_OFFLOADS;
    assert_int_equal(offload_write_set(NVSP_VERSION_6_1, &choice, &s), 28);
    assert_int_equal(s.tcp6, 4);
    assert_int_equal(s.large4, 2);
    assert_int_equal(s.rsc6, 2);
    choice.offloads = NETWORK_RX_CHECKSUM;
    assert_int_equal(offload_write_set(NVSP_VERSION_4, &choice, &s), 22);
    assert_int_equal(s.size, 22);
    assert_int_equal(s.ip4, 3);
    assert_int_equal(s.rsc4, 0);
    choice.offloads = NETWORK_TX_CHECKSUM;
    offload_write_set(NVSP_VERSION_5, &choice, &s);
    assert_int_equal(s.udp4, 2);
}

/* OpenVMM's and minihv's capabilities, by their offsets. */
static void put_capabilities(void)
{
    memset(room, 0, sizeof(room));
    m[0] = 0xA7;
    m[1] = 3;
    m[2] = 156;
    for (uint32_t at = 4; at < 36; at += 8) {
        m[at] = 2;
        m[at + 4] = at < 20 ? 0x55 : 0x54;
        m[at + 5] = at < 20;
    }
    for (uint32_t at = 80; at < 104; at += 12) {
        m[at] = 2;
        m[at + 4] = 0x3C;
        m[at + 5] = 0xF5;
        m[at + 8] = 2;
    }
    m[144] = m[145] = 1;
}

static uint32_t chosen(struct change change, uint32_t size)
{
    struct offload_choice choice;

    put_capabilities();
    m[change.at] = change.value;
    (void)offload_choose(m, size, NETWORK_OFFLOADS, &choice);
    return choice.offloads;
}

static void offload_choices(void **state)
{
    const struct change none = {0, 0xA7};
    struct offload_choice choice;

    (void)state;
    put_capabilities();
    assert_null(offload_choose(m, 156, NETWORK_OFFLOADS, &choice));
    assert_int_equal(choice.offloads, NETWORK_OFFLOADS);
    assert_int_equal(choice.large_max, 61440);
    assert_null(offload_choose(m, 156, NETWORK_RSC, &choice));
    assert_int_equal(choice.offloads, NETWORK_RSC);
    assert_int_equal(chosen(none, 112), 7); /* revision 1 has no RSC */
    assert_int_equal(chosen(none, 111), 0);
    assert_int_equal(chosen((struct change){0, 0xA8}, 156), 0);
    assert_int_equal(chosen((struct change){1, 0}, 156), 0);
    assert_int_equal(chosen((struct change){2, 111}, 156), 0);
    assert_int_equal(chosen((struct change){9, 0}, 156), 10); /* no IP sum */
    assert_int_equal(chosen((struct change){24, 0x10}, 156), 10);
    assert_int_equal(chosen((struct change){32, 0}, 156), 13);
    assert_int_equal(chosen((struct change){92, 0}, 156), 11); /* IPv6 only */
    assert_int_equal(chosen((struct change){85, 1}, 156), 11); /* 316 bytes */
    assert_int_equal(chosen((struct change){145, 0}, 156), 7);
    memset(m + 4, 0, 152); /* hv-net: none */
    assert_null(offload_choose(m, 112, NETWORK_OFFLOADS, &choice));
    assert_int_equal(choice.offloads, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TITLED("offloads are asked for and switched", offload_messages),
        TITLED("offloads are used where the host has all of one",
               offload_choices),
    };

    return cmocka_run_group_tests_name("the network driver's offloads", tests,
                                       NULL, NULL);
}
