/* SPDX-License-Identifier: BSD-2-Clause */
/* Processors: one group, numbered from 0. All for any IRQL. [W] */
#ifndef WDK_PROCESSOR_H
#define WDK_PROCESSOR_H

#include "wdk/types.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct _PROCESSOR_NUMBER {
    USHORT Group;
    UCHAR Number;
    UCHAR Reserved;
} PROCESSOR_NUMBER, *PPROCESSOR_NUMBER;

#define ALL_PROCESSOR_GROUPS 0xffff

/**
 * The running processor. Below DISPATCH it may be another one at once.
 *
 * @ProcNumber  receives it with its group, 0; may be NULL
 * @return      its number
 */
ULONG KeGetCurrentProcessorNumberEx(_Out_opt_ PPROCESSOR_NUMBER ProcNumber);
#define KeGetCurrentProcessorNumber() KeGetCurrentProcessorNumberEx(NULL)
#define KeGetCurrentProcessorIndex()  KeGetCurrentProcessorNumberEx(NULL)

/**
 * How many processors take part.
 *
 * @GroupNumber  without effect
 * @return       1 or more
 */
ULONG KeQueryActiveProcessorCountEx(_In_ USHORT GroupNumber);
#define KeQueryMaximumProcessorCountEx(GroupNumber) \
    KeQueryActiveProcessorCountEx(GroupNumber)
#define KeQueryActiveProcessorCount(ActiveProcessors) \
    ((void)(ActiveProcessors), KeQueryActiveProcessorCountEx(0))

#ifdef __cplusplus
}
#endif

#endif
