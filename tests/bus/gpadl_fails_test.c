/* SPDX-License-Identifier: BSD-2-Clause */
/* GPADLs that the host refuses, forgets, answers late or out of turn. */
#include "fixture.h"
#include "gpadl_pages.h"

static void a_gpadl_that_the_host_refuses_returns_its_status(void **state)
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
static void a_gpadl_without_an_answer_is_torn_down(void **state)
{
    struct fixture *f = *state;
    uint64_t now;
    uint32_t handle = 7;

    fixture_channel(f);
    now = f->s->now;
    f->p->rules[8].answer = PEER_SILENT;
    assert_int_equal(gpadl_create(f, 3, &handle), -ETIMEDOUT);
    assert_true(f->s->now - now >= 60 * SEAM_S &&
                f->s->now - now < 61 * SEAM_S);
    assert_int_equal(handle, 7);
    assert_int_equal(f->p->seen[11], 1);
    assert_int_equal(vmbus_bus_stats(f->bus)->pages_leaked, 0);
}

static void a_gpadl_whose_undo_is_not_answered_leaks_its_pages(void **state)
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
static void a_late_gpadl_created_is_torn_down_again(void **state)
{
    struct fixture *f = *state;
    uint32_t handle;

    fixture_channel(f);
    f->p->rules[8].delay = 61 * SEAM_S;
    f->p->rules[11].answer = PEER_SILENT;
    f->p->rules[11].only_at = 0;
    gpadl_start(f, 3, &handle);
    hosted_advance(f->s, 60 * SEAM_S + 1);
    assert_int_equal(f->p->seen[11], 1);
    hosted_advance(f->s, SEAM_S);
    assert_int_equal(f->p->seen[11], 2);
    peer_send_dwords(f->p, 12, 1, 0xE1E10);
    hosted_run(f->s);
    assert_int_equal(f->outcome.status, -ETIMEDOUT);
    assert_int_equal(f->outcome.calls, 1);
}

/* ... or says that there is nothing to tear down. */
static void a_late_refusal_of_a_gpadl_ends_its_undo(void **state)
{
    struct fixture *f = *state;
    uint32_t handle;

    fixture_channel(f);
    peer_refuse(f->p, 8, 1);
    f->p->rules[8].delay = 61 * SEAM_S;
    f->p->rules[11].answer = PEER_SILENT;
    gpadl_start(f, 3, &handle);
    hosted_advance(f->s, 62 * SEAM_S);
    assert_int_equal(f->outcome.status, -ETIMEDOUT);
    assert_int_equal(vmbus_bus_stats(f->bus)->pages_leaked, 0);
}

/* The undo's TEARDOWN still waits when CREATED comes: one is enough. */
static void
a_late_gpadl_created_before_the_undo_was_posted_is_torn_down_once(void **state)
{
    struct fixture *f = *state;
    uint32_t handle;

    fixture_channel(f);
    f->p->rules[8].delay = 60 * SEAM_S + 10 * SEAM_MS;
    gpadl_start(f, 1, &handle);
    peer_post_fails(f->p, -EAGAIN, 12);
    hosted_advance(f->s, 80 * SEAM_S);
    assert_int_equal(f->outcome.status, -ETIMEDOUT);
    assert_int_equal(f->p->seen[11], 1);
}

static void a_second_gpadl_created_is_refused(void **state)
{
    struct fixture *f = *state;
    uint32_t handle;

    fixture_channel(f);
    f->p->rules[8].answer = PEER_TWICE;
    assert_int_equal(gpadl_create(f, 3, &handle), 0);
    hosted_run(f->s);
    assert_int_equal(fixture_refused(f), 1);
    assert_int_equal(f->p->seen[11], 0); /* and tears nothing down */
    assert_int_equal(vmbus_gpadl_teardown(f->c, handle), 0);
}

static void answers_about_unknown_gpadls_are_refused(void **state)
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
static void
a_gpadl_created_with_the_relid_of_another_channel_is_refused(void **state)
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
static void
a_gpadl_created_before_the_last_body_was_posted_is_refused(void **state)
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

static void a_rescind_ends_a_gpadl_that_is_being_made(void **state)
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

static void a_rescind_just_before_gpadl_created_ends_the_gpadl(void **state)
{
    struct fixture *f = *state;
    uint32_t handle;

    fixture_channel(f);
    f->p->rules[8].answer = PEER_RESCIND_FIRST;
    assert_int_equal(gpadl_create(f, 3, &handle), -ENODEV);
    hosted_run(f->s);
    assert_int_equal(fixture_refused(f), 0); /* the two crossed */
    assert_int_equal(vmbus_bus_stats(f->bus)->answers_late, 1);
}

static void a_gpadl_whose_header_cannot_be_posted_fails(void **state)
{
    struct fixture *f = *state;
    uint32_t handle;

    fixture_channel(f);
    peer_post_fails(f->p, -EIO, 1);
    assert_int_equal(gpadl_create(f, 100, &handle), -EIO);
    assert_int_equal(f->p->seen[11], 0);
}

/* Half of it is with the host: it must be torn down. */
static void a_gpadl_whose_body_cannot_be_posted_is_torn_down(void **state)
{
    struct fixture *f = *state;
    uint32_t handle;

    fixture_channel(f);
    peer_post_fails(f->p, -EIO, 1);
    f->p->post_after = 2;
    assert_int_equal(gpadl_create(f, 100, &handle), -EIO);
    assert_int_equal(f->p->seen[11], 1);
}

static void an_unload_ends_a_gpadl_that_is_being_made(void **state)
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
        TEST(a_gpadl_that_the_host_refuses_returns_its_status),
        TEST(a_gpadl_without_an_answer_is_torn_down),
        TEST(a_gpadl_whose_undo_is_not_answered_leaks_its_pages),
        TEST(a_late_gpadl_created_is_torn_down_again),
        TEST(a_late_refusal_of_a_gpadl_ends_its_undo),
        TEST(a_late_gpadl_created_before_the_undo_was_posted_is_torn_down_once),
        TEST(a_second_gpadl_created_is_refused),
        TEST(answers_about_unknown_gpadls_are_refused),
        TEST(a_gpadl_created_with_the_relid_of_another_channel_is_refused),
        TEST(a_gpadl_created_before_the_last_body_was_posted_is_refused),
        TEST(a_rescind_ends_a_gpadl_that_is_being_made),
        TEST(a_rescind_just_before_gpadl_created_ends_the_gpadl),
        TEST(a_gpadl_whose_header_cannot_be_posted_fails),
        TEST(a_gpadl_whose_body_cannot_be_posted_is_torn_down),
        TEST(an_unload_ends_a_gpadl_that_is_being_made),
    };

    return cmocka_run_group_tests_name("gpadl_fails", tests, NULL, NULL);
}
