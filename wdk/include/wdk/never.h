/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What driver source may name and what cannot exist here. Each use is an error
 * of the compiler that says what to do instead; docs/wdk.md has the whole list.
 */
#ifndef WDK_NEVER_H
#define WDK_NEVER_H

#include "wdk/driver.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- structured exceptions ---------------------------------------------- */

/* The message, then something that compiles, so that it is the only one. */
#define WDK_NO_TRY \
    _Pragma("GCC error \"there is no __try here: check first, docs/wdk.md\"")
#define __try WDK_NO_TRY if (1)
#define __except WDK_NO_TRY if
#define __finally WDK_NO_TRY if (1)
#define __leave WDK_NO_TRY return

/* ---- functions ----------------------------------------------------------- */

/* Declared without arguments, so that any call gets as far as the message. */
#define WDK_NEVER(name, why)                                                  \
    __attribute__((unavailable(#name ": " why ", see docs/wdk.md"))) NTSTATUS \
    name()

#ifndef __cplusplus
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wstrict-prototypes"

#define WDK_NO_STACK \
    "there is no stack of devices here: the driver is the program"
WDK_NEVER(IoAttachDeviceToDeviceStack, WDK_NO_STACK);
WDK_NEVER(IoDetachDevice, WDK_NO_STACK);
WDK_NEVER(IoGetDeviceObjectPointer, WDK_NO_STACK);
WDK_NEVER(IoCreateSymbolicLink, "nobody opens devices by name here");
WDK_NEVER(IoDeleteSymbolicLink, "nobody opens devices by name here");
WDK_NEVER(IoRegisterDeviceInterface, "there is no PnP here");
WDK_NEVER(IoSetDeviceInterfaceState, "there is no PnP here");
WDK_NEVER(IoRegisterPlugPlayNotification,
          "there is no PnP here: EvtChannelOpened tells of the device");

#define WDK_NO_IRP "there are no IRPs here: use a structure of your own"
WDK_NEVER(IoAllocateIrp, WDK_NO_IRP);
WDK_NEVER(IoFreeIrp, WDK_NO_IRP);
WDK_NEVER(IoCallDriver, WDK_NO_IRP);
WDK_NEVER(IofCallDriver, WDK_NO_IRP);
WDK_NEVER(IoCompleteRequest, WDK_NO_IRP);
WDK_NEVER(IofCompleteRequest, WDK_NO_IRP);
WDK_NEVER(IoMarkIrpPending, WDK_NO_IRP);
WDK_NEVER(IoGetCurrentIrpStackLocation, WDK_NO_IRP);
WDK_NEVER(IoBuildDeviceIoControlRequest, WDK_NO_IRP);
WDK_NEVER(IoCsqInitialize, WDK_NO_IRP);

#define WDK_NO_THREADS \
    "there are no threads here: IoQueueWorkItem, whose routine may wait"
WDK_NEVER(PsCreateSystemThread, WDK_NO_THREADS);
WDK_NEVER(PsTerminateSystemThread, WDK_NO_THREADS);
WDK_NEVER(KeSetPriorityThread, WDK_NO_THREADS);
WDK_NEVER(ObReferenceObjectByHandle, "there are no objects by handle here");

#define WDK_NO_USER "there is no user mode here"
WDK_NEVER(ProbeForRead, WDK_NO_USER);
WDK_NEVER(ProbeForWrite, WDK_NO_USER);
WDK_NEVER(IoGetCurrentProcess, WDK_NO_USER);
WDK_NEVER(PsGetCurrentProcessId, WDK_NO_USER);
WDK_NEVER(ExRaiseStatus, "there are no exceptions here: return the status");

#define WDK_NO_REGISTRY \
    "there is no registry here: options, see docs/options.md"
WDK_NEVER(ZwOpenKey, WDK_NO_REGISTRY);
WDK_NEVER(ZwCreateKey, WDK_NO_REGISTRY);
WDK_NEVER(ZwQueryValueKey, WDK_NO_REGISTRY);
WDK_NEVER(ZwSetValueKey, WDK_NO_REGISTRY);
WDK_NEVER(RtlQueryRegistryValues, WDK_NO_REGISTRY);

#define WDK_NO_FILES "there are no NT files here: use libc's"
WDK_NEVER(ZwCreateFile, WDK_NO_FILES);
WDK_NEVER(ZwReadFile, WDK_NO_FILES);
WDK_NEVER(ZwWriteFile, WDK_NO_FILES);

WDK_NEVER(IoConnectInterrupt, "there are no interrupts for drivers here");
WDK_NEVER(IoConnectInterruptEx, "there are no interrupts for drivers here");
WDK_NEVER(PoRequestPowerIrp, "the machine has no power states here");
WDK_NEVER(PoStartNextPowerIrp, "the machine has no power states here");
WDK_NEVER(MmMapIoSpace, "device memory is not mapped for drivers here");
#pragma GCC diagnostic pop
#endif

#ifdef __cplusplus
}
#endif

#endif
