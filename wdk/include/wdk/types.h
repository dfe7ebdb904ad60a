/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Types and macros of the WDK beyond those that KMCL's prototypes need
 * (kmcl/wdm_compat.h). Widths are Windows': LONG and ULONG have 32 bits, WCHAR
 * has 16. [W]
 */
#ifndef WDK_TYPES_H
#define WDK_TYPES_H

#include "kmcl/wdm_compat.h"
#include "kmcl/mdl.h"

/* ---- numbers ----------------------------------------------------------- */

typedef char CHAR, CCHAR, *PCHAR, *PSTR;
typedef const char *PCSTR, *PCCH, *PCSZ;
typedef signed char SCHAR;
typedef int8_t INT8;
typedef int16_t INT16, SHORT, *PSHORT;
typedef int32_t INT32, INT, *PINT;
typedef int64_t INT64, LONG64, *PLONG64;
typedef uint32_t UINT, ULONG32, DWORD, LOGICAL;
typedef uint64_t ULONG64, *PULONG64, DWORDLONG;
typedef UCHAR *PUCHAR, BYTE, *PBYTE;
typedef UINT8 *PUINT8;
typedef BOOLEAN *PBOOLEAN;
typedef USHORT *PUSHORT, WORD;
typedef LONG *PLONG;
typedef LONGLONG *PLONGLONG;
typedef ULONGLONG *PULONGLONG;
typedef uintptr_t ULONG_PTR, *PULONG_PTR, UINT_PTR;
typedef intptr_t LONG_PTR, *PLONG_PTR, INT_PTR, SSIZE_T;
typedef SIZE_T *PSIZE_T;
typedef WCHAR *PWCHAR, *PWSTR, *PWCH;
typedef const WCHAR *PCWSTR, *PCWCH, *PCWSZ;
typedef const void *PCVOID;
typedef KIRQL *PKIRQL;
typedef NTSTATUS *PNTSTATUS;
typedef LONG KPRIORITY;
typedef ULONG ACCESS_MASK, DEVICE_TYPE;
typedef ULONG_PTR KAFFINITY;
typedef LARGE_INTEGER PHYSICAL_ADDRESS, *PPHYSICAL_ADDRESS;
typedef CCHAR KPROCESSOR_MODE;

typedef union {
    struct {
        ULONG LowPart;
        ULONG HighPart;
    };
    struct {
        ULONG LowPart;
        ULONG HighPart;
    } u;
    ULONGLONG QuadPart;
} ULARGE_INTEGER, *PULARGE_INTEGER;

typedef enum { KernelMode, UserMode, MaximumMode } MODE;

#define MAXUCHAR     0xffu
#define MAXUSHORT    0xffffu
#define MAXULONG     0xffffffffu
#define MAXLONG      0x7fffffff
#define MAXULONGLONG UINT64_MAX
#define MAXLONGLONG  INT64_MAX
#define MAXULONG_PTR UINTPTR_MAX

/* ---- words that say nothing to this compiler ---------------------------- */

#define CONST const
#define NTAPI
#define STDCALL
#define NTKERNELAPI
#define NTSYSAPI
#define UNALIGNED
#define IN
#define OUT
#define OPTIONAL
#define CFORCEINLINE                          FORCEINLINE
#define DECLSPEC_ALIGN(bytes)                 __attribute__((aligned(bytes)))
#define DECLSPEC_NORETURN                     __attribute__((noreturn))
#define DECLSPEC_NOINLINE                     __attribute__((noinline))
#define ANYSIZE_ARRAY                         1
#define UNREFERENCED_LOCAL_VARIABLE(variable) ((void)(variable))
#define DBG_UNREFERENCED_PARAMETER(parameter) ((void)(parameter))

#define FORCEINLINE static inline __attribute__((always_inline))

/* ---- structures and arrays ---------------------------------------------- */

#define FIELD_OFFSET(type, field)   ((LONG)offsetof(type, field))
#define RTL_FIELD_SIZE(type, field) (sizeof(((type *)0)->field))
#define RTL_SIZEOF_THROUGH_FIELD(type, field) \
    (offsetof(type, field) + RTL_FIELD_SIZE(type, field))
#define RTL_NUMBER_OF(array) (sizeof(array) / sizeof((array)[0]))
#define ARRAYSIZE(array)     RTL_NUMBER_OF(array)
#define CONTAINING_RECORD(address, type, field) \
    ((type *)(void *)((PUCHAR)(address)-offsetof(type, field)))
#define ARGUMENT_PRESENT(argument) ((argument) != NULL)
#ifndef min
#define min(a, b) ((a) < (b) ? (a) : (b))
#endif
#ifndef max
#define max(a, b) ((a) > (b) ? (a) : (b))
#endif

/* ---- pages -------------------------------------------------------------- */

#ifndef PAGE_SIZE
#define PAGE_SIZE 0x1000
#endif
#ifndef PAGE_SHIFT
#define PAGE_SHIFT 12
#endif
#define PAGE_ALIGN(address) \
    ((PVOID)((ULONG_PTR)(address) & ~(ULONG_PTR)(PAGE_SIZE - 1)))
#define BYTE_OFFSET(address) ((ULONG)((ULONG_PTR)(address) & (PAGE_SIZE - 1)))
#define BYTES_TO_PAGES(size) \
    (((size) >> PAGE_SHIFT) + (((size) & (PAGE_SIZE - 1)) != 0))
#define ROUND_TO_PAGES(size) \
    (((ULONG_PTR)(size) + PAGE_SIZE - 1) & ~(ULONG_PTR)(PAGE_SIZE - 1))
#define ALIGN_DOWN_BY(value, alignment) \
    ((ULONG_PTR)(value) & ~((ULONG_PTR)(alignment)-1))
#define ALIGN_UP_BY(value, alignment) \
    ALIGN_DOWN_BY((ULONG_PTR)(value) + (alignment)-1, alignment)

#endif
