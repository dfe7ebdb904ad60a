/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Both sample drivers in one image, on the loopback; then what only several
 * processors show: DPCs there, and events and locks between them.
 */
#include "samples.h"
#include "vmbare.h"

#define ROUNDS 20000

static unsigned number, failures;

static void result(BOOLEAN good, PCSTR what)
{
    number++;
    failures += !good;
    DbgPrint("%s %u - %s", good ? "ok" : "not ok", number, what);
}

/* ---- the drivers --------------------------------------------------------- */

static void run_samples(void)
{
    PDRIVER_OBJECT vsp, vsc;
    ULONG blocks = WdkPoolBlocks();

    result(NT_SUCCESS(WdkLoadDriver(VspDriverEntry, "vsp", &vsp)),
           "the VSP starts");
    result(NT_SUCCESS(WdkLoadDriver(VscDriverEntry, "vsc", &vsc)),
           "the VSC starts");
    if (!vsp || !vsc)
        return;
    KeWaitForSingleObject(&VscFinished, Executive, KernelMode, FALSE, NULL);
    result(NT_SUCCESS(VscResult), "the VSC gets the right answers");
    WdkUnloadDriver(vsc);
    WdkUnloadDriver(vsp);
    result(WdkPoolBlocks() == blocks, "the drivers give back all memory");
}

/* ---- several processors -------------------------------------------------- */

static struct {
    KDPC dpc[2];
    KEVENT done[2];
    KSPIN_LOCK lock;
    ULONG on[2];  /* the processor that each ran on, + 1 */
    ULONG locked; /* counted under the lock */
    LONG atomic;  /* counted by InterlockedIncrement */
    KIRQL irql;
} shared;

static KDEFERRED_ROUTINE count;

static VOID count(PKDPC Dpc, PVOID Context, PVOID Argument1, PVOID Argument2)
{
    ULONG self = (ULONG)(ULONG_PTR)Context;

    UNREFERENCED_PARAMETER(Dpc);
    UNREFERENCED_PARAMETER(Argument1);
    UNREFERENCED_PARAMETER(Argument2);
    shared.on[self] = KeGetCurrentProcessorNumber() + 1;
    shared.irql = KeGetCurrentIrql();
    for (ULONG i = 0; i < ROUNDS; i++) {
        KeAcquireSpinLockAtDpcLevel(&shared.lock);
        shared.locked++;
        KeReleaseSpinLockFromDpcLevel(&shared.lock);
        InterlockedIncrement(&shared.atomic);
    }
    KeSetEvent(&shared.done[self], IO_NO_INCREMENT, FALSE);
}

static void run_processors(void)
{
    PVOID both[2] = {&shared.done[0], &shared.done[1]};
    ULONG processors = KeQueryActiveProcessorCountEx(ALL_PROCESSOR_GROUPS);
    LARGE_INTEGER second = {.QuadPart = -100000000LL};
    NTSTATUS status;

    for (ULONG i = 0; i < 2; i++) {
        KeInitializeEvent(&shared.done[i], NotificationEvent, FALSE);
        KeInitializeDpc(&shared.dpc[i], count, (PVOID)(ULONG_PTR)i);
        KeSetTargetProcessorDpc(&shared.dpc[i], (CCHAR)(i % processors));
    }
    KeInsertQueueDpc(&shared.dpc[1], NULL, NULL);
    KeInsertQueueDpc(&shared.dpc[0], NULL, NULL);
    status = KeWaitForMultipleObjects(2, both, WaitAll, Executive, KernelMode,
                                      FALSE, &second, NULL);
    result(status == STATUS_WAIT_0, "two DPCs end a wait for both");
    result(processors == 2, "there are two processors");
    result(shared.on[0] == 1 && shared.on[1] == 2,
           "each DPC runs on its processor");
    result(shared.irql == DISPATCH_LEVEL, "a DPC runs at DISPATCH_LEVEL");
    result(shared.locked == 2 * ROUNDS && shared.atomic == 2 * ROUNDS,
           "the spin lock and the counter lose nothing");
}

int main(void)
{
    if (!vmbare_loopback())
        return VMBARE_FAILED;
    run_samples();
    run_processors();
    DbgPrint("1..%u, %u failed", number, failures);
    return failures ? VMBARE_FAILED : VMBARE_PASSED;
}
