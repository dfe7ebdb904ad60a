/* Guests that leave: a contact anew, unload, reset. */
#include "script.h"

static void a_second_contact_ends_the_first_connection(void **state)
{
    struct script *s = *state;
    struct server v = {0};
    void *pages = begin_open(s, &v, 0x00040000);

    connect_at(s, 0x00050002);
    assert_int_equal(v.closed, 1);
    assert_int_equal(status_of(s).gpadls, 0);
    assert_int_equal(status_of(s).open_channels, 0);
    assert_false(info_of(&v).offered);
    take_offers(s);
    broke_nothing(s);
    withdraw(&v);
    seam_pages_free(s->seam, pages, 4);
}

static void contact_waits_for_servers(void **state)
{
    struct script *s = *state;
    struct server v = {.holds_close = true};
    void *pages = begin_open(s, &v, 0x00040000);
    struct bytes b = contact(0x00050000, 0);

    say(s, &b);
    hear_nothing(s);
    assert_int_equal(v.closed, 1);
    /* Meanwhile nothing else is served, and the newest contact counts. */
    say_header(s, 3);
    broke(s, VMBUS_HOST_RULE_UNLOADING);
    b = contact(0x00030000, 1);
    s->connection = 1;
    say(s, &b);
    hear_nothing(s);
    vmbus_host_close_answer(v.channel);
    hear_hex(s, "0f 00 00 00 00 00 00 00 01 00 00 00 00 00 03 00");
    assert_int_equal(s->heard[s->heard_first - 1].vp, 1);
    assert_int_equal(v.closed, 1);
    withdraw(&v);
    seam_pages_free(s->seam, pages, 4);
}

static void unload_is_answered_to_anybody(void **state)
{
    struct script *s = *state;

    say_header(s, 16);
    hear_hex(s, "11 00 00 00 00 00 00 00");
    connect_at(s, 0x00040000);
    say_header(s, 16);
    hear_hex(s, "11 00 00 00 00 00 00 00");
    assert_false(status_of(s).connected);
    say_header(s, 3);
    broke(s, VMBUS_HOST_RULE_NOT_CONNECTED);
}

static void unload_goes_to_the_contact_vp(void **state)
{
    struct script *s = *state;
    struct bytes b = contact(0x00030000, 2);

    contact_gives(s, &b, 1, 0);
    say_header(s, 16);
    hear(s);
    assert_int_equal(s->heard[1].vp, 2);
}

static void unload_waits_for_servers(void **state)
{
    struct script *s = *state;
    struct server v = {.holds_close = true, .holds_gpadl = true};
    struct vmbus_host_gpadl mapped;
    uint64_t pfn;
    void *page = seam_pages_alloc(s->seam, 1, &pfn);
    void *pages = begin_open(s, &v, 0x00040000);

    share(s, 1, 7, &pfn, 1);
    assert_int_equal(vmbus_host_gpadl_map(v.channel, 7, &mapped), 0);
    say_header(s, 16);
    assert_int_equal(v.closed, 1);
    assert_int_equal(v.torn, 1);
    hear_nothing(s);
    say_header(s, 16); /* a second one changes nothing */
    vmbus_host_close_answer(v.channel);
    hear_nothing(s);
    assert_int_equal(v.torn, 1);
    vmbus_host_gpadl_unmap(v.channel, 7);
    hear_type(s, 17, 8);
    hear_nothing(s);
    broke_nothing(s);
    assert_int_equal(status_of(s).gpadls, 0);
    withdraw(&v);
    seam_pages_free(s->seam, page, 1);
    seam_pages_free(s->seam, pages, 4);
}

/* A server that answers an open when the guest has left already. */
static void open_answered_while_leaving(void **state)
{
    struct script *s = *state;
    struct server late = {.holds_open = true}, v = {.other = &late};
    void *pages, *others;

    pages = begin_open(s, &v, 0x00040000);
    publish(s, &late, 1, 1, 0);
    hear_type(s, 1, 196);
    others = share_rings(s, 2, 9);
    say_open(s, 2, 1, 9, 0, 2);
    say_header(s, 16);
    assert_int_equal(v.closed, 1);
    assert_int_equal(late.closed, 1);
    hear_type(s, 17, 8); /* and no OPENCHANNEL_RESULT */
    hear_nothing(s);
    withdraw(&late);
    withdraw(&v);
    seam_pages_free(s->seam, others, 4);
    seam_pages_free(s->seam, pages, 4);
}

static void a_contact_replaces_a_waiting_unload(void **state)
{
    struct script *s = *state;
    struct server v = {.holds_close = true};
    void *pages = begin_open(s, &v, 0x00040000);
    const struct bytes b = contact(0x00040000, 0);

    say_header(s, 16);
    say(s, &b);
    vmbus_host_close_answer(v.channel);
    hear_type(s, 15, 16);
    hear_nothing(s);
    assert_true(status_of(s).connected);
    withdraw(&v);
    seam_pages_free(s->seam, pages, 4);
}

static void a_server_may_withdraw_while_closing(void **state)
{
    struct script *s = *state;
    struct server v = {.withdraws = true};
    void *pages = begin_open(s, &v, 0x00040000);

    say_header(s, 16);
    hear_type(s, 17, 8);
    hear_nothing(s);
    assert_int_equal(status_of(s).channels, 0);
    seam_pages_free(s->seam, pages, 4);
}

static void reset_tells_servers_only(void **state)
{
    struct script *s = *state;
    struct server v = {.holds_close = true};
    void *pages = begin_open(s, &v, 0x00040000);

    vmbus_host_reset(s->host);
    vmbus_host_close_answer(v.channel);
    hear_nothing(s);
    assert_false(status_of(s).connected);
    assert_int_equal(status_of(s).gpadls, 0);
    withdraw(&v);
    seam_pages_free(s->seam, pages, 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_second_contact_ends_the_first_connection),
        TEST(contact_waits_for_servers),
        TEST(unload_is_answered_to_anybody),
        TEST(unload_goes_to_the_contact_vp),
        TEST(unload_waits_for_servers),
        TEST(open_answered_while_leaving),
        TEST(a_contact_replaces_a_waiting_unload),
        TEST(a_server_may_withdraw_while_closing),
        TEST(reset_tells_servers_only),
    };

    return cmocka_run_group_tests_name("hosthalf.leave", tests, NULL, NULL);
}
