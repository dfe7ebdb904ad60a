/* Opening channels. */
#include "script.h"

#include <errno.h>

/* N.3 of docs/wire/n-examples.md, for channel 1: rings of 2 + 2 pages. */
static void open_bytes_by_hand(void **state)
{
    struct script *s = *state;
    struct server v = {0};
    uint64_t pfns[4];
    uint32_t *words = seam_pages_alloc(s->seam, 4, pfns);
    struct bytes b = hex("05 00 00 00 00 00 00 00 01 00 00 00 05 00 00 00"
                         "10 1e 0e 00 00 00 00 00 02 00 00 00 00 00 00 00");

    begin_offered(s, &v, 0x00050002);
    say_gpadl(s, 1, 0xE1E10, pfns, 4);
    hear_hex(s, "0a 00 00 00 00 00 00 00 01 00 00 00 10 1e 0e 00"
                "00 00 00 00");
    b.size = 148;
    put8(&b, 28, 0xD1);
    put8(&b, 147, 0xD2);
    say(s, &b);
    hear_hex(s, "06 00 00 00 00 00 00 00 01 00 00 00 05 00 00 00"
                "00 00 00 00");
    assert_int_equal(v.opened, 1);
    assert_int_equal(v.open.open_id, 5);
    assert_int_equal(v.open.target_vp, 0);
    assert_false(v.open.restored);
    assert_int_equal(v.open.user_data[0], 0xD1);
    assert_int_equal(v.open.user_data[119], 0xD2);
    assert_int_equal(v.open.in.size, 4096);
    assert_int_equal(v.open.out.size, 4096);
    assert_true(info_of(&v).open);

    /* The guest's outgoing ring is what the server reads. */
    words[0] = 0x11111111;
    words[1024] = 0x22222222;
    words[2048] = 0x33333333;
    words[3072] = 0x44444444;
    assert_int_equal(*(uint32_t *)(void *)v.open.in.control, 0x11111111);
    assert_int_equal(*(uint32_t *)(void *)v.open.in.data, 0x22222222);
    assert_int_equal(*(uint32_t *)(void *)v.open.out.control, 0x33333333);
    assert_int_equal(*(uint32_t *)(void *)v.open.out.data, 0x44444444);
    assert_true(v.open.in.twice);
    assert_int_equal(*(uint32_t *)(void *)(v.open.out.data + 4096), 0x44444444);
    say_hex(s, "07 00 00 00 00 00 00 00 01 00 00 00");
    hear_nothing(s);
    assert_int_equal(v.closed, 1);
    say_hex(s, "0b 00 00 00 00 00 00 00 01 00 00 00 10 1e 0e 00");
    hear_hex(s, "0c 00 00 00 00 00 00 00 10 1e 0e 00");
    broke_nothing(s);
    withdraw(&v);
    seam_pages_free(s->seam, words, 4);
}

static void rings_of_different_sizes(void **state)
{
    struct script *s = *state;
    struct server v = {0};
    uint64_t pfns[40];
    void *pages = seam_pages_alloc(s->seam, 40, pfns);

    begin_offered(s, &v, 0x00040000);
    say_gpadl(s, 1, 9, pfns, 40);
    forget_heard(s);
    say_open(s, 1, 1, 9, 1, 31);
    hear_result(s, 1, 1, 0);
    assert_int_equal(v.open.in.size, 30 * 4096);
    assert_int_equal(v.open.out.size, 8 * 4096);
    assert_int_equal(v.open.target_vp, 1);
    withdraw(&v);
    seam_pages_free(s->seam, pages, 40);
}

static void an_open_that_its_server_refuses_fails(void **state)
{
    struct script *s = *state;
    struct server v = {.refuse = 0xC0001234};
    void *pages = begin_open(s, &v, 0x00040000);

    assert_false(info_of(&v).open);
    assert_int_equal(s->seam->counts.mappings, 0);
    assert_int_equal(v.closed, 0);
    /* Nothing to close, but the GPADL is there and can be tried again. */
    v.refuse = 0;
    say_open(s, 1, 8, RING_GPADL, 0, 2);
    hear_result(s, 1, 8, 0);
    close_and_free(s, pages, 4);
    withdraw(&v);
}

static void a_server_may_answer_an_open_later(void **state)
{
    struct script *s = *state;
    struct server v = {.holds_open = true};
    void *pages = begin_open(s, &v, 0x00040000);

    hear_nothing(s);
    assert_false(info_of(&v).open);
    assert_int_equal(vmbus_host_signal(v.channel), -ENOTCONN);
    vmbus_host_open_answer(v.channel, 0);
    hear_result(s, 1, 0x77, 0);
    vmbus_host_open_answer(v.channel, 5); /* too late for anything */
    hear_nothing(s);
    assert_true(info_of(&v).open);
    close_and_free(s, pages, 4);
    withdraw(&v);
}

static void a_server_without_callbacks_accepts(void **state)
{
    static const struct vmbus_host_server none;
    struct script *s = *state;
    struct vmbus_host_offer o = an_offer(1, 1, 0);
    struct server v = {0};
    void *pages;

    assert_int_equal(vmbus_host_offer(s->host, &o, &none, NULL, &v.channel), 0);
    connect_at(s, 0x00040000);
    take_offers(s);
    pages = share_rings(s, 1, RING_GPADL);
    say_open(s, 1, 1, RING_GPADL, 0, 2);
    hear_result(s, 1, 1, 0);
    assert_int_equal(vmbus_host_event(s->host, 0x2001, 0), 0);
    close_and_free(s, pages, 4);
    withdraw(&v);
}

static void bad_geometry_is_refused(void **state)
{
    static const struct {
        uint32_t handle, downstream;
    } bad[] = {
        {1, 0},  {1, 1}, {1, 3}, {1, 4}, {1, 0xFFFFFFFF}, /* of 4 pages */
        {2, 2},                                           /* 3 pages */
        {3, 2},                                           /* not whole pages */
        {4, 2},  /* not at a page boundary */
        {5, 2},  /* two ranges */
        {6, 2},  /* of another channel */
        {7, 2},  /* not complete */
        {99, 2}, /* there is none */
    };
    struct script *s = *state;
    struct server v = {0}, other = {0};
    uint64_t pfns[8];
    void *pages = seam_pages_alloc(s->seam, 8, pfns);
    struct bytes b;

    publish(s, &other, 3, 3, 0);
    publish(s, &v, 1, 1, 0);
    connect_at(s, 0x00040000);
    take_offers(s);
    say_gpadl(s, 2, 1, pfns, 4);
    say_gpadl(s, 2, 2, pfns, 3);
    say_gpadl_header(s, 2, 3, 4 * 4096 - 8, 0, pfns, 4);
    say_gpadl_header(s, 2, 4, 4 * 4096, 8, pfns, 5);
    b = gpadl_header(2, 5, 2 * 4096, 0, pfns, 2);
    b.size += 24;
    put16(&b, 16, 48);
    put16(&b, 18, 2);
    put32(&b, 44, 2 * 4096);
    put64(&b, 52, pfns[2]);
    put64(&b, 60, pfns[3]);
    say(s, &b);
    say_gpadl(s, 1, 6, pfns, 4);
    for (uint32_t handle = 1; handle <= 6; handle++)
        hear_created(s, handle == 6 ? 1 : 2, handle, 0);
    b = gpadl_header(2, 7, 4 * 4096, 0, pfns, 4);
    b.size -= 8;
    say(s, &b);
    for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        say_open(s, 2, i, bad[i].handle, 0, bad[i].downstream);
        hear_result(s, 2, i, FAILED_PARAMETER);
        broke(s, VMBUS_HOST_RULE_OPEN_RING);
    }
    assert_int_equal(v.opened, 0);
    assert_int_equal(s->seam->counts.mappings, 0);
    withdraw(&v);
    withdraw(&other);
    seam_pages_free(s->seam, pages, 8);
}

static void unmappable_rings_are_low_resources(void **state)
{
    struct script *s = *state;
    struct server v = {0};
    const uint64_t pfns[4] = {1, 2, 3, 4}; /* no frames of this guest */

    begin_offered(s, &v, 0x00040000);
    share(s, 1, 9, pfns, 4);
    say_open(s, 1, 1, 9, 0, 2);
    hear_result(s, 1, 1, FAILED_RESOURCES);
    assert_int_equal(v.opened, 0);
    assert_true(hosted_logged(s->seam, "cannot be mapped"));
    withdraw(&v);
}

static void rings_are_mapped_once_if_not_twice(void **state)
{
    struct script *s = *state;
    struct server v = {0};
    void *pages;
    struct bytes b = open_message(1, 1, RING_GPADL, 0, 2);

    begin_offered(s, &v, 0x00040000);
    pages = share_rings(s, 1, RING_GPADL);
    /* The spare reply is first, then comes `in` twice. */
    s->seam->fail_at = s->seam->counts.allocations + 2;
    say(s, &b);
    hear_result(s, 1, 1, 0);
    assert_false(v.open.in.twice);
    assert_true(v.open.out.twice);
    say_relid(s, 7, 1);
    /* `in` twice succeeds, `out` neither twice nor once. */
    s->seam->fail_at = s->seam->counts.allocations + 2;
    s->seam->fail_for_good = true;
    say(s, &b);
    hear_result(s, 1, 1, FAILED_RESOURCES);
    assert_int_equal(s->seam->counts.mappings, 0);
    s->seam->fail_at = 0;
    say_teardown(s, 1, RING_GPADL);
    hear_torndown(s, RING_GPADL);
    withdraw(&v);
    seam_pages_free(s->seam, pages, 4);
}

static void opening_an_open_channel_is_refused(void **state)
{
    struct script *s = *state;
    struct server v = {.holds_open = true};
    void *pages = begin_open(s, &v, 0x00040000);
    struct bytes b = open_message(1, 2, RING_GPADL, 0, 2);

    say(s, &b);
    broke(s, VMBUS_HOST_RULE_OPEN_STATE);
    hear_nothing(s);
    vmbus_host_open_answer(v.channel, 0);
    hear_result(s, 1, 0x77, 0);
    say(s, &b);
    broke(s, VMBUS_HOST_RULE_OPEN_STATE);
    hear_nothing(s);
    assert_int_equal(v.opened, 1);
    close_and_free(s, pages, 4);
    withdraw(&v);
}

static void unknown_relids_are_refused(void **state)
{
    struct script *s = *state;
    struct server v = {0};

    begin_offered(s, &v, 0x00050003);
    say_open(s, 2, 2, 1, 0, 2);
    broke(s, VMBUS_HOST_RULE_UNKNOWN_RELID);
    say_relid(s, 7, 0);
    broke(s, VMBUS_HOST_RULE_UNKNOWN_RELID);
    say_modify(s, 0x10001, 0);
    broke(s, VMBUS_HOST_RULE_UNKNOWN_RELID);
    hear_type(s, 24, 16); /* whoever asks waits for the answer */
    say_teardown(s, 2048, 1);
    broke(s, VMBUS_HOST_RULE_UNKNOWN_RELID);
    say_gpadl_header(s, 3, 1, 4096, 0, (const uint64_t[]){1}, 1);
    broke(s, VMBUS_HOST_RULE_UNKNOWN_RELID);
    hear_nothing(s);
    withdraw(&v);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(open_bytes_by_hand),
        TEST(rings_of_different_sizes),
        TEST(an_open_that_its_server_refuses_fails),
        TEST(a_server_may_answer_an_open_later),
        TEST(a_server_without_callbacks_accepts),
        TEST(bad_geometry_is_refused),
        TEST(unmappable_rings_are_low_resources),
        TEST(rings_are_mapped_once_if_not_twice),
        TEST(opening_an_open_channel_is_refused),
        TEST(unknown_relids_are_refused),
    };

    return cmocka_run_group_tests_name("hosthalf.channel_open", tests, NULL,
                                       NULL);
}
