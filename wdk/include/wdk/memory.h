/* SPDX-License-Identifier: BSD-2-Clause */
/* Bytes: copying, filling, comparing. Any IRQL. [W] */
#ifndef WDK_MEMORY_H
#define WDK_MEMORY_H

#include "wdk/types.h"

#define RtlCopyMemory(Destination, Source, Length) \
    __builtin_memcpy((Destination), (Source), (Length))
#define RtlCopyBytes(Destination, Source, Length) \
    RtlCopyMemory((Destination), (Source), (Length))
#define RtlMoveMemory(Destination, Source, Length) \
    __builtin_memmove((Destination), (Source), (Length))
#define RtlFillMemory(Destination, Length, Fill) \
    __builtin_memset((Destination), (Fill), (Length))
#define RtlZeroMemory(Destination, Length) \
    __builtin_memset((Destination), 0, (Length))
#define RtlZeroBytes(Destination, Length) RtlZeroMemory((Destination), (Length))

#define RtlEqualMemory(A, B, Length) (!__builtin_memcmp((A), (B), (Length)))

/* How many bytes at the start are the same: Length when all are. */
FORCEINLINE SIZE_T RtlCompareMemory(_In_ const VOID *Source1,
                                    _In_ const VOID *Source2,
                                    _In_ SIZE_T Length)
{
    const UCHAR *a = (const UCHAR *)Source1, *b = (const UCHAR *)Source2;
    SIZE_T same = 0;

    while (same < Length && a[same] == b[same])
        same++;
    return same;
}

/* Fills with zeroes, also where nobody reads them again. */
FORCEINLINE PVOID RtlSecureZeroMemory(_Out_writes_bytes_all_(Length) PVOID Ptr,
                                      _In_ SIZE_T Length)
{
    volatile UCHAR *byte = (volatile UCHAR *)Ptr;

    while (Length--)
        *byte++ = 0;
    return Ptr;
}

#endif
