/* SPDX-License-Identifier: BSD-2-Clause */
/* Observers: told of each offer and each rescind, once. */
#include "fixture.h"

/* An observer that writes down what it is told; static in its test, for the
 * teardown tells it too. */
struct book {
    struct vmbus_observer o;
    uint32_t offered;
    uint32_t rescinded;
    uint32_t unclaimed;
    struct vmbus_channel *last;
    bool claim;
};

static void on_offered(void *arg, struct vmbus_channel *c)
{
    struct book *b = arg;

    b->offered++;
    b->last = c;
    if (b->claim)
        assert_int_equal(vmbus_channel_claim(c), 0);
}

static void on_rescinded(void *arg, struct vmbus_channel *c)
{
    struct book *b = arg;

    b->rescinded++;
    assert_true(vmbus_channel_rescinded(c));
}

static void on_unclaimed(void *arg, struct vmbus_channel *c)
{
    struct book *b = arg;

    b->unclaimed++;
    b->last = c;
    if (b->claim)
        assert_int_equal(vmbus_channel_claim(c), 0);
}

static void book_open(struct book *b, struct fixture *f)
{
    b->o.offered = on_offered;
    b->o.rescinded = on_rescinded;
    b->o.unclaimed = on_unclaimed;
    b->o.arg = b;
    vmbus_bus_observe(f->bus, &b->o);
}

static void an_observer_is_called_for_an_offer_that_comes_later(void **state)
{
    struct fixture *f = *state;
    static struct book b;

    fixture_connect(f);
    book_open(&b, f);
    peer_send_offer(f->p, peer_offer(f->p, 5, 0x55, 0));
    hosted_run(f->s);
    assert_int_equal(b.offered, 1);
    assert_int_equal(vmbus_channel_offer(b.last)->relid, 5);
}

/* Who removes another observer, and frees it, from inside its function. */
struct remover {
    struct vmbus_observer o;
    struct vmbus_bus *bus;
    struct vmbus_observer *other;
};

static void remove_other(void *arg, struct vmbus_channel *c)
{
    struct remover *r = arg;

    (void)c;
    if (r->other) {
        vmbus_bus_unobserve(r->bus, r->other);
        free(r->other);
    }
    r->other = NULL;
}

static void an_observer_may_remove_the_next_one(void **state)
{
    struct fixture *f = *state;
    static struct remover r;
    static struct book last;

    fixture_connect(f);
    book_open(&last, f);
    r = (struct remover){.o = {.offered = remove_other, .arg = &r},
                         .bus = f->bus,
                         .other = calloc(1, sizeof(*r.other))};
    vmbus_bus_observe(f->bus, r.other);
    vmbus_bus_observe(f->bus, &r.o); /* the newest one is called first */
    peer_send_offer(f->p, peer_offer(f->p, 5, 0x55, 0));
    hosted_run(f->s);
    assert_null(r.other);
    assert_int_equal(last.offered, 1);
    vmbus_bus_unobserve(f->bus, &r.o);
}

static void a_new_observer_is_called_for_offers_that_are_there(void **state)
{
    struct fixture *f = *state;
    static struct book b, silent;

    peer_offer(f->p, 5, 0x55, 0);
    peer_offer(f->p, 6, 0x66, 0);
    fixture_connect(f);
    vmbus_bus_observe(f->bus, &silent.o);
    book_open(&b, f);
    assert_int_equal(b.offered, 2);
    peer_rescind(f->p, 6);
    hosted_run(f->s);
    assert_int_equal(b.rescinded, 1);
    vmbus_bus_unobserve(f->bus, &b.o);
    vmbus_bus_unobserve(f->bus, &b.o);
    peer_rescind(f->p, 5);
    hosted_run(f->s);
    assert_int_equal(b.rescinded, 1);
}

/* Told before connect returns. */
static void observers_are_called_before_the_connect_is_reported(void **state)
{
    struct fixture *f = *state;
    static struct book b;

    fixture_bus(f);
    book_open(&b, f);
    peer_offer(f->p, 5, 0x55, 0);
    fixture_connect(f);
    assert_int_equal(b.offered, 1);
}

static void an_observer_may_leave_out_both_functions(void **state)
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
static void an_observer_added_before_the_report_is_called_once(void **state)
{
    struct fixture *f = *state;
    static uint32_t told;
    static struct vmbus_observer o = {.offered = count_offer, .arg = &told};

    fixture_connect(f);
    peer_send_offer(f->p, peer_offer(f->p, 5, 0x55, 0));
    fixture_deliver_one(f);
    vmbus_bus_observe(f->bus, &o);
    assert_int_equal(told, 0);
    hosted_run(f->s);
    assert_int_equal(told, 1);
}

static void a_rescinded_offer_that_nobody_claimed_is_released(void **state)
{
    struct fixture *f = *state;
    static struct book b;

    peer_offer(f->p, 5, 0x55, 0);
    fixture_connect(f);
    book_open(&b, f);
    peer_rescind(f->p, 5);
    hosted_run(f->s);
    assert_int_equal(b.rescinded, 1);
    assert_true(
        peer_got_hex(f->p, 13, 0, "0d 00 00 00 00 00 00 00 05 00 00 00"));
    assert_null(vmbus_bus_next(f->bus, NULL));
    assert_int_equal(vmbus_bus_stats(f->bus)->releases, 1);
}

/* Offer and rescind in one go: observers hear of neither or of both. */
static void
an_offer_that_is_rescinded_at_once_is_released_without_a_report(void **state)
{
    struct fixture *f = *state;
    static struct book b;

    fixture_connect(f);
    book_open(&b, f);
    peer_send_offer(f->p, peer_offer(f->p, 5, 0x55, 0));
    peer_rescind(f->p, 5);
    hosted_run(f->s);
    assert_int_equal(b.offered, b.rescinded);
    assert_int_equal(f->p->seen[13], 1);
}

static void
a_rescinded_channel_is_released_when_its_owner_unclaims_it(void **state)
{
    struct fixture *f = *state;
    static struct book b = {.claim = true};

    peer_offer(f->p, 5, 0x55, 0);
    fixture_bus(f);
    book_open(&b, f);
    fixture_connect(f);
    peer_rescind(f->p, 5);
    hosted_run(f->s);
    assert_int_equal(b.rescinded, 1);
    assert_int_equal(f->p->seen[13], 0);
    assert_true(vmbus_channel_rescinded(b.last));
    assert_int_equal(vmbus_channel_claim(b.last), -ENODEV);
    assert_int_equal(vmbus_channel_open(b.last, &f->open), -ENODEV);
    vmbus_channel_unclaim(b.last);
    hosted_run(f->s);
    assert_int_equal(f->p->seen[13], 1);
}

/* An observer that waits inside its function: the bus goes on meanwhile. */
static void waits_inside(void *arg, struct vmbus_channel *c)
{
    struct fixture *f = arg;
    uint32_t relid = vmbus_channel_offer(c)->relid;

    f->events++;
    if (relid != 5)
        return;
    peer_rescind(f->p, 5);
    peer_send_offer(f->p, peer_offer(f->p, 6, 0x66, 0));
    fixture_wait_a_second(f);
    assert_int_equal(f->events, 2);
    /* Still there, though rescinded meanwhile. */
    assert_true(vmbus_channel_rescinded(c));
    assert_int_equal(f->p->seen[13], 0);
}

static void an_observer_may_wait_inside_of_its_function(void **state)
{
    struct fixture *f = *state;
    struct vmbus_observer o = {.offered = waits_inside, .arg = f};

    fixture_connect(f);
    vmbus_bus_observe(f->bus, &o);
    peer_send_offer(f->p, peer_offer(f->p, 5, 0x55, 0));
    hosted_run(f->s);
    assert_int_equal(f->p->seen[13], 1);
    vmbus_bus_unobserve(f->bus, &o);
}

/* An owner that lets go of a rescinded channel inside its function, and waits
 * there: those that are called after it still find the channel. */
static void lets_go_and_waits(void *arg, struct vmbus_channel *c)
{
    struct fixture *f = arg;

    vmbus_channel_unclaim(c);
    fixture_wait_a_second(f);
    assert_int_equal(f->p->seen[13], 0);
}

static void a_channel_is_not_released_while_observers_are_called(void **state)
{
    struct fixture *f = *state;
    struct vmbus_observer o = {.rescinded = lets_go_and_waits, .arg = f};
    static struct book last;

    fixture_channel(f);
    book_open(&last, f);
    vmbus_bus_observe(f->bus, &o); /* the newest one is called first */
    peer_rescind(f->p, 5);
    hosted_run(f->s);
    assert_int_equal(last.rescinded, 1);
    assert_int_equal(f->p->seen[13], 1);
    vmbus_bus_unobserve(f->bus, &o);
    f->c = NULL;
}

/* Whoever waits for an offer learns that its owner has let go of it. */
static void observers_are_called_for_an_offer_that_is_given_up(void **state)
{
    struct fixture *f = *state;
    static struct book b;

    fixture_channel(f);
    book_open(&b, f);
    assert_int_equal(b.offered, 1);
    vmbus_channel_unclaim(f->c);
    assert_int_equal(b.unclaimed, 0); /* from the work item, not from inside */
    hosted_run(f->s);
    assert_int_equal(b.unclaimed, 1);
    assert_ptr_equal(b.last, f->c);
    assert_int_equal(b.offered, 1);
    /* One that is claimed again, or gone, is not offered to anybody. */
    assert_int_equal(vmbus_channel_claim(f->c), 0);
    vmbus_channel_unclaim(f->c);
    assert_int_equal(vmbus_channel_claim(f->c), 0);
    hosted_run(f->s);
    assert_int_equal(b.unclaimed, 1);
    vmbus_channel_unclaim(f->c);
    peer_rescind(f->p, 5);
    fixture_deliver_one(f);
    hosted_run(f->s);
    assert_int_equal(b.unclaimed + b.rescinded, 2);
    assert_int_equal(f->p->seen[13], 1);
    f->c = NULL;
}

static void one_of_two_observers_claims_an_offer_that_is_given_up(void **state)
{
    struct fixture *f = *state;
    static struct book b = {.claim = true};

    fixture_channel(f);
    b.claim = false;
    book_open(&b, f);
    b.claim = true;
    vmbus_channel_unclaim(f->c);
    hosted_run(f->s);
    assert_int_equal(b.unclaimed, 1);
    assert_int_equal(vmbus_channel_claim(f->c), -EBUSY);
    vmbus_channel_unclaim(f->c);
    vmbus_bus_unobserve(f->bus, &b.o);
    assert_int_equal(vmbus_channel_claim(f->c), 0);
}

/* A new observer's function waits while the host rescinds what it was called
 * for. */
static void rescind_and_wait(void *arg, struct vmbus_channel *c)
{
    struct fixture *f = arg;
    uint32_t relid = vmbus_channel_offer(c)->relid;

    f->events++;
    if (relid != 5)
        return;
    peer_rescind(f->p, 5);
    fixture_wait_a_second(f);
    assert_true(vmbus_channel_rescinded(c));
    assert_int_equal(f->p->seen[13], 0);
}

static void a_new_observer_may_wait_inside_of_its_function(void **state)
{
    struct fixture *f = *state;
    struct vmbus_observer o = {.offered = rescind_and_wait, .arg = f};

    peer_offer(f->p, 5, 0x55, 0);
    peer_offer(f->p, 6, 0x66, 0);
    fixture_connect(f);
    vmbus_bus_observe(f->bus, &o);
    assert_int_equal(f->events, 2);
    hosted_run(f->s);
    assert_int_equal(f->p->seen[13], 1);
    vmbus_bus_unobserve(f->bus, &o);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_observer_is_called_for_an_offer_that_comes_later),
        TEST(a_new_observer_is_called_for_offers_that_are_there),
        TEST(an_observer_may_remove_the_next_one),
        TEST(observers_are_called_before_the_connect_is_reported),
        TEST(an_observer_may_leave_out_both_functions),
        TEST(an_observer_added_before_the_report_is_called_once),
        TEST(a_rescinded_offer_that_nobody_claimed_is_released),
        TEST(an_offer_that_is_rescinded_at_once_is_released_without_a_report),
        TEST(a_rescinded_channel_is_released_when_its_owner_unclaims_it),
        TEST(an_observer_may_wait_inside_of_its_function),
        TEST(a_channel_is_not_released_while_observers_are_called),
        TEST(observers_are_called_for_an_offer_that_is_given_up),
        TEST(one_of_two_observers_claims_an_offer_that_is_given_up),
        TEST(a_new_observer_may_wait_inside_of_its_function),
    };

    return cmocka_run_group_tests_name("observer", tests, NULL, NULL);
}
