/* Images that are damaged, cut short or forged at any byte. */
#include "save.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void corrupted_images_are_refused(void **state)
{
    struct script *s = *state;
    void *pages;
    struct image i = rich(s, &pages);

    for (size_t at = 0; at < i.size; at++) {
        int status;

        i.bytes[at] ^= 0x10;
        status = vmbus_host_restore(s->host, i.bytes, i.size);
        i.bytes[at] ^= 0x10;
        assert_true(status == -EBADMSG || (at >= 8 && at < 12));
        assert_true(status != 0);
        assert_int_equal(status_of(s).channels, 0);
    }
    restore_gives(s, &i, 0);
    vmbus_host_restore_end(s->host);
    vmbus_host_reset(s->host);
    rich_end(s, &i, pages);
}

static void truncated_images_are_refused(void **state)
{
    struct script *s = *state;
    void *pages;
    struct image i = rich(s, &pages);

    for (size_t size = 0; size < i.size; size++) {
        /* On the heap in its exact size, so that reading on is seen. */
        uint8_t *copy = malloc(size ? size : 1);

        memcpy(copy, i.bytes, size);
        assert_int_equal(vmbus_host_restore(s->host, copy, size), -EBADMSG);
        free(copy);
    }
    rich_end(s, &i, pages);
}

/* Also truncated with length and checksum set right. */
static void truncation_with_a_right_checksum(void **state)
{
    struct script *s = *state;
    void *pages;
    struct image i = rich(s, &pages);
    size_t whole = i.size;

    for (i.size = 24; i.size < whole; i.size++) {
        for (unsigned n = 0; n < 8; n++)
            i.bytes[16 + n] = (uint8_t)((i.size - 24) >> 8 * n);
        forged_gives(s, &i, -EBADMSG);
        assert_int_equal(status_of(s).channels, 0);
    }
    rich_end(s, &i, pages);
}

/* Made by somebody who knows the checksum: never a crash, and whatever is
 * accepted can be used and thrown away. */
static void forged_images_do_no_harm(void **state)
{
    static const uint8_t masks[] = {0x01, 0x02, 0x80, 0xFF};
    struct script *s = *state;
    void *pages;
    struct image i = rich(s, &pages);
    unsigned accepted = 0, refused = 0;

    for (size_t at = 24; at < i.size; at++) {
        for (unsigned m = 0; m < sizeof(masks); m++) {
            i.bytes[at] ^= masks[m];
            fix_crc(&i);
            if (vmbus_host_restore(s->host, i.bytes, i.size) == 0) {
                accepted++;
                vmbus_host_restore_end(s->host);
                vmbus_host_reset(s->host);
                configure(s, &any_guest);
                forget_heard(s);
            } else {
                refused++;
            }
            i.bytes[at] ^= masks[m];
        }
    }
    assert_true(accepted > 100);
    assert_true(refused > 100);
    s->heard_count = 0;
    rich_end(s, &i, pages);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(corrupted_images_are_refused),
        TEST(truncated_images_are_refused),
        TEST(truncation_with_a_right_checksum),
        TEST(forged_images_do_no_harm),
    };

    return cmocka_run_group_tests_name("hosthalf.save_damage", tests, NULL,
                                       NULL);
}
