/*
 * The server's half of the library, in one object.
 */
#include "kmcl/channel/server_half.h"

#include "kmcl/kmcl.h"

const struct kmcl_server_half kmcl_server_half = {
    .link = &kmcl_server_link,
    .memory_map = vmbus_host_memory_map,
    .memory_unmap = vmbus_host_memory_unmap,
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
