/* Signals both ways: events, interrupt page, monitor pages. */
#include "script.h"

#include <errno.h>
#include <string.h>

static void an_event_reaches_the_server_of_its_channel(void **state)
{
    struct script *s = *state;
    struct server v = {0};
    void *pages = begin_open(s, &v, 0x00040000);

    assert_int_equal(vmbus_host_event(s->host, 0x2001, 0), 0);
    assert_int_equal(v.signalled, 1);
    assert_int_equal(vmbus_host_event(s->host, 0x2001, 1), -EINVAL);
    assert_int_equal(vmbus_host_event(s->host, 0x2002, 0), -ENOENT);
    assert_int_equal(vmbus_host_event(s->host, 1, 0), -ENOENT);
    assert_int_equal(vmbus_host_event(s->host, 2, 0), -ENOENT);
    assert_int_equal(vmbus_host_event(s->host, 0xFFFFFFFF, 0), -ENOENT);
    assert_int_equal(v.signalled, 1);
    broke_nothing(s);
    close_and_free(s, pages, 4);
    withdraw(&v);
}

static void events_of_closed_channels(void **state)
{
    struct script *s = *state;
    struct server v = {.holds_open = true, .holds_close = true};
    void *pages = begin_open(s, &v, 0x00040000);

    assert_int_equal(vmbus_host_event(s->host, 0x2001, 0), -ENOENT);
    broke(s, VMBUS_HOST_RULE_EVENT_CLOSED);
    assert_int_equal(s->last_relid, 1);
    vmbus_host_open_answer(v.channel, 0);
    forget_heard(s);
    say_relid(s, 7, 1);
    assert_int_equal(vmbus_host_event(s->host, 0x2001, 0), -ENOENT);
    broke(s, VMBUS_HOST_RULE_EVENT_CLOSED);
    assert_int_equal(vmbus_host_signal(v.channel), -ENOTCONN);
    vmbus_host_close_answer(v.channel);
    assert_int_equal(vmbus_host_event(s->host, 0x2001, 0), -ENOENT);
    broke(s, VMBUS_HOST_RULE_EVENT_CLOSED);
    assert_int_equal(v.signalled, 0);
    withdraw(&v);
    seam_pages_free(s->seam, pages, 4);
}

/* The guest signalled before the RESCIND reached it. */
static void a_signal_may_cross_the_rescind(void **state)
{
    struct script *s = *state;
    struct server v = {0};
    void *pages = begin_open(s, &v, 0x00040000);

    withdraw(&v);
    hear_rescind(s, 1);
    assert_int_equal(vmbus_host_event(s->host, 0x2001, 0), -ENOENT);
    broke_nothing(s);
    say_teardown(s, 1, RING_GPADL);
    hear_torndown(s, RING_GPADL);
    say_relid(s, 13, 1);
    seam_pages_free(s->seam, pages, 4);
}

static void a_signal_sets_the_event_flag_of_the_relid(void **state)
{
    struct script *s = *state;
    struct server v = {0}, before = {0};
    void *pages;

    publish(s, &before, 1, 1, 0);
    publish(s, &v, 1, 2, 0);
    connect_at(s, 0x00020004);
    take_offers(s);
    pages = share_rings(s, 2, 9);
    say_open(s, 2, 1, 9, 3, 2);
    assert_int_equal(vmbus_host_signal(v.channel), 0);
    assert_int_equal(s->signal_count, 1);
    assert_int_equal(s->signals[0].vp, 3);
    assert_int_equal(s->signals[0].sint, 2);
    assert_int_equal(s->signals[0].flag, 2);
    withdraw(&v);
    withdraw(&before);
    seam_pages_free(s->seam, pages, 4);
}

/* Contact at an old version with an interrupt page, one channel open as
 * relid 1. Returns the page; *rings gets the ring pages. */
static uint8_t *old_guest(struct script *s, struct server *v, uint32_t version,
                          void **rings)
{
    uint64_t pfn;
    uint8_t *page = seam_pages_alloc(s->seam, 1, &pfn);
    struct bytes b = contact(version, 0);

    publish(s, v, 1, 1, 0);
    put64(&b, 16, pfn << 12);
    contact_gives(s, &b, 1, 0);
    take_offers(s);
    *rings = share_rings(s, 1, RING_GPADL);
    say_open(s, 1, 1, RING_GPADL, 0, 2);
    forget_heard(s);
    return page;
}

static void interrupt_page_tells_old_guests(void **state)
{
    static const uint32_t versions[] = {0x0000000D, 0x00010001};
    struct script *s = *state;

    for (unsigned i = 0; i < 2; i++) {
        struct server v = {0};
        void *rings;
        uint8_t *page = old_guest(s, &v, versions[i], &rings);

        s->signal_count = 0;
        assert_int_equal(vmbus_host_signal(v.channel), 0);
        assert_int_equal(page[0], 1 << 1);
        assert_int_equal(s->signals[0].flag, 0);
        assert_int_equal(s->signals[0].vp, 0);
        page[0] = 0x80; /* bits of others stay */
        vmbus_host_signal(v.channel);
        assert_int_equal(page[0], 0x82);
        vmbus_host_reset(s->host);
        assert_int_equal(vmbus_host_signal(v.channel), -ENOTCONN);
        withdraw(&v);
        seam_pages_free(s->seam, page, 1);
        seam_pages_free(s->seam, rings, 4);
    }
}

static void shared_event_scans_the_page(void **state)
{
    struct script *s = *state;
    struct server v = {0};
    void *rings;
    uint8_t *page = old_guest(s, &v, 0x0000000D, &rings);

    assert_int_equal(vmbus_host_event(s->host, 2, 0), 0);
    assert_int_equal(v.signalled, 0);
    page[2048] = 1 << 1;
    assert_int_equal(vmbus_host_event(s->host, 2, 0), 0);
    assert_int_equal(v.signalled, 1);
    assert_int_equal(page[2048], 0);
    broke_nothing(s);
    /* Bits without a channel: a breach each, and they go away. */
    page[2048] = 1 << 0 | 1 << 2;
    page[2048 + 255] = 0x80; /* relid 2047 */
    page[2048 + 256] = 0xFF; /* beyond all relids */
    assert_int_equal(vmbus_host_event(s->host, 2, 0), 0);
    assert_int_equal(s->rules, 3);
    assert_int_equal(s->last_relid, 2047);
    assert_int_equal(page[2048] | page[2048 + 255], 0);
    assert_int_equal(v.signalled, 1);
    vmbus_host_reset(s->host);
    assert_int_equal(vmbus_host_event(s->host, 2, 0), -ENOENT);
    withdraw(&v);
    seam_pages_free(s->seam, page, 1);
    seam_pages_free(s->seam, rings, 4);
}

static void version_1_1_has_its_own_event(void **state)
{
    struct script *s = *state;
    struct server v = {0};
    void *rings;
    uint8_t *page = old_guest(s, &v, 0x00010001, &rings);

    assert_int_equal(vmbus_host_event(s->host, 2, 0), -ENOENT);
    assert_int_equal(vmbus_host_event(s->host, 0x2001, 0), 0);
    assert_int_equal(v.signalled, 1);
    vmbus_host_reset(s->host);
    withdraw(&v);
    seam_pages_free(s->seam, page, 1);
    seam_pages_free(s->seam, rings, 4);
}

/* Connected with monitor pages; relid 2 open with monitor id 1. */
static uint8_t *monitored(struct script *s, struct server v[2], void **rings)
{
    uint64_t pfns[2];
    uint8_t *pages = seam_pages_alloc(s->seam, 2, pfns);
    struct bytes b = contact(0x00040000, 0);

    for (uint8_t i = 0; i < 2; i++) {
        struct vmbus_host_offer o = an_offer(1, i, 0);

        o.monitor = true;
        publish_offer(s, &v[i], &o);
    }
    put64(&b, 24, pfns[0] << 12);
    put64(&b, 32, pfns[1] << 12);
    contact_gives(s, &b, 1, 0);
    take_offers(s);
    assert_false(vmbus_host_monitors(s->host));
    *rings = share_rings(s, 2, RING_GPADL);
    say_open(s, 2, 1, RING_GPADL, 0, 2);
    forget_heard(s);
    return pages;
}

static void a_monitor_bit_signals_its_channel(void **state)
{
    struct script *s = *state;
    struct server v[2] = {{0}};
    void *rings;
    uint8_t *pages = monitored(s, v, &rings);

    assert_true(vmbus_host_monitors(s->host));
    assert_int_equal(vmbus_host_monitor_poll(s->host), 0);
    pages[4096 + 8] = 1 << 1; /* group 0, bit 1 */
    assert_int_equal(vmbus_host_monitor_poll(s->host), 1);
    assert_int_equal(v[1].signalled, 1);
    assert_int_equal(pages[4096 + 8], 0);
    assert_int_equal(vmbus_host_monitor_poll(s->host), 0);
    pages[8] = 1 << 1; /* the parent-to-child page means nothing */
    assert_int_equal(vmbus_host_monitor_poll(s->host), 0);
    assert_int_equal(pages[8], 1 << 1);
    broke_nothing(s);
    withdraw(&v[1]);
    withdraw(&v[0]);
    assert_false(vmbus_host_monitors(s->host));
    vmbus_host_reset(s->host);
    seam_pages_free(s->seam, pages, 2);
    seam_pages_free(s->seam, rings, 4);
}

/* Latencies are u16 in 100 ns at 0x240 of the child-to-parent page, one for
 * each id. */
static void the_shortest_latency_of_open_channels_counts(void **state)
{
    enum { LATENCY = 4096 + 0x240 };
    struct script *s = *state;
    struct server v[2] = {{0}};
    void *rings, *others;
    uint8_t *pages = monitored(s, v, &rings);

    assert_int_equal(vmbus_host_monitor_latency(s->host), 0);
    pages[LATENCY] = 7;   /* of id 0, whose channel is not open */
    pages[0x240 + 2] = 7; /* the other page means nothing */
    assert_int_equal(vmbus_host_monitor_latency(s->host), 0);
    pages[LATENCY + 2] = 0xE8; /* 1000: 100 us */
    pages[LATENCY + 3] = 0x03;
    assert_int_equal(vmbus_host_monitor_latency(s->host), 1000);
    others = share_rings(s, 1, RING_GPADL + 1);
    say_open(s, 1, 1, RING_GPADL + 1, 0, 2);
    forget_heard(s);
    assert_int_equal(vmbus_host_monitor_latency(s->host), 7);
    pages[LATENCY] = 0;
    assert_int_equal(vmbus_host_monitor_latency(s->host), 1000);
    withdraw(&v[1]);
    withdraw(&v[0]);
    assert_int_equal(vmbus_host_monitor_latency(s->host), 0);
    vmbus_host_reset(s->host);
    assert_int_equal(vmbus_host_monitor_latency(s->host), 0);
    seam_pages_free(s->seam, pages, 2);
    seam_pages_free(s->seam, rings, 4);
    seam_pages_free(s->seam, others, 4);
}

static void a_monitor_bit_without_a_channel_is_ignored(void **state)
{
    struct script *s = *state;
    struct server v[2] = {{0}};
    void *rings;
    uint8_t *pages = monitored(s, v, &rings);

    memset(&pages[4096], 0xFF, 4096);
    assert_int_equal(vmbus_host_monitor_poll(s->host), 1);
    assert_int_equal(s->rules, 127);
    assert_int_equal(s->last_rule, VMBUS_HOST_RULE_EVENT_CLOSED);
    assert_int_equal(pages[4096 + 8] | pages[4096 + 0x20], 0);
    assert_int_equal(pages[4096 + 12], 0xFF); /* 'armed' is not ours */
    vmbus_host_reset(s->host);
    assert_int_equal(vmbus_host_monitor_poll(s->host), 0);
    assert_false(vmbus_host_monitors(s->host));
    withdraw(&v[1]);
    withdraw(&v[0]);
    seam_pages_free(s->seam, pages, 2);
    seam_pages_free(s->seam, rings, 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_event_reaches_the_server_of_its_channel),
        TEST(events_of_closed_channels),
        TEST(a_signal_may_cross_the_rescind),
        TEST(a_signal_sets_the_event_flag_of_the_relid),
        TEST(interrupt_page_tells_old_guests),
        TEST(shared_event_scans_the_page),
        TEST(version_1_1_has_its_own_event),
        TEST(a_monitor_bit_signals_its_channel),
        TEST(the_shortest_latency_of_open_channels_counts),
        TEST(a_monitor_bit_without_a_channel_is_ignored),
    };

    return cmocka_run_group_tests_name("hosthalf.event", tests, NULL, NULL);
}
