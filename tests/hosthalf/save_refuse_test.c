/* Good images that cannot be restored here, or now. */
#include "save.h"

#include <errno.h>

static void restoring_without_memory_leaves_nothing(void **state)
{
    struct script *s = *state;
    void *pages;
    struct image i = rich(s, &pages);
    uint64_t failures = 0;
    int status;

    do {
        s->seam->fail_at = s->seam->counts.allocations + ++failures;
        status = vmbus_host_restore(s->host, i.bytes, i.size);
        s->seam->fail_at = 0;
        assert_true(status == 0 || status == -ENOMEM || status == -EFAULT);
        assert_true(status == 0 || status_of(s).channels == 0);
    } while (status != 0);
    assert_true(failures > 15);
    vmbus_host_restore_end(s->host);
    vmbus_host_reset(s->host);
    rich_end(s, &i, pages);
}

static void a_state_beyond_the_config_is_refused(void **state)
{
    static const struct vmbus_host_config small[] = {
        {.max_version = 0x00050002},
        {.min_version = 0x00060000},
        {.vp_count = 1},
        {.max_channels = 2},
        {.max_gpadls = 2},
        {.max_gpadl_pages = 60},
    };
    struct script *s = *state;
    void *pages;
    struct image i = rich(s, &pages);

    for (unsigned n = 0; n < sizeof(small) / sizeof(small[0]); n++) {
        configure(s, &small[n]);
        restore_gives(s, &i, -ENOTSUP);
        /* As new: it can serve a guest. */
        connect_at(s, n == 1 ? 0x00060000 : 0x00050000);
    }
    i.bytes[8] = 3; /* a later format */
    configure(s, &any_guest);
    restore_gives(s, &i, -ENOTSUP);
    i.bytes[8] = 0;
    restore_gives(s, &i, -ENOTSUP);
    rich_end(s, &i, pages);
}

static void features_must_be_configured(void **state)
{
    struct script *s = *state;
    const struct vmbus_host_config config = {.features = 0x04};
    struct image i;

    configure(s, &config);
    connect_with(s, 0x04);
    i = save(s);
    replace(s, NOBODY, &any_guest);
    restore_gives(s, &i, -ENOTSUP);
    image_free(&i);
}

static void a_state_whose_pages_cannot_be_mapped_is_refused(void **state)
{
    struct script *s = *state;
    void *pages;
    struct image i = rich(s, &pages);

    seam_pages_free(s->seam, pages, RICH_PAGES);
    restore_gives(s, &i, -EFAULT);
    assert_int_equal(status_of(s).channels, 0);
    connect_at(s, 0x00040000);
    image_free(&i);
}

static void only_a_new_host_half_is_restored(void **state)
{
    struct script *s = *state;
    struct server v = {0};
    struct image i = save(s);

    publish(s, &v, 1, 1, 0);
    restore_gives(s, &i, -EBUSY);
    withdraw(&v);
    restore_gives(s, &i, -EBUSY);
    image_free(&i);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(restoring_without_memory_leaves_nothing),
        TEST(a_state_beyond_the_config_is_refused),
        TEST(features_must_be_configured),
        TEST(a_state_whose_pages_cannot_be_mapped_is_refused),
        TEST(only_a_new_host_half_is_restored),
    };

    return cmocka_run_group_tests_name("hosthalf.save_refuse", tests, NULL,
                                       NULL);
}
