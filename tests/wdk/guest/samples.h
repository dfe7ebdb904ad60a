/* SPDX-License-Identifier: BSD-2-Clause */
/* The entries of the sample drivers, and what the VSC says of its run. */
#ifndef TESTS_WDK_SAMPLES_H
#define TESTS_WDK_SAMPLES_H

#include <ntddk.h>

DRIVER_INITIALIZE VspDriverEntry;
DRIVER_INITIALIZE VscDriverEntry;

extern KEVENT VscFinished;
extern NTSTATUS VscResult;

#endif
