/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The driver and its devices. DriverEntry is the application's entry; there are
 * no IRPs, so a device object carries memory for the driver, names it to KMCL
 * and to work items, and nothing else. [W]
 */
#ifndef WDK_DRIVER_H
#define WDK_DRIVER_H

#include "kmcl/device.h"
#include "wdk/status.h"

#ifdef __cplusplus
extern "C" {
#endif

#define WDK_NO_IRPS                                                      \
    __attribute__((unavailable("there are no IRPs here: let callers of " \
                               "the driver call its functions, see "     \
                               "docs/wdk.md")))

typedef struct _IRP IRP, *PIRP;
typedef struct _DRIVER_OBJECT DRIVER_OBJECT, *PDRIVER_OBJECT;
typedef NTSTATUS DRIVER_DISPATCH(_In_ PDEVICE_OBJECT DeviceObject,
                                 _Inout_ PIRP Irp);
typedef DRIVER_DISPATCH *PDRIVER_DISPATCH;
typedef NTSTATUS DRIVER_ADD_DEVICE(_In_ PDRIVER_OBJECT DriverObject,
                                   _In_ PDEVICE_OBJECT PhysicalDeviceObject);

/* The end of the driver: channels are disabled and cleaned up here. PASSIVE. */
typedef VOID DRIVER_UNLOAD(_In_ PDRIVER_OBJECT DriverObject);
typedef DRIVER_UNLOAD *PDRIVER_UNLOAD;

/* The beginning; a failing status ends the application. PASSIVE. */
typedef NTSTATUS DRIVER_INITIALIZE(_In_ PDRIVER_OBJECT DriverObject,
                                   _In_ PUNICODE_STRING RegistryPath);
typedef DRIVER_INITIALIZE *PDRIVER_INITIALIZE;

#define IRP_MJ_MAXIMUM_FUNCTION 0x1b

/* What a driver uses of its own object. */
struct _DRIVER_OBJECT {
    PDEVICE_OBJECT DeviceObject; /* the devices of IoCreateDevice */
    PDRIVER_UNLOAD DriverUnload; /* may stay NULL */
    UNICODE_STRING DriverName;
    PVOID WdfDriver; /* the object of wdf.h, or NULL */
    PDRIVER_DISPATCH MajorFunction[IRP_MJ_MAXIMUM_FUNCTION + 1] WDK_NO_IRPS;
    PVOID DriverExtension WDK_NO_IRPS;
};

#define FILE_DEVICE_UNKNOWN     0x00000022
#define FILE_DEVICE_SECURE_OPEN 0x00000100
#define DO_BUFFERED_IO          0x00000004
#define DO_DIRECT_IO            0x00000010
#define DO_DEVICE_INITIALIZING  0x00000080

/**
 * Makes a device object with DeviceExtensionSize zeroed bytes behind it, for
 * the driver. Given to VmbChannelAllocate it names the default bus. PASSIVE.
 *
 * @DeviceName             ignored: nobody opens devices by name; may be NULL
 * @DeviceType             kept; as DeviceCharacteristics
 * @Exclusive              without effect
 * @DeviceObject           receives the device, with success only
 * @return                 STATUS_SUCCESS; STATUS_INSUFFICIENT_RESOURCES
 */
NTSTATUS IoCreateDevice(_In_ PDRIVER_OBJECT DriverObject,
                        _In_ ULONG DeviceExtensionSize,
                        _In_opt_ PUNICODE_STRING DeviceName,
                        _In_ ULONG DeviceType, _In_ ULONG DeviceCharacteristics,
                        _In_ BOOLEAN Exclusive,
                        _Out_ PDEVICE_OBJECT *DeviceObject);

/* Frees a device object and its extension. Work items and channels that were
 * made with it must be gone. PASSIVE. */
VOID IoDeleteDevice(_In_ PDEVICE_OBJECT DeviceObject);

/**
 * Ends the driver from its own code, since nobody unloads it from outside: the
 * unload function is called soon, then main returns. <= DISPATCH.
 *
 * @Status   success: the run passed; any failure: it failed, and its name is in
 *           the log
 * @differs  Windows has no such function
 */
VOID WdkUnload(NTSTATUS Status);

/**
 * Runs a driver from its entry until WdkUnload; `main` of wdk/driver/main.c is
 * one call of this. PASSIVE.
 *
 * @Entry   the driver's DriverEntry
 * @Name    its name, for RegistryPath (40 letters of it) and the log
 * @return  what DriverEntry returned if it failed; else what WdkUnload was
 *          given
 */
NTSTATUS WdkRunDriver(PDRIVER_INITIALIZE Entry, const char *Name);

/**
 * Calls a driver's entry, for an application that has several drivers or does
 * other things too. PASSIVE.
 *
 * @Entry         the driver's DriverEntry
 * @Name          as for WdkRunDriver
 * @DriverObject  receives the driver, for WdkUnloadDriver; NULL after a failure
 * @return        what the entry returned; STATUS_INSUFFICIENT_RESOURCES
 */
NTSTATUS WdkLoadDriver(PDRIVER_INITIALIZE Entry, const char *Name,
                       PDRIVER_OBJECT *DriverObject);

/* Calls the driver's unload function and frees its driver object. PASSIVE. */
VOID WdkUnloadDriver(PDRIVER_OBJECT DriverObject);

#ifdef __cplusplus
}
#endif

#endif
