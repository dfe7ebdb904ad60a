/* SPDX-License-Identifier: BSD-2-Clause */
/* A host that never rests: others have their turn all the same. */
#include "fixture.h"

#define ROUNDS 1000u
/* More than the bus reports before it reports an outcome. */
#define MANY_ROUNDS 20000u
/* So many relids come and go, so that one of them is always to be reported. */
#define RELIDS 8u
/* The channel that is left alone. */
#define STANDING 2040u

static struct {
    struct fixture *f;
    uint32_t offers;
    uint32_t rounds;
    struct peer_offer *offer[RELIDS];
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
    if (++endless.offers == endless.rounds)
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
    endless.rounds = ROUNDS;
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

/* A host that rescinds each offer when it is reported, and offers the relid
 * again as soon as it is released. */
static int (*post)(void *peer, uint32_t connection, uint32_t type,
                   const void *payload, uint32_t size);

static int offer_released(void *peer, uint32_t connection, uint32_t type,
                          const void *payload, uint32_t size)
{
    int status = post(peer, connection, type, payload, size);

    if (peer_u32(payload, 0) == 13 && endless.offers < endless.rounds) {
        endless.f->p->in_count = 0; /* the peer need not keep them all */
        peer_send_offer(peer, endless.offer[peer_u32(payload, 8) - 1]);
    }
    return status;
}

static void rescind_at_once(void *arg, struct vmbus_channel *c)
{
    uint32_t relid = vmbus_channel_offer(c)->relid;

    (void)arg;
    if (relid == STANDING)
        return;
    endless.offers++;
    peer_rescind(endless.f->p, relid);
}

static void note_outcome(void *arg, int status, uint32_t host_status)
{
    (void)arg, (void)host_status;
    assert_int_equal(status, 0);
    endless.offers_before = endless.offers;
}

/* Whoever waits for an outcome gives up after a while, with an assertion. */
static void
a_host_that_offers_without_end_does_not_hold_an_outcome_up(void **state)
{
    struct fixture *f = *state;
    static struct vmbus_observer o = {.offered = rescind_at_once};

    endless.f = f;
    endless.offers = 0;
    endless.offers_before = 0;
    endless.rounds = MANY_ROUNDS;
    peer_offer(f->p, STANDING, 0x66, 0);
    fixture_connect(f);
    f->c = fixture_claim(f);
    vmbus_bus_observe(f->bus, &o);
    post = f->s->post;
    f->s->post = offer_released;
    for (uint32_t i = 0; i < RELIDS; i++) {
        endless.offer[i] = peer_offer(f->p, i + 1, (uint8_t)(0x70 + i), 0);
        peer_send_offer(f->p, endless.offer[i]);
    }
    assert_int_equal(
        vmbus_channel_open_start(f->c, &f->open, note_outcome, NULL), 0);
    hosted_run(f->s);
    assert_in_range(endless.offers, MANY_ROUNDS, MANY_ROUNDS + RELIDS);
    assert_in_range(endless.offers_before, 1, MANY_ROUNDS - 1);
    f->s->post = post;
    vmbus_bus_unobserve(f->bus, &o);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_host_that_offers_without_end_leaves_others_their_turn),
        TEST(a_host_that_offers_without_end_does_not_hold_an_outcome_up),
    };

    return cmocka_run_group_tests_name("turns", tests, NULL, NULL);
}
