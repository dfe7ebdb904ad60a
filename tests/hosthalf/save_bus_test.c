/* Saved and restored: connections, and messages on their way. */
#include "save.h"

#include <errno.h>

static void an_empty_host_half_is_saved_and_restored(void **state)
{
    struct script *s = *state;

    move(s, NOBODY);
    vmbus_host_restore_end(s->host);
    connect_at(s, 0x00040000);
    take_offers(s);
}

static void each_version_gets_its_connection_id(void **state)
{
    struct script *s = *state;

    for (unsigned i = 0; i < VERSIONS; i++) {
        const uint32_t version = every_version[i];
        struct bytes b = contact(version, 2);
        uint64_t pfn;
        void *page = seam_pages_alloc(s->seam, 1, &pfn);

        if (version < 0x00050000)
            put64(&b, 16, pfn << 12);
        s->connection = version >= 0x00050000 ? 4 : 1;
        contact_gives(s, &b, 1, 0);
        move(s, NOBODY);
        vmbus_host_restore_end(s->host);
        assert_int_equal(status_of(s).version, version);
        s->heard_first = 0;
        take_offers(s);
        assert_int_equal(s->heard[0].vp, version < 0x00030000 ? 0 : 2);
        vmbus_host_reset(s->host);
        seam_pages_free(s->seam, page, 1);
    }
    broke_nothing(s);
}

static void offers_that_wait_are_restored(void **state)
{
    struct script *s = *state;
    struct server v = {0}, w = {0};

    publish(s, &v, 1, 1, 0);
    publish(s, &w, 1, 2, 0);
    connect_at(s, 0x00040000);
    s->room = 1;
    say_header(s, 3);
    hear_type(s, 1, 196);
    move(s, SERVERS(&v, &w));
    s->room = UINT32_MAX;
    publish(s, &w, 1, 2, 0);
    publish(s, &v, 1, 1, 0);
    hear_nothing(s);
    vmbus_host_restore_end(s->host);
    assert_int_equal(hear_offer(s), 2);
    hear_type(s, 4, 8);
    hear_nothing(s);
    assert_int_equal(info_of(&v).relid, 1);
    assert_int_equal(info_of(&w).relid, 2);
    withdraw(&w);
    withdraw(&v);
}

static void undelivered_messages_are_restored(void **state)
{
    struct script *s = *state;
    struct server v = {0};
    uint64_t pfns[2] = {1, 2};

    begin_offered(s, &v, 0x00050003);
    s->room = 0;
    say_gpadl(s, 1, 5, pfns, 1);
    say_gpadl(s, 1, 6, pfns, 2);
    say_modify(s, 1, 2);
    s->rules = 0;
    assert_int_equal(status_of(s).undelivered, 3);
    move_one(s, &v);
    assert_int_equal(status_of(s).undelivered, 3);
    s->room = UINT32_MAX;
    vmbus_host_pump(s->host);
    hear_created(s, 1, 5, 0);
    hear_created(s, 1, 6, 0);
    hear_type(s, 24, 16);
    hear_nothing(s);
    assert_int_equal(status_of(s).gpadls, 2);
    withdraw(&v);
}

static void an_unload_that_waits_is_saved(void **state)
{
    struct script *s = *state;
    struct server v = {.holds_close = true};
    void *pages = begin_open(s, &v, 0x00040000);
    struct image i;

    say_header(s, 16);
    hear_nothing(s);
    i = save(s);
    vmbus_host_close_answer(v.channel);
    forget_heard(s);
    resume(s, &i, SERVERS(&v), &any_guest);
    publish(s, &v, 0x11, 0x22, 0);
    assert_int_equal(v.opened, 0);
    vmbus_host_restore_end(s->host);
    hear_type(s, 17, 8);
    assert_int_equal(status_of(s).gpadls, 0);
    withdraw(&v);
    seam_pages_free(s->seam, pages, 4);
}

static void a_contact_that_waits_is_saved(void **state)
{
    struct script *s = *state;
    struct server v = {.holds_close = true};
    void *pages = begin_open(s, &v, 0x00040000);
    struct bytes b = contact(0x00030000, 1);
    struct image i;

    say(s, &b);
    i = save(s);
    vmbus_host_close_answer(v.channel);
    forget_heard(s);
    resume(s, &i, SERVERS(&v), &any_guest);
    claim(s, &v);
    hear_type(s, 15, 16);
    assert_int_equal(status_of(s).version, 0x00030000);
    take_offers(s);
    withdraw(&v);
    seam_pages_free(s->seam, pages, 4);
}

static void monitor_and_interrupt_pages_are_restored(void **state)
{
    struct script *s = *state;
    struct server v = {0};
    struct vmbus_host_offer o = an_offer(0x11, 0x22, 0);
    uint64_t pfns[3];
    uint8_t *pages = seam_pages_alloc(s->seam, 3, pfns);
    void *rings;
    struct bytes b = contact(0x00010001, 0);

    put64(&b, 16, pfns[0] << 12);
    put64(&b, 24, pfns[1] << 12);
    put64(&b, 32, pfns[2] << 12);
    o.monitor = true;
    publish_offer(s, &v, &o);
    contact_gives(s, &b, 1, 0);
    take_offers(s);
    rings = share_rings(s, 1, 9);
    say_open(s, 1, 1, 9, 0, 2);
    forget_heard(s);
    move(s, SERVERS(&v));
    publish_offer(s, &v, &o);
    vmbus_host_restore_end(s->host);
    pages[2 * 4096 + 8] = 1;
    assert_int_equal(vmbus_host_monitor_poll(s->host), 1);
    assert_int_equal(vmbus_host_signal(v.channel), 0);
    assert_int_equal(pages[0], 2);
    vmbus_host_reset(s->host);
    withdraw(&v);
    seam_pages_free(s->seam, rings, 4);
    seam_pages_free(s->seam, pages, 3);
}

static void a_paused_connection_is_restored(void **state)
{
    struct script *s = *state;
    const struct vmbus_host_config config = {.features = 0x20};
    struct server v = {0};
    struct image i;

    begin_featured(s, NULL, &config);
    s->room = 0;
    say_header(s, 27);
    i = save(s);
    s->room = UINT32_MAX;
    resume(s, &i, NOBODY, &config);
    publish(s, &v, 1, 1, 0);
    vmbus_host_restore_end(s->host);
    hear_type(s, 28, 8);
    hear_nothing(s);
    say_header(s, 29);
    hear_type(s, 1, 196);
    withdraw(&v);
}

/* RESUME came before the guest had fetched the answer to its PAUSE. */
static void a_resumed_connection_with_an_answer_due_is_restored(void **state)
{
    struct script *s = *state;
    const struct vmbus_host_config config = {.features = 0x20};
    struct server v = {0};
    struct image i;

    begin_featured(s, NULL, &config);
    s->room = 0;
    say_header(s, 27);
    say_header(s, 29);
    i = save(s);
    s->room = UINT32_MAX;
    resume(s, &i, NOBODY, &config);
    vmbus_host_restore_end(s->host);
    hear_type(s, 28, 8);
    hear_nothing(s);
    publish(s, &v, 1, 1, 0);
    hear_type(s, 1, 196); /* it takes messages */
    broke_nothing(s);
    withdraw(&v);
}

static void nothing_is_taken_while_restoring(void **state)
{
    struct script *s = *state;
    const struct bytes b = contact(0x00040000, 0);

    move(s, NOBODY);
    assert_int_equal(vmbus_host_message(s->host, 1, b.at, b.size), -EAGAIN);
    vmbus_host_restore_end(s->host);
    vmbus_host_restore_end(s->host); /* does nothing */
    connect_at(s, 0x00040000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_empty_host_half_is_saved_and_restored),
        TEST(each_version_gets_its_connection_id),
        TEST(offers_that_wait_are_restored),
        TEST(undelivered_messages_are_restored),
        TEST(an_unload_that_waits_is_saved),
        TEST(a_contact_that_waits_is_saved),
        TEST(monitor_and_interrupt_pages_are_restored),
        TEST(a_paused_connection_is_restored),
        TEST(a_resumed_connection_with_an_answer_due_is_restored),
        TEST(nothing_is_taken_while_restoring),
    };

    return cmocka_run_group_tests_name("hosthalf.save_bus", tests, NULL, NULL);
}
