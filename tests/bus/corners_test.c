/* What happens only when two things meet. */
#include "fixture.h"

#include "bus.h" /* next_handle: a wrap needs four billion GPADLs otherwise */

static uint64_t pfn = 1;
static const struct vmbus_pages one_page = {&pfn, 1, 0, 4096};
static const struct vmbus_guid guid_a = {{0xA}};
static const struct vmbus_guid guid_b = {{0xB}};

/* Delivers one message of the host and runs nothing else. */
static void deliver_one(struct fixture *f)
{
    assert_true(f->s->act(f->s->peer));
}

static void rescinded_channels_are_not_found(void **state)
{
    struct fixture *f = *state;

    fixture_channel(f);
    peer_send_offer(f->p, peer_offer(f->p, 6, 0x66, 0));
    peer_rescind(f->p, 5);
    hosted_run(f->s);
    assert_int_equal(vmbus_channel_offer(vmbus_bus_next(f->bus, NULL))->relid,
                     6);
}

static void observer_without_functions(void **state)
{
    struct fixture *f = *state;
    static struct vmbus_observer silent;

    fixture_connect(f);
    vmbus_bus_observe(f->bus, &silent);
    peer_send_offer(f->p, peer_offer(f->p, 5, 0x55, 0));
    hosted_run(f->s);
    peer_rescind(f->p, 5);
    hosted_run(f->s);
    assert_int_equal(f->p->seen[13], 1);
}

static void count_offer(void *arg, struct vmbus_channel *c)
{
    (void)c;
    ++*(uint32_t *)arg;
}

/* An offer that has come but was told to nobody yet is told once. */
static void observer_between_arrival_and_telling(void **state)
{
    struct fixture *f = *state;
    static uint32_t told;
    static struct vmbus_observer o = {.offered = count_offer, .arg = &told};

    fixture_connect(f);
    peer_send_offer(f->p, peer_offer(f->p, 5, 0x55, 0));
    deliver_one(f);
    vmbus_bus_observe(f->bus, &o);
    assert_int_equal(told, 0);
    hosted_run(f->s);
    assert_int_equal(told, 1);
}

static void complaints_of_each_kind_are_limited(void **state)
{
    struct fixture *f = *state;
    uint32_t lines;

    fixture_connect(f);
    lines = f->s->log_lines;
    for (uint32_t i = 0; i < 20; i++) {
        peer_send_offer(f->p, peer_offer(f->p, 0, 0x55, 0));
        peer_event(f->p, 0, 77);
        f->p->post_status = -EIO;
        f->p->post_misses = 1;
        assert_int_equal(vmbus_tl_connect(f->bus, &guid_a, &guid_b, NULL),
                         -EIO);
        hosted_run(f->s);
    }
    assert_int_equal(f->s->log_lines - lines, 30);
}

static void event_while_disconnected(void **state)
{
    struct fixture *f = *state;

    fixture_bus(f);
    peer_event(f->p, 0, 0);
    assert_int_equal(vmbus_bus_stats(f->bus)->events_refused, 1);
}

/* ---- connecting --------------------------------------------------------- */

static void times_of_the_connection_can_be_set(void **state)
{
    struct fixture *f = *state;
    uint64_t start;

    f->config.contact_timeout = SEAM_S;
    f->config.offers_timeout = 2 * SEAM_S;
    f->config.unload_timeout = SEAM_MS;
    f->config.no_monitor = true;
    fixture_bus(f);
    f->p->rules[14].answer = PEER_SILENT;
    f->p->rules[16].answer = PEER_SILENT;
    start = f->s->now;
    assert_int_equal(vmbus_bus_connect(f->bus), -ETIMEDOUT);
    assert_true(f->s->now - start <= SEAM_S + SEAM_MS);
    f->leaked = 1; /* the interrupt page */
    assert_int_equal(vmbus_bus_stats(f->bus)->pages_leaked, 1);
    f->p->rules[14].answer = PEER_ANSWER;
    f->p->rules[3].answer = PEER_SILENT;
    f->p->rules[16].answer = PEER_ANSWER;
    start = f->s->now;
    assert_int_equal(vmbus_bus_connect(f->bus), -ETIMEDOUT);
    assert_true(f->s->now - start >= 2 * SEAM_S);
    assert_true(f->s->now - start < 3 * SEAM_S);
}

/* The outcome of the last attempt has not been told yet. */
static void connect_before_the_last_outcome_was_told(void **state)
{
    struct fixture *f = *state;

    fixture_bus(f);
    f->p->post_status = -EACCES;
    f->p->post_misses = 1;
    assert_int_equal(vmbus_bus_connect_start(f->bus, outcome_done, &f->outcome),
                     0);
    assert_int_equal(vmbus_bus_connect(f->bus), -EISCONN);
    hosted_run(f->s);
    assert_int_equal(f->outcome.status, -EACCES);
    fixture_connect(f);
    f->p->post_misses = 1;
    assert_int_equal(vmbus_bus_unload_start(f->bus, NULL, NULL), 0);
    assert_int_equal(vmbus_bus_connect(f->bus), -EISCONN);
    hosted_run(f->s);
    f->leaked = 3;
    fixture_connect(f);
}

static void response_of_twelve_bytes_keeps_the_connection(void **state)
{
    struct fixture *f = *state;

    f->p->response_size = 12;
    fixture_version(f, 0x00050000);
    fixture_connect(f);
    assert_int_equal(peer_got(f->p, 3, 0)->connection, 4);
}

static void response_before_the_contact_went_out(void **state)
{
    struct fixture *f = *state;

    fixture_bus(f);
    f->p->post_status = -EAGAIN;
    f->p->post_misses = 2;
    vmbus_bus_connect_start(f->bus, outcome_done, &f->outcome);
    peer_send_hex(f->p, "0f 00 00 00 00 00 00 00 01 00 00 00 04 00 00 00");
    hosted_run(f->s);
    assert_int_equal(fixture_refused(f), 1);
    hosted_advance(f->s, SEAM_S);
    assert_int_equal(f->outcome.status, 0);
}

static void unload_response_before_unload_went_out(void **state)
{
    struct fixture *f = *state;

    fixture_connect(f);
    f->p->post_status = -EAGAIN;
    f->p->post_misses = 2;
    vmbus_bus_unload_start(f->bus, outcome_done, &f->outcome);
    peer_send_hex(f->p, "11 00 00 00 00 00 00 00");
    hosted_run(f->s);
    assert_int_equal(f->outcome.calls, 0);
    hosted_advance(f->s, SEAM_S);
    assert_int_equal(f->outcome.status, 0);
}

static void unload_while_offers_come(void **state)
{
    struct fixture *f = *state;
    struct outcome unload = {0};

    peer_offer(f->p, 5, 0x55, 0);
    fixture_bus(f);
    f->p->rules[3].answer = PEER_SILENT;
    vmbus_bus_connect_start(f->bus, outcome_done, &f->outcome);
    hosted_run(f->s);
    assert_int_equal(vmbus_bus_unload_start(f->bus, outcome_done, &unload), 0);
    hosted_run(f->s);
    assert_int_equal(f->outcome.status, -ECANCELED);
    assert_int_equal(unload.status, 0);
}

/* Nobody needs to wait for the end of the list. */
static void open_before_the_list_is_complete(void **state)
{
    struct fixture *f = *state;

    peer_offer(f->p, 5, 0x55, 0);
    fixture_bus(f);
    f->p->rules[3].delay = SEAM_S;
    vmbus_bus_connect_start(f->bus, outcome_done, &f->outcome);
    hosted_run(f->s);
    f->c = vmbus_bus_next(f->bus, NULL);
    assert_int_equal(vmbus_channel_claim(f->c), 0);
    assert_int_equal(vmbus_channel_open(f->c, &f->open), 0);
    assert_int_equal(f->outcome.calls, 0);
    hosted_advance(f->s, SEAM_S);
    assert_int_equal(f->outcome.status, 0);
}

static void old_host_with_a_shorter_limit(void **state)
{
    struct fixture *f = *state;
    uint64_t start;

    f->config.unload_timeout = SEAM_MS;
    fixture_version(f, 0x00020004);
    fixture_connect(f);
    f->p->rules[16].answer = PEER_SILENT;
    start = f->s->now;
    assert_int_equal(vmbus_bus_unload(f->bus), -ETIMEDOUT);
    assert_true(f->s->now - start <= SEAM_MS);
    f->leaked = 3;
}

/* ---- GPADLs ------------------------------------------------------------- */

static void handles_skip_zero_and_those_in_use(void **state)
{
    struct fixture *f = *state;
    uint32_t first, second, third;

    fixture_channel(f);
    f->bus->next_handle = UINT32_MAX;
    assert_int_equal(vmbus_gpadl_create(f->c, &one_page, &first), 0);
    assert_int_equal(first, UINT32_MAX);
    assert_int_equal(vmbus_gpadl_create(f->c, &one_page, &second), 0);
    assert_int_equal(second, 1);
    f->bus->next_handle = 1;
    assert_int_equal(vmbus_gpadl_create(f->c, &one_page, &third), 0);
    assert_int_equal(third, 2);
    assert_int_equal(vmbus_gpadl_teardown(f->c, first), 0);
    assert_int_equal(vmbus_gpadl_teardown(f->c, second), 0);
    assert_int_equal(vmbus_gpadl_teardown(f->c, third), 0);
}

/* Neither another channel's nor the rings' own. */
static void teardown_of_what_is_not_ours(void **state)
{
    struct fixture *f = *state;
    struct vmbus_channel *other;
    uint32_t handle;

    fixture_open(f);
    peer_send_offer(f->p, peer_offer(f->p, 6, 0x66, 0));
    hosted_run(f->s);
    other = vmbus_bus_find(f->bus, NULL, NULL, 0);
    assert_int_equal(vmbus_channel_claim(other), 0);
    assert_int_equal(vmbus_gpadl_create(other, &one_page, &handle), 0);
    assert_int_equal(vmbus_gpadl_teardown(f->c, handle), -ENOENT);
    assert_int_equal(vmbus_gpadl_teardown(f->c, 0xE1E10), -ENOENT);
    assert_int_equal(vmbus_channel_close(f->c), 0);
    peer_rescind(f->p, 5);
    hosted_run(f->s);
    assert_int_equal(vmbus_gpadl_teardown(other, handle), 0);
    vmbus_channel_unclaim(other);
}

static void created_during_its_teardown(void **state)
{
    struct fixture *f = *state;
    uint32_t handle;

    fixture_channel(f);
    assert_int_equal(vmbus_gpadl_create(f->c, &one_page, &handle), 0);
    f->p->rules[11].delay = SEAM_S;
    vmbus_gpadl_teardown_start(f->c, handle, outcome_done, &f->outcome);
    peer_send_dwords(f->p, 10, 3, 5, handle, 0);
    hosted_run(f->s);
    assert_int_equal(fixture_refused(f), 1);
    hosted_advance(f->s, 2 * SEAM_S);
    assert_int_equal(f->outcome.status, 0);
}

static void torndown_before_teardown_went_out(void **state)
{
    struct fixture *f = *state;
    uint32_t handle;

    fixture_channel(f);
    assert_int_equal(vmbus_gpadl_create(f->c, &one_page, &handle), 0);
    f->p->post_status = -EAGAIN;
    f->p->post_misses = 2;
    vmbus_gpadl_teardown_start(f->c, handle, outcome_done, &f->outcome);
    peer_send_dwords(f->p, 12, 1, handle);
    hosted_run(f->s);
    assert_int_equal(fixture_refused(f), 1);
    hosted_advance(f->s, SEAM_S);
    assert_int_equal(f->outcome.status, 0);
}

/* The undo's TEARDOWN still waits when CREATED comes: one is enough. */
static void late_created_before_the_undo_went_out(void **state)
{
    struct fixture *f = *state;
    uint32_t handle;

    fixture_channel(f);
    f->p->rules[8].delay = 10 * SEAM_S + 10 * SEAM_MS;
    vmbus_gpadl_create_start(f->c, &one_page, &handle, outcome_done,
                             &f->outcome);
    f->p->post_status = -EAGAIN;
    f->p->post_misses = 12;
    hosted_advance(f->s, 30 * SEAM_S);
    assert_int_equal(f->outcome.status, -ETIMEDOUT);
    assert_int_equal(f->p->seen[11], 1);
}

static void teardown_of_a_rescinded_one_cannot_be_posted(void **state)
{
    struct fixture *f = *state;
    uint32_t handle;

    fixture_channel(f);
    assert_int_equal(vmbus_gpadl_create(f->c, &one_page, &handle), 0);
    peer_rescind(f->p, 5);
    hosted_run(f->s);
    f->p->post_status = -EIO;
    f->p->post_misses = 1;
    assert_int_equal(vmbus_gpadl_teardown(f->c, handle), 0);
    assert_int_equal(vmbus_bus_stats(f->bus)->pages_leaked, 0);
}

/* ---- channels ----------------------------------------------------------- */

static void result_again_while_the_refusal_is_undone(void **state)
{
    struct fixture *f = *state;

    fixture_channel(f);
    f->p->rules[5].answer = PEER_REFUSE;
    f->p->rules[5].status = 1;
    f->p->rules[11].delay = SEAM_S;
    vmbus_channel_open_start(f->c, &f->open, outcome_done, &f->outcome);
    hosted_run(f->s);
    peer_send_dwords(f->p, 6, 3, 5, 1, 0);
    hosted_run(f->s);
    assert_int_equal(fixture_refused(f), 1);
    hosted_advance(f->s, 2 * SEAM_S);
    assert_int_equal(f->outcome.status, -EIO);
}

static void results_while_silence_is_undone(void **state)
{
    struct fixture *f = *state;

    fixture_channel(f);
    f->p->rules[5].answer = PEER_SILENT;
    f->p->rules[11].delay = 5 * SEAM_S;
    vmbus_channel_open_start(f->c, &f->open, outcome_done, &f->outcome);
    hosted_advance(f->s, 10 * SEAM_S + SEAM_MS);
    f->p->post_status = -EAGAIN;
    f->p->post_misses = 1;
    peer_send_dwords(f->p, 6, 3, 5, 99, 0); /* another open id */
    peer_send_dwords(f->p, 6, 3, 5, 1, 0);  /* CLOSE again, but it waits */
    peer_send_dwords(f->p, 6, 3, 5, 1, 0);  /* it waits already */
    hosted_run(f->s);
    assert_int_equal(fixture_refused(f), 1);
    hosted_advance(f->s, 10 * SEAM_S);
    assert_int_equal(f->p->seen[7], 2);
    assert_int_equal(f->outcome.status, -ETIMEDOUT);
}

static void result_while_it_is_closed(void **state)
{
    struct fixture *f = *state;

    fixture_open(f);
    f->p->rules[11].delay = SEAM_S;
    vmbus_channel_close_start(f->c, outcome_done, &f->outcome);
    peer_send_dwords(f->p, 6, 3, 5, 1, 0);
    hosted_run(f->s);
    assert_int_equal(fixture_refused(f), 1);
    hosted_advance(f->s, 2 * SEAM_S);
}

/* Open, but its owner has not been told yet. */
static void close_before_the_open_was_told(void **state)
{
    struct fixture *f = *state;

    fixture_channel(f);
    vmbus_channel_open_start(f->c, &f->open, outcome_done, &f->outcome);
    deliver_one(f); /* GPADL_CREATED */
    deliver_one(f); /* OPENCHANNEL_RESULT */
    assert_true(vmbus_channel_is_open(f->c));
    assert_int_equal(vmbus_channel_close(f->c), -EBUSY);
    hosted_run(f->s);
    assert_int_equal(f->outcome.status, 0);
}

/* Sub-channels of another type are none of ours. */
static void subchannels_of_another_type_may_stay(void **state)
{
    struct fixture *f = *state;
    struct peer_offer *o;
    struct vmbus_channel *sub;

    peer_offer(f->p, 5, 0x55, 0);
    o = peer_offer(f->p, 6, 0x55, 1);
    memset(o->bytes + 8, 0x99, 16);
    peer_offer(f->p, 7, 0x77, 1);
    fixture_connect(f);
    f->c = vmbus_bus_find(f->bus, NULL, NULL, 0);
    vmbus_channel_claim(f->c);
    fixture_open(f);
    for (int i = 0; i < 2; i++) {
        sub = vmbus_bus_find(f->bus, NULL, NULL, 1);
        assert_int_equal(vmbus_channel_claim(sub), 0);
        assert_int_equal(vmbus_channel_open(sub, &f->open), 0);
    }
    assert_int_equal(vmbus_channel_close(f->c), 0);
    for (struct vmbus_channel *c = NULL;
         (c = vmbus_bus_next(f->bus, c)) != NULL;)
        if (vmbus_channel_is_open(c)) {
            assert_int_equal(vmbus_channel_close(c), 0);
            vmbus_channel_unclaim(c);
        }
}

/* Closing goes on when the bus has stopped, and may leak more. */
static void more_leaks_after_the_stop(void **state)
{
    struct fixture *f = *state;
    struct vmbus_channel *c[3];

    for (uint32_t i = 0; i < 3; i++)
        peer_offer(f->p, i + 1, (uint8_t)i, 0);
    f->config.leak_limit = 7;
    fixture_connect(f);
    for (int i = 0; i < 3; i++) {
        c[i] = vmbus_bus_find(f->bus, NULL, NULL, 0);
        vmbus_channel_claim(c[i]);
        assert_int_equal(vmbus_channel_open(c[i], &f->open), 0);
    }
    f->p->rules[11].answer = PEER_SILENT;
    for (int i = 0; i < 3; i++) {
        assert_int_equal(vmbus_channel_close(c[i]), -ESTALE);
        vmbus_channel_unclaim(c[i]);
    }
    assert_int_equal(vmbus_bus_stats(f->bus)->pages_leaked, 18);
    f->leaked = 18;
}

/* ---- the rest ----------------------------------------------------------- */

static void connects_end_in_any_order(void **state)
{
    struct fixture *f = *state;
    struct outcome other = {0};
    uint8_t result[44] = {23};

    fixture_connect(f);
    f->p->rules[21].answer = PEER_SILENT;
    vmbus_tl_connect_start(f->bus, &guid_a, &guid_a, NULL, outcome_done,
                           &f->outcome);
    vmbus_tl_connect_start(f->bus, &guid_a, &guid_b, NULL, outcome_done,
                           &other);
    memcpy(result + 8, guid_a.bytes, 16);
    memcpy(result + 24, guid_a.bytes, 16);
    result[40] = 1;
    peer_send(f->p, result, 44, 0);
    hosted_run(f->s);
    assert_int_equal(f->outcome.status, -ECONNREFUSED);
    assert_int_equal(other.calls, 0);
    hosted_advance(f->s, 11 * SEAM_S);
    assert_int_equal(other.status, -ETIMEDOUT);
}

static void unknown_signal_connection_is_transient(void **state)
{
    struct fixture *f = *state;

    fixture_open(f);
    f->p->signal_status = -ENOENT;
    f->p->signal_misses = 1;
    vmbus_channel_signal(f->c);
    hosted_advance(f->s, SEAM_S);
    assert_int_equal(f->p->signals, 1);
}

static void signals_that_fail_are_told_ten_times(void **state)
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

static uint32_t poll_answer(void *arg, uint8_t payload[240])
{
    (void)arg;
    memset(payload, 0, 240);
    payload[0] = 17;
    return 8;
}

static void crash_unload_through_a_throttle(void **state)
{
    struct fixture *f = *state;

    fixture_connect(f);
    f->p->post_status = -ENOENT;
    f->p->post_misses = 3;
    assert_int_equal(vmbus_bus_crash_unload(f->bus, SEAM_S, poll_answer, NULL),
                     0);
    hosted_abandon(f->s);
    f->bus = NULL;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(rescinded_channels_are_not_found),
        TEST(observer_without_functions),
        TEST(observer_between_arrival_and_telling),
        TEST(complaints_of_each_kind_are_limited),
        TEST(event_while_disconnected),
        TEST(times_of_the_connection_can_be_set),
        TEST(connect_before_the_last_outcome_was_told),
        TEST(response_of_twelve_bytes_keeps_the_connection),
        TEST(response_before_the_contact_went_out),
        TEST(unload_response_before_unload_went_out),
        TEST(unload_while_offers_come),
        TEST(open_before_the_list_is_complete),
        TEST(old_host_with_a_shorter_limit),
        TEST(handles_skip_zero_and_those_in_use),
        TEST(teardown_of_what_is_not_ours),
        TEST(created_during_its_teardown),
        TEST(torndown_before_teardown_went_out),
        TEST(late_created_before_the_undo_went_out),
        TEST(teardown_of_a_rescinded_one_cannot_be_posted),
        TEST(result_again_while_the_refusal_is_undone),
        TEST(results_while_silence_is_undone),
        TEST(result_while_it_is_closed),
        TEST(close_before_the_open_was_told),
        TEST(subchannels_of_another_type_may_stay),
        TEST(more_leaks_after_the_stop),
        TEST(connects_end_in_any_order),
        TEST(unknown_signal_connection_is_transient),
        TEST(signals_that_fail_are_told_ten_times),
        TEST(crash_unload_through_a_throttle),
    };

    return cmocka_run_group_tests_name("corners", tests, NULL, NULL);
}
