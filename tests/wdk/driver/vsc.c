/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Sample VSC: the client end of the sample device, as a driver of a guest would
 * be written. It opens the channel, negotiates, and then exercises the device
 * from a work item: VscFinished tells when, VscResult how that ended.
 */
#include <wdm.h>
#include <initguid.h>
#include "vsproto.h"

#define VSC_TAG              'csV '
#define VSC_PACKETS          16
#define VSC_NOTICES          5
#define VSC_BUFFER_SIZE      (3 * PAGE_SIZE + 40)
#define VSC_GPADL_SIZE       (2 * PAGE_SIZE)
#define VSC_PATIENCE         (-200000000LL) /* 20 s */
#define VSC_STEP(expression) VscStep((expression), #expression)

/* One request under way. */
typedef struct _VSC_TRANSACTION {
    SLIST_ENTRY ListEntry; /* while it is free */
    VMBPACKET Packet;
    KEVENT Done;
    NTSTATUS Status;
    VS_ANSWER Answer;
} VSC_TRANSACTION, *PVSC_TRANSACTION;

typedef struct _VSC_CONTEXT {
    PDEVICE_OBJECT DeviceObject;
    VMBCHANNEL Channel;
    KEVENT Opened;
    KSEMAPHORE Notices;
    volatile LONG NextNotice;
    PUCHAR Shared; /* behind Gpadl */
    UINT32 Gpadl;
    SLIST_HEADER Free;
    PVSC_TRANSACTION Transactions;
    PIO_WORKITEM WorkItem;
} VSC_CONTEXT, *PVSC_CONTEXT;

/* For whoever loaded this driver. */
KEVENT VscFinished;
NTSTATUS VscResult;

DRIVER_INITIALIZE DriverEntry;
static DRIVER_UNLOAD VscUnload;
static EVT_VMB_CHANNEL_OPENED VscChannelOpened;
static EVT_VMB_CHANNEL_POST_STARTED VscChannelPostStarted;
static EVT_VMB_CHANNEL_CLOSED VscChannelClosed;
static EVT_VMB_CHANNEL_PROCESS_PACKET VscProcessPacket;
static EVT_VMB_PACKET_COMPLETION_ROUTINE VscPacketCompleted;
static IO_WORKITEM_ROUTINE VscExercise;

static NTSTATUS VscStep(_In_ NTSTATUS Status, _In_ PCSTR What)
{
    if (!NT_SUCCESS(Status))
        DbgPrintEx(DPFLTR_IHVDRIVER_ID, DPFLTR_ERROR_LEVEL,
                   "vsc: %s: status 0x%08X\n", What, Status);
    return Status;
}

/* ---- one request --------------------------------------------------------- */

static VOID VscPacketCompleted(_In_ VMBPACKET Packet, _In_ NTSTATUS Status,
                               _In_ PVOID Buffer, _In_ UINT32 BufferLength)
{
    PVSC_TRANSACTION transaction =
        (PVSC_TRANSACTION)VmbPacketGetPointer(Packet);

    if (NT_SUCCESS(Status) && BufferLength < sizeof(transaction->Answer))
        Status = STATUS_BUFFER_TOO_SMALL;
    if (NT_SUCCESS(Status)) {
        RtlCopyMemory(&transaction->Answer, Buffer,
                      sizeof(transaction->Answer));
        Status = transaction->Answer.Status;
    }
    transaction->Status = Status;
    KeSetEvent(&transaction->Done, IO_NO_INCREMENT, FALSE);
}

static PVSC_TRANSACTION VscSend(_In_ PVSC_CONTEXT Context,
                                _In_ UINT32 Operation, _In_ UINT32 Argument,
                                _In_opt_ PMDL Mdl)
{
    PVSC_TRANSACTION transaction;
    VS_REQUEST request;
    NTSTATUS status;

    transaction = (PVSC_TRANSACTION)InterlockedPopEntrySList(&Context->Free);
    if (transaction == NULL)
        return NULL;
    RtlZeroMemory(&request, sizeof(request));
    request.Operation = Operation;
    request.Argument = Argument;
    KeClearEvent(&transaction->Done);
    status = VmbPacketSend(transaction->Packet, &request, sizeof(request), Mdl,
                           VMBUS_CHANNEL_FORMAT_FLAG_WAIT_FOR_COMPLETION);
    if (!NT_SUCCESS(status)) {
        transaction->Status = status;
        KeSetEvent(&transaction->Done, IO_NO_INCREMENT, FALSE);
    }
    return transaction;
}

/* The answer; the transaction is free again. */
static NTSTATUS VscWait(_In_ PVSC_CONTEXT Context,
                        _In_opt_ PVSC_TRANSACTION Transaction,
                        _Out_ PVS_ANSWER Answer)
{
    LARGE_INTEGER timeout;
    NTSTATUS status;

    if (Transaction == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    timeout.QuadPart = VSC_PATIENCE;
    status = KeWaitForSingleObject(&Transaction->Done, Executive, KernelMode,
                                   FALSE, &timeout);
    if (status != STATUS_SUCCESS)
        return STATUS_IO_TIMEOUT; /* the packet is still the channel's */
    *Answer = Transaction->Answer;
    status = Transaction->Status;
    InterlockedPushEntrySList(&Context->Free, &Transaction->ListEntry);
    return status;
}

/* ---- what is exercised --------------------------------------------------- */

static NTSTATUS VscTryEcho(_In_ PVSC_CONTEXT Context)
{
    VS_REQUEST request;
    VS_ANSWER answer;
    UINT32 size = sizeof(answer);
    NTSTATUS status;

    RtlZeroMemory(&request, sizeof(request));
    request.Operation = VsOperationEcho;
    request.Length = 5;
    RtlCopyMemory(request.Text, "hello", 5);
    status = VmbChannelSendSynchronousRequest(
        Context->Channel, &request, sizeof(request), NULL,
        VMBUS_CHANNEL_FORMAT_FLAG_WAIT_FOR_COMPLETION, &answer, &size, NULL);
    if (!NT_SUCCESS(status))
        return status;
    if (size != sizeof(answer) ||
        RtlCompareMemory(answer.Text, "HELLO", 5) != 5)
        return STATUS_DATA_ERROR;
    return answer.Status;
}

/* The later a request is sent, the sooner its answer is due. */
static NTSTATUS VscTryDelays(_In_ PVSC_CONTEXT Context)
{
    PVSC_TRANSACTION sent[VSC_PACKETS];
    ULONGLONG began = KeQueryInterruptTime();
    NTSTATUS status = STATUS_SUCCESS;
    VS_ANSWER answer;
    ULONG i;

    for (i = 0; i < VSC_PACKETS; i++)
        sent[i] =
            VscSend(Context, VsOperationDelay, 5 * (VSC_PACKETS - i), NULL);
    if (InterlockedPopEntrySList(&Context->Free) != NULL)
        return STATUS_DATA_ERROR;
    for (i = 0; i < VSC_PACKETS && NT_SUCCESS(status); i++) {
        status = VscWait(Context, sent[i], &answer);
        if (NT_SUCCESS(status) && answer.Value != 5 * (VSC_PACKETS - i))
            status = STATUS_DATA_ERROR;
    }
    if (NT_SUCCESS(status) &&
        KeQueryInterruptTime() - began < 5 * VSC_PACKETS * 10000ULL)
        status = STATUS_TOO_LATE; /* sooner than it was asked for */
    return status;
}

static NTSTATUS VscTryExternal(_In_ PVSC_CONTEXT Context)
{
    PUCHAR buffer;
    VS_ANSWER answer;
    NTSTATUS status;
    UINT32 sum = 0;
    PMDL mdl;
    ULONG i;

    buffer = ExAllocatePoolWithTag(NonPagedPoolNx, VSC_BUFFER_SIZE, VSC_TAG);
    if (buffer == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    for (i = 0; i < VSC_BUFFER_SIZE; i++) {
        buffer[i] = (UCHAR)(i * 7);
        sum += buffer[i];
    }
    mdl = IoAllocateMdl(buffer, VSC_BUFFER_SIZE, FALSE, FALSE, NULL);
    if (mdl == NULL) {
        ExFreePoolWithTag(buffer, VSC_TAG);
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    MmBuildMdlForNonPagedPool(mdl);
    status =
        VscWait(Context, VscSend(Context, VsOperationSum, 0, mdl), &answer);
    if (NT_SUCCESS(status) &&
        (answer.Value != sum || answer.Irql != PASSIVE_LEVEL))
        status = STATUS_DATA_ERROR;
    IoFreeMdl(mdl);
    ExFreePoolWithTag(buffer, VSC_TAG);
    return status;
}

static NTSTATUS VscTryGpadl(_In_ PVSC_CONTEXT Context)
{
    VS_ANSWER answer;
    NTSTATUS status;
    UINT32 sum = 0;
    ULONG i;

    for (i = 0; i < VSC_GPADL_SIZE; i++) {
        Context->Shared[i] = (UCHAR)(i ^ (i >> 8));
        sum += Context->Shared[i];
    }
    status = VscWait(Context,
                     VscSend(Context, VsOperationGpadl, Context->Gpadl, NULL),
                     &answer);
    if (NT_SUCCESS(status) && answer.Value != sum)
        status = STATUS_DATA_ERROR;
    return status;
}

static NTSTATUS VscTryNotices(_In_ PVSC_CONTEXT Context)
{
    LARGE_INTEGER timeout;
    VS_ANSWER answer;
    NTSTATUS status;
    ULONG i;

    status =
        VscWait(Context, VscSend(Context, VsOperationNotify, VSC_NOTICES, NULL),
                &answer);
    timeout.QuadPart = VSC_PATIENCE;
    for (i = 0; i < VSC_NOTICES && status == STATUS_SUCCESS; i++)
        status = KeWaitForSingleObject(&Context->Notices, Executive, KernelMode,
                                       FALSE, &timeout);
    if (status == STATUS_TIMEOUT)
        return STATUS_IO_TIMEOUT;
    if (NT_SUCCESS(status) && Context->NextNotice != VSC_NOTICES)
        status = STATUS_DATA_ERROR;
    return status;
}

static VOID VscExercise(_In_ PDEVICE_OBJECT DeviceObject,
                        _In_opt_ PVOID Context)
{
    PVSC_CONTEXT context = (PVSC_CONTEXT)Context;
    LARGE_INTEGER timeout;
    VS_ANSWER answer;
    NTSTATUS status;

    UNREFERENCED_PARAMETER(DeviceObject);
    timeout.QuadPart = VSC_PATIENCE;
    status = KeWaitForSingleObject(&context->Opened, Executive, KernelMode,
                                   FALSE, &timeout);
    if (status != STATUS_SUCCESS)
        status = VSC_STEP(STATUS_NO_SUCH_DEVICE);
    if (NT_SUCCESS(status))
        status = VSC_STEP(VscTryEcho(context));
    if (NT_SUCCESS(status))
        status = VSC_STEP(VscTryDelays(context));
    if (NT_SUCCESS(status))
        status = VSC_STEP(VscTryExternal(context));
    if (NT_SUCCESS(status))
        status = VSC_STEP(VscTryGpadl(context));
    if (NT_SUCCESS(status))
        status = VSC_STEP(VscTryNotices(context));
    if (NT_SUCCESS(status) && VscWait(context, VscSend(context, 99, 0, NULL),
                                      &answer) != STATUS_INVALID_DEVICE_REQUEST)
        status = VSC_STEP(STATUS_DATA_ERROR);
    DbgPrint("vsc: exercised, status 0x%08X\n", status);
    VscResult = status;
    KeSetEvent(&VscFinished, IO_NO_INCREMENT, FALSE);
}

/* ---- the channel --------------------------------------------------------- */

static VOID VscProcessPacket(_In_ VMBCHANNEL Channel,
                             _In_ VMBPACKETCOMPLETION Packet, _In_ PVOID Buffer,
                             _In_ UINT32 BufferLength, _In_ UINT32 Flags)
{
    PVSC_CONTEXT context = (PVSC_CONTEXT)VmbChannelGetPointer(Channel);
    VS_NOTICE notice;

    UNREFERENCED_PARAMETER(Flags);
    if (BufferLength >= sizeof(notice)) {
        RtlCopyMemory(&notice, Buffer, sizeof(notice));
        if (notice.Number == (UINT32)context->NextNotice)
            InterlockedIncrement(&context->NextNotice);
        KeReleaseSemaphore(&context->Notices, IO_NO_INCREMENT, 1, FALSE);
    }
    VmbChannelPacketComplete(Packet, NULL, 0);
}

static NTSTATUS VscChannelOpened(_In_ VMBCHANNEL Channel)
{
    PVSC_CONTEXT context = (PVSC_CONTEXT)VmbChannelGetPointer(Channel);

    return VmbChannelCreateGpadlFromBuffer(Channel, 0, context->Shared,
                                           VSC_GPADL_SIZE, &context->Gpadl);
}

static VOID VscChannelPostStarted(_In_ VMBCHANNEL Channel)
{
    PVSC_CONTEXT context = (PVSC_CONTEXT)VmbChannelGetPointer(Channel);
    VS_REQUEST request;
    VS_ANSWER answer;
    UINT32 size = sizeof(answer);
    NTSTATUS status;

    RtlZeroMemory(&request, sizeof(request));
    request.Operation = VsOperationVersion;
    request.Argument = VS_VERSION_1;
    status = VmbChannelSendSynchronousRequest(
        Channel, &request, sizeof(request), NULL,
        VMBUS_CHANNEL_FORMAT_FLAG_WAIT_FOR_COMPLETION, &answer, &size, NULL);
    if (NT_SUCCESS(status))
        status = answer.Status;
    if (NT_SUCCESS(VSC_STEP(status)))
        KeSetEvent(&context->Opened, IO_NO_INCREMENT, FALSE);
}

static VOID VscChannelClosed(_In_ VMBCHANNEL Channel)
{
    PVSC_CONTEXT context = (PVSC_CONTEXT)VmbChannelGetPointer(Channel);

    KeClearEvent(&context->Opened);
    VmbChannelDeleteGpadl(Channel, context->Gpadl);
}

/* ---- the driver ---------------------------------------------------------- */

static NTSTATUS VscConfigureChannel(_In_ PVSC_CONTEXT Context)
{
    VMB_CHANNEL_STATE_CHANGE_CALLBACKS callbacks;
    UNICODE_STRING friendlyName;
    NTSTATUS status;

    VmbChannelSetPointer(Context->Channel, Context);
    RtlInitUnicodeString(&friendlyName, L"Sample VSC");
    VMB_CHANNEL_STATE_CHANGE_CALLBACKS_INIT(&callbacks);
    callbacks.EvtChannelOpened = VscChannelOpened;
    callbacks.EvtChannelPostStarted = VscChannelPostStarted;
    callbacks.EvtChannelClosed = VscChannelClosed;

    status = VmbChannelInitSetFriendlyName(Context->Channel, &friendlyName);
    if (NT_SUCCESS(status))
        status =
            VmbChannelInitSetStateChangeCallbacks(Context->Channel, &callbacks);
    if (NT_SUCCESS(status))
        status = VmbChannelInitSetProcessPacketCallbacks(
            Context->Channel, VscProcessPacket, NULL);
    if (NT_SUCCESS(status))
        status = VmbChannelInitSetMaximumPacketSize(Context->Channel,
                                                    VS_MAXIMUM_PACKET);
    if (NT_SUCCESS(status))
        status = VmbChannelInitSetMaximumExternalData(
            Context->Channel, VS_MAXIMUM_EXTERNAL, VS_MAXIMUM_CHAIN);
    if (NT_SUCCESS(status))
        status = VmbClientChannelInitSetTargetPnp(
            Context->Channel, &GUID_VS_INTERFACE, NULL, NULL);
    return status;
}

static NTSTATUS VscCreatePackets(_In_ PVSC_CONTEXT Context)
{
    ULONG i;

    Context->Transactions = ExAllocatePool2(
        POOL_FLAG_NON_PAGED, VSC_PACKETS * sizeof(VSC_TRANSACTION), VSC_TAG);
    if (Context->Transactions == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    for (i = 0; i < VSC_PACKETS; i++) {
        PVSC_TRANSACTION transaction = &Context->Transactions[i];

        transaction->Packet = VmbPacketAllocate(Context->Channel);
        if (transaction->Packet == NULL)
            return STATUS_INSUFFICIENT_RESOURCES;
        VmbPacketSetPointer(transaction->Packet, transaction);
        VmbPacketSetCompletionRoutine(transaction->Packet, VscPacketCompleted);
        KeInitializeEvent(&transaction->Done, NotificationEvent, FALSE);
        InterlockedPushEntrySList(&Context->Free, &transaction->ListEntry);
    }
    return STATUS_SUCCESS;
}

static VOID VscDestroy(_In_ PVSC_CONTEXT Context)
{
    ULONG i;

    for (i = 0; Context->Transactions != NULL && i < VSC_PACKETS; i++) {
        if (Context->Transactions[i].Packet != NULL)
            VmbPacketFree(Context->Transactions[i].Packet);
    }
    if (Context->Transactions != NULL)
        ExFreePoolWithTag(Context->Transactions, VSC_TAG);
    if (Context->Channel != NULL)
        VmbChannelCleanup(Context->Channel);
    if (Context->Shared != NULL)
        ExFreePoolWithTag(Context->Shared, VSC_TAG);
    if (Context->WorkItem != NULL)
        IoFreeWorkItem(Context->WorkItem);
    IoDeleteDevice(Context->DeviceObject);
}

static VOID VscUnload(_In_ PDRIVER_OBJECT DriverObject)
{
    PVSC_CONTEXT context =
        (PVSC_CONTEXT)DriverObject->DeviceObject->DeviceExtension;

    PAGED_CODE();
    KeWaitForSingleObject(&VscFinished, Executive, KernelMode, FALSE, NULL);
    VmbChannelDisable(context->Channel);
    VscDestroy(context);
}

NTSTATUS DriverEntry(_In_ PDRIVER_OBJECT DriverObject,
                     _In_ PUNICODE_STRING RegistryPath)
{
    PDEVICE_OBJECT deviceObject;
    PVSC_CONTEXT context;
    NTSTATUS status;

    UNREFERENCED_PARAMETER(RegistryPath);
    KeInitializeEvent(&VscFinished, NotificationEvent, FALSE);
    DriverObject->DriverUnload = VscUnload;
    status = IoCreateDevice(DriverObject, sizeof(*context), NULL,
                            FILE_DEVICE_UNKNOWN, 0, FALSE, &deviceObject);
    if (!NT_SUCCESS(status))
        return status;
    context = (PVSC_CONTEXT)deviceObject->DeviceExtension;
    context->DeviceObject = deviceObject;
    KeInitializeEvent(&context->Opened, NotificationEvent, FALSE);
    KeInitializeSemaphore(&context->Notices, 0, MAXLONG);
    InitializeSListHead(&context->Free);

    context->WorkItem = IoAllocateWorkItem(deviceObject);
    context->Shared =
        ExAllocatePool2(POOL_FLAG_NON_PAGED, VSC_GPADL_SIZE, VSC_TAG);
    status = context->WorkItem != NULL && context->Shared != NULL
                 ? STATUS_SUCCESS
                 : STATUS_INSUFFICIENT_RESOURCES;
    if (NT_SUCCESS(status))
        status = VSC_STEP(
            VmbChannelAllocate(deviceObject, FALSE, &context->Channel));
    if (NT_SUCCESS(status))
        status = VSC_STEP(VscConfigureChannel(context));
    if (NT_SUCCESS(status))
        status = VSC_STEP(VscCreatePackets(context));
    if (NT_SUCCESS(status))
        status = VSC_STEP(VmbChannelEnable(context->Channel));
    if (!NT_SUCCESS(status)) {
        VscDestroy(context);
        return status;
    }
    deviceObject->Flags &= ~DO_DEVICE_INITIALIZING;
    IoQueueWorkItem(context->WorkItem, VscExercise, DelayedWorkQueue, context);
    return STATUS_SUCCESS;
}
