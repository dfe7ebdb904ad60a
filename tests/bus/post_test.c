/* SPDX-License-Identifier: BSD-2-Clause */
/* A host that takes no messages: tried again, in order, not for ever. */
#include "fixture.h"

#include "vmbus/guest/channel/channel.h" /* where the rings' pages are */

static void
messages_that_meet_a_full_queue_are_posted_again_in_order(void **state)
{
    struct fixture *f = *state;
    uint64_t start;

    fixture_channel(f);
    start = f->s->now;
    peer_post_fails(f->p, -EAGAIN, 8);
    f->p->post_after = 3;
    f->open.tx_pages = 100;
    assert_int_equal(vmbus_channel_open(f->c, &f->open), 0);
    /* 100 us, doubling: 25.5 ms for eight misses */
    assert_true(f->s->now - start >= 255 * SEAM_MS / 10);
    assert_true(f->s->now - start < 26 * SEAM_MS);
    assert_int_equal(vmbus_bus_stats(f->bus)->post_retries, 8);
    /* In order: the frames are those of the rings. */
    for (uint32_t i = 0; i < 101; i++)
        assert_int_equal(
            peer_gpadl(f->p, 0xE1E10)->pfns[i],
            seam_pfn(f->s, (uint8_t *)f->c->rings.pages + 4096 * (size_t)i));
    assert_int_equal(peer_gpadl(f->p, 0xE1E10)->got, 104);
}

/* Windows throttles with 'invalid connection id'. */
static void a_message_to_an_unknown_connection_is_posted_again(void **state)
{
    struct fixture *f = *state;

    fixture_channel(f);
    peer_post_fails(f->p, -ENOENT, 5);
    assert_int_equal(vmbus_channel_open(f->c, &f->open), 0);
}

static void the_back_off_of_a_message_grows_to_two_seconds(void **state)
{
    struct fixture *f = *state;

    f->config.request_timeout = 1000 * SEAM_S;
    f->config.post_timeout = 1000 * SEAM_S;
    fixture_open(f);
    peer_post_fails(f->p, -EAGAIN, 30);
    assert_int_equal(vmbus_channel_set_cpu(f->c, 0), 0);
    /* 0.1 ms .. 1.6384 s, then 2 s each: 3.3 + 15 * 2 */
    assert_int_equal(vmbus_bus_stats(f->bus)->post_retries, 30);
}

/* Messages of several channels behind one that cannot go out stay in order. */
static void messages_wait_while_the_first_one_backs_off(void **state)
{
    struct fixture *f = *state;
    struct outcome second = {0};
    static const struct vmbus_guid g = {{1}};

    fixture_open(f);
    peer_post_fails(f->p, -EAGAIN, 4);
    vmbus_channel_set_cpu_start(f->c, 0, outcome_done, &f->outcome);
    vmbus_tl_connect_start(f->bus, &g, &g, NULL, outcome_done, &second);
    assert_int_equal(vmbus_bus_stats(f->bus)->post_retries, 1);
    hosted_advance(f->s, SEAM_S);
    assert_int_equal(f->outcome.status, 0);
    assert_int_equal(second.status, 0);
    assert_true(peer_position(f->p, 22, 0) < peer_position(f->p, 21, 0));
}

static void a_message_that_the_host_never_takes_fails_in_the_end(void **state)
{
    struct fixture *f = *state;

    f->config.post_timeout = 3 * SEAM_S;
    fixture_open(f);
    peer_post_fails(f->p, -EAGAIN, 1000000);
    assert_int_equal(vmbus_channel_set_cpu(f->c, 0), -ETIMEDOUT);
    assert_int_equal(vmbus_bus_stats(f->bus)->posts_failed, 1);
    assert_true(hosted_logged(f->s, "posting MODIFYCHANNEL failed"));
    f->p->post_misses = 0;
    assert_int_equal(vmbus_channel_set_cpu(f->c, 0), 0);
}

/* Behind one that is given up after post_timeout, the request's own deadline
 * comes first: taken out of the queue. */
static void a_request_may_time_out_before_its_message_was_posted(void **state)
{
    struct fixture *f = *state;
    struct outcome first = {0};
    static const struct vmbus_guid g = {{1}};

    fixture_open(f);
    peer_post_fails(f->p, -EAGAIN, 1000000);
    vmbus_tl_connect_start(f->bus, &g, &g, NULL, outcome_done, &first);
    vmbus_channel_set_cpu_start(f->c, 0, outcome_done, &f->outcome);
    hosted_advance(f->s, 172 * SEAM_S);
    assert_int_equal(first.status, -ETIMEDOUT);
    assert_int_equal(f->outcome.calls, 0);
    hosted_advance(f->s, 60 * SEAM_S);
    assert_int_equal(f->outcome.status, -ETIMEDOUT);
    f->p->post_misses = 0;
    hosted_advance(f->s, 10 * SEAM_S);
    assert_int_equal(f->p->seen[22], 0);
    assert_int_equal(vmbus_channel_set_cpu(f->c, 0), 0);
}

/* Each kind of request: 21 s until the host takes it, 59 s for the answer. */
static void
the_time_for_an_answer_begins_when_the_message_is_posted(void **state)
{
    struct fixture *f = *state;
    static const struct vmbus_guid g = {{1}};
    const uint32_t types[] = {8, 5, 22, 21, 11, 16};

    fixture_channel(f);
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
        f->p->rules[types[i]].delay = 59 * SEAM_S;
    f->p->rules[16].delay = 99 * SEAM_S;
    peer_post_fails(f->p, -EAGAIN, 24);
    assert_int_equal(vmbus_channel_open(f->c, &f->open), 0);
    peer_post_fails(f->p, -EAGAIN, 24);
    assert_int_equal(vmbus_channel_set_cpu(f->c, 0), 0);
    peer_post_fails(f->p, -EAGAIN, 24);
    assert_int_equal(vmbus_tl_connect(f->bus, &g, &g, NULL), 0);
    peer_post_fails(f->p, -EAGAIN, 24);
    f->p->post_after = 1; /* CLOSECHANNEL has no answer */
    assert_int_equal(vmbus_channel_close(f->c), 0);
    vmbus_channel_unclaim(f->c);
    f->c = NULL;
    peer_post_fails(f->p, -EAGAIN, 24);
    assert_int_equal(vmbus_bus_unload(f->bus), 0);
    assert_int_equal(vmbus_bus_stats(f->bus)->timeouts, 0);
}

/* OPENCHANNEL alone: the GPADL's message went out at once. */
static void
the_time_for_an_open_begins_when_its_own_message_is_posted(void **state)
{
    struct fixture *f = *state;

    fixture_channel(f);
    f->p->rules[5].delay = 59 * SEAM_S;
    peer_post_fails(f->p, -EAGAIN, 24);
    f->p->post_after = 1;
    assert_int_equal(vmbus_channel_open(f->c, &f->open), 0);
}

/* Open whose first message never went out: nothing to undo. */
static void
an_open_may_time_out_before_any_of_its_messages_was_posted(void **state)
{
    struct fixture *f = *state;

    fixture_channel(f);
    peer_post_fails(f->p, -EAGAIN, 1000000);
    assert_int_equal(vmbus_channel_open(f->c, &f->open), -ETIMEDOUT);
    f->p->post_misses = 0;
    hosted_advance(f->s, 10 * SEAM_S);
    assert_int_equal(f->p->seen[8], 0);
    assert_int_equal(f->p->seen[11], 0);
    assert_int_equal(f->s->counts.pages, 3);
}

/* OPENCHANNEL itself cannot go out: the GPADL is torn down, no CLOSE. */
static void an_open_whose_message_cannot_be_posted_is_undone(void **state)
{
    struct fixture *f = *state;

    fixture_channel(f);
    peer_post_fails(f->p, -EIO, 1);
    f->p->post_after = 1;
    assert_int_equal(vmbus_channel_open(f->c, &f->open), -EIO);
    assert_int_equal(f->p->seen[7], 0);
    assert_int_equal(f->p->seen[11], 1);
    assert_int_equal(f->s->counts.pages, 3);
}

static void
a_close_whose_messages_cannot_be_posted_leaks_the_rings(void **state)
{
    struct fixture *f = *state;

    fixture_open(f);
    peer_post_fails(f->p, -EIO, 1);
    assert_int_equal(vmbus_channel_close(f->c), 0);
    assert_int_equal(f->p->seen[11], 1);
}

static void a_release_that_cannot_be_posted_frees_the_channel(void **state)
{
    struct fixture *f = *state;

    peer_offer(f->p, 5, 0x55, 0);
    fixture_connect(f);
    peer_post_fails(f->p, -EIO, 1);
    peer_rescind(f->p, 5);
    hosted_run(f->s);
    assert_null(vmbus_bus_next(f->bus, NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(messages_that_meet_a_full_queue_are_posted_again_in_order),
        TEST(a_message_to_an_unknown_connection_is_posted_again),
        TEST(the_back_off_of_a_message_grows_to_two_seconds),
        TEST(messages_wait_while_the_first_one_backs_off),
        TEST(a_message_that_the_host_never_takes_fails_in_the_end),
        TEST(a_request_may_time_out_before_its_message_was_posted),
        TEST(the_time_for_an_answer_begins_when_the_message_is_posted),
        TEST(the_time_for_an_open_begins_when_its_own_message_is_posted),
        TEST(an_open_may_time_out_before_any_of_its_messages_was_posted),
        TEST(an_open_whose_message_cannot_be_posted_is_undone),
        TEST(a_close_whose_messages_cannot_be_posted_leaks_the_rings),
        TEST(a_release_that_cannot_be_posted_frees_the_channel),
    };

    return cmocka_run_group_tests_name("post", tests, NULL, NULL);
}
