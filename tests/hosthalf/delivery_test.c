/* Messages that wait: full slots, pauses, and lack of memory. */
#include "script.h"

#include <errno.h>

static void offers_wait_while_the_guests_slot_is_full(void **state)
{
    struct script *s = *state;
    struct server v[3] = {{0}};

    for (uint8_t i = 0; i < 3; i++)
        publish(s, &v[i], 1, i, 0);
    connect_at(s, 0x00040000);
    s->room = 1;
    say_header(s, 3);
    assert_int_equal(hear_offer(s), 1);
    hear_nothing(s);
    assert_false(info_of(&v[1]).offered);
    withdraw(&v[1]); /* never told: never rescinded */
    s->room = 1;
    vmbus_host_pump(s->host);
    assert_int_equal(hear_offer(s), 3);
    s->room = 1;
    vmbus_host_pump(s->host);
    hear_type(s, 4, 8);
    s->room = UINT32_MAX;
    vmbus_host_pump(s->host);
    hear_nothing(s);
    withdraw(&v[0]);
    withdraw(&v[2]);
}

/* A guest that posts and never takes answers must wait. */
static void undelivered_answers_are_bounded(void **state)
{
    struct script *s = *state;
    struct bytes b = open_message(1, 0, 0, 0, 2);
    struct server v = {0};
    unsigned taken = 0;
    int status;

    begin_offered(s, &v, 0x00040000);
    s->room = 0;
    while ((status = vmbus_host_message(s->host, 1, b.at, b.size)) == 0)
        assert_true(++taken < 1000);
    assert_int_equal(status, -EAGAIN);
    assert_int_equal(taken, 64);
    assert_int_equal(status_of(s).undelivered, 64);
    /* What begins anew is taken all the same. */
    b = contact(0x00040000, 0);
    say(s, &b);
    assert_int_equal(status_of(s).undelivered, 1);
    s->room = UINT32_MAX;
    vmbus_host_pump(s->host);
    hear_type(s, 15, 16);
    withdraw(&v);
}

static void a_new_contact_drops_undelivered_messages(void **state)
{
    struct script *s = *state;

    connect_at(s, 0x00040000);
    s->room = 0;
    say_header(s, 3);
    assert_int_equal(status_of(s).undelivered, 0); /* a flag, no message */
    say_header(s, 16);
    assert_int_equal(status_of(s).undelivered, 1);
    s->room = UINT32_MAX;
    connect_at(s, 0x00040000);
    hear_nothing(s);
}

static void pause_holds_everything(void **state)
{
    struct script *s = *state;
    const struct vmbus_host_config config = {.features = 0x20};
    struct server v = {0};

    begin_featured(s, NULL, &config);
    say_header(s, 29);
    broke(s, VMBUS_HOST_RULE_NOT_PAUSED);
    say_header(s, 27);
    hear_hex(s, "1c 00 00 00 00 00 00 00");
    publish(s, &v, 1, 1, 0);
    hear_nothing(s);
    say_header(s, 27);
    broke(s, VMBUS_HOST_RULE_PAUSED);
    say_relid(s, 13, 1);
    broke(s, VMBUS_HOST_RULE_PAUSED);
    say_header(s, 29);
    hear_type(s, 1, 196);
    hear_nothing(s);
    withdraw(&v);
}

static void pause_is_answered_after_what_waited(void **state)
{
    struct script *s = *state;
    const struct vmbus_host_config config = {.features = 0x20};
    struct server v = {0};

    begin_featured(s, &v, &config);
    s->room = 0;
    withdraw(&v);
    say_header(s, 27);
    s->room = UINT32_MAX;
    vmbus_host_pump(s->host);
    hear_type(s, 2, 12);
    hear_type(s, 28, 8);
    hear_nothing(s);
    /* A new contact ends it as well. */
    connect_with(s, 0);
}

static void a_message_without_memory_is_to_be_tried_again(void **state)
{
    struct script *s = *state;
    const struct bytes b = contact(0x00040000, 0);

    s->seam->fail_at = s->seam->counts.allocations + 1;
    assert_int_equal(vmbus_host_message(s->host, 1, b.at, b.size), -EAGAIN);
    hear_nothing(s);
    assert_int_equal(vmbus_host_message(s->host, 1, b.at, b.size), 0);
    hear_type(s, 15, 16);
}

static void lost_messages_are_logged(void **state)
{
    struct script *s = *state;
    const struct bytes b = contact(0x00040000, 0);

    s->post_status = -EIO;
    say(s, &b);
    assert_true(hosted_logged(s->seam, "VERSION_RESPONSE to VP 0 is lost"));
    assert_int_equal(status_of(s).undelivered, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(offers_wait_while_the_guests_slot_is_full),
        TEST(undelivered_answers_are_bounded),
        TEST(a_new_contact_drops_undelivered_messages),
        TEST(pause_holds_everything),
        TEST(pause_is_answered_after_what_waited),
        TEST(a_message_without_memory_is_to_be_tried_again),
        TEST(lost_messages_are_logged),
    };

    return cmocka_run_group_tests_name("hosthalf.delivery", tests, NULL, NULL);
}
