/* SPDX-License-Identifier: BSD-2-Clause */
/* The driver object of WDF: a name for EvtDriverUnload. */
#include "wdf.h"

#include "wdk/driver/unload.h"

#define TAG 0x46445754u /* "TWDF" */

struct WDFDRIVER__ {
    PDRIVER_OBJECT driver;
    PFN_WDF_DRIVER_UNLOAD unload;
};

/* EvtDriverDeviceAdd would never be called, so a driver that relies on it is
 * refused at once. */
NTSTATUS WdfDriverCreate(PDRIVER_OBJECT DriverObject,
                         PCUNICODE_STRING RegistryPath,
                         PWDF_OBJECT_ATTRIBUTES DriverAttributes,
                         PWDF_DRIVER_CONFIG DriverConfig, WDFDRIVER *Driver)
{
    WDFDRIVER object;

    (void)RegistryPath;
    if (DriverConfig->Size != sizeof(*DriverConfig) || DriverAttributes)
        return STATUS_INVALID_PARAMETER;
    if (DriverConfig->EvtDriverDeviceAdd &&
        !(DriverConfig->DriverInitFlags & WdfDriverInitNonPnpDriver))
        return STATUS_NOT_SUPPORTED;
    object = ExAllocatePoolWithTag(NonPagedPoolNx, sizeof(*object), TAG);
    if (!object)
        return STATUS_INSUFFICIENT_RESOURCES;
    object->driver = DriverObject;
    object->unload = DriverConfig->EvtDriverUnload;
    DriverObject->WdfDriver = object;
    if (Driver)
        *Driver = object;
    return STATUS_SUCCESS;
}

PDRIVER_OBJECT WdfDriverWdmGetDriverObject(WDFDRIVER Driver)
{
    return Driver->driver;
}

/* Without a call: DriverEntry failed, and Windows calls no unload then. */
void wdk_wdf_forget(PDRIVER_OBJECT driver)
{
    if (!driver->WdfDriver)
        return;
    ExFreePoolWithTag(driver->WdfDriver, TAG);
    driver->WdfDriver = NULL;
}

/* The function first: it may use the handle. */
void wdk_wdf_unload(PDRIVER_OBJECT driver)
{
    WDFDRIVER object = driver->WdfDriver;

    if (object->unload)
        object->unload(object);
    wdk_wdf_forget(driver);
}
