/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Operations on shared numbers, each a full barrier, for any IRQL and any
 * processor. As on Windows, Increment and Decrement return the new value, the
 * others the value before. [W]
 */
#ifndef WDK_INTERLOCKED_H
#define WDK_INTERLOCKED_H

#include "wdk/types.h"

/* name, type, the compiler's operation, what is returned */
#define WDK_INTERLOCKED(name, type, operation)                        \
    FORCEINLINE type name(volatile type *Target, type Value)          \
    {                                                                 \
        return __atomic_##operation(Target, Value, __ATOMIC_SEQ_CST); \
    }
#define WDK_INTERLOCKED_STEP(name, type, operation)               \
    FORCEINLINE type name(volatile type *Target)                  \
    {                                                             \
        return __atomic_##operation(Target, 1, __ATOMIC_SEQ_CST); \
    }
#define WDK_INTERLOCKED_COMPARE(name, type)                              \
    FORCEINLINE type name(volatile type *Target, type Exchange,          \
                          type Comparand)                                \
    {                                                                    \
        __atomic_compare_exchange_n(Target, &Comparand, Exchange, 0,     \
                                    __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST); \
        return Comparand;                                                \
    }

WDK_INTERLOCKED_STEP(InterlockedIncrement, LONG, add_fetch)
WDK_INTERLOCKED_STEP(InterlockedDecrement, LONG, sub_fetch)
WDK_INTERLOCKED(InterlockedExchange, LONG, exchange_n)
WDK_INTERLOCKED(InterlockedExchangeAdd, LONG, fetch_add)
WDK_INTERLOCKED(InterlockedAdd, LONG, add_fetch)
WDK_INTERLOCKED(InterlockedAnd, LONG, fetch_and)
WDK_INTERLOCKED(InterlockedOr, LONG, fetch_or)
WDK_INTERLOCKED(InterlockedXor, LONG, fetch_xor)
WDK_INTERLOCKED_COMPARE(InterlockedCompareExchange, LONG)

WDK_INTERLOCKED_STEP(InterlockedIncrement64, LONG64, add_fetch)
WDK_INTERLOCKED_STEP(InterlockedDecrement64, LONG64, sub_fetch)
WDK_INTERLOCKED(InterlockedExchange64, LONG64, exchange_n)
WDK_INTERLOCKED(InterlockedExchangeAdd64, LONG64, fetch_add)
WDK_INTERLOCKED(InterlockedAdd64, LONG64, add_fetch)
WDK_INTERLOCKED(InterlockedAnd64, LONG64, fetch_and)
WDK_INTERLOCKED(InterlockedOr64, LONG64, fetch_or)
WDK_INTERLOCKED_COMPARE(InterlockedCompareExchange64, LONG64)

WDK_INTERLOCKED_STEP(InterlockedIncrement16, SHORT, add_fetch)
WDK_INTERLOCKED_STEP(InterlockedDecrement16, SHORT, sub_fetch)

/* Any pointer; returns the one before. */
#define InterlockedExchangePointer(Target, Value)                           \
    ((PVOID)__atomic_exchange_n((PVOID volatile *)(Target), (PVOID)(Value), \
                                __ATOMIC_SEQ_CST))

/* Stores Exchange where Target is Comparand; returns what it was. Any IRQL. */
FORCEINLINE PVOID WdkComparePointer(PVOID volatile *Target, PVOID Exchange,
                                    PVOID Comparand)
{
    __atomic_compare_exchange_n(Target, &Comparand, Exchange, 0,
                                __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
    return Comparand;
}
#define InterlockedCompareExchangePointer(Target, Exchange, Comparand) \
    WdkComparePointer((PVOID volatile *)(Target), (PVOID)(Exchange),   \
                      (PVOID)(Comparand))

/* Bit number `Bit` of *Base; what it was. Any IRQL. */
FORCEINLINE BOOLEAN InterlockedBitTestAndSet(volatile LONG *Base, LONG Bit)
{
    return (InterlockedOr(Base, (LONG)(1u << (Bit & 31))) >> (Bit & 31)) & 1;
}
FORCEINLINE BOOLEAN InterlockedBitTestAndReset(volatile LONG *Base, LONG Bit)
{
    return (InterlockedAnd(Base, (LONG) ~(1u << (Bit & 31))) >> (Bit & 31)) & 1;
}

#define ReadAcquire(Source)        __atomic_load_n((Source), __ATOMIC_ACQUIRE)
#define ReadNoFence(Source)        __atomic_load_n((Source), __ATOMIC_RELAXED)
#define ReadPointerAcquire(Source) ReadAcquire(Source)
#define WriteRelease(Target, Value) \
    __atomic_store_n((Target), (Value), __ATOMIC_RELEASE)
#define WriteNoFence(Target, Value) \
    __atomic_store_n((Target), (Value), __ATOMIC_RELAXED)

#define KeMemoryBarrier()             __atomic_thread_fence(__ATOMIC_SEQ_CST)
#define MemoryBarrier()               __atomic_thread_fence(__ATOMIC_SEQ_CST)
#define KeMemoryBarrierWithoutFence() __asm__ volatile("" ::: "memory")
#define YieldProcessor()              __asm__ volatile("pause" ::: "memory")

#endif
