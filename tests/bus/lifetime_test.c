/* SPDX-License-Identifier: BSD-2-Clause */
/* What another processor still uses is not freed under it. */
#include "fixture.h"
#include "vmbus/guest/bus.h"

static struct fixture *here;

static void nothing(void *owner)
{
    (void)owner;
}

/* Lets this processor end the bus while another one, below on the stack, has
 * taken the bus's timer out and not begun its function. */
static void end_the_bus(struct seam *s)
{
    uint8_t irql = s->irql;
    uint32_t cpu = s->cpu;

    s->on_timer = NULL;
    s->irql = SEAM_PASSIVE;
    s->cpu = 0;
    vmbus_bus_destroy(here->bus);
    here->bus = NULL;
    here->p->bus = NULL;
    s->irql = irql;
    s->cpu = cpu;
}

/* The other processor never goes on while destroy waits, so that the memory is
 * kept; freed memory would be used by the timer's function. */
static void a_bus_whose_timer_begins_to_run_is_not_freed(void **state)
{
    struct fixture *f = *state;
    struct deadline deadline = {0};
    uint8_t irql;

    here = f;
    fixture_connect(f);
    assert_int_equal(vmbus_bus_unload(f->bus), 0);
    vmbus_deadline_init(&deadline, NULL, nothing);
    irql = seam_lock(f->s, &f->bus->lock);
    vmbus_locked_deadline_set(f->bus, &deadline, SEAM_S);
    seam_unlock(f->s, &f->bus->lock, irql);
    f->s->on_timer = end_the_bus;
    hosted_advance(f->s, 3 * SEAM_S);
    assert_null(f->bus);
    assert_true(hosted_logged(f->s, "a timer of the bus does not end"));
    hosted_abandon(f->s);
}

static void pages_that_a_signal_is_about_to_write_are_not_freed(void **state)
{
    struct fixture *f = *state;

    fixture_connect(f);
    assert_true(vmbus_pages_enter(f->bus));
    assert_int_equal(vmbus_bus_unload(f->bus), 0);
    assert_int_equal(f->s->counts.pages, 3);
    assert_int_equal(vmbus_bus_stats(f->bus)->pages_leaked, 3);
    f->leaked = 3;
    vmbus_pages_leave(f->bus);
    /* Nobody begins to write them any more. */
    assert_false(vmbus_pages_enter(f->bus));
}

static void the_pages_of_the_next_connection_can_be_written(void **state)
{
    struct fixture *f = *state;

    fixture_bus(f);
    for (int i = 0; i < 2; i++) {
        f->p->in_count = 0;
        assert_int_equal(vmbus_bus_connect(f->bus), 0);
        assert_true(vmbus_pages_enter(f->bus));
        vmbus_pages_leave(f->bus);
        assert_int_equal(vmbus_bus_unload(f->bus), 0);
        assert_false(vmbus_pages_enter(f->bus));
        assert_int_equal(f->s->counts.pages, 0);
    }
}

static struct vmbus_observer watcher;
static uint32_t offered_calls, rescinded_calls;

static bool never(void *arg)
{
    (void)arg;
    return false;
}

/* The host takes both offers back while the first is told of. */
static void wait_while_offers_go(void *arg, struct vmbus_channel *c)
{
    struct fixture *f = arg;

    offered_calls++;
    peer_rescind(f->p, 5);
    peer_rescind(f->p, 6);
    assert_int_equal(
        seam_wait(f->s, never, NULL, f->s->now + SEAM_S, "a while"),
        -ETIMEDOUT);
    assert_int_equal(vmbus_channel_offer(c)->relid, 5);
    assert_true(vmbus_channel_rescinded(c));
}

static void count_rescind(void *arg, struct vmbus_channel *c)
{
    (void)arg;
    assert_int_equal(vmbus_channel_offer(c)->relid, 5);
    rescinded_calls++;
}

static void offers_may_go_while_a_new_observer_is_told_of_them(void **state)
{
    struct fixture *f = *state;

    offered_calls = rescinded_calls = 0;
    watcher = (struct vmbus_observer){
        .offered = wait_while_offers_go, .rescinded = count_rescind, .arg = f};
    peer_offer(f->p, 5, 0x55, 0);
    peer_offer(f->p, 6, 0x66, 0);
    fixture_connect(f);
    vmbus_bus_observe(f->bus, &watcher);
    hosted_run(f->s);
    assert_int_equal(offered_calls, 1);
    assert_int_equal(rescinded_calls, 1);
    assert_null(vmbus_bus_next(f->bus, NULL));
    vmbus_bus_unobserve(f->bus, &watcher);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_bus_whose_timer_begins_to_run_is_not_freed),
        TEST(pages_that_a_signal_is_about_to_write_are_not_freed),
        TEST(the_pages_of_the_next_connection_can_be_written),
        TEST(offers_may_go_while_a_new_observer_is_told_of_them),
    };

    return cmocka_run_group_tests_name("lifetime", tests, NULL, NULL);
}
