/* What servers map: GPADLs, and memory that packets name. */
#include "script.h"

#include <errno.h>

static void a_teardown_waits_for_the_servers_mapping(void **state)
{
    struct script *s = *state;
    struct server v = {.holds_gpadl = true};
    struct vmbus_host_gpadl mapped;
    uint64_t pfns[2];
    uint8_t *pages = seam_pages_alloc(s->seam, 2, pfns);

    begin_offered(s, &v, 0x00040000);
    share(s, 1, 5, pfns, 2);
    assert_int_equal(vmbus_host_gpadl_map(v.channel, 6, &mapped), -ENOENT);
    assert_int_equal(vmbus_host_gpadl_map(v.channel, 5, &mapped), 0);
    assert_int_equal(vmbus_host_gpadl_map(v.channel, 5, &mapped), -EBUSY);
    pages[4096] = 0x42;
    assert_int_equal(mapped.base[4096], 0x42);
    say_teardown(s, 1, 5);
    assert_int_equal(v.torn, 1);
    hear_nothing(s);
    assert_int_equal(vmbus_host_gpadl_map(v.channel, 5, &mapped), -ENOENT);
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

/* Its frames are not all there. */
static void a_gpadl_that_is_still_arriving_is_not_mapped(void **state)
{
    struct script *s = *state;
    struct server v = {0};
    struct vmbus_host_gpadl mapped;
    uint64_t pfns[2];
    void *pages = seam_pages_alloc(s->seam, 2, pfns);
    struct bytes b = gpadl_header(1, 5, 8192, 0, pfns, 2);

    b.size -= 8; /* the second frame follows in a body */
    begin_offered(s, &v, 0x00040000);
    say(s, &b);
    assert_int_equal(vmbus_host_gpadl_map(v.channel, 5, &mapped), -ENOENT);
    say_gpadl_body(s, 5, &pfns[1], 1);
    hear_created(s, 1, 5, 0);
    assert_int_equal(vmbus_host_gpadl_map(v.channel, 5, &mapped), 0);
    vmbus_host_gpadl_unmap(v.channel, 5);
    withdraw(&v);
    seam_pages_free(s->seam, pages, 2);
}

/* Mapped first, then used for rings as well: both must let go. */
static void mapping_outlives_the_rings(void **state)
{
    struct script *s = *state;
    struct server v = {.holds_gpadl = true};
    struct vmbus_host_gpadl mapped;
    void *pages = begin_open(s, &v, 0x00040000);

    say_relid(s, 7, 1);
    assert_int_equal(vmbus_host_gpadl_map(v.channel, RING_GPADL, &mapped), 0);
    say_open(s, 1, 1, RING_GPADL, 0, 2);
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

static void a_gpadl_that_cannot_be_mapped_is_reported(void **state)
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

    begin_offered(s, &v, 0x00040000);
    say_gpadl_header(s, 1, 5, 8192, 512, pfns, 3);
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
        {4096, 1, 2, -EINVAL},
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

    share(s, 1, 5, &pfn, 1);
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

/* Neither a handle that nobody made, nor memory that was given back. */
static void only_what_is_mapped_is_unmapped(void **state)
{
    struct script *s = *state;
    struct server v = {0};
    struct vmbus_host_memory m, other;
    uint64_t pfn;
    void *page = seam_pages_alloc(s->seam, 1, &pfn);
    void *rings = begin_open(s, &v, 0x00040000);
    jmp_buf out;

    assert_int_equal(vmbus_host_memory_map(v.channel, 0, 1, &pfn, 1, &m), 0);
    assert_int_equal(vmbus_host_memory_map(v.channel, 0, 1, &pfn, 1, &other),
                     0);
    vmbus_host_memory_unmap(v.channel, &m);
    s->seam->on_assert = &out;
    if (setjmp(out) == 0) {
        vmbus_host_memory_unmap(v.channel, &m);
        fail_msg("unmapped twice");
    }
    if (setjmp(out) == 0) {
        vmbus_host_gpadl_unmap(v.channel, 6);
        fail_msg("unmapped what there is not");
    }
    s->seam->on_assert = NULL;
    vmbus_host_memory_unmap(v.channel, &other);
    close_and_free(s, rings, 4);
    withdraw(&v);
    seam_pages_free(s->seam, page, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_teardown_waits_for_the_servers_mapping),
        TEST(a_gpadl_that_is_still_arriving_is_not_mapped),
        TEST(mapping_outlives_the_rings),
        TEST(a_gpadl_that_cannot_be_mapped_is_reported),
        TEST(rings_are_not_mapped_twice),
        TEST(another_channels_gpadl_is_not_mapped),
        TEST(transfer_pages_by_offset),
        TEST(external_memory_is_mapped),
        TEST(external_memory_is_checked),
        TEST(servers_mappings_are_asserted),
        TEST(only_what_is_mapped_is_unmapped),
    };

    return cmocka_run_group_tests_name("hosthalf.gpadl_map", tests, NULL, NULL);
}
