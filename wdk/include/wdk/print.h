/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Lines for a person, assertions, and the end of everything.
 *
 * Formats are those of the kernel: %d %i %u %x %X %o %c %p %s, widths, `-`,
 * `0`, precision and `*`; h, l, ll, I, I32, I64 and z before a number; %ws %S
 * %ls for a zero-terminated WCHAR string, %wZ for a PUNICODE_STRING, %Z for a
 * PANSI_STRING. There are no floating-point formats, as in the kernel. [W]
 */
#ifndef WDK_PRINT_H
#define WDK_PRINT_H

#include <stdarg.h>

#include "wdk/unicode.h"

#ifdef __cplusplus
extern "C" {
#endif

#define DPFLTR_SYSTEM_ID     0
#define DPFLTR_IHVDRIVER_ID  77
#define DPFLTR_IHVBUS_ID     78
#define DPFLTR_DEFAULT_ID    101
#define DPFLTR_ERROR_LEVEL   0
#define DPFLTR_WARNING_LEVEL 1
#define DPFLTR_TRACE_LEVEL   2
#define DPFLTR_INFO_LEVEL    3

/**
 * A line of the log, at most 511 letters; an ending newline is dropped, because
 * each call is a line here. <= DISPATCH.
 *
 * @Format  see the head of this file
 * @return  STATUS_SUCCESS
 */
ULONG DbgPrint(_In_z_ PCSTR Format, ...);

/**
 * The same with a level.
 *
 * @ComponentId  without effect
 * @Level        DPFLTR_*_LEVEL: an error or a warning is shown by `quiet`, too;
 *               the trace level only with log=debug
 * @return       STATUS_SUCCESS
 */
ULONG DbgPrintEx(_In_ ULONG ComponentId, _In_ ULONG Level, _In_z_ PCSTR Format,
                 ...);

/**
 * DbgPrintEx with the arguments as a list.
 *
 * @ComponentId  without effect
 * @Level        as there
 * @arglist      the arguments
 * @return       STATUS_SUCCESS
 */
ULONG vDbgPrintEx(_In_ ULONG ComponentId, _In_ ULONG Level, _In_z_ PCSTR Format,
                  _In_ va_list arglist);

/**
 * Writes text, always with a zero at its end if `size` is not 0. Any IRQL.
 *
 * @to         room for `size` letters
 * @arguments  for the format, see the head of this file
 * @return     letters of the whole text, also of what did not fit
 */
size_t WdkFormat(char *to, size_t size, const char *format, va_list arguments);

/* DBG is 1 in a checked build, as the WDK sets it: -DDBG=1. */
#ifndef DBG
#define DBG 0
#endif

#if DBG
#define KdPrint(arguments)   DbgPrint arguments
#define KdPrintEx(arguments) DbgPrintEx arguments
#define NT_ASSERT(condition) \
    ((condition) ? (void)0 : WdkAssertFailed(#condition, __FILE__, __LINE__))
#else
#define KdPrint(arguments)   ((void)0)
#define KdPrintEx(arguments) ((void)0)
#define NT_ASSERT(condition) ((void)0)
#endif
#ifndef ASSERT
#define ASSERT(condition) NT_ASSERT(condition)
#endif
#define NT_VERIFY(condition) \
    ((condition) ? (void)0 : WdkAssertFailed(#condition, __FILE__, __LINE__))
#define ASSERTMSG(message, condition) NT_ASSERT(condition)

/* The driver's own assertion is broken: the crash report. Any IRQL. */
DECLSPEC_NORETURN VOID WdkAssertFailed(const char *Condition, const char *File,
                                       ULONG Line);

/**
 * Ends everything with the crash report. Any IRQL.
 *
 * @BugCheckCode           what happened; shown with the parameters
 */
DECLSPEC_NORETURN VOID KeBugCheckEx(_In_ ULONG BugCheckCode,
                                    _In_ ULONG_PTR BugCheckParameter1,
                                    _In_ ULONG_PTR BugCheckParameter2,
                                    _In_ ULONG_PTR BugCheckParameter3,
                                    _In_ ULONG_PTR BugCheckParameter4);
#define KeBugCheck(BugCheckCode) KeBugCheckEx((BugCheckCode), 0, 0, 0, 0)

/* Code that Windows may page out: at PASSIVE or APC level, asserted by DBG. */
#define PAGED_CODE() NT_ASSERT(KeGetCurrentIrql() <= APC_LEVEL)

#ifdef __cplusplus
}
#endif

#endif
