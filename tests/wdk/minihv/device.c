/* SPDX-License-Identifier: BSD-2-Clause */
/* minihv's hook for one more device: the sample VSP, which stays to the end. */
#include "device.h"
#include "minihv.h"
#include "wdk/driver.h"

DRIVER_INITIALIZE DriverEntry;

void device_prepare_more(void)
{
    static PDRIVER_OBJECT vsp;
    NTSTATUS status = WdkLoadDriver(DriverEntry, "vsp", &vsp);

    if (!NT_SUCCESS(status))
        minihv_failed("the sample VSP does not start: status 0x%x",
                      (unsigned)status);
}
