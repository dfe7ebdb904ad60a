/* SPDX-License-Identifier: BSD-2-Clause */
/* What the network driver agrees with the host: NVSP, RNDIS's control
 * (netvsc.h). */
#include "netvsc.h"

#include "drivers/network/wire/protocol.h"

/* ---- NVSP ---------------------------------------------------------------- */

static const uint8_t init[] = {2,  0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF,
                               34, 0, 0, 0, 1,    0,    0,    0};

static void versions(void **state)
{
    (void)state;
    put(init, sizeof(init));
    assert_int_equal(nvsp_judge_init(m, 28), NVSP_ACCEPTED);
    assert_int_equal(nvsp_judge_init(m, 16), NVSP_ACCEPTED);
    assert_int_equal(nvsp_judge_init(m, 15), NVSP_NONSENSE);
    m[12] = 0; /* OpenVMM's refusal, then hv-net's */
    assert_int_equal(nvsp_judge_init(m, 28), NVSP_REFUSED);
    m[12] = 2;
    assert_int_equal(nvsp_judge_init(m, 28), NVSP_REFUSED);
    m[0] = 3;
    assert_int_equal(nvsp_judge_init(m, 28), NVSP_NONSENSE);
}

/* OpenVMM's numbers: 1,161 suballocations of 1,806 bytes in 2 MiB. */
static const uint8_t receive[] = {102,  0, 0, 0, 1,    0,    0,    0, 1, 0,
                                  0,    0, 0, 0, 0,    0,    0x0E, 7, 0, 0,
                                  0x89, 4, 0, 0, 0x7E, 0xFE, 0x1F, 0};

static void receive_buffer(void **state)
{
    static const struct change bad[] = {
        {0, 105}, /* another type */
        {4, 2},   /* refused */
        {8, 0},   /* no section */
        {17, 0},  /* 14 bytes each */
        {18, 1},  /* 67,342 bytes each */
        {21, 5},  /* more than the buffer has */
        {15, 1},  /* from 16 MiB on */
    };

    (void)state;
    put(receive, sizeof(receive));
    assert_null(nvsp_judge_receive(m, 40, 2 << 20));
    assert_null(nvsp_judge_receive(m, 28, 1161 * 1806));
    assert_non_null(nvsp_judge_receive(m, 27, 2 << 20));
    assert_non_null(nvsp_judge_receive(m, 28, 1161 * 1806 - 1));
    for (size_t i = 0; i < COUNT(bad); i++) {
        put(receive, sizeof(receive));
        m[bad[i].at] = bad[i].value;
        assert_non_null(nvsp_judge_receive(m, 28, 2 << 20));
    }
    put(receive, sizeof(receive));
    m[8] = 3; /* more sections than one need not be in the answer */
    assert_null(nvsp_judge_receive(m, 28, 2 << 20));
}

static void send_buffer(void **state)
{
    static const uint8_t answer[] = {105, 0, 0, 0, 1, 0, 0, 0, 0, 0x18, 0, 0};
    uint32_t section;

    (void)state;
    put(answer, sizeof(answer));
    assert_null(nvsp_judge_send(m, 12, 1 << 20, &section));
    assert_int_equal(section, 6144);
    assert_non_null(nvsp_judge_send(m, 11, 1 << 20, &section));
    assert_int_equal(section, 0);
    assert_non_null(nvsp_judge_send(m, 12, 6143, &section));
    assert_int_equal(section, 0);
    m[4] = 2; /* a refusal is no fault */
    assert_null(nvsp_judge_send(m, 12, 1 << 20, &section));
    assert_int_equal(section, 0);
    m[4] = 1;
    m[8] = 1; /* hv-net: no sections */
    m[9] = 0;
    assert_null(nvsp_judge_send(m, 12, 1 << 20, &section));
    assert_int_equal(section, 0);
    m[0] = 102;
    assert_non_null(nvsp_judge_send(m, 12, 1 << 20, &section));
}

/* ---- RNDIS control ------------------------------------------------------- */

static void requests(void **state)
{
    static const uint8_t initialize[] = {2, 0, 0, 0, 24, 0,    0, 0,
                                         9, 0, 0, 0, 1,  0,    0, 0,
                                         0, 0, 0, 0, 0,  0x40, 0, 0};
    static const uint8_t query[] = {4, 0, 0, 0, 28, 0, 0,  0, 7, 0, 0, 0, 1, 1,
                                    1, 1, 0, 0, 0,  0, 20, 0, 0, 0, 0, 0, 0, 0};
    static const uint8_t set[] = {5, 0,  0, 0, 32, 0, 0,  0, 8, 0,  0,
                                  0, 14, 1, 1, 0,  4, 0,  0, 0, 20, 0,
                                  0, 0,  0, 0, 0,  0, 13, 0, 0, 0};
    static const uint8_t alive[] = {8, 0, 0, 0x80, 16, 0, 0, 0,
                                    5, 0, 0, 0,    0,  0, 0, 0};
    const uint32_t filter = RNDIS_FILTER;

    (void)state;
    assert_int_equal(rndis_write_initialize(m, 9), sizeof(initialize));
    assert_memory_equal(m, initialize, sizeof(initialize));
    assert_int_equal(
        rndis_write_request(m, RNDIS_QUERY, 7, RNDIS_OID_ADDRESS, NULL, 0),
        sizeof(query));
    assert_memory_equal(m, query, sizeof(query));
    assert_int_equal(
        rndis_write_request(m, RNDIS_SET, 8, RNDIS_OID_FILTER, &filter, 4),
        sizeof(set));
    assert_memory_equal(m, set, sizeof(set));
    assert_int_equal(rndis_write_keepalive(m, 5), sizeof(alive));
    assert_memory_equal(m, alive, sizeof(alive));
}

/* The address, as OpenVMM answers: 30 bytes. */
static const uint8_t address[] = {4,  0, 0, 0x80, 30, 0,    0,    0, 7, 0,
                                  0,  0, 0, 0,    0,  0,    6,    0, 0, 0,
                                  16, 0, 0, 0,    0,  0x15, 0x5D, 1, 2, 3};

static void answers(void **state)
{
    static const struct change bad[] = {
        {4, 31},  /* longer than its memory */
        {4, 7},   /* shorter than type and length */
        {16, 7},  /* data that end outside */
        {20, 15}, /* data in the fixed part */
        {20, 23}, /* data that begin outside */
        {23, 255}, {19, 255},
    };
    struct rndis_control c;

    (void)state;
    put(address, sizeof(address));
    assert_null(rndis_read_control(m, 30, &c));
    assert_int_equal(c.kind, RNDIS_IS_ANSWER);
    assert_int_equal(c.id, 7);
    assert_int_equal(c.status, 0);
    assert_int_equal(c.size, 6);
    assert_ptr_equal(c.data, m + 24);
    m[12] = 1; /* a failed query has no data */
    m[16] = 255;
    assert_null(rndis_read_control(m, 30, &c));
    assert_null(c.data);
    for (size_t i = 0; i < COUNT(bad); i++) {
        put(address, sizeof(address));
        m[bad[i].at] = bad[i].value;
        assert_non_null(rndis_read_control(m, 30, &c));
    }
    put(address, sizeof(address));
    assert_non_null(rndis_read_control(m, 29, &c));
    m[4] = 20; /* an old host counts no data: they lie in the memory */
    assert_null(rndis_read_control(m, 30, &c));
    assert_ptr_equal(c.data, m + 24);
    m[4] = 8;
    assert_non_null(rndis_read_control(m, 20, &c));
    assert_non_null(rndis_read_control(m, 7, &c));
}

static void indications(void **state)
{
    static const uint8_t down[] = {7, 0,    0, 0, 20, 0, 0, 0, 12, 0,
                                   1, 0x40, 0, 0, 0,  0, 0, 0, 0,  0};
    static const uint8_t alive[] = {8, 0, 0, 0, 12, 0, 0, 0, 3, 0, 0, 0};
    struct rndis_control c;

    (void)state;
    put(down, sizeof(down));
    assert_null(rndis_read_control(m, 20, &c));
    assert_int_equal(c.kind, RNDIS_IS_INDICATION);
    assert_int_equal(c.status, RNDIS_MEDIA_DISCONNECT);
    m[4] = 11;
    assert_non_null(rndis_read_control(m, 11, &c));
    put(alive, sizeof(alive));
    assert_null(rndis_read_control(m, 12, &c));
    assert_int_equal(c.kind, RNDIS_IS_KEEPALIVE);
    assert_int_equal(c.id, 3);
    m[0] = 99;
    assert_null(rndis_read_control(m, 12, &c));
    assert_int_equal(c.kind, RNDIS_IS_OTHER);
}

static void limits(void **state)
{
    static const uint8_t answer[] = {
        2,   0,   0,   0x80, 52, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0,
        0,   0,   0,   0,    0,  0, 1, 0, 0, 0, 0, 0, 0, 0, 8, 0, 0, 0,
        255, 255, 255, 14,   3,  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
    struct rndis_limits l;

    (void)state;
    put(answer, sizeof(answer));
    assert_null(rndis_read_limits(m, 52, &l));
    assert_int_equal(l.max_packets, 8);
    assert_int_equal(l.alignment, 8);
    assert_int_equal(l.max_transfer, 0x0EFFFFFF);
    assert_non_null(rndis_read_limits(m, 51, &l));
    m[32] = 0;
    m[40] = 0;
    assert_null(rndis_read_limits(m, 52, &l));
    assert_int_equal(l.max_packets, 1);
    assert_int_equal(l.alignment, 1);
    m[32] = 8;
    m[40] = 7; /* 128 bytes are no alignment */
    assert_null(rndis_read_limits(m, 52, &l));
    assert_int_equal(l.max_packets, 1);
    m[12] = 1;
    assert_non_null(rndis_read_limits(m, 52, &l));
    m[12] = 0;
    m[38] = m[39] = 0;
    m[37] = 4; /* 1,279 bytes */
    assert_non_null(rndis_read_limits(m, 52, &l));
    put(answer, sizeof(answer));
    m[0] = 4;
    assert_non_null(rndis_read_limits(m, 52, &l));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TITLED("a version is accepted by its status alone", versions),
        TITLED("a receive buffer is refused whose sections do not fit",
               receive_buffer),
        TITLED("a send buffer without sections is not used", send_buffer),
        TITLED("requests have the bytes of the tables", requests),
        TITLED("answers are read, and none past its end", answers),
        TITLED("indications and KEEPALIVE are told apart", indications),
        TITLED("the host's limits are made safe", limits),
    };

    return cmocka_run_group_tests_name("the network driver's control", tests,
                                       NULL, NULL);
}
