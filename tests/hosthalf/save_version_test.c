/* SPDX-License-Identifier: BSD-2-Clause */
/* The versions in a saved state: of its writer, and of its format. */
#include "save.h"

#include <string.h>

#include "version/number.h"

static void the_saved_state_names_its_writer(void **state)
{
    struct script *s = *state;
    struct image i = save(s);
    uint32_t format, writer;

    memcpy(&format, i.bytes + 8, 4);
    memcpy(&writer, i.bytes + 24, 4);
    assert_int_equal(format, 2);
    assert_int_equal(writer, VMBARE_VERSION_NUMBER);
    image_free(&i);
}

/* Whoever wrote it, the format alone decides. */
static void a_state_saved_by_another_version_is_restored(void **state)
{
    struct script *s = *state;
    void *pages;
    struct image i = rich(s, &pages);

    memset(i.bytes + 24, 0xFF, 4);
    forged_gives(s, &i, 0);
    vmbus_host_restore_end(s->host);
    vmbus_host_reset(s->host);
    rich_end(s, &i, pages);
}

/* Format 1 is format 2 without the writer. */
static void format_1_is_restored(void **state)
{
    struct script *s = *state;
    void *pages;
    struct image i = rich(s, &pages);
    uint64_t body = i.size - 24 - 4;

    memmove(i.bytes + 24, i.bytes + 28, (size_t)body);
    i.size -= 4;
    memcpy(i.bytes + 16, &body, 8);
    i.bytes[8] = 1;
    forged_gives(s, &i, 0);
    assert_true(status_of(s).channels > 0);
    vmbus_host_restore_end(s->host);
    vmbus_host_reset(s->host);
    rich_end(s, &i, pages);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_saved_state_names_its_writer),
        TEST(a_state_saved_by_another_version_is_restored),
        TEST(format_1_is_restored),
    };

    return cmocka_run_group_tests_name("hosthalf.save_version", tests, NULL,
                                       NULL);
}
