/* SPDX-License-Identifier: BSD-2-Clause */
/* Signals from the host: events, the interrupt page, the pump. */
#include "fixture.h"
#include "vmbus/ring.h"

static void an_event_function_runs_on_the_processor_of_its_channel(void **state)
{
    struct fixture *f = *state;

    fixture_open(f);
    peer_event(f->p, 1, 5);
    hosted_run(f->s);
    assert_int_equal(f->events, 1);
    assert_int_equal(f->event_cpu, 1);
}

/* Late events of the old processor are handed on. */
static void an_event_on_another_processor_is_handed_on(void **state)
{
    struct fixture *f = *state;

    fixture_open(f);
    peer_event(f->p, 0, 5);
    hosted_run(f->s);
    assert_int_equal(f->events, 1);
    assert_int_equal(f->event_cpu, 1);
}

static void now(void *arg)
{
    struct fixture *f = arg;

    vmbus_event_now(f->bus, 5, f->s->cpu);
}

static void an_event_now_has_its_turn_before_the_call_returns(void **state)
{
    struct fixture *f = *state;

    fixture_open(f);
    hosted_interrupt(f->s, 1, now, f);
    assert_int_equal(f->events, 1);
    assert_int_equal(f->event_cpu, 1);
    hosted_run(f->s);
    assert_int_equal(f->events, 1); /* and no other */
}

static void an_event_now_for_another_processor_is_handed_on(void **state)
{
    struct fixture *f = *state;

    fixture_open(f);
    hosted_interrupt(f->s, 0, now, f);
    assert_int_equal(f->events, 0);
    hosted_run(f->s);
    assert_int_equal(f->events, 1);
    assert_int_equal(f->event_cpu, 1);
}

static void an_event_now_of_a_channel_that_is_not_open_is_refused(void **state)
{
    struct fixture *f = *state;

    fixture_channel(f);
    hosted_interrupt(f->s, 1, now, f);
    assert_int_equal(f->events, 0);
    assert_int_equal(vmbus_bus_stats(f->bus)->events_refused, 1);
}

/* The run that is under way goes on; it is not begun a second time inside. */
static enum vmbus_event_result now_inside(void *arg)
{
    struct fixture *f = arg;

    if (++f->events == 1) {
        now(f);
        assert_int_equal(f->events, 1);
    }
    return VMBUS_EVENT_LEFT;
}

static void an_event_now_inside_a_run_is_a_run_after_it(void **state)
{
    struct fixture *f = *state;

    f->open.event = now_inside;
    fixture_channel(f);
    assert_int_equal(vmbus_channel_open(f->c, &f->open), 0);
    hosted_run(f->s);
    assert_int_equal(f->events, 2);
}

/* What the host wrote before the result of the open is looked for. */
static void an_opened_channel_looks_at_its_ring_once(void **state)
{
    struct fixture *f = *state;

    fixture_channel(f);
    assert_int_equal(vmbus_channel_open(f->c, &f->open), 0);
    hosted_run(f->s);
    assert_int_equal(f->events, 1);
}

static void an_event_of_a_channel_that_is_not_open_is_refused(void **state)
{
    struct fixture *f = *state;

    fixture_channel(f);
    peer_event(f->p, 0, 5);
    peer_event(f->p, 0, 6);
    peer_event(f->p, 0, 0);
    peer_event(f->p, 0, 2048);
    peer_event(f->p, 0, 0xFFFFFFFF);
    assert_int_equal(vmbus_bus_stats(f->bus)->events_refused, 5);
    assert_int_equal(vmbus_bus_stats(f->bus)->events_in, 5);
}

static void an_event_to_a_disconnected_bus_is_refused(void **state)
{
    struct fixture *f = *state;

    fixture_bus(f);
    peer_event(f->p, 0, 0);
    assert_int_equal(vmbus_bus_stats(f->bus)->events_refused, 1);
}

static void an_event_of_a_closing_channel_is_dropped(void **state)
{
    struct fixture *f = *state;

    fixture_open(f);
    f->p->rules[11].delay = SEAM_S;
    vmbus_channel_close_start(f->c, outcome_done, &f->outcome);
    peer_event(f->p, 1, 5);
    hosted_advance(f->s, 2 * SEAM_S);
    assert_int_equal(f->events, 0);
    assert_int_equal(f->outcome.status, 0);
}

/* An event is on its way to its processor when close is called: the function
 * does not run, and the close waits for the work. */
static void a_close_waits_until_the_event_function_has_ended(void **state)
{
    struct fixture *f = *state;

    fixture_open(f);
    peer_event(f->p, 1, 5);
    assert_int_equal(vmbus_channel_close_start(f->c, outcome_done, &f->outcome),
                     0);
    assert_int_equal(f->p->seen[7], 0);
    hosted_run(f->s);
    assert_int_equal(f->p->seen[7], 1);
    assert_int_equal(f->events, 0);
    assert_int_equal(f->outcome.status, 0);
}

static void an_event_function_that_returns_more_is_called_again(void **state)
{
    struct fixture *f = *state;

    fixture_open(f);
    f->event_result = VMBUS_EVENT_MORE;
    peer_event(f->p, 1, 5);
    hosted_run(f->s);
    assert_int_equal(f->events, 2);
}

static uint8_t *rx_page(struct fixture *f)
{
    return hosted_frame(f->s, peer_gpadl(f->p, 0xE1E10)->pfns[3]);
}

/* The host put a packet in: write index 40. */
static void host_writes(struct fixture *f)
{
    rx_page(f)[0] = 40;
}

/* DRAINED with something in the ring: called again, as no signal will come. */
static uint32_t drain_calls;

static enum vmbus_event_result drains_at_the_third(void *arg)
{
    struct fixture *f = arg;

    assert_int_equal(peer_u32(rx_page(f), 8), 1); /* masked meanwhile */
    if (++drain_calls == 3)
        ring_reader_commit(vmbus_channel_rx(f->c), 40);
    return VMBUS_EVENT_DRAINED;
}

static void a_packet_that_arrives_before_the_unmask_is_seen(void **state)
{
    struct fixture *f = *state;

    drain_calls = 0;
    f->open.event = drains_at_the_third;
    fixture_channel(f);
    f->p->rules[5].delay = SEAM_MS;
    vmbus_channel_open_start(f->c, &f->open, outcome_done, &f->outcome);
    hosted_run(f->s);
    host_writes(f);
    drain_calls = 1;
    hosted_advance(f->s, SEAM_S);
    assert_int_equal(drain_calls, 3);
    assert_int_equal(peer_u32(rx_page(f), 8), 0); /* unmasked at rest */
}

static void
an_event_function_that_returned_left_is_called_by_a_kick_only(void **state)
{
    struct fixture *f = *state;

    fixture_open(f);
    host_writes(f);
    f->event_result = VMBUS_EVENT_LEFT;
    peer_event(f->p, 1, 5);
    hosted_run(f->s);
    assert_int_equal(f->events, 1);
    assert_int_equal(peer_u32(rx_page(f), 8), 1);
    vmbus_channel_kick(f->c);
    hosted_run(f->s);
    assert_int_equal(f->events, 2);
}

/* An event during the event function is not lost. */
static enum vmbus_event_result signalled_meanwhile(void *arg)
{
    struct fixture *f = arg;

    if (++f->events == 1)
        vmbus_event_arrived(f->bus, 5);
    return VMBUS_EVENT_LEFT;
}

static void an_event_during_the_event_function_calls_it_again(void **state)
{
    struct fixture *f = *state;

    f->open.event = signalled_meanwhile;
    fixture_channel(f);
    assert_int_equal(vmbus_channel_open(f->c, &f->open), 0);
    hosted_run(f->s);
    assert_int_equal(f->events, 2);
}

/* A bad index: told once, and no loop. */
static enum vmbus_event_result reads_a_bad_ring(void *arg)
{
    struct fixture *f = arg;
    struct ring_packet packet;
    uint64_t body[8];
    uint32_t at = ring_reader_start(vmbus_channel_rx(f->c));

    f->events++;
    (void)ring_read(vmbus_channel_rx(f->c), &at, &packet, body, sizeof(body));
    return VMBUS_EVENT_MORE;
}

static void a_broken_ring_stops_its_channel(void **state)
{
    struct fixture *f = *state;

    f->open.event = reads_a_bad_ring;
    fixture_channel(f);
    f->p->rules[5].delay = SEAM_MS;
    vmbus_channel_open_start(f->c, &f->open, outcome_done, &f->outcome);
    hosted_run(f->s);
    rx_page(f)[0] = 0xFF; /* no multiple of 8 */
    hosted_advance(f->s, SEAM_S);
    assert_int_equal(f->events, 1);
    assert_int_equal(vmbus_bus_stats(f->bus)->rings_bad, 1);
    assert_true(hosted_logged(f->s, "channel 5 stopped"));
    assert_int_equal(vmbus_channel_close(f->c), 0);
}

/* Below 2.4: flag 0, and the page tells which. */
static void the_interrupt_page_names_the_channels_below_2_4(void **state)
{
    struct fixture *f = *state;
    uint8_t *page;

    fixture_version(f, 0x00010001);
    fixture_open(f);
    page = fixture_contact_page(f, 16);
    page[0] = 1 << 5 | 1 << 6; /* relid 6 is not open */
    peer_event(f->p, 0, 0);
    hosted_run(f->s);
    assert_int_equal(f->events, 1);
    assert_int_equal(page[0], 0);
    assert_int_equal(vmbus_bus_stats(f->bus)->events_refused, 1);
    peer_event(f->p, 0, 0);
    hosted_run(f->s);
    assert_int_equal(f->events, 1);
}

static void the_interrupt_page_is_not_read_from_2_4_on(void **state)
{
    struct fixture *f = *state;

    fixture_version(f, 0x00020004);
    fixture_open(f);
    *fixture_contact_page(f, 16) = 1 << 5;
    peer_event(f->p, 0, 0);
    hosted_run(f->s);
    assert_int_equal(f->events, 0);
}

static void a_timer_looks_for_room_when_the_host_does_not_signal(void **state)
{
    struct fixture *f = *state;

    fixture_open(f);
    vmbus_channel_await_room(f->c);
    hosted_advance(f->s, 9 * SEAM_MS);
    assert_int_equal(f->events, 0);
    hosted_advance(f->s, 2 * SEAM_MS);
    assert_int_equal(f->events, 1);
    hosted_advance(f->s, SEAM_S);
    assert_int_equal(f->events, 1);
}

static void the_timer_for_room_ends_with_its_channel(void **state)
{
    struct fixture *f = *state;

    fixture_open(f);
    vmbus_channel_await_room(f->c);
    assert_int_equal(vmbus_channel_close(f->c), 0);
    vmbus_channel_await_room(f->c);
    vmbus_channel_kick(f->c);
    hosted_advance(f->s, SEAM_S);
    assert_int_equal(f->events, 0);
}

static struct fixture *elsewhere;

/* What another processor does while this one begins to run the timer. */
static void await_room_elsewhere(struct seam *s)
{
    s->on_timer = NULL;
    vmbus_channel_await_room(elsewhere->c);
}

static void the_timer_for_room_can_be_set_while_it_begins_to_run(void **state)
{
    struct fixture *f = *state;

    fixture_open(f);
    elsewhere = f;
    vmbus_channel_await_room(f->c);
    f->s->on_timer = await_room_elsewhere;
    hosted_advance(f->s, 11 * SEAM_MS);
    assert_int_equal(f->events, 1);
    assert_int_equal(vmbus_channel_close(f->c), 0);
    assert_null(f->s->timers);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_event_function_runs_on_the_processor_of_its_channel),
        TEST(an_event_on_another_processor_is_handed_on),
        TEST(an_event_now_has_its_turn_before_the_call_returns),
        TEST(an_event_now_for_another_processor_is_handed_on),
        TEST(an_event_now_of_a_channel_that_is_not_open_is_refused),
        TEST(an_event_now_inside_a_run_is_a_run_after_it),
        TEST(an_opened_channel_looks_at_its_ring_once),
        TEST(an_event_of_a_channel_that_is_not_open_is_refused),
        TEST(an_event_to_a_disconnected_bus_is_refused),
        TEST(an_event_of_a_closing_channel_is_dropped),
        TEST(a_close_waits_until_the_event_function_has_ended),
        TEST(an_event_function_that_returns_more_is_called_again),
        TEST(a_packet_that_arrives_before_the_unmask_is_seen),
        TEST(an_event_function_that_returned_left_is_called_by_a_kick_only),
        TEST(an_event_during_the_event_function_calls_it_again),
        TEST(a_broken_ring_stops_its_channel),
        TEST(the_interrupt_page_names_the_channels_below_2_4),
        TEST(the_interrupt_page_is_not_read_from_2_4_on),
        TEST(a_timer_looks_for_room_when_the_host_does_not_signal),
        TEST(the_timer_for_room_ends_with_its_channel),
        TEST(the_timer_for_room_can_be_set_while_it_begins_to_run),
    };

    return cmocka_run_group_tests_name("event", tests, NULL, NULL);
}
