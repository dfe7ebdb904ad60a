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
    vmbus_locked_deadline_set(f->bus, &deadline, SEAM_S, "a test");
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

/* PASSIVE work half a second later, while the end of the connection waits for
 * a signal that is about to write the pages. */
static struct {
    struct seam_timer timer;
    struct seam_work work;
    int status;
} later;

static void queue_later(void *arg)
{
    seam_work_queue(((struct fixture *)arg)->s, &later.work, 0);
}

static void in_half_a_second(struct fixture *f, void (*run)(void *arg))
{
    memset(&later, 0, sizeof(later));
    later.work.run = run;
    later.work.arg = f;
    later.timer.run = queue_later;
    later.timer.arg = f;
    seam_timer_set(f->s, &later.timer, f->s->now + SEAM_S / 2);
}

static void connect_and_leave(void *arg)
{
    struct fixture *f = arg;

    later.status = vmbus_bus_connect_start(f->bus, NULL, NULL);
    vmbus_pages_leave(f->bus);
}

static void a_connect_while_the_last_pages_are_in_use_is_refused(void **state)
{
    struct fixture *f = *state;

    fixture_connect(f);
    assert_true(vmbus_pages_enter(f->bus));
    in_half_a_second(f, connect_and_leave);
    assert_int_equal(vmbus_bus_unload(f->bus), 0);
    assert_int_equal(later.status, -EISCONN);
    assert_int_equal(f->s->counts.pages, 0);
    f->p->in_count = 0;
    assert_int_equal(vmbus_bus_connect(f->bus), 0);
    assert_int_equal(f->s->counts.pages, 3);
}

static void leave_pages(void *arg)
{
    vmbus_pages_leave(((struct fixture *)arg)->bus);
}

/* Both requests end at once, and the pages go once. */
static void an_unload_that_ends_a_connect_frees_the_pages_once(void **state)
{
    struct fixture *f = *state;

    fixture_bus(f);
    f->p->rules[14].answer = PEER_SILENT;
    assert_int_equal(vmbus_bus_connect_start(f->bus, outcome_done, &f->outcome),
                     0);
    assert_true(vmbus_pages_enter(f->bus));
    in_half_a_second(f, leave_pages);
    assert_int_equal(vmbus_bus_unload(f->bus), 0);
    hosted_run(f->s);
    assert_int_equal(f->outcome.calls, 1);
    assert_int_equal(f->outcome.status, -ECANCELED);
    assert_int_equal(f->s->counts.pages, 0);
}

/* The work below on the stack goes on using the bus. */
static void destroy_under_the_end(void *arg)
{
    struct fixture *f = arg;
    jmp_buf asserted;

    f->s->on_assert = &asserted;
    if (!setjmp(asserted)) {
        vmbus_bus_destroy(f->bus);
        fail_msg("the bus is freed under its own end");
    }
    f->s->on_assert = NULL;
    later.status = 1;
}

static void a_bus_is_not_freed_while_its_last_pages_are_in_use(void **state)
{
    struct fixture *f = *state;

    fixture_connect(f);
    assert_true(vmbus_pages_enter(f->bus));
    in_half_a_second(f, destroy_under_the_end);
    assert_int_equal(vmbus_bus_unload(f->bus), 0);
    assert_int_equal(later.status, 1);
    f->leaked = 3;
    vmbus_pages_leave(f->bus);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_bus_whose_timer_begins_to_run_is_not_freed),
        TEST(pages_that_a_signal_is_about_to_write_are_not_freed),
        TEST(the_pages_of_the_next_connection_can_be_written),
        TEST(a_connect_while_the_last_pages_are_in_use_is_refused),
        TEST(an_unload_that_ends_a_connect_frees_the_pages_once),
        TEST(a_bus_is_not_freed_while_its_last_pages_are_in_use),
    };

    return cmocka_run_group_tests_name("lifetime", tests, NULL, NULL);
}
