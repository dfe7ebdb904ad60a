/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The life of a driver: its entry, its time, its end.
 */
#include "wdk/driver.h"

#include "vmbus/seam.h"
#include "wdk/driver/unload.h"
#include "wdk/platform.h"
#include "wdk/pool.h"
#include "wdk/print.h"
#include "wdk/unicode.h"

#define TAG      0x76697244u /* "Driv" */
#define SERVICES L"\\Registry\\Machine\\System\\CurrentControlSet\\Services\\"
#define NAME_MAX 40u

/* A driver object, and the memory of its name. */
struct driver {
    DRIVER_OBJECT object;
    WCHAR path[sizeof(SERVICES) / sizeof(WCHAR) + NAME_MAX];
};

/* Set by WdkUnload, from any processor. */
static bool ending;
static NTSTATUS outcome;

/* "\Registry\...\Services\" and the name. */
static void name_driver(struct driver *driver, const char *name)
{
    PUNICODE_STRING path = &driver->object.DriverName;

    RtlInitEmptyUnicodeString(path, driver->path, sizeof(driver->path));
    (void)RtlAppendUnicodeToString(path, SERVICES);
    for (size_t i = 0; i < NAME_MAX && name[i]; i++) {
        const WCHAR letter[2] = {(UCHAR)name[i], 0};

        (void)RtlAppendUnicodeToString(path, letter);
    }
}

/* The driver object lives until WdkUnloadDriver; its name is its own copy. */
NTSTATUS WdkLoadDriver(PDRIVER_INITIALIZE Entry, const char *Name,
                       PDRIVER_OBJECT *DriverObject)
{
    struct driver *driver =
        ExAllocatePoolWithTag(NonPagedPoolNx, sizeof(*driver), TAG);
    NTSTATUS status;

    *DriverObject = NULL;
    if (!driver)
        return STATUS_INSUFFICIENT_RESOURCES;
    name_driver(driver, Name);
    status = Entry(&driver->object, &driver->object.DriverName);
    if (!NT_SUCCESS(status)) {
        DbgPrintEx(DPFLTR_DEFAULT_ID, DPFLTR_ERROR_LEVEL,
                   "%s: DriverEntry failed: 0x%08X, %s", Name, status,
                   WdkStatusName(status));
        wdk_wdf_forget(&driver->object);
        ExFreePoolWithTag(driver, TAG);
        return status;
    }
    *DriverObject = &driver->object;
    return status;
}

/* WDF calls EvtDriverUnload instead of DriverUnload. */
VOID WdkUnloadDriver(PDRIVER_OBJECT DriverObject)
{
    if (DriverObject->WdfDriver)
        wdk_wdf_unload(DriverObject);
    else if (DriverObject->DriverUnload)
        DriverObject->DriverUnload(DriverObject);
    /* What a driver leaves behind is its fault, so it is told. */
    if (DriverObject->DeviceObject)
        DbgPrintEx(DPFLTR_DEFAULT_ID, DPFLTR_WARNING_LEVEL,
                   "%wZ left a device object: IoDeleteDevice it",
                   &DriverObject->DriverName);
    ExFreePoolWithTag(CONTAINING_RECORD(DriverObject, struct driver, object),
                      TAG);
}

/* ---- a driver that is the application ------------------------------------ */

/* The status is seen by whoever sees the flag. */
VOID WdkUnload(NTSTATUS Status)
{
    outcome = Status;
    __atomic_store_n(&ending, true, __ATOMIC_RELEASE);
}

/* Asked by the platform whenever something has happened. */
static bool is_ending(void *arg)
{
    (void)arg;
    return __atomic_load_n(&ending, __ATOMIC_ACQUIRE);
}

/* Blocks of the pool are counted before and after, because nothing else frees
 * what a driver forgets. */
NTSTATUS WdkRunDriver(PDRIVER_INITIALIZE Entry, const char *Name)
{
    ULONG before = WdkPoolBlocks();
    PDRIVER_OBJECT driver;
    NTSTATUS status;
    ULONG left;

    ending = false;
    status = WdkLoadDriver(Entry, Name, &driver);
    if (!NT_SUCCESS(status))
        return status;
    (void)seam_wait(wdk_seam(), is_ending, NULL, SEAM_FOREVER,
                    "WdkUnload: the driver to end");
    WdkUnloadDriver(driver);
    left = WdkPoolBlocks() - before;
    if (left)
        DbgPrintEx(DPFLTR_DEFAULT_ID, DPFLTR_WARNING_LEVEL,
                   "%s: left %u blocks of the pool: ExFreePool them", Name,
                   left);
    if (!NT_SUCCESS(outcome))
        DbgPrintEx(DPFLTR_DEFAULT_ID, DPFLTR_ERROR_LEVEL,
                   "%s: ended with 0x%08X, %s", Name, outcome,
                   WdkStatusName(outcome));
    return outcome;
}
