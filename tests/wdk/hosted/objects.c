/* SPDX-License-Identifier: BSD-2-Clause */
/* Events, semaphores, mutexes, timers, DPCs and work items. */
#include <stdlib.h>
#include <string.h>

#include "hosted.h"
#include "wdk/objects/objects.h"

#define MS (-10000LL)

static LARGE_INTEGER in(LONGLONG milliseconds)
{
    return (LARGE_INTEGER){.QuadPart = milliseconds * MS};
}

static NTSTATUS wait_ms(PVOID object, LONGLONG milliseconds)
{
    LARGE_INTEGER timeout = in(milliseconds);

    return KeWaitForSingleObject(object, Executive, KernelMode, FALSE,
                                 &timeout);
}

/* ---- events -------------------------------------------------------------- */

static void event_of_either_type(void **state)
{
    KEVENT event;

    (void)state;
    KeInitializeEvent(&event, NotificationEvent, FALSE);
    assert_int_equal(wait_ms(&event, 0), STATUS_TIMEOUT);
    assert_int_equal(KeSetEvent(&event, IO_NO_INCREMENT, FALSE), 0);
    assert_int_equal(KeSetEvent(&event, IO_NO_INCREMENT, FALSE), 1);
    assert_int_equal(wait_ms(&event, 0), STATUS_SUCCESS);
    assert_int_equal(wait_ms(&event, 5), STATUS_SUCCESS);
    assert_int_equal(KeResetEvent(&event), 1);
    assert_int_equal(KeReadStateEvent(&event), 0);

    KeInitializeEvent(&event, SynchronizationEvent, TRUE);
    assert_int_equal(wait_ms(&event, 5), STATUS_SUCCESS);
    assert_int_equal(wait_ms(&event, 0), STATUS_TIMEOUT);
    KeSetEvent(&event, IO_NO_INCREMENT, FALSE);
    KeClearEvent(&event);
    assert_int_equal(KeReadStateEvent(&event), 0);
}

static void wait_ends_at_its_time_and_no_sooner(void **state)
{
    uint64_t began = seam_now(the_seam);
    LARGE_INTEGER date;
    KEVENT event;

    (void)state;
    KeInitializeEvent(&event, NotificationEvent, FALSE);
    assert_int_equal(wait_ms(&event, 30), STATUS_TIMEOUT);
    assert_int_equal(seam_now(the_seam) - began, 30 * SEAM_MS);
    /* A date: 20 ms from now; one that is over ends at once. */
    KeQuerySystemTime(&date);
    date.QuadPart += 20 * SEAM_MS;
    assert_int_equal(
        KeWaitForSingleObject(&event, Executive, KernelMode, FALSE, &date),
        STATUS_TIMEOUT);
    assert_int_equal(seam_now(the_seam) - began, 50 * SEAM_MS);
    assert_int_equal(
        KeWaitForSingleObject(&event, Executive, KernelMode, FALSE, &date),
        STATUS_TIMEOUT);
    date = in(7);
    assert_int_equal(KeDelayExecutionThread(KernelMode, FALSE, &date),
                     STATUS_SUCCESS);
    assert_int_equal(seam_now(the_seam) - began, 57 * SEAM_MS);
}

static void wait_for_a_date_never_ends_early(void **state)
{
    uint64_t due = seam_now(the_seam) + 100 * SEAM_MS;
    LARGE_INTEGER date = {.QuadPart = (LONGLONG)(due + 3600 * SEAM_S)};
    KEVENT event;

    (void)state;
    KeInitializeEvent(&event, NotificationEvent, FALSE);
    /* Time passes between two looks at the clock. */
    the_seam->tick = 5 * SEAM_MS;
    assert_int_equal(
        KeWaitForSingleObject(&event, Executive, KernelMode, FALSE, &date),
        STATUS_TIMEOUT);
    the_seam->tick = 0;
    assert_true(seam_now(the_seam) >= due);
}

static void longest_span_has_an_end(void **state)
{
    (void)state;
    assert_int_equal(wdk_deadline(INT64_MIN),
                     seam_now(the_seam) + (UINT64_C(1) << 63));
}

static void wait_for_any_and_for_all(void **state)
{
    KEVENT first, second;
    KSEMAPHORE third;
    PVOID objects[] = {&first, &second, &third};
    LARGE_INTEGER at_once = in(0);

#define WAIT(type)                                                           \
    KeWaitForMultipleObjects(3, objects, type, Executive, KernelMode, FALSE, \
                             &at_once, NULL)
    (void)state;
    KeInitializeEvent(&first, SynchronizationEvent, FALSE);
    KeInitializeEvent(&second, SynchronizationEvent, TRUE);
    KeInitializeSemaphore(&third, 2, 2);
    assert_int_equal(WAIT(WaitAll), STATUS_TIMEOUT);
    /* Nothing was taken by the wait that failed. */
    assert_int_equal(KeReadStateEvent(&second), 1);
    assert_int_equal(KeReadStateSemaphore(&third), 2);
    assert_int_equal(WAIT(WaitAny), STATUS_WAIT_1);
    assert_int_equal(WAIT(WaitAny), STATUS_WAIT_0 + 2);
    KeSetEvent(&first, IO_NO_INCREMENT, FALSE);
    KeSetEvent(&second, IO_NO_INCREMENT, FALSE);
    assert_int_equal(WAIT(WaitAll), STATUS_WAIT_0);
    assert_int_equal(KeReadStateEvent(&first) + KeReadStateEvent(&second), 0);
    assert_int_equal(KeReadStateSemaphore(&third), 0);
    assert_int_equal(KeReleaseSemaphore(&third, IO_NO_INCREMENT, 2, FALSE), 0);
    ASSERTS(KeReleaseSemaphore(&third, IO_NO_INCREMENT, 1, FALSE), "limit");
    hosted_abandon(the_seam);
}

static void misuse_of_waits_is_named(void **state)
{
    KEVENT event;
    KEVENT raw = {.Header.Type = 0};

    (void)state;
    KeInitializeEvent(&event, NotificationEvent, FALSE);
    ASSERTS(KeSetEvent(&event, IO_NO_INCREMENT, TRUE), "Wait must be FALSE");
    (void)seam_irql_raise(the_seam, SEAM_DISPATCH);
    assert_int_equal(wait_ms(&event, 0), STATUS_TIMEOUT);
    ASSERTS(wait_ms(&event, 1), "PASSIVE_LEVEL");
    ASSERTS(wait_ms(&raw, 0), "Initialize");
    hosted_abandon(the_seam);
}

/* ---- mutexes ------------------------------------------------------------- */

static void mutex_belongs_to_its_stack(void **state)
{
    FAST_MUTEX fast;
    KMUTEX mutex;

    (void)state;
    KeInitializeMutex(&mutex, 0);
    assert_int_equal(wait_ms(&mutex, 0), STATUS_SUCCESS);
    assert_int_equal(wait_ms(&mutex, 0), STATUS_SUCCESS); /* once more */
    the_seam->strand = 7;
    assert_int_equal(wait_ms(&mutex, 1), STATUS_TIMEOUT);
    the_seam->strand = 0;
    assert_int_not_equal(KeReleaseMutex(&mutex, FALSE), 0);
    assert_int_equal(KeReleaseMutex(&mutex, FALSE), 0);
    the_seam->strand = 7;
    assert_int_equal(wait_ms(&mutex, 0), STATUS_SUCCESS);
    the_seam->strand = 0;
    ASSERTS(KeReleaseMutex(&mutex, FALSE), "only its holder");

    ExInitializeFastMutex(&fast);
    ExAcquireFastMutex(&fast);
    assert_false(ExTryToAcquireFastMutex(&fast));
    ASSERTS(ExAcquireFastMutex(&fast), "not recursive");
    ExReleaseFastMutex(&fast);
    assert_true(ExTryToAcquireFastMutex(&fast));
    ExReleaseFastMutex(&fast);
}

/* ---- DPCs and timers ----------------------------------------------------- */

static struct {
    ULONG runs;
    ULONG cpu;
    KIRQL irql;
    PVOID argument;
    KEVENT done;
} seen;

static VOID note(PKDPC Dpc, PVOID Context, PVOID Argument1, PVOID Argument2)
{
    (void)Dpc, (void)Argument2;
    assert_ptr_equal(Context, &seen);
    seen.runs++;
    seen.cpu = KeGetCurrentProcessorNumber();
    seen.irql = KeGetCurrentProcessorNumberEx(NULL) == seen.cpu
                    ? seam_irql(the_seam)
                    : 99;
    seen.argument = Argument1;
    KeSetEvent(&seen.done, IO_NO_INCREMENT, FALSE);
}

static void prepare(PKDPC dpc)
{
    memset(&seen, 0, sizeof(seen));
    KeInitializeEvent(&seen.done, SynchronizationEvent, FALSE);
    KeInitializeDpc(dpc, note, &seen);
}

static void dpc_runs_once_on_its_processor(void **state)
{
    KDPC dpc;

    (void)state;
    prepare(&dpc);
    KeSetTargetProcessorDpc(&dpc, 1);
    (void)seam_irql_raise(the_seam, SEAM_DISPATCH);
    assert_true(KeInsertQueueDpc(&dpc, &dpc, NULL));
    assert_false(KeInsertQueueDpc(&dpc, NULL, NULL));
    seam_irql_lower(the_seam, SEAM_PASSIVE);
    assert_int_equal(wait_ms(&seen.done, 10), STATUS_SUCCESS);
    assert_int_equal(seen.runs, 1);
    assert_int_equal(seen.cpu, 1);
    assert_int_equal(seen.irql, DISPATCH_LEVEL);
    assert_ptr_equal(seen.argument, &dpc);

    (void)seam_irql_raise(the_seam, SEAM_DISPATCH);
    assert_true(KeInsertQueueDpc(&dpc, NULL, NULL));
    assert_true(KeRemoveQueueDpc(&dpc));
    assert_false(KeRemoveQueueDpc(&dpc));
    memset(&dpc, 0xCC, sizeof(dpc)); /* nobody looks at it any more */
    seam_irql_lower(the_seam, SEAM_PASSIVE);
    KeFlushQueuedDpcs();
    hosted_run(the_seam);
    assert_int_equal(seen.runs, 1);
}

static void timer_ends_and_its_dpc_runs(void **state)
{
    uint64_t began = seam_now(the_seam);
    KTIMER once, sooner;
    KDPC dpc;

    (void)state;
    prepare(&dpc);
    KeInitializeTimer(&once);
    KeInitializeTimerEx(&sooner, SynchronizationTimer);
    assert_false(KeSetTimer(&once, in(20), &dpc));
    assert_false(KeSetTimer(&sooner, in(10), NULL));
    assert_int_equal(wait_ms(&sooner, 100), STATUS_SUCCESS);
    assert_int_equal(seam_now(the_seam) - began, 10 * SEAM_MS);
    assert_false(KeReadStateTimer(&sooner)); /* the wait took it */
    assert_int_equal(wait_ms(&seen.done, 100), STATUS_SUCCESS);
    assert_int_equal(seam_now(the_seam) - began, 20 * SEAM_MS);
    assert_true(KeReadStateTimer(&once));
    assert_int_equal(wait_ms(&once, 0), STATUS_SUCCESS);
    /* Setting it anew takes the signal away; one that is set is moved. */
    assert_false(KeSetTimer(&once, in(50), &dpc));
    assert_false(KeReadStateTimer(&once));
    assert_true(KeSetTimer(&once, in(5), &dpc));
    assert_int_equal(wait_ms(&seen.done, 100), STATUS_SUCCESS);
    assert_int_equal(seam_now(the_seam) - began, 25 * SEAM_MS);
    assert_false(KeCancelTimer(&once));
}

static void timer_with_a_period_goes_on_until_it_is_cancelled(void **state)
{
    KTIMER *timer = malloc(sizeof(*timer));
    KDPC dpc;

    (void)state;
    prepare(&dpc);
    KeInitializeTimer(timer);
    KeSetTimerEx(timer, in(10), 5, &dpc);
    hosted_advance(the_seam, 32 * SEAM_MS); /* 10, 15, 20, 25, 30 */
    assert_int_equal(seen.runs, 5);
    assert_true(KeCancelTimer(timer));
    free(timer); /* nobody looks at it any more */
    hosted_advance(the_seam, 100 * SEAM_MS);
    assert_int_equal(seen.runs, 5);
}

/* ---- work items ---------------------------------------------------------- */

static VOID work(PDEVICE_OBJECT DeviceObject, PVOID Context)
{
    (void)DeviceObject;
    assert_int_equal(seam_irql(the_seam), PASSIVE_LEVEL);
    seen.runs++;
    IoFreeWorkItem(Context); /* in its own routine */
}

static VOID own_work(PVOID Parameter)
{
    seen.runs++;
    free(Parameter);
}

static void work_items_run_at_passive_and_may_free_themselves(void **state)
{
    PIO_WORKITEM item = IoAllocateWorkItem(NULL);
    PWORK_QUEUE_ITEM own = malloc(sizeof(*own));

    (void)state;
    memset(&seen, 0, sizeof(seen));
    IoQueueWorkItem(item, work, DelayedWorkQueue, item);
    ASSERTS(IoQueueWorkItem(item, work, DelayedWorkQueue, item), "already");
    ASSERTS(IoFreeWorkItem(item), "is queued");
    ExInitializeWorkItem(own, own_work, own);
    ExQueueWorkItem(own, DelayedWorkQueue);
    hosted_run(the_seam);
    assert_int_equal(seen.runs, 2);
}

int run_objects(void)
{
#define TEST(name) \
    cmocka_unit_test_setup_teardown(name, hosted_start, hosted_end)
    const struct CMUnitTest tests[] = {
        TEST(event_of_either_type),
        TEST(wait_ends_at_its_time_and_no_sooner),
        TEST(wait_for_a_date_never_ends_early),
        TEST(longest_span_has_an_end),
        TEST(wait_for_any_and_for_all),
        TEST(misuse_of_waits_is_named),
        TEST(mutex_belongs_to_its_stack),
        TEST(dpc_runs_once_on_its_processor),
        TEST(timer_ends_and_its_dpc_runs),
        TEST(timer_with_a_period_goes_on_until_it_is_cancelled),
        TEST(work_items_run_at_passive_and_may_free_themselves),
    };

    return cmocka_run_group_tests_name("objects", tests, NULL, NULL);
}
