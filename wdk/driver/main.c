/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The application that a driver is: `main` runs DriverEntry. Linked into images
 * of WDK source that have no `main` of their own.
 */
#include "vmbare.h"
#include "wdk/driver.h"

/* The driver has it. */
DRIVER_INITIALIZE DriverEntry;

/* Weak: an application may have its own, which calls WdkRunDriver. */
__attribute__((weak)) int main(void)
{
    return NT_SUCCESS(WdkRunDriver(DriverEntry, "driver")) ? VMBARE_PASSED
                                                           : VMBARE_FAILED;
}
