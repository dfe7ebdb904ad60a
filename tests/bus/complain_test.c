/* SPDX-License-Identifier: BSD-2-Clause */
/* A host that does wrong again and again fills no log. */
#include "fixture.h"

/* Ten lines of one kind, then one in a thousand. */
static void complaints_about_the_host_are_limited_in_their_rate(void **state)
{
    struct fixture *f = *state;
    uint32_t lines;

    fixture_connect(f);
    lines = f->s->log_lines;
    for (int i = 0; i < 3000; i++)
        peer_send_hex(f->p, "63 00 00 00 00 00 00 00");
    hosted_run(f->s);
    assert_int_equal(fixture_refused(f), 3000);
    assert_int_equal(f->s->log_lines - lines, 10 + 3);
}

static void each_kind_of_complaint_is_limited_by_itself(void **state)
{
    struct fixture *f = *state;
    static const struct vmbus_guid g = {{1}};
    uint32_t lines;

    fixture_connect(f);
    lines = f->s->log_lines;
    for (uint32_t i = 0; i < 20; i++) {
        peer_send_offer(f->p, peer_offer(f->p, 0, 0x55, 0));
        peer_event(f->p, 0, 77);
        peer_post_fails(f->p, -EIO, 1);
        assert_int_equal(vmbus_tl_connect(f->bus, &g, &g, NULL), -EIO);
        hosted_run(f->s);
    }
    assert_int_equal(f->s->log_lines - lines, 30);
}

static void a_signal_that_keeps_failing_is_logged_ten_times(void **state)
{
    struct fixture *f = *state;
    uint32_t lines;

    fixture_open(f);
    lines = f->s->log_lines;
    f->p->signal_status = -EIO;
    f->p->signal_misses = 20;
    for (int i = 0; i < 20; i++)
        vmbus_channel_signal(f->c);
    assert_int_equal(f->s->log_lines - lines, 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(complaints_about_the_host_are_limited_in_their_rate),
        TEST(each_kind_of_complaint_is_limited_by_itself),
        TEST(a_signal_that_keeps_failing_is_logged_ten_times),
    };

    return cmocka_run_group_tests_name("complain", tests, NULL, NULL);
}
