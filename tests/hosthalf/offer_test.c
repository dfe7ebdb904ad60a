/* Offers: their bytes, their order, and what may be published. */
#include "script.h"

#include <errno.h>
#include <string.h>

/* Asks for the offers and returns the first. */
static struct bytes first_offer(struct script *s)
{
    say_header(s, 3);
    return hear_type(s, 1, 196);
}

static void offer_bytes_by_hand(void **state)
{
    struct script *s = *state;
    struct server v = {0};
    struct vmbus_host_offer o = an_offer(0, 0, 3);
    struct bytes b;

    /* f8615163-df3e-46c5-913f-f2d2f965ed0e in byte form */
    memcpy(o.type.bytes, hex("635161f83edfc546913ff2d2f965ed0e").at, 16);
    memset(o.instance.bytes, 0xAB, 16);
    o.flags = VMBUS_OFFER_ENUMERATE | VMBUS_OFFER_PIPE;
    o.mmio_megabytes = 8;
    o.mmio_megabytes_optional = 64;
    memset(o.user_data, 0x0D, sizeof(o.user_data));
    o.monitor = true;
    publish_offer(s, &v, &o);
    connect_at(s, 0x00040000);
    b = first_offer(s);
    assert_memory_equal(&b.at[8], o.type.bytes, 16);
    assert_memory_equal(&b.at[24], o.instance.bytes, 16);
    assert_true(get64(&b, 40) == 0 && get64(&b, 48) == 0);
    assert_int_equal(get16(&b, 56), 0x0011);
    assert_int_equal(get16(&b, 58), 8);
    assert_memory_equal(&b.at[60], o.user_data, 120);
    assert_int_equal(get16(&b, 180), 3);
    assert_int_equal(get16(&b, 182), 64);
    assert_int_equal(get32(&b, 184), 1);
    assert_int_equal(b.at[188], 0); /* monitor id */
    assert_int_equal(b.at[189], 1);
    assert_int_equal(get16(&b, 190), 1); /* dedicated */
    assert_int_equal(get32(&b, 192), 0x2001);
    hear_hex(s, "04 00 00 00 00 00 00 00");
    hear_nothing(s);
    withdraw(&v);
}

static void offers_come_in_order_of_publishing(void **state)
{
    struct script *s = *state;
    struct server v[5] = {{0}};

    for (uint8_t i = 0; i < 4; i++)
        publish(s, &v[i], 9, i, 0);
    connect_at(s, 0x00030000);
    hear_nothing(s);
    say_header(s, 3);
    for (uint32_t i = 1; i <= 4; i++)
        assert_int_equal(hear_offer(s), i);
    hear_type(s, 4, 8);
    publish(s, &v[4], 9, 4, 0); /* hot */
    assert_int_equal(hear_offer(s), 5);
    hear_nothing(s);
    for (unsigned i = 0; i < 5; i++)
        withdraw(&v[i]);
}

static void an_empty_list_of_offers_is_complete(void **state)
{
    struct script *s = *state;

    connect_at(s, 0x00050000);
    say_header(s, 3);
    hear_type(s, 4, 8);
    hear_nothing(s);
}

static void offers_are_requested_once(void **state)
{
    struct script *s = *state;
    struct server v = {0};

    begin_offered(s, &v, 0x00050000);
    say_header(s, 3);
    broke(s, VMBUS_HOST_RULE_OFFERS_TWICE);
    hear_nothing(s);
    withdraw(&v);
}

static void no_offer_is_sent_before_the_guest_asks(void **state)
{
    struct script *s = *state;
    struct server v = {0};

    connect_at(s, 0x00050000);
    publish(s, &v, 1, 1, 0);
    hear_nothing(s);
    assert_false(info_of(&v).offered);
    /* A guest that guesses the relid gets nowhere. */
    say_relid(s, 13, 1);
    broke(s, VMBUS_HOST_RULE_UNKNOWN_RELID);
    withdraw(&v);
    hear_nothing(s);
}

static void protocol_0_13_has_no_dedicated_event(void **state)
{
    struct script *s = *state;
    struct server v = {0};
    struct bytes b;

    publish(s, &v, 1, 1, 0);
    connect_at(s, 0x0000000D);
    b = first_offer(s);
    assert_int_equal(get16(&b, 190), 0);
    assert_int_equal(get32(&b, 192), 0);
    hear(s);
    connect_at(s, 0x00010001);
    b = first_offer(s);
    assert_int_equal(get16(&b, 190), 1);
    assert_int_equal(get32(&b, 192), 0x2001);
    forget_heard(s);
    withdraw(&v);
}

static void shared_interrupt_clears_the_bit(void **state)
{
    struct script *s = *state;
    struct server v = {0};
    struct vmbus_host_offer o = an_offer(1, 1, 0);
    struct bytes b;

    o.shared_interrupt = true;
    publish_offer(s, &v, &o);
    connect_at(s, 0x00040000);
    b = first_offer(s);
    assert_int_equal(get16(&b, 190), 0);
    assert_int_equal(get32(&b, 192), 0x2001);
    forget_heard(s);
    withdraw(&v);
}

static void pinned_flag_needs_the_feature(void **state)
{
    struct script *s = *state;
    const struct vmbus_host_config config = {.features = 0x80};
    struct server v = {0};
    struct vmbus_host_offer o = an_offer(1, 1, 0);
    struct bytes b;

    configure(s, &config);
    o.flags = VMBUS_OFFER_PIN_EXTERNAL;
    publish_offer(s, &v, &o);
    for (uint32_t features = 0; features <= 0x80; features += 0x80) {
        connect_with(s, features);
        b = first_offer(s);
        assert_int_equal(get16(&b, 56), features ? 8 : 0);
        hear(s);
    }
    withdraw(&v);
}

static void confidential_flags_are_refused(void **state)
{
    struct script *s = *state;
    struct vmbus_host_offer o = an_offer(1, 1, 0);

    o.flags = VMBUS_OFFER_CONF_RING;
    not_published(s, &o, -EINVAL);
    o.flags = 0x8000;
    not_published(s, &o, -EINVAL);
}

static void identity_is_unique(void **state)
{
    struct script *s = *state;
    struct server v[3] = {{0}};
    struct vmbus_host_offer o = an_offer(1, 1, 0);

    publish(s, &v[0], 1, 1, 0);
    publish(s, &v[1], 1, 1, 1); /* a sub-channel */
    publish(s, &v[2], 1, 2, 0); /* another device */
    not_published(s, &o, -EEXIST);
    for (int i = 2; i >= 0; i--)
        withdraw(&v[i]);
}

static void an_offer_without_a_free_relid_fails(void **state)
{
    struct script *s = *state;
    const struct vmbus_host_config config = {.max_channels = 2};
    struct server v[2] = {{0}};
    struct vmbus_host_offer o = an_offer(1, 9, 0);

    configure(s, &config);
    publish(s, &v[0], 1, 1, 0);
    publish(s, &v[1], 1, 2, 0);
    not_published(s, &o, -ENOSPC);
    withdraw(&v[1]);
    withdraw(&v[0]);
}

static void a_channel_without_a_free_monitor_id_is_unmonitored(void **state)
{
    struct script *s = *state;
    struct vmbus_host_channel *ch[130];
    struct vmbus_host_channel_info info;

    for (unsigned i = 0; i < 130; i++) {
        struct vmbus_host_offer o = an_offer(1, (uint8_t)i, 0);

        o.monitor = true;
        assert_int_equal(
            vmbus_host_offer(s->host, &o, &noting_server, s, &ch[i]), 0);
        vmbus_host_channel_info(ch[i], &info);
        assert_int_equal(info.monitor, i < 128 ? i : 0xFF);
    }
    for (unsigned i = 0; i < 130; i++)
        vmbus_host_withdraw(ch[i]);
}

static void an_offer_without_memory_fails(void **state)
{
    struct script *s = *state;
    struct vmbus_host_offer o = an_offer(1, 9, 0);

    for (uint64_t n = 1; n <= 2; n++) {
        s->seam->fail_at = s->seam->counts.allocations + n;
        not_published(s, &o, -ENOMEM);
    }
    assert_int_equal(status_of(s).channels, 0);
}

static void a_channel_withdrawn_before_its_offer_is_freed(void **state)
{
    struct script *s = *state;
    struct server v = {0};

    publish(s, &v, 1, 1, 0);
    withdraw(&v);
    connect_at(s, 0x00040000);
    take_offers(s);
    hear_nothing(s);
    assert_int_equal(status_of(s).channels, 0);
}

static void every_one_of_many_offers_is_sent(void **state)
{
    struct script *s = *state;
    static struct vmbus_host_channel *ch[2047];
    struct vmbus_host_offer o = an_offer(1, 1, 0);

    for (unsigned i = 0; i < 2047; i++) {
        o.subchannel = (uint16_t)i;
        assert_int_equal(
            vmbus_host_offer(s->host, &o, &noting_server, s, &ch[i]), 0);
    }
    connect_at(s, 0x00040000);
    say_header(s, 3);
    assert_int_equal(s->heard_count, 2048);
    forget_heard(s);
    for (unsigned i = 2047; i-- > 0;)
        vmbus_host_withdraw(ch[i]);
    assert_int_equal(s->heard_count, 2047);
    for (uint32_t i = 1; i <= 2047; i++)
        say_relid(s, 13, i);
    assert_int_equal(status_of(s).channels, 0);
    broke_nothing(s);
    s->heard_count = 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(offer_bytes_by_hand),
        TEST(offers_come_in_order_of_publishing),
        TEST(an_empty_list_of_offers_is_complete),
        TEST(offers_are_requested_once),
        TEST(no_offer_is_sent_before_the_guest_asks),
        TEST(protocol_0_13_has_no_dedicated_event),
        TEST(shared_interrupt_clears_the_bit),
        TEST(pinned_flag_needs_the_feature),
        TEST(confidential_flags_are_refused),
        TEST(identity_is_unique),
        TEST(an_offer_without_a_free_relid_fails),
        TEST(a_channel_without_a_free_monitor_id_is_unmonitored),
        TEST(an_offer_without_memory_fails),
        TEST(a_channel_withdrawn_before_its_offer_is_freed),
        TEST(every_one_of_many_offers_is_sent),
    };

    return cmocka_run_group_tests_name("hosthalf.offer", tests, NULL, NULL);
}
