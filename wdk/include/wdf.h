/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The part of KMDF that a driver without devices of its own needs: a driver
 * object with EvtDriverUnload (WdfDriverInitNonPnpDriver). A client of KMCL
 * finds its device by VmbClientChannelInitSetTargetPnp, so EvtDriverDeviceAdd
 * is never called. [W]
 */
#ifndef WDK_WDF_H
#define WDK_WDF_H

#include "wdk/wdk.h"

#ifdef __cplusplus
extern "C" {
#endif

DECLARE_HANDLE(WDFDRIVER);
DECLARE_HANDLE(WDFDEVICE);
typedef struct WDFDEVICE_INIT WDFDEVICE_INIT, *PWDFDEVICE_INIT;

/* The end of the driver. PASSIVE. */
typedef VOID EVT_WDF_DRIVER_UNLOAD(_In_ WDFDRIVER Driver);
typedef EVT_WDF_DRIVER_UNLOAD *PFN_WDF_DRIVER_UNLOAD;
/* Never called: there is no PnP. */
typedef NTSTATUS EVT_WDF_DRIVER_DEVICE_ADD(_In_ WDFDRIVER Driver,
                                           _Inout_ PWDFDEVICE_INIT DeviceInit);
typedef EVT_WDF_DRIVER_DEVICE_ADD *PFN_WDF_DRIVER_DEVICE_ADD;

#define WdfDriverInitNonPnpDriver 0x1u

typedef struct _WDF_DRIVER_CONFIG {
    ULONG Size;
    PFN_WDF_DRIVER_DEVICE_ADD EvtDriverDeviceAdd;
    PFN_WDF_DRIVER_UNLOAD EvtDriverUnload;
    ULONG DriverInitFlags;
    ULONG DriverPoolTag;
} WDF_DRIVER_CONFIG, *PWDF_DRIVER_CONFIG;

/* Of the attributes of WDF's objects there is only the name. */
typedef struct _WDF_OBJECT_ATTRIBUTES WDF_OBJECT_ATTRIBUTES,
    *PWDF_OBJECT_ATTRIBUTES;
#define WDF_NO_OBJECT_ATTRIBUTES ((PWDF_OBJECT_ATTRIBUTES)NULL)
#define WDF_NO_HANDLE            NULL
#define WDF_NO_EVENT_CALLBACK    NULL

/* Empties the structure and sets the function. Any IRQL. */
FORCEINLINE VOID
WDF_DRIVER_CONFIG_INIT(_Out_ PWDF_DRIVER_CONFIG Config,
                       _In_opt_ PFN_WDF_DRIVER_DEVICE_ADD EvtDriverDeviceAdd)
{
    RtlZeroMemory(Config, sizeof(*Config));
    Config->Size = sizeof(*Config);
    Config->EvtDriverDeviceAdd = EvtDriverDeviceAdd;
}

/**
 * Makes the driver object of WDF. PASSIVE, in DriverEntry.
 *
 * @RegistryPath      as DriverEntry got it
 * @DriverAttributes  must be WDF_NO_OBJECT_ATTRIBUTES
 * @DriverConfig      its EvtDriverUnload is called at the driver's end
 * @Driver            receives the handle; may be NULL
 * @return            STATUS_SUCCESS; STATUS_INVALID_PARAMETER: the size of
 *                    DriverConfig, or attributes; STATUS_NOT_SUPPORTED:
 *                    EvtDriverDeviceAdd without WdfDriverInitNonPnpDriver, for
 *                    nobody would ever call it
 */
NTSTATUS WdfDriverCreate(_In_ PDRIVER_OBJECT DriverObject,
                         _In_ PCUNICODE_STRING RegistryPath,
                         _In_opt_ PWDF_OBJECT_ATTRIBUTES DriverAttributes,
                         _In_ PWDF_DRIVER_CONFIG DriverConfig,
                         _Out_opt_ WDFDRIVER *Driver);

/**
 * The WDM object behind the handle. Any IRQL.
 *
 * @return  what DriverEntry got
 */
PDRIVER_OBJECT WdfDriverWdmGetDriverObject(_In_ WDFDRIVER Driver);

#ifdef __cplusplus
}
#endif

#endif
