/* SPDX-License-Identifier: BSD-2-Clause */
/* Clocks and processors, as the platform has them. */
#include "wdk/time.h"

#include "vmbus/seam.h"
#include "wdk/interlocked.h"
#include "wdk/platform.h"
#include "wdk/processor.h"

#define UNITS_PER_S    10000000
#define UNITS_PER_US   10u
#define UNITS_PER_TICK 156250u /* 15.625 ms */

/* The platform counts from 1601 already. */
VOID KeQuerySystemTime(PLARGE_INTEGER CurrentTime)
{
    CurrentTime->QuadPart = wdk_system_time();
}

/* The platform and Windows count in the same units. */
ULONGLONG KeQueryInterruptTime(VOID)
{
    return seam_now(wdk_seam());
}

/* One clock for all: 100 ns is as fine as Hyper-V tells time. */
LARGE_INTEGER KeQueryPerformanceCounter(PLARGE_INTEGER Frequency)
{
    if (Frequency)
        Frequency->QuadPart = UNITS_PER_S;
    return (LARGE_INTEGER){.QuadPart = (LONGLONG)KeQueryInterruptTime()};
}

ULONG KeQueryTimeIncrement(VOID)
{
    return UNITS_PER_TICK;
}

/* A tick is 15.625 ms on Windows, and drivers have that number in them. */
VOID KeQueryTickCount(PLARGE_INTEGER CurrentCount)
{
    CurrentCount->QuadPart =
        (LONGLONG)(KeQueryInterruptTime() / UNITS_PER_TICK);
}

/* No wait: nothing else runs on this processor meanwhile, at any level. */
VOID KeStallExecutionProcessor(ULONG MicroSeconds)
{
    uint64_t end =
        KeQueryInterruptTime() + (uint64_t)MicroSeconds * UNITS_PER_US;

    while (KeQueryInterruptTime() < end)
        YieldProcessor();
}

/* There is one group, number 0. */
ULONG KeGetCurrentProcessorNumberEx(PPROCESSOR_NUMBER ProcNumber)
{
    ULONG number = wdk_processor();

    if (ProcNumber)
        *ProcNumber = (PROCESSOR_NUMBER){.Number = (UCHAR)number};
    return number;
}

/* No processor comes or goes while the machine runs. */
ULONG KeQueryActiveProcessorCountEx(USHORT GroupNumber)
{
    (void)GroupNumber;
    return seam_cpu_count(wdk_seam());
}
