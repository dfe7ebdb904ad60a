/* SPDX-License-Identifier: BSD-2-Clause */
/* UNLOAD from a crash: no lock, no interrupt, no thread. */
#include "fixture.h"

struct slot {
    struct fixture *f;
    uint32_t polls;
    uint32_t answer_at;
};

/* First rubbish, then the answer. */
static uint32_t poll_slot(void *arg, uint8_t payload[240])
{
    struct slot *slot = arg;

    slot->f->s->now += SEAM_MS;
    memset(payload, 0, 240);
    if (++slot->polls == slot->answer_at) {
        payload[0] = 17;
        return 8;
    }
    payload[0] = 1;
    return slot->polls % 2 ? 0 : slot->polls % 4 ? 196 : 4;
}

static int crash(struct slot *slot)
{
    return vmbus_bus_crash_unload(slot->f->bus, SEAM_S, poll_slot, slot);
}

/* The test's process ends here, as the machine would. */
static void abandon(struct fixture *f)
{
    hosted_abandon(f->s);
    f->bus = NULL;
}

static void a_crash_unload_posts_unload_and_polls_for_the_response(void **state)
{
    struct fixture *f = *state;
    struct slot slot = {f, 0, 9};

    fixture_open(f);
    /* The crash came with the bus's lock held. */
    f->p->rules[16].answer = PEER_SILENT;
    assert_int_equal(crash(&slot), 0);
    assert_int_equal(slot.polls, 9);
    assert_int_equal(f->p->seen[16], 1);
    /* Nothing works any more, and nothing hurts. */
    peer_send_hex(f->p, "02 00 00 00 00 00 00 00 05 00 00 00");
    hosted_run(f->s);
    peer_event(f->p, 1, 5);
    assert_false(vmbus_channel_rescinded(f->c));
    assert_int_equal(crash(&slot), -ENOTCONN);
    abandon(f);
}

static void a_crash_unload_that_is_not_answered_ends_at_its_limit(void **state)
{
    struct fixture *f = *state;
    struct slot slot = {f, 0, 0};

    fixture_connect(f);
    assert_int_equal(crash(&slot), -ETIMEDOUT);
    assert_true(slot.polls >= 999);
    abandon(f);
}

static void a_crash_unload_of_a_disconnected_bus_does_nothing(void **state)
{
    struct fixture *f = *state;
    struct slot slot = {f, 0, 0};

    fixture_bus(f);
    assert_int_equal(crash(&slot), -ENOTCONN);
    assert_int_equal(slot.polls, 0);
}

static void
a_crash_unload_that_cannot_be_posted_returns_the_status(void **state)
{
    struct fixture *f = *state;
    struct slot slot = {f, 0, 0};

    fixture_connect(f);
    peer_post_fails(f->p, -EIO, 1);
    assert_int_equal(crash(&slot), -EIO);
    abandon(f);
}

/* Each try takes time here, as the hypercall does. */
static int busy_post(void *arg, uint32_t connection, uint32_t type,
                     const void *payload, uint32_t size)
{
    struct peer *p = arg;

    (void)connection;
    (void)type;
    (void)payload;
    (void)size;
    p->s->now += SEAM_MS;
    return -EAGAIN;
}

static void a_crash_unload_is_posted_again_while_the_host_is_busy(void **state)
{
    struct fixture *f = *state;
    struct slot slot = {f, 0, 0};

    fixture_connect(f);
    f->s->post = busy_post;
    assert_int_equal(crash(&slot), -ETIMEDOUT);
    assert_int_equal(slot.polls, 0);
    abandon(f);
}

static void
a_crash_unload_is_posted_again_while_the_connection_is_unknown(void **state)
{
    struct fixture *f = *state;
    struct slot slot = {f, 0, 1};

    fixture_connect(f);
    peer_post_fails(f->p, -ENOENT, 3);
    assert_int_equal(crash(&slot), 0);
    abandon(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_crash_unload_posts_unload_and_polls_for_the_response),
        TEST(a_crash_unload_that_is_not_answered_ends_at_its_limit),
        TEST(a_crash_unload_of_a_disconnected_bus_does_nothing),
        TEST(a_crash_unload_that_cannot_be_posted_returns_the_status),
        TEST(a_crash_unload_is_posted_again_while_the_host_is_busy),
        TEST(a_crash_unload_is_posted_again_while_the_connection_is_unknown),
    };

    return cmocka_run_group_tests_name(
        "a_crash_unload_posts_unload_and_polls_for_the_response", tests, NULL,
        NULL);
}
