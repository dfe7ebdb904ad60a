/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A driver as its author writes it for Windows: DriverEntry is the entry, and
 * there is no main. A timer's DPC counts; a work item, which may wait, says the
 * result and ends the driver.
 */
#include <ntddk.h>

#define TICKS  3
#define PERIOD 20 /* milliseconds */

DRIVER_INITIALIZE DriverEntry;
static DRIVER_UNLOAD DriverUnload;
static KDEFERRED_ROUTINE Tick;
static IO_WORKITEM_ROUTINE Finish;

static PDEVICE_OBJECT device;
static PIO_WORKITEM item;
static KTIMER timer;
static KDPC dpc;
static LONG ticks;

/* DISPATCH. The work item is queued once, whatever comes after it. */
static VOID Tick(_In_ PKDPC Dpc, _In_opt_ PVOID Context, _In_opt_ PVOID First,
                 _In_opt_ PVOID Second)
{
    UNREFERENCED_PARAMETER(Dpc);
    UNREFERENCED_PARAMETER(Context);
    UNREFERENCED_PARAMETER(First);
    UNREFERENCED_PARAMETER(Second);
    if (InterlockedIncrement(&ticks) == TICKS)
        IoQueueWorkItem(item, Finish, DelayedWorkQueue, NULL);
}

static VOID Finish(_In_ PDEVICE_OBJECT DeviceObject, _In_opt_ PVOID Context)
{
    DECLARE_CONST_UNICODE_STRING(name, L"example");

    UNREFERENCED_PARAMETER(DeviceObject);
    UNREFERENCED_PARAMETER(Context);
    KeCancelTimer(&timer);
    DbgPrint("%wZ: the timer has come %d times\n", &name, TICKS);
    WdkUnload(STATUS_SUCCESS);
}

static VOID DriverUnload(_In_ PDRIVER_OBJECT DriverObject)
{
    UNREFERENCED_PARAMETER(DriverObject);
    KeFlushQueuedDpcs();
    IoFreeWorkItem(item);
    IoDeleteDevice(device);
}

NTSTATUS DriverEntry(_In_ PDRIVER_OBJECT DriverObject,
                     _In_ PUNICODE_STRING RegistryPath)
{
    LARGE_INTEGER due = {.QuadPart = -10000LL * PERIOD};
    NTSTATUS status;

    UNREFERENCED_PARAMETER(RegistryPath);
    DriverObject->DriverUnload = DriverUnload;
    status = IoCreateDevice(DriverObject, 0, NULL, FILE_DEVICE_UNKNOWN, 0,
                            FALSE, &device);
    if (!NT_SUCCESS(status))
        return status;
    item = IoAllocateWorkItem(device);
    if (item == NULL) {
        IoDeleteDevice(device);
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    KeInitializeDpc(&dpc, Tick, NULL);
    KeInitializeTimer(&timer);
    KeSetTimerEx(&timer, due, PERIOD, &dpc);
    return STATUS_SUCCESS;
}
