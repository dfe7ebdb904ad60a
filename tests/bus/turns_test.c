/* SPDX-License-Identifier: BSD-2-Clause */
/* A host that never rests: others have their turn all the same. */
#include "fixture.h"

#define ROUNDS 1000u

static struct {
    struct fixture *f;
    uint32_t offers;
    uint32_t offers_before; /* when the other work had its turn */
} endless;

/* As by an interrupt: what the host has sent arrives at once. */
static void interrupt(struct seam *s)
{
    uint8_t irql = seam_irql_raise(s, SEAM_DISPATCH);

    hosted_run(s);
    seam_irql_lower(s, irql);
}

static void one_more(void *arg, struct vmbus_channel *c)
{
    struct peer *p = endless.f->p;
    uint32_t relid = vmbus_channel_offer(c)->relid;

    (void)arg;
    if (++endless.offers == ROUNDS)
        return;
    peer_rescind(p, relid);
    peer_send_offer(p, peer_offer(p, relid % 2000 + 1, 0x55, 0));
    interrupt(endless.f->s);
}

static void others(void *arg)
{
    (void)arg;
    endless.offers_before = endless.offers;
}

static void
a_host_that_offers_without_end_leaves_others_their_turn(void **state)
{
    struct fixture *f = *state;
    static struct seam_work work = {.run = others, .level = SEAM_PASSIVE};
    static struct vmbus_observer o = {.offered = one_more};

    endless.f = f;
    endless.offers = 0;
    fixture_connect(f);
    vmbus_bus_observe(f->bus, &o);
    peer_send_offer(f->p, peer_offer(f->p, 1, 0x55, 0));
    interrupt(f->s);
    seam_work_queue(f->s, &work, 0);
    hosted_run(f->s);
    assert_int_equal(endless.offers, ROUNDS);
    assert_true(endless.offers_before < 200);
    vmbus_bus_unobserve(f->bus, &o);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_host_that_offers_without_end_leaves_others_their_turn),
    };

    return cmocka_run_group_tests_name("turns", tests, NULL, NULL);
}
