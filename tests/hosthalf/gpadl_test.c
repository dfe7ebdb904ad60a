/* GPADLs: from the first header to TORNDOWN, and what servers map. */
#include "script.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define FAILED_GPADL 0x8000FFFFu

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

/* N.2 of the protocol notes, with relid 1 instead of 5. */
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
        say_gpadl(s, 1, 5, pfns, counts[i]);
        hear_created(s, 1, 5, 0);
        assert_int_equal(status_of(s).gpadl_pages, counts[i]);
        say_teardown(s, 1, 5);
        hear_torndown(s, 5);
    }
    hear_nothing(s);
    broke_nothing(s);
    withdraw(&v);
    free(pfns);
}

static void created_comes_after_the_last_body(void **state)
{
    struct script *s = *state;
    struct server v = {0};
    uint64_t pfns[60] = {0};
    struct bytes b = gpadl_header(1, 5, 60 * 4096, 0, pfns, 60);

    begin_offered(s, &v, 0x00040000);
    say(s, &b);
    hear_nothing(s);
    b = gpadl_body(5, pfns, 28);
    say(s, &b);
    hear_nothing(s);
    b = gpadl_body(5, pfns, 5);
    say(s, &b);
    hear_nothing(s);
    b = gpadl_body(5, pfns, 1);
    say(s, &b);
    hear_created(s, 1, 5, 0);
    say(s, &b); /* one too many */
    broke(s, VMBUS_HOST_RULE_GPADL_BODY);
    withdraw(&v);
}

static void firmware_posts_240_bytes_always(void **state)
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
    b = gpadl_header(1, 6, 30 * 4096, 0, pfns, 30);
    say(s, &b);
    b = gpadl_body(6, pfns, 28);
    say(s, &b);
    hear_created(s, 1, 6, 0);
    assert_int_equal(status_of(s).gpadl_pages, 33);
    broke_nothing(s);
    withdraw(&v);
}

static void two_at_a_time(void **state)
{
    struct script *s = *state;
    struct server v = {0}, w = {0};
    uint64_t pfns[30] = {0};
    struct bytes b = gpadl_header(1, 5, 30 * 4096, 0, pfns, 30);

    publish(s, &w, 1, 1, 0);
    begin_offered(s, &v, 0x00040000);
    say(s, &b);
    b = gpadl_header(2, 6, 30 * 4096, 0, pfns, 30);
    say(s, &b);
    b = gpadl_body(5, pfns, 2);
    say(s, &b);
    b = gpadl_body(6, pfns, 4);
    say(s, &b);
    b = gpadl_body(5, pfns, 2);
    say(s, &b);
    hear_created(s, 2, 6, 0);
    hear_created(s, 1, 5, 0);
    assert_int_equal(w.created, 1);
    assert_int_equal(v.created, 1);
    withdraw(&v);
    withdraw(&w);
}

/* A range buffer with heads {size, offset} and made-up frames. */
static struct bytes ranges(uint32_t handle, uint16_t count,
                           const uint32_t heads[][2], uint32_t extra)
{
    struct bytes b = message(8, 20);

    put32(&b, 8, 1);
    put32(&b, 12, handle);
    put16(&b, 18, count);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t pages = (heads[i][0] + heads[i][1] + 4095) / 4096;

        put32(&b, b.size, heads[i][0]);
        put32(&b, b.size + 4, heads[i][1]);
        b.size += 8;
        for (uint32_t p = 0; p < pages; p++) {
            put64(&b, b.size, 0x1000 * (i + 1) + p);
            b.size += 8;
        }
    }
    b.size += extra;
    put16(&b, 16, (uint16_t)(b.size - 20));
    return b;
}

static void several_ranges(void **state)
{
    static const uint32_t heads[][2] = {{100, 4090}, {4096, 0}, {1, 4095}};
    struct script *s = *state;
    struct server v = {0};
    struct vmbus_host_range r;
    struct vmbus_host_gpadl mapped;
    uint64_t pfns[4];
    uint8_t *pages = seam_pages_alloc(s->seam, 4, pfns);
    struct bytes b = ranges(5, 3, heads, 0);

    put64(&b, 28, pfns[0]);
    put64(&b, 36, pfns[1]);
    put64(&b, 52, pfns[2]);
    put64(&b, 68, pfns[3]);
    begin_offered(s, &v, 0x00040000);
    say(s, &b);
    hear_created(s, 1, 5, 0);
    assert_int_equal(vmbus_host_gpadl_range(v.channel, 5, 0, &r), -ENOENT);
    assert_int_equal(vmbus_host_gpadl_map(v.channel, 5, &mapped), 0);
    assert_int_equal(mapped.range_count, 3);
    assert_int_equal(mapped.page_count, 4);
    assert_memory_equal(mapped.pfns, pfns, sizeof(pfns));
    for (uint32_t i = 0; i < 3; i++) {
        static const uint32_t first[] = {0, 2, 3};

        assert_int_equal(vmbus_host_gpadl_range(v.channel, 5, i, &r), 0);
        assert_int_equal(r.size, heads[i][0]);
        assert_int_equal(r.offset, heads[i][1]);
        assert_int_equal(r.first_page, first[i]);
        assert_int_equal(r.page_count, i == 0 ? 2 : 1);
    }
    assert_int_equal(vmbus_host_gpadl_range(v.channel, 5, 3, &r), -ENOENT);
    pages[3 * 4096 + 4095] = 0x5A;
    assert_int_equal(mapped.base[3 * 4096 + 4095], 0x5A);
    vmbus_host_gpadl_unmap(v.channel, 5);
    withdraw(&v);
    seam_pages_free(s->seam, pages, 4);
}

static void malformed_ranges_are_refused(void **state)
{
    static const struct {
        uint16_t length, count;
        uint32_t size, offset;
    } bad[] = {
        {24, 0, 4096, 0},          /* no range */
        {0, 1, 4096, 0},           /* no bytes */
        {8, 1, 4096, 0},           /* a head without frames */
        {20, 1, 4096, 0},          /* not words */
        {23, 1, 4096, 0},          /* nor these */
        {24, 2, 4096, 0},          /* three words for two ranges */
        {16, 0xFFFF, 4096, 0},     /* far too many */
        {16, 1, 0, 0},             /* an empty range */
        {16, 1, 0, 5},             /* also inside a page */
        {16, 1, 4096, 4096},       /* starts in the next page */
        {16, 1, 1, 0xFFFFFFFF},    /* far behind */
        {16, 1, 4097, 0},          /* needs two frames, has one */
        {24, 1, 4096, 0},          /* needs one, has two */
        {16, 1, 0xFFFFFFFF, 4095}, /* 4 GiB in one frame */
        {32, 2, 4096, 0},          /* the second range is empty */
    };
    struct script *s = *state;
    struct server v = {0};

    begin_offered(s, &v, 0x00040000);
    for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct bytes b = message(8, 240);

        put32(&b, 8, 1);
        put32(&b, 12, 100 + i);
        put16(&b, 16, bad[i].length);
        put16(&b, 18, bad[i].count);
        put32(&b, 20, bad[i].size);
        put32(&b, 24, bad[i].offset);
        say(s, &b);
        hear_created(s, 1, 100 + i, FAILED_GPADL);
        broke(s, VMBUS_HOST_RULE_GPADL_RANGES);
        assert_int_equal(status_of(s).gpadls, 0);
        assert_int_equal(status_of(s).gpadl_pages, 0);
    }
    assert_int_equal(v.created, 0);
    withdraw(&v);
}

static void largest_number_of_ranges(void **state)
{
    struct script *s = *state;
    struct server v = {0};
    struct bytes b = message(8, 20);
    uint64_t words[28];

    /* 4,095 ranges of one byte each: 65,520 bytes. */
    begin_offered(s, &v, 0x00040000);
    put32(&b, 8, 1);
    put32(&b, 12, 5);
    put16(&b, 16, 65520);
    put16(&b, 18, 4095);
    say(s, &b); /* the header may carry none of it */
    for (uint32_t i = 0; i < 28; i++)
        words[i] = i % 2 ? 77 : 1;
    for (uint32_t left = 8190; left; left -= left < 28 ? left : 28) {
        b = gpadl_body(5, words, left < 28 ? left : 28);
        say(s, &b);
    }
    hear_created(s, 1, 5, 0);
    assert_int_equal(status_of(s).gpadl_pages, 4095);
    withdraw(&v);
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

/* Also over channels, since a body names no channel. */
static void handles_in_use_are_ignored(void **state)
{
    struct script *s = *state;
    struct server v = {0}, w = {0};
    const uint64_t pfns[30] = {1};
    struct bytes b = gpadl_header(1, 6, 30 * 4096, 0, pfns, 30);

    publish(s, &w, 1, 1, 0);
    begin_offered(s, &v, 0x00040000);
    say_gpadl(s, 1, 5, pfns, 1);
    hear_created(s, 1, 5, 0);
    say_gpadl(s, 2, 5, pfns, 1);
    broke(s, VMBUS_HOST_RULE_GPADL_HANDLE);
    say(s, &b);
    say(s, &b);
    broke(s, VMBUS_HOST_RULE_GPADL_HANDLE);
    hear_nothing(s);
    assert_int_equal(status_of(s).gpadls, 2);
    withdraw(&v);
    withdraw(&w);
}

static void number_and_pages_are_limited(void **state)
{
    struct script *s = *state;
    const struct vmbus_host_config config = {.max_gpadls = 3,
                                             .max_gpadl_pages = 40};
    struct server v = {0};
    const uint64_t pfns[41] = {1};

    vmbus_host_destroy(s->host);
    s->host = script_another(s, &config);
    begin_offered(s, &v, 0x00040000);
    say_gpadl(s, 1, 1, pfns, 20);
    say_gpadl(s, 1, 2, pfns, 15);
    hear_created(s, 1, 1, 0);
    hear_created(s, 1, 2, 0);
    say_gpadl(s, 1, 3, pfns, 6);
    hear_created(s, 1, 3, FAILED_GPADL);
    broke(s, VMBUS_HOST_RULE_GPADL_LIMIT);
    say_gpadl(s, 1, 3, pfns, 5);
    hear_created(s, 1, 3, 0);
    say_gpadl(s, 1, 4, pfns, 1);
    hear_created(s, 1, 4, FAILED_GPADL);
    broke(s, VMBUS_HOST_RULE_GPADL_LIMIT);
    say_teardown(s, 1, 1);
    hear_torndown(s, 1);
    say_gpadl(s, 1, 4, pfns, 20);
    hear_created(s, 1, 4, 0);
    withdraw(&v);
}

static void no_memory_for_a_gpadl(void **state)
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

static void bodies_of_nothing(void **state)
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
    b = gpadl_header(1, 6, 30 * 4096, 0, pfns, 30);
    say(s, &b);
    b = gpadl_body(6, pfns, 0); /* brings nothing on */
    say(s, &b);
    broke(s, VMBUS_HOST_RULE_GPADL_BODY);
    b = message(9, 23);
    put32(&b, 12, 6);
    say(s, &b);
    broke(s, VMBUS_HOST_RULE_GPADL_BODY);
    withdraw(&v);
}

static void teardowns_that_match_nothing(void **state)
{
    struct script *s = *state;
    struct server v = {0}, w = {0};
    const uint64_t pfns[30] = {1};
    struct bytes b = gpadl_header(1, 6, 30 * 4096, 0, pfns, 30);

    publish(s, &w, 1, 1, 0);
    begin_offered(s, &v, 0x00040000);
    say_teardown(s, 1, 5);
    broke(s, VMBUS_HOST_RULE_TEARDOWN_UNKNOWN);
    say_gpadl(s, 1, 5, pfns, 1);
    hear_created(s, 1, 5, 0);
    say_teardown(s, 2, 5);
    broke(s, VMBUS_HOST_RULE_TEARDOWN_UNKNOWN);
    say(s, &b);
    say_teardown(s, 1, 6);
    broke(s, VMBUS_HOST_RULE_TEARDOWN_STATE);
    hear_nothing(s);
    assert_int_equal(status_of(s).gpadls, 2);
    withdraw(&v);
    withdraw(&w);
}

static void mapping_holds_the_teardown(void **state)
{
    struct script *s = *state;
    struct server v = {.holds_gpadl = true};
    struct vmbus_host_gpadl mapped;
    uint64_t pfns[2];
    uint8_t *pages = seam_pages_alloc(s->seam, 2, pfns);

    begin_offered(s, &v, 0x00040000);
    say_gpadl(s, 1, 5, pfns, 2);
    hear_created(s, 1, 5, 0);
    assert_int_equal(vmbus_host_gpadl_map(v.channel, 6, &mapped), -ENOENT);
    assert_int_equal(vmbus_host_gpadl_map(v.channel, 5, &mapped), 0);
    assert_int_equal(vmbus_host_gpadl_map(v.channel, 5, &mapped), -EBUSY);
    pages[4096] = 0x42;
    assert_int_equal(mapped.base[4096], 0x42);
    say_teardown(s, 1, 5);
    assert_int_equal(v.torn, 1);
    hear_nothing(s);
    say_teardown(s, 1, 5);
    broke(s, VMBUS_HOST_RULE_TEARDOWN_STATE);
    assert_int_equal(v.torn, 1);
    mapped.base[0] = 0x43; /* still there */
    assert_int_equal(pages[0], 0x43);
    vmbus_host_gpadl_unmap(v.channel, 5);
    hear_torndown(s, 5);
    assert_int_equal(vmbus_host_gpadl_map(v.channel, 5, &mapped), -ENOENT);
    withdraw(&v);
    seam_pages_free(s->seam, pages, 2);
}

/* Mapped first, then used for rings as well: both must let go. */
static void mapping_outlives_the_rings(void **state)
{
    struct script *s = *state;
    struct server v = {.holds_gpadl = true};
    struct vmbus_host_gpadl mapped;
    struct bytes b = open_message(1, 1, RING_GPADL, 0, 2);
    void *pages = begin_open(s, &v, 0x00040000);

    say_relid(s, 7, 1);
    assert_int_equal(vmbus_host_gpadl_map(v.channel, RING_GPADL, &mapped), 0);
    say(s, &b);
    hear_result(s, 1, 1, 0);
    say_teardown(s, 1, RING_GPADL);
    broke(s, VMBUS_HOST_RULE_TEARDOWN_RING);
    say_relid(s, 7, 1);
    hear_nothing(s);
    vmbus_host_gpadl_unmap(v.channel, RING_GPADL);
    hear_torndown(s, RING_GPADL);
    withdraw(&v);
    seam_pages_free(s->seam, pages, 4);
}

static void mapping_fails(void **state)
{
    struct script *s = *state;
    struct server v = {0};
    struct vmbus_host_gpadl mapped;
    const uint64_t pfn = 1; /* no frame of this guest */

    begin_offered(s, &v, 0x00040000);
    say_gpadl(s, 1, 5, &pfn, 1);
    forget_heard(s);
    assert_int_equal(vmbus_host_gpadl_map(v.channel, 5, &mapped), -EFAULT);
    withdraw(&v);
}

static void rings_are_not_mapped_twice(void **state)
{
    struct script *s = *state;
    struct server v = {0};
    struct vmbus_host_gpadl mapped;
    void *pages = begin_open(s, &v, 0x00040000);

    assert_int_equal(vmbus_host_gpadl_map(v.channel, RING_GPADL, &mapped),
                     -EBUSY);
    say_relid(s, 7, 1);
    assert_int_equal(vmbus_host_gpadl_map(v.channel, RING_GPADL, &mapped), 0);
    vmbus_host_gpadl_unmap(v.channel, RING_GPADL);
    withdraw(&v);
    seam_pages_free(s->seam, pages, 4);
}

static void another_channels_gpadl_is_not_mapped(void **state)
{
    struct script *s = *state;
    struct server v = {0}, w = {0};
    struct vmbus_host_gpadl mapped;
    uint64_t pfn;
    void *page = seam_pages_alloc(s->seam, 1, &pfn);

    publish(s, &w, 1, 1, 0);
    begin_offered(s, &v, 0x00040000);
    say_gpadl(s, 1, 5, &pfn, 1);
    assert_int_equal(vmbus_host_gpadl_map(v.channel, 5, &mapped), -ENOENT);
    assert_int_equal(vmbus_host_gpadl_map(w.channel, 5, &mapped), 0);
    vmbus_host_gpadl_unmap(w.channel, 5);
    forget_heard(s);
    withdraw(&v);
    withdraw(&w);
    seam_pages_free(s->seam, page, 1);
}

static void transfer_pages_by_offset(void **state)
{
    struct script *s = *state;
    struct server v = {0};
    struct vmbus_host_gpadl mapped;
    uint64_t pfns[3];
    uint8_t *pages = seam_pages_alloc(s->seam, 3, pfns);
    struct bytes b = gpadl_header(1, 5, 8192, 512, pfns, 3);

    begin_offered(s, &v, 0x00040000);
    say(s, &b);
    hear_created(s, 1, 5, 0);
    assert_null(vmbus_host_gpadl_at(v.channel, 5, 0, 1)); /* not mapped */
    assert_int_equal(vmbus_host_gpadl_map(v.channel, 5, &mapped), 0);
    *(uint8_t *)vmbus_host_gpadl_at(v.channel, 5, 4000, 10) = 0x99;
    assert_int_equal(pages[4512], 0x99);
    assert_non_null(vmbus_host_gpadl_at(v.channel, 5, 0, 8192));
    assert_non_null(vmbus_host_gpadl_at(v.channel, 5, 8192, 0));
    assert_null(vmbus_host_gpadl_at(v.channel, 5, 0, 8193));
    assert_null(vmbus_host_gpadl_at(v.channel, 5, 8192, 1));
    assert_null(vmbus_host_gpadl_at(v.channel, 5, 0xFFFFFFFF, 2));
    assert_null(vmbus_host_gpadl_at(v.channel, 6, 0, 1));
    vmbus_host_gpadl_unmap(v.channel, 5);
    withdraw(&v);
    seam_pages_free(s->seam, pages, 3);
}

static void gpadls_of_rescinded_channels(void **state)
{
    struct script *s = *state;
    struct server v = {0};
    const uint64_t pfns[60] = {1};
    struct bytes b = gpadl_header(1, 6, 60 * 4096, 0, pfns, 60);

    begin_offered(s, &v, 0x00040000);
    say_gpadl(s, 1, 5, pfns, 1);
    say(s, &b);
    forget_heard(s);
    withdraw(&v);
    hear_type(s, 2, 12);
    /* The rest of what was on the way, and new ones: no breach, no answer. */
    b = gpadl_body(6, pfns, 28);
    say(s, &b);
    b = gpadl_body(6, pfns, 6);
    say(s, &b);
    say_gpadl(s, 1, 7, pfns, 30);
    b = gpadl_header(1, 8, 60 * 4096, 0, pfns, 60);
    say(s, &b);
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
    say_relid(s, 13, 1);
    assert_int_equal(status_of(s).gpadls, 0);
    broke_nothing(s);
}

static void external_memory_is_mapped(void **state)
{
    struct script *s = *state;
    struct server v = {0};
    struct vmbus_host_memory m;
    uint64_t pfns[3];
    uint8_t *pages = seam_pages_alloc(s->seam, 3, pfns);
    void *rings = begin_open(s, &v, 0x00040000);

    assert_int_equal(vmbus_host_memory_map(v.channel, 100, 8100, pfns, 3, &m),
                     0);
    assert_int_equal(m.size, 8100);
    ((uint8_t *)m.data)[8099] = 0x77;
    assert_int_equal(pages[8199], 0x77);
    vmbus_host_memory_unmap(v.channel, &m);
    assert_int_equal(s->seam->counts.mappings, 2);
    withdraw(&v);
    seam_pages_free(s->seam, rings, 4);
    seam_pages_free(s->seam, pages, 3);
}

static void external_memory_is_checked(void **state)
{
    static const struct {
        uint32_t offset, size, count;
        int status;
    } bad[] = {
        {4096, 1, 1, -EINVAL},
        {0, 0, 0, -EINVAL},
        {0, 0, 1, -EINVAL},
        {0, 4097, 1, -EINVAL},
        {1, 4096, 1, -EINVAL},
        {0, 4096, 2, -EINVAL},
        {4095, 0xFFFFFFFF, 1, -EINVAL},
        {0, 8194u * 4096, 8194, -E2BIG},
    };
    struct script *s = *state;
    struct server v = {0};
    struct vmbus_host_memory m;
    uint64_t pfn = 1;
    void *rings = begin_open(s, &v, 0x00040000);

    for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_int_equal(vmbus_host_memory_map(v.channel, bad[i].offset,
                                               bad[i].size, &pfn, bad[i].count,
                                               &m),
                         bad[i].status);
    assert_int_equal(vmbus_host_memory_map(v.channel, 0, 1, &pfn, 1, &m),
                     -EFAULT);
    close_and_free(s, rings, 4);
    assert_int_equal(vmbus_host_memory_map(v.channel, 0, 1, &pfn, 1, &m),
                     -ENOTCONN);
    withdraw(&v);
}

static void servers_mappings_are_asserted(void **state)
{
    struct script *s = *state;
    struct server v = {.holds_close = true};
    struct vmbus_host_memory m;
    struct vmbus_host_gpadl g;
    uint64_t pfn;
    void *page = seam_pages_alloc(s->seam, 1, &pfn);
    void *rings = begin_open(s, &v, 0x00040000);
    jmp_buf out;

    say_gpadl(s, 1, 5, &pfn, 1);
    hear_created(s, 1, 5, 0);
    assert_int_equal(vmbus_host_memory_map(v.channel, 0, 1, &pfn, 1, &m), 0);
    assert_int_equal(vmbus_host_gpadl_map(v.channel, 5, &g), 0);
    say_relid(s, 7, 1);
    s->seam->on_assert = &out;
    if (setjmp(out) == 0) {
        vmbus_host_close_answer(v.channel);
        fail_msg("closed with external memory mapped");
    }
    if (setjmp(out) == 0) {
        vmbus_host_withdraw(v.channel);
        fail_msg("withdrawn with external memory mapped");
    }
    vmbus_host_memory_unmap(v.channel, &m);
    if (setjmp(out) == 0) {
        vmbus_host_withdraw(v.channel);
        fail_msg("withdrawn with a GPADL mapped");
    }
    vmbus_host_gpadl_unmap(v.channel, 5);
    if (setjmp(out) == 0) {
        vmbus_host_gpadl_unmap(v.channel, 5);
        fail_msg("unmapped twice");
    }
    if (setjmp(out) == 0) {
        vmbus_host_memory_unmap(v.channel, &m);
        fail_msg("unmapped twice");
    }
    s->seam->on_assert = NULL;
    vmbus_host_close_answer(v.channel);
    withdraw(&v);
    seam_pages_free(s->seam, rings, 4);
    seam_pages_free(s->seam, page, 1);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(header_bytes_by_hand),
        T(bodies_continue_the_header),
        T(created_comes_after_the_last_body),
        T(firmware_posts_240_bytes_always),
        T(two_at_a_time),
        T(several_ranges),
        T(malformed_ranges_are_refused),
        T(largest_number_of_ranges),
        T(handle_0_is_refused),
        T(handles_in_use_are_ignored),
        T(number_and_pages_are_limited),
        T(no_memory_for_a_gpadl),
        T(bodies_of_nothing),
        T(teardowns_that_match_nothing),
        T(mapping_holds_the_teardown),
        T(mapping_outlives_the_rings),
        T(mapping_fails),
        T(rings_are_not_mapped_twice),
        T(another_channels_gpadl_is_not_mapped),
        T(transfer_pages_by_offset),
        T(gpadls_of_rescinded_channels),
        T(external_memory_is_mapped),
        T(external_memory_is_checked),
        T(servers_mappings_are_asserted),
    };

    return cmocka_run_group_tests_name("hosthalf.gpadl", tests, NULL, NULL);
}
