/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests vmbare_events.h inside the guest; `test=NAME` picks one. */
#include "events.h"

#include "tests/guest/tap.h"
#include "vmbare.h"

static VMBARE_OPTION test_option = {
    .group = "test-events",
    .name = "test",
    .type = VMBARE_WORD,
    .words = "timers|sleep|zero|names|processors|wakeups|interrupted|sharing|"
             "libc|misuse|examples",
    .help = "run only this test",
};

static VMBARE_OPTION unlocked_option = {
    .group = "test-events",
    .name = "unlocked",
    .type = VMBARE_FLAG,
    .help = "add without the lock, so that the test of sharing fails",
};

static const struct tap_test tests[] = {
    {"timers", test_timers},
    {"sleep", test_sleep},
    {"zero", test_zero},
    {"names", test_names},
    {"processors", test_processors},
    {"wakeups", test_wakeups},
    {"interrupted", test_interrupted},
    {"sharing", test_sharing},
    {"libc", test_libc},
    {"misuse", test_misuse},
    {"examples", test_examples},
};

uint64_t hang(void)
{
    return vmbare_after(60);
}

bool without_lock(void)
{
    return vmbare_option_flag(&unlocked_option);
}

int main(void)
{
    tap_run(tests, sizeof(tests) / sizeof(*tests),
            vmbare_option_text(&test_option));
    return tap_end() ? VMBARE_PASSED : VMBARE_FAILED;
}
