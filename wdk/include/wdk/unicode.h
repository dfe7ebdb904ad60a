/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Counted strings of 16-bit characters, and the C functions for L"" strings:
 * those of libc count 32 bits a character, so the names mean the companion's.
 * Functions are for any IRQL unless said otherwise. [W]
 */
#ifndef WDK_UNICODE_H
#define WDK_UNICODE_H

#include "wdk/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Lengths in bytes; no terminator is needed. */
typedef struct _STRING {
    USHORT Length;
    USHORT MaximumLength;
    PCHAR Buffer;
} STRING, *PSTRING, ANSI_STRING, *PANSI_STRING;
typedef const ANSI_STRING *PCANSI_STRING;

#define UNICODE_NULL ((WCHAR)0)
/* A string that is known when the file is compiled. */
#define RTL_CONSTANT_STRING(text)                                     \
    {                                                                 \
        sizeof(text) - sizeof((text)[0]), sizeof(text), (PVOID)(text) \
    }
#define DECLARE_CONST_UNICODE_STRING(name, text)                             \
    static const WCHAR name##_buffer[] = text;                               \
    const UNICODE_STRING name = {sizeof(text) - sizeof(WCHAR), sizeof(text), \
                                 (WCHAR *)(ULONG_PTR)name##_buffer}
#define RtlInitEmptyUnicodeString(String, Bytes, Size)               \
    ((String)->Length = 0, (String)->MaximumLength = (USHORT)(Size), \
     (String)->Buffer = (Bytes), (void)0)

/* Describes a zero-terminated string, which is not copied; NULL: empty. */
VOID RtlInitAnsiString(_Out_ PANSI_STRING DestinationString,
                       _In_opt_ PCSZ SourceString);

/* Copies as much as fits; NULL: empties Destination. */
VOID RtlCopyUnicodeString(_Inout_ PUNICODE_STRING DestinationString,
                          _In_opt_ PCUNICODE_STRING SourceString);

/**
 * Appends a string.
 *
 * @Source  what to append
 * @return  STATUS_SUCCESS; STATUS_BUFFER_TOO_SMALL: nothing is appended
 */
NTSTATUS RtlAppendUnicodeStringToString(_Inout_ PUNICODE_STRING Destination,
                                        _In_ PCUNICODE_STRING Source);

/**
 * Appends a zero-terminated string; NULL appends nothing.
 *
 * @return  as RtlAppendUnicodeStringToString
 */
NTSTATUS RtlAppendUnicodeToString(_Inout_ PUNICODE_STRING Destination,
                                  _In_opt_ PCWSTR Source);

/**
 * Which string comes first.
 *
 * @CaseInSensitive  TRUE: a and A are the same, for the letters a to z
 * @return           0: the same; below 0: String1 comes first; above: String2
 */
LONG RtlCompareUnicodeString(_In_ PCUNICODE_STRING String1,
                             _In_ PCUNICODE_STRING String2,
                             _In_ BOOLEAN CaseInSensitive);
#define RtlEqualUnicodeString(String1, String2, CaseInSensitive) \
    ((BOOLEAN)(RtlCompareUnicodeString((String1), (String2),     \
                                       (CaseInSensitive)) == 0))

/**
 * Widens a string of 7-bit characters; others become '?'.
 *
 * @AllocateDestinationString  TRUE: for RtlFreeUnicodeString
 * @return  STATUS_SUCCESS; STATUS_BUFFER_OVERFLOW: it does not fit;
 *          STATUS_NO_MEMORY
 */
NTSTATUS RtlAnsiStringToUnicodeString(_Inout_ PUNICODE_STRING DestinationString,
                                      _In_ PCANSI_STRING SourceString,
                                      _In_ BOOLEAN AllocateDestinationString);

/* Frees what RtlAnsiStringToUnicodeString allocated. <= DISPATCH. */
VOID RtlFreeUnicodeString(_Inout_ PUNICODE_STRING UnicodeString);

/**
 * Writes a number.
 *
 * @Value   the number
 * @Base    2, 8, 10 or 16; 0: 10
 * @return  STATUS_SUCCESS; STATUS_BUFFER_OVERFLOW: it does not fit;
 *          STATUS_INVALID_PARAMETER: another base
 */
NTSTATUS RtlIntegerToUnicodeString(_In_ ULONG Value, _In_opt_ ULONG Base,
                                   _Inout_ PUNICODE_STRING String);

/**
 * The length of a zero-terminated string.
 *
 * @return  characters, without the zero
 */
size_t WdkWideLength(const WCHAR *text);

/**
 * Which of two strings comes first.
 *
 * @return  0: the same; below 0: a; above: b
 */
int WdkWideCompare(const WCHAR *a, const WCHAR *b);

/**
 * The same for their first characters.
 *
 * @count   how many characters at most
 * @return  as WdkWideCompare
 */
int WdkWideCompareSome(const WCHAR *a, const WCHAR *b, size_t count);

/**
 * Copies a string with its zero.
 *
 * @return  `to`
 */
WCHAR *WdkWideCopy(WCHAR *to, const WCHAR *from);

/**
 * The first place of a character.
 *
 * @return  where it is; NULL: nowhere
 */
WCHAR *WdkWideFind(const WCHAR *text, WCHAR character);

#define wcslen  WdkWideLength
#define wcscmp  WdkWideCompare
#define wcsncmp WdkWideCompareSome
#define wcscpy  WdkWideCopy
#define wcschr  WdkWideFind

#ifdef __cplusplus
}
#endif

#endif
