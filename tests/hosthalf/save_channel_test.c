/* Saved and restored: channels at each state, and who claims them. */
#include "save.h"

#include <errno.h>

static void channels_nobody_asked_for_are_restored(void **state)
{
    struct script *s = *state;
    struct server v = {0};

    publish(s, &v, 0x11, 0x22, 0);
    connect_at(s, 0x00040000);
    move_one(s, &v);
    take_offers(s);
    assert_true(info_of(&v).offered);
    withdraw(&v);
}

static void an_open_that_waits_for_its_server_is_restored(void **state)
{
    struct script *s = *state;
    struct server v = {.holds_open = true};
    void *pages = begin_open(s, &v, 0x00040000);

    move_one(s, &v);
    assert_int_equal(v.opened, 1);
    assert_true(v.open.restored);
    hear_result(s, 1, 0x77, 0);
    close_and_free(s, pages, 4);
    withdraw(&v);
}

static void an_open_channel_is_restored(void **state)
{
    struct script *s = *state;
    struct server v = {0};
    uint8_t *pages = begin_open(s, &v, 0x00050003);

    pages[4096] = 0x61; /* ring contents are the guest's memory */
    say_modify(s, 1, 3);
    hear_type(s, 24, 16);
    move_one(s, &v);
    assert_int_equal(v.opened, 1);
    assert_true(v.open.restored);
    assert_int_equal(v.open.open_id, 0x77);
    assert_int_equal(v.open.target_vp, 3);
    assert_int_equal(v.open.in.data[0], 0x61);
    hear_nothing(s); /* the guest was told long ago */
    assert_true(info_of(&v).open);
    assert_int_equal(vmbus_host_event(s->host, 0x2001, 0), 0);
    assert_int_equal(v.signalled, 1);
    s->signal_count = 0;
    assert_int_equal(vmbus_host_signal(v.channel), 0);
    assert_int_equal(s->signals[0].vp, 3);
    close_and_free(s, pages, 4);
    withdraw(&v);
    broke_nothing(s);
}

/* Saved once more between restore and the server's answer. */
static void a_state_saved_before_claiming_is_the_same(void **state)
{
    struct script *s = *state;
    struct server v = {0};
    void *pages = begin_open(s, &v, 0x00040000);

    move(s, SERVERS(&v));
    move(s, SERVERS(&v)); /* nobody has claimed it yet */
    v.holds_open = true;
    publish(s, &v, 0x11, 0x22, 0);
    move(s, SERVERS(&v)); /* claimed, not answered */
    claim(s, &v);
    assert_int_equal(v.opened, 1);
    assert_true(info_of(&v).open);
    hear_nothing(s);
    close_and_free(s, pages, 4);
    withdraw(&v);
}

static void an_open_channel_keeps_the_guests_signals(void **state)
{
    struct script *s = *state;
    const struct vmbus_host_config config = {.features = 0x03};
    struct server v = {0};
    void *pages;
    struct bytes b = open_message(1, 1, 9, 0, 2);
    struct image i;

    begin_featured(s, &v, &config);
    pages = share_rings(s, 1, 9);
    b.size = 156;
    put32(&b, 148, 0x99); /* below those of the offers */
    put16(&b, 152, 44);
    put16(&b, 154, 1);
    say(s, &b);
    forget_heard(s);
    i = save(s);
    resume(s, &i, SERVERS(&v), &config);
    publish(s, &v, 1, 1, 0);
    vmbus_host_restore_end(s->host);
    assert_int_equal(vmbus_host_event(s->host, 0x99, 0), 0);
    s->signal_count = 0;
    vmbus_host_signal(v.channel);
    assert_int_equal(s->signals[0].flag, 44);
    assert_int_equal(s->signals[0].sint, 7);
    withdraw(&v);
    seam_pages_free(s->seam, pages, 4);
}

/* Moved, but now its server refuses the open channel. */
static void move_refused(struct script *s, struct server *v)
{
    move(s, SERVERS(v));
    v->refuse = 5;
    claim(s, v);
    hear_rescind(s, 1);
    hear_nothing(s);
}

static void server_refuses_a_restored_channel(void **state)
{
    struct script *s = *state;
    struct server v = {0};
    void *pages = begin_open(s, &v, 0x00040000);

    move_refused(s, &v);
    assert_true(info_of(&v).rescinded);
    /* Saved like this, it is a withdrawn channel. */
    move(s, SERVERS(&v));
    vmbus_host_restore_end(s->host);
    hear_nothing(s);
    release_and_free(s, pages, 4);
}

static void a_refused_restored_channel_is_rescinded_once(void **state)
{
    struct script *s = *state;
    struct server v = {0};
    void *pages = begin_open(s, &v, 0x00040000);

    move_refused(s, &v);
    withdraw(&v);
    hear_nothing(s);
    release_last(s, 1);
    seam_pages_free(s->seam, pages, 4);
}

static void unclaimed_channels_are_rescinded(void **state)
{
    struct script *s = *state;
    struct server v = {0}, w = {0};
    void *pages = begin_open(s, &v, 0x00040000);

    s->room = 0;
    publish(s, &w, 1, 1, 0); /* the guest was never told of it */
    move(s, SERVERS(&v, &w));
    s->room = UINT32_MAX;
    hear_nothing(s);
    vmbus_host_restore_end(s->host);
    hear_rescind(s, 1);
    hear_nothing(s);
    assert_int_equal(status_of(s).channels, 1);
    release_and_free(s, pages, 4);
}

static void a_channel_saved_while_closing_is_restored_closed(void **state)
{
    struct script *s = *state;
    struct server v = {.holds_close = true};
    void *pages = begin_closing(s, &v, 0x00040000);

    /* The old server is gone, so it has let go. */
    move_one(s, &v);
    hear_torndown(s, RING_GPADL);
    assert_int_equal(v.opened, 0);
    assert_int_equal(status_of(s).gpadls, 0);
    withdraw(&v);
    seam_pages_free(s->seam, pages, 4);
}

/* What its guest had chosen goes with the open. */
static void a_closing_channel_forgets_the_guests_signals(void **state)
{
    const struct vmbus_host_config config = {.vp_count = 4, .features = 0x01};
    struct script *s = *state;
    struct server v = {.holds_close = true};
    struct bytes b = open_message(1, 1, 1, 3, 2);
    struct image i;
    void *pages;

    begin_featured(s, &v, &config);
    pages = share_rings(s, 1, 1);
    b.size = 156;
    put32(&b, 148, 0x5005);
    put16(&b, 152, 99);
    say(s, &b);
    hear_result(s, 1, 1, 0);
    say_relid(s, 7, 1);
    assert_int_equal(info_of(&v).connection, 0x5005);
    i = save(s);
    resume(s, &i, SERVERS(&v), &config);
    publish(s, &v, 1, 1, 0);
    vmbus_host_restore_end(s->host);
    assert_int_equal(info_of(&v).connection, 0x2001);
    assert_int_equal(info_of(&v).event_flag, 1);
    say_teardown(s, 1, 1);
    hear_torndown(s, 1);
    withdraw(&v);
    seam_pages_free(s->seam, pages, 4);
}

static void a_withdrawn_channel_waits_for_its_release(void **state)
{
    struct script *s = *state;
    struct server v = {0}, w = {0};
    const uint64_t pfns[60] = {1};

    begin_offered(s, &v, 0x00040000);
    say_gpadl_header(s, 1, 6, 60 * 4096, 0, pfns, 60);
    withdraw(&v);
    forget_heard(s);
    move_one(s, &w); /* same identity, but another channel */
    assert_int_equal(info_of(&w).relid, 2);
    say_gpadl_body(s, 6, pfns, 28);
    say_gpadl_body(s, 6, pfns, 6);
    hear_created(s, 1, 6, 0);
    hear_nothing(s); /* the successor's offer waits for the release */
    say_relid(s, 13, 1);
    assert_int_equal(hear_offer(s), 2);
    broke_nothing(s);
    assert_int_equal(status_of(s).channels, 1);
    withdraw(&w);
}

/* The guest opened again while the server was closing: after the restore the
 * server is asked, and the guest gets its answer. */
static void an_open_that_waits_for_a_close_is_restored(void **state)
{
    struct script *s = *state;
    struct server v = {.holds_close = true};
    void *pages = begin_open(s, &v, 0x00040000);

    say_relid(s, 7, 1);
    say_open(s, 1, 9, RING_GPADL, 0, 2);
    hear_nothing(s);
    move_one(s, &v);
    hear_result(s, 1, 9, 0);
    assert_true(info_of(&v).open);
    broke_nothing(s);
    v.holds_close = false;
    close_and_free(s, pages, 4);
    withdraw(&v);
}

static void a_released_channel_is_restored(void **state)
{
    struct script *s = *state;
    struct server v = {0};

    begin_offered(s, &v, 0x00040000);
    say_relid(s, 13, 1);
    move_one(s, &v);
    hear_nothing(s);
    say_relid(s, 13, 1);
    broke(s, VMBUS_HOST_RULE_UNKNOWN_RELID);
    withdraw(&v);
    hear_nothing(s);
}

static void claiming_a_restored_channel_is_checked(void **state)
{
    struct script *s = *state;
    struct server v = {0};
    void *pages = begin_open(s, &v, 0x00040000);
    struct vmbus_host_offer o = an_offer(0x11, 0x22, 0);

    move(s, SERVERS(&v));
    o.flags = VMBUS_OFFER_PIPE;
    not_published(s, &o, -EINVAL);
    o.flags = 0;
    s->seam->no_maps = true;
    not_published(s, &o, -EFAULT);
    s->seam->no_maps = false;
    publish(s, &v, 0x11, 0x22, 0);
    not_published(s, &o, -EEXIST);
    vmbus_host_restore_end(s->host);
    close_and_free(s, pages, 4);
    withdraw(&v);
}

/* The next guest is offered what the server says now. */
static void the_offer_of_a_claim_replaces_the_restored_one(void **state)
{
    struct script *s = *state;
    struct server v = {0};
    struct vmbus_host_offer o = an_offer(0x11, 0x22, 0);
    struct bytes b;

    begin_offered(s, &v, 0x00040000);
    move(s, SERVERS(&v));
    o.mmio_megabytes = 8;
    publish_offer(s, &v, &o);
    vmbus_host_restore_end(s->host);
    connect_at(s, 0x00040000);
    say_header(s, 3);
    b = hear_type(s, 1, 196);
    assert_int_equal(get16(&b, 58), 8);
    forget_heard(s);
    withdraw(&v);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(channels_nobody_asked_for_are_restored),
        TEST(an_open_that_waits_for_its_server_is_restored),
        TEST(an_open_channel_is_restored),
        TEST(a_state_saved_before_claiming_is_the_same),
        TEST(an_open_channel_keeps_the_guests_signals),
        TEST(server_refuses_a_restored_channel),
        TEST(a_refused_restored_channel_is_rescinded_once),
        TEST(unclaimed_channels_are_rescinded),
        TEST(a_channel_saved_while_closing_is_restored_closed),
        TEST(a_closing_channel_forgets_the_guests_signals),
        TEST(a_withdrawn_channel_waits_for_its_release),
        TEST(an_open_that_waits_for_a_close_is_restored),
        TEST(a_released_channel_is_restored),
        TEST(claiming_a_restored_channel_is_checked),
        TEST(the_offer_of_a_claim_replaces_the_restored_one),
    };

    return cmocka_run_group_tests_name("hosthalf.save_channel", tests, NULL,
                                       NULL);
}
