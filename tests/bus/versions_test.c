/* SPDX-License-Identifier: BSD-2-Clause */
/* Agreeing on a version: each alone, stepping down, none in common. */
#include "fixture.h"

static const uint32_t versions[] = {
    0x0000000D, 0x00010001, 0x00020004, 0x00030000, 0x00040000, 0x00040001,
    0x00050000, 0x00050001, 0x00050002, 0x00050003, 0x00060000,
};
#define VERSIONS (sizeof(versions) / sizeof(versions[0]))

/* The version is taken, on the right connection, with the right bytes. */
static void one_version(void **state, uint32_t version)
{
    struct fixture *f = *state;
    bool new = version >= 0x00050000;
    const struct peer_message *m;

    fixture_version(f, version);
    fixture_connect(f);
    assert_int_equal(vmbus_bus_version(f->bus), version);
    m = peer_got(f->p, 14, 0);
    assert_int_equal(m->connection, new ? 4 : 1);
    assert_int_equal(m->size, 40);
    assert_int_equal(peer_u32(m->bytes, 4), 0);
    assert_int_equal(peer_u32(m->bytes, 8), version);
    assert_int_equal(peer_u32(m->bytes, 12), 4); /* VP of processor 0 */
    if (new) {
        /* SINT 2, VTL 0; features only at 6.0 */
        assert_int_equal(peer_u32(m->bytes, 16), 2);
        assert_int_equal(peer_u32(m->bytes, 20), version == 0x00060000);
    } else {
        assert_non_null(fixture_contact_page(f, 16));
    }
    assert_non_null(fixture_contact_page(f, 24));
    assert_non_null(fixture_contact_page(f, 32));
    assert_int_equal(f->p->seen[14], 1);
    assert_int_equal(f->p->seen[3], 1);
    assert_true(peer_got_hex(f->p, 3, 0, "03 00 00 00 00 00 00 00"));
    assert_int_equal(peer_got(f->p, 3, 0)->connection, new ? 4 : 1);
}

#define VERSION_TEST(name, version)                     \
    static void version_##name##_connects(void **state) \
    {                                                   \
        one_version(state, version);                    \
    }
VERSION_TEST(0_13, 0x0000000D)
VERSION_TEST(1_1, 0x00010001)
VERSION_TEST(2_4, 0x00020004)
VERSION_TEST(3_0, 0x00030000)
VERSION_TEST(4_0, 0x00040000)
VERSION_TEST(4_1, 0x00040001)
VERSION_TEST(5_0, 0x00050000)
VERSION_TEST(5_1, 0x00050001)
VERSION_TEST(5_2, 0x00050002)
VERSION_TEST(5_3, 0x00050003)
VERSION_TEST(6_0, 0x00060000)

/* A host of every age: we end at its version, asking each newer one once. */
static void the_bus_asks_from_the_newest_version_down(void **state)
{
    struct fixture *f = *state;

    fixture_bus(f);
    for (uint32_t i = 0; i < VERSIONS; i++) {
        uint32_t before = f->p->seen[14];

        f->p->newest = versions[i];
        assert_int_equal(vmbus_bus_connect(f->bus), 0);
        assert_int_equal(vmbus_bus_version(f->bus), versions[i]);
        assert_int_equal(f->p->seen[14] - before, VERSIONS - i);
        assert_int_equal(vmbus_bus_unload(f->bus), 0);
        assert_int_equal(vmbus_bus_version(f->bus), 0);
    }
}

/* QEMU: no id 4, nothing above 4.0. */
static void a_host_without_connection_4_is_asked_on_connection_1(void **state)
{
    struct fixture *f = *state;

    f->p->no_multi = true;
    f->p->newest = 0x00040000;
    fixture_connect(f);
    assert_int_equal(vmbus_bus_version(f->bus), 0x00040000);
    assert_int_equal(peer_u32(peer_got(f->p, 14, 0)->bytes, 8), 0x00040001);
    assert_int_equal(peer_got(f->p, 14, 0)->connection, 1);
    assert_int_equal(f->p->seen[14], 2);
}

/* Windows takes newer versions on id 1 from its firmware. */
static void a_forced_new_version_is_asked_for_on_connection_1(void **state)
{
    struct fixture *f = *state;

    f->p->no_multi = true;
    f->p->connection = 1;
    fixture_version(f, 0x00050003);
    fixture_connect(f);
    assert_int_equal(peer_got(f->p, 14, 0)->connection, 1);
    assert_int_equal(peer_u32(peer_got(f->p, 14, 0)->bytes, 8), 0x00050003);
}

/* 5.0 is the first that has a connection 4. */
static void a_forced_version_5_0_is_asked_for_on_connection_1(void **state)
{
    struct fixture *f = *state;

    f->p->no_multi = true;
    f->p->connection = 1;
    fixture_version(f, 0x00050000);
    fixture_connect(f);
    assert_int_equal(peer_got(f->p, 14, 0)->connection, 1);
    assert_int_equal(peer_u32(peer_got(f->p, 14, 0)->bytes, 8), 0x00050000);
}

static void connecting_fails_without_a_common_version(void **state)
{
    struct fixture *f = *state;

    f->p->oldest = 0x00070000;
    fixture_bus(f);
    assert_int_equal(vmbus_bus_connect(f->bus), -EPROTONOSUPPORT);
    assert_int_equal(f->p->seen[14], VERSIONS);
    assert_false(vmbus_bus_connected(f->bus));
    assert_true(hosted_logged(f->s, "speaks no version"));
}

static void
the_bus_does_not_ask_below_the_oldest_configured_version(void **state)
{
    struct fixture *f = *state;

    f->p->newest = 0x0000000D;
    f->config.oldest = 0x00030000;
    fixture_bus(f);
    assert_int_equal(vmbus_bus_connect(f->bus), -EPROTONOSUPPORT);
    assert_int_equal(f->p->seen[14], 8);
}

static void a_version_is_written_as_two_numbers(void **state)
{
    char text[12];

    (void)state;
    assert_string_equal(vmbus_version_format(0x0000000D, text), "0.13");
    assert_string_equal(vmbus_version_format(0x00050003, text), "5.3");
    assert_string_equal(vmbus_version_format(0xFFFFFFFF, text), "65535.65535");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(version_0_13_connects),
        TEST(version_1_1_connects),
        TEST(version_2_4_connects),
        TEST(version_3_0_connects),
        TEST(version_4_0_connects),
        TEST(version_4_1_connects),
        TEST(version_5_0_connects),
        TEST(version_5_1_connects),
        TEST(version_5_2_connects),
        TEST(version_5_3_connects),
        TEST(version_6_0_connects),
        TEST(the_bus_asks_from_the_newest_version_down),
        TEST(a_host_without_connection_4_is_asked_on_connection_1),
        TEST(a_forced_new_version_is_asked_for_on_connection_1),
        TEST(a_forced_version_5_0_is_asked_for_on_connection_1),
        TEST(connecting_fails_without_a_common_version),
        TEST(the_bus_does_not_ask_below_the_oldest_configured_version),
        TEST(a_version_is_written_as_two_numbers),
    };

    return cmocka_run_group_tests_name("versions", tests, NULL, NULL);
}
