/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * VMBus handles: how a server names the guest it serves. A bus's own handle
 * is its PDEVICE_OBJECT; the kernel handle made from it is counted, so that
 * detaching a bus that is still referred to is caught.
 *
 *   bus (PDEVICE_OBJECT) -- VmbConvertVmbusHandleToKernelHandle --> HANDLE
 *   HANDLE -- VmbServerChannelInitSetVmbusHandle --> the server's bus
 *   HANDLE -- ZwClose --> no longer counted
 */
#include "kmcl/channel/config.h"
#include "kmcl/api/lifetime.h"

/* The bus that a VMBus handle names: NULL means the default one of servers.
 * NULL when it names a single device or nothing. */
static struct kmcl *bus_of(HANDLE handle)
{
    PDEVICE_OBJECT device = handle;

    if (!device)
        return kmcl_server_root();
    if (device->magic != KMCL_DEVICE_MAGIC || device->names_offer)
        return NULL;
    return device->kmcl;
}

/* The kernel handle, if it is one that is open. */
static struct kmcl_bus_handle *kernel_handle(HANDLE handle)
{
    struct kmcl_bus_handle *h = handle;

    return h && h->magic == KMCL_HANDLE_MAGIC && h->open ? h : NULL;
}

NTSTATUS VmbConvertVmbusHandleToKernelHandle(HANDLE VmbusHandle,
                                             PHANDLE KernelHandle)
{
    struct kmcl *kmcl = bus_of(VmbusHandle);

    if (!kmcl)
        return STATUS_INVALID_PARAMETER_1;
    if (!KernelHandle)
        return STATUS_INVALID_PARAMETER_2;
    /* One object per bus serves every caller; only their number counts. */
    kmcl->handle.open++;
    *KernelHandle = &kmcl->handle;
    return STATUS_SUCCESS;
}

NTSTATUS ZwClose(HANDLE Handle)
{
    struct kmcl_bus_handle *h = kernel_handle(Handle);

    if (!h)
        return STATUS_INVALID_PARAMETER_1;
    /* The last one that is closed lets kmcl_detach() go on. */
    h->open--;
    return STATUS_SUCCESS;
}

NTSTATUS VmbServerChannelInitSetVmbusHandle(VMBCHANNEL Channel,
                                            HANDLE VmbusHandle)
{
    struct kmcl_bus_handle *h = kernel_handle(VmbusHandle);

    if (!kmcl_server_configurable(Channel))
        return STATUS_INVALID_PARAMETER_1;
    if (!h || !h->kmcl->host)
        return STATUS_INVALID_PARAMETER_2;
    /* A server allocated without a device belongs to the default bus until now.
     */
    kmcl_channel_move(Channel, h->kmcl);
    return STATUS_SUCCESS;
}
