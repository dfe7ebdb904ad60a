/* Closing channels, and withdrawing them at each state. */
#include "script.h"

static void an_open_during_a_close_waits_for_the_server(void **state)
{
    struct script *s = *state;
    struct server v = {.holds_close = true};
    void *pages = begin_open(s, &v, 0x00040000);
    struct bytes b = open_message(1, 2, RING_GPADL, 0, 2);

    say_relid(s, 7, 1);
    say(s, &b);
    hear_nothing(s);
    broke_nothing(s);
    /* One open can wait, and a channel that is closing is not closed again. */
    say(s, &b);
    broke(s, VMBUS_HOST_RULE_OPEN_STATE);
    say_relid(s, 7, 1);
    broke(s, VMBUS_HOST_RULE_CLOSE_STATE);
    vmbus_host_close_answer(v.channel);
    hear_result(s, 1, 2, 0);
    hear_nothing(s);
    v.holds_close = false;
    close_and_free(s, pages, 4);
    withdraw(&v);
}

/* Its rings went while it waited: the guest learns that it failed. */
static void an_open_that_waits_is_checked_when_it_goes_on(void **state)
{
    struct script *s = *state;
    struct server v = {.holds_close = true};
    void *pages = begin_open(s, &v, 0x00040000);

    say_relid(s, 7, 1);
    say_open(s, 1, 2, RING_GPADL, 0, 2);
    say_teardown(s, 1, RING_GPADL);
    vmbus_host_close_answer(v.channel);
    hear_torndown(s, RING_GPADL);
    broke(s, VMBUS_HOST_RULE_OPEN_RING);
    hear_result(s, 1, 2, FAILED_PARAMETER);
    seam_pages_free(s->seam, pages, 4);
    withdraw(&v);
}

/* A new contact, a release and a withdrawal each end the waiting open. */
static void an_open_that_waits_ends_with_its_connection(void **state)
{
    struct script *s = *state;
    struct server v = {.holds_close = true};
    void *pages = begin_open(s, &v, 0x00040000);

    say_relid(s, 7, 1);
    say_open(s, 1, 2, RING_GPADL, 0, 2);
    say_header(s, 16);
    hear_nothing(s);
    vmbus_host_close_answer(v.channel);
    hear_type(s, 17, 8);
    hear_nothing(s);
    broke_nothing(s);
    seam_pages_free(s->seam, pages, 4);
    withdraw(&v);
}

static void closing_a_closed_channel_is_refused(void **state)
{
    struct script *s = *state;
    struct server v = {.holds_open = true};
    void *pages = begin_open(s, &v, 0x00040000);

    say_relid(s, 7, 1); /* not yet open */
    broke(s, VMBUS_HOST_RULE_CLOSE_STATE);
    vmbus_host_open_answer(v.channel, 0);
    hear_result(s, 1, 0x77, 0);
    close_and_free(s, pages, 4);
    say_relid(s, 7, 1);
    broke(s, VMBUS_HOST_RULE_CLOSE_STATE);
    assert_int_equal(v.closed, 1);
    withdraw(&v);
}

static void close_holds_the_ring_gpadl(void **state)
{
    struct script *s = *state;
    struct server v = {.holds_close = true};
    void *pages = begin_closing(s, &v, 0x00040000);

    broke_nothing(s);
    assert_int_equal(s->seam->counts.mappings, 2);
    vmbus_host_close_answer(v.channel);
    hear_torndown(s, RING_GPADL);
    assert_int_equal(s->seam->counts.mappings, 0);
    withdraw(&v);
    seam_pages_free(s->seam, pages, 4);
}

static void a_ring_gpadl_is_kept_until_the_close(void **state)
{
    struct script *s = *state;
    struct server v = {0};
    void *pages = begin_open(s, &v, 0x00040000);

    say_teardown(s, 1, RING_GPADL);
    broke(s, VMBUS_HOST_RULE_TEARDOWN_RING);
    hear_nothing(s);
    say_relid(s, 7, 1);
    hear_torndown(s, RING_GPADL);
    withdraw(&v);
    seam_pages_free(s->seam, pages, 4);
}

static void a_channel_can_be_reopened_many_times(void **state)
{
    struct script *s = *state;
    struct server v = {0};
    void *pages = begin_open(s, &v, 0x00040000);
    struct bytes b = open_message(1, 0, RING_GPADL, 0, 2);

    for (uint32_t i = 0; i < 1000; i++) {
        say_relid(s, 7, 1);
        put32(&b, 12, i);
        say(s, &b);
        hear_result(s, 1, i, 0);
    }
    assert_int_equal(v.opened, 1001);
    assert_int_equal(v.closed, 1000);
    assert_int_equal(s->seam->counts.mappings, 2);
    close_and_free(s, pages, 4);
    withdraw(&v);
}

/* Opens sub-channel `relid` with its own ring GPADL, handle == relid. */
static void *open_other(struct script *s, uint32_t relid)
{
    void *pages;

    pages = share_rings(s, relid, relid);
    say_open(s, relid, relid, relid, 0, 2);
    hear_result(s, relid, relid, 0);
    return pages;
}

static void closing_a_primary_before_its_subchannels_is_counted(void **state)
{
    struct script *s = *state;
    struct server v[4] = {{0}};
    void *pages[4];

    publish(s, &v[0], 1, 1, 0);
    connect_at(s, 0x00040000);
    take_offers(s);
    pages[0] = open_other(s, 1);
    publish(s, &v[1], 1, 1, 1);
    publish(s, &v[2], 1, 1, 2);
    publish(s, &v[3], 2, 1, 1); /* of another device */
    for (uint32_t relid = 2; relid <= 4; relid++) {
        const struct bytes b = hear_type(s, 1, 196);

        assert_int_equal(get16(&b, 180), relid == 4 ? 1 : relid - 1);
    }
    for (uint32_t relid = 2; relid <= 4; relid++)
        pages[relid - 1] = open_other(s, relid);
    say_relid(s, 7, 2);
    broke_nothing(s);
    say_relid(s, 7, 1);
    broke(s, VMBUS_HOST_RULE_CLOSE_ORDER);
    assert_int_equal(v[0].closed, 1); /* closed all the same */
    say_relid(s, 7, 3);
    say_relid(s, 7, 4);
    broke_nothing(s);
    /* What is left open may be of another device. */
    for (unsigned i = 4; i-- > 0;) {
        withdraw(&v[i]);
        seam_pages_free(s->seam, pages[i], 4);
    }
}

static void a_channel_may_be_withdrawn_while_open(void **state)
{
    struct script *s = *state;
    struct server v = {0};
    void *pages = begin_open(s, &v, 0x00040000);

    withdraw(&v);
    hear_type(s, 2, 12);
    assert_int_equal(v.closed, 0); /* the server knows already */
    assert_int_equal(s->seam->counts.mappings, 0);
    /* What crosses the RESCIND is no breach and gets no answer ... */
    say_relid(s, 7, 1);
    say_open(s, 1, 2, RING_GPADL, 0, 2);
    hear_nothing(s);
    say_modify(s, 1, 0);
    broke(s, VMBUS_HOST_RULE_NOT_NEGOTIATED); /* 4.0 has no such message */
    /* ... but a teardown is answered at once. */
    release_and_free(s, pages, 4);
    broke_nothing(s);
}

static void a_channel_may_be_withdrawn_while_opening(void **state)
{
    struct script *s = *state;
    struct server v = {.holds_open = true};
    void *pages = begin_open(s, &v, 0x00050003);

    withdraw(&v);
    hear_type(s, 2, 12);
    hear_nothing(s);
    /* The guest waits for the answer before it releases the relid. */
    say_modify(s, 1, 0);
    hear_type(s, 24, 16);
    say_relid(s, 13, 1); /* without a teardown: rescinded, so legal */
    broke_nothing(s);
    assert_int_equal(status_of(s).gpadls, 0);
    seam_pages_free(s->seam, pages, 4);
}

static void a_channel_may_be_withdrawn_while_closing(void **state)
{
    struct script *s = *state;
    struct server v = {.holds_close = true};
    void *pages = begin_closing(s, &v, 0x00040000);

    withdraw(&v);
    hear_torndown(s, RING_GPADL);
    hear_type(s, 2, 12);
    say_relid(s, 13, 1);
    seam_pages_free(s->seam, pages, 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_open_during_a_close_waits_for_the_server),
        TEST(an_open_that_waits_is_checked_when_it_goes_on),
        TEST(an_open_that_waits_ends_with_its_connection),
        TEST(closing_a_closed_channel_is_refused),
        TEST(close_holds_the_ring_gpadl),
        TEST(a_ring_gpadl_is_kept_until_the_close),
        TEST(a_channel_can_be_reopened_many_times),
        TEST(closing_a_primary_before_its_subchannels_is_counted),
        TEST(a_channel_may_be_withdrawn_while_open),
        TEST(a_channel_may_be_withdrawn_while_opening),
        TEST(a_channel_may_be_withdrawn_while_closing),
    };

    return cmocka_run_group_tests_name("hosthalf.channel_close", tests, NULL,
                                       NULL);
}
