/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A driver that is the application: DriverEntry and EvtDriverUnload, without a
 * `main`. It loads the sample VSC, whose VSP is a device of minihv, and ends
 * with the VSC's result.
 */
#include "samples.h"

#include <wdf.h>

DRIVER_INITIALIZE DriverEntry;
static EVT_WDF_DRIVER_UNLOAD EvtDriverUnload;
static IO_WORKITEM_ROUTINE run_vsc;

static PIO_WORKITEM item;
static PDEVICE_OBJECT device;

static VOID EvtDriverUnload(_In_ WDFDRIVER Driver)
{
    UNREFERENCED_PARAMETER(Driver);
    IoFreeWorkItem(item);
    IoDeleteDevice(device);
    DbgPrint("client: EvtDriverUnload\n");
}

static VOID run_vsc(_In_ PDEVICE_OBJECT DeviceObject, _In_opt_ PVOID Context)
{
    PDRIVER_OBJECT vsc;
    NTSTATUS status;

    UNREFERENCED_PARAMETER(DeviceObject);
    UNREFERENCED_PARAMETER(Context);
    status = WdkLoadDriver(VscDriverEntry, "vsc", &vsc);
    if (NT_SUCCESS(status)) {
        KeWaitForSingleObject(&VscFinished, Executive, KernelMode, FALSE, NULL);
        WdkUnloadDriver(vsc);
        status = VscResult;
    }
    WdkUnload(status);
}

NTSTATUS DriverEntry(_In_ PDRIVER_OBJECT DriverObject,
                     _In_ PUNICODE_STRING RegistryPath)
{
    WDF_DRIVER_CONFIG config;
    NTSTATUS status;

    WDF_DRIVER_CONFIG_INIT(&config, WDF_NO_EVENT_CALLBACK);
    config.DriverInitFlags = WdfDriverInitNonPnpDriver;
    config.EvtDriverUnload = EvtDriverUnload;
    status = WdfDriverCreate(DriverObject, RegistryPath,
                             WDF_NO_OBJECT_ATTRIBUTES, &config, WDF_NO_HANDLE);
    if (!NT_SUCCESS(status))
        return status;
    status = IoCreateDevice(DriverObject, 0, NULL, FILE_DEVICE_UNKNOWN, 0,
                            FALSE, &device);
    if (!NT_SUCCESS(status))
        return status;
    item = IoAllocateWorkItem(device);
    if (item == NULL) {
        IoDeleteDevice(device);
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    IoQueueWorkItem(item, run_vsc, DelayedWorkQueue, NULL);
    return STATUS_SUCCESS;
}
