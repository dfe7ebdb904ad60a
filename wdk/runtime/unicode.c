/* SPDX-License-Identifier: BSD-2-Clause */
/* Counted strings of 16-bit characters. */
#include "wdk/unicode.h"

#include "wdk/memory.h"
#include "wdk/pool.h"

#define TAG 0x69636e55u /* "Unci" */

/* The length is kept in 16 bits, with the final zero. */
VOID RtlInitAnsiString(PANSI_STRING DestinationString, PCSZ SourceString)
{
    USHORT length = 0;

    while (SourceString && SourceString[length] && length < MAXUSHORT - 1)
        length++;
    DestinationString->Length = length;
    DestinationString->MaximumLength = (USHORT)(SourceString ? length + 1u : 0);
    DestinationString->Buffer = (PCHAR)(ULONG_PTR)SourceString;
}

/* A zero behind the text, where there is room for it. */
static void terminate(PUNICODE_STRING string)
{
    if (string->MaximumLength >= string->Length + sizeof(WCHAR))
        string->Buffer[string->Length / sizeof(WCHAR)] = UNICODE_NULL;
}

/* What does not fit is cut, as on Windows: the caller sees it by the lengths.
 * The ranges may overlap. */
VOID RtlCopyUnicodeString(PUNICODE_STRING DestinationString,
                          PCUNICODE_STRING SourceString)
{
    USHORT length = SourceString ? SourceString->Length : 0;

    if (length > DestinationString->MaximumLength)
        length = DestinationString->MaximumLength;
    if (length)
        RtlMoveMemory(DestinationString->Buffer, SourceString->Buffer, length);
    DestinationString->Length = length;
    terminate(DestinationString);
}

/* All or nothing: a part of a name would be another name. */
static NTSTATUS append(PUNICODE_STRING to, const WCHAR *text, size_t size)
{
    if (size > (size_t)(to->MaximumLength - to->Length))
        return STATUS_BUFFER_TOO_SMALL;
    if (size)
        RtlMoveMemory((PUCHAR)to->Buffer + to->Length, text, size);
    to->Length = (USHORT)(to->Length + size);
    terminate(to);
    return STATUS_SUCCESS;
}

/* Lengths are in bytes on both sides. */
NTSTATUS RtlAppendUnicodeStringToString(PUNICODE_STRING Destination,
                                        PCUNICODE_STRING Source)
{
    return append(Destination, Source->Buffer, Source->Length);
}

/* NULL appends nothing, as on Windows. */
NTSTATUS RtlAppendUnicodeToString(PUNICODE_STRING Destination, PCWSTR Source)
{
    return Source ? append(Destination, Source, wcslen(Source) * sizeof(WCHAR))
                  : STATUS_SUCCESS;
}

/* Only the letters a to z have a counterpart here: the tables of Unicode for
 * all others would be larger than the companion. */
static LONG upper(WCHAR character, BOOLEAN insensitive)
{
    return insensitive && character >= 'a' && character <= 'z'
               ? character - 'a' + 'A'
               : character;
}

/* By character, then by length: a string comes before the longer ones that it
 * begins. */
LONG RtlCompareUnicodeString(PCUNICODE_STRING String1, PCUNICODE_STRING String2,
                             BOOLEAN CaseInSensitive)
{
    size_t shorter = min(String1->Length, String2->Length);

    for (size_t i = 0; i < shorter / sizeof(WCHAR); i++) {
        LONG difference = upper(String1->Buffer[i], CaseInSensitive) -
                          upper(String2->Buffer[i], CaseInSensitive);

        if (difference)
            return difference;
    }
    return String1->Length - String2->Length;
}

/* The room for a zero is asked for in allocated memory only; a buffer of the
 * caller may be exactly as long as the text. */
NTSTATUS RtlAnsiStringToUnicodeString(PUNICODE_STRING DestinationString,
                                      PCANSI_STRING SourceString,
                                      BOOLEAN AllocateDestinationString)
{
    size_t size = (size_t)SourceString->Length * sizeof(WCHAR);

    if (size + sizeof(WCHAR) > MAXUSHORT)
        return STATUS_BUFFER_OVERFLOW;
    if (AllocateDestinationString) {
        DestinationString->Buffer =
            ExAllocatePoolWithTag(NonPagedPoolNx, size + sizeof(WCHAR), TAG);
        if (!DestinationString->Buffer)
            return STATUS_NO_MEMORY;
        DestinationString->MaximumLength = (USHORT)(size + sizeof(WCHAR));
    } else if (size > DestinationString->MaximumLength) {
        return STATUS_BUFFER_OVERFLOW;
    }
    for (USHORT i = 0; i < SourceString->Length; i++) {
        CHAR letter = SourceString->Buffer[i];

        DestinationString->Buffer[i] = (WCHAR)(letter < 0 ? '?' : letter);
    }
    DestinationString->Length = (USHORT)size;
    terminate(DestinationString);
    return STATUS_SUCCESS;
}

/* An empty descriptor is allowed, so that a caller may free what failed. */
VOID RtlFreeUnicodeString(PUNICODE_STRING UnicodeString)
{
    if (UnicodeString->Buffer)
        ExFreePoolWithTag(UnicodeString->Buffer, TAG);
    *UnicodeString = (UNICODE_STRING){0};
}

/* Digits come from the last one, so they are collected from the end. */
NTSTATUS RtlIntegerToUnicodeString(ULONG Value, ULONG Base,
                                   PUNICODE_STRING String)
{
    WCHAR digits[32];
    ULONG at = RTL_NUMBER_OF(digits);

    if (!Base)
        Base = 10;
    if (Base != 2 && Base != 8 && Base != 10 && Base != 16)
        return STATUS_INVALID_PARAMETER;
    do {
        digits[--at] = (WCHAR) "0123456789ABCDEF"[Value % Base];
        Value /= Base;
    } while (Value);
    String->Length = 0;
    return append(String, digits + at,
                  (RTL_NUMBER_OF(digits) - at) * sizeof(WCHAR))
               ? STATUS_BUFFER_OVERFLOW
               : STATUS_SUCCESS;
}
