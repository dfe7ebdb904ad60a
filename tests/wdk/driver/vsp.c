/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Sample VSP: the server end of the sample device, as a driver of the root
 * partition would be written. Requests that take long are kept in a list until
 * a timer's DPC answers them; those that need PASSIVE_LEVEL go to a work item.
 */
#include <ntddk.h>
#include <initguid.h>
#include "vsproto.h"

#define VSP_TAG          'psV '
#define VSP_TICK_MS      5
#define VSP_UNITS_PER_MS 10000LL

typedef struct _VSP_CONTEXT {
    PDEVICE_OBJECT DeviceObject;
    VMBCHANNEL Channel;
    KSPIN_LOCK Lock;
    LIST_ENTRY Delayed; /* VSP_DELAYED, under Lock */
    LIST_ENTRY Working; /* VSP_DELAYED, under Lock */
    PIO_WORKITEM WorkItem;
    BOOLEAN WorkQueued; /* under Lock */
    LONG WorkRunning;   /* under Lock: queued or running */
    KEVENT WorkDone;
    KTIMER Timer;
    KDPC TimerDpc;
    volatile LONG Requests;
} VSP_CONTEXT, *PVSP_CONTEXT;

/* A request that is answered later. */
typedef struct _VSP_DELAYED {
    LIST_ENTRY ListEntry;
    VMBPACKETCOMPLETION Packet;
    ULONGLONG DueTime;
    VS_REQUEST Request;
} VSP_DELAYED, *PVSP_DELAYED;

DRIVER_INITIALIZE DriverEntry;
static DRIVER_UNLOAD VspUnload;
static EVT_VMB_CHANNEL_OPENED VspChannelOpened;
static EVT_VMB_CHANNEL_SUSPEND VspChannelSuspend;
static EVT_VMB_CHANNEL_CLOSED VspChannelClosed;
static EVT_VMB_CHANNEL_PROCESS_PACKET VspProcessPacket;
static IO_WORKITEM_ROUTINE VspWorkRoutine;
static KDEFERRED_ROUTINE VspTimerDpc;

static VOID VspComplete(_In_ VMBPACKETCOMPLETION Packet, _In_ NTSTATUS Status,
                        _In_ UINT32 Value, _In_opt_ PCSTR Text)
{
    VS_ANSWER answer;

    RtlZeroMemory(&answer, sizeof(answer));
    answer.Status = Status;
    answer.Value = Value;
    answer.Irql = KeGetCurrentIrql();
    if (Text != NULL)
        RtlCopyMemory(answer.Text, Text, VS_TEXT_LENGTH);
    VmbChannelPacketComplete(Packet, &answer, sizeof(answer));
}

static UINT32 VspSumChain(_In_ PMDL Mdl, _Out_ NTSTATUS *Status)
{
    UINT32 sum = 0;
    ULONG i;

    *Status = STATUS_SUCCESS;
    for (; Mdl != NULL; Mdl = Mdl->Next) {
        PUCHAR bytes = MmGetSystemAddressForMdlSafe(Mdl, NormalPagePriority);

        if (bytes == NULL) {
            *Status = STATUS_INSUFFICIENT_RESOURCES;
            return 0;
        }
        for (i = 0; i < MmGetMdlByteCount(Mdl); i++)
            sum += bytes[i];
    }
    return sum;
}

/* ---- requests that are answered later ------------------------------------ */

static VOID VspKeep(_In_ PVSP_CONTEXT Context, _In_ PLIST_ENTRY List,
                    _In_ VMBPACKETCOMPLETION Packet, _In_ PVS_REQUEST Request,
                    _In_ ULONGLONG DueTime)
{
    PVSP_DELAYED delayed;
    KIRQL irql;

    delayed = ExAllocatePool2(POOL_FLAG_NON_PAGED, sizeof(*delayed), VSP_TAG);
    if (delayed == NULL) {
        VspComplete(Packet, STATUS_INSUFFICIENT_RESOURCES, 0, NULL);
        return;
    }
    delayed->Packet = Packet;
    delayed->DueTime = DueTime;
    delayed->Request = *Request;

    KeAcquireSpinLock(&Context->Lock, &irql);
    InsertTailList(List, &delayed->ListEntry);
    KeReleaseSpinLock(&Context->Lock, irql);
}

/* The first request of a list that is due; NULL: none. */
static PVSP_DELAYED VspTake(_In_ PVSP_CONTEXT Context, _In_ PLIST_ENTRY List,
                            _In_ ULONGLONG Now)
{
    PVSP_DELAYED found = NULL;
    PLIST_ENTRY entry;
    KIRQL irql;

    KeAcquireSpinLock(&Context->Lock, &irql);
    for (entry = List->Flink; entry != List; entry = entry->Flink) {
        PVSP_DELAYED delayed = CONTAINING_RECORD(entry, VSP_DELAYED, ListEntry);

        if (delayed->DueTime <= Now) {
            RemoveEntryList(entry);
            found = delayed;
            break;
        }
    }
    KeReleaseSpinLock(&Context->Lock, irql);
    return found;
}

static VOID VspTimerDpc(_In_ PKDPC Dpc, _In_opt_ PVOID DeferredContext,
                        _In_opt_ PVOID SystemArgument1,
                        _In_opt_ PVOID SystemArgument2)
{
    PVSP_CONTEXT context = (PVSP_CONTEXT)DeferredContext;
    PVSP_DELAYED delayed;

    UNREFERENCED_PARAMETER(Dpc);
    UNREFERENCED_PARAMETER(SystemArgument1);
    UNREFERENCED_PARAMETER(SystemArgument2);
    while ((delayed = VspTake(context, &context->Delayed,
                              KeQueryInterruptTime())) != NULL) {
        VspComplete(delayed->Packet, STATUS_SUCCESS, delayed->Request.Argument,
                    NULL);
        ExFreePoolWithTag(delayed, VSP_TAG);
    }
}

static VOID VspSumGpadl(_In_ PVSP_CONTEXT Context, _In_ PVSP_DELAYED Delayed)
{
    NTSTATUS status;
    UINT32 sum = 0;
    PMDL mdl;

    status =
        VmbChannelMapGpadl(Context->Channel, VMBUS_CHANNEL_GPADL_FLAG_READ_ONLY,
                           Delayed->Request.Argument, &mdl);
    if (NT_SUCCESS(status)) {
        sum = VspSumChain(mdl, &status);
        VmbChannelUnmapGpadl(Context->Channel, Delayed->Request.Argument);
    }
    VspComplete(Delayed->Packet, status, sum, NULL);
}

static VOID VspWorkRoutine(_In_ PDEVICE_OBJECT DeviceObject,
                           _In_opt_ PVOID Context)
{
    PVSP_CONTEXT context = (PVSP_CONTEXT)Context;
    PVSP_DELAYED delayed;
    KIRQL irql;

    UNREFERENCED_PARAMETER(DeviceObject);
    PAGED_CODE();
    KeAcquireSpinLock(&context->Lock, &irql);
    context->WorkQueued = FALSE;
    KeReleaseSpinLock(&context->Lock, irql);

    while ((delayed = VspTake(context, &context->Working, 0)) != NULL) {
        if (delayed->Request.Operation == VsOperationGpadl)
            VspSumGpadl(context, delayed);
        else
            VspComplete(delayed->Packet, STATUS_SUCCESS, 0, NULL);
        ExFreePoolWithTag(delayed, VSP_TAG);
    }

    KeAcquireSpinLock(&context->Lock, &irql);
    if (--context->WorkRunning == 0)
        KeSetEvent(&context->WorkDone, IO_NO_INCREMENT, FALSE);
    KeReleaseSpinLock(&context->Lock, irql);
}

static VOID VspQueueWork(_In_ PVSP_CONTEXT Context)
{
    KLOCK_QUEUE_HANDLE handle;

    KeAcquireInStackQueuedSpinLock(&Context->Lock, &handle);
    if (!Context->WorkQueued) {
        Context->WorkQueued = TRUE;
        Context->WorkRunning++;
        KeClearEvent(&Context->WorkDone);
        IoQueueWorkItem(Context->WorkItem, VspWorkRoutine, DelayedWorkQueue,
                        Context);
    }
    KeReleaseInStackQueuedSpinLock(&handle);
}

/* ---- packets ------------------------------------------------------------- */

static VOID VspNotify(_In_ PVSP_CONTEXT Context,
                      _In_ VMBPACKETCOMPLETION Packet, _In_ UINT32 Count)
{
    NTSTATUS status = STATUS_SUCCESS;
    VS_NOTICE notice;
    UINT32 sent;

    RtlZeroMemory(&notice, sizeof(notice));
    for (sent = 0; sent < Count && NT_SUCCESS(status); sent++) {
        VMBPACKET packet = VmbPacketAllocate(Context->Channel);

        if (packet == NULL) {
            status = STATUS_INSUFFICIENT_RESOURCES;
            break;
        }
        notice.Number = sent;
        status = VmbPacketSend(packet, &notice, sizeof(notice), NULL, 0);
        if (!NT_SUCCESS(status))
            VmbPacketFree(packet);
    }
    VspComplete(Packet, status, sent, NULL);
}

static VOID VspEcho(_In_ VMBPACKETCOMPLETION Packet, _In_ PVS_REQUEST Request)
{
    CHAR text[VS_TEXT_LENGTH];
    ULONG i;

    for (i = 0; i < VS_TEXT_LENGTH; i++) {
        CHAR letter = Request->Text[i];

        text[i] =
            (letter >= 'a' && letter <= 'z') ? letter - 'a' + 'A' : letter;
    }
    VspComplete(Packet, STATUS_SUCCESS, Request->Length, text);
}

static VOID VspSumExternal(_In_ VMBPACKETCOMPLETION Packet, _In_ UINT32 Flags)
{
    NTSTATUS status;
    UINT32 sum = 0;
    PMDL mdl;

    if ((Flags & VMBUS_CHANNEL_PROCESS_PACKET_FLAGS) == 0) {
        VspComplete(Packet, STATUS_INVALID_PARAMETER, 0, NULL);
        return;
    }
    if (KeGetCurrentIrql() != PASSIVE_LEVEL) {
        VmbChannelPacketDeferToPassive(Packet);
        return;
    }
    status = VmbChannelPacketGetExternalData(
        Packet, VMBUS_CHANNEL_PACKET_EXTERNAL_DATA_FLAG_READ_ONLY, &mdl);
    if (status == STATUS_PENDING)
        return;
    if (NT_SUCCESS(status))
        sum = VspSumChain(mdl, &status);
    VspComplete(Packet, status, sum, NULL);
}

static VOID VspProcessPacket(_In_ VMBCHANNEL Channel,
                             _In_ VMBPACKETCOMPLETION Packet, _In_ PVOID Buffer,
                             _In_ UINT32 BufferLength, _In_ UINT32 Flags)
{
    PVSP_CONTEXT context = (PVSP_CONTEXT)VmbChannelGetPointer(Channel);
    VS_REQUEST request;

    if (BufferLength < sizeof(request)) {
        VmbChannelPacketFail(Packet);
        return;
    }
    RtlCopyMemory(&request, Buffer, sizeof(request));
    InterlockedIncrement(&context->Requests);

    switch (request.Operation) {
    case VsOperationVersion:
        VspComplete(Packet,
                    request.Argument == VS_VERSION_1 ? STATUS_SUCCESS
                                                     : STATUS_REVISION_MISMATCH,
                    VS_VERSION_1, NULL);
        break;
    case VsOperationEcho:
        VspEcho(Packet, &request);
        break;
    case VsOperationDelay:
        VspKeep(context, &context->Delayed, Packet, &request,
                KeQueryInterruptTime() +
                    (ULONGLONG)request.Argument * VSP_UNITS_PER_MS);
        break;
    case VsOperationSum:
        VspSumExternal(Packet, Flags);
        break;
    case VsOperationWork:
    case VsOperationGpadl:
        VspKeep(context, &context->Working, Packet, &request, 0);
        VspQueueWork(context);
        break;
    case VsOperationNotify:
        VspNotify(context, Packet, request.Argument);
        break;
    default:
        VspComplete(Packet, STATUS_INVALID_DEVICE_REQUEST, 0, NULL);
        break;
    }
}

/* ---- the channel --------------------------------------------------------- */

static NTSTATUS VspChannelOpened(_In_ VMBCHANNEL Channel)
{
    PVSP_CONTEXT context = (PVSP_CONTEXT)VmbChannelGetPointer(Channel);
    LARGE_INTEGER dueTime;

    dueTime.QuadPart = -VSP_TICK_MS * VSP_UNITS_PER_MS;
    KeSetTimerEx(&context->Timer, dueTime, VSP_TICK_MS, &context->TimerDpc);
    DbgPrint("vsp: a guest has opened the channel\n");
    return STATUS_SUCCESS;
}

/* Whatever is kept is answered now, because KMCL waits for it. */
static VOID VspChannelSuspend(_In_ VMBCHANNEL Channel)
{
    PVSP_CONTEXT context = (PVSP_CONTEXT)VmbChannelGetPointer(Channel);
    PVSP_DELAYED delayed;

    while ((delayed = VspTake(context, &context->Delayed, MAXULONGLONG)) !=
           NULL) {
        VspComplete(delayed->Packet, STATUS_CANCELLED, 0, NULL);
        ExFreePoolWithTag(delayed, VSP_TAG);
    }
}

static VOID VspChannelClosed(_In_ VMBCHANNEL Channel)
{
    PVSP_CONTEXT context = (PVSP_CONTEXT)VmbChannelGetPointer(Channel);

    KeCancelTimer(&context->Timer);
    DbgPrint("vsp: closed after %d requests\n", context->Requests);
}

static NTSTATUS VspConfigureChannel(_In_ PVSP_CONTEXT Context)
{
    DECLARE_CONST_UNICODE_STRING(friendlyName, L"Sample VSP");
    VMB_CHANNEL_STATE_CHANGE_CALLBACKS callbacks;
    NTSTATUS status;

    VmbChannelSetPointer(Context->Channel, Context);
    VMB_CHANNEL_STATE_CHANGE_CALLBACKS_INIT(&callbacks);
    callbacks.EvtChannelOpened = VspChannelOpened;
    callbacks.EvtChannelSuspend = VspChannelSuspend;
    callbacks.EvtChannelClosed = VspChannelClosed;

    status =
        VmbChannelInitSetStateChangeCallbacks(Context->Channel, &callbacks);
    if (!NT_SUCCESS(status))
        return status;
    status = VmbChannelInitSetProcessPacketCallbacks(Context->Channel,
                                                     VspProcessPacket, NULL);
    if (!NT_SUCCESS(status))
        return status;
    status = VmbChannelInitSetFriendlyName(Context->Channel, &friendlyName);
    if (!NT_SUCCESS(status))
        return status;
    status =
        VmbChannelInitSetMaximumPacketSize(Context->Channel, VS_MAXIMUM_PACKET);
    if (!NT_SUCCESS(status))
        return status;
    status = VmbChannelInitSetMaximumExternalData(
        Context->Channel, VS_MAXIMUM_EXTERNAL, VS_MAXIMUM_CHAIN);
    if (!NT_SUCCESS(status))
        return status;
    return VmbServerChannelInitSetTargetInterfaceId(
        Context->Channel, GUID_VS_INTERFACE, GUID_VS_INSTANCE);
}

static VOID VspDestroy(_In_ PVSP_CONTEXT Context)
{
    if (Context->Channel != NULL)
        VmbChannelCleanup(Context->Channel);
    if (Context->WorkItem != NULL)
        IoFreeWorkItem(Context->WorkItem);
    IoDeleteDevice(Context->DeviceObject);
}

static VOID VspUnload(_In_ PDRIVER_OBJECT DriverObject)
{
    PVSP_CONTEXT context =
        (PVSP_CONTEXT)DriverObject->DeviceObject->DeviceExtension;

    PAGED_CODE();
    VmbChannelDisable(context->Channel);
    KeFlushQueuedDpcs();
    KeWaitForSingleObject(&context->WorkDone, Executive, KernelMode, FALSE,
                          NULL);
    VspDestroy(context);
}

NTSTATUS DriverEntry(_In_ PDRIVER_OBJECT DriverObject,
                     _In_ PUNICODE_STRING RegistryPath)
{
    PDEVICE_OBJECT deviceObject;
    PVSP_CONTEXT context;
    NTSTATUS status;

    DbgPrint("vsp: %wZ\n", RegistryPath);
    DriverObject->DriverUnload = VspUnload;
    status = IoCreateDevice(DriverObject, sizeof(*context), NULL,
                            FILE_DEVICE_UNKNOWN, FILE_DEVICE_SECURE_OPEN, FALSE,
                            &deviceObject);
    if (!NT_SUCCESS(status))
        return status;
    context = (PVSP_CONTEXT)deviceObject->DeviceExtension;
    context->DeviceObject = deviceObject;
    KeInitializeSpinLock(&context->Lock);
    InitializeListHead(&context->Delayed);
    InitializeListHead(&context->Working);
    KeInitializeEvent(&context->WorkDone, NotificationEvent, TRUE);
    KeInitializeTimer(&context->Timer);
    KeInitializeDpc(&context->TimerDpc, VspTimerDpc, context);

    context->WorkItem = IoAllocateWorkItem(deviceObject);
    status = context->WorkItem != NULL ? STATUS_SUCCESS
                                       : STATUS_INSUFFICIENT_RESOURCES;
    if (NT_SUCCESS(status))
        status = VmbChannelAllocate(deviceObject, TRUE, &context->Channel);
    if (NT_SUCCESS(status))
        status = VspConfigureChannel(context);
    if (NT_SUCCESS(status))
        status = VmbChannelEnable(context->Channel);
    if (!NT_SUCCESS(status)) {
        VspDestroy(context);
        return status;
    }
    deviceObject->Flags &= ~DO_DEVICE_INITIALIZING;
    VmbChannelStart(context->Channel);
    return STATUS_SUCCESS;
}
