/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The code of server channels, in one object.
 *
 * The composition root gives it to kmcl_attach() together with a host half. An
 * image that does not name it contains neither the functions listed here nor
 * the host half of the bus, because nothing else refers to them.
 */
#include "kmcl/base/server_half.h"

#include "kmcl/kmcl.h"
#include "kmcl/link/link.h"

const struct kmcl_server_half kmcl_server_half = {
    .link = &kmcl_server_link,
    /* External data of incoming packets. */
    .memory_map = vmbus_host_memory_map,
    .memory_unmap = vmbus_host_memory_unmap,
    /* The second part of KMCL_SERVER_INTERFACE_V1. */
    .methods =
        {
            .VmbChannelMapGpadl = VmbChannelMapGpadl,
            .VmbChannelRestoreFromBuffer = VmbChannelRestoreFromBuffer,
            .VmbChannelSaveBegin = VmbChannelSaveBegin,
            .VmbChannelSaveContinue = VmbChannelSaveContinue,
            .VmbChannelSaveEnd = VmbChannelSaveEnd,
            .VmbChannelUnmapGpadl = VmbChannelUnmapGpadl,
            .VmbConvertVmbusHandleToKernelHandle =
                VmbConvertVmbusHandleToKernelHandle,
            .VmbPacketRestore = VmbPacketRestore,
            .VmbServerChannelInitSetFlags = VmbServerChannelInitSetFlags,
            .VmbServerChannelInitSetMmioMegabytes =
                VmbServerChannelInitSetMmioMegabytes,
            .VmbServerChannelInitSetSaveRestorePacketCallbacks =
                VmbServerChannelInitSetSaveRestorePacketCallbacks,
            .VmbServerChannelInitSetTargetInterfaceId =
                VmbServerChannelInitSetTargetInterfaceId,
            .VmbServerChannelInitSetTargetVtl =
                VmbServerChannelInitSetTargetVtl,
            .VmbServerChannelInitSetVmbusHandle =
                VmbServerChannelInitSetVmbusHandle,
        },
};
