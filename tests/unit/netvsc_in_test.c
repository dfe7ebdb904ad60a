/* SPDX-License-Identifier: BSD-2-Clause */
/* Frames that the network driver receives (netvsc.h). */
#include "netvsc.h"

#include "drivers/network/wire/frames.h"

/* As OpenVMM lays it out: info at 36, the frame at 248, both from the body, and
 * a length of the whole suballocation. */
static const uint8_t packet[] = {
    1, 0, 0, 0, 0x0E, 7, 0,  0, 248, 0, 0,  0, 60, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0,    0, 36, 0, 0,   0, 32, 0, 0,  0, 0, 0, 0, 0, 0, 0, 0, 0};

static const char *layout(struct change c, uint32_t size,
                          struct rndis_layout *l)
{
    struct rndis_packet p;

    put(packet, sizeof(packet));
    m[c.at] = c.value;
    memcpy(&p, m, sizeof(p));
    return rndis_read_layout(&p, size, l);
}

static void layouts(void **state)
{
    static const struct change bad[] = {
        {0, 2},    /* no packet */
        {8, 35},   /* the frame in the header */
        {9, 7},    /* it begins outside */
        {13, 8},   /* it ends outside */
        {15, 255}, /* the end wraps */
        {11, 255}, /* the beginning wraps */
        {28, 35},  /* info in the header */
        {29, 8},   /* info outside */
        {35, 255}, /* its end wraps */
        {33, 1},   /* 288 bytes of it */
    };
    const struct change none = {0, 1};
    struct rndis_layout l;

    (void)state;
    assert_null(layout(none, 316, &l));
    assert_int_equal(l.data, 256);
    assert_int_equal(l.data_size, 60);
    assert_int_equal(l.info, 44);
    assert_int_equal(l.info_size, 32);
    assert_non_null(layout(none, 315, &l));
    assert_non_null(layout(none, 43, &l));
    for (size_t i = 0; i < COUNT(bad); i++)
        assert_non_null(layout(bad[i], 1806, &l));
    assert_non_null(layout((struct change){12, 0}, 1806, &l)); /* nothing */
    assert_null(layout((struct change){32, 0}, 1806, &l));
    assert_int_equal(l.info_size, 0);
    assert_non_null(layout((struct change){14, 1}, 1 << 20, &l)); /* 64 KiB */
}

/* A checksum (TCP and IP good), a VLAN (priority 5, id 7), a part (2: first).
 */
static const uint8_t infos[] = {
    16, 0, 0, 0, 0, 0, 0, 0,    12, 0, 0, 0, 0x28, 0, 0,    0,
    16, 0, 0, 0, 6, 0, 0, 0,    12, 0, 0, 0, 0x75, 0, 0,    0,
    16, 0, 0, 0, 1, 0, 0, 0x80, 12, 0, 0, 0, 1,    3, 0x34, 0x12};

static void per_packet_info(void **state)
{
    struct rndis_beside b;

    (void)state;
    put(infos, sizeof(infos));
    assert_null(rndis_read_info(m, sizeof(infos), &b));
    assert_int_equal(b.good, NETWORK_IP_GOOD | NETWORK_TCP_GOOD);
    assert_int_equal(b.vlan, 7);
    assert_int_equal(b.priority, 5);
    assert_int_equal(b.part, RNDIS_PART_ANY | RNDIS_PART_FIRST);
    assert_int_equal(b.part_id, 0x1234);
    m[12] = 0x17; /* UDP good; three failed: nothing is said of them */
    assert_null(rndis_read_info(m, 16, &b));
    assert_int_equal(b.good, NETWORK_UDP_GOOD);
    assert_int_equal(b.vlan, 0);
    assert_null(rndis_read_info(m, 0, &b));
    assert_int_equal(b.good, 0);
    m[4] = 99; /* unknown: passed over */
    assert_null(rndis_read_info(m, 48, &b));
    assert_int_equal(b.vlan, 7);
    m[8] = 13; /* a value that is not all inside: no value */
    m[4] = 0;
    m[13] = 0x38;
    assert_null(rndis_read_info(m, 16, &b));
    assert_int_equal(b.good, 0);
    m[8] = 17;
    assert_null(rndis_read_info(m, 16, &b));
}

static void bad_info(void **state)
{
    static const struct change bad[] = {
        {0, 0},            /* a loop without end */
        {0, 11},           /* shorter than its header */
        {0, 49},           /* longer than there is */
        {3, 255}, {0, 40}, /* what is left is no entry */
        {44, 2},           /* a part of an unknown version */
    };
    struct rndis_beside b;

    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++) {
        put(infos, sizeof(infos));
        m[bad[i].at] = bad[i].value;
        assert_non_null(rndis_read_info(m, sizeof(infos), &b));
    }
    put(infos, sizeof(infos));
    assert_non_null(rndis_read_info(m, 11, &b));
}

static struct coalesce c;

static enum coalesce_step next(uint8_t part, uint16_t id, uint32_t size,
                               uint32_t *at)
{
    const struct rndis_beside b = {.part = part, .part_id = id, .vlan = part};

    return coalesce_next(&c, size, &b, at);
}

static void coalescing(void **state)
{
    uint32_t at;

    (void)state;
    c.going = false;
    assert_int_equal(next(0, 0, 60, &at), COALESCE_DONE);
    assert_int_equal(at, 0);
    assert_int_equal(c.size, 60);
    assert_int_equal(c.count, 1);
    assert_int_equal(next(3, 9, 1514, &at), COALESCE_MORE);
    assert_int_equal(at, 0);
    assert_int_equal(next(1, 9, 1460, &at), COALESCE_MORE);
    assert_int_equal(at, 1514);
    assert_int_equal(next(5, 9, 100, &at), COALESCE_DONE);
    assert_int_equal(at, 2974);
    assert_int_equal(c.size, 3074);
    assert_int_equal(c.count, 3);
    assert_int_equal(c.first_size, 1514);
    assert_int_equal(c.beside.vlan, 3); /* of the first */
    assert_int_equal(next(7, 9, 100, &at), COALESCE_DONE);
    assert_int_equal(c.count, 1);
}

static void bad_coalescing(void **state)
{
    uint32_t at;

    (void)state;
    c.going = false;
    assert_int_equal(next(1, 9, 10, &at), COALESCE_WRONG); /* no first */
    assert_int_equal(next(5, 9, 10, &at), COALESCE_WRONG);
    assert_int_equal(next(3, 9, 10, &at), COALESCE_MORE);
    assert_int_equal(next(3, 9, 10, &at), COALESCE_WRONG); /* two firsts */
    assert_int_equal(next(1, 9, 10, &at), COALESCE_WRONG); /* forgotten */
    assert_int_equal(next(3, 9, 10, &at), COALESCE_MORE);
    assert_int_equal(next(1, 8, 10, &at), COALESCE_WRONG); /* another frame */
    assert_int_equal(next(3, 9, 10, &at), COALESCE_MORE);
    assert_int_equal(next(0, 0, 10, &at), COALESCE_WRONG); /* a whole frame */
    assert_int_equal(next(3, 9, 65535, &at), COALESCE_MORE);
    assert_int_equal(next(1, 9, 1, &at), COALESCE_WRONG); /* 64 KiB */
    assert_int_equal(next(3, 9, 0, &at), COALESCE_MORE);
    for (uint32_t i = 1; i < 562; i++)
        assert_int_equal(next(1, 9, 1, &at), COALESCE_MORE);
    assert_int_equal(next(5, 9, 1, &at), COALESCE_WRONG); /* the 563rd */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TITLED("a frame lies inside of its message", layouts),
        TITLED("per-packet info is read", per_packet_info),
        TITLED("per-packet info that is broken is refused", bad_info),
        TITLED("fragments become one frame", coalescing),
        TITLED("fragments that do not follow are refused", bad_coalescing),
    };

    return cmocka_run_group_tests_name("received frames", tests, NULL, NULL);
}
