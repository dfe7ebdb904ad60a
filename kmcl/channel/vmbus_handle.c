/*
 * VMBus handles: how a server names the guest it serves. A bus's own handle
 * is its PDEVICE_OBJECT; the kernel handle made from it is counted, so that
 * detaching a bus that is still referred to is caught.
 */
#include "kmcl/channel/config.h"

static struct kmcl *bus_of(HANDLE handle)
{
    PDEVICE_OBJECT device = handle;

    if (!device)
        return seam_root();
    if (device->magic != KMCL_DEVICE_MAGIC || device->names_offer)
        return NULL;
    return device->kmcl;
}

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
    kmcl->handle.open++;
    *KernelHandle = &kmcl->handle;
    return STATUS_SUCCESS;
}

NTSTATUS ZwClose(HANDLE Handle)
{
    struct kmcl_bus_handle *h = kernel_handle(Handle);

    if (!h)
        return STATUS_INVALID_PARAMETER_1;
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
    kmcl_channel_move(Channel, h->kmcl);
    return STATUS_SUCCESS;
}
