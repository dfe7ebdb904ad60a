/* SPDX-License-Identifier: BSD-2-Clause */
/* The C functions for zero-terminated strings of 16-bit characters. */
#include "wdk/unicode.h"

size_t WdkWideLength(const WCHAR *text)
{
    size_t length = 0;

    while (text[length])
        length++;
    return length;
}

/* Both end at the first zero, so nothing behind it is read. */
int WdkWideCompareSome(const WCHAR *a, const WCHAR *b, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (a[i] != b[i] || !a[i])
            return a[i] - b[i];
    }
    return 0;
}

int WdkWideCompare(const WCHAR *a, const WCHAR *b)
{
    return WdkWideCompareSome(a, b, SIZE_MAX);
}

/* The zero goes along; there is no check of room, as in C. */
WCHAR *WdkWideCopy(WCHAR *to, const WCHAR *from)
{
    size_t i = 0;

    while ((to[i] = from[i]) != 0)
        i++;
    return to;
}

/* The zero itself may be looked for, so it is compared before it ends the loop.
 */
WCHAR *WdkWideFind(const WCHAR *text, WCHAR character)
{
    for (;; text++) {
        if (*text == character)
            return (WCHAR *)(uintptr_t)text;
        if (!*text)
            return NULL;
    }
}
