/* SPDX-License-Identifier: BSD-2-Clause */
/* Opening a channel: OPENCHANNEL (5, 6), its rings, its processor. */
#include "fixture.h"
#include "vmbus/ring.h"

/* 2 + 2 pages with the control pages. */
static void an_open_has_exactly_the_expected_bytes(void **state)
{
    struct fixture *f = *state;

    f->open.tx_pages = 1;
    f->open.rx_pages = 1;
    fixture_version(f, 0x00050003);
    fixture_open(f);
    assert_int_equal(peer_got(f->p, 5, 0)->size, 148);
    assert_memory_equal(peer_got(f->p, 5, 0)->bytes,
                        "\x05\0\0\0\0\0\0\0\x05\0\0\0\x01\0\0\0\x10\x1e\x0e\0"
                        "\x06\0\0\0\x02\0\0\0\0\0\0\0",
                        32);
    for (int i = 32; i < 148; i++)
        assert_int_equal(peer_got(f->p, 5, 0)->bytes[i], 0);
    assert_int_equal(peer_gpadl(f->p, 0xE1E10)->expected, 4);
}

static void an_open_at_6_0_carries_the_signal_parameters(void **state)
{
    struct fixture *f = *state;
    const struct peer_message *m;

    fixture_open(f);
    m = peer_got(f->p, 5, 0);
    assert_int_equal(m->size, 156);
    assert_int_equal(peer_u32(m->bytes, 148), 0x2005);
    assert_int_equal(peer_u32(m->bytes, 152), 5);
}

static void an_open_at_6_0_without_the_feature_is_short(void **state)
{
    struct fixture *f = *state;

    f->p->features = 0;
    fixture_open(f);
    assert_int_equal(peer_got(f->p, 5, 0)->size, 148);
}

static void an_open_carries_the_user_data(void **state)
{
    struct fixture *f = *state;
    uint8_t data[120];

    for (int i = 0; i < 120; i++)
        data[i] = (uint8_t)(200 - i);
    f->open.user_data = data;
    fixture_open(f);
    assert_memory_equal(peer_got(f->p, 5, 0)->bytes + 28, data, 120);
}

/* Both control pages zeroed, only our feature bit in our ring. */
static void an_open_shares_rings_whose_control_pages_are_zero(void **state)
{
    struct fixture *f = *state;
    struct peer_gpadl *g;
    uint8_t *tx, *rx;

    f->open.tx_pages = 3;
    f->open.rx_pages = 2;
    fixture_open(f);
    g = peer_gpadl(f->p, 0xE1E10);
    assert_int_equal(g->expected, 7);
    assert_int_equal(peer_u32(peer_got(f->p, 5, 0)->bytes, 24), 4);
    tx = hosted_frame(f->s, g->pfns[0]);
    rx = hosted_frame(f->s, g->pfns[4]);
    for (int i = 0; i < 4096; i += 4) {
        assert_int_equal(peer_u32(tx, (uint32_t)i), i == 64);
        assert_int_equal(peer_u32(rx, (uint32_t)i), 0);
    }
    assert_ptr_not_equal(vmbus_channel_tx(f->c), NULL);
    assert_int_equal(vmbus_channel_tx(f->c)->area.size, 3 * 4096);
    assert_int_equal(vmbus_channel_rx(f->c)->area.size, 2 * 4096);
    assert_true(vmbus_channel_tx(f->c)->area.twice);
}

static void an_open_channel_works_without_doubly_mapped_rings(void **state)
{
    struct fixture *f = *state;

    f->s->no_maps = true;
    fixture_open(f);
    assert_false(vmbus_channel_tx(f->c)->area.twice);
    assert_int_equal(vmbus_channel_close(f->c), 0);
}

static void an_open_takes_rings_of_8190_pages_together(void **state)
{
    struct fixture *f = *state;

    f->open.tx_pages = 4094;
    f->open.rx_pages = 4094;
    fixture_open(f);
    assert_int_equal(f->p->seen[9], 292);
    assert_int_equal(vmbus_channel_close(f->c), 0);
    f->open.rx_pages = 4095;
    assert_int_equal(vmbus_channel_open(f->c, &f->open), -E2BIG);
}

static void an_open_with_impossible_parameters_is_refused(void **state)
{
    struct fixture *f = *state;
    struct vmbus_open o;

    fixture_channel(f);
    o = f->open;
    o.tx_pages = 0;
    assert_int_equal(vmbus_channel_open(f->c, &o), -EINVAL);
    o = f->open;
    o.rx_pages = 0;
    assert_int_equal(vmbus_channel_open(f->c, &o), -EINVAL);
    o = f->open;
    o.cpu = 2;
    assert_int_equal(vmbus_channel_open(f->c, &o), -EINVAL);
    o = f->open;
    o.event = NULL;
    assert_int_equal(vmbus_channel_open(f->c, &o), -EINVAL);
    assert_int_equal(f->p->seen[8], 0);
}

/* Some hosts take six pages only. [linux hyperv_transport] */
static void
an_open_of_hv_sock_below_5_0_needs_five_data_pages_each_way(void **state)
{
    struct fixture *f = *state;

    peer_offer(f->p, 5, 0x55, 0)->bytes[57] = 0x20;
    fixture_version(f, 0x00040001);
    fixture_connect(f);
    f->c = fixture_claim(f);
    f->open.tx_pages = 5;
    f->open.rx_pages = 4;
    assert_int_equal(vmbus_channel_open(f->c, &f->open), -EINVAL);
    f->open.tx_pages = 6;
    f->open.rx_pages = 5;
    assert_int_equal(vmbus_channel_open(f->c, &f->open), -EINVAL);
    f->open.tx_pages = 5;
    assert_int_equal(vmbus_channel_open(f->c, &f->open), 0);
}

static void an_open_of_hv_sock_from_5_0_on_takes_other_sizes(void **state)
{
    struct fixture *f = *state;

    peer_offer(f->p, 5, 0x55, 0)->bytes[57] = 0x20;
    fixture_version(f, 0x00050000);
    fixture_connect(f);
    f->c = fixture_claim(f);
    assert_int_equal(vmbus_channel_open(f->c, &f->open), 0);
}

static void a_second_open_is_refused(void **state)
{
    struct fixture *f = *state;

    fixture_open(f);
    assert_int_equal(vmbus_channel_open(f->c, &f->open), -EBUSY);
}

/* Nobody needs to wait for the end of the list. */
static void
a_channel_can_be_opened_before_the_list_of_offers_is_complete(void **state)
{
    struct fixture *f = *state;

    peer_offer(f->p, 5, 0x55, 0);
    fixture_bus(f);
    f->p->rules[3].delay = SEAM_S;
    vmbus_bus_connect_start(f->bus, outcome_done, &f->outcome);
    hosted_run(f->s);
    f->c = fixture_claim(f);
    assert_int_equal(vmbus_channel_open(f->c, &f->open), 0);
    assert_int_equal(f->outcome.calls, 0);
    hosted_advance(f->s, SEAM_S);
    assert_int_equal(f->outcome.status, 0);
}

static void a_channel_below_2_4_uses_the_processor_of_the_contact(void **state)
{
    struct fixture *f = *state;

    fixture_version(f, 0x00010001);
    fixture_open(f);
    assert_int_equal(vmbus_channel_cpu(f->c), 0);
    assert_int_equal(peer_u32(peer_got(f->p, 5, 0)->bytes, 20), 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_open_has_exactly_the_expected_bytes),
        TEST(an_open_at_6_0_carries_the_signal_parameters),
        TEST(an_open_at_6_0_without_the_feature_is_short),
        TEST(an_open_carries_the_user_data),
        TEST(an_open_shares_rings_whose_control_pages_are_zero),
        TEST(an_open_channel_works_without_doubly_mapped_rings),
        TEST(an_open_takes_rings_of_8190_pages_together),
        TEST(an_open_with_impossible_parameters_is_refused),
        TEST(an_open_of_hv_sock_below_5_0_needs_five_data_pages_each_way),
        TEST(an_open_of_hv_sock_from_5_0_on_takes_other_sizes),
        TEST(a_second_open_is_refused),
        TEST(a_channel_can_be_opened_before_the_list_of_offers_is_complete),
        TEST(a_channel_below_2_4_uses_the_processor_of_the_contact),
    };

    return cmocka_run_group_tests_name("open", tests, NULL, NULL);
}
