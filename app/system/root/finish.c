/* SPDX-License-Identifier: BSD-2-Clause */
/* The orderly end of the machine, and the verdict of a run. */
#include "app/system/platform/platform.h"
#include "app/system/root/root.h"

#include <string.h>

#include "arch/cpu/cpu.h"
#include "arch/crash/crash.h"
#include "arch/crash/debug_exit.h"
#include "arch/console/log.h"
#include "arch/acpi/power.h"
#include "arch/time/wait.h"

static const struct {
    enum exit_status status;
    const char *text;
    /* What each verdict is for a test's host, and in words. */
} verdicts[] = {
    [VMBARE_PASSED] = {EXIT_STATUS_PASSED, "passed"},
    [VMBARE_FAILED] = {EXIT_STATUS_FAILED, "failed"},
    [VMBARE_NO_HYPERVISOR] = {EXIT_STATUS_NO_HYPERVISOR, "no hypervisor"},
    [VMBARE_UNSUPPORTED] = {EXIT_STATUS_UNSUPPORTED, "unsupported host"},
    [VMBARE_USAGE] = {EXIT_STATUS_USAGE, "wrong options"},
};

/* main() may return any number. */
static enum vmbare_verdict one_of_ours(enum vmbare_verdict verdict)
{
    return (unsigned)verdict < sizeof(verdicts) / sizeof(*verdicts)
               ? verdict
               : VMBARE_FAILED;
}

const char *system_verdict_words(enum vmbare_verdict verdict)
{
    return verdicts[one_of_ours(verdict)].text;
}

/*
 * Bus, SynIC and hypercall page, in the reverse order of their start. A second
 * call does nothing.
 */
static void let_go(void)
{
    platform_bus_unload();
    platform_hypervisor_end();
}

/* The debug exit ends a test machine; any other powers off. */
_Noreturn void system_finish(enum vmbare_verdict verdict)
{
    verdict = one_of_ours(verdict);
    let_go();
    /* COM1 and the screen have the refusal; this is for the host's log. */
    if (the_platform.refusal[0])
        crash_tell_refusal(the_platform.refusal);
    log_printf(LOG_INFO, "vmbare: end, verdict: %s", verdicts[verdict].text);
    debug_exit(verdicts[verdict].status);
    power_off();
}

VMBARE_NORETURN void vmbare_power_off(void)
{
    let_go();
    power_off();
}

/* Returns where this machine has no such way of resetting. */
void vmbare_reset_by(const char *way)
{
    let_go();
    if (strcmp(way, "hypervisor") == 0)
        power_reset_by_hypervisor();
    else if (strcmp(way, "acpi") == 0)
        power_reset_by_acpi();
    else if (strcmp(way, "keyboard") == 0)
        power_reset_by_keyboard();
}

VMBARE_NORETURN void vmbare_reset(void)
{
    let_go();
    power_reset();
}
