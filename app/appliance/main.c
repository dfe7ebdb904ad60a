/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The appliance: prints one report that can be pasted into a bug report. Its
 * options ask for a fault or a certain end.
 */
#include <stdio.h>
#include <string.h>

#include "fault.h"
#include "report.h"
#include "vmbare.h"

static VMBARE_OPTION end_option = {
    .group = "appliance",
    .name = "end",
    .type = VMBARE_WORD,
    .words = "off|reset|reset-hv|reset-acpi|reset-8042",
    .help = "instead of ending with the verdict, power off by ACPI, reset in "
            "the first way that works, or reset by the hypervisor, by ACPI or "
            "by the keyboard controller and in no other way",
};

/* Returns where there is no such way here. */
static void end_by(const char *way)
{
    static const char *const resets[][2] = {
        {"reset-hv", "hypervisor"},
        {"reset-acpi", "acpi"},
        {"reset-8042", "keyboard"},
    };

    if (strcmp(way, "off") == 0)
        vmbare_power_off();
    if (strcmp(way, "reset") == 0)
        vmbare_reset();
    for (unsigned i = 0; i < sizeof(resets) / sizeof(*resets); i++) {
        if (strcmp(way, resets[i][0]) == 0) {
            vmbare_reset_by(resets[i][1]);
            printf("end=%s: this machine has no such way\n", way);
            return;
        }
    }
}

/* The codes are for a person in front of the screen: a machine that ends at
 * once has no use for them. */
static void report(const struct vmbare_facts *facts, bool stays)
{
    if (stays)
        vmbare_report_begin();
    report_print(facts);
    fflush(stdout);
    if (stays)
        vmbare_report_end();
}

/* Report first, then what the options ask for. */
int main(void)
{
    const char *end = vmbare_option_text(&end_option);
    bool faulty = fault_is_wanted();
    struct vmbare_facts facts;

    vmbare_facts(&facts);
    if (!vmbare_quiet())
        report(&facts, !faulty && !end && vmbare_stays());
    if (faulty) {
        fault_commit();
        return VMBARE_FAILED;
    }
    if (end) {
        end_by(end);
        return VMBARE_FAILED;
    }
    return (int)facts.verdict;
}
