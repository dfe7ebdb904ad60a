/* SPDX-License-Identifier: BSD-2-Clause */
/* Runs the sample VSP and the sample VSC of tests/wdk, unchanged, on the
 * loopback: an application with a main of its own and two drivers. */
#include <ntddk.h>

#include "vmbare.h"

DRIVER_INITIALIZE VspDriverEntry;
DRIVER_INITIALIZE VscDriverEntry;

extern KEVENT VscFinished;
extern NTSTATUS VscResult;

int main(void)
{
    PDRIVER_OBJECT vsp, vsc;

    if (!vmbare_loopback() ||
        !NT_SUCCESS(WdkLoadDriver(VspDriverEntry, "vsp", &vsp)) ||
        !NT_SUCCESS(WdkLoadDriver(VscDriverEntry, "vsc", &vsc)))
        return VMBARE_FAILED;
    KeWaitForSingleObject(&VscFinished, Executive, KernelMode, FALSE, NULL);
    WdkUnloadDriver(vsc);
    WdkUnloadDriver(vsp);
    DbgPrint("two drivers: 0x%08x, %s\n", VscResult, WdkStatusName(VscResult));
    return NT_SUCCESS(VscResult) ? VMBARE_PASSED : VMBARE_FAILED;
}
