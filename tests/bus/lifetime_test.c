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

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_bus_whose_timer_begins_to_run_is_not_freed),
        TEST(pages_that_a_signal_is_about_to_write_are_not_freed),
        TEST(the_pages_of_the_next_connection_can_be_written),
    };

    return cmocka_run_group_tests_name("lifetime", tests, NULL, NULL);
}
