/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Device objects: memory for a driver, on the list of its driver object, and
 * the name of the bus that callers without a device mean.
 */
#include "wdk/driver.h"

#include "vmbus/seam.h"
#include "wdk/platform.h"
#include "wdk/pool.h"

#define TAG 0x69766544u /* "Devi" */

NTSTATUS IoCreateDevice(PDRIVER_OBJECT DriverObject, ULONG DeviceExtensionSize,
                        PUNICODE_STRING DeviceName, ULONG DeviceType,
                        ULONG DeviceCharacteristics, BOOLEAN Exclusive,
                        PDEVICE_OBJECT *DeviceObject)
{
    /* The extension begins at a multiple of 16, for any structure. */
    size_t own = ALIGN_UP_BY(sizeof(DEVICE_OBJECT), 16);
    PDEVICE_OBJECT device =
        ExAllocatePoolWithTag(NonPagedPoolNx, own + DeviceExtensionSize, TAG);

    (void)DeviceName, (void)Exclusive;
    if (!device)
        return STATUS_INSUFFICIENT_RESOURCES;
    *device = (DEVICE_OBJECT){
        .magic = KMCL_DEVICE_MAGIC,
        .DeviceExtension = DeviceExtensionSize ? (PUCHAR)device + own : NULL,
        .DriverObject = DriverObject,
        .NextDevice = DriverObject->DeviceObject,
        .Flags = DO_DEVICE_INITIALIZING,
        .Characteristics = DeviceCharacteristics,
        .DeviceType = DeviceType,
    };
    DriverObject->DeviceObject = device;
    *DeviceObject = device;
    return STATUS_SUCCESS;
}

VOID IoDeleteDevice(PDEVICE_OBJECT DeviceObject)
{
    PDEVICE_OBJECT *at = &DeviceObject->DriverObject->DeviceObject;

    while (*at && *at != DeviceObject)
        at = &(*at)->NextDevice;
    SEAM_ASSERT(wdk_seam(), *at, "no device object of IoCreateDevice");
    *at = DeviceObject->NextDevice;
    /* A use of it after this is refused. */
    DeviceObject->magic = 0;
    ExFreePoolWithTag(DeviceObject, TAG);
}
