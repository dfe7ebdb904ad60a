/* Offers, rescinds, releases, and guests that do not take their messages. */
#include "script.h"

#include <errno.h>
#include <string.h>

static int setup(void **state)
{
    *state = script_begin(&any_guest);
    return 0;
}

static int teardown(void **state)
{
    script_end(*state);
    return 0;
}

static uint32_t hear_offer(struct script *s)
{
    const struct bytes b = hear_type(s, 1, 196);

    return get32(&b, 184);
}

static void offer_bytes_by_hand(void **state)
{
    struct script *s = *state;
    struct server v = {.script = s};
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
    assert_int_equal(
        vmbus_host_offer(s->host, &o, &noting_server, &v, &v.channel), 0);
    connect_at(s, 0x00040000);
    say_header(s, 3);
    b = hear_type(s, 1, 196);
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

static void nothing_published_is_a_list_too(void **state)
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

static void not_offered_before_asked(void **state)
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

static void oldest_protocol_has_no_own_event(void **state)
{
    struct script *s = *state;
    struct server v = {0};
    struct bytes b;

    publish(s, &v, 1, 1, 0);
    connect_at(s, 0x0000000D);
    say_header(s, 3);
    b = hear_type(s, 1, 196);
    assert_int_equal(get16(&b, 190), 0);
    assert_int_equal(get32(&b, 192), 0);
    hear(s);
    connect_at(s, 0x00010001);
    say_header(s, 3);
    b = hear_type(s, 1, 196);
    assert_int_equal(get16(&b, 190), 1);
    assert_int_equal(get32(&b, 192), 0x2001);
    forget_heard(s);
    withdraw(&v);
}

static void shared_interrupt_clears_the_bit(void **state)
{
    struct script *s = *state;
    struct server v = {.script = s};
    struct vmbus_host_offer o = an_offer(1, 1, 0);
    struct bytes b;

    o.shared_interrupt = true;
    assert_int_equal(
        vmbus_host_offer(s->host, &o, &noting_server, &v, &v.channel), 0);
    connect_at(s, 0x00040000);
    say_header(s, 3);
    b = hear_type(s, 1, 196);
    assert_int_equal(get16(&b, 190), 0);
    assert_int_equal(get32(&b, 192), 0x2001);
    forget_heard(s);
    withdraw(&v);
}

static void pinned_flag_needs_the_feature(void **state)
{
    struct script *s = *state;
    const struct vmbus_host_config config = {.features = 0x80};
    struct server v = {.script = s};
    struct vmbus_host_offer o = an_offer(1, 1, 0);
    struct bytes b;

    vmbus_host_destroy(s->host);
    s->host = script_another(s, &config);
    o.flags = VMBUS_OFFER_PIN_EXTERNAL;
    assert_int_equal(
        vmbus_host_offer(s->host, &o, &noting_server, &v, &v.channel), 0);
    for (uint32_t features = 0; features <= 0x80; features += 0x80) {
        connect_with(s, features);
        say_header(s, 3);
        b = hear_type(s, 1, 196);
        assert_int_equal(get16(&b, 56), features ? 8 : 0);
        hear(s);
    }
    withdraw(&v);
}

static void confidential_flags_are_refused(void **state)
{
    struct script *s = *state;
    struct vmbus_host_offer o = an_offer(1, 1, 0);
    struct vmbus_host_channel *ch;

    o.flags = VMBUS_OFFER_CONF_RING;
    assert_int_equal(vmbus_host_offer(s->host, &o, &noting_server, s, &ch),
                     -EINVAL);
    o.flags = 0x8000;
    assert_int_equal(vmbus_host_offer(s->host, &o, &noting_server, s, &ch),
                     -EINVAL);
}

static void identity_is_unique(void **state)
{
    struct script *s = *state;
    struct server v[3] = {{0}};
    struct vmbus_host_offer o = an_offer(1, 1, 0);
    struct vmbus_host_channel *ch;

    publish(s, &v[0], 1, 1, 0);
    publish(s, &v[1], 1, 1, 1); /* a sub-channel */
    publish(s, &v[2], 1, 2, 0); /* another device */
    assert_int_equal(vmbus_host_offer(s->host, &o, &noting_server, s, &ch),
                     -EEXIST);
    for (int i = 2; i >= 0; i--)
        withdraw(&v[i]);
}

static void relids_run_out(void **state)
{
    struct script *s = *state;
    const struct vmbus_host_config config = {.max_channels = 2};
    struct server v[2] = {{0}};
    struct vmbus_host_offer o = an_offer(1, 9, 0);
    struct vmbus_host_channel *ch;

    vmbus_host_destroy(s->host);
    s->host = script_another(s, &config);
    publish(s, &v[0], 1, 1, 0);
    publish(s, &v[1], 1, 2, 0);
    assert_int_equal(vmbus_host_offer(s->host, &o, &noting_server, s, &ch),
                     -ENOSPC);
    withdraw(&v[1]);
    withdraw(&v[0]);
}

static void monitor_ids_run_out(void **state)
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

static void no_memory_for_an_offer(void **state)
{
    struct script *s = *state;
    struct vmbus_host_offer o = an_offer(1, 9, 0);
    struct vmbus_host_channel *ch;

    for (uint64_t n = 1; n <= 2; n++) {
        s->seam->fail_at = s->seam->counts.allocations + n;
        assert_int_equal(vmbus_host_offer(s->host, &o, &noting_server, s, &ch),
                         -ENOMEM);
    }
    assert_int_equal(status_of(s).channels, 0);
}

static void withdrawn_before_anyone_heard(void **state)
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

static void rescind_and_release(void **state)
{
    struct script *s = *state;
    struct server v = {0}, w = {0};

    begin_offered(s, &v, 0x00040000);
    withdraw(&v);
    hear_hex(s, "02 00 00 00 00 00 00 00 01 00 00 00");
    /* The relid is taken until the guest lets go, also for the same GUIDs. */
    publish(s, &w, 0x11, 0x22, 0);
    assert_int_equal(hear_offer(s), 2);
    say_hex(s, "0d 00 00 00 00 00 00 00 01 00 00 00");
    hear_nothing(s);
    assert_int_equal(status_of(s).channels, 1);
    publish(s, &v, 5, 5, 0);
    assert_int_equal(hear_offer(s), 1);
    withdraw(&v);
    withdraw(&w);
    broke_nothing(s);
}

static void release_of_a_closed_channel_gives_it_up(void **state)
{
    struct script *s = *state;
    struct server v = {0};

    begin_offered(s, &v, 0x00040000);
    say_relid(s, 13, 1);
    broke_nothing(s);
    assert_false(info_of(&v).offered);
    say_relid(s, 13, 1);
    broke(s, VMBUS_HOST_RULE_UNKNOWN_RELID);
    /* Not offered again in this connection, nor rescinded. */
    hear_nothing(s);
    connect_at(s, 0x00040000);
    say_header(s, 3);
    assert_int_equal(hear_offer(s), 1);
    hear(s);
    say_relid(s, 13, 1);
    withdraw(&v);
    hear_nothing(s);
    assert_int_equal(status_of(s).channels, 0);
}

static void release_of_an_open_channel_is_refused(void **state)
{
    struct script *s = *state;
    struct server v = {.holds_open = true};
    void *pages = begin_open(s, &v, 0x00040000);

    say_relid(s, 13, 1);
    broke(s, VMBUS_HOST_RULE_RELEASE_OPEN);
    vmbus_host_open_answer(v.channel, 0);
    hear_result(s, 1, 0x77, 0);
    say_relid(s, 13, 1);
    broke(s, VMBUS_HOST_RULE_RELEASE_OPEN);
    close_and_free(s, pages, 4);
    withdraw(&v);
}

static void release_while_closing(void **state)
{
    struct script *s = *state;
    struct server v = {.holds_close = true};
    void *pages = begin_open(s, &v, 0x00040000);

    say_relid(s, 7, 1);
    say_relid(s, 13, 1);
    broke(s, VMBUS_HOST_RULE_RELEASE_GPADL);
    assert_int_equal(status_of(s).gpadls, 1);
    vmbus_host_close_answer(v.channel);
    assert_int_equal(status_of(s).gpadls, 0);
    hear_nothing(s);
    withdraw(&v);
    seam_pages_free(s->seam, pages, 4);
}

static void release_takes_gpadls_back(void **state)
{
    struct script *s = *state;
    struct server v = {.holds_gpadl = true}, w = {0};
    struct vmbus_host_gpadl mapped;
    uint64_t pfns[3];
    void *pages = seam_pages_alloc(s->seam, 3, pfns);
    struct bytes half = gpadl_header(2, 9, 27 * 4096, 0, pfns, 3);

    publish(s, &w, 5, 5, 0);
    begin_offered(s, &v, 0x00040000);
    say_gpadl(s, 1, 6, &pfns[0], 1); /* stays: of another channel */
    say_gpadl(s, 2, 7, &pfns[0], 1);
    say_gpadl(s, 2, 8, &pfns[1], 1);
    put16(&half, 16, 8 + 8 * 27);
    say(s, &half);
    assert_int_equal(vmbus_host_gpadl_map(v.channel, 7, &mapped), 0);
    forget_heard(s);
    say_relid(s, 13, 2);
    broke(s, VMBUS_HOST_RULE_RELEASE_GPADL);
    assert_int_equal(v.torn, 1);
    assert_int_equal(status_of(s).gpadls, 2);
    vmbus_host_gpadl_unmap(v.channel, 7);
    assert_int_equal(status_of(s).gpadls, 1);
    hear_nothing(s);
    withdraw(&v);
    withdraw(&w);
    seam_pages_free(s->seam, pages, 3);
}

static void release_of_nothing_is_refused(void **state)
{
    static const uint32_t relids[] = {0, 2, 2047, 2048, 0xFFFFFFFF};
    struct script *s = *state;
    struct server v = {0};

    begin_offered(s, &v, 0x00040000);
    for (unsigned i = 0; i < 5; i++) {
        say_relid(s, 13, relids[i]);
        broke(s, VMBUS_HOST_RULE_UNKNOWN_RELID);
    }
    withdraw(&v);
}

/* The RESCIND of a relid must not reach its next owner. */
static void release_crosses_the_rescind(void **state)
{
    struct script *s = *state;
    struct server v = {0}, w = {0};

    begin_offered(s, &v, 0x00040000);
    s->room = 0;
    withdraw(&v);
    assert_int_equal(status_of(s).undelivered, 1);
    say_relid(s, 13, 1);
    assert_int_equal(status_of(s).undelivered, 0);
    publish(s, &w, 1, 1, 0);
    s->room = UINT32_MAX;
    vmbus_host_pump(s->host);
    assert_int_equal(hear_offer(s), 1);
    hear_nothing(s);
    withdraw(&w);
}

/* Taken out of the middle and the end of the queue, too. */
static void release_takes_the_right_message(void **state)
{
    struct script *s = *state;
    struct server v[4] = {{0}};
    struct bytes b;

    for (uint8_t i = 0; i < 4; i++)
        publish(s, &v[i], 1, i, 0);
    connect_at(s, 0x00040000);
    take_offers(s);
    s->room = 0;
    for (unsigned i = 0; i < 3; i++)
        withdraw(&v[i]);
    say_relid(s, 13, 3);
    say_relid(s, 13, 2);
    withdraw(&v[3]); /* queued behind what is left */
    s->room = UINT32_MAX;
    vmbus_host_pump(s->host);
    b = hear_type(s, 2, 12);
    assert_int_equal(get32(&b, 8), 1);
    b = hear_type(s, 2, 12);
    assert_int_equal(get32(&b, 8), 4);
    hear_nothing(s);
    publish(s, &v[0], 7, 7, 0);
    assert_int_equal(hear_offer(s), 2);
    withdraw(&v[0]);
}

static void full_slot_holds_offers_back(void **state)
{
    struct script *s = *state;
    struct server v[3] = {{0}};

    for (uint8_t i = 0; i < 3; i++)
        publish(s, &v[i], 1, i, 0);
    connect_at(s, 0x00040000);
    s->room = 1;
    say_header(s, 3);
    assert_int_equal(hear_offer(s), 1);
    hear_nothing(s);
    assert_false(info_of(&v[1]).offered);
    withdraw(&v[1]); /* never told: never rescinded */
    s->room = 1;
    vmbus_host_pump(s->host);
    assert_int_equal(hear_offer(s), 3);
    s->room = 1;
    vmbus_host_pump(s->host);
    hear_type(s, 4, 8);
    s->room = UINT32_MAX;
    vmbus_host_pump(s->host);
    hear_nothing(s);
    withdraw(&v[0]);
    withdraw(&v[2]);
}

/* A guest that posts and never takes answers must wait. */
static void undelivered_answers_are_bounded(void **state)
{
    struct script *s = *state;
    struct bytes b = open_message(1, 0, 0, 0, 2);
    struct server v = {0};
    unsigned taken = 0;
    int status;

    begin_offered(s, &v, 0x00040000);
    s->room = 0;
    while ((status = vmbus_host_message(s->host, 1, b.at, b.size)) == 0)
        assert_true(++taken < 1000);
    assert_int_equal(status, -EAGAIN);
    assert_int_equal(taken, 64);
    assert_int_equal(status_of(s).undelivered, 64);
    /* What begins anew is taken all the same. */
    b = contact(0x00040000, 0);
    say(s, &b);
    assert_int_equal(status_of(s).undelivered, 1);
    s->room = UINT32_MAX;
    vmbus_host_pump(s->host);
    hear_type(s, 15, 16);
    withdraw(&v);
}

static void many_offers_are_all_told(void **state)
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

static void servers_mistakes_are_asserted(void **state)
{
    struct script *s = *state;
    struct server v = {0}, sub = {0};
    jmp_buf out;

    publish(s, &v, 1, 1, 0);
    publish(s, &sub, 1, 1, 1);
    s->seam->on_assert = &out;
    if (setjmp(out) == 0) {
        vmbus_host_withdraw(v.channel);
        fail_msg("a primary was withdrawn before its sub-channel");
    }
    assert_string_equal(s->seam->assert_hint,
                        "withdraw sub-channels before their primary");
    if (setjmp(out) == 0) {
        vmbus_host_close_answer(v.channel);
        fail_msg("a close was answered that nobody asked for");
    }
    if (setjmp(out) == 0) {
        vmbus_host_destroy(s->host);
        fail_msg("destroyed with channels");
    }
    s->seam->on_assert = NULL;
    withdraw(&sub);
    withdraw(&v);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(offer_bytes_by_hand),
        T(offers_come_in_order_of_publishing),
        T(nothing_published_is_a_list_too),
        T(offers_are_requested_once),
        T(not_offered_before_asked),
        T(oldest_protocol_has_no_own_event),
        T(shared_interrupt_clears_the_bit),
        T(pinned_flag_needs_the_feature),
        T(confidential_flags_are_refused),
        T(identity_is_unique),
        T(relids_run_out),
        T(monitor_ids_run_out),
        T(no_memory_for_an_offer),
        T(withdrawn_before_anyone_heard),
        T(rescind_and_release),
        T(release_of_a_closed_channel_gives_it_up),
        T(release_of_an_open_channel_is_refused),
        T(release_while_closing),
        T(release_takes_gpadls_back),
        T(release_of_nothing_is_refused),
        T(release_crosses_the_rescind),
        T(release_takes_the_right_message),
        T(full_slot_holds_offers_back),
        T(undelivered_answers_are_bounded),
        T(many_offers_are_all_told),
        T(servers_mistakes_are_asserted),
    };

    return cmocka_run_group_tests_name("hosthalf.offers", tests, NULL, NULL);
}
