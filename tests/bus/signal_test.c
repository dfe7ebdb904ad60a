/* SPDX-License-Identifier: BSD-2-Clause */
/* Signals to the host: connections, shared bits, monitor pages. */
#include "fixture.h"

static void a_signal_goes_to_the_connection_of_the_offer(void **state)
{
    struct fixture *f = *state;

    fixture_open(f);
    vmbus_channel_signal(f->c);
    assert_int_equal(f->p->signals, 1);
    assert_int_equal(f->p->last_signal, 0x2005);
    assert_int_equal(vmbus_bus_stats(f->bus)->signals_out, 1);
}

static void a_signal_of_0_13_goes_to_the_shared_connection(void **state)
{
    struct fixture *f = *state;
    uint8_t *page;

    fixture_version(f, 0x0000000D);
    fixture_open(f);
    vmbus_channel_signal(f->c);
    assert_int_equal(f->p->last_signal, 2);
    page = fixture_contact_page(f, 16);
    assert_int_equal(page[2048], 1 << 5);
}

/* Not dedicated: the bit in the page as well, and its own connection. */
static void
a_signal_with_a_shared_interrupt_sets_the_bit_of_the_channel(void **state)
{
    struct fixture *f = *state;
    uint8_t *page;

    peer_offer(f->p, 20, 0x20, 0)->bytes[190] = 0;
    fixture_version(f, 0x00040000);
    fixture_connect(f);
    f->c = fixture_claim(f);
    fixture_open(f);
    vmbus_channel_signal(f->c);
    assert_int_equal(f->p->last_signal, 0x2000 | 20);
    page = fixture_contact_page(f, 16);
    assert_int_equal(page[2048 + 2], 1 << 4);
}

static void a_signal_with_a_dedicated_interrupt_sets_no_bit(void **state)
{
    struct fixture *f = *state;
    uint8_t *page;

    fixture_version(f, 0x00040000);
    fixture_open(f);
    vmbus_channel_signal(f->c);
    page = fixture_contact_page(f, 16);
    assert_int_equal(page[2048], 0);
}

static void a_channel_that_is_not_open_sends_no_signal(void **state)
{
    struct fixture *f = *state;

    fixture_channel(f);
    vmbus_channel_signal(f->c);
    fixture_open(f);
    peer_rescind(f->p, 5);
    hosted_run(f->s);
    vmbus_channel_signal(f->c);
    assert_int_equal(f->p->signals, 0);
    assert_int_equal(vmbus_channel_set_latency(f->c, 1, NULL), -EBUSY);
}

/* The hypervisor cannot take it now: again by timer. */
static void a_signal_that_the_hypervisor_cannot_take_is_sent_again(void **state)
{
    struct fixture *f = *state;

    fixture_open(f);
    f->p->signal_status = -EAGAIN;
    f->p->signal_misses = 3;
    vmbus_channel_signal(f->c);
    assert_int_equal(f->p->signals, 0);
    hosted_advance(f->s, SEAM_S);
    assert_int_equal(f->p->signals, 1);
    assert_int_equal(vmbus_bus_stats(f->bus)->signals_failed, 3);
}

static void a_signal_to_an_unknown_connection_is_sent_again(void **state)
{
    struct fixture *f = *state;

    fixture_open(f);
    f->p->signal_status = -ENOENT;
    f->p->signal_misses = 1;
    vmbus_channel_signal(f->c);
    hosted_advance(f->s, SEAM_S);
    assert_int_equal(f->p->signals, 1);
}

static void a_signal_that_fails_for_good_is_not_sent_again(void **state)
{
    struct fixture *f = *state;

    fixture_open(f);
    f->p->signal_status = -EIO;
    f->p->signal_misses = 1;
    vmbus_channel_signal(f->c);
    hosted_advance(f->s, SEAM_S);
    assert_int_equal(f->p->signals, 0);
    assert_true(hosted_logged(f->s, "signal of channel 5"));
}

static void a_signal_that_is_due_ends_with_its_channel(void **state)
{
    struct fixture *f = *state;

    fixture_open(f);
    f->p->signal_status = -EAGAIN;
    f->p->signal_misses = 1;
    vmbus_channel_signal(f->c);
    assert_int_equal(vmbus_channel_close(f->c), 0);
    hosted_advance(f->s, SEAM_S);
    assert_int_equal(f->p->signals, 0);
}

/* ---- monitor pages ------------------------------------------------------ */

static void monitored(struct fixture *f, uint8_t id)
{
    struct peer_offer *o = peer_offer(f->p, 5, 0x55, 0);

    o->bytes[188] = id;
    o->bytes[189] = 1;
    fixture_connect(f);
    f->c = fixture_claim(f);
    fixture_open(f);
}

/* Monitor 70: group 2, bit 6, in the child-to-parent page. */
static void
a_monitored_channel_sets_its_monitor_bit_instead_of_a_signal(void **state)
{
    struct fixture *f = *state;

    monitored(f, 70);
    vmbus_channel_signal(f->c);
    assert_int_equal(f->p->signals, 0);
    assert_int_equal(peer_u32(fixture_contact_page(f, 32), 8 + 2 * 8), 1 << 6);
    assert_int_equal(vmbus_bus_stats(f->bus)->monitor_signals_out, 1);
}

static void
a_channel_with_low_latency_does_not_use_the_monitor_page(void **state)
{
    struct fixture *f = *state;

    f->open.low_latency = true;
    monitored(f, 70);
    vmbus_channel_signal(f->c);
    assert_int_equal(f->p->signals, 1);
    assert_int_equal(vmbus_channel_set_latency(f->c, 1, NULL), -ENOTSUP);
}

static void a_bus_without_monitor_pages_sends_signals(void **state)
{
    struct fixture *f = *state;

    f->config.no_monitor = true;
    monitored(f, 70);
    vmbus_channel_signal(f->c);
    assert_int_equal(f->p->signals, 1);
    assert_int_equal(peer_u64(peer_got(f->p, 14, 0)->bytes, 24), 0);
    assert_int_equal(peer_u64(peer_got(f->p, 14, 0)->bytes, 32), 0);
}

static void the_monitor_latency_of_a_channel_can_be_set(void **state)
{
    struct fixture *f = *state;
    uint16_t old = 7;

    monitored(f, 70);
    assert_int_equal(vmbus_channel_set_latency(f->c, 1000, &old), 0);
    assert_int_equal(old, 0);
    assert_int_equal(vmbus_channel_set_latency(f->c, 500, &old), 0);
    assert_int_equal(old, 1000);
    assert_int_equal(vmbus_channel_set_latency(f->c, 500, NULL), 0);
    assert_int_equal(
        peer_u32(fixture_contact_page(f, 32), 0x240 + 70 * 2) & 0xFFFF, 500);
    vmbus_channel_close(f->c);
    assert_int_equal(vmbus_channel_set_latency(f->c, 1, &old), -EBUSY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_signal_goes_to_the_connection_of_the_offer),
        TEST(a_signal_of_0_13_goes_to_the_shared_connection),
        TEST(a_signal_with_a_shared_interrupt_sets_the_bit_of_the_channel),
        TEST(a_signal_with_a_dedicated_interrupt_sets_no_bit),
        TEST(a_channel_that_is_not_open_sends_no_signal),
        TEST(a_signal_that_the_hypervisor_cannot_take_is_sent_again),
        TEST(a_signal_to_an_unknown_connection_is_sent_again),
        TEST(a_signal_that_fails_for_good_is_not_sent_again),
        TEST(a_signal_that_is_due_ends_with_its_channel),
        TEST(a_monitored_channel_sets_its_monitor_bit_instead_of_a_signal),
        TEST(a_channel_with_low_latency_does_not_use_the_monitor_page),
        TEST(a_bus_without_monitor_pages_sends_signals),
        TEST(the_monitor_latency_of_a_channel_can_be_set),
    };

    return cmocka_run_group_tests_name("signal", tests, NULL, NULL);
}
