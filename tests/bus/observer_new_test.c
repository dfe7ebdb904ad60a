/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An observer that is being added: it is told of the offers that are there, one
 * after the other, and offers come and go meanwhile.
 */
#include "fixture.h"

/* What the observer under test is told, and what happens inside its function
 * for relid 5. Static: the teardown tells it too. */
static struct {
    struct fixture *f;
    struct vmbus_observer o, old;
    uint64_t offered, rescinded; /* a bit for each relid */
    uint32_t calls;
    uint64_t old_rescinded;
    void (*inside)(void);
} t;

static uint64_t bit_of(const struct vmbus_channel *c)
{
    return UINT64_C(1) << vmbus_channel_offer(c)->relid;
}

static void on_offered(void *arg, struct vmbus_channel *c)
{
    (void)arg;
    t.calls++;
    t.offered |= bit_of(c);
    if (bit_of(c) == 1u << 5 && t.inside)
        t.inside();
}

static void on_rescinded(void *arg, struct vmbus_channel *c)
{
    (void)arg;
    t.calls++;
    t.rescinded |= bit_of(c);
}

static void on_old_rescinded(void *arg, struct vmbus_channel *c)
{
    (void)arg;
    assert_int_equal(t.old_rescinded & bit_of(c), 0);
    t.old_rescinded |= bit_of(c);
}

/* Offers of the relids 5, 6 and 7 are there, and an older observer. */
static void begin(struct fixture *f, void (*inside)(void))
{
    memset(&t, 0, sizeof(t));
    t.f = f;
    t.inside = inside;
    for (uint8_t relid = 5; relid < 8; relid++)
        peer_offer(f->p, relid, (uint8_t)(relid * 0x11), 0);
    fixture_connect(f);
    t.old.rescinded = on_old_rescinded;
    vmbus_bus_observe(f->bus, &t.old);
    t.o = (struct vmbus_observer){.offered = on_offered,
                                  .rescinded = on_rescinded};
    vmbus_bus_observe(f->bus, &t.o);
}

static void end(struct fixture *f)
{
    hosted_run(f->s);
    vmbus_bus_unobserve(f->bus, &t.o);
    vmbus_bus_unobserve(f->bus, &t.old);
}

static void rescind_5_and_wait(void)
{
    peer_rescind(t.f->p, 5);
    fixture_wait_a_second(t.f);
}

static void a_rescind_while_the_new_observer_waits_is_reported(void **state)
{
    struct fixture *f = *state;

    begin(f, rescind_5_and_wait);
    assert_int_equal(t.offered, 0xe0);
    assert_int_equal(t.rescinded, 0x20);
    assert_int_equal(t.calls, 4);
    end(f);
    assert_int_equal(t.calls, 4);
    assert_int_equal(t.old_rescinded, 0x20);
    assert_int_equal(f->p->seen[13], 1);
}

/* Relid 6 goes while the new observer is told of 5: it never hears of 6, and
 * the old one hears of the rescind. */
static void never_told_of_6(struct fixture *f, void (*inside)(void))
{
    begin(f, inside);
    assert_int_equal(t.offered, 0xa0);
    end(f);
    assert_int_equal(t.rescinded, 0);
    assert_int_equal(t.calls, 2);
    assert_int_equal(t.old_rescinded, 0x40);
    assert_int_equal(f->p->seen[13], 1);
}

static void rescind_6_and_wait(void)
{
    peer_rescind(t.f->p, 6);
    fixture_wait_a_second(t.f);
}

static void an_offer_that_goes_before_its_turn_is_not_mentioned(void **state)
{
    never_told_of_6(*state, rescind_6_and_wait);
}

/* The message arrives, and no PASSIVE work runs. */
static void rescind_6_at_once(void)
{
    peer_rescind(t.f->p, 6);
    fixture_deliver_one(t.f);
}

static void the_new_observer_is_not_told_of_a_rescind_that_waits(void **state)
{
    never_told_of_6(*state, rescind_6_at_once);
}

static void offer_8_and_wait(void)
{
    peer_send_offer(t.f->p, peer_offer(t.f->p, 8, 0x88, 0));
    fixture_wait_a_second(t.f);
}

static void an_offer_while_the_new_observer_waits_is_reported_once(void **state)
{
    struct fixture *f = *state;

    begin(f, offer_8_and_wait);
    end(f);
    assert_int_equal(t.offered, 0x1e0);
    assert_int_equal(t.calls, 4);
}

static void remove_itself(void)
{
    vmbus_bus_unobserve(t.f->bus, &t.o);
    memset(&t.o, 0x5a, sizeof(t.o)); /* its storage is the caller's again */
}

static void a_new_observer_may_remove_itself(void **state)
{
    struct fixture *f = *state;

    begin(f, remove_itself);
    peer_rescind(f->p, 5);
    end(f);
    assert_int_equal(t.calls, 1);
    assert_int_equal(t.old_rescinded, 0x20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_rescind_while_the_new_observer_waits_is_reported),
        TEST(an_offer_that_goes_before_its_turn_is_not_mentioned),
        TEST(the_new_observer_is_not_told_of_a_rescind_that_waits),
        TEST(an_offer_while_the_new_observer_waits_is_reported_once),
        TEST(a_new_observer_may_remove_itself),
    };

    return cmocka_run_group_tests_name("observer_new", tests, NULL, NULL);
}
