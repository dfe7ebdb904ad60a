/* SPDX-License-Identifier: BSD-2-Clause */
/* Clocks. All for any IRQL. [W] */
#ifndef WDK_TIME_H
#define WDK_TIME_H

#include "wdk/types.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The date: 100 ns units since 1 January 1601 UTC. */
VOID KeQuerySystemTime(_Out_ PLARGE_INTEGER CurrentTime);
#define KeQuerySystemTimePrecise(CurrentTime) KeQuerySystemTime(CurrentTime)

/**
 * Time since an arbitrary start, which never goes back.
 *
 * @return  units of 100 ns
 */
ULONGLONG KeQueryInterruptTime(VOID);
#define KeQueryUnbiasedInterruptTime() KeQueryInterruptTime()

/**
 * The same clock as a counter.
 *
 * @Frequency  receives counts per second: 10,000,000; may be NULL
 * @return     the count
 */
LARGE_INTEGER KeQueryPerformanceCounter(_Out_opt_ PLARGE_INTEGER Frequency);

/**
 * Units of 100 ns in a tick of KeQueryTickCount.
 *
 * @return  156,250, as on Windows
 */
ULONG KeQueryTimeIncrement(VOID);

/* Ticks since the same start. */
VOID KeQueryTickCount(_Out_ PLARGE_INTEGER CurrentCount);

/* Lets the processor wait in a loop; the longer it is, the worse. */
VOID KeStallExecutionProcessor(_In_ ULONG MicroSeconds);

#ifdef __cplusplus
}
#endif

#endif
