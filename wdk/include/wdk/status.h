/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * NTSTATUS values beyond those of kmcl/ntstatus.h, the macros that class them,
 * and their names for printing. [W]
 */
#ifndef WDK_STATUS_H
#define WDK_STATUS_H

#include "wdk/types.h"

#ifdef __cplusplus
extern "C" {
#endif

#define NT_INFORMATION(status) (((ULONG)(status) >> 30) == 1)
#define NT_WARNING(status)     (((ULONG)(status) >> 30) == 2)
#define NT_ERROR(status)       (((ULONG)(status) >> 30) == 3)

#define STATUS_WAIT_0                     ((NTSTATUS)0x00000000)
#define STATUS_WAIT_1                     ((NTSTATUS)0x00000001)
#define STATUS_WAIT_63                    ((NTSTATUS)0x0000003F)
#define STATUS_ABANDONED                  ((NTSTATUS)0x00000080)
#define STATUS_USER_APC                   ((NTSTATUS)0x000000C0)
#define STATUS_ALERTED                    ((NTSTATUS)0x00000101)
#define STATUS_TIMEOUT                    ((NTSTATUS)0x00000102)
#define STATUS_OBJECT_NAME_EXISTS         ((NTSTATUS)0x40000000)
#define STATUS_GUARD_PAGE_VIOLATION       ((NTSTATUS)0x80000001)
#define STATUS_DATATYPE_MISALIGNMENT      ((NTSTATUS)0x80000002)
#define STATUS_NO_MORE_FILES              ((NTSTATUS)0x80000006)
#define STATUS_DEVICE_BUSY                ((NTSTATUS)0x80000011)
#define STATUS_NO_MORE_ENTRIES            ((NTSTATUS)0x8000001A)
#define STATUS_NOT_IMPLEMENTED            ((NTSTATUS)0xC0000002)
#define STATUS_INVALID_INFO_CLASS         ((NTSTATUS)0xC0000003)
#define STATUS_INFO_LENGTH_MISMATCH       ((NTSTATUS)0xC0000004)
#define STATUS_ACCESS_VIOLATION           ((NTSTATUS)0xC0000005)
#define STATUS_INVALID_HANDLE             ((NTSTATUS)0xC0000008)
#define STATUS_NO_SUCH_DEVICE             ((NTSTATUS)0xC000000E)
#define STATUS_NO_SUCH_FILE               ((NTSTATUS)0xC000000F)
#define STATUS_INVALID_DEVICE_REQUEST     ((NTSTATUS)0xC0000010)
#define STATUS_END_OF_FILE                ((NTSTATUS)0xC0000011)
#define STATUS_NO_MEMORY                  ((NTSTATUS)0xC0000017)
#define STATUS_OBJECT_TYPE_MISMATCH       ((NTSTATUS)0xC0000024)
#define STATUS_OBJECT_NAME_INVALID        ((NTSTATUS)0xC0000033)
#define STATUS_OBJECT_PATH_NOT_FOUND      ((NTSTATUS)0xC000003A)
#define STATUS_SHARING_VIOLATION          ((NTSTATUS)0xC0000043)
#define STATUS_DELETE_PENDING             ((NTSTATUS)0xC0000056)
#define STATUS_INTEGER_OVERFLOW           ((NTSTATUS)0xC0000095)
#define STATUS_DEVICE_NOT_CONNECTED       ((NTSTATUS)0xC000009D)
#define STATUS_DEVICE_NOT_READY           ((NTSTATUS)0xC00000A3)
#define STATUS_FILE_CLOSED                ((NTSTATUS)0xC0000128)
#define STATUS_DEVICE_DOES_NOT_EXIST      ((NTSTATUS)0xC00000C0)
#define STATUS_INTERNAL_ERROR             ((NTSTATUS)0xC00000E5)
#define STATUS_INVALID_BUFFER_SIZE        ((NTSTATUS)0xC0000206)
#define STATUS_NOT_FOUND                  ((NTSTATUS)0xC0000225)
#define STATUS_RETRY                      ((NTSTATUS)0xC000022D)
#define STATUS_CONNECTION_DISCONNECTED    ((NTSTATUS)0xC000020C)
#define STATUS_CONNECTION_RESET           ((NTSTATUS)0xC000020D)
#define STATUS_TOO_LATE                   ((NTSTATUS)0xC0000189)
#define STATUS_DEVICE_PROTOCOL_ERROR      ((NTSTATUS)0xC0000186)
#define STATUS_DEVICE_CONFIGURATION_ERROR ((NTSTATUS)0xC0000182)
#define STATUS_UNKNOWN_REVISION           ((NTSTATUS)0xC0000058)
#define STATUS_INSUFFICIENT_POWER         ((NTSTATUS)0xC00002DE)

/**
 * The name of a status, for a line of the log. Any IRQL.
 *
 * @Status   any value
 * @return   "STATUS_TIMEOUT", a constant; "an unnamed status" for one that is
 *           not in the headers
 * @differs  Windows has no such function; a debugger's !error does it
 */
const char *WdkStatusName(NTSTATUS Status);

#ifdef __cplusplus
}
#endif

#endif
