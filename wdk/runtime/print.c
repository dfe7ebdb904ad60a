/* SPDX-License-Identifier: BSD-2-Clause */
/* Lines of drivers in the log, and their assertions. */
#include "wdk/print.h"

#include "vmbus/seam.h"
#include "wdk/platform.h"

#define LINE 512 /* what DbgPrint writes at most on Windows */

/* Levels above the known ones are for information, as masks of Windows are. */
static enum seam_level level_of(ULONG level)
{
    switch (level) {
    case DPFLTR_ERROR_LEVEL:
        return SEAM_LOG_ERROR;
    case DPFLTR_WARNING_LEVEL:
        return SEAM_LOG_WARNING;
    case DPFLTR_TRACE_LEVEL:
        return SEAM_LOG_DEBUG;
    default:
        return SEAM_LOG_INFO;
    }
}

/* The log adds the end of the line itself, so one that the driver wrote is
 * dropped. The text is built on the stack, for callers at DISPATCH. */
ULONG vDbgPrintEx(ULONG ComponentId, ULONG Level, PCSTR Format, va_list arglist)
{
    char line[LINE];
    size_t length = WdkFormat(line, sizeof(line), Format, arglist);

    (void)ComponentId;
    if (length >= sizeof(line))
        length = sizeof(line) - 1;
    while (length && (line[length - 1] == '\n' || line[length - 1] == '\r'))
        line[--length] = 0;
    seam_log(wdk_seam(), level_of(Level), "%s", line);
    return STATUS_SUCCESS;
}

/* The component filters lines on Windows; here all components are shown. */
ULONG DbgPrintEx(ULONG ComponentId, ULONG Level, PCSTR Format, ...)
{
    va_list arguments;

    va_start(arguments, Format);
    (void)vDbgPrintEx(ComponentId, Level, Format, arguments);
    va_end(arguments);
    return STATUS_SUCCESS;
}

/* Windows shows these at the level of information. */
ULONG DbgPrint(PCSTR Format, ...)
{
    va_list arguments;

    va_start(arguments, Format);
    (void)vDbgPrintEx(DPFLTR_DEFAULT_ID, DPFLTR_INFO_LEVEL, Format, arguments);
    va_end(arguments);
    return STATUS_SUCCESS;
}

/* The place goes into the log, because the crash report shows constants only.
 */
VOID WdkAssertFailed(const char *Condition, const char *File, ULONG Line)
{
    (void)DbgPrintEx(DPFLTR_DEFAULT_ID, DPFLTR_ERROR_LEVEL,
                     "%s:%u: an assertion of the driver is broken", File, Line);
    seam_assert_failed(wdk_seam(), "the driver", Condition,
                       "see the line before for its place");
}

/* The parameters mean something to the author of the driver, so all are shown.
 */
VOID KeBugCheckEx(ULONG BugCheckCode, ULONG_PTR BugCheckParameter1,
                  ULONG_PTR BugCheckParameter2, ULONG_PTR BugCheckParameter3,
                  ULONG_PTR BugCheckParameter4)
{
    (void)DbgPrintEx(DPFLTR_DEFAULT_ID, DPFLTR_ERROR_LEVEL,
                     "bug check 0x%08X (0x%I64X, 0x%I64X, 0x%I64X, 0x%I64X)",
                     BugCheckCode, BugCheckParameter1, BugCheckParameter2,
                     BugCheckParameter3, BugCheckParameter4);
    seam_assert_failed(wdk_seam(), "KeBugCheckEx", "the driver goes on",
                       "the driver ended everything, see the line before");
}
