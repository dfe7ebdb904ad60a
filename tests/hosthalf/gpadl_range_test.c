/* The ranges of GPADLs: several, malformed, as many as fit. */
#include "script.h"

#include <errno.h>

/* A range buffer with heads {size, offset} and made-up frames. */
static struct bytes ranges(uint32_t handle, uint16_t count,
                           const uint32_t heads[][2])
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
    put16(&b, 16, (uint16_t)(b.size - 20));
    return b;
}

static void a_gpadl_of_several_ranges_is_parsed(void **state)
{
    static const uint32_t heads[][2] = {{100, 4090}, {4096, 0}, {1, 4095}};
    struct script *s = *state;
    struct server v = {0};
    struct vmbus_host_range r;
    struct vmbus_host_gpadl mapped;
    uint64_t pfns[4];
    uint8_t *pages = seam_pages_alloc(s->seam, 4, pfns);
    struct bytes b = ranges(5, 3, heads);

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
    assert_int_equal(vmbus_host_gpadl_range(v.channel, 6, 0, &r), -ENOENT);
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

static void a_gpadl_may_have_the_largest_number_of_ranges(void **state)
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
    for (uint32_t left = 8190; left; left -= left < 28 ? left : 28)
        say_gpadl_body(s, 5, words, left < 28 ? left : 28);
    hear_created(s, 1, 5, 0);
    assert_int_equal(status_of(s).gpadl_pages, 4095);
    withdraw(&v);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_gpadl_of_several_ranges_is_parsed),
        TEST(malformed_ranges_are_refused),
        TEST(a_gpadl_may_have_the_largest_number_of_ranges),
    };

    return cmocka_run_group_tests_name("hosthalf.gpadl_range", tests, NULL,
                                       NULL);
}
