/* A host half by itself: its configuration, connections, counts, asserts. */
#include "script.h"

#include <errno.h>
#include <string.h>

static void config_is_checked(void **state)
{
    static const struct {
        struct vmbus_host_config config;
        int status;
    } cases[] = {
        {{.features = 0x10}, -ENOTSUP},
        {{.features = 0x100}, -ENOTSUP},
        {{.max_version = 0x00050004}, -EINVAL},
        {{.min_version = 0x00020000}, -EINVAL},
        {{.min_version = 0x00050000, .max_version = 0x00040000}, -EINVAL},
        {{.max_channels = 2048}, -EINVAL},
        {{.features = 0x40}, -EINVAL},
        {{.features = 0x40, .monitor_gpa = {0x1000, 0x2008}}, -EINVAL},
        {{.features = 0x40, .monitor_gpa = {0x1000, 0x1000}}, -EINVAL},
        {{.features = 0x40, .monitor_gpa = {0x1000, 0}}, -EINVAL},
        {{.monitor_gpa = {0x1000, 0x2000}}, -EINVAL},
        {{.monitor_gpa = {0, 0x2000}}, -EINVAL},
    };
    static const struct vmbus_host_ops none;
    struct vmbus_host_ops some = {0};
    struct script *s = *state;
    struct vmbus_host *h;

    for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_int_equal(
            vmbus_host_create(s->seam, &none, s, &cases[i].config, &h),
            cases[i].status);
    assert_true(hosted_logged(s->seam, "0x10: confidential channels"));
    assert_int_equal(vmbus_host_create(s->seam, &none, s, &any_guest, &h),
                     -EINVAL);
    some.post = ops_of_script.post;
    assert_int_equal(vmbus_host_create(s->seam, &some, s, &any_guest, &h),
                     -EINVAL);
    s->seam->fail_at = s->seam->counts.allocations + 1;
    assert_int_equal(
        vmbus_host_create(s->seam, &ops_of_script, s, &any_guest, &h), -ENOMEM);
}

static void messages_are_taken_on_their_connection_ids(void **state)
{
    struct script *s = *state;
    const struct vmbus_host_config config = {.max_version = 0x00040001};
    const struct bytes b = contact(0x00040000, 0);

    assert_true(vmbus_host_serves(s->host, 1));
    assert_true(vmbus_host_serves(s->host, 4));
    assert_false(vmbus_host_serves(s->host, 2));
    assert_int_equal(vmbus_host_message(s->host, 3, b.at, b.size), -ENOENT);
    configure(s, &config);
    assert_int_equal(vmbus_host_message(s->host, 4, b.at, b.size), -ENOENT);
    assert_int_equal(vmbus_host_message(s->host, 1, b.at, b.size), 0);
    hear(s);
}

static void rules_have_texts_and_counters(void **state)
{
    struct script *s = *state;

    for (unsigned r = 0; r < VMBUS_HOST_RULE_COUNT; r++)
        assert_true(strlen(vmbus_host_rule_text(r)) > 10);
    assert_string_equal(vmbus_host_rule_text(VMBUS_HOST_RULE_COUNT),
                        "no such rule");
    for (unsigned i = 0; i < 5; i++)
        say_header(s, 3);
    assert_int_equal(
        vmbus_host_rule_count(s->host, VMBUS_HOST_RULE_NOT_CONNECTED), 5);
    assert_int_equal(vmbus_host_rule_count(s->host, VMBUS_HOST_RULE_OPEN_RING),
                     0);
    assert_int_equal(vmbus_host_rule_count(s->host, VMBUS_HOST_RULE_COUNT), 0);
    /* One line at counts 1, 2 and 4, not at 3 and 5. */
    assert_int_equal(s->seam->log_lines, 3);
    assert_true(hosted_logged(s->seam, "seen 4 times"));
}

static void servers_mistakes_are_asserted(void **state)
{
    struct script *s = *state;
    struct server v = {0}, sub = {0};
    jmp_buf out;

    publish(s, &v, 1, 1, 0);
    publish(s, &sub, 1, 1, 1);
    s->seam->on_assert = &out;
    if (setjmp(out) == 0) {
        vmbus_host_withdraw(v.channel);
        fail_msg("a primary was withdrawn before its sub-channel");
    }
    assert_string_equal(s->seam->assert_hint,
                        "withdraw sub-channels before their primary");
    if (setjmp(out) == 0) {
        vmbus_host_close_answer(v.channel);
        fail_msg("a close was answered that nobody asked for");
    }
    if (setjmp(out) == 0) {
        vmbus_host_destroy(s->host);
        fail_msg("destroyed with channels");
    }
    s->seam->on_assert = NULL;
    withdraw(&sub);
    withdraw(&v);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(config_is_checked),
        TEST(messages_are_taken_on_their_connection_ids),
        TEST(rules_have_texts_and_counters),
        TEST(servers_mistakes_are_asserted),
    };

    return cmocka_run_group_tests_name("hosthalf.host", tests, NULL, NULL);
}
