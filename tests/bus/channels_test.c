/* SPDX-License-Identifier: BSD-2-Clause */
/* Several channels side by side: spread, nested, in flight together. */
#include "fixture.h"

/* Connects to a host that offers `count` devices. */
static void connect_with(struct fixture *f, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        peer_offer(f->p, i + 1, (uint8_t)i, 0);
    fixture_connect(f);
}

static void the_bus_spreads_channels_over_processors(void **state)
{
    struct fixture *f = *state;
    struct vmbus_channel *c[4];
    uint32_t on[2] = {0};

    connect_with(f, 4);
    f->open.cpu = VMBUS_CPU_ANY;
    for (int i = 0; i < 4; i++) {
        c[i] = fixture_claim(f);
        assert_int_equal(vmbus_channel_open(c[i], &f->open), 0);
        on[vmbus_channel_cpu(c[i])]++;
    }
    assert_int_equal(on[0], 2);
    assert_int_equal(on[1], 2);
    for (int i = 0; i < 4; i++) {
        assert_int_equal(vmbus_channel_close(c[i]), 0);
        vmbus_channel_unclaim(c[i]);
    }
}

/* Many channels open at once, answered in reverse. */
static void several_channels_can_be_opened_at_the_same_time(void **state)
{
    struct fixture *f = *state;
    struct vmbus_channel *c[8];
    struct outcome o[8] = {0};

    connect_with(f, 8);
    f->p->rules[5].answer = PEER_SILENT;
    for (int i = 0; i < 8; i++) {
        c[i] = fixture_claim(f);
        vmbus_channel_open_start(c[i], &f->open, outcome_done, &o[i]);
    }
    hosted_run(f->s);
    assert_int_equal(f->p->seen[5], 8);
    for (uint32_t i = 8; i-- > 0;) {
        const uint8_t *m = peer_got(f->p, 5, i)->bytes;

        peer_send_dwords(f->p, 6, 3, peer_u32(m, 8), peer_u32(m, 12),
                         i % 2 ? 0 : 0xC0000001);
    }
    hosted_run(f->s);
    for (int i = 0; i < 8; i++) {
        assert_int_equal(o[i].calls, 1);
        assert_int_equal(o[i].status, i % 2 ? 0 : -EIO);
        vmbus_channel_close(c[i]);
        vmbus_channel_unclaim(c[i]);
    }
}

/* Sub-channels first, then the primary. */
static void a_primary_channel_is_not_closed_before_its_subchannels(void **state)
{
    struct fixture *f = *state;
    struct vmbus_channel *sub;
    struct vmbus_open o;

    peer_offer(f->p, 5, 0x55, 0);
    peer_offer(f->p, 6, 0x55, 1);
    peer_offer(f->p, 7, 0x77, 1); /* somebody else's */
    fixture_connect(f);
    f->c = fixture_claim(f);
    fixture_open(f);
    sub = vmbus_bus_find(f->bus, NULL, &vmbus_channel_offer(f->c)->instance, 1);
    assert_int_equal(vmbus_channel_claim(sub), 0);
    o = f->open;
    assert_int_equal(vmbus_channel_open(sub, &o), 0);
    assert_int_equal(vmbus_channel_close(f->c), -EBUSY);
    assert_int_equal(vmbus_channel_close(sub), 0);
    assert_int_equal(vmbus_channel_close(f->c), 0);
    vmbus_channel_unclaim(sub);
}

/* Sub-channels of another type are none of ours. */
static void
a_channel_is_closed_while_subchannels_of_another_type_stay_open(void **state)
{
    struct fixture *f = *state;
    struct peer_offer *o;
    struct vmbus_channel *sub;

    peer_offer(f->p, 5, 0x55, 0);
    o = peer_offer(f->p, 6, 0x55, 1);
    memset(o->bytes + 8, 0x99, 16);
    peer_offer(f->p, 7, 0x77, 1);
    fixture_connect(f);
    f->c = fixture_claim(f);
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
static void
pages_leaked_after_the_bus_has_stopped_are_still_counted(void **state)
{
    struct fixture *f = *state;
    struct vmbus_channel *c[3];

    f->config.leak_limit = 7;
    connect_with(f, 3);
    for (int i = 0; i < 3; i++) {
        c[i] = fixture_claim(f);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_bus_spreads_channels_over_processors),
        TEST(several_channels_can_be_opened_at_the_same_time),
        TEST(a_primary_channel_is_not_closed_before_its_subchannels),
        TEST(a_channel_is_closed_while_subchannels_of_another_type_stay_open),
        TEST(pages_leaked_after_the_bus_has_stopped_are_still_counted),
    };

    return cmocka_run_group_tests_name("channels", tests, NULL, NULL);
}
