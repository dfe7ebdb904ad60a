/* SPDX-License-Identifier: BSD-2-Clause */
/* Lists, counters, pool memory, strings, formats and drivers. */
#include <string.h>

#include "hosted.h"

#include <wdf.h>

/* ---- lists and counters -------------------------------------------------- */

static void lists_keep_their_order(void **state)
{
    LIST_ENTRY head, one, two, three;
    KSPIN_LOCK lock;

    (void)state;
    KeInitializeSpinLock(&lock);
    InitializeListHead(&head);
    assert_null(ExInterlockedRemoveHeadList(&head, &lock));
    assert_null(ExInterlockedInsertTailList(&head, &two, &lock));
    assert_ptr_equal(ExInterlockedInsertTailList(&head, &three, &lock), &two);
    assert_ptr_equal(ExInterlockedInsertHeadList(&head, &one, &lock), &two);
    assert_ptr_equal(ExInterlockedRemoveHeadList(&head, &lock), &one);
    assert_ptr_equal(RemoveTailList(&head), &three);
    assert_false(IsListEmpty(&head));
    assert_true(RemoveEntryList(&two));
    assert_true(IsListEmpty(&head));
}

static void stacks_count_and_give_back_the_last(void **state)
{
    SLIST_HEADER head;
    SLIST_ENTRY entries[3];

    (void)state;
    InitializeSListHead(&head);
    assert_null(InterlockedPopEntrySList(&head));
    for (int i = 0; i < 3; i++)
        assert_ptr_equal(InterlockedPushEntrySList(&head, &entries[i]),
                         i ? &entries[i - 1] : NULL);
    assert_int_equal(QueryDepthSList(&head), 3);
    assert_ptr_equal(InterlockedPopEntrySList(&head), &entries[2]);
    assert_ptr_equal(InterlockedFlushSList(&head), &entries[1]);
    assert_ptr_equal(entries[1].Next, &entries[0]);
    assert_int_equal(QueryDepthSList(&head), 0);
}

static void interlocked_functions_return_what_windows_returns(void **state)
{
    LONG value = 5;
    LONG64 large = 1LL << 40;
    int a, b;
    PVOID pointer = &a;

    (void)state;
    assert_int_equal(InterlockedIncrement(&value), 6);
    assert_int_equal(InterlockedDecrement(&value), 5);
    assert_int_equal(InterlockedExchangeAdd(&value, 10), 5);
    assert_int_equal(InterlockedCompareExchange(&value, 1, 14), 15);
    assert_int_equal(InterlockedCompareExchange(&value, 1, 15), 15);
    assert_int_equal(InterlockedExchange(&value, 0x10), 1);
    assert_int_equal(InterlockedOr(&value, 1), 0x10);
    assert_int_equal(InterlockedAnd(&value, 1), 0x11);
    assert_true(InterlockedBitTestAndReset(&value, 0));
    assert_false(InterlockedBitTestAndSet(&value, 31));
    assert_int_equal(value, INT32_MIN);
    assert_true(InterlockedIncrement64(&large) == (1LL << 40) + 1);
    assert_ptr_equal(InterlockedExchangePointer(&pointer, &b), &a);
    assert_ptr_equal(InterlockedCompareExchangePointer(&pointer, &a, &a), &b);
    assert_ptr_equal(InterlockedCompareExchangePointer(&pointer, &a, &b), &b);
    assert_ptr_equal(pointer, &a);
}

/* ---- pool ---------------------------------------------------------------- */

static void pool_is_zeroed_aligned_and_counted(void **state)
{
    static const SIZE_T sizes[] = {1, 15, 4095, 4096, 10000};
    PUCHAR block;

    (void)state;
    for (size_t i = 0; i < RTL_NUMBER_OF(sizes); i++) {
        block = ExAllocatePool2(POOL_FLAG_NON_PAGED, sizes[i], 'tseT');
        assert_int_equal((ULONG_PTR)block % (sizes[i] < 4096 ? 16 : 4096), 0);
        for (SIZE_T at = 0; at < sizes[i]; at++)
            assert_int_equal(block[at], 0);
        memset(block, 0xEE, sizes[i]);
        assert_int_equal(WdkPoolBlocks(), 1);
        ExFreePoolWithTag(block, 'tseT');
    }
    assert_int_equal(WdkPoolBlocks(), 0);
    assert_null(ExAllocatePool2(POOL_FLAG_PAGED, 0, 'tseT'));
    assert_null(ExAllocatePoolWithTag(NonPagedPool, SIZE_MAX, 'tseT'));
    the_seam->fail_at = the_seam->counts.allocations + 1;
    assert_null(ExAllocatePoolWithTag(NonPagedPool, 1, 'tseT'));
}

static void misuse_of_the_pool_is_named(void **state)
{
    ULONG64 *block = ExAllocatePoolWithTag(NonPagedPoolNx, 64, 'tseT');

    (void)state;
    ASSERTS(ExFreePoolWithTag(block, 'rehT'), "another tag");
    ASSERTS(ExFreePool(NULL), "NULL");
    ASSERTS(ExAllocatePool2(POOL_FLAG_NON_PAGED, 1, 0), "a tag");
    block[-1] = 0;
    ASSERTS(ExFreePool(block), "before its first byte");
    (void)seam_irql_raise(the_seam, SEAM_DISPATCH);
    ASSERTS(ExAllocatePoolWithTag(PagedPool, 1, 'tseT'), "paged pool");
    ASSERTS(ExAllocatePool2(POOL_FLAG_PAGED, 1, 'tseT'), "paged pool");
    hosted_abandon(the_seam);
}

/* ---- strings ------------------------------------------------------------- */

static void unicode_strings_have_16_bits(void **state)
{
    DECLARE_CONST_UNICODE_STRING(constant, L"Abc");
    UNICODE_STRING static_string = RTL_CONSTANT_STRING(L"aBC");
    WCHAR room[8];
    UNICODE_STRING string, wide;
    ANSI_STRING narrow;

    (void)state;
    assert_int_equal(sizeof(L"ab"), 6);
    assert_int_equal(constant.Length, 6);
    assert_int_equal(constant.MaximumLength, 8);
    assert_true(RtlEqualUnicodeString(&constant, &static_string, TRUE));
    assert_true(RtlCompareUnicodeString(&constant, &static_string, FALSE) < 0);
    RtlInitEmptyUnicodeString(&string, room, sizeof(room));
    RtlCopyUnicodeString(&string, &constant);
    assert_int_equal(RtlAppendUnicodeToString(&string, L"de"), STATUS_SUCCESS);
    assert_int_equal(RtlAppendUnicodeStringToString(&string, &constant),
                     STATUS_SUCCESS);
    assert_int_equal(wcsncmp(room, L"AbcdeAbc", 8), 0);
    assert_int_equal(RtlAppendUnicodeToString(&string, L"f"),
                     STATUS_BUFFER_TOO_SMALL);
    assert_int_equal(string.Length, 16);
    assert_int_equal(RtlIntegerToUnicodeString(0xBEEF, 16, &string),
                     STATUS_SUCCESS);
    assert_int_equal(wcscmp(room, L"BEEF"), 0);
    assert_int_equal(RtlIntegerToUnicodeString(1, 7, &string),
                     STATUS_INVALID_PARAMETER);
    RtlInitAnsiString(&narrow, "x\xE4y");
    assert_int_equal(RtlAnsiStringToUnicodeString(&wide, &narrow, TRUE),
                     STATUS_SUCCESS);
    assert_int_equal(wcscmp(wide.Buffer, L"x?y"), 0);
    assert_int_equal(wcslen(wide.Buffer), 3);
    assert_ptr_equal(wcschr(wide.Buffer, 'y'), wide.Buffer + 2);
    RtlFreeUnicodeString(&wide);
}

/* ---- formats ------------------------------------------------------------- */

/* How long the text would be. */
static size_t length_of(const char *format, ...)
{
    va_list arguments;
    size_t length;

    va_start(arguments, format);
    length = WdkFormat(NULL, 0, format, arguments);
    va_end(arguments);
    return length;
}

static void formatted(const char *expected, const char *format, ...)
{
    char text[80];
    va_list arguments;

    va_start(arguments, format);
    assert_int_equal(WdkFormat(text, sizeof(text), format, arguments),
                     strlen(expected));
    va_end(arguments);
    assert_string_equal(text, expected);
}

static void widths_of_any_size_end(void **state)
{
    (void)state;
    assert_int_equal(length_of("%*d", INT32_MAX, 1), 1000);
    assert_int_equal(length_of("%*d", INT32_MIN, 1), 1000);
}

static void formats_are_those_of_the_kernel(void **state)
{
    DECLARE_CONST_UNICODE_STRING(counted, L"wide");
    ANSI_STRING narrow = RTL_CONSTANT_STRING("narrow");

    (void)state;
    formatted("-5 5 0005    5 5   |", "%d %u %04u %4d %-4d|", -5, 5u, 5u, 5, 5);
    formatted("c0000001 00FF ff", "%x %04X %hhx", 0xC0000001u, 0xFFu, 0x1FFu);
    formatted("-1 4294967295 1099511627776", "%ld %lu %I64u", (LONG)-1,
              (ULONG)-1, 1ULL << 40);
    formatted("123456789abcdef -9223372036854775808", "%llx %I64d",
              0x123456789ABCDEFULL, INT64_MIN);
    formatted("000000000000ABCD %", "%p %%", (PVOID)(ULONG_PTR)0xABCD);
    formatted("[ab  ] [  ab] [a] x", "[%-4s] [%4s] [%.1s] %c", "ab", "ab", "ab",
              'x');
    formatted("wide L\"?\" wide narrow (null)", "%ws L\"%S\" %wZ %Z %s",
              L"wide", L"\xE4", &counted, &narrow, (char *)NULL);
    formatted("[  7] [007]", "[%*d] [%.*d]", 3, 7, 3, 7);
}

/* Six letters into room for three and a zero. */
static void cut(const char *expected, const char *format, ...)
{
    char text[4] = "xxx";
    va_list arguments;

    va_start(arguments, format);
    assert_int_equal(WdkFormat(text, sizeof(text), format, arguments), 6);
    va_end(arguments);
    assert_string_equal(text, expected);
}

static void text_that_does_not_fit_is_cut(void **state)
{
    (void)state;
    cut("abc", "%s", "abcdef");
    cut("123", "%d", 123456);
}

static void dbgprint_writes_lines_of_the_log(void **state)
{
    (void)state;
    DbgPrint("a line of %s\n", "a driver");
    assert_true(hosted_logged(the_seam, "a line of a driver"));
    assert_false(hosted_logged(the_seam, "driver\n"));
    assert_string_equal(WdkStatusName(STATUS_TIMEOUT), "STATUS_TIMEOUT");
    assert_string_equal(WdkStatusName(0), "STATUS_SUCCESS");
    assert_string_equal(WdkStatusName(0x12345), "an unnamed status");
    ASSERTS(KeBugCheckEx(0xDEAD, 1, 2, 3, 4), "ended everything");
    assert_true(hosted_logged(the_seam, "0x0000DEAD (0x1, 0x2, 0x3, 0x4)"));
}

/* ---- drivers ------------------------------------------------------------- */

static ULONG unloads;

static VOID unload(WDFDRIVER Driver)
{
    PDRIVER_OBJECT driver = WdfDriverWdmGetDriverObject(Driver);

    unloads++;
    IoDeleteDevice(driver->DeviceObject);
}

static NTSTATUS entry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    WDF_DRIVER_CONFIG config;
    PDEVICE_OBJECT device;

    assert_non_null(wcschr(RegistryPath->Buffer, L'\\'));
    WDF_DRIVER_CONFIG_INIT(&config, WDF_NO_EVENT_CALLBACK);
    config.EvtDriverUnload = unload;
    config.Size--;
    assert_int_equal(WdfDriverCreate(DriverObject, RegistryPath,
                                     WDF_NO_OBJECT_ATTRIBUTES, &config, NULL),
                     STATUS_INVALID_PARAMETER);
    config.Size++;
    assert_int_equal(WdfDriverCreate(DriverObject, RegistryPath,
                                     WDF_NO_OBJECT_ATTRIBUTES, &config, NULL),
                     STATUS_SUCCESS);
    assert_int_equal(IoCreateDevice(DriverObject, 24, NULL, FILE_DEVICE_UNKNOWN,
                                    0, FALSE, &device),
                     STATUS_SUCCESS);
    assert_int_equal((ULONG_PTR)device->DeviceExtension % 16, 0);
    memset(device->DeviceExtension, 1, 24);
    WdkUnload(unloads ? STATUS_DATA_ERROR : STATUS_SUCCESS);
    return STATUS_SUCCESS;
}

static NTSTATUS refusing_entry(PDRIVER_OBJECT DriverObject,
                               PUNICODE_STRING RegistryPath)
{
    (void)DriverObject, (void)RegistryPath;
    return STATUS_NO_SUCH_DEVICE;
}

static void driver_runs_from_its_entry_to_its_unload(void **state)
{
    ULONG before = WdkPoolBlocks();

    (void)state;
    assert_int_equal(WdkRunDriver(entry, "sample"), STATUS_SUCCESS);
    assert_int_equal(unloads, 1);
    assert_int_equal(WdkRunDriver(entry, "sample"), STATUS_DATA_ERROR);
    assert_int_equal(unloads, 2);
    assert_true(hosted_logged(the_seam, "STATUS_DATA_ERROR"));
    assert_int_equal(WdkRunDriver(refusing_entry, "sample"),
                     STATUS_NO_SUCH_DEVICE);
    assert_true(hosted_logged(the_seam, "STATUS_NO_SUCH_DEVICE"));
    assert_int_equal(WdkPoolBlocks(), before);
}

int run_runtime(void)
{
#define TEST(name) \
    cmocka_unit_test_setup_teardown(name, hosted_start, hosted_end)
    const struct CMUnitTest tests[] = {
        TEST(lists_keep_their_order),
        TEST(stacks_count_and_give_back_the_last),
        TEST(interlocked_functions_return_what_windows_returns),
        TEST(pool_is_zeroed_aligned_and_counted),
        TEST(misuse_of_the_pool_is_named),
        TEST(unicode_strings_have_16_bits),
        TEST(widths_of_any_size_end),
        TEST(formats_are_those_of_the_kernel),
        TEST(text_that_does_not_fit_is_cut),
        TEST(dbgprint_writes_lines_of_the_log),
        TEST(driver_runs_from_its_entry_to_its_unload),
    };

    return cmocka_run_group_tests_name("runtime", tests, NULL, NULL);
}
