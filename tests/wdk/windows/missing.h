/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the WDK has and mingw-w64's DDK headers lack, from Microsoft's pages:
 * annotations, and the pool functions of Windows 10 2004. Only the compile test
 * against those headers includes it.
 */
#ifndef TESTS_WDK_MISSING_H
#define TESTS_WDK_MISSING_H

#include <ntddk.h>

/* ---- annotations that mingw-w64's sal.h does not know -------------------- */

#ifndef _In_reads_bytes_
#define _In_reads_bytes_(size)
#endif
#ifndef _In_reads_bytes_opt_
#define _In_reads_bytes_opt_(size)
#endif
#ifndef _Out_writes_bytes_
#define _Out_writes_bytes_(size)
#endif
#ifndef _Out_writes_bytes_to_
#define _Out_writes_bytes_to_(size, used)
#endif
#ifndef _Out_writes_bytes_to_opt_
#define _Out_writes_bytes_to_opt_(size, used)
#endif
#ifndef _Pre_satisfies_
#define _Pre_satisfies_(condition)
#endif
#ifndef _Must_inspect_result_
#define _Must_inspect_result_
#endif
#ifndef _IRQL_requires_
#define _IRQL_requires_(irql)
#endif
#ifndef _Use_decl_annotations_
#define _Use_decl_annotations_
#endif
#ifndef _Function_class_
#define _Function_class_(name)
#endif
#ifndef __drv_aliasesMem
#define __drv_aliasesMem
#endif

/* ---- numbers ------------------------------------------------------------- */

typedef UINT16 *PUINT16;
typedef UINT32 *PUINT32;
typedef const GUID *LPCGUID;

/* ---- pool memory --------------------------------------------------------- */

typedef ULONG64 POOL_FLAGS;
#define POOL_FLAG_NON_PAGED 0x0000000000000040ULL
#define POOL_FLAG_PAGED     0x0000000000000100ULL

PVOID NTAPI ExAllocatePool2(POOL_FLAGS Flags, SIZE_T NumberOfBytes, ULONG Tag);

#endif
