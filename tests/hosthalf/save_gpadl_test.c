/* Saved and restored: GPADLs at each state. */
#include "save.h"

static void a_half_received_gpadl_is_restored(void **state)
{
    struct script *s = *state;
    struct server v = {0};
    uint64_t pfns[60];
    void *pages = seam_pages_alloc(s->seam, 60, pfns);
    struct vmbus_host_gpadl g;

    begin_offered(s, &v, 0x00040000);
    say_gpadl_header(s, 1, 5, 60 * 4096, 0, pfns, 60);
    say_gpadl_body(s, 5, pfns + 26, 10);
    move_one(s, &v);
    say_gpadl_body(s, 5, pfns + 36, 24);
    hear_created(s, 1, 5, 0);
    assert_int_equal(v.created, 1);
    assert_int_equal(vmbus_host_gpadl_map(v.channel, 5, &g), 0);
    assert_memory_equal(g.pfns, pfns, sizeof(pfns));
    vmbus_host_gpadl_unmap(v.channel, 5);
    withdraw(&v);
    seam_pages_free(s->seam, pages, 60);
}

static void a_gpadl_with_ranges_is_restored(void **state)
{
    struct script *s = *state;
    struct server v = {0};
    uint64_t pfns[3];
    void *pages = seam_pages_alloc(s->seam, 3, pfns);
    struct bytes b = gpadl_header(1, 5, 4097, 4095, pfns, 2);
    struct vmbus_host_gpadl g;
    struct vmbus_host_range r;

    put16(&b, 16, 40);
    put16(&b, 18, 2);
    put32(&b, 44, 17);
    put32(&b, 48, 3);
    put64(&b, 52, pfns[2]);
    b.size = 60;
    begin_offered(s, &v, 0x00040000);
    say(s, &b);
    hear_created(s, 1, 5, 0);
    move_one(s, &v);
    assert_int_equal(vmbus_host_gpadl_map(v.channel, 5, &g), 0);
    assert_memory_equal(g.pfns, pfns, sizeof(pfns));
    assert_int_equal(vmbus_host_gpadl_range(v.channel, 5, 1, &r), 0);
    assert_int_equal(r.size, 17);
    assert_int_equal(r.offset, 3);
    assert_int_equal(r.first_page, 2);
    vmbus_host_gpadl_unmap(v.channel, 5);
    withdraw(&v);
    seam_pages_free(s->seam, pages, 3);
}

static void a_ring_teardown_before_the_close_is_restored(void **state)
{
    struct script *s = *state;
    struct server v = {0};
    void *pages = begin_open(s, &v, 0x00040000);

    say_teardown(s, 1, RING_GPADL);
    s->rules = 0;
    move_one(s, &v);
    hear_nothing(s);
    assert_true(info_of(&v).open);
    say_relid(s, 7, 1);
    hear_torndown(s, RING_GPADL);
    withdraw(&v);
    seam_pages_free(s->seam, pages, 4);
}

static void a_mapped_gpadl_saved_during_teardown_is_restored(void **state)
{
    struct script *s = *state;
    struct server v = {.holds_gpadl = true};
    struct vmbus_host_gpadl g;
    struct image i;
    uint64_t pfn;
    void *page = seam_pages_alloc(s->seam, 1, &pfn);

    begin_offered(s, &v, 0x00040000);
    share(s, 1, 5, &pfn, 1);
    assert_int_equal(vmbus_host_gpadl_map(v.channel, 5, &g), 0);
    say_teardown(s, 1, 5);
    i = save(s);
    vmbus_host_gpadl_unmap(v.channel, 5);
    forget_heard(s);
    resume(s, &i, SERVERS(&v), &any_guest);
    publish(s, &v, 0x11, 0x22, 0);
    hear_nothing(s);
    vmbus_host_restore_end(s->host);
    hear_torndown(s, 5);
    withdraw(&v);
    seam_pages_free(s->seam, page, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_half_received_gpadl_is_restored),
        TEST(a_gpadl_with_ranges_is_restored),
        TEST(a_ring_teardown_before_the_close_is_restored),
        TEST(a_mapped_gpadl_saved_during_teardown_is_restored),
    };

    return cmocka_run_group_tests_name("hosthalf.save_gpadl", tests, NULL,
                                       NULL);
}
