/* Rescinds, releases, and which relid is free when. */
#include "script.h"

/* Linux drops an offer for good that comes before it has released the former
 * one of the same type and instance. */
static void a_rescinded_relid_is_free_after_its_release(void **state)
{
    struct script *s = *state;
    struct server v = {0}, w = {0}, x = {0};

    begin_offered(s, &v, 0x00040000);
    withdraw(&v);
    hear_hex(s, "02 00 00 00 00 00 00 00 01 00 00 00");
    /* Another device is offered at once, the same one only after the release;
     * the relid is taken until then. */
    publish(s, &w, 0x11, 0x22, 0);
    hear_nothing(s);
    publish(s, &x, 6, 6, 0);
    assert_int_equal(hear_offer(s), 3);
    say_hex(s, "0d 00 00 00 00 00 00 00 01 00 00 00");
    assert_int_equal(hear_offer(s), 2);
    hear_nothing(s);
    assert_int_equal(status_of(s).channels, 2);
    publish(s, &v, 5, 5, 0);
    assert_int_equal(hear_offer(s), 1);
    withdraw(&v);
    withdraw(&w);
    withdraw(&x);
    broke_nothing(s);
}

static void release_of_a_closed_channel_gives_it_up(void **state)
{
    struct script *s = *state;
    struct server v = {0};

    begin_offered(s, &v, 0x00040000);
    say_relid(s, 13, 1);
    broke_nothing(s);
    assert_false(info_of(&v).offered);
    say_relid(s, 13, 1);
    broke(s, VMBUS_HOST_RULE_UNKNOWN_RELID);
    /* Not offered again in this connection, nor rescinded. */
    hear_nothing(s);
    connect_at(s, 0x00040000);
    say_header(s, 3);
    assert_int_equal(hear_offer(s), 1);
    hear(s);
    say_relid(s, 13, 1);
    withdraw(&v);
    hear_nothing(s);
    assert_int_equal(status_of(s).channels, 0);
}

static void release_of_an_open_channel_is_refused(void **state)
{
    struct script *s = *state;
    struct server v = {.holds_open = true};
    void *pages = begin_open(s, &v, 0x00040000);

    say_relid(s, 13, 1);
    broke(s, VMBUS_HOST_RULE_RELEASE_OPEN);
    vmbus_host_open_answer(v.channel, 0);
    hear_result(s, 1, 0x77, 0);
    say_relid(s, 13, 1);
    broke(s, VMBUS_HOST_RULE_RELEASE_OPEN);
    close_and_free(s, pages, 4);
    withdraw(&v);
}

static void a_closing_channel_may_be_released(void **state)
{
    struct script *s = *state;
    struct server v = {.holds_close = true};
    void *pages = begin_open(s, &v, 0x00040000);

    say_relid(s, 7, 1);
    say_relid(s, 13, 1);
    broke(s, VMBUS_HOST_RULE_RELEASE_GPADL);
    assert_int_equal(status_of(s).gpadls, 1);
    vmbus_host_close_answer(v.channel);
    assert_int_equal(status_of(s).gpadls, 0);
    hear_nothing(s);
    withdraw(&v);
    seam_pages_free(s->seam, pages, 4);
}

static void release_takes_gpadls_back(void **state)
{
    struct script *s = *state;
    struct server v = {.holds_gpadl = true}, w = {0};
    struct vmbus_host_gpadl mapped;
    uint64_t pfns[3];
    void *pages = seam_pages_alloc(s->seam, 3, pfns);
    struct bytes half = gpadl_header(2, 9, 27 * 4096, 0, pfns, 3);

    publish(s, &w, 5, 5, 0);
    begin_offered(s, &v, 0x00040000);
    say_gpadl(s, 1, 6, &pfns[0], 1); /* stays: of another channel */
    say_gpadl(s, 2, 7, &pfns[0], 1);
    say_gpadl(s, 2, 8, &pfns[1], 1);
    put16(&half, 16, 8 + 8 * 27);
    say(s, &half);
    assert_int_equal(vmbus_host_gpadl_map(v.channel, 7, &mapped), 0);
    forget_heard(s);
    say_relid(s, 13, 2);
    broke(s, VMBUS_HOST_RULE_RELEASE_GPADL);
    assert_int_equal(v.torn, 1);
    assert_int_equal(status_of(s).gpadls, 2);
    vmbus_host_gpadl_unmap(v.channel, 7);
    assert_int_equal(status_of(s).gpadls, 1);
    hear_nothing(s);
    withdraw(&v);
    withdraw(&w);
    seam_pages_free(s->seam, pages, 3);
}

static void releasing_an_unknown_relid_is_refused(void **state)
{
    static const uint32_t relids[] = {0, 2, 2047, 2048, 0xFFFFFFFF};
    struct script *s = *state;
    struct server v = {0};

    begin_offered(s, &v, 0x00040000);
    for (unsigned i = 0; i < 5; i++) {
        say_relid(s, 13, relids[i]);
        broke(s, VMBUS_HOST_RULE_UNKNOWN_RELID);
    }
    withdraw(&v);
}

/* The RESCIND of a relid must not reach its next owner. */
static void a_release_may_cross_the_rescind(void **state)
{
    struct script *s = *state;
    struct server v = {0}, w = {0};

    begin_offered(s, &v, 0x00040000);
    s->room = 0;
    withdraw(&v);
    assert_int_equal(status_of(s).undelivered, 1);
    say_relid(s, 13, 1);
    assert_int_equal(status_of(s).undelivered, 0);
    publish(s, &w, 1, 1, 0);
    s->room = UINT32_MAX;
    vmbus_host_pump(s->host);
    assert_int_equal(hear_offer(s), 1);
    hear_nothing(s);
    withdraw(&w);
}

/* Taken out of the middle and the end of the queue, too. */
static void release_takes_the_right_message(void **state)
{
    struct script *s = *state;
    struct server v[4] = {{0}};

    for (uint8_t i = 0; i < 4; i++)
        publish(s, &v[i], 1, i, 0);
    connect_at(s, 0x00040000);
    take_offers(s);
    s->room = 0;
    for (unsigned i = 0; i < 3; i++)
        withdraw(&v[i]);
    say_relid(s, 13, 3);
    say_relid(s, 13, 2);
    withdraw(&v[3]); /* queued behind what is left */
    s->room = UINT32_MAX;
    vmbus_host_pump(s->host);
    hear_rescind(s, 1);
    hear_rescind(s, 4);
    hear_nothing(s);
    publish(s, &v[0], 7, 7, 0);
    assert_int_equal(hear_offer(s), 2);
    withdraw(&v[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_rescinded_relid_is_free_after_its_release),
        TEST(release_of_a_closed_channel_gives_it_up),
        TEST(release_of_an_open_channel_is_refused),
        TEST(a_closing_channel_may_be_released),
        TEST(release_takes_gpadls_back),
        TEST(releasing_an_unknown_relid_is_refused),
        TEST(a_release_may_cross_the_rescind),
        TEST(release_takes_the_right_message),
    };

    return cmocka_run_group_tests_name("hosthalf.release", tests, NULL, NULL);
}
