/* GPADLs: showing pages and taking them back. */
#include "fixture.h"

static uint64_t pfns[VMBUS_GPADL_PAGES_MAX + 1];

/* `count` invented frames, whole pages. */
static struct vmbus_pages pages(uint32_t count)
{
    struct vmbus_pages p = {
        .pfns = pfns, .count = count, .bytes = count * SEAM_PAGE_SIZE};

    for (uint32_t i = 0; i < count && i <= VMBUS_GPADL_PAGES_MAX; i++)
        pfns[i] = 0x12345 + i;
    return p;
}

static int create(struct fixture *f, uint32_t count, uint32_t *handle)
{
    struct vmbus_pages p = pages(count);

    return vmbus_gpadl_create(f->c, &p, handle);
}

static void start(struct fixture *f, uint32_t count, uint32_t *handle)
{
    struct vmbus_pages p = pages(count);

    assert_int_equal(
        vmbus_gpadl_create_start(f->c, &p, handle, outcome_done, &f->outcome),
        0);
}

/* Three pages: every byte. */
static void header_bytes(void **state)
{
    struct fixture *f = *state;
    uint32_t handle;

    fixture_channel(f);
    assert_int_equal(create(f, 3, &handle), 0);
    assert_int_equal(handle, 0xE1E10);
    assert_true(peer_got_hex(f->p, 8, 0,
                             "08 00 00 00 00 00 00 00 05 00 00 00 10 1e 0e 00 "
                             "20 00 01 00 00 30 00 00 00 00 00 00 45 23 01 00 "
                             "00 00 00 00 46 23 01 00 00 00 00 00 47 23 01 00 "
                             "00 00 00 00"));
    assert_int_equal(vmbus_gpadl_teardown(f->c, handle), 0);
    assert_true(peer_got_hex(f->p, 11, 0,
                             "0b 00 00 00 00 00 00 00 05 00 00 00 10 1e 0e "
                             "00"));
}

/* Header 26 frames, bodies 28 each: counts and contents at the boundaries. */
static void one_size(struct fixture *f, uint32_t count, uint32_t bodies)
{
    uint32_t before = f->p->seen[9], handle;
    struct peer_gpadl *g;

    assert_int_equal(create(f, count, &handle), 0);
    assert_int_equal(f->p->seen[9] - before, bodies);
    g = peer_gpadl(f->p, handle);
    assert_int_equal(g->expected, count);
    assert_int_equal(g->byte_count, count * 4096);
    for (uint32_t i = 0; i < count; i++)
        assert_int_equal(g->pfns[i], 0x12345 + i);
    assert_int_equal(vmbus_gpadl_teardown(f->c, handle), 0);
}

static void bodies_at_their_boundaries(void **state)
{
    struct fixture *f = *state;

    fixture_channel(f);
    one_size(f, 1, 0);
    one_size(f, 25, 0);
    one_size(f, 26, 0);
    one_size(f, 27, 1);
    one_size(f, 40, 1);
    one_size(f, 54, 1);
    one_size(f, 55, 2);
    one_size(f, 100, 3);
    one_size(f, 8190, 292);
}

/* The body: number (0, as Linux), handle, then frames; sizes of a full and of a
 * last one. */
static void body_bytes(void **state)
{
    struct fixture *f = *state;
    const struct peer_message *m;
    uint32_t handle;

    fixture_channel(f);
    assert_int_equal(create(f, 56, &handle), 0);
    assert_int_equal(peer_got(f->p, 8, 0)->size, 28 + 26 * 8);
    m = peer_got(f->p, 9, 0);
    assert_int_equal(m->size, 240);
    assert_int_equal(peer_u32(m->bytes, 4), 0);
    assert_int_equal(peer_u32(m->bytes, 8), 0);
    assert_int_equal(peer_u32(m->bytes, 12), handle);
    assert_int_equal(peer_u64(m->bytes, 16), 0x12345 + 26);
    m = peer_got(f->p, 9, 1);
    assert_int_equal(m->size, 16 + 2 * 8);
    assert_int_equal(peer_u32(m->bytes, 8), 0);
    assert_int_equal(peer_u64(m->bytes, 24), 0x12345 + 55);
    vmbus_gpadl_teardown(f->c, handle);
}

static void range_with_an_offset(void **state)
{
    struct fixture *f = *state;
    struct vmbus_pages p = pages(2);
    uint32_t handle;

    p.offset = 0x123;
    p.bytes = 0x1000;
    fixture_channel(f);
    assert_int_equal(vmbus_gpadl_create(f->c, &p, &handle), 0);
    assert_int_equal(peer_u32(peer_got(f->p, 8, 0)->bytes, 20), 0x1000);
    assert_int_equal(peer_u32(peer_got(f->p, 8, 0)->bytes, 24), 0x123);
    assert_int_equal(vmbus_gpadl_teardown(f->c, handle), 0);
}

static void what_cannot_be_shared(void **state)
{
    struct fixture *f = *state;
    struct vmbus_pages p;
    uint32_t handle;

    fixture_channel(f);
    assert_int_equal(create(f, 8191, &handle), -E2BIG);
    assert_int_equal(create(f, 0, &handle), -EINVAL);
    p = pages(2);
    p.offset = 4096;
    assert_int_equal(vmbus_gpadl_create(f->c, &p, &handle), -EINVAL);
    p = pages(2);
    p.bytes = 8193;
    assert_int_equal(vmbus_gpadl_create(f->c, &p, &handle), -EINVAL);
    p.bytes = 4096; /* the second page would be none of it */
    assert_int_equal(vmbus_gpadl_create(f->c, &p, &handle), -EINVAL);
    p.bytes = 0;
    assert_int_equal(vmbus_gpadl_create(f->c, &p, &handle), -EINVAL);
    p.offset = 4095;
    p.bytes = 2;
    assert_int_equal(vmbus_gpadl_create(f->c, &p, &handle), 0);
    assert_int_equal(vmbus_gpadl_teardown(f->c, handle), 0);
    assert_int_equal(f->p->seen[8], 1);
}

static void refused_by_the_host(void **state)
{
    struct fixture *f = *state;
    uint32_t handle = 7;

    fixture_channel(f);
    f->p->rules[8].answer = PEER_REFUSE;
    f->p->rules[8].status = 0x8000FFFF;
    start(f, 30, &handle);
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
    assert_int_equal(create(f, 3, &handle), -ETIMEDOUT);
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
    assert_int_equal(create(f, 3, &handle), -ESTALE);
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
    start(f, 3, &handle);
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
    f->p->rules[8].answer = PEER_REFUSE;
    f->p->rules[8].status = 1;
    f->p->rules[8].delay = 11 * SEAM_S;
    f->p->rules[11].answer = PEER_SILENT;
    start(f, 3, &handle);
    hosted_advance(f->s, 12 * SEAM_S);
    assert_int_equal(f->outcome.status, -ETIMEDOUT);
    assert_int_equal(vmbus_bus_stats(f->bus)->pages_leaked, 0);
}

static void created_twice(void **state)
{
    struct fixture *f = *state;
    uint32_t handle;

    fixture_channel(f);
    f->p->rules[8].answer = PEER_TWICE;
    assert_int_equal(create(f, 3, &handle), 0);
    hosted_run(f->s);
    assert_int_equal(fixture_refused(f), 1);
    assert_int_equal(vmbus_gpadl_teardown(f->c, handle), 0);
}

static void torndown_twice(void **state)
{
    struct fixture *f = *state;
    uint32_t handle;

    fixture_channel(f);
    assert_int_equal(create(f, 3, &handle), 0);
    f->p->rules[11].answer = PEER_TWICE;
    assert_int_equal(vmbus_gpadl_teardown(f->c, handle), 0);
    hosted_run(f->s);
    assert_int_equal(fixture_refused(f), 1);
}

static void answers_to_nothing(void **state)
{
    struct fixture *f = *state;
    uint32_t handle;

    fixture_channel(f);
    assert_int_equal(create(f, 3, &handle), 0);
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
    start(f, 3, &handle);
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
    f->p->post_misses = 3;
    f->p->post_status = -EAGAIN;
    start(f, 100, &handle);
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
    assert_int_equal(create(f, 3, &handle), -ENODEV);
    assert_int_equal(handle, 7);
    assert_int_equal(create(f, 3, &handle), -ENODEV);
    assert_int_equal(f->p->seen[8], 1);
}

static void rescind_just_before_the_answer(void **state)
{
    struct fixture *f = *state;
    uint32_t handle;

    fixture_channel(f);
    f->p->rules[8].answer = PEER_RESCIND_FIRST;
    assert_int_equal(create(f, 3, &handle), -ENODEV);
    hosted_run(f->s);
    assert_int_equal(fixture_refused(f), 1);
}

/* The pages of a rescinded channel are ours; the host is told all the same,
 * before the relid is given back. [linux channel.c] */
static void rescind_of_a_channel_with_a_gpadl(void **state)
{
    struct fixture *f = *state;
    uint32_t handle;

    fixture_channel(f);
    assert_int_equal(create(f, 3, &handle), 0);
    peer_rescind(f->p, 5);
    hosted_run(f->s);
    assert_int_equal(f->p->seen[13], 0);
    f->p->rules[11].delay = SEAM_S;
    assert_int_equal(vmbus_gpadl_teardown(f->c, handle), 0);
    vmbus_channel_unclaim(f->c);
    f->c = NULL;
    hosted_advance(f->s, 2 * SEAM_S);
    assert_true(peer_position(f->p, 11, 0) < peer_position(f->p, 13, 0));
    assert_int_equal(fixture_refused(f), 0);
}

static void rescind_while_it_is_torn_down(void **state)
{
    struct fixture *f = *state;
    uint32_t handle;

    fixture_channel(f);
    assert_int_equal(create(f, 3, &handle), 0);
    f->p->rules[11].answer = PEER_RESCIND_FIRST;
    assert_int_equal(vmbus_gpadl_teardown(f->c, handle), 0);
    hosted_run(f->s);
    assert_int_equal(fixture_refused(f), 0);
    assert_int_equal(vmbus_gpadl_teardown(f->c, handle), -ENOENT);
}

static void teardown_without_an_answer_leaks(void **state)
{
    struct fixture *f = *state;
    uint32_t handle;

    fixture_channel(f);
    assert_int_equal(create(f, 3, &handle), 0);
    f->p->rules[11].answer = PEER_SILENT;
    assert_int_equal(vmbus_gpadl_teardown(f->c, handle), -ESTALE);
    assert_int_equal(vmbus_bus_stats(f->bus)->pages_leaked, 3);
    assert_int_equal(vmbus_gpadl_teardown(f->c, handle), -ENOENT);
}

static void teardown_that_cannot_be_posted_leaks(void **state)
{
    struct fixture *f = *state;
    uint32_t handle;

    fixture_channel(f);
    assert_int_equal(create(f, 3, &handle), 0);
    f->p->post_status = -EIO;
    f->p->post_misses = 1;
    assert_int_equal(vmbus_gpadl_teardown(f->c, handle), -ESTALE);
}

static void two_teardowns_of_one(void **state)
{
    struct fixture *f = *state;
    uint32_t handle;

    fixture_channel(f);
    assert_int_equal(create(f, 3, &handle), 0);
    f->p->rules[11].delay = SEAM_S;
    assert_int_equal(
        vmbus_gpadl_teardown_start(f->c, handle, outcome_done, &f->outcome), 0);
    assert_int_equal(vmbus_gpadl_teardown(f->c, handle), -EBUSY);
    hosted_advance(f->s, 2 * SEAM_S);
    assert_int_equal(f->outcome.status, 0);
    assert_int_equal(vmbus_gpadl_teardown(f->c, handle), -ENOENT);
}

static void header_that_cannot_be_posted(void **state)
{
    struct fixture *f = *state;
    uint32_t handle;

    fixture_channel(f);
    f->p->post_status = -EIO;
    f->p->post_misses = 1;
    assert_int_equal(create(f, 100, &handle), -EIO);
    assert_int_equal(f->p->seen[11], 0);
}

/* Half of it is with the host: it must be torn down. */
static void body_that_cannot_be_posted(void **state)
{
    struct fixture *f = *state;
    uint32_t handle;

    fixture_channel(f);
    f->p->post_status = -EIO;
    f->p->post_misses = 1;
    f->p->post_after = 2;
    assert_int_equal(create(f, 100, &handle), -EIO);
    assert_int_equal(f->p->seen[11], 1);
}

static void unload_while_it_is_made(void **state)
{
    struct fixture *f = *state;
    uint32_t handle;

    fixture_channel(f);
    f->p->rules[8].answer = PEER_SILENT;
    start(f, 3, &handle);
    assert_int_equal(vmbus_bus_unload(f->bus), 0);
    assert_int_equal(f->outcome.status, -ECANCELED);
    assert_int_equal(
        vmbus_gpadl_create(
            f->c,
            &(struct vmbus_pages){.pfns = pfns, .count = 1, .bytes = 4096},
            &handle),
        -ENOTCONN);
}

static void unload_with_a_gpadl(void **state)
{
    struct fixture *f = *state;
    uint32_t handle;

    fixture_channel(f);
    assert_int_equal(create(f, 3, &handle), 0);
    assert_int_equal(vmbus_bus_unload(f->bus), 0);
    assert_int_equal(vmbus_gpadl_teardown(f->c, handle), 0);
    assert_int_equal(f->p->seen[11], 0);
}

static void unload_unanswered_with_a_gpadl(void **state)
{
    struct fixture *f = *state;
    uint32_t handle;

    fixture_channel(f);
    assert_int_equal(create(f, 3, &handle), 0);
    f->p->rules[16].answer = PEER_SILENT;
    assert_int_equal(vmbus_bus_unload(f->bus), -ETIMEDOUT);
    assert_int_equal(vmbus_bus_stats(f->bus)->pages_leaked, 3 + 3);
    assert_int_equal(vmbus_gpadl_teardown(f->c, handle), -ESTALE);
    f->leaked = 3; /* the connection's; the frames of the GPADL are invented */
}

/* Teardown asked for while UNLOAD is under way ends with it. */
static void teardown_during_unload(void **state)
{
    struct fixture *f = *state;
    struct outcome unload = {0};
    uint32_t handle;

    fixture_channel(f);
    assert_int_equal(create(f, 3, &handle), 0);
    f->p->rules[16].delay = 30 * SEAM_S;
    vmbus_bus_unload_start(f->bus, outcome_done, &unload);
    assert_int_equal(
        vmbus_gpadl_teardown_start(f->c, handle, outcome_done, &f->outcome), 0);
    hosted_advance(f->s, 20 * SEAM_S);
    assert_int_equal(f->outcome.calls, 0);
    hosted_advance(f->s, 20 * SEAM_S);
    assert_int_equal(unload.calls, 1);
    assert_int_equal(f->outcome.calls, 1);
    assert_int_equal(f->outcome.status, 0);
}

/* Many at once, answered in reverse by hand. */
static void many_in_flight_answered_in_reverse(void **state)
{
    struct fixture *f = *state;
    struct outcome o[8] = {0};
    uint32_t handle[8];

    fixture_channel(f);
    f->p->rules[8].answer = PEER_SILENT;
    for (int i = 0; i < 8; i++) {
        struct vmbus_pages p = pages(3);

        vmbus_gpadl_create_start(f->c, &p, &handle[i], outcome_done, &o[i]);
    }
    for (uint32_t i = 8; i-- > 0;)
        peer_send_dwords(f->p, 10, 3, 5, 0xE1E10 + i, 0);
    hosted_run(f->s);
    for (uint32_t i = 0; i < 8; i++) {
        assert_int_equal(o[i].calls, 1);
        assert_int_equal(o[i].status, 0);
        assert_int_equal(handle[i], 0xE1E10 + i);
        assert_int_equal(vmbus_gpadl_teardown(f->c, handle[i]), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(header_bytes),
        TEST(bodies_at_their_boundaries),
        TEST(body_bytes),
        TEST(range_with_an_offset),
        TEST(what_cannot_be_shared),
        TEST(refused_by_the_host),
        TEST(no_answer_is_undone),
        TEST(no_answer_to_the_undo_either),
        TEST(late_created_is_torn_down_again),
        TEST(late_refusal_ends_the_undo),
        TEST(created_twice),
        TEST(torndown_twice),
        TEST(answers_to_nothing),
        TEST(created_of_another_channel),
        TEST(created_before_the_last_body),
        TEST(rescind_while_it_is_made),
        TEST(rescind_just_before_the_answer),
        TEST(rescind_of_a_channel_with_a_gpadl),
        TEST(rescind_while_it_is_torn_down),
        TEST(teardown_without_an_answer_leaks),
        TEST(teardown_that_cannot_be_posted_leaks),
        TEST(two_teardowns_of_one),
        TEST(header_that_cannot_be_posted),
        TEST(body_that_cannot_be_posted),
        TEST(unload_while_it_is_made),
        TEST(unload_with_a_gpadl),
        TEST(unload_unanswered_with_a_gpadl),
        TEST(teardown_during_unload),
        TEST(many_in_flight_answered_in_reverse),
    };

    return cmocka_run_group_tests_name("gpadl", tests, NULL, NULL);
}
