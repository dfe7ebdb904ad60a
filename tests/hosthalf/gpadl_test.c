/* GPADLs as messages: from the first header to TORNDOWN. */
#include "script.h"

#include <stdlib.h>
#include <string.h>

/* N.2 of docs/wire/n-examples.md, with relid 1 instead of 5. */
static void header_bytes_by_hand(void **state)
{
    struct script *s = *state;
    struct server v = {0};

    begin_offered(s, &v, 0x00040000);
    say_hex(s, "08 00 00 00 00 00 00 00 01 00 00 00 10 1e 0e 00"
               "20 00 01 00 00 30 00 00 00 00 00 00 45 23 01 00"
               "00 00 00 00 46 23 01 00 00 00 00 00 47 23 01 00"
               "00 00 00 00");
    hear_hex(s, "0a 00 00 00 00 00 00 00 01 00 00 00 10 1e 0e 00"
                "00 00 00 00");
    assert_int_equal(v.created, 1);
    assert_int_equal(v.handle, 0xE1E10);
    assert_int_equal(status_of(s).gpadl_pages, 3);
    say_hex(s, "0b 00 00 00 00 00 00 00 01 00 00 00 10 1e 0e 00");
    hear_hex(s, "0c 00 00 00 00 00 00 00 10 1e 0e 00");
    assert_int_equal(status_of(s).gpadls, 0);
    assert_int_equal(v.torn, 0); /* it was not mapped */
    broke_nothing(s);
    withdraw(&v);
}

/* As long as the 16-bit length field allows, and around each body. */
static void bodies_continue_the_header(void **state)
{
    static const uint32_t counts[] = {1,  25, 26, 27,  40,   53,
                                      54, 55, 82, 100, 8189, 8190};
    struct script *s = *state;
    struct server v = {0};
    uint64_t *pfns = calloc(8190, sizeof(*pfns));

    begin_offered(s, &v, 0x00040000);
    for (uint32_t i = 0; i < 8190; i++)
        pfns[i] = 0x100000 + i * 3;
    for (unsigned i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
        share(s, 1, 5, pfns, counts[i]);
        assert_int_equal(status_of(s).gpadl_pages, counts[i]);
        say_teardown(s, 1, 5);
        hear_torndown(s, 5);
    }
    hear_nothing(s);
    broke_nothing(s);
    withdraw(&v);
    free(pfns);
}

static void gpadl_created_comes_after_the_last_body(void **state)
{
    struct script *s = *state;
    struct server v = {0};
    uint64_t pfns[60] = {0};

    begin_offered(s, &v, 0x00040000);
    say_gpadl_header(s, 1, 5, 60 * 4096, 0, pfns, 60);
    hear_nothing(s);
    say_gpadl_body(s, 5, pfns, 28);
    hear_nothing(s);
    say_gpadl_body(s, 5, pfns, 5);
    hear_nothing(s);
    say_gpadl_body(s, 5, pfns, 1);
    hear_created(s, 1, 5, 0);
    say_gpadl_body(s, 5, pfns, 1); /* one too many */
    broke(s, VMBUS_HOST_RULE_GPADL_BODY);
    withdraw(&v);
}

static void a_message_padded_to_240_bytes_is_taken(void **state)
{
    struct script *s = *state;
    struct server v = {0};
    uint64_t pfns[30] = {1, 2, 3};
    struct bytes b = gpadl_header(1, 5, 3 * 4096, 0, pfns, 3);

    begin_offered(s, &v, 0x00060000);
    b.size = 240;
    memset(&b.at[52], 0xEE, 188);
    say(s, &b);
    hear_created(s, 1, 5, 0);
    assert_int_equal(status_of(s).gpadl_pages, 3);
    say_gpadl_header(s, 1, 6, 30 * 4096, 0, pfns, 30);
    say_gpadl_body(s, 6, pfns, 28);
    hear_created(s, 1, 6, 0);
    assert_int_equal(status_of(s).gpadl_pages, 33);
    broke_nothing(s);
    withdraw(&v);
}

static void two_loopbacks_work_at_a_time(void **state)
{
    struct script *s = *state;
    struct server v = {0}, w = {0};
    uint64_t pfns[30] = {0};

    publish(s, &w, 1, 1, 0);
    begin_offered(s, &v, 0x00040000);
    say_gpadl_header(s, 1, 5, 30 * 4096, 0, pfns, 30);
    say_gpadl_header(s, 2, 6, 30 * 4096, 0, pfns, 30);
    say_gpadl_body(s, 5, pfns, 2);
    say_gpadl_body(s, 6, pfns, 4);
    say_gpadl_body(s, 5, pfns, 2);
    hear_created(s, 2, 6, 0);
    hear_created(s, 1, 5, 0);
    assert_int_equal(w.created, 1);
    assert_int_equal(v.created, 1);
    withdraw(&v);
    withdraw(&w);
}

static void handle_0_is_refused(void **state)
{
    struct script *s = *state;
    struct server v = {0};
    const uint64_t pfn = 1;

    begin_offered(s, &v, 0x00040000);
    say_gpadl(s, 1, 0, &pfn, 1);
    hear_created(s, 1, 0, FAILED_GPADL);
    broke(s, VMBUS_HOST_RULE_GPADL_HANDLE);
    withdraw(&v);
}

static void gpadl_handles_count_per_channel(void **state)
{
    struct script *s = *state;
    struct server v = {0}, w = {0};
    const uint64_t pfns[30] = {1};
    struct bytes b = gpadl_header(1, 6, 30 * 4096, 0, pfns, 30);

    publish(s, &w, 1, 1, 0);
    begin_offered(s, &v, 0x00040000);
    share(s, 1, 5, pfns, 1);
    share(s, 2, 5, pfns, 1);
    assert_int_equal(status_of(s).gpadls, 2);
    broke_nothing(s);
    /* The same handle again on one channel, or while one of that handle is
     * arriving, since GPADL_BODY names no channel: ignored. */
    say_gpadl(s, 2, 5, pfns, 1);
    broke(s, VMBUS_HOST_RULE_GPADL_HANDLE);
    say(s, &b);
    say(s, &b);
    broke(s, VMBUS_HOST_RULE_GPADL_HANDLE);
    say_gpadl(s, 2, 6, pfns, 1);
    broke(s, VMBUS_HOST_RULE_GPADL_HANDLE);
    hear_nothing(s);
    /* Each goes alone. */
    say_teardown(s, 1, 5);
    hear_torndown(s, 5);
    assert_int_equal(status_of(s).gpadls, 2);
    withdraw(&v);
    withdraw(&w);
}

static void the_number_and_pages_of_gpadls_are_limited(void **state)
{
    struct script *s = *state;
    const struct vmbus_host_config config = {.max_gpadls = 3,
                                             .max_gpadl_pages = 40};
    struct server v = {0};
    const uint64_t pfns[41] = {1};

    configure(s, &config);
    begin_offered(s, &v, 0x00040000);
    say_gpadl(s, 1, 1, pfns, 20);
    say_gpadl(s, 1, 2, pfns, 15);
    hear_created(s, 1, 1, 0);
    hear_created(s, 1, 2, 0);
    say_gpadl(s, 1, 3, pfns, 6);
    hear_created(s, 1, 3, FAILED_GPADL);
    broke(s, VMBUS_HOST_RULE_GPADL_LIMIT);
    share(s, 1, 3, pfns, 5);
    say_gpadl(s, 1, 4, pfns, 1);
    hear_created(s, 1, 4, FAILED_GPADL);
    broke(s, VMBUS_HOST_RULE_GPADL_LIMIT);
    say_teardown(s, 1, 1);
    hear_torndown(s, 1);
    share(s, 1, 4, pfns, 20);
    withdraw(&v);
}

static void a_gpadl_without_memory_is_refused(void **state)
{
    struct script *s = *state;
    struct server v = {0};
    const uint64_t pfn = 1;

    begin_offered(s, &v, 0x00040000);
    /* Its object, its frames, its ranges; the spare reply is there. */
    say_relid(s, 13, 5);
    s->rules = 0;
    for (uint64_t n = 1; n <= 3; n++) {
        s->seam->fail_at = s->seam->counts.allocations + n;
        say_gpadl(s, 1, 7, &pfn, 1);
        hear_created(s, 1, 7, FAILED_GPADL);
        say_relid(s, 13, 5);
        s->rules = 0;
    }
    assert_int_equal(status_of(s).gpadls, 0);
    withdraw(&v);
}

static void a_body_without_its_gpadl_is_ignored(void **state)
{
    struct script *s = *state;
    struct server v = {0};
    const uint64_t pfns[30] = {1};
    struct bytes b = gpadl_body(5, pfns, 1);

    begin_offered(s, &v, 0x00040000);
    say(s, &b);
    broke(s, VMBUS_HOST_RULE_GPADL_BODY);
    say_gpadl(s, 1, 5, pfns, 1);
    say(s, &b);
    broke(s, VMBUS_HOST_RULE_GPADL_BODY);
    say_gpadl_header(s, 1, 6, 30 * 4096, 0, pfns, 30);
    say_gpadl_body(s, 6, pfns, 0); /* brings nothing on */
    broke(s, VMBUS_HOST_RULE_GPADL_BODY);
    b = message(9, 23);
    put32(&b, 12, 6);
    say(s, &b);
    broke(s, VMBUS_HOST_RULE_GPADL_BODY);
    withdraw(&v);
}

static void a_teardown_of_an_unknown_gpadl_is_refused(void **state)
{
    struct script *s = *state;
    struct server v = {0}, w = {0};
    const uint64_t pfns[30] = {1};

    publish(s, &w, 1, 1, 0);
    begin_offered(s, &v, 0x00040000);
    say_teardown(s, 1, 5);
    broke(s, VMBUS_HOST_RULE_TEARDOWN_UNKNOWN);
    share(s, 1, 5, pfns, 1);
    say_teardown(s, 2, 5);
    broke(s, VMBUS_HOST_RULE_TEARDOWN_UNKNOWN);
    say_gpadl_header(s, 1, 6, 30 * 4096, 0, pfns, 30);
    say_teardown(s, 1, 6);
    broke(s, VMBUS_HOST_RULE_TEARDOWN_STATE);
    hear_nothing(s);
    assert_int_equal(status_of(s).gpadls, 2);
    withdraw(&v);
    withdraw(&w);
}

static void gpadls_of_rescinded_channels(void **state)
{
    struct script *s = *state;
    struct server v = {0};
    const uint64_t pfns[60] = {1};

    begin_offered(s, &v, 0x00040000);
    say_gpadl(s, 1, 5, pfns, 1);
    say_gpadl_header(s, 1, 6, 60 * 4096, 0, pfns, 60);
    forget_heard(s);
    withdraw(&v);
    hear_type(s, 2, 12);
    /* The rest of what was on the way, and new ones, are answered with success,
     * as Hyper-V does: a guest waits for that before it releases the relid. */
    say_gpadl_body(s, 6, pfns, 28);
    say_gpadl_body(s, 6, pfns, 6);
    hear_created(s, 1, 6, 0);
    say_gpadl(s, 1, 7, pfns, 30);
    hear_created(s, 1, 7, 0);
    say_gpadl_header(s, 1, 8, 60 * 4096, 0, pfns, 60);
    hear_nothing(s);
    broke_nothing(s);
    assert_int_equal(v.created, 1);
    for (uint32_t handle = 5; handle <= 8; handle++) {
        say_teardown(s, 1, handle);
        hear_torndown(s, handle);
    }
    assert_int_equal(status_of(s).gpadls, 0);
    /* Ones that nobody tears down go with the relid. */
    say_gpadl(s, 1, 9, pfns, 27);
    hear_created(s, 1, 9, 0);
    say_relid(s, 13, 1);
    assert_int_equal(status_of(s).gpadls, 0);
    broke_nothing(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(header_bytes_by_hand),
        TEST(bodies_continue_the_header),
        TEST(gpadl_created_comes_after_the_last_body),
        TEST(a_message_padded_to_240_bytes_is_taken),
        TEST(two_loopbacks_work_at_a_time),
        TEST(handle_0_is_refused),
        TEST(gpadl_handles_count_per_channel),
        TEST(the_number_and_pages_of_gpadls_are_limited),
        TEST(a_gpadl_without_memory_is_refused),
        TEST(a_body_without_its_gpadl_is_ignored),
        TEST(a_teardown_of_an_unknown_gpadl_is_refused),
        TEST(gpadls_of_rescinded_channels),
    };

    return cmocka_run_group_tests_name("hosthalf.gpadl", tests, NULL, NULL);
}
