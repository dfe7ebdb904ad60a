/* SPDX-License-Identifier: BSD-2-Clause */
/* GPADLs that the host refuses, forgets, answers late or out of turn. */
#include "fixture.h"
#include "gpadl_pages.h"

static void refused_by_the_host(void **state)
{
    struct fixture *f = *state;
    uint32_t handle = 7;

    fixture_channel(f);
    peer_refuse(f->p, 8, 0x8000FFFF);
    gpadl_start(f, 30, &handle);
    hosted_run(f->s);
    assert_int_equal(f->outcome.status, -EIO);
    assert_int_equal(f->outcome.host_status, 0x8000FFFF);
    assert_int_equal(vmbus_channel_host_status(f->c), 0x8000FFFF);
    assert_int_equal(handle, 7);
    assert_int_equal(f->p->seen[11], 0);
}

/* No answer: the undo is TEARDOWN, and its answer gives the pages back. */
static void no_answer_is_undone(void **state)
{
    struct fixture *f = *state;
    uint64_t now;
    uint32_t handle = 7;

    fixture_channel(f);
    now = f->s->now;
    f->p->rules[8].answer = PEER_SILENT;
    assert_int_equal(gpadl_create(f, 3, &handle), -ETIMEDOUT);
    assert_true(f->s->now - now >= 10 * SEAM_S &&
                f->s->now - now < 11 * SEAM_S);
    assert_int_equal(handle, 7);
    assert_int_equal(f->p->seen[11], 1);
    assert_int_equal(vmbus_bus_stats(f->bus)->pages_leaked, 0);
}

static void no_answer_to_the_undo_either(void **state)
{
    struct fixture *f = *state;
    uint32_t handle;

    fixture_channel(f);
    f->p->rules[8].answer = PEER_SILENT;
    f->p->rules[11].answer = PEER_SILENT;
    assert_int_equal(gpadl_create(f, 3, &handle), -ESTALE);
    assert_int_equal(vmbus_bus_stats(f->bus)->pages_leaked, 3);
    assert_true(hosted_logged(f->s, "3 pages of a GPADL are leaked"));
}

/* CREATED comes while its undo is under way: once more, in the right order. */
static void late_created_is_torn_down_again(void **state)
{
    struct fixture *f = *state;
    uint32_t handle;

    fixture_channel(f);
    f->p->rules[8].delay = 11 * SEAM_S;
    f->p->rules[11].answer = PEER_SILENT;
    f->p->rules[11].only_at = 0;
    gpadl_start(f, 3, &handle);
    hosted_advance(f->s, 10 * SEAM_S + 1);
    assert_int_equal(f->p->seen[11], 1);
    hosted_advance(f->s, SEAM_S);
    assert_int_equal(f->p->seen[11], 2);
    peer_send_dwords(f->p, 12, 1, 0xE1E10);
    hosted_run(f->s);
    assert_int_equal(f->outcome.status, -ETIMEDOUT);
    assert_int_equal(f->outcome.calls, 1);
}

/* ... or says that there is nothing to tear down. */
static void late_refusal_ends_the_undo(void **state)
{
    struct fixture *f = *state;
    uint32_t handle;

    fixture_channel(f);
    peer_refuse(f->p, 8, 1);
    f->p->rules[8].delay = 11 * SEAM_S;
    f->p->rules[11].answer = PEER_SILENT;
    gpadl_start(f, 3, &handle);
    hosted_advance(f->s, 12 * SEAM_S);
    assert_int_equal(f->outcome.status, -ETIMEDOUT);
    assert_int_equal(vmbus_bus_stats(f->bus)->pages_leaked, 0);
}

/* The undo's TEARDOWN still waits when CREATED comes: one is enough. */
static void late_created_before_the_undo_went_out(void **state)
{
    struct fixture *f = *state;
    uint32_t handle;

    fixture_channel(f);
    f->p->rules[8].delay = 10 * SEAM_S + 10 * SEAM_MS;
    gpadl_start(f, 1, &handle);
    peer_post_fails(f->p, -EAGAIN, 12);
    hosted_advance(f->s, 30 * SEAM_S);
    assert_int_equal(f->outcome.status, -ETIMEDOUT);
    assert_int_equal(f->p->seen[11], 1);
}

static void created_twice(void **state)
{
    struct fixture *f = *state;
    uint32_t handle;

    fixture_channel(f);
    f->p->rules[8].answer = PEER_TWICE;
    assert_int_equal(gpadl_create(f, 3, &handle), 0);
    hosted_run(f->s);
    assert_int_equal(fixture_refused(f), 1);
    assert_int_equal(vmbus_gpadl_teardown(f->c, handle), 0);
}

static void answers_to_nothing(void **state)
{
    struct fixture *f = *state;
    uint32_t handle = gpadl_of_three(f);

    peer_send_dwords(f->p, 10, 3, 5, 0x777, 0);  /* unknown handle */
    peer_send_dwords(f->p, 10, 3, 6, handle, 0); /* of another channel */
    peer_send_dwords(f->p, 12, 1, 0x777);        /* unknown handle */
    peer_send_dwords(f->p, 12, 1, handle);       /* not asked for */
    hosted_run(f->s);
    assert_int_equal(fixture_refused(f), 4);
    assert_int_equal(vmbus_gpadl_teardown(f->c, handle), 0);
}

/* The handle is right, the channel is another's. */
static void created_of_another_channel(void **state)
{
    struct fixture *f = *state;
    uint32_t handle;

    fixture_channel(f);
    f->p->rules[8].delay = SEAM_S;
    gpadl_start(f, 3, &handle);
    peer_send_dwords(f->p, 10, 3, 6, 0xE1E10, 0);
    hosted_run(f->s);
    assert_int_equal(f->outcome.calls, 0);
    assert_int_equal(fixture_refused(f), 1);
    hosted_advance(f->s, 2 * SEAM_S);
    assert_int_equal(f->outcome.status, 0);
    vmbus_gpadl_teardown(f->c, handle);
}

/* CREATED before the last body has gone out is no answer. */
static void created_before_the_last_body(void **state)
{
    struct fixture *f = *state;
    uint32_t handle;

    fixture_channel(f);
    f->p->post_after = 2;
    peer_post_fails(f->p, -EAGAIN, 3);
    gpadl_start(f, 100, &handle);
    peer_send_dwords(f->p, 10, 3, 5, 0xE1E10, 0);
    hosted_run(f->s);
    assert_int_equal(f->outcome.calls, 0);
    assert_int_equal(fixture_refused(f), 1);
    hosted_advance(f->s, SEAM_S);
    assert_int_equal(fixture_refused(f), 1);
    assert_int_equal(f->outcome.status, 0);
    vmbus_gpadl_teardown(f->c, handle);
}

static void rescind_while_it_is_made(void **state)
{
    struct fixture *f = *state;
    uint32_t handle = 7;

    fixture_channel(f);
    f->p->rules[8].answer = PEER_RESCIND;
    assert_int_equal(gpadl_create(f, 3, &handle), -ENODEV);
    assert_int_equal(handle, 7);
    assert_int_equal(gpadl_create(f, 3, &handle), -ENODEV);
    assert_int_equal(f->p->seen[8], 1);
}

static void rescind_just_before_the_answer(void **state)
{
    struct fixture *f = *state;
    uint32_t handle;

    fixture_channel(f);
    f->p->rules[8].answer = PEER_RESCIND_FIRST;
    assert_int_equal(gpadl_create(f, 3, &handle), -ENODEV);
    hosted_run(f->s);
    assert_int_equal(fixture_refused(f), 1);
}

static void header_that_cannot_be_posted(void **state)
{
    struct fixture *f = *state;
    uint32_t handle;

    fixture_channel(f);
    peer_post_fails(f->p, -EIO, 1);
    assert_int_equal(gpadl_create(f, 100, &handle), -EIO);
    assert_int_equal(f->p->seen[11], 0);
}

/* Half of it is with the host: it must be torn down. */
static void body_that_cannot_be_posted(void **state)
{
    struct fixture *f = *state;
    uint32_t handle;

    fixture_channel(f);
    peer_post_fails(f->p, -EIO, 1);
    f->p->post_after = 2;
    assert_int_equal(gpadl_create(f, 100, &handle), -EIO);
    assert_int_equal(f->p->seen[11], 1);
}

static void unload_while_it_is_made(void **state)
{
    struct fixture *f = *state;
    uint32_t handle;

    fixture_channel(f);
    f->p->rules[8].answer = PEER_SILENT;
    gpadl_start(f, 3, &handle);
    assert_int_equal(vmbus_bus_unload(f->bus), 0);
    assert_int_equal(f->outcome.status, -ECANCELED);
    assert_int_equal(gpadl_create(f, 1, &handle), -ENOTCONN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(refused_by_the_host),
        TEST(no_answer_is_undone),
        TEST(no_answer_to_the_undo_either),
        TEST(late_created_is_torn_down_again),
        TEST(late_refusal_ends_the_undo),
        TEST(late_created_before_the_undo_went_out),
        TEST(created_twice),
        TEST(answers_to_nothing),
        TEST(created_of_another_channel),
        TEST(created_before_the_last_body),
        TEST(rescind_while_it_is_made),
        TEST(rescind_just_before_the_answer),
        TEST(header_that_cannot_be_posted),
        TEST(body_that_cannot_be_posted),
        TEST(unload_while_it_is_made),
    };

    return cmocka_run_group_tests_name("gpadl_fails", tests, NULL, NULL);
}
