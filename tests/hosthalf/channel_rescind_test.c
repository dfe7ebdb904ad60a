/* A server that tells of its end, and serves the channel until its guest has
 * closed it. */
#include "script.h"

/* What a guest does that has closed the channel. */
static void guest_goes(struct script *s, void *pages)
{
    say_teardown(s, 1, RING_GPADL);
    hear_torndown(s, RING_GPADL);
    say_relid(s, 13, 1);
    seam_pages_free(s->seam, pages, 4);
}

static void served_until_the_guest_closes(void **state)
{
    struct script *s = *state;
    struct server v = {0};
    void *pages = begin_open(s, &v, 0x00040000);

    vmbus_host_rescind(v.channel);
    hear_rescind(s, 1);
    assert_true(info_of(&v).open);
    assert_true(info_of(&v).rescinded);
    assert_int_equal(vmbus_host_event(s->host, info_of(&v).connection, 0), 0);
    assert_int_equal(v.signalled, 1);
    say_relid(s, 7, 1);
    assert_int_equal(v.closed, 1);
    assert_int_equal(s->seam->counts.mappings, 0);
    /* It is not opened again. */
    say_open(s, 1, 2, RING_GPADL, 0, 2);
    hear_nothing(s);
    guest_goes(s, pages);
    withdraw(&v);
    hear_nothing(s);
    broke_nothing(s);
}

static void withdrawn_before_the_guest_closes(void **state)
{
    struct script *s = *state;
    struct server v = {0};
    void *pages = begin_open(s, &v, 0x00040000);

    vmbus_host_rescind(v.channel);
    hear_rescind(s, 1);
    withdraw(&v);
    hear_nothing(s); /* no second RESCIND */
    say_relid(s, 7, 1);
    assert_int_equal(v.closed, 0);
    release_and_free(s, pages, 4);
    broke_nothing(s);
}

/* A close in two halves: the server's answer comes after the release. */
static void released_while_the_server_closes(void **state)
{
    struct script *s = *state;
    struct server v = {.holds_close = true};
    void *pages = begin_open(s, &v, 0x00040000);

    vmbus_host_rescind(v.channel);
    hear_rescind(s, 1);
    say_relid(s, 7, 1);
    say_relid(s, 7, 1); /* a second one is no breach, and told once */
    assert_int_equal(v.closed, 1);
    say_teardown(s, 1, RING_GPADL);
    hear_nothing(s);
    vmbus_host_close_answer(v.channel);
    hear_torndown(s, RING_GPADL);
    say_relid(s, 13, 1);
    broke_nothing(s);
    withdraw(&v);
    assert_int_equal(status_of(s).channels, 0);
    seam_pages_free(s->seam, pages, 4);
}

/* Linux tears down nothing of a channel that the host takes away. */
static void released_without_a_teardown(void **state)
{
    struct script *s = *state;
    struct server v = {0};
    void *pages = begin_open(s, &v, 0x00040000);

    vmbus_host_rescind(v.channel);
    hear_rescind(s, 1);
    say_relid(s, 7, 1);
    say_relid(s, 13, 1);
    broke_nothing(s);
    withdraw(&v);
    assert_int_equal(status_of(s).channels, 0);
    assert_int_equal(status_of(s).gpadls, 0);
    seam_pages_free(s->seam, pages, 4);
}

/* A guest that releases what it has not closed is told of as ever. */
static void released_without_a_close(void **state)
{
    struct script *s = *state;
    struct server v = {0};
    void *pages = begin_open(s, &v, 0x00040000);

    vmbus_host_rescind(v.channel);
    hear_rescind(s, 1);
    say_relid(s, 13, 1);
    broke(s, VMBUS_HOST_RULE_RELEASE_OPEN);
    assert_int_equal(v.closed, 0);
    say_relid(s, 7, 1);
    assert_int_equal(v.closed, 1);
    guest_goes(s, pages);
    broke_nothing(s);
    withdraw(&v);
}

/* A guest that leaves closes with all its channels, and one that comes later is
 * not offered what goes. */
static void the_guest_leaves(void **state)
{
    struct script *s = *state;
    struct server v = {0};
    void *pages = begin_open(s, &v, 0x00040000);

    vmbus_host_rescind(v.channel);
    hear_rescind(s, 1);
    say_header(s, 16);
    hear_type(s, 17, 8);
    assert_int_equal(v.closed, 1);
    seam_pages_free(s->seam, pages, 4);
    connect_at(s, 0x00040000);
    say_header(s, 3);
    hear_type(s, 4, 8); /* no offer before it */
    withdraw(&v);
    hear_nothing(s);
    broke_nothing(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(served_until_the_guest_closes),
        TEST(withdrawn_before_the_guest_closes),
        TEST(released_while_the_server_closes),
        TEST(released_without_a_teardown),
        TEST(released_without_a_close),
        TEST(the_guest_leaves),
    };

    return cmocka_run_group_tests_name("hosthalf.channel_rescind", tests, NULL,
                                       NULL);
}
