/* SPDX-License-Identifier: BSD-2-Clause */
/* Several channels of the network driver (netvsc.h). */
#include "netvsc.h"

#include "drivers/network/wire/queues.h"

/* ---- how many there are -------------------------------------------------- */

/* 4 queues, a table of 128 entries; flags and interrupts do not matter. */
static const uint8_t capabilities[] = {0x88, 2, 18, 0, 1, 0x17, 0, 0,   4,
                                       0,    0, 0,  4, 0, 0,    0, 128, 0};

static void receive_queues(void **state)
{
    static const uint8_t query[] = {0x88, 2, 18, 0, 0, 0, 0, 0, 0,
                                    0,    0, 0,  0, 0, 0, 0, 0, 0};
    struct rndis_rss_capabilities q;
    struct rss_limits limits;

    (void)state;
    rss_write_query(&q);
    assert_int_equal(sizeof(q), sizeof(query));
    assert_memory_equal(&q, query, sizeof(query));
    put(capabilities, sizeof(capabilities));
    assert_null(rss_read_capabilities(m, 18, &limits));
    assert_int_equal(limits.queues, 4);
    assert_int_equal(limits.entries, 128);
    m[16] = 16;
    assert_null(rss_read_capabilities(m, 18, &limits));
    assert_int_equal(limits.entries, 16);
    /* Revision 1 ends before; a table of none, or one that is too large. */
    assert_null(rss_read_capabilities(m, 16, &limits));
    assert_int_equal(limits.entries, 128);
    m[16] = 0;
    assert_null(rss_read_capabilities(m, 18, &limits));
    assert_int_equal(limits.entries, 128);
    m[17] = 1;
    assert_null(rss_read_capabilities(m, 18, &limits));
    assert_int_equal(limits.entries, 128);
}

static void bad_queues(void **state)
{
    struct rss_limits limits;

    (void)state;
    put(capabilities, sizeof(capabilities));
    assert_non_null(rss_read_capabilities(m, 15, &limits));
    m[0] = 0x89;
    assert_non_null(rss_read_capabilities(m, 18, &limits));
    m[0] = 0x88;
    m[12] = 0; /* no queue at all */
    assert_non_null(rss_read_capabilities(m, 18, &limits));
}

static const uint8_t given[] = {133, 0, 0, 0, 1, 0, 0, 0, 3, 0, 0, 0};

static void subchannels(void **state)
{
    uint32_t count = 9;

    (void)state;
    put(given, sizeof(given));
    assert_null(nvsp_judge_subchannels(m, 28, 3, &count));
    assert_int_equal(count, 3);
    assert_null(nvsp_judge_subchannels(m, 12, 7, &count)); /* fewer */
    assert_int_equal(count, 3);
    m[4] = 2; /* refused, whatever the count is */
    assert_null(nvsp_judge_subchannels(m, 12, 3, &count));
    assert_int_equal(count, 0);
}

static void bad_subchannels(void **state)
{
    uint32_t count = 9;

    (void)state;
    put(given, sizeof(given));
    assert_non_null(nvsp_judge_subchannels(m, 11, 3, &count));
    assert_int_equal(count, 0);
    count = 9;
    assert_non_null(nvsp_judge_subchannels(m, 12, 2, &count));
    assert_int_equal(count, 0);
    m[11] = 0x80;
    assert_non_null(nvsp_judge_subchannels(m, 12, 7, &count));
    assert_int_equal(count, 0);
}

/* ---- receiving ----------------------------------------------------------- */

static void parameters(void **state)
{
    static const uint8_t fixed[] = {
        0x89, 2,  40, 0, 0, 0,  0, 0, 1, 0x17, 0, 0,    16,  0, 0,
        0,    40, 0,  0, 0, 40, 0, 0, 0, 56,   0, 0,    0,   0, 0,
        0,    0,  0,  0, 0, 0,  0, 0, 0, 0,    0, 0,    0,   0, 2,
        0,    0,  0,  5, 0, 0,  0, 0, 0, 0,    0, 0x6d, 0x5a};
    static const uint8_t queues[] = {0, 2, 5};
    struct rndis_rss_set set;
    const uint8_t *bytes = (const uint8_t *)&set;

    (void)state;
    assert_int_equal(rss_write_set(queues, 3, 4, &set), 96);
    assert_memory_equal(bytes, fixed, sizeof(fixed));
    assert_int_equal(bytes[95], 0xfa);
    assert_int_equal(rss_write_set(queues, 3, 128, &set), 592);
    assert_int_equal(bytes[40 + 4 * 127], 2); /* 127 % 3 is 1 */
    assert_int_equal(bytes[552], 0x6d);
    /* One alone: RSS off. */
    rss_write_set(queues, 1, 128, &set);
    assert_int_equal(bytes[4], 0x10);
    assert_int_equal(bytes[40 + 4 * 127], 0);
}

/* ---- sending ------------------------------------------------------------- */

/* As OpenVMM and minihv send it: the table stands at 12. */
static void put_table(uint8_t offset)
{
    memset(room, 0, sizeof(room));
    m[0] = 134;
    m[4] = 16;
    m[8] = offset;
    for (uint32_t i = 0; i < 16; i++)
        m[offset + 4 * i] = (uint8_t)(i % 4);
}

static void send_table(void **state)
{
    uint8_t table[NVSP_SEND_ENTRIES];

    (void)state;
    put_table(12);
    assert_null(nvsp_read_table(m, 76, false, 4, table));
    assert_int_equal(table[0], 0);
    assert_int_equal(table[15], 3);
    assert_null(nvsp_read_table(m, 76, true, 4, table));
    /* An old host with a wrong offset, in a message of full size. */
    put_table(40);
    m[8] = 12;
    assert_null(nvsp_read_table(m, 104, true, 4, table));
    assert_int_equal(table[15], 3);
    assert_null(nvsp_read_table(m, 104, false, 4, table));
    assert_int_equal(table[15], 0); /* what stands at 12 + 60 */
}

static const char *bad_table(struct change change, uint32_t size)
{
    uint8_t table[NVSP_SEND_ENTRIES] = {7};
    const char *wrong;

    put_table(12);
    m[change.at] = change.value;
    wrong = nvsp_read_table(m, size, false, 4, table);
    assert_int_equal(table[0], 7); /* nothing is filled in */
    return wrong;
}

static void bad_tables(void **state)
{
    const struct change none = {0, 134};

    (void)state;
    assert_non_null(bad_table(none, 11));
    assert_non_null(bad_table(none, 75));
    assert_non_null(bad_table((struct change){4, 15}, 76));
    assert_non_null(bad_table((struct change){5, 1}, 76));
    assert_non_null(bad_table((struct change){8, 11}, 76));
    assert_non_null(bad_table((struct change){8, 13}, 76));
    assert_non_null(bad_table((struct change){11, 0xFF}, 76));
    assert_non_null(bad_table((struct change){12, 4}, 76)); /* of 0..3 */
    assert_non_null(bad_table((struct change){75, 0x80}, 76));
}

/* ---- flows --------------------------------------------------------------- */

/* TCP from port 80 to 81, 10.0.0.1 to 10.0.0.2. */
static const uint8_t tcp4[] = {1,  2,  3, 4, 5,  6, 7, 8,  9, 10, 11, 12, 8,
                               0,  69, 0, 0, 40, 0, 0, 64, 0, 64, 6,  0,  0,
                               10, 0,  0, 1, 10, 0, 0, 2,  0, 80, 0,  81};
/* UDP from port 53 to 54, ::1 to ::2. */
static const uint8_t udp6[] = {
    1,  2,  3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 0x86, 0xDD, 0x60, 0,  0, 0, 0, 8,
    17, 64, 0, 0, 0, 0, 0, 0, 0, 0,  0,  0,  0,    0,    0,    0,  0, 1, 0, 0,
    0,  0,  0, 0, 0, 0, 0, 0, 0, 0,  0,  0,  0,    2,    0,    53, 0, 54};

/* Whether the flow is another one when that byte is. */
static bool matters(const uint8_t *frame, uint32_t size, uint8_t at)
{
    uint32_t before;

    put(frame, size);
    before = frame_flow(m, size);
    m[at] ^= 1;
    return frame_flow(m, size) != before;
}

static void flows(void **state)
{
    (void)state;
    assert_int_equal(sizeof(udp6), 58);
    for (uint8_t at = 26; at < 38; at++)
        assert_true(matters(tcp4, sizeof(tcp4), at));
    for (uint8_t at = 22; at < 58; at++)
        assert_true(matters(udp6, sizeof(udp6), at));
    /* Addresses of Ethernet, the number of the packet, its length. */
    assert_false(matters(tcp4, sizeof(tcp4), 0));
    assert_false(matters(tcp4, sizeof(tcp4), 19));
    assert_false(matters(tcp4, sizeof(tcp4), 17));
    assert_false(matters(udp6, sizeof(udp6), 19));
}

/* Frames whose ports cannot be seen belong to the flow of their addresses. */
static void portless(void **state)
{
    uint32_t flow;

    (void)state;
    put(tcp4, sizeof(tcp4));
    m[20] = 0x20; /* the first fragment */
    flow = frame_flow(m, sizeof(tcp4));
    m[35] = 99;
    assert_int_equal(frame_flow(m, sizeof(tcp4)), flow);
    m[20] = 0;
    m[21] = 9; /* a later one */
    assert_int_equal(frame_flow(m, sizeof(tcp4)), flow);
    m[21] = 0;
    m[23] = 1; /* ICMP */
    assert_int_equal(frame_flow(m, sizeof(tcp4)), flow);
    m[23] = 6;
    m[14] = 0x46; /* a longer header, of which the ports are cut off */
    assert_int_equal(frame_flow(m, sizeof(tcp4)), flow);
    m[14] = 0x44; /* no header at all */
    assert_int_equal(frame_flow(m, sizeof(tcp4)), flow);
    put(udp6, sizeof(udp6));
    flow = frame_flow(m, 57); /* the ports are cut */
    assert_int_equal(frame_flow(m, 54), flow);
}

static void no_flow(void **state)
{
    (void)state;
    put(tcp4, sizeof(tcp4));
    assert_int_equal(frame_flow(m, 13), 0);
    assert_int_equal(frame_flow(m, 33), 0);
    m[13] = 6; /* ARP */
    assert_int_equal(frame_flow(m, sizeof(tcp4)), 0);
    put(udp6, sizeof(udp6));
    assert_int_equal(frame_flow(m, 53), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TITLED("the host's receive queues are read", receive_queues),
        TITLED("queues that cannot be are refused", bad_queues),
        TITLED("a host gives as many sub-channels or fewer", subchannels),
        TITLED("more sub-channels than asked for are refused", bad_subchannels),
        TITLED("RSS is set with the bytes of the table", parameters),
        TITLED("the table of channels is read where it stands", send_table),
        TITLED("a table of channels that cannot be is refused", bad_tables),
        TITLED("addresses and ports make a flow", flows),
        TITLED("without ports the addresses make a flow", portless),
        TITLED("a frame without IP has no flow", no_flow),
    };

    return cmocka_run_group_tests_name("several channels", tests, NULL, NULL);
}
