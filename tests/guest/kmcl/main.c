/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Runs KMCL's acceptance tests inside the guest. The tests are those of the
 * hosted suite, on the guest's own levels, clock and memory, over a loopback
 * that is new for each test. The option `item=N` runs one item.
 */
#include <setjmp.h>
#include <stdlib.h>

#include "arch/time/strand.h"
#include "arch/time/wait.h"
#include "guest_world.h"
#include "tests/kmcl/runner.h"
#include "tests/kmcl/tables.h"
#include "tests/guest/tap.h"
#include "vmbare.h"

static jmp_buf test_end;
static struct strand *test_strand; /* that test_end leads to */

_Noreturn void check_failed(const char *file, int line, const char *what)
{
    tap_note("%s:%d: failed: %s", file, line, what);
    wait_left(test_strand);
    longjmp(test_end, 1);
}

void check_equal(const char *file, int line, const char *what, long long found,
                 long long expected)
{
    if (found == expected)
        return;
    tap_note("%s: found %lld, expected %lld", what, found, expected);
    check_failed(file, line, what);
}

/* ---- running ----------------------------------------------------------- */

/* Returns false if a check failed and the test was left there. */
static bool run(const struct test *t)
{
    test_strand = strand_current();
    if (!setjmp(test_end)) {
        struct world *w = world_create();

        t->run(w);
        world_destroy(w);
        return true;
    }
    guest_world_leave();
    return false;
}

/* Runs the tests of item `only`, or all when it is 0. */
static void run_all(uint32_t only, struct tally *tally)
{
    bool found = false;

    for (const struct test *const *table = kmcl_tables; *table; table++) {
        for (const struct test *t = *table; t->run; t++) {
            bool good;

            if (only && t->item != only)
                continue;
            found = true;
            good = run(t);
            tally_note(tally, t->item, good);
            tap_ok(good, "item %u: %s", (unsigned)t->item, t->what);
        }
    }
    if (!found)
        tap_ok(false, "item=%u is one of the items 1 to %u that run here",
               (unsigned)only, (unsigned)ITEMS);
}

static VMBARE_OPTION item_option = {
    .group = "test-kmcl",
    .name = "item",
    .type = VMBARE_NUMBER,
    .most = ITEMS,
    .otherwise = "0",
    .help = "run only this item of docs/kmcl-acceptance.md; 0: all of them",
};

int main(void)
{
    static struct tally tally;
    run_all((uint32_t)vmbare_option_number(&item_option), &tally);
    tap_note("kmcl acceptance: %u of %u (in the guest)",
             (unsigned)tally_good(&tally), (unsigned)ITEMS);
    return tap_end() ? VMBARE_PASSED : VMBARE_FAILED;
}
