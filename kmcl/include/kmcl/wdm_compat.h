/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The WDM types that KMCL's prototypes are written in, for a bare-metal
 * 64-bit build. Widths are Windows': ULONG is 32 bits, WCHAR 16 (write u"..."
 * literals), BOOLEAN one byte that is tested for nonzero.
 *
 * Source compatibility only: the calling convention is the compiler's own.
 * Needs no language extension. Keep it out of translation units that include
 * GNU-EFI's headers, which define several of the same names; the macros here
 * yield to definitions that are there already.
 */
#ifndef KMCL_WDM_COMPAT_H
#define KMCL_WDM_COMPAT_H

#include <stddef.h>
#include <stdint.h>

#include "kmcl/ntstatus.h"
#include "kmcl/sal.h"

#ifdef __cplusplus
extern "C" {
#endif

#ifndef VOID
#define VOID void
#endif
#ifndef TRUE
#define TRUE 1
#endif
#ifndef FALSE
#define FALSE 0
#endif

/* A calling convention that means nothing here. */
#ifndef FASTCALL
#define FASTCALL
#endif

/* A condition that the compiler checks, as in the WDK. */
#ifndef C_ASSERT
#ifdef __cplusplus
#define C_ASSERT(condition) static_assert(condition, #condition)
#else
#define C_ASSERT(condition) _Static_assert(condition, #condition)
#endif
#endif

#ifndef UNREFERENCED_PARAMETER
#define UNREFERENCED_PARAMETER(p) ((void)(p))
#endif

typedef uint8_t UINT8, UCHAR, BOOLEAN, KIRQL;
typedef uint16_t UINT16, *PUINT16, USHORT, WCHAR;
typedef uint32_t UINT32, *PUINT32, ULONG, *PULONG;
typedef int32_t LONG;
typedef int64_t LONGLONG;
typedef uint64_t UINT64, *PUINT64, ULONGLONG, PFN_NUMBER, *PPFN_NUMBER;
typedef size_t SIZE_T;
typedef void *PVOID, *HANDLE, **PHANDLE;

/* Times count 100 ns: negative is relative, positive absolute since
 * 1 January 1601, zero does not wait [W]. */
typedef union {
    struct {
        uint32_t LowPart;
        int32_t HighPart;
    };
    struct {
        uint32_t LowPart;
        int32_t HighPart;
    } u;
    int64_t QuadPart;
} LARGE_INTEGER, *PLARGE_INTEGER;

/* The layout of GUIDs on the wire: three little-endian numbers, 8 bytes. */
typedef struct {
    uint32_t Data1;
    uint16_t Data2, Data3;
    uint8_t Data4[8];
} GUID, *LPGUID;
typedef const GUID *LPCGUID;
C_ASSERT(sizeof(GUID) == 16);

/* Lengths in bytes; no terminator is needed. */
typedef struct {
    USHORT Length, MaximumLength;
    WCHAR *Buffer;
} UNICODE_STRING, *PUNICODE_STRING;
typedef const UNICODE_STRING *PCUNICODE_STRING;

/* Names a bus, or one offered device on it: kmcl/device.h. */
typedef struct DEVICE_OBJECT DEVICE_OBJECT, *PDEVICE_OBJECT;

#ifndef DECLARE_HANDLE
#define DECLARE_HANDLE(name) typedef struct name##__ *name
#endif

/* What every queried interface begins with [W]. */
typedef struct _INTERFACE {
    USHORT Size, Version;
    PVOID Context;
    VOID (*InterfaceReference)(PVOID Context);
    VOID (*InterfaceDereference)(PVOID Context);
} INTERFACE, *PINTERFACE;
C_ASSERT(sizeof(INTERFACE) == 32);

#define PAGE_SIZE_4K  4096u
#define PAGE_SHIFT_4K 12

/* ---- IRQL [W] ---------------------------------------------------------- */

#define PASSIVE_LEVEL  0
#define APC_LEVEL      1
#define DISPATCH_LEVEL 2

/**
 * The level of the running processor. Any IRQL.
 *
 * @return  PASSIVE_LEVEL, APC_LEVEL or DISPATCH_LEVEL
 */
KIRQL KeGetCurrentIrql(VOID);

/**
 * Raises to NewIrql (not below the present level) and stores the old one.
 *
 * @OldIrql  receives the level before
 * @differs  Windows has KeRaiseIrql only, which is a macro here
 *
 * IRQL: at most NewIrql.
 */
VOID KmclRaiseIrql(KIRQL NewIrql, KIRQL *OldIrql);
#define KeRaiseIrql(NewIrql, OldIrql) KmclRaiseIrql((NewIrql), (OldIrql))

/**
 * Back to what KeRaiseIrql stored.
 *
 * @OldIrql  as KeRaiseIrql stored it
 */
VOID KeLowerIrql(KIRQL OldIrql);

/* ---- strings [W] ------------------------------------------------------- */

/**
 * Describes a zero-terminated string; it is not copied and must outlive the
 * descriptor. A NULL Source gives an empty string. At most 32,766
 * characters count. Any IRQL.
 *
 * @Destination  the descriptor to fill
 */
VOID RtlInitUnicodeString(PUNICODE_STRING Destination, const WCHAR *Source);

#ifdef __cplusplus
}
#endif

#endif
