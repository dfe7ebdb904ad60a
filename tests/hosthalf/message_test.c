/* Messages that are refused: their size, type, version and time. */
#include "script.h"

#include <errno.h>

static void a_message_over_240_bytes_is_refused(void **state)
{
    struct script *s = *state;
    const uint8_t payload[241] = {14};

    assert_int_equal(vmbus_host_message(s->host, 1, payload, 241), -EMSGSIZE);
    broke_nothing(s);
}

/* Every message a guest may send, one byte short, changes nothing. */
static void short_messages_are_refused(void **state)
{
    static const struct {
        uint32_t type, size;
    } least[] = {
        {3, 8},   {5, 148}, {7, 12}, {8, 20},  {9, 16},  {11, 16},
        {13, 12}, {14, 40}, {16, 8}, {18, 28}, {19, 20}, {21, 40},
        {22, 16}, {25, 24}, {27, 8}, {29, 8},
    };
    struct script *s = *state;
    const struct vmbus_host_config config = {.features = 0x24};

    configure(s, &config);
    connect_with(s, 0x24);
    for (unsigned i = 0; i < sizeof(least) / sizeof(least[0]); i++) {
        struct bytes b = message(least[i].type, least[i].size - 1);

        say(s, &b);
        broke(s, VMBUS_HOST_RULE_SHORT_MESSAGE);
    }
    for (uint32_t size = 0; size < 8; size++) {
        struct bytes b = message(3, size);

        say(s, &b);
        broke(s, VMBUS_HOST_RULE_SHORT_MESSAGE);
    }
    assert_int_equal(vmbus_host_message(s->host, 4, NULL, 0), 0);
    broke(s, VMBUS_HOST_RULE_SHORT_MESSAGE);
    hear_nothing(s);
    assert_true(status_of(s).connected);
}

static void open_is_longer_with_signal_features(void **state)
{
    static const struct {
        uint32_t features, size;
    } cases[] = {{0, 148}, {0x04, 148}, {0x01, 156}, {0x02, 156}, {3, 156}};
    struct script *s = *state;
    const struct vmbus_host_config config = {.features = 0x07};

    configure(s, &config);
    for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct bytes b = message(5, cases[i].size - 1);

        connect_with(s, cases[i].features);
        say(s, &b);
        broke(s, VMBUS_HOST_RULE_SHORT_MESSAGE);
        b.size++;
        say(s, &b);
        broke(s, VMBUS_HOST_RULE_UNKNOWN_RELID);
    }
}

static void unknown_types_are_refused(void **state)
{
    static const uint32_t types[] = {0, 30, 31, 0x80000001, 0xFFFFFFFF};
    struct script *s = *state;

    connect_at(s, 0x00050003);
    for (unsigned i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        const struct bytes b = message(types[i], 240);

        say(s, &b);
        broke(s, VMBUS_HOST_RULE_UNKNOWN_MESSAGE);
    }
    hear_nothing(s);
}

static void a_hosts_messages_are_refused(void **state)
{
    static const uint32_t types[] = {1,  2,  4,  6,  10, 12, 15,
                                     17, 20, 23, 24, 26, 28};
    struct script *s = *state;

    connect_at(s, 0x00050003);
    for (unsigned i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        const struct bytes b = message(types[i], 240);

        say(s, &b);
        broke(s, VMBUS_HOST_RULE_WRONG_DIRECTION);
    }
    hear_nothing(s);
}

static void not_negotiated(struct script *s, uint32_t type)
{
    const struct bytes b = message(type, 240);

    say(s, &b);
    broke(s, VMBUS_HOST_RULE_NOT_NEGOTIATED);
    hear_nothing(s);
}

static void messages_wait_for_their_version(void **state)
{
    struct script *s = *state;
    const struct vmbus_host_config config = {.features = 0xEF & ~0x40};

    connect_at(s, 0x00030000);
    not_negotiated(s, 21); /* TL_CONNECT from 4.0 */
    connect_at(s, 0x00040000);
    not_negotiated(s, 22); /* MODIFYCHANNEL from 4.1 */
    connect_at(s, 0x00050003);
    not_negotiated(s, 25);
    not_negotiated(s, 27);
    not_negotiated(s, 29);
    configure(s, &config);
    connect_with(s, 0);
    not_negotiated(s, 25);
    not_negotiated(s, 27);
    not_negotiated(s, 29);
    connect_with(s, 0x04);
    not_negotiated(s, 27);
    connect_with(s, 0x20);
    not_negotiated(s, 25);
}

static void messages_before_contact_are_refused(void **state)
{
    struct script *s = *state;

    for (uint32_t type = 3; type <= 29; type++) {
        const struct bytes b = message(type, 240);
        static const char guests[30] = {
            [3] = 1,  [5] = 1,  [7] = 1,  [8] = 1,  [9] = 1,
            [11] = 1, [13] = 1, [18] = 1, [19] = 1, [21] = 1,
            [22] = 1, [25] = 1, [27] = 1, [29] = 1};

        if (!guests[type])
            continue;
        say(s, &b);
        broke(s, VMBUS_HOST_RULE_NOT_CONNECTED);
    }
    hear_nothing(s);
}

static void reserved_channels_are_refused(void **state)
{
    struct script *s = *state;
    const struct bytes open = message(18, 28), close = message(19, 20);

    connect_at(s, 0x00050003);
    say(s, &open);
    broke(s, VMBUS_HOST_RULE_RESERVED_CHANNEL);
    say(s, &close);
    broke(s, VMBUS_HOST_RULE_RESERVED_CHANNEL);
    hear_nothing(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_message_over_240_bytes_is_refused),
        TEST(short_messages_are_refused),
        TEST(open_is_longer_with_signal_features),
        TEST(unknown_types_are_refused),
        TEST(a_hosts_messages_are_refused),
        TEST(messages_wait_for_their_version),
        TEST(messages_before_contact_are_refused),
        TEST(reserved_channels_are_refused),
    };

    return cmocka_run_group_tests_name("hosthalf.message", tests, NULL, NULL);
}
