/* SPDX-License-Identifier: BSD-2-Clause */
/* The heap's last check, when the application is done: this function is put
 * before the one of stay.c by the linker's --wrap. */
#include "app/system/heap/checked.h"

#include "app/system/root/root.h"
#include "arch/console/log.h"

_Noreturn void __real_system_application_done(enum vmbare_verdict verdict);
_Noreturn void __wrap_system_application_done(enum vmbare_verdict verdict);

/* Who asks for a check of the heap wants to see leaks in a test's result. */
_Noreturn void __wrap_system_application_done(enum vmbare_verdict verdict)
{
    struct heapcheck_call call =
        checked_call("end of the application", __builtin_frame_address(0));

    if (!checked_enter()) {
        checked_leave();
    } else if (checked_end(&call) && verdict == VMBARE_PASSED) {
        log_printf(LOG_ERROR, "heap: the verdict is failed, not passed, "
                              "because of these blocks");
        verdict = VMBARE_FAILED;
    }
    __real_system_application_done(verdict);
}
