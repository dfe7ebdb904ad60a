/* SPDX-License-Identifier: BSD-2-Clause */
/* The table of messages: directions, sizes, versions, features. */
#include "fixture.h"
#include "vmbus/wire/messages.h"

/* The protocol's table once more, by hand: number, direction, size, since,
 * feature. */
static const struct expected {
    uint32_t type;
    char direction;
    uint32_t smallest;
    uint32_t version;
    uint32_t feature;
} table[] = {
    {1, 'H', 196, 0, 0},
    {2, 'H', 12, 0, 0},
    {3, 'G', 8, 0, 0},
    {4, 'H', 8, 0, 0},
    {5, 'G', 156, 0, 0},
    {6, 'H', 20, 0, 0},
    {7, 'G', 12, 0, 0},
    {8, 'G', 20, 0, 0},
    {9, 'G', 16, 0, 0},
    {10, 'H', 20, 0, 0},
    {11, 'G', 16, 0, 0},
    {12, 'H', 12, 0, 0},
    {13, 'G', 12, 0, 0},
    {14, 'G', 40, 0, 0},
    {15, 'H', 10, 0, 0},
    {16, 'G', 8, 0, 0},
    {17, 'H', 8, 0, 0},
    {18, 'G', 28, 0, 0},
    {19, 'G', 20, 0, 0},
    {20, 'H', 12, 0, 0},
    {21, 'G', 40, 0x00040000, 0},
    {22, 'G', 16, 0x00040001, 0},
    {23, 'H', 44, 0x00040001, 0},
    {24, 'H', 16, 0x00050003, 0},
    {25, 'G', 24, 0x00060000, 0x04},
    {26, 'H', 9, 0x00060000, 0x04},
    {27, 'G', 8, 0x00060000, 0x20},
    {28, 'H', 8, 0x00060000, 0x20},
    {29, 'G', 8, 0x00060000, 0x20},
};
#define MESSAGES (sizeof(table) / sizeof(table[0]))

static enum vmbus_direction direction(const struct expected *e)
{
    return e->direction == 'H' ? VMBUS_TO_GUEST : VMBUS_TO_HOST;
}

static enum vmbus_verdict check(uint32_t type, uint32_t size,
                                enum vmbus_direction d, uint32_t version,
                                uint32_t features)
{
    uint8_t bytes[256] = {(uint8_t)type, (uint8_t)(type >> 8)};
    const struct vmbus_message_info *info;

    return vmbus_message_check(bytes, size, d, version, features, &info);
}

static void
the_table_has_all_messages_with_name_direction_and_size(void **state)
{
    (void)state;
    assert_int_equal(MESSAGES, 29);
    for (size_t i = 0; i < MESSAGES; i++) {
        const struct vmbus_message_info *m = vmbus_message_info(table[i].type);

        assert_int_equal(m->type, table[i].type);
        assert_int_equal(m->direction, direction(&table[i]));
        assert_int_equal(m->version, table[i].version);
        assert_int_equal(m->feature, table[i].feature);
        assert_true(m->full >= table[i].smallest);
        assert_int_equal(vmbus_message_size(m, 0x00060000, 0xFF),
                         table[i].smallest);
    }
    assert_null(vmbus_message_info(0));
    assert_null(vmbus_message_info(30));
    assert_string_equal(vmbus_message_name(5), "OPENCHANNEL");
    assert_string_equal(vmbus_message_name(99), "unknown");
}

/* At its size it is taken, one byte less not, more is normal. */
static void a_message_one_byte_too_short_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < MESSAGES; i++) {
        const struct expected *e = &table[i];
        enum vmbus_direction d = direction(e);

        assert_int_equal(check(e->type, e->smallest, d, 0x00060000, 0xFF),
                         VMBUS_MESSAGE_OK);
        assert_int_equal(check(e->type, 240, d, 0x00060000, 0xFF),
                         VMBUS_MESSAGE_OK);
        assert_int_equal(check(e->type, e->smallest - 1, d, 0x00060000, 0xFF),
                         e->smallest == 8 ? VMBUS_MESSAGE_TRUNCATED
                                          : VMBUS_MESSAGE_SHORT);
    }
}

/* The version that brings a message knows it, the one before does not. */
static void a_message_is_refused_below_its_first_version(void **state)
{
    static const uint32_t before[][2] = {
        {0x00040000, 0x00030000},
        {0x00040001, 0x00040000},
        {0x00050003, 0x00050002},
        {0x00060000, 0x00050003},
    };

    (void)state;
    for (size_t i = 0; i < MESSAGES; i++)
        for (size_t j = 0; j < 4; j++) {
            const struct expected *e = &table[i];

            if (e->version != before[j][0])
                continue;
            assert_int_equal(
                check(e->type, 240, direction(e), before[j][0], 0xFF),
                VMBUS_MESSAGE_OK);
            assert_int_equal(
                check(e->type, 240, direction(e), before[j][1], 0xFF),
                VMBUS_MESSAGE_VERSION);
        }
}

/* One message, and what is said of it. */
struct verdict {
    uint32_t type;
    uint32_t size;
    enum vmbus_direction direction;
    uint32_t version;
    uint32_t features;
    enum vmbus_verdict wanted;
};

static void expect_verdicts(const struct verdict *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct verdict *v = &cases[i];
        enum vmbus_verdict found =
            check(v->type, v->size, v->direction, v->version, v->features);

        if (found != v->wanted)
            fail_msg("type %u of %u bytes: expected %d, found %d", v->type,
                     v->size, v->wanted, found);
    }
}

static void a_message_is_refused_without_its_feature(void **state)
{
    static const struct verdict cases[] = {
        {26, 240, VMBUS_TO_GUEST, 0x00060000, 0x04, VMBUS_MESSAGE_OK},
        {26, 240, VMBUS_TO_GUEST, 0x00060000, 0x20, VMBUS_MESSAGE_VERSION},
        {28, 240, VMBUS_TO_GUEST, 0x00060000, 0x04, VMBUS_MESSAGE_VERSION},
    };

    (void)state;
    expect_verdicts(cases, sizeof(cases) / sizeof(cases[0]));
}

static void the_smallest_size_of_a_message_depends_on_the_version(void **state)
{
    static const struct verdict cases[] = {
        {1, 190, VMBUS_TO_GUEST, 0x0D, 0, VMBUS_MESSAGE_OK},
        {1, 189, VMBUS_TO_GUEST, 0x0D, 0, VMBUS_MESSAGE_SHORT},
        {1, 195, VMBUS_TO_GUEST, 0x00010001, 0, VMBUS_MESSAGE_SHORT},
        {5, 148, VMBUS_TO_HOST, 0x00060000, 0x04, VMBUS_MESSAGE_OK},
        {5, 148, VMBUS_TO_HOST, 0x00060000, 0x01, VMBUS_MESSAGE_SHORT},
        {5, 155, VMBUS_TO_HOST, 0x00060000, 0x02, VMBUS_MESSAGE_SHORT},
        {21, 40, VMBUS_TO_HOST, 0x00050001, 0, VMBUS_MESSAGE_OK},
        {21, 40, VMBUS_TO_HOST, 0x00050002, 0, VMBUS_MESSAGE_OK},
        {21, 39, VMBUS_TO_HOST, 0x00050002, 0, VMBUS_MESSAGE_SHORT},
    };

    (void)state;
    expect_verdicts(cases, sizeof(cases) / sizeof(cases[0]));
}

static void bytes_that_are_no_message_are_refused(void **state)
{
    static const struct verdict cases[] = {
        {4, 7, VMBUS_TO_GUEST, 0x00060000, 0, VMBUS_MESSAGE_TRUNCATED},
        {4, 0, VMBUS_TO_GUEST, 0x00060000, 0, VMBUS_MESSAGE_TRUNCATED},
        {4, 241, VMBUS_TO_GUEST, 0x00060000, 0, VMBUS_MESSAGE_TRUNCATED},
        {0, 8, VMBUS_TO_GUEST, 0x00060000, 0, VMBUS_MESSAGE_UNKNOWN},
        {30, 8, VMBUS_TO_GUEST, 0x00060000, 0xFF, VMBUS_MESSAGE_UNKNOWN},
        {3, 8, VMBUS_TO_GUEST, 0x00060000, 0, VMBUS_MESSAGE_DIRECTION},
    };

    (void)state;
    expect_verdicts(cases, sizeof(cases) / sizeof(cases[0]));
    assert_string_equal(vmbus_verdict_text(VMBUS_MESSAGE_SHORT), "too short");
}

/* Before a version is negotiated only what leads there is known. */
static void
only_contact_and_unload_are_known_before_a_version_is_negotiated(void **state)
{
    (void)state;
    for (uint32_t type = 1; type <= 29; type++) {
        bool known = type >= 14 && type <= 17;

        assert_int_equal(vmbus_message_known(vmbus_message_info(type), 0, 0),
                         known);
    }
}

/* Every type with every size from 0 to 250 at a connected bus: refused or
 * without effect, never a crash. */
static void
a_connected_bus_survives_every_type_and_size_of_message(void **state)
{
    struct fixture *f = *state;
    uint8_t bytes[256];

    fixture_open(f);
    for (uint32_t type = 0; type < 34; type++)
        for (uint32_t size = 0; size <= 250; size++) {
            if (type == 1 && size >= 196)
                continue; /* would be an offer of relid 0xFFFFFFFF: below */
            memset(bytes, 0xFF, sizeof(bytes));
            memset(bytes, 0, 8);
            bytes[0] = (uint8_t)type;
            peer_send(f->p, bytes, size, 0);
        }
    hosted_run(f->s);
    assert_true(vmbus_channel_is_open(f->c));
    assert_true(fixture_refused(f) > 5000);
    assert_int_equal(vmbus_channel_close(f->c), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            the_table_has_all_messages_with_name_direction_and_size),
        cmocka_unit_test(a_message_one_byte_too_short_is_refused),
        cmocka_unit_test(a_message_is_refused_below_its_first_version),
        cmocka_unit_test(a_message_is_refused_without_its_feature),
        cmocka_unit_test(the_smallest_size_of_a_message_depends_on_the_version),
        cmocka_unit_test(bytes_that_are_no_message_are_refused),
        cmocka_unit_test(
            only_contact_and_unload_are_known_before_a_version_is_negotiated),
        TEST(a_connected_bus_survives_every_type_and_size_of_message),
    };

    return cmocka_run_group_tests_name("messages", tests, NULL, NULL);
}
