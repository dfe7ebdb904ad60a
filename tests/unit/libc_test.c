/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of the functions that newlib calls: heap growth, malloc's lock, times.
 * They are compiled under other names, because this program has its own libc.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <sys/times.h>
#include <time.h>

#include "unit.h"

#include "arch/time/clock.h"
#include "arch/libc/heap.h"
#include "arch/cpu/irql.h"

void *guest_sbrk(ptrdiff_t bytes);
int guest_clock_gettime(clockid_t clock, struct timespec *now);
int guest_clock_getres(clockid_t clock, struct timespec *resolution);
int guest_gettimeofday(struct timeval *restrict now, void *restrict zone);
clock_t guest_times(struct tms *spent);
int guest_nanosleep(const struct timespec *wanted, struct timespec *left);
int guest_usleep(unsigned microseconds);
unsigned guest_sleep(unsigned seconds);

struct _reent;
void __malloc_lock(struct _reent *state);
void __malloc_unlock(struct _reent *state);

#define FAILED ((void *)-1)

/* ---- the heap ------------------------------------------------------------ */

static char range[1 << 20];
static size_t given;
static size_t available;
static bool hole; /* the next memory is not adjacent */

static void *grow(size_t bytes)
{
    char *memory = range + given;

    assert_int_equal(bytes % 4096, 0);
    assert_true(bytes > 0);
    if (bytes > available)
        return NULL;
    available -= bytes;
    given += bytes;
    return hole ? memory + 4096 : memory;
}

/* Returns how many bytes of the range malloc has taken. */
static size_t taken_bytes(void)
{
    return (size_t)((char *)guest_sbrk(0) - range);
}

/* This test must come first: the heap has no memory yet. */
static void sbrk_without_memory_fails_with_enomem(void **state)
{
    (void)state;
    errno = 0;
    assert_ptr_equal(guest_sbrk(1), FAILED);
    assert_int_equal(errno, ENOMEM);
}

static void heap_grows_when_sbrk_passes_its_end(void **state)
{
    (void)state;
    available = 1 << 18;
    heap_set_grow(grow);
    assert_ptr_equal(guest_sbrk(1), range);
    assert_ptr_equal(guest_sbrk(0), range + 1);
    assert_int_equal(given, 8192);
    assert_ptr_equal(guest_sbrk(8191), range + 1);
    assert_int_equal(given, 8192); /* full, and no more was taken */
    assert_ptr_equal(guest_sbrk(20000), range + 8192);
    assert_int_equal(given, 4 * 8192);
    assert_int_equal(taken_bytes(), 28192);
}

static void heap_that_shrank_uses_its_memory_again_first(void **state)
{
    size_t before = taken_bytes();

    (void)state;
    assert_ptr_equal(guest_sbrk(-1000), range + before);
    assert_ptr_equal(guest_sbrk(0), range + before - 1000);
    /* The heap keeps its memory and uses it again first. */
    assert_ptr_equal(guest_sbrk(1000), range + before - 1000);
    assert_int_equal(given, 4 * 8192);
    errno = 0;
    assert_ptr_equal(guest_sbrk(-(ptrdiff_t)before - 1), FAILED);
    assert_int_equal(errno, EINVAL);
    assert_ptr_equal(guest_sbrk(PTRDIFF_MIN), FAILED);
    assert_int_equal(taken_bytes(), before);
}

static void heap_without_memory_fails_and_keeps_its_end(void **state)
{
    size_t before = taken_bytes();

    (void)state;
    errno = 0;
    assert_ptr_equal(guest_sbrk(1 << 20), FAILED);
    assert_int_equal(errno, ENOMEM);
    assert_ptr_equal(guest_sbrk(PTRDIFF_MAX), FAILED);
    assert_int_equal(taken_bytes(), before);
    /* The memory that is left can still be taken. */
    assert_ptr_not_equal(guest_sbrk((ptrdiff_t)(given - before)), FAILED);
    assert_int_equal(taken_bytes(), given);
}

/* malloc relies on one adjacent range. */
static void heap_refuses_memory_that_does_not_follow(void **state)
{
    size_t before = taken_bytes();

    (void)state;
    hole = true;
    assert_ptr_equal(guest_sbrk(1), FAILED);
    assert_int_equal(taken_bytes(), before);
    hole = false;
}

/* ---- malloc's lock ------------------------------------------------------ */

static uint8_t irql;
static unsigned taken, given_back;

uint8_t spin_lock(struct spinlock *lock)
{
    uint8_t before = irql;

    assert_int_equal(lock->taken, 0); /* the spinlock itself does not nest */
    lock->taken = 1;
    taken++;
    irql = IRQL_DISPATCH;
    return before;
}

void spin_unlock(struct spinlock *lock, uint8_t level)
{
    assert_int_equal(lock->taken, 1);
    lock->taken = 0;
    given_back++;
    irql = level;
}

bool spin_held(const struct spinlock *lock)
{
    return lock->taken != 0;
}

static void malloc_lock_nests_and_restores_the_irql(void **state)
{
    (void)state;
    for (uint8_t level = 0; level <= IRQL_DISPATCH; level += IRQL_DISPATCH) {
        irql = level;
        taken = given_back = 0;
        __malloc_lock(NULL);
        assert_int_equal(irql, IRQL_DISPATCH);
        __malloc_lock(NULL); /* as realloc does */
        __malloc_lock(NULL);
        __malloc_unlock(NULL);
        __malloc_unlock(NULL);
        assert_int_equal(given_back, 0);
        assert_int_equal(irql, IRQL_DISPATCH);
        __malloc_unlock(NULL);
        assert_int_equal(irql, level);
        assert_int_equal(taken, 1);
        assert_int_equal(given_back, 1);
    }
}

/* ---- time --------------------------------------------------------------- */

static uint64_t now;
static int64_t wall;
static uint64_t slept_until;

uint64_t clock_now(void)
{
    return now;
}

int64_t clock_wall(void)
{
    return wall;
}

void clock_sleep_until(uint64_t deadline)
{
    slept_until = deadline;
}

static void expect_wall(int64_t units, long long seconds, long nanoseconds)
{
    struct timespec ts;
    struct timeval tv;

    wall = units;
    assert_int_equal(guest_clock_gettime(CLOCK_REALTIME, &ts), 0);
    assert_int_equal(ts.tv_sec, seconds);
    assert_int_equal(ts.tv_nsec, nanoseconds);
    assert_int_equal(guest_gettimeofday(&tv, NULL), 0);
    assert_int_equal(tv.tv_sec, seconds);
    assert_int_equal(tv.tv_usec, nanoseconds / 1000);
}

static void wall_clock_converts_to_seconds_and_nanoseconds(void **state)
{
    (void)state;
    expect_wall(0, 0, 0);
    expect_wall(1, 0, 100);
    expect_wall(INT64_C(17951826599999999), 1795182659, 999999900);
    expect_wall(-1, -1, 999999900); /* before 1970 */
    expect_wall(-10000000, -1, 0);
    expect_wall(-10000001, -2, 999999900);
}

static void monotonic_clock_counts_since_the_start(void **state)
{
    struct timespec ts;

    (void)state;
    now = 123456789012;
    assert_int_equal(guest_clock_gettime(CLOCK_MONOTONIC, &ts), 0);
    assert_int_equal(ts.tv_sec, 12345);
    assert_int_equal(ts.tv_nsec, 678901200);
    errno = 0;
    assert_int_equal(guest_clock_gettime(77, &ts), -1);
    assert_int_equal(errno, EINVAL);
    assert_int_equal(guest_clock_getres(CLOCK_MONOTONIC, &ts), 0);
    assert_int_equal(ts.tv_nsec, 100);
    assert_int_equal(guest_clock_getres(CLOCK_REALTIME, NULL), 0);
    assert_int_equal(guest_clock_getres(77, &ts), -1);
}

static void times_counts_in_clock_ticks(void **state)
{
    struct tms tms;

    (void)state;
    now = 3 * CLOCK_UNITS_PER_S;
    assert_int_equal(guest_times(&tms), 3 * CLK_TCK);
    assert_int_equal(tms.tms_utime, 3 * CLK_TCK);
    assert_int_equal(tms.tms_stime, 0);
}

static uint64_t nanosleep_until(int64_t seconds, long nanoseconds)
{
    struct timespec wanted = {seconds, nanoseconds}, left = {7, 7};

    slept_until = 0;
    assert_int_equal(guest_nanosleep(&wanted, &left), 0);
    assert_int_equal(left.tv_sec, 0);
    assert_int_equal(left.tv_nsec, 0);
    return slept_until;
}

/* A sleep is never too short, and a huge one does not overflow. */
static void nanosleep_is_never_shorter_than_asked_for(void **state)
{
    (void)state;
    now = 1000;
    assert_int_equal(nanosleep_until(0, 0), 1000);
    assert_int_equal(nanosleep_until(0, 1), 1001);
    assert_int_equal(nanosleep_until(0, 100), 1001);
    assert_int_equal(nanosleep_until(0, 101), 1002);
    assert_int_equal(nanosleep_until(2, 999999999), 1000 + 30000000);
    assert_true(nanosleep_until(INT64_MAX, 999999999) > UINT64_MAX / 2);
    now = UINT64_MAX - 10;
    assert_int_equal(nanosleep_until(INT64_MAX, 0), UINT64_MAX);
    assert_int_equal(nanosleep_until(1, 0), UINT64_MAX);
    now = 0;
    assert_int_equal(guest_usleep(1500), 0);
    assert_int_equal(slept_until, 15000);
    assert_int_equal(guest_sleep(UINT32_MAX), 0);
    assert_int_equal(slept_until, UINT32_MAX * CLOCK_UNITS_PER_S);
}

static void nanosleep_refuses_impossible_times(void **state)
{
    static const struct timespec wrong[] = {
        {-1, 0}, {0, -1}, {0, 1000000000}, {INT64_MIN, 0}};

    (void)state;
    for (unsigned i = 0; i < COUNT(wrong); i++) {
        slept_until = 77;
        errno = 0;
        assert_int_equal(guest_nanosleep(&wrong[i], NULL), -1);
        assert_int_equal(errno, EINVAL);
        assert_int_equal(slept_until, 77);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sbrk_without_memory_fails_with_enomem),
        cmocka_unit_test(heap_grows_when_sbrk_passes_its_end),
        cmocka_unit_test(heap_that_shrank_uses_its_memory_again_first),
        cmocka_unit_test(heap_without_memory_fails_and_keeps_its_end),
        cmocka_unit_test(heap_refuses_memory_that_does_not_follow),
        cmocka_unit_test(malloc_lock_nests_and_restores_the_irql),
        cmocka_unit_test(wall_clock_converts_to_seconds_and_nanoseconds),
        cmocka_unit_test(monotonic_clock_counts_since_the_start),
        cmocka_unit_test(times_counts_in_clock_ticks),
        cmocka_unit_test(nanosleep_is_never_shorter_than_asked_for),
        cmocka_unit_test(nanosleep_refuses_impossible_times),
    };

    return cmocka_run_group_tests_name("libc", tests, NULL, NULL);
}
