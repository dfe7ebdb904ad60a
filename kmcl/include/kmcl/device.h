/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a device object is: the name of a bus, or of one offered device on it,
 * as VmbChannelAllocate takes it. Storage is whoever makes it; it must outlive
 * the channels allocated with it. A driver uses the members of WDM only, which
 * IoCreateDevice of wdk/ fills in.
 */
#ifndef KMCL_DEVICE_H
#define KMCL_DEVICE_H

#include <stdbool.h>

#include "kmcl/wdm_compat.h"

struct kmcl;
struct _DRIVER_OBJECT;

struct DEVICE_OBJECT {
    uint32_t magic; /* KMCL_DEVICE_MAGIC */
    bool names_offer;
    /* NULL in a driver's own device: the bus of callers without a device. */
    struct kmcl *kmcl;
    GUID type;
    GUID instance;

    /* WDM's, for drivers; KMCL looks at DriverObject only. */
    PVOID DeviceExtension;
    struct _DRIVER_OBJECT *DriverObject;
    PDEVICE_OBJECT NextDevice; /* of the same driver */
    ULONG Flags;
    ULONG Characteristics;
    ULONG DeviceType;
};

#define KMCL_DEVICE_MAGIC 0x44766d4bu /* "KmvD" */

#endif
