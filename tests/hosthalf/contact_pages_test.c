/* Pages that a guest names, and gets, when it makes contact. */
#include "script.h"

static void server_gives_monitor_pages(void **state)
{
    struct script *s = *state;
    uint64_t pfns[2];
    void *pages = seam_pages_alloc(s->seam, 2, pfns);
    const struct vmbus_host_config config = {
        .features = 0x44,
        .monitor_gpa = {pfns[0] << 12, pfns[1] << 12},
    };
    struct bytes b = contact(0x00060000, 0), answer;

    configure(s, &config);
    put32(&b, 20, 0x44);
    answer = contact_gives(s, &b, 1, 0);
    assert_int_equal(answer.size, 40);
    assert_true(get64(&answer, 24) == pfns[0] << 12);
    assert_true(get64(&answer, 32) == pfns[1] << 12);

    /* They are not the guest's to change. */
    b = message(25, 24);
    s->connection = 4;
    say(s, &b);
    answer = hear_type(s, 26, 9);
    assert_int_equal(answer.at[8], 2);
    broke(s, VMBUS_HOST_RULE_MONITOR_PAGES);
    vmbus_host_reset(s->host);
    seam_pages_free(s->seam, pages, 2);
}

static void monitor_pages_come_in_pairs(void **state)
{
    struct script *s = *state;
    uint64_t pfns[2];
    void *pages = seam_pages_alloc(s->seam, 2, pfns);
    struct bytes b = contact(0x00040000, 0);

    put64(&b, 24, pfns[0] << 12);
    contact_gives(s, &b, 1, 2);
    broke(s, VMBUS_HOST_RULE_MONITOR_PAGES);
    put64(&b, 32, (pfns[1] << 12) + 8);
    contact_gives(s, &b, 1, 2);
    broke(s, VMBUS_HOST_RULE_MONITOR_PAGES);
    put64(&b, 32, pfns[1] << 12);
    contact_gives(s, &b, 1, 0);
    broke_nothing(s);
    vmbus_host_reset(s->host);
    seam_pages_free(s->seam, pages, 2);
}

static void old_guests_read_no_connection_state(void **state)
{
    struct script *s = *state;
    struct bytes b = contact(0x00010001, 0);
    uint64_t pfn;
    void *page = seam_pages_alloc(s->seam, 1, &pfn);

    put64(&b, 16, pfn << 12);
    put64(&b, 24, pfn << 12);
    contact_gives(s, &b, 0, 2);
    broke(s, VMBUS_HOST_RULE_MONITOR_PAGES);
    seam_pages_free(s->seam, page, 1);
}

static void unmappable_pages_are_low_resources(void **state)
{
    struct script *s = *state;
    struct bytes b = contact(0x00040000, 0);

    put64(&b, 24, 0x5000);
    put64(&b, 32, 0x6000);
    contact_gives(s, &b, 1, 1);
    broke_nothing(s);
    assert_true(hosted_logged(s->seam, "cannot be mapped"));
    b = contact(0x0000000D, 0);
    put64(&b, 16, 0x5000);
    contact_gives(s, &b, 0, 1);
}

static void interrupt_page_is_needed_below_2_4(void **state)
{
    struct script *s = *state;
    uint64_t pfn;
    void *page = seam_pages_alloc(s->seam, 1, &pfn);
    struct bytes b = contact(0x00010001, 0);

    contact_gives(s, &b, 0, 2);
    broke(s, VMBUS_HOST_RULE_INTERRUPT_PAGE);
    put64(&b, 16, 0x5008);
    contact_gives(s, &b, 0, 2);
    broke(s, VMBUS_HOST_RULE_INTERRUPT_PAGE);
    /* A refused guest's monitor pages are not kept. */
    put64(&b, 24, pfn << 12);
    put64(&b, 32, pfn << 12);
    contact_gives(s, &b, 0, 2);
    broke(s, VMBUS_HOST_RULE_INTERRUPT_PAGE);
    assert_int_equal(s->seam->counts.mappings, 0);
    seam_pages_free(s->seam, page, 1);
    /* From 2.4 on nobody looks at it. */
    b = contact(0x00020004, 0);
    put64(&b, 16, 0x5008);
    contact_gives(s, &b, 1, 0);
    broke_nothing(s);
}

static void modify_connection_changes_pages(void **state)
{
    struct script *s = *state;
    const struct vmbus_host_config config = {.features = 0x04};
    uint64_t pfns[2];
    void *pages = seam_pages_alloc(s->seam, 2, pfns);
    struct bytes b = message(25, 24);

    configure(s, &config);
    connect_with(s, 0x04);
    put64(&b, 8, pfns[0] << 12);
    say(s, &b);
    hear_hex(s, "1a 00 00 00 00 00 00 00 02");
    broke(s, VMBUS_HOST_RULE_MONITOR_PAGES);
    put64(&b, 16, 0x7000);
    say(s, &b);
    hear_hex(s, "1a 00 00 00 00 00 00 00 01");
    put64(&b, 16, pfns[1] << 12);
    say(s, &b);
    hear_hex(s, "1a 00 00 00 00 00 00 00 00");
    assert_int_equal(s->seam->counts.mappings, 1);
    b = message(25, 24); /* none: takes them away */
    say(s, &b);
    hear_hex(s, "1a 00 00 00 00 00 00 00 00");
    assert_int_equal(s->seam->counts.mappings, 0);
    broke_nothing(s);
    seam_pages_free(s->seam, pages, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(server_gives_monitor_pages),
        TEST(monitor_pages_come_in_pairs),
        TEST(old_guests_read_no_connection_state),
        TEST(unmappable_pages_are_low_resources),
        TEST(interrupt_page_is_needed_below_2_4),
        TEST(modify_connection_changes_pages),
    };

    return cmocka_run_group_tests_name("hosthalf.contact_pages", tests, NULL,
                                       NULL);
}
