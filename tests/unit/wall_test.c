/* SPDX-License-Identifier: BSD-2-Clause */
/* SNTP's time beside a clock that the host sets: drivers/ip/wall.c. */
#include "unit.h"

#include "drivers/ip/private.h"
#include "vmbare.h"

#define SECOND INT64_C(10000000)

static uint64_t now;
static int64_t wall; /* less the monotonic clock */

uint64_t vmbare_now(void)
{
    return now;
}

int64_t vmbare_wall(void)
{
    return wall + (int64_t)now;
}

void ip_enter(void)
{
}

void ip_leave(void)
{
}

static void without_sntp_it_is_the_own_time(void **state)
{
    uint32_t seconds, microseconds;

    (void)state;
    now = 5;
    wall = 1000 * SECOND + 25;
    assert_false(ip_time_known());
    assert_int_equal(ip_wall(), 1000 * SECOND + 30);
    ip_time_now(&seconds, &microseconds);
    assert_int_equal(seconds, 1000);
    assert_int_equal(microseconds, 3);
}

static void sntp_wins_while_the_own_clock_is_only_corrected(void **state)
{
    uint32_t seconds, microseconds;

    (void)state;
    ip_time_arrived(2000, 500000);
    assert_true(ip_time_known());
    assert_int_equal(ip_wall(), 2000 * SECOND + SECOND / 2);
    now += 3 * SECOND;
    wall += SECOND - 1;
    assert_int_equal(ip_wall(), 2003 * SECOND + SECOND / 2);
    wall -= 2 * (SECOND - 1);
    assert_int_equal(ip_wall(), 2003 * SECOND + SECOND / 2);
    ip_time_now(&seconds, &microseconds);
    assert_int_equal(seconds, 2003);
    assert_int_equal(microseconds, 500000);
}

static void the_host_wins_when_it_moves_the_clock_by_a_second(void **state)
{
    (void)state;
    ip_time_arrived(3000, 0);
    wall += SECOND;
    assert_false(ip_time_known());
    assert_int_equal(ip_wall(), vmbare_wall());
    /* Until SNTP answers again. */
    ip_time_arrived(4000, 0);
    assert_int_equal(ip_wall(), 4000 * SECOND);
    wall -= SECOND;
    assert_int_equal(ip_wall(), vmbare_wall());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_sntp_it_is_the_own_time),
        cmocka_unit_test(sntp_wins_while_the_own_clock_is_only_corrected),
        cmocka_unit_test(the_host_wins_when_it_moves_the_clock_by_a_second),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
