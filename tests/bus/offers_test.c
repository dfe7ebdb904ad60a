/* SPDX-License-Identifier: BSD-2-Clause */
/* Offers, looking for them, and relids that come and go. */
#include "fixture.h"

static void an_offer_keeps_all_fields_of_its_message(void **state)
{
    struct fixture *f = *state;
    struct peer_offer *o = peer_offer(f->p, 2047, 0x55, 3);
    const struct vmbus_offer *offer;

    for (int i = 0; i < 16; i++)
        o->bytes[8 + i] = (uint8_t)i;
    o->bytes[56] = 0x11;
    o->bytes[57] = 0x20;
    o->bytes[58] = 0x34;
    o->bytes[59] = 0x12;
    for (int i = 0; i < 120; i++)
        o->bytes[60 + i] = (uint8_t)(i + 1);
    o->bytes[182] = 0x78;
    o->bytes[183] = 0x56;
    o->bytes[188] = 127;
    o->bytes[189] = 1;
    fixture_connect(f);
    offer = vmbus_channel_offer(vmbus_bus_next(f->bus, NULL));
    assert_memory_equal(offer->type.bytes, o->bytes + 8, 16);
    assert_memory_equal(offer->instance.bytes, o->bytes + 24, 16);
    assert_memory_equal(offer->user_data, o->bytes + 60, 120);
    assert_int_equal(offer->flags, 0x2011);
    assert_int_equal(offer->mmio_megabytes, 0x1234);
    assert_int_equal(offer->mmio_megabytes_optional, 0x5678);
    assert_int_equal(offer->subchannel, 3);
    assert_int_equal(offer->relid, 2047);
    assert_int_equal(offer->monitor, 127);
    assert_true(offer->monitored);
    assert_true(offer->dedicated);
    assert_int_equal(offer->connection, 0x2000 | 2047);
}

/* Only bit 0 of the two flags counts. */
static void reserved_bits_of_an_offer_are_ignored(void **state)
{
    struct fixture *f = *state;
    struct peer_offer *o = peer_offer(f->p, 5, 0x55, 0);
    const struct vmbus_offer *offer;

    o->bytes[189] = 0xFE;
    o->bytes[190] = 0xFE;
    fixture_connect(f);
    offer = vmbus_channel_offer(vmbus_bus_next(f->bus, NULL));
    assert_false(offer->monitored);
    assert_false(offer->dedicated);
}

static void an_offer_of_0_13_uses_the_shared_connection(void **state)
{
    struct fixture *f = *state;
    const struct vmbus_offer *offer;

    peer_offer(f->p, 5, 0x55, 0);
    fixture_version(f, 0x0000000D);
    fixture_connect(f);
    offer = vmbus_channel_offer(vmbus_bus_next(f->bus, NULL));
    assert_int_equal(offer->connection, 2);
    assert_false(offer->dedicated);
}

static void an_offer_with_a_relid_out_of_range_is_refused(void **state)
{
    struct fixture *f = *state;

    peer_offer(f->p, 0, 0x01, 0);
    peer_offer(f->p, 2048, 0x02, 0);
    peer_offer(f->p, 0xFFFFFFFF, 0x03, 0);
    fixture_connect(f);
    assert_null(vmbus_bus_next(f->bus, NULL));
    assert_int_equal(fixture_refused(f), 3);
    assert_int_equal(vmbus_bus_last_relid(f->bus), 0);
    assert_true(hosted_logged(f->s, "its relid is not in 1..2047"));
}

static void an_offer_with_a_relid_in_use_is_refused(void **state)
{
    struct fixture *f = *state;
    struct vmbus_channel *c;

    peer_offer(f->p, 5, 0x01, 0);
    peer_offer(f->p, 5, 0x02, 0);
    fixture_connect(f);
    c = vmbus_bus_next(f->bus, NULL);
    assert_int_equal(vmbus_channel_offer(c)->instance.bytes[0], 1);
    assert_null(vmbus_bus_next(f->bus, c));
    assert_int_equal(fixture_refused(f), 1);
}

static void an_offer_with_a_monitor_id_out_of_range_is_refused(void **state)
{
    struct fixture *f = *state;
    struct peer_offer *o = peer_offer(f->p, 5, 0x55, 0);

    o->bytes[188] = 128;
    o->bytes[189] = 1;
    fixture_connect(f);
    assert_int_equal(fixture_refused(f), 1);
}

/* A host that is never told keeps the relid for good. */
static void an_offer_that_finds_no_memory_is_released_at_once(void **state)
{
    struct fixture *f = *state;

    fixture_connect(f);
    f->s->fail_at = f->s->counts.allocations + 1;
    peer_send_offer(f->p, peer_offer(f->p, 5, 0x55, 0));
    hosted_run(f->s);
    assert_null(vmbus_bus_next(f->bus, NULL));
    assert_true(hosted_logged(f->s, "no memory for it"));
    assert_true(
        peer_got_hex(f->p, 13, 0, "0d 00 00 00 00 00 00 00 05 00 00 00"));
    assert_null(peer_got(f->p, 13, 1));
    /* The host may offer it again. */
    peer_send_offer(f->p, peer_offer(f->p, 5, 0x66, 0));
    hosted_run(f->s);
    assert_non_null(vmbus_bus_next(f->bus, NULL));
}

/* One message object serves any number of them. */
static void many_offers_that_find_no_memory_are_all_released(void **state)
{
    struct fixture *f = *state;

    fixture_connect(f);
    for (uint32_t relid = 40; relid > 30; relid--) {
        f->s->fail_at = f->s->counts.allocations + 1;
        peer_send_offer(f->p, peer_offer(f->p, relid, (uint8_t)relid, 0));
        hosted_run(f->s);
    }
    assert_int_equal(vmbus_bus_stats(f->bus)->releases, 10);
    assert_true(
        peer_got_hex(f->p, 13, 9, "0d 00 00 00 00 00 00 00 1f 00 00 00"));
    assert_null(peer_got(f->p, 13, 10));
}

/* The host may use a relid again only after RELID_RELEASED. */
static void a_relid_can_be_offered_again_after_its_release(void **state)
{
    struct fixture *f = *state;
    struct peer_offer *again;

    fixture_channel(f);
    peer_rescind(f->p, 5);
    again = peer_offer(f->p, 5, 0x66, 0);
    peer_send_offer(f->p, again);
    hosted_run(f->s);
    assert_int_equal(fixture_refused(f), 1);
    vmbus_channel_unclaim(f->c);
    f->c = NULL;
    hosted_run(f->s);
    peer_send_offer(f->p, again);
    hosted_run(f->s);
    assert_int_equal(
        vmbus_channel_offer(vmbus_bus_next(f->bus, NULL))->instance.bytes[0],
        0x66);
}

static void a_rescind_of_an_unknown_relid_is_refused(void **state)
{
    struct fixture *f = *state;

    fixture_channel(f);
    peer_rescind(f->p, 6);
    peer_rescind(f->p, 0);
    peer_rescind(f->p, 2048);
    peer_rescind(f->p, 0xFFFFFFFF);
    peer_rescind(f->p, 5);
    peer_rescind(f->p, 5);
    hosted_run(f->s);
    assert_int_equal(fixture_refused(f), 5);
    assert_int_equal(vmbus_bus_stats(f->bus)->rescinds, 1);
}

static void rescinded_channels_are_not_found(void **state)
{
    struct fixture *f = *state;

    fixture_channel(f);
    peer_send_offer(f->p, peer_offer(f->p, 6, 0x66, 0));
    peer_rescind(f->p, 5);
    hosted_run(f->s);
    assert_int_equal(vmbus_channel_offer(vmbus_bus_next(f->bus, NULL))->relid,
                     6);
}

static void channels_are_found_by_type_instance_and_subchannel(void **state)
{
    struct fixture *f = *state;
    struct vmbus_guid type, instance;
    struct vmbus_channel *c;

    peer_offer(f->p, 5, 0x55, 0);
    peer_offer(f->p, 6, 0x55, 1);
    peer_offer(f->p, 7, 0x77, 0);
    fixture_connect(f);
    memset(type.bytes, 0x11, 16);
    memset(instance.bytes, 0x77, 16);
    c = vmbus_bus_find(f->bus, &type, &instance, 0);
    assert_int_equal(vmbus_channel_offer(c)->relid, 7);
    c = vmbus_bus_find(f->bus, &type, NULL, 1);
    assert_int_equal(vmbus_channel_offer(c)->relid, 6);
    assert_null(vmbus_bus_find(f->bus, &instance, NULL, 0));
    assert_null(vmbus_bus_find(f->bus, NULL, &type, 0));
    c = vmbus_bus_find(f->bus, NULL, NULL, 0);
    assert_int_equal(vmbus_channel_offer(c)->relid, 5);
    assert_int_equal(vmbus_channel_claim(c), 0);
    assert_int_equal(vmbus_channel_claim(c), -EBUSY);
    assert_int_equal(
        vmbus_channel_offer(vmbus_bus_find(f->bus, NULL, NULL, 0))->relid, 7);
    vmbus_channel_unclaim(c);
}

/* All 2,047 relids at once, all rescinded, all offered again. */
static void the_bus_takes_as_many_offers_as_there_are_relids(void **state)
{
    struct fixture *f = *state;
    uint32_t n = 0;

    for (uint32_t relid = 1; relid <= 2047; relid++)
        peer_offer(f->p, relid, (uint8_t)relid, 0);
    fixture_connect(f);
    for (struct vmbus_channel *c = NULL;
         (c = vmbus_bus_next(f->bus, c)) != NULL;)
        n++;
    assert_int_equal(n, 2047);
    assert_int_equal(vmbus_bus_last_relid(f->bus), 2047);
    for (uint32_t relid = 1; relid <= 2047; relid++)
        peer_rescind(f->p, relid);
    hosted_run(f->s);
    assert_null(vmbus_bus_next(f->bus, NULL));
    assert_int_equal(vmbus_bus_stats(f->bus)->releases, 2047);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_offer_keeps_all_fields_of_its_message),
        TEST(reserved_bits_of_an_offer_are_ignored),
        TEST(an_offer_of_0_13_uses_the_shared_connection),
        TEST(an_offer_with_a_relid_out_of_range_is_refused),
        TEST(an_offer_with_a_relid_in_use_is_refused),
        TEST(an_offer_with_a_monitor_id_out_of_range_is_refused),
        TEST(an_offer_that_finds_no_memory_is_released_at_once),
        TEST(many_offers_that_find_no_memory_are_all_released),
        TEST(a_relid_can_be_offered_again_after_its_release),
        TEST(a_rescind_of_an_unknown_relid_is_refused),
        TEST(rescinded_channels_are_not_found),
        TEST(channels_are_found_by_type_instance_and_subchannel),
        TEST(the_bus_takes_as_many_offers_as_there_are_relids),
    };

    return cmocka_run_group_tests_name("offers", tests, NULL, NULL);
}
